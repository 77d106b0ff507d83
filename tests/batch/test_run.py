"""Runs of small notebooks through the whole engine: what is kept, what is run again, and what a
fault leaves behind.
"""

import errno
import json
import os
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from lac_analysis import cli, config, outputs
from lac_analysis.batch import cache, jobs, run, suite, sweep
from lac_analysis.errors import InputError

FINDING = "open(output + '/finding.json', 'w').write('{}')"
SLEEP = "import time; time.sleep(60)"


def go(out, *planned, **options):
    return run.run_all(list(planned), out, **options)


def estimate(out, name):
    return json.loads((out / name / "finding.json").read_text())["estimate"]


def left_over(out):
    return [path.name for path in out.glob(".*")]


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
    written = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert go(out, *planned) == 0
    assert "nothing to do" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == written

    (out / "01_small" / "finding.json").unlink()
    assert go(out, *planned) == 0
    assert estimate(out, "01_small") == 1
    assert left_over(out) == []


def test_too_few_files_that_may_be_opened_are_told(small, tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    with pytest.raises(InputError, match="too few open files are allowed: 64"):
        go(tmp_path / "runs", jobs.make(small(), {}))
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("seconds", ["12", None, [1]])
def test_a_manifest_of_another_make_stops_nothing(small, tmp_path, seconds):
    notebook, out = small(), tmp_path / "runs"
    planned = [jobs.make(notebook, {}), jobs.make(notebook, {"x": 5})]
    work = tmp_path / "work"
    work.mkdir()
    (work / "old.txt").write_text("old")
    cache.put_in_place(work, out / "01_small", {"key": "k", "seconds": seconds})
    assert go(out, *planned) == 0
    assert estimate(out, "01_small") == 1


def test_a_failure_stops_no_other_run_and_is_told(small, tmp_path, capsys):
    out = tmp_path / "runs"
    bad = small("02_bad", "1 / (x - 1)")
    mute = small("03_mute", "raise SystemExit")
    good = small("04_good")
    assert go(out, *(jobs.make(notebook, {}) for notebook in (bad, mute, good)), workers=2) == 1
    shown = capsys.readouterr().err
    row = next(line for line in shown.splitlines() if line.startswith("02_bad, cell 3: "))
    assert "ZeroDivisionError: division by zero" in row and "02_bad.failed/02_bad.ipynb" in row
    assert "it ended without finding.json" in shown
    assert estimate(out, "04_good") == 1 and not (out / "02_bad").exists()
    cells = json.loads((out / "02_bad.failed" / "02_bad.ipynb").read_text())["cells"]
    assert any(
        output["output_type"] == "error" for cell in cells for output in cell.get("outputs", [])
    )
    small("02_bad")  # mended
    assert go(out, jobs.make(bad, {})) == 0
    assert not (out / "02_bad.failed").exists()


def test_an_odd_backend_and_a_group_of_exceptions_are_one_line(
    small, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("MPLBACKEND", "Qt4Agg")
    group = small(
        "02_group", "import matplotlib.pyplot; raise ExceptionGroup('all', [KeyError('a')])"
    )
    assert go(tmp_path / "runs", jobs.make(group, {})) == 1
    said = capsys.readouterr().err
    assert "cell 3: CellExecutionError: the notebook shows why" in said and "Traceback" not in said


def test_a_folder_of_a_notebooks_own_stays(small, tmp_path):
    own = "folder = __import__('pathlib').Path(output, 'needs'); folder.mkdir(); (folder / 'a.txt').touch()"
    assert go(tmp_path / "runs", jobs.make(small("02_own", own), {})) == 0
    assert (tmp_path / "runs" / "02_own" / "needs" / "a.txt").is_file()


def test_a_run_without_a_picture_that_its_finding_lists_has_failed(small, tmp_path, capsys):
    late = (
        "found = pathlib.Path(output, 'finding.json')\n"
        "found.write_text(json.dumps(json.loads(found.read_text()) | {'pictures': ['map']}))"
    )
    silent = small("01_silent")
    content = json.loads(silent.read_text())
    content["cells"].append(content["cells"][-1] | {"source": late, "id": "late"})
    silent.write_text(json.dumps(content))
    assert go(tmp_path / "runs", jobs.make(silent, {})) == 1
    assert "it ended without map.png, map.svg, map.csv" in capsys.readouterr().err
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
        "03_dead": "import os; os._exit(3)",
    }
    planned = [jobs.make(small(name, cell), {}) for name, cell in cells.items()]
    out = tmp_path / "runs"
    assert go(out, *planned, jobs.make(small("04_good"), {}), workers=3, timeout=5) == 1
    rows = {line.partition(":")[0]: line for line in capsys.readouterr().err.splitlines()}
    for name, message in zip(
        cells,
        ("took longer than 5 seconds", "the kernel died"),
        strict=True,
    ):
        assert message in rows[name]
        assert not (out / name).exists()
    assert estimate(out, "04_good") == 1


def test_a_full_disk_is_said_and_leaves_nothing_half_written(small, tmp_path, capsys, monkeypatch):
    out = tmp_path / "runs"
    job = jobs.make(small(), {})
    assert go(out, job) == 0
    before = (out / "01_small" / "finding.json").read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(cache, "put_in_place", full)
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
        assert capsys.readouterr().err.count("the disk is full") == 2
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
    with pytest.raises(InputError, match="cannot be written"):
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
        with outputs.alone(out):
            inside.set()
            leave.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    threading.Timer(0.3, leave.set).start()
    with outputs.alone(out):
        assert leave.is_set()
    holder.join()
    assert "another run is at work" in capsys.readouterr().err


# -- a user's files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["01_small/notes.txt", "01_small/finding.json", "01_small", ".lac.lock",
              "01_small/sub/more.txt", "01_small.failed/notes.txt"],
)  # fmt: skip
def test_what_lac_did_not_write_is_refused_and_stays(small, tmp_path, name):
    out = tmp_path / "mywork"
    mine = out / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(InputError, match=re.escape(str(mine))):
        go(out, jobs.make(small(), {}), force=True)
    assert [path for path in out.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("name", ["notes.txt", "finding.json", "01_small.ipynb"])
def test_what_was_added_to_a_run_or_changed_in_it_survives_a_rerun(small, tmp_path, name):
    out, notebook = tmp_path / "runs", small()
    assert go(out, jobs.make(notebook, {})) == 0
    (out / "01_small" / name).write_text("my thoughts")
    small("01_small", "x = 7")
    with pytest.raises(InputError, match=f"01_small/{name}: lac did not write this"):
        go(out, jobs.make(notebook, {}))
    assert (out / "01_small" / name).read_text() == "my thoughts"
    assert left_over(out) == []


def test_the_executed_notebook_of_a_run_is_not_run_into_its_own_place(small, tmp_path):
    out = tmp_path / "runs"
    assert go(out, jobs.make(small(), {})) == 0
    own = out / "01_small" / "01_small.ipynb"
    before = own.read_bytes()
    with pytest.raises(InputError, match="the run would replace what is read"):
        go(out, jobs.make(own, {}), force=True)
    assert own.read_bytes() == before


def test_a_startup_file_changes_no_result(small, tmp_path, monkeypatch):
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "a.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("of_the_user = 1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(startup))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")  # at which IPython's banner stops
    notebook = small("01_small", "assert 'of_the_user' not in globals()")
    assert go(tmp_path / "runs", jobs.make(notebook, {})) == 0


