"""What the tests share: a limit on time, a look at a folder, and notebooks as they are written to
disk.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads /proc or mounts a file system"
)

PARAMETERS = "output: str = ''  # folder"
FINDING = "import json, pathlib\npathlib.Path(output, 'finding.json').write_text(json.dumps({'estimate': 1}))"
SECONDS = 20  # that a refusal may take, on a slow machine


@contextlib.contextmanager
def within(seconds: float = SECONDS):
    """Fail, rather than hang, where something takes longer."""

    def late(*_):
        raise AssertionError(f"took longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def files(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder, with what it holds."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def cell(source: str, *tags: str, **changes) -> dict:
    """A code cell."""
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": [], "id": "c",
            "execution_count": None} | changes  # fmt: skip


def notebook(*cells: dict, metadata: dict | None = None) -> dict:
    """A notebook with a parameters cell, and then these cells."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    numbered = [
        one | {"id": f"c{i}"} for i, one in enumerate((cell(PARAMETERS, "parameters"), *cells))
    ]
    return {
        "cells": numbered,
        "metadata": metadata or {"kernelspec": spec},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def start(project: Path, *arguments, before: str = "", **options) -> subprocess.Popen:
    """`lac ARGUMENTS` of a copy of the project, in a process of its own; `before` is Python that it
    runs first.
    """
    code = f"{before}\nimport sys\nfrom lac_analysis.cli import main\nsys.exit(main(sys.argv[1:]))"
    # PYTHONPATH also marks every process that descends from it
    env = os.environ | {"PYTHONPATH": str(project), "TMPDIR": "/tmp"}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code, *map(str, arguments)], cwd=project, env=env, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def ended(process: subprocess.Popen, seconds: float = 600) -> int:
    _, said = process.communicate(timeout=seconds)
    if process.returncode:
        print(said)
    return process.returncode


def descendants(project: Path) -> list[int]:
    """Processes that a run of this copy started and that still live."""
    mark, found = f"PYTHONPATH={project}\0".encode(), []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
            if mark in (path / "environ").read_bytes() and state != "Z":
                found.append(int(path.name))
    return found
