"""A real dask scheduler and two worker processes, started with dask's own commands."""

import json
import socket
import subprocess
import sys
import time

import psutil
import pytest

from lac_analysis.batch import jobs, parameters, run
from lac_analysis.errors import InputError

distributed = pytest.importorskip("distributed")


def start(folder, workers=2):
    """A scheduler and its workers. Returns the scheduler's address, and all processes, the
    scheduler first.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = [
        "worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
        "--local-directory",
        str(folder),
    ]
    started = [
        subprocess.Popen([sys.executable, "-m", "dask", *command], stderr=subprocess.DEVNULL)
        for command in (scheduler, *[worker] * workers)
    ]
    return address, started


def end(started):
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    address, started = start(tmp_path_factory.mktemp("dask"))
    yield address
    end(started)


@pytest.mark.slow
def test_runs_on_a_cluster_leave_the_same_as_here(small, address, tmp_path, capsys):
    bad = small("02_bad", "1 / (x - 2)")
    planned = [
        jobs.make(small(), {}),
        jobs.make(bad, {"x": 2}),
        jobs.make(parameters.find("authority"), {}),
    ]
    here, there = tmp_path / "here", tmp_path / "there"
    assert run.run_all(planned, here, workers=2) == 1
    assert run.run_all(planned, there, dask=address) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err

    def files(folder):
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.glob("*/*")
            if path.suffix in (".png", ".svg", ".csv") or path.name == "finding.json"
        }

    assert len(files(here)) >= 10 + 3 and files(here) == files(there)
    assert (there / "02_bad@x=2.failed").exists()
    keys = [
        json.loads((folder / "08_authority" / "manifest.json").read_text())["key"]
        for folder in (here, there)
    ]
    assert keys[0] == keys[1]


def test_an_address_where_no_scheduler_answers_is_refused(small, tmp_path, monkeypatch):
    monkeypatch.setattr("lac_analysis.batch.run._PATIENCE", 0.5)
    with pytest.raises(InputError, match="no dask scheduler answers"):
        run.run_all([jobs.make(small(), {})], tmp_path / "runs", dask="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced(small, address, tmp_path):
    once = tmp_path / "once"
    die = (
        f"import pathlib, psutil; once = pathlib.Path({str(once)!r})\n"
        "if not once.exists(): once.touch(); psutil.Process().parents()[1].kill(); time.sleep(60)"
    )
    assert (
        run.run_all(
            [jobs.make(small("01_n", f"import time; {die}"), {})], tmp_path / "runs", dask=address
        )
        == 0
    )
    assert once.exists()


@pytest.mark.slow
def test_a_scheduler_that_dies_is_one_message_and_the_next_run_finishes(small, tmp_path):
    """In a process of its own, to see all that is said."""
    gate, kernel, out = tmp_path / "gate", tmp_path / "kernel", tmp_path / "runs"
    wait = (
        f"import os, pathlib, time; pathlib.Path({str(kernel)!r}).write_text(str(os.getpid()))\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.05)"
    )
    notebooks = [str(small()), str(small("02_waits", wait)), str(small("03_waits", wait))]
    address, started = start(tmp_path / "dask", workers=1)
    command = [sys.executable, "-P", "-m", "lac_analysis.cli", "run", *notebooks, "--out", str(out)]
    try:
        process = subprocess.Popen([*command, "--dask", address], stderr=subprocess.PIPE, text=True)
        _until(
            lambda: (
                (out / "01_small" / "manifest.json").exists()
                and kernel.exists()
                and kernel.read_text()
            ),
            process,
        )
        started[0].kill()
        _, said = process.communicate(timeout=240)
    finally:
        end(started)
    assert process.returncode == 1 and "Traceback" not in said, said
    lines = said.splitlines()
    assert sorted(lines[:3])[1:] == ["failed  02_waits (0.0 s)", "failed  03_waits (0.0 s)"]
    gone = "ConnectionError: the dask scheduler is gone; the same command takes up the rest  –"
    assert [line.endswith(gone) for line in lines[3:]] == [False, True, True]
    _until(lambda: not psutil.pid_exists(int(kernel.read_text())))
    assert sorted(path.name for path in out.iterdir()) == [".lac.json", "01_small", "index.csv"]
    gate.touch()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "01_small" not in done.stderr, done.stderr
    assert len(list(out.glob("*/finding.json"))) == 3


def _until(true, process=None):
    deadline = time.monotonic() + 240
    while not true():
        assert time.monotonic() < deadline and (process is None or process.poll() is None)
        time.sleep(0.05)
