"""Runs of small notebooks through the whole engine: what is kept, what is run again, and what a fault leaves behind."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time

from lac_analysis.batch import jobs, run, suite

SLEEP = "import time; time.sleep(60)"


def go(out, *planned, **options):
    return suite.run_all(list(planned), out, **options)


def estimate(out, name):
    return json.loads((out / name / "finding.json").read_text())["estimate"]


def left_over(out):
    return [path.name for path in out.iterdir() if path.name.startswith(".") and path.name != ".lock"]


def test_runs_once_and_then_has_nothing_to_do(small, tmp_path, capsys):
    notebook, out = small(), tmp_path / "runs"
    planned = [jobs.make(notebook, {}), jobs.make(notebook, {"x": 5})]
    assert go(out, *planned, workers=2) == 0
    assert (estimate(out, "01_small"), estimate(out, "01_small@x=5")) == (1, 5)
    manifest = json.loads((out / "01_small@x=5" / "manifest.json").read_text())
    assert manifest["parameters"] == {"x": 5} and set(manifest["outputs"]) == {"finding.json", "01_small.ipynb"}
    with (out / "index.csv").open() as stream:
        assert [row["run"] for row in csv.DictReader(stream)] == ["01_small", "01_small@x=5"]
    written = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert go(out, *planned) == 0
    assert "nothing to do" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == written

    (out / "01_small" / "finding.json").write_text("{}")  # damaged
    assert go(out, *planned) == 0
    assert estimate(out, "01_small") == 1
    assert left_over(out) == []


def test_a_failure_stops_no_other_run_and_is_told(small, tmp_path, capsys):
    out = tmp_path / "runs"
    bad = small("02_bad", "1 / (x - 1)")
    mute = small("03_mute", "raise SystemExit")
    good = small("04_good")
    assert go(out, *(jobs.make(notebook, {}) for notebook in (bad, mute, good)), workers=2) == 1
    shown = capsys.readouterr().err
    row = next(line for line in shown.splitlines() if line.startswith("02_bad"))
    assert "ZeroDivisionError: division by zero" in row and "02_bad.failed.ipynb" in row
    assert "it ended without finding.json" in shown
    assert estimate(out, "04_good") == 1 and not (out / "02_bad").exists()
    cells = json.loads((out / "02_bad.failed.ipynb").read_text())["cells"]
    assert any(output["output_type"] == "error" for cell in cells for output in cell.get("outputs", []))
    small("02_bad")  # mended
    assert go(out, jobs.make(bad, {})) == 0
    assert not (out / "02_bad.failed.ipynb").exists()


def test_one_run_leaves_no_trace_in_another(small, tmp_path):
    meddler = small(
        "01_meddler",
        "import os, random, sys, numpy as np, matplotlib.pyplot as plt\n"
        "leak = np.random.seed(1), random.seed(1), plt.plot([1]), sys.path.append('leak')\n"
        "os.environ['LEAK'] = '1'; plt.rcParams['lines.linewidth'] = 99; output = os.getcwd(); os.chdir('/')",
    )
    victim = small(
        "02_victim",
        "import os, sys, numpy as np, matplotlib.pyplot as plt\n"
        "assert 'leak' not in globals() and 'leak' not in sys.path and 'LEAK' not in os.environ\n"
        "assert not plt.get_fignums() and plt.rcParams['lines.linewidth'] != 99 and '02_victim' in os.getcwd()\n"
        "x = int(np.random.randint(2**31))",
    )
    out = tmp_path / "runs"
    assert go(out, *(jobs.make(*job) for job in ((meddler, {}), (victim, {}), (victim, {"x": 2})))) == 0
    assert estimate(out, "02_victim") != estimate(out, "02_victim@x=2")


def test_what_is_needed_runs_first_and_an_equal_finding_runs_nothing_anew(small, write_notebook, tmp_path, capsys):
    small()
    read = (
        "import pathlib; x = json.loads(next(pathlib.Path(findings).glob('01_small*')).read_text())['estimate'] + 100"
    )
    last = write_notebook(
        "99_last",
        "x: int = 1  # a\nfindings: str = ''  # folder\noutput: str = ''  # folder",
        f"import json; {read}",
        "pathlib.Path(output, 'finding.json').write_text(json.dumps({'estimate': x}))",
        lac={"needs": ["small"]},
    )
    out = tmp_path / "runs"
    assert go(out, jobs.make(last, {"x": 3}), workers=2) == 0
    assert estimate(out, "99_last@x=3") == 103
    assert not (out / "99_last@x=3" / "needs").exists()
    small("01_small", "pass")  # edited, to the same effect
    capsys.readouterr()
    assert go(out, jobs.make(last, {"x": 3})) == 0
    assert "cached  99_last@x=3" in capsys.readouterr().err
    small("01_small", "raise ValueError('no')")
    assert go(out, jobs.make(last, {"x": 3})) == 1
    assert "it needs 01_small@x=3, which failed" in capsys.readouterr().err


def test_limits_and_a_kernel_that_dies(small, tmp_path, capsys):
    cells = {"01_slow": SLEEP, "02_large": f"hog = bytearray(10**9); {SLEEP}", "03_dead": "import os; os._exit(3)"}
    planned = [jobs.make(small(name, cell), {}) for name, cell in cells.items()]
    out = tmp_path / "runs"
    assert go(out, *planned, jobs.make(small("04_good"), {}), workers=4, timeout=8, memory=700) == 1
    rows = {line.split()[0]: line for line in capsys.readouterr().err.splitlines() if line.endswith("failed.ipynb")}
    for name, message in zip(
        cells, ("took longer than 8 seconds", "used more than 700 MB", "the kernel died"), strict=True
    ):
        assert message in rows[name] and rows[name].split()[2] == "3"  # code cells, the injected parameters included
        assert (out / f"{name}.failed.ipynb").exists()
    assert estimate(out, "04_good") == 1


def test_a_full_disk_is_said_and_leaves_nothing_half_written(small, tmp_path, capsys, monkeypatch):
    out = tmp_path / "runs"
    job = jobs.make(small(), {})
    assert go(out, job) == 0
    before = (out / "01_small" / "finding.json").read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(run, "keep", full)
        assert go(out, job, force=True) == 1
    assert "the disk is full" in capsys.readouterr().err
    assert (out / "01_small" / "finding.json").read_bytes() == before and left_over(out) == []
    assert go(out, job) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_the_second_of_two_runs_waits_and_says_so(tmp_path, capsys):
    out = tmp_path / "runs"
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with suite.alone(out):
            inside.set()
            leave.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    threading.Timer(0.3, leave.set).start()
    with suite.alone(out):
        assert leave.is_set()
    holder.join()
    assert "another run is at work" in capsys.readouterr().err


def test_killed_in_the_middle_and_taken_up_again(small, tmp_path):
    out, gate = tmp_path / "runs", tmp_path / "gate"
    wait = f"import pathlib, time\nwhile x == 2 and not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.05)"
    tell = f"import os; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))"
    notebook, marked = small(), small("02_marked", f"import pathlib; {tell}", wait)
    code = (
        "import sys; from pathlib import Path; from lac_analysis.batch import jobs, suite\n"
        "first, second, out = map(Path, sys.argv[1:])\n"
        "suite.run_all([jobs.make(first, {}), jobs.make(second, {'x': 2})], out)"
    )
    victim = subprocess.Popen([sys.executable, "-c", code, notebook, marked, out])
    deadline = time.monotonic() + 60
    while not ((out / "01_small" / "manifest.json").exists() and (tmp_path / "pid").exists()):
        assert time.monotonic() < deadline and victim.poll() is None
        time.sleep(0.05)
    first = (out / "01_small" / "finding.json").stat().st_mtime_ns
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    kernel = int((tmp_path / "pid").read_text())
    while _alive(kernel):  # its kernel ends with it
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not (out / "02_marked@x=2").exists()
    gate.touch()
    assert go(out, jobs.make(notebook, {}), jobs.make(marked, {"x": 2})) == 0
    assert estimate(out, "02_marked@x=2") == 2 and left_over(out) == []
    assert (out / "01_small" / "finding.json").stat().st_mtime_ns == first


def _alive(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
