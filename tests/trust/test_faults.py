"""Faults from outside: killed, a full disk, no permission, another run, the clock. The next run mends what was left."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import FINDING, cell, files, notebook

from lac_analysis import cli, config

KILLS = 50
FROM_NOTHING = 10  # of them before any notebook is done; then the slow ones are, so that what follows is reached, too
LONGEST = 20.0  # seconds that a run may work before it is killed
NOTEBOOKS = ("00_data", "07_reach", "08_authority", "99_verdicts")
SLOW = ("08_authority", "99_verdicts")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc or mounts a file system")
ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a file system")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with four of its notebooks."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(config.PACKAGE, folder / "lac_analysis", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(config.RAW, folder / "data" / "raw")
    shutil.copytree(config.ROOT / "docs", folder / "docs")
    (folder / "notebooks").mkdir()
    for name in NOTEBOOKS:
        shutil.copy(config.NOTEBOOKS / f"{name}.ipynb", folder / "notebooks")
    for name in ("claims.yml", "uv.lock", "pyproject.toml"):
        shutil.copy(config.ROOT / name, folder)
    return folder


def start(project: Path, *arguments, before: str = "", **options) -> subprocess.Popen:
    """`lac ARGUMENTS` of a copy of the project, in a process of its own; `before` is Python that it runs first."""
    code = f"{before}\nimport sys\nfrom lac_analysis.cli import main\nsys.exit(main(sys.argv[1:]))"
    # PYTHONPATH also marks every process that descends from it
    env = os.environ | {"PYTHONPATH": str(project), "TMPDIR": "/tmp"}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code, *map(str, arguments)], cwd=project, env=env, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def reproduce(project: Path, out: Path, **options) -> subprocess.Popen:
    return start(project, "reproduce", "--out", out, "-j", "2", **options)


def ended(process: subprocess.Popen, seconds: float = 600) -> int:
    _, said = process.communicate(timeout=seconds)
    if process.returncode:
        print(said)
    return process.returncode


def published(out: Path) -> dict:
    """What a reproduction leaves for people, by name."""
    found = {path.relative_to(out).as_posix(): content for path, content in files(out).items()}
    return {name: content for name, content in found.items() if name.startswith(("figures/", "data/", "site/"))}


def names(folder: Path) -> set:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def descendants(project: Path) -> list[int]:
    """Processes that a run of this copy started and that still live."""
    mark, found = f"PYTHONPATH={project}\0".encode(), []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
            if mark in (path / "environ").read_bytes() and state != "Z":
                found.append(int(path.name))
    return found


def clear(project: Path, out: Path, done: Path | None = None) -> None:
    """Begin anew; with `done`, a folder of finished runs, the slow ones are already there."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(project / "data" / "processed", ignore_errors=True)
    for name in SLOW if done else ():
        shutil.copytree(done / name, out / "runs" / name)


@dataclass(frozen=True)
class Whole:
    """What a run leaves that nothing disturbs: published files, names of all files, processed tables; and the runs."""

    content: dict
    names: set
    processed: dict
    runs: Path


