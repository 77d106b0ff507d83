"""Ctrl-C during each long command: it is over within two seconds, says so in one line, and leaves
nothing half-done.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import generated
import pandas as pd
import pytest
from harness import LINUX, descendants

from lac_analysis import config

SECONDS = 2  # on a machine that has nothing else to do
# what is run, and seconds after which it is stopped: while it imports, or begins to work, and at
# its work
COMMANDS = {
    "run": ("run --out {out} -j 2", 1, 1.4, 6),
    "run --sweep": ("run --sweep {sweep} --out {out} -j 2", 1, 6),
    "reproduce": ("reproduce --out {out} -j 2", 1, 12),
    "verify": ("verify -j 2", 1, 12),
    "build": ("build --force --out {out}", 1, 3),
    "report": ("report --project {project} --out {out}/site", 1, 2.5),
    "clean": ("clean {rows} -o {out}/cleaned.parquet -j 1", 1, 6),
    "clean -j 2": ("clean {rows} -o {out}/cleaned.parquet -j 2", 2, 6),
    "code": ("code {rows} -o {out}/coded.csv -j 1", 1, 6),
    "code -j 2": ("code {rows} -o {out}/coded.csv -j 2", 2, 6),
    "check": ("check {records}", 1, 2.5),
    "import": ("import twins {towns} -o {out}/towns.csv", 1, 4),
}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Files large enough to be at work for a while, all GENERATED but for the records, which are
    ours many times.
    """
    folder = tmp_path_factory.mktemp("given")
    pd.concat(generated.engagements(600_000, 5)).to_csv(folder / "rows.csv", index=False)
    records = pd.concat(
        [pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)] * 60
    )
    records["record_id"] = [f"X-{number}" for number in range(len(records))]
    records.to_csv(folder / "records.csv", index=False)
    pairs = [f"Town {number},Argentina,Place {number},China,2018\n" for number in range(90_000)]
    (folder / "towns.csv").write_text("city1,country1,city2,country2,start\n" + "".join(pairs))
    sweep = config.ROOT / "sweeps" / "strained_windows.yml"
    files = {name: folder / f"{name}.csv" for name in ("rows", "records", "towns")}
    return files | {"sweep": sweep, "project": config.ROOT}


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what a shell starts in the background ignores it


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "seconds"),
    [
        pytest.param(text, at, id=f"{name} after {at} s")
        for name, (text, *moments) in COMMANDS.items()
        for at in moments
    ],
)
def test_stopped_by_ctrl_c(given, tmp_path, command, seconds):
    out = tmp_path / "out"
    out.mkdir()
    arguments = command.format(out=out, **given).split()
    with tempfile.TemporaryDirectory() as temporary:  # a short path: sockets lie in it
        # PYTHONPATH also marks every process that descends from it
        env = os.environ | {"TMPDIR": temporary, "PYTHONPATH": f"{config.ROOT}:{tmp_path}"}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "lac_analysis.cli", *arguments],
            cwd=config.ROOT,
            env=env,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_hear_ctrl_c,
        )
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(seconds)
            load, began = os.getloadavg()[0], time.monotonic()
            os.killpg(
                process.pid, signal.SIGINT
            )  # as a terminal does: every process of the command gets it
            _, said = process.communicate(timeout=60)
            took = time.monotonic() - began
        finally:
            process.kill()
        print(f"{took:.2f} s at a load of {load:.1f}")
        # Python itself ends by the signal where it came while text was executed, as dataclasses do
        # at import
        assert process.returncode in (1, -signal.SIGINT) and "Traceback" not in said, said
        assert said.splitlines()[-1].startswith("lac: stopped; "), said
        assert took < SECONDS * max(1, load)
        deadline = time.monotonic() + 10
        while descendants(env["PYTHONPATH"]) or list(Path(temporary).iterdir()):
            assert time.monotonic() < deadline, (
                descendants(env["PYTHONPATH"]),
                list(Path(temporary).iterdir()),
            )
            time.sleep(0.1)
    assert list(out.rglob(".*")) == []