def test_no_notebook_runs_where_an_export_stands_in_the_place_of_its_run(small, tmp_path, capsys):
    (tmp_path / "work").mkdir()
    cache.put_in_place(tmp_path / "work", tmp_path / "runs" / "01_small", {"input_hash": "h"})
    with pytest.raises(InputError, match="01_small: lac wrote this for something else"):
        go(tmp_path / "runs", jobs.make(small(), {}))
    assert "01_small (" not in capsys.readouterr().err


def test_a_run_that_holds_what_another_reads_is_not_replaced(small, tmp_path):
    out, notebook = tmp_path / "runs", small()
    assert go(out, jobs.make(notebook, {})) == 0
    own, before = out / "01_small" / "finding.json", estimate(out, "01_small")
    with pytest.raises(InputError, match=r"finding\.json: the run would replace what is read"):
        go(out, jobs.make(notebook, {}), force=True, inputs=[own])
    assert estimate(out, "01_small") == before
    (out / "sweeps").write_text("mine")
    (tmp_path / "s.yml").write_text(json.dumps({"notebooks": [str(notebook)]}))
    with pytest.raises(InputError, match="sweeps: lac did not write this"):
        sweep.run(sweep.read(tmp_path / "s.yml"), out, force=True)


def test_a_finding_whose_pictures_are_no_list_and_a_blank_error_are_one_line(
    write_notebook, tmp_path, capsys
):
    parameters = "output: str = ''  # folder"
    odd = write_notebook("01_odd", parameters, FINDING.replace("{}", '{"pictures": 5}'))
    blank = write_notebook("02_blank", parameters, "raise ValueError(' \u200b')")
    assert go(tmp_path / "runs", jobs.make(odd, {}), jobs.make(blank, {})) == 1
    said = capsys.readouterr().err
    assert "01_odd: pictures of its finding.json: 5" in said
    assert "ValueError: the notebook shows why (see" in said


