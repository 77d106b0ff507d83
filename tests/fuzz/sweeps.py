"""Fuzz the reader of sweeps, of values on the command line and of parameters cells. See README.md."""

import contextlib
import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lac_analysis.batch"]):
    from lac_analysis.batch import parameters, suite, sweep

from lac_analysis.errors import InputError

FOLDER = Path(tempfile.mkdtemp(prefix="lac-fuzz-"))
DECLARED = parameters.declared(suite.find("authority"))
WORDS = [
    "notebooks: [authority]\n", "parameters: {", "groups: {a: {", "zip: {", "grid: {", "window_start: ", "window_end: ",
    "drop_countries: ", "collection: ", "seed: ", "[", "]", "{", "}", ", ", "2000", "2020", "BRA", "all", "&a ", "*a",
    "!!python/name:os.system", "!!set ", "!!binary ", "<<: ", "? ", "- ", "\n", "  ", ".nan", "2000-02-30", "null", "'",
    "x: int = ", "x: list[str] = ", "# one of a | b", "-", "9" * 99, "\t", "\0", "\ud800", "%YAML 1.2\n", "---\n",
]  # fmt: skip


def text(given: atheris.FuzzedDataProvider) -> str:
    """Words of the grammar in any order, with letters of any kind between."""
    parts = []
    for _ in range(given.ConsumeIntInRange(0, 40)):
        word = given.ConsumeIntInRange(0, len(WORDS))
        parts.append(WORDS[word] if word < len(WORDS) else given.ConsumeUnicode(3))
    return "".join(parts)


def one(data: bytes) -> None:
    """A sweep file, a value for a parameter, and a parameters cell."""
    given = atheris.FuzzedDataProvider(data)
    file = FOLDER / "sweep.yml"
    file.write_text(text(given), encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(InputError):
        assert sweep.read(file, {}).runs
    name = given.PickValueInList(list(DECLARED))
    with contextlib.suppress(InputError):
        value = parameters.check({name: text(given)}, DECLARED)[name]
        assert type(value).__name__ == DECLARED[name].type.partition("[")[0]
    file = FOLDER / "01_n.ipynb"
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": text(given)}
    file.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    with contextlib.suppress(InputError):
        parameters.declared(file)


atheris.Setup(
    [*sys.argv, "-timeout=20", "-rss_limit_mb=2048", "-len_control=0", "-max_len=2048"], one
)
atheris.Fuzz()
