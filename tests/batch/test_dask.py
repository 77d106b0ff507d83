"""A real dask scheduler and two worker processes, started with dask's own commands."""

import json
import socket
import subprocess
import sys

import pytest

from lac_analysis.batch import jobs, notebook, suite
from lac_analysis.errors import InputError

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("dask")
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = ["worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
    started = [
        subprocess.Popen([sys.executable, "-m", "dask", *command], stderr=subprocess.DEVNULL)
        for command in (scheduler, worker, worker)
    ]
    yield address
    for process in started:
        process.terminate()
    for process in started:
        process.wait()


@pytest.mark.slow
def test_runs_on_a_cluster_leave_the_same_as_here(small, address, tmp_path, capsys):
    bad = small("02_bad", "1 / (x - 2)")
    planned = [jobs.make(small(), {}), jobs.make(bad, {"x": 2}), jobs.make(notebook.find("authority"), {})]
    here, there = tmp_path / "here", tmp_path / "there"
    assert suite.run_all(planned, here, workers=2) == 1
    assert suite.run_all(planned, there, dask=address) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err

    def files(folder):
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.glob("*/*")
            if path.suffix in (".png", ".svg", ".csv") or path.name == "finding.json"
        }

    assert len(files(here)) >= 10 + 3 and files(here) == files(there)
    assert (there / "02_bad@x=2.failed.ipynb").exists()
    keys = [json.loads((folder / "08_authority" / "manifest.json").read_text())["key"] for folder in (here, there)]
    assert keys[0] == keys[1]


def test_an_address_where_no_scheduler_answers_is_refused(small, tmp_path, monkeypatch):
    monkeypatch.setattr("lac_analysis.batch.workers.PATIENCE", 0.5)
    with pytest.raises(InputError, match="no dask scheduler answers"):
        suite.run_all([jobs.make(small(), {})], tmp_path / "runs", dask="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced(small, address, tmp_path):
    once = tmp_path / "once"
    die = (
        f"import pathlib, psutil; once = pathlib.Path({str(once)!r})\n"
        "if not once.exists(): once.touch(); psutil.Process().parents()[1].kill(); time.sleep(60)"
    )
    assert suite.run_all([jobs.make(small("01_n", f"import time; {die}"), {})], tmp_path / "runs", dask=address) == 0
    assert once.exists()