def test_what_is_put_into_a_run_while_it_is_at_work_survives(small, tmp_path, capsys):
    out = tmp_path / "runs"
    assert go(out, jobs.make(small(), {})) == 0
    notes = out / "01_small" / "notes.txt"
    small("01_small", f"import pathlib; pathlib.Path({str(notes)!r}).write_text('mine')")
    assert go(out, jobs.make(tmp_path / "notebooks" / "01_small.ipynb", {})) == 2
    assert "lac did not write this" in capsys.readouterr().err
    assert notes.read_text() == "mine" and estimate(out, "01_small") == 1


def test_a_run_whose_name_ends_as_that_of_a_failed_one_stays(write_notebook, tmp_path):
    out = tmp_path / "runs"
    parameters = "text: str = ''  # a text\nx: int = 1  # a number\noutput: str = ''  # folder"
    notebook = write_notebook("01_small", parameters, FINDING)
    both = [jobs.make(notebook, {"text": text}) for text in ("x.failed", "x")]
    assert [go(out, job) for job in both] == [0, 0]
    assert all((out / job.name / "finding.json").is_file() for job in both)


def test_what_is_written_into_the_lock_meanwhile_stays(tmp_path):
    lock = tmp_path / ".lac.lock"
    with outputs.alone(tmp_path):
        lock.write_text("mine")
    assert lock.read_text() == "mine"
    lock.unlink()
    with outputs.alone(tmp_path):
        (tmp_path / "n").write_text("")
        (tmp_path / "n").replace(lock)
    assert lock.exists()


@pytest.mark.parametrize("kind", ["a folder", "a link"])
def test_a_lock_that_is_none_is_one_line(small, tmp_path, kind):
    out = tmp_path / "runs"
    out.mkdir()
    target = tmp_path / "thesis.txt"
    target.write_text("mine")
    lock = out / ".lac.lock"
    lock.mkdir() if kind == "a folder" else lock.symlink_to(target)
    with pytest.raises(InputError, match="not a lock of lac"):
        go(out, jobs.make(small(), {}))
    assert target.read_text() == "mine" and lock.exists()


