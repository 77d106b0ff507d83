"""The corpus, notebooks of other people: those that are none are refused, those that misbehave are
stopped.
"""

import json
import re
import time

import pytest
from harness import FINDING, cell, files, notebook

from lac_analysis import cli

NONE = "not a Jupyter notebook"
FORMAT = {"nbformat": 4, "nbformat_minor": 5}


def parameters(source):
    return {
        "cells": [cell(source, "parameters")],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


NOTEBOOKS = {
    # files
    "empty": ("", NONE),
    "broken JSON": (json.dumps(notebook())[:-3], NONE),
    "no colon in the second row": ('{\n "cells" []}', f"row 2: {NONE}"),
    "a list": ("[]", NONE),
    "a number": ("1", NONE),
    "UTF-16": (json.dumps(notebook()).encode("utf-16"), NONE),
    "50,000 brackets": ("[" * 50_000, NONE),
    "a number of 5,000 digits": ('{"cells": ' + "9" * 5000 + "}", NONE),
    "no cells": ({"nbformat": 4, "metadata": {}}, NONE),
    "cells that are a number": ({"cells": 3}, NONE),
    "a cell that is a text": ({"cells": ["print(1)"]}, NONE),
    "a cell without a source": ({"cells": [{"cell_type": "code"}]}, NONE),
    "a cell whose source is a number": ({"cells": [{"cell_type": "code", "source": 1}]}, NONE),
    "metadata that are a list": ({"cells": [], "metadata": []}, NONE),
    "tags that are a number": (notebook(cell("x: int = 1") | {"metadata": {"tags": 5}}), NONE),
    "tags that are a text": (notebook(cell("") | {"metadata": {"tags": "parameters"}}), NONE),
    "outputs that are a number": (notebook(cell("", outputs=5)), NONE),
    "an output that is a number": (notebook(cell("", outputs=[5])), NONE),
    "a text of papermill's": (notebook(metadata={"papermill": "x"}), NONE),
    "a list as kernel": (notebook(metadata={"kernelspec": []}), NONE),
    "no format": ({**notebook(), "nbformat": None}, NONE),
    "a text as format": ({**notebook(), "nbformat_minor": "x"}, NONE),
    "the old format 3": ({"worksheets": [{"cells": []}], "nbformat": 3}, NONE),
    "a script": ("print('a script')\n", NONE),
    # the parameters cell
    "no parameters cell": ({"cells": [cell("x = 1")], **FORMAT}, "0 cells are tagged parameters"),
    "no cell at all": ({"cells": [], **FORMAT}, "0 cells are tagged parameters"),
    "two parameters cells": (
        notebook(cell("x: int = 1", "parameters")),
        "2 cells are tagged parameters",
    ),
    "no Python": (parameters("x: int = ("), "a literal value"),
    "a NUL byte": (parameters("x: int = 1\0"), "a literal value"),
    "no type": (parameters("x = 1"), "name: type = value"),
    "no value": (parameters("x: int"), "name: type = value"),
    "an import": (parameters("import os"), "name: type = value"),
    "an attribute": (parameters("a.b: int = 1"), "name: type = value"),
    "a call": (parameters("x: str = open('/etc/passwd').read()"), "a literal value"),
    "a name": (parameters("x: int = y"), "a literal value"),
    "a comprehension": (parameters("x: list[int] = [i for i in range(9)]"), "a literal value"),
    "a power": (parameters("x: int = 9 ** 9 ** 9"), "a literal value"),
    "100,000 signs": (parameters("x: int = " + "-" * 100_000 + "1"), "parameters cell"),
    "100,000 brackets": (
        parameters("x: list[int] = " + "[" * 100_000 + "]" * 100_000),
        "a literal value",
    ),
    "a set": (parameters("x: set = {1}"), "a type in the parameters cell"),
}


@pytest.mark.parametrize("case", NOTEBOOKS)
def test_a_notebook_that_cannot_be_run(refused, tmp_path, case):
    content, says = NOTEBOOKS[case]
    content = json.dumps(content) if isinstance(content, dict) else content
    path = tmp_path / "01_self.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    refused("run", path, "--out", tmp_path / "runs", says=says, folder=tmp_path)
    assert not (tmp_path / "runs").exists() or not files(tmp_path / "runs")


@pytest.mark.parametrize(
    "name", ["absent.ipynb", "absent/absent.ipynb", "", "..", "08_authority.py", "AUTHORITY"]
)
def test_a_notebook_that_is_not_there(refused, tmp_path, name):
    refused("run", name, "--out", tmp_path / "runs", says="notebook")
    assert not (tmp_path / "runs").exists()


ENDLESS = {
    "a loop": ("while True: pass", "took longer than 4 seconds"),
    "a loop that catches all": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "4 sec",
    ),
    "a loop in another process": (
        "import subprocess; subprocess.run(['sleep', '600'])",
        "took longer than 4 seconds",
    ),
    "an answer from the user": ("input('well?')", "StdinNotImplementedError"),
    "a kernel that dies": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "the kernel died",
    ),
    "a kernel that leaves": ("import os; os._exit(0)", "the kernel died"),
    "no finding": ("pass", "it ended without finding.json"),
    "a manifest": (f"{FINDING}; open('manifest.json', 'w').write('mine')", "is lac's to write"),
}


@pytest.mark.slow
def test_notebooks_that_misbehave_are_stopped_and_told_and_no_other_run_suffers(tmp_path, capsys):
    for number, (source, _) in enumerate(ENDLESS.values(), start=1):
        (tmp_path / f"{number:02}_bad.ipynb").write_text(json.dumps(notebook(cell(source))))
    (tmp_path / "50_good.ipynb").write_text(json.dumps(notebook(cell(FINDING))))
    paths = [str(path) for path in sorted(tmp_path.glob("*.ipynb"))]
    started = time.monotonic()
    code = cli.main(
        [
            "run",
            *paths,
            "--out",
            str(tmp_path / "runs"),
            "--timeout",
            "4",
            "-j",
            "2",
        ]
    )
    assert code == 1 and time.monotonic() - started < 120
    lines = capsys.readouterr().err.splitlines()
    said = {line[:6]: line for line in lines if re.match(r"\d\d_bad[:,]", line)}
    for number, (_, message) in enumerate(ENDLESS.values(), start=1):
        assert message in said[f"{number:02}_bad"]
    assert (tmp_path / "runs" / "50_good" / "finding.json").exists()
    kept = {path.name for path in (tmp_path / "runs").iterdir()}
    failed = {f"{number:02}_bad.failed" for number in range(1, len(ENDLESS) + 1)}
    assert kept - failed == {"50_good"}


@pytest.mark.slow
def test_endless_output_is_stopped_in_bounded_memory(tmp_path, capsys):
    """4 GB of output: the notebook is stopped at 100 million characters."""
    path = tmp_path / "01_loud.ipynb"
    path.write_text(
        json.dumps(notebook(cell("for _ in range(4_000): print('x' * 1_000_000)"), cell(FINDING)))
    )
    assert cli.main(["run", str(path), "--out", str(tmp_path / "runs")]) == 1
    assert "printed more than 100,000,000 characters" in capsys.readouterr().err
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) < 250_000_000
