"""Faults from outside: a full disk, no permission, damaged files, the clock. The next run mends
what was left.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness import FINDING, LINUX, cell, ended, files, notebook, start

from lac_analysis import cli, config, manifests
from lac_analysis.errors import InputError
from lac_analysis.records import build

ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a file system"
)


DIE = """
import os, signal
left = [{calls}]
def dying(move):
    def die(*arguments):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        move(*arguments)
    return die
os.replace, os.link = dying(os.replace), dying(os.link)
"""


def goes(gone) -> None:
    """Wait until what a killed command leaves is gone."""
    until = time.monotonic() + 20
    while not gone():
        assert time.monotonic() < until
        time.sleep(0.05)


@LINUX
@pytest.mark.parametrize("calls", [1, pytest.param(7, marks=pytest.mark.slow)])
def test_killed_while_a_table_is_put_in_its_place(short, tmp_path, calls):
    """Its hidden folder goes with it, and one that somebody else calls so stays."""
    out, whole = tmp_path / "processed", tmp_path / "whole"
    (out / ".lac-mine").mkdir(parents=True)
    victim = start(
        config.ROOT, "build", "--raw", short, "--out", out, before=DIE.format(calls=calls)
    )
    assert ended(victim) == -signal.SIGKILL
    goes(lambda: [path.name for path in out.glob(".lac-*")] == [".lac-mine"])
    assert cli.main(["build", "--raw", str(short), "--out", str(out)]) == 0
    assert cli.main(["build", "--raw", str(short), "--out", str(whole)]) == 0
    assert {p.name: c for p, c in files(out).items()} == {
        p.name: c for p, c in files(whole).items()
    }


@LINUX
def test_a_table_that_is_coded_as_lac_is_killed_leaves_nothing(tmp_path):
    (tmp_path / "texts.csv").write_text("text\nA mayor from Chengdu visits Peru\n")
    asked = ("code", tmp_path / "texts.csv", "-o", tmp_path / "out.csv")
    assert ended(start(config.ROOT, *asked, before=DIE.format(calls=1))) == -signal.SIGKILL
    goes(lambda: [path.name for path in tmp_path.iterdir()] == ["texts.csv"])


@pytest.mark.slow
def test_a_processed_table_or_manifest_that_is_damaged_is_built_again(short, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "PROCESSED", tmp_path)  # elsewhere it may be a user's, and stays
    build = ["build", "--raw", str(short), "--out", str(tmp_path)]
    assert cli.main(build) == 0
    whole = files(tmp_path)
    for name in ("engagements.parquet", "manifest.json"):
        path = tmp_path / name
        nameless = re.sub(rb'"tables": {[^}]*}', b'"tables": {}', path.read_bytes())
        for damaged in (path.read_bytes()[:-9], b"", b"[]", nameless):
            path.write_bytes(damaged)
            assert cli.main(build) == 0
            assert files(tmp_path) == whole


def test_a_large_manifest_and_a_large_raw_table_are_not_read(tmp_path):
    (tmp_path / "manifest.json").touch()
    os.truncate(tmp_path / "manifest.json", 3 * 10**9)
    assert manifests.read(tmp_path / "manifest.json") == {}
    shutil.copytree(config.RAW, tmp_path / "raw")
    os.truncate(tmp_path / "raw" / "engagements.csv", 3 * 10**9)
    with pytest.raises(InputError, match="too large for a raw table"):
        build.input_hash(tmp_path / "raw")
    (tmp_path / "raw" / "engagements.csv").unlink()
    (tmp_path / "raw" / "engagements.csv").symlink_to("/proc/self/mem")
    with pytest.raises(InputError, match=r"engagements\.csv: it cannot be read"):
        build.input_hash(tmp_path / "raw")


def test_what_lies_behind_a_link_at_the_processed_tables_stays(short, tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "countries.parquet").write_text("mine")
    (tmp_path / "processed").symlink_to(mine)
    monkeypatch.setattr(config, "PROCESSED", tmp_path / "processed")
    assert cli.main(["build", "--raw", str(short), "--out", str(tmp_path / "processed")]) == 2
    assert (mine / "countries.parquet").read_text() == "mine"


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "01_small.ipynb"
    path.write_text(json.dumps(notebook(cell(FINDING))))
    return path


@pytest.fixture
def mounted(tmp_path):
    """Mount a small file system in memory. Returns its folder; it may be mounted anew with other
    options.
    """
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
            check=True,
            capture_output=True,
        )
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
    """Nothing half-written; what was there before is as it was; with room again, the run is
    completed.
    """
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


def test_a_folder_in_the_place_of_the_site_is_found_before_the_notebooks_run(tmp_path, capsys):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "notes.txt").write_text("mine")
    assert cli.main(["reproduce", "--out", str(tmp_path)]) == 2
    assert "leaves it alone" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["site", "notes.txt"]


@pytest.mark.parametrize("command", [["run", "data"], ["build"], ["reproduce"]], ids=" ".join)
def test_a_file_where_the_output_folder_should_be(tmp_path, capsys, command):
    path = tmp_path / "out"
    path.write_text("mine")
    assert cli.main([*command, "--out", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("lac: ") and said.count("\n") == 1
    assert path.read_text() == "mine"


def test_a_clock_that_goes_back(small, tmp_path, monkeypatch, capsys):
    """What is up to date is known by content: neither files from the future nor a clock set back
    change it.
    """
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