def test_a_run_whose_own_table_changes_meanwhile_has_failed(write_notebook, tmp_path, capsys):
    mine = tmp_path / "mine.csv"
    mine.write_text("a")
    notebook = write_notebook(
        "01_n", "engagements: str = ''  # table\noutput: str = ''  # folder",
        "import pathlib; pathlib.Path(engagements).write_text('b')",
        "pathlib.Path(output, 'finding.json').write_text('{}')",
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lac_analysis.sources.own.read", lambda path: None)
        assert go(tmp_path / "runs", jobs.make(notebook, {"engagements": str(mine)})) == 2
    assert "changed while it ran" in capsys.readouterr().err


# -- runs that read others ------------------------------------------------------------------------


@pytest.fixture
def project(small, write_notebook, tmp_path, monkeypatch):
    """A plan of two claims, their notebooks, and one that reads their findings."""
    folder, plan = tmp_path / "notebooks", tmp_path / "claims.yml"
    plan.write_text(
        "windows: {report: [2000, 2020], out_of_sample: [2021, 2025]}\nseed: 1\nclaims:\n"
        "  web: {number: 1, primary: {}}\n  more: {number: 01b, primary: {x: 4}}\n"
    )
    monkeypatch.setattr(config, "CLAIMS_FILE", plan)
    monkeypatch.setattr(config, "NOTEBOOKS", folder)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    monkeypatch.setattr(config, "PACKAGE", tmp_path / "lac_analysis")
    monkeypatch.setattr(config, "RAW", tmp_path / "raw")
    (tmp_path / "uv.lock").touch()
    small("01_web")
    small("01b_more")
    write_notebook(
        "99_all",
        "x: str = 'primary'  # which\nruns: str = ''  # folder\noutput: str = ''  # folder",
        "import json, pathlib\n"
        "found = {p.parent.name: json.loads(p.read_text())['estimate'] for p in "
        "sorted(pathlib.Path(runs).glob('*/finding.json'))} if runs else {}\n"
        "pathlib.Path(output, 'finding.json').write_text(json.dumps(found))",
        lac={"needs": "claims"},
    )  # fmt: skip
    return folder


def test_a_notebook_reads_what_the_runs_of_the_claims_have_just_written(project, tmp_path):
    out = tmp_path / "runs"
    assert go(out, *jobs.plan([project / "99_all.ipynb"], {})) == 0
    found = json.loads((out / "99_all" / "finding.json").read_text())
    assert found == {"01_web": 1, "01b_more": 4}  # the second by its plan, not its default
    assert {path.name for path in out.iterdir()} == {"01_web", "01b_more", "99_all"}
    manifest = cache.read(out / "99_all")
    assert "needs/01_web/finding.json" in manifest["inputs"]
    assert set(manifest["outputs"]) == {"99_all.ipynb", "finding.json"}
    assert go(out, *jobs.plan([project / "99_all.ipynb"], {})) == 0
    assert cache.read(out / "99_all") == manifest


def test_it_runs_again_where_a_finding_is_another_and_not_where_it_is_the_same(
    project, small, tmp_path
):
    out = tmp_path / "runs"
    planned = jobs.plan([project / "99_all.ipynb"], {})
    assert go(out, *planned) == 0
    before = cache.read(out / "99_all")
    small("01_web", "1 + 1")  # other code, same finding
    assert go(out, *planned) == 0 and cache.read(out / "99_all") == before
    small("01_web", "x = 9")
    assert run.pending(planned, out)
    assert go(out, *planned) == 0
    assert json.loads((out / "99_all" / "finding.json").read_text())["01_web"] == 9


def test_values_that_are_shared_are_passed_on_and_a_failure_is_told(
    project, small, tmp_path, capsys
):
    out = tmp_path / "runs"
    (job,) = jobs.plan([project / "99_all.ipynb"], {"x": "6"})
    assert [(other.name, other.values) for other in jobs.needed(job)] == [
        ("01_web@x=6", {"x": 6}), ("01b_more@x=6", {"x": 6})]  # fmt: skip
    small("01_web", "1 / 0")
    assert go(out, job) == 1
    assert "MissingInput: it reads 01_web@x=6, which failed" in capsys.readouterr().err
    assert not (out / job.name).exists() and (out / "01b_more@x=6").exists()


def test_a_notebook_saved_with_other_defaults_is_not_the_plans(project, small, tmp_path, capsys):
    more = project / "01b_more.ipynb"
    (saved,) = jobs.plan([more], {})
    assert saved.name == "01b_more@x=1" and jobs.plan([more], {"x": 4})[0].name == "01b_more"
    (planned,) = jobs.of_the_plan([more])
    assert (planned.name, planned.given) == ("01b_more", {"x": 4})
    assert go(tmp_path / "runs", planned) == 0 and estimate(tmp_path / "runs", "01b_more") == 4
    assert "01b_more.ipynb is saved with x = 1 (the plan: 4)" in capsys.readouterr().err


def test_two_notebooks_of_one_name_or_number_are_refused(project, small):
    for name in ("12_web", "01_other"):
        path = small(name)
        with pytest.raises(InputError, match="two notebooks of one name or number"):
            suite.every(project)
        path.unlink()


def test_a_run_ends_with_each_findings_sentence_and_its_folder(write_notebook, tmp_path, capsys):
    finding = (
        "import json, pathlib; pathlib.Path(output, 'finding.json').write_text(json.dumps({}))"
    )
    said = finding.replace("{}", "{'sentence': 'Rate ratio: 2.'}")
    head = "output: str = ''  # folder"
    paths = [
        str(write_notebook("01_said", head, said)),
        str(write_notebook("02_mute", head, finding)),
    ]
    for _ in range(2):  # and again where there is nothing to do
        assert cli.main(["run", *paths, "--out", str(tmp_path / "runs")]) == 0
        shown = capsys.readouterr().out.splitlines()
        assert shown == [
            f"{tmp_path}/runs/01_said: Rate ratio: 2.",
            f"{tmp_path}/runs/02_mute: done",
        ]


def test_a_finding_of_before_is_not_shown_for_a_run_that_failed(small, tmp_path, capsys):
    path = small("01_n")
    assert cli.main(["run", str(path), "--out", str(tmp_path / "runs")]) == 0
    capsys.readouterr()
    small("01_n", "raise ValueError('no')")
    assert cli.main(["run", str(path), "--out", str(tmp_path / "runs")]) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_what_a_notebook_leaves_in_its_folder_goes_with_it_however_deep(small, tmp_path, capsys):
    deep = "import os; here = os.getcwd()\nfor _ in range(1500): os.mkdir('d'); os.chdir('d')\n"
    path = small("01_n", f"{deep}os.chdir(here); raise ValueError('no')")
    assert cli.main(["run", str(path), "--out", str(tmp_path / "runs")]) == 1
    assert [each.name for each in (tmp_path / "runs").iterdir()] == ["01_n.failed"]
    assert "Traceback" not in capsys.readouterr().err


def test_a_run_that_leaves_a_link_has_failed(small, tmp_path, capsys):
    notebook = small("01_small", "import os; os.symlink('/etc/hostname', 'x.txt')")
    assert go(tmp_path / "runs", jobs.make(notebook, {})) == 2
    assert "x.txt: a link, a pipe or a device" in "".join(capsys.readouterr())
    assert not (tmp_path / "runs" / "01_small").exists() and not left_over(tmp_path / "runs")
    assert (tmp_path / "runs" / "01_small.failed" / "01_small.ipynb").is_file()


def test_a_notebook_that_names_no_kernel_runs(write_notebook, tmp_path):
    head = "output: str = ''  # folder\nn: int = 1  # number"
    leave = "import pathlib; pathlib.Path(output, 'finding.json').write_text('{}')"
    path = write_notebook("plain", head, "assert n == 3", leave)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"metadata": {}}))
    assert cli.main(["run", str(path), "-p", "n=3", "--out", str(tmp_path / "runs")]) == 0


@pytest.mark.parametrize("where", ["out", "folder", "value"])
def test_what_no_notebook_can_hold_is_refused_before_a_kernel_starts(
    write_notebook, tmp_path, capsys, where
):
    byte = "\udcff"  # as Python reads a byte of a name that is no UTF-8
    folder = tmp_path / (byte if where == "folder" else "notebooks")
    head = "output: str = ''  # folder\nword: str = 'a'  # word"
    path = write_notebook("word", head, "word", folder=folder)
    out = tmp_path / (byte if where == "out" else "runs")
    more = ["-p", f"word={byte}"] if where == "value" else []
    assert cli.main(["run", str(path), "--out", str(out), *more]) == 2
    assert "Expected: letters that UTF-8 can write" in capsys.readouterr().err
    assert not out.exists()
