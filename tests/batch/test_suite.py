"""Runs of small notebooks through the whole engine: what is kept, what is run again, and what a
fault leaves behind.
"""

import csv
import errno
import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from lac_analysis.batch import jobs, run, suite, workers
from lac_analysis.errors import InputError

pytestmark = pytest.mark.usefixtures("one_preloaded")

SLEEP = "import time; time.sleep(60)"


def go(out, *planned, **options):
    return suite.run_all(list(planned), out, **options)


def estimate(out, name):
    return json.loads((out / name / "finding.json").read_text())["estimate"]


def left_over(out):
    return [
        path.name for path in out.iterdir() if path.name.startswith(".") and path.name != ".lock"
    ]


def test_runs_once_and_then_has_nothing_to_do(small, tmp_path, capsys):
    notebook, out = small(), tmp_path / "runs"
    planned = [jobs.make(notebook, {}), jobs.make(notebook, {"x": 5})]
    assert go(out, *planned, workers=2) == 0
    assert (estimate(out, "01_small"), estimate(out, "01_small@x=5")) == (1, 5)
    manifest = json.loads((out / "01_small@x=5" / "manifest.json").read_text())
    assert manifest["parameters"] == {"x": 5} and set(manifest["outputs"]) == {
        "finding.json",
        "01_small.ipynb",
    }
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


def test_the_libraries_are_imported_only_where_something_runs(
    small, tmp_path, preloaded, monkeypatch
):
    out, job, starts = tmp_path / "runs", jobs.make(small(), {}), []
    monkeypatch.setattr(preloaded, "start", lambda: starts.append(job.name))
    assert go(out, job) == go(out, job) == 0 and len(starts) == 1
    assert go(out, job, force=True) == 0 and len(starts) == 2


def test_a_package_is_left_out_for_a_while_only():
    with workers._not_installed("wsgiref.handlers"), pytest.raises(ImportError):
        import wsgiref.handlers
    import wsgiref.handlers

    with workers._not_installed("wsgiref.handlers"):  # it is loaded: nothing is taken away
        import wsgiref.handlers  # noqa: F401


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
    assert any(
        output["output_type"] == "error" for cell in cells for output in cell.get("outputs", [])
    )
    small("02_bad")  # mended
    assert go(out, jobs.make(bad, {})) == 0
    assert not (out / "02_bad.failed.ipynb").exists()


def test_a_run_without_a_picture_that_its_code_names_has_failed(small, tmp_path, capsys):
    silent = small("01_silent", "if not x: from lac_analysis.report import describe_figures")
    assert go(tmp_path / "runs", jobs.make(silent, {})) == 1
    assert "it ended without actors.png" in capsys.readouterr().err
    assert not (tmp_path / "runs" / "01_silent").exists()


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
    assert (
        go(out, *(jobs.make(*job) for job in ((meddler, {}), (victim, {}), (victim, {"x": 2}))))
        == 0
    )
    assert estimate(out, "02_victim") != estimate(out, "02_victim@x=2")


def test_limits_and_a_kernel_that_dies(small, tmp_path, capsys):
    cells = {
        "01_slow": SLEEP,
        "02_large": f"hog = bytearray(10**9); {SLEEP}",
        "03_dead": "import os; os._exit(3)",
    }
    planned = [jobs.make(small(name, cell), {}) for name, cell in cells.items()]
    out = tmp_path / "runs"
    assert go(out, *planned, jobs.make(small("04_good"), {}), workers=4, timeout=5, memory=700) == 1
    rows = {
        line.split()[0]: line
        for line in capsys.readouterr().err.splitlines()
        if line.endswith("failed.ipynb")
    }
    for name, message in zip(
        cells,
        ("took longer than 5 seconds", "used more than 700 MB", "the kernel died"),
        strict=True,
    ):
        assert (
            message in rows[name] and rows[name].split()[2] == "3"
        )  # code cells, the injected parameters included
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


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk"
)
def test_a_disk_that_is_really_full(small, tmp_path, capsys):
    out = tmp_path / "disk"
    out.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", out], capture_output=True
    ).returncode:
        pytest.skip("no small disk could be mounted")
    try:
        ballast = out / "ballast"
        first, second = jobs.make(small(), {}), jobs.make(small(), {"x": 2})
        assert go(out / "runs", first) == 0
        before = (out / "runs" / "01_small" / "finding.json").read_bytes()
        with suppress(OSError), ballast.open("wb") as stream:
            while True:
                stream.write(bytes(4096))
        assert go(out / "runs", first, second, force=True) == 1
        assert "disk is full" in capsys.readouterr().err
        assert (out / "runs" / "01_small" / "finding.json").read_bytes() == before
        ballast.unlink()
        assert go(out / "runs", first, second) == 0
        assert estimate(out / "runs", "01_small@x=2") == 2 and left_over(out / "runs") == []
    finally:
        subprocess.run(["umount", out], check=True)


@pytest.mark.parametrize("kind", ["a file", "read-only"])
def test_a_folder_that_cannot_be_written_is_refused(small, tmp_path, kind):
    out = tmp_path / "out"
    if kind == "a file":
        out.touch()
    elif os.geteuid() == 0:
        out = Path("/proc/runs")  # root may write into a folder without permission, but not here
    else:
        out.mkdir(mode=0o500)
    with pytest.raises(InputError, match="the output folder cannot be written"):
        go(out, jobs.make(small(), {}))


def test_two_runs_at_once_in_one_folder_do_the_work_once(small, tmp_path, capsys):
    out, count = tmp_path / "runs", tmp_path / "count"
    tell = f"import time; open({str(count)!r}, 'a').write('x'); time.sleep(1)"
    job = jobs.make(small("01_small", tell), {})
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: go(out, job), range(2))) == [0, 0]
    assert count.read_text() == "x"
    shown = capsys.readouterr().err
    assert "another run is at work" in shown and "nothing to do" in shown


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