@pytest.fixture(scope="module")
def undisturbed(project, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    assert ended(reproduce(project, out)) == 0
    processed = files(project / "data" / "processed")
    assert len(published(out)) > 50 and len(processed) > 10
    return Whole(published(out), names(out), processed, out / "runs")


def same_as(undisturbed: Whole, project: Path, out: Path) -> None:
    now = published(out)
    assert sorted(name for name in now | undisturbed.content if now.get(name) != undisturbed.content.get(name)) == []
    assert names(out) ^ undisturbed.names == set()
    assert files(project / "data" / "processed") == undisturbed.processed


@LINUX
@pytest.mark.slow
def test_killed_at_random_moments(project, undisturbed, tmp_path):
    """SIGKILL, again and again; whatever is published is whole, no process lives on, and the last run completes it."""
    out, moments, kills, completed = tmp_path / "out", random.Random(20201201), 0, 0
    clear(project, out)
    while kills < KILLS:
        process = reproduce(project, out)
        try:
            process.wait(moments.uniform(0, LONGEST))
            assert process.returncode == 0, process.stderr.read()
            same_as(undisturbed, project, out)
            completed += 1
            clear(project, out, undisturbed.runs)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            for name, content in published(out).items():
                if not Path(name).name.startswith("."):  # a copy that was not finished: the next run removes it
                    assert content == undisturbed.content[name], name
            deadline = time.monotonic() + 20
            while descendants(project):
                assert time.monotonic() < deadline, "processes outlived the run that started them"
                time.sleep(0.1)
            if kills == FROM_NOTHING:
                clear(project, out, undisturbed.runs)
    assert ended(reproduce(project, out)) == 0
    same_as(undisturbed, project, out)
    print(f"{kills} kills, {completed + 1} completed runs, all equal to the undisturbed one")


DIE = """
import os, signal
replace, left = os.replace, [{calls}]
def die(*arguments):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(*arguments)
os.replace = die
"""


@LINUX
@pytest.mark.parametrize("calls", [1, 7])
def test_killed_while_a_table_is_put_in_its_place(short, tmp_path, calls):
    """The temporary file of the table that was not finished goes with the next build."""
    out, whole = tmp_path / "processed", tmp_path / "whole"
    victim = start(config.ROOT, "build", "--raw", short, "--out", out, before=DIE.format(calls=calls))
    assert ended(victim) == -signal.SIGKILL
    assert any(path.name.startswith(".") and path.name != ".lock" for path in out.iterdir())
    assert cli.main(["build", "--raw", str(short), "--out", str(out)]) == 0
    assert cli.main(["build", "--raw", str(short), "--out", str(whole)]) == 0
    assert {p.name: c for p, c in files(out).items()} == {p.name: c for p, c in files(whole).items()}


def test_a_processed_table_or_manifest_that_is_damaged_is_built_again(short, tmp_path):
    build = ["build", "--raw", str(short), "--out", str(tmp_path)]
    assert cli.main(build) == 0
    whole = files(tmp_path)
    for name in ("engagements.parquet", "manifest.json"):
        path = tmp_path / name
        for damaged in (path.read_bytes()[:-9], b"", b"[]"):
            path.write_bytes(damaged)
            assert cli.main(build) == 0
            assert files(tmp_path) == whole


@pytest.mark.slow
def test_two_runs_at_once(project, undisturbed, tmp_path):
    out = tmp_path / "out"
    clear(project, out)
    both = [reproduce(project, out) for _ in range(2)]
    assert [ended(process) for process in both] == [0, 0]
    same_as(undisturbed, project, out)


# -- small notebooks ------------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "01_small.ipynb"
    path.write_text(json.dumps(notebook(cell(FINDING))))
    return path


@pytest.fixture
def mounted(tmp_path):
    """Mount a small file system in memory. Returns its folder; it may be mounted anew with other options."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, capture_output=True)
        return folder

    try:
        mount("size=10m")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    yield mount
    subprocess.run(["umount", folder], check=True)


@LINUX
@ROOT
def test_a_full_disk(small, mounted, tmp_path, capsys):
    """Nothing half-written; what was there before is as it was; with room again, the run is completed."""
    disk = mounted("remount,size=1m")
    out = disk / "runs"
    assert cli.main(["run", str(small), "--out", str(out)]) == 0
    before = files(out)
    # a little room for the lock, and none for a finding
    (disk / "filling").write_bytes(b"")
    with contextlib.suppress(OSError), (disk / "filling").open("wb") as stream:
        while True:
            stream.write(bytes(4096))
            stream.flush()
    capsys.readouterr()
    assert cli.main(["run", str(small), "--out", str(out), "--force"]) == 1
    said = capsys.readouterr().err
    assert "disk is full" in said or "No space left" in said, said
    assert "Traceback" not in said
    after = files(out)
    assert {path: after[path] for path in before} == before
    assert not [path for path in after if path not in before and "failed" not in path.name]
    (disk / "filling").unlink()
    assert cli.main(["run", str(small), "--out", str(out), "--force"]) == 0


@LINUX
@ROOT
def test_a_read_only_output(small, mounted, capsys):
    disk = mounted("remount,size=1m")
    mounted("remount,ro")
    assert cli.main(["run", str(small), "--out", str(disk / "runs")]) == 2
    assert cli.main(["build", "--out", str(disk / "processed")]) == 2
    said = capsys.readouterr().err
    assert said.count("lac: ") == 2 == said.count("\n") and said.count("Read-only file system") == 2
    mounted("remount,rw")


@pytest.mark.parametrize("command", [["run", "data"], ["build"], ["reproduce"]], ids=" ".join)
def test_a_file_where_the_output_folder_should_be(tmp_path, capsys, command):
    path = tmp_path / "out"
    path.write_text("mine")
    assert cli.main([*command, "--out", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("lac: ") and said.count("\n") == 1
    assert path.read_text() == "mine"


def test_a_clock_that_goes_back(small, tmp_path, monkeypatch, capsys):
    """What is up to date is known by content: neither files from the future nor a clock set back change it."""
    from lac_analysis.batch import run

    out = tmp_path / "runs"
    hours = iter(range(10_000, 0, -1))
    with monkeypatch.context() as clock:
        clock.setattr(run.time, "time", lambda: 3600.0 * next(hours))
        assert cli.main(["run", str(small), "--out", str(out)]) == 0
    for path in (small, *out.rglob("*")):
        os.utime(path, (4e9, 4e9))
    capsys.readouterr()
    assert cli.main(["run", str(small), "--out", str(out)]) == 0
    assert "nothing to do" in capsys.readouterr().err
    small.write_text(json.dumps(notebook(cell(FINDING.replace("1}", "2}")))))
    os.utime(small, (1, 1))
    assert cli.main(["run", str(small), "--out", str(out)]) == 0
    assert json.loads((out / "01_small" / "finding.json").read_text()) == {"estimate": 2}
