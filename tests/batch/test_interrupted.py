"""Runs that are stopped or killed, and taken up again: real processes, real signals."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from lac_analysis import cli
from lac_analysis.batch import commands, jobs, run

OUTPUTS = (".json", ".png", ".svg", ".csv")
WAIT = (
    "import os, pathlib, time; pathlib.Path({pid!r}).write_text(str(os.getpid()))\n"
    "while not pathlib.Path({gate!r}).exists(): time.sleep(0.05)"
)
DRAW = (
    "import matplotlib.pyplot as plt, numpy as np\n"
    "for suffix in ('png', 'svg'):\n"
    "    fig, ax = plt.subplots(); ax.plot(np.random.default_rng(x).random(9)); plt.rcParams['svg.hashsalt'] = 'x'\n"
    "    fig.savefig(f'{output}/p.{suffix}', metadata={'Date': None} if suffix == 'svg' else {}); plt.close()"
)


def start(out, *notebooks_and_x, workers=1, **options):
    """A process that runs notebooks with their x."""
    code = (
        "import sys; from pathlib import Path; from lac_analysis import cli\n"
        "from lac_analysis.batch import commands, jobs, run\n"
        "commands._run = lambda _: run.run_all(planned, Path(sys.argv[1]), workers=int(sys.argv[2]))\n"
        "planned = [jobs.make(Path(n), {'x': int(x)}) for n, x in zip(sys.argv[3::2], sys.argv[4::2])]\n"
        "sys.exit(cli.main(['run']))"
    )
    given = [str(part) for pair in notebooks_and_x for part in pair]
    command = [sys.executable, "-c", code, str(out), str(workers), *given]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, **options
    )


@pytest.fixture
def temporary():
    """The folder for temporary files of a process; a short path, since sockets lie in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def waiting(small, tmp_path, temporary):
    """A process whose first notebook is done and whose second waits for the file `gate`. Returns it
    and its jobs.
    """
    out, gate, pid = tmp_path / "runs", tmp_path / "gate", tmp_path / "pid"
    first, second = small(), small("02_waits", WAIT.format(gate=str(gate), pid=str(pid)))
    process = start(out, (first, 1), (second, 2), env=os.environ | {"TMPDIR": str(temporary)})
    _until(
        lambda: (out / "01_small" / "manifest.json").exists() and pid.exists() and pid.read_text(),
        process,
    )
    assert list(temporary.iterdir())
    return process, [jobs.make(first, {}), jobs.make(second, {"x": 2})], int(pid.read_text())


def _until(true, process=None):
    deadline = time.monotonic() + 240
    while not true():
        assert time.monotonic() < deadline and (process is None or process.poll() is None)
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1],
)
def test_a_run_that_is_ended_leaves_no_kernel_and_is_taken_up_again(
    waiting, tmp_path, temporary, number
):
    process, planned, kernel = waiting
    out = tmp_path / "runs"
    first = (out / "01_small" / "finding.json").stat().st_mtime_ns
    process.send_signal(number)
    _, shown = process.communicate(timeout=120)
    assert process.returncode != 0
    if number != signal.SIGKILL:
        assert process.returncode == 1
        assert f"1 of 2 runs in {out} are done; the same command takes up the rest" in shown
        assert "Traceback" not in shown and shown.splitlines()[-1].startswith("lac: stopped; ")
    _until(lambda: not _alive(kernel) and not list(temporary.iterdir()))
    assert not (out / "02_waits@x=2").exists()
    (tmp_path / "gate").touch()
    assert run.run_all(planned, out) == 0
    assert json.loads((out / "02_waits@x=2" / "finding.json").read_text())["estimate"] == 2
    assert list(out.glob(".*")) == []
    assert (out / "01_small" / "finding.json").stat().st_mtime_ns == first


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments_the_outputs_are_those_of_an_undisturbed_run(
    small, tmp_path, seed
):
    planned = [(small(f"0{i}_n", DRAW), x) for i in range(3) for x in (1, 2)]
    whole, began = tmp_path / "whole", time.monotonic()
    assert start(whole, *planned, workers=2).wait(400) == 0
    took, moment = time.monotonic() - began, random.Random(seed)
    broken = tmp_path / "broken"
    for _ in range(3):
        process = start(broken, *planned, workers=2)
        time.sleep(moment.uniform(0.3, 1) * took)
        process.kill()
        process.communicate()
    assert start(broken, *planned, workers=2).wait(400) == 0
    found = {folder: _outputs(folder) for folder in (whole, broken)}
    assert len(found[whole]) == 6 * 3 and found[whole] == found[broken]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "the disk is full"),
        (MemoryError(), "there is not enough memory"),
    ],
)
def test_a_full_disk_or_memory_is_one_line_on_the_command_line(monkeypatch, capsys, error, said):
    def full(_):
        raise error

    monkeypatch.setattr(commands, "_run", full)
    assert cli.main(["run"]) == 1
    assert capsys.readouterr().err == f"lac: {said}\n"


def _outputs(out):
    """What runs leave, but for times: manifests and executed notebooks carry these."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.glob("*/*")
        if path.suffix in OUTPUTS and path.name != "manifest.json"
    }


def _alive(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
