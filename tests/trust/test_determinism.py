"""The same input gives the same bytes: twice, with any number of workers, hash seed, locale, time
zone and mask.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness import files

from lac_analysis import config

NOTEBOOKS = ("data", "reach", "authority", "atlas")
_LAC = [
    sys.executable,
    "-P",
    "-c",
    "import sys; from lac_analysis.cli import main; sys.exit(main(sys.argv[1:]))",
]
_LOCALES = (
    subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.lower()
    if os.name == "posix"
    else ""
)


def _needs(locale: str):
    there = (
        locale.lower().replace("-", "") in _LOCALES
        or (Path(os.environ.get("LOCPATH", "")) / locale).is_dir()
    )
    return pytest.mark.skipif(not there, reason=f"the locale {locale} is not installed")


CASES = [
    pytest.param("1", {}, id="again"),
    pytest.param("2", {}, id="-j 2"),
    pytest.param("4", {}, id="-j 4"),
    pytest.param("2", {"PYTHONHASHSEED": "1"}, id="hash seed 1"),
    pytest.param("2", {"PYTHONHASHSEED": "random"}, id="hash seed random"),
    pytest.param("2", {"LC_ALL": "C", "LANG": "C"}, id="locale C"),
    pytest.param("2", {"LC_ALL": "de_DE.UTF-8"}, id="locale German", marks=_needs("de_DE.UTF-8")),
    pytest.param("2", {"LC_ALL": "tr_TR.UTF-8"}, id="locale Turkish", marks=_needs("tr_TR.UTF-8")),
    pytest.param("2", {"TZ": "Pacific/Auckland"}, id="time in Auckland"),
    pytest.param(
        "2",
        {"PYTHONOPTIMIZE": "1", "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
        id="two threads",
    ),
]


def run(
    out: Path, workers: str, environment: dict[str, str]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Findings, pictures and their numbers, and the tables built from the raw ones: name ->
    content.
    """
    env = os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": str(config.ROOT)} | environment
    for command in (
        ["build", "--out", out / "processed"],
        ["run", *NOTEBOOKS, "--out", out / "runs", "-j", workers],
    ):
        done = subprocess.run(
            [*_LAC, *map(str, command)], env=env, capture_output=True, text=True, cwd="/"
        )
        assert done.returncode == 0, done.stderr
    kept = (".json", ".png", ".svg", ".csv")
    left = {
        path.relative_to(out / "runs").as_posix(): content
        for path, content in files(out / "runs").items()
    }
    timed = ("manifest.json",)  # it says when a run began and how long it took
    left = {
        name: content
        for name, content in left.items()
        if name.endswith(kept) and not name.endswith(timed)
    }
    return left, {path.name: content for path, content in files(out / "processed").items()}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return run(tmp_path_factory.mktemp("once"), "1", {})


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "environment"), CASES)
def test_the_same_bytes(once, tmp_path, workers, environment):
    left, tables = run(tmp_path / "out", workers, environment)
    assert len(left) > 30 and len(tables) > 10
    assert {name for name in left | once[0] if left.get(name) != once[0].get(name)} == set()
    assert {name for name in tables | once[1] if tables.get(name) != once[1].get(name)} == set()
