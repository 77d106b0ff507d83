"""`lac reproduce` killed at any moment, or twice at once: what is published is whole, and the next
run completes it.
"""

import hashlib
import json
import random
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import LINUX, descendants, ended, files, start

from lac_analysis import config

KILLS = 50
KILLS_WHILE_PUBLISHING = 5  # of figures/ and data/reference/, and as many of the site; both twice
# of them before any notebook is done; then the slow ones are, so that what follows is reached, too
FROM_NOTHING = 10
LONGEST = 20.0  # seconds that a run may work before it is killed
NOTEBOOKS = ("00_data", "07_reach", "08_authority", "99_verdicts")
SLOW = ("08_authority", "99_verdicts")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with four of its notebooks."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(
        config.PACKAGE, folder / "lac_analysis", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(config.RAW, folder / "data" / "raw")
    shutil.copytree(config.ROOT / "docs", folder / "docs")
    (folder / "notebooks").mkdir()
    for name in NOTEBOOKS:
        shutil.copy(config.NOTEBOOKS / f"{name}.ipynb", folder / "notebooks")
    for name in ("claims.yml", "uv.lock", "pyproject.toml"):
        shutil.copy(config.ROOT / name, folder)
    return folder


def reproduce(project: Path, out: Path, **options) -> subprocess.Popen:
    return start(project, "reproduce", "--out", out, "-j", "2", **options)


def published(out: Path) -> dict:
    """What a reproduction leaves for people, by name."""
    found = {path.relative_to(out).as_posix(): content for path, content in files(out).items()}
    return {
        name: content
        for name, content in found.items()
        if name.startswith(("figures/", "data/", "site/"))
    }


def names(folder: Path) -> set:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def clear(project: Path, out: Path, done: Path | None = None) -> None:
    """Begin anew; with `done`, a folder of finished runs, the slow ones are already there."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(project / "data" / "processed", ignore_errors=True)
    for name in SLOW if done else ():
        shutil.copytree(done / name, out / "runs" / name)


@dataclass(frozen=True)
class Whole:
    """What a run that nothing disturbs leaves: published files, names of all files, processed
    tables; its folder.
    """

    content: dict
    names: set
    processed: dict
    out: Path


@pytest.fixture(scope="module")
def undisturbed(project, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    assert ended(reproduce(project, out)) == 0
    processed = files(project / "data" / "processed")
    assert len(published(out)) > 50 and len(processed) > 10
    return Whole(published(out), names(out), processed, out)


def same_as(undisturbed: Whole, project: Path, out: Path) -> None:
    now = published(out)
    assert (
        sorted(
            name
            for name in now | undisturbed.content
            if now.get(name) != undisturbed.content.get(name)
        )
        == []
    )
    assert names(out) ^ undisturbed.names == set()
    assert files(project / "data" / "processed") == undisturbed.processed


@LINUX
@pytest.mark.slow
def test_killed_at_random_moments(project, undisturbed, tmp_path):
    """SIGKILL, again and again; whatever is published is whole, no process lives on, and the last
    run completes it.
    """
    out, moments, kills, completed = tmp_path / "out", random.Random(20201201), 0, 0
    clear(project, out)
    while kills < KILLS:
        process = reproduce(project, out)
        try:
            process.wait(moments.uniform(0, LONGEST))
            assert process.returncode == 0, process.stderr.read()
            same_as(undisturbed, project, out)
            completed += 1
            clear(project, out, undisturbed.out / "runs")
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            for name, content in published(out).items():
                if not Path(name).name.startswith(
                    "."
                ):  # a copy that was not finished: the next run removes it
                    assert content == undisturbed.content[name], name
            deadline = time.monotonic() + 20
            while descendants(project):
                assert time.monotonic() < deadline, "processes outlived the run that started them"
                time.sleep(0.1)
            if kills == FROM_NOTHING:
                clear(project, out, undisturbed.out / "runs")
    assert ended(reproduce(project, out)) == 0
    same_as(undisturbed, project, out)
    print(f"{kills} kills, {completed + 1} completed runs, all equal to the undisturbed one")


OLD = b"old"
MARKED = """
from pathlib import Path
from lac_analysis.report import reference
publish = reference.publish
def marked(*arguments):
    Path({began!r}).touch()
    publish(*arguments)
    Path({published!r}).touch()
reference.publish = marked
"""


def make_older(out: Path) -> None:
    """Let everything in `out` but its runs be of an earlier reproduction, which also left a picture
    that is no more.
    """
    for path in files(out):
        if "runs" not in path.relative_to(out).parts and path.name != "manifest.json":
            path.write_bytes(OLD)
    site, digest = out / "site" / "manifest.json", hashlib.sha256(OLD).hexdigest()
    outputs = dict.fromkeys(json.loads(site.read_text())["outputs"], digest)
    site.write_text(json.dumps({"runs": {}, "outputs": outputs}))
    gone = out / "figures" / "00_data" / "gone.png"
    gone.write_bytes(OLD)
    listed = [
        path.relative_to(out).as_posix()
        for path in files(out)
        if path.name != "manifest.json" and path.relative_to(out).parts[0] in ("data", "figures")
    ]
    (out / "data" / "reference" / "manifest.json").write_text(json.dumps({"files": listed}))


def appears(mark: Path, process: subprocess.Popen) -> float:
    """Wait for a mark. Returns the time when it was there."""
    deadline = time.monotonic() + 120
    while not mark.exists():
        assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
        time.sleep(0.001)
    return time.monotonic()


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize(
    "older", [False, True], ids=["nothing published before", "an older publication there"]
)
def test_killed_while_it_publishes(project, undisturbed, tmp_path, older):
    """The notebooks are done; SIGKILL at moments spread over the publication of figures, findings
    and the site.
    """
    out, marks, moments = (
        tmp_path / "out",
        (tmp_path / "began", tmp_path / "published"),
        random.Random(20201201),
    )
    before = MARKED.format(began=str(marks[0]), published=str(marks[1]))

    def publishing() -> subprocess.Popen:
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(
            undisturbed.out if older else undisturbed.out / "runs", out if older else out / "runs"
        )
        if older:
            make_older(out)
        for mark in marks:
            mark.unlink(missing_ok=True)
        return reproduce(project, out, before=before)

    process = publishing()
    began, middle = (appears(mark, process) for mark in marks)
    assert ended(process) == 0
    lasts = [middle - began, time.monotonic() - middle]
    same_as(undisturbed, project, out)
    all_of_site = {name for name in undisturbed.content if name.startswith("site/")}
    rest = len(undisturbed.content) - len(all_of_site)
    partly = in_site = kills = 0
    for stage in (0, 1):
        while kills < KILLS_WHILE_PUBLISHING * (stage + 1):
            process = publishing()
            appears(marks[stage], process)
            time.sleep(
                lasts[stage]
                * (kills % KILLS_WHILE_PUBLISHING + moments.random())
                / KILLS_WHILE_PUBLISHING
            )
            process.kill()
            if (
                process.wait() == 0
            ):  # too late: the machine has less to do than when it was measured
                lasts[stage] *= 0.7
                continue
            kills += 1
            left = {
                name: content
                for name, content in published(out).items()
                if not Path(name).name.startswith(".")
            }
            new = {
                name for name, content in left.items() if content == undisturbed.content.get(name)
            }
            if older:
                manifests = {"data/reference/manifest.json", "site/manifest.json"}
                assert {left[name] for name in left.keys() - new - manifests} <= {OLD}
            else:
                assert new == left.keys()
            assert {name for name in left if name.startswith("site/")} in (set(), all_of_site)
            assert len(new & all_of_site) in (0, len(all_of_site))
            partly += 0 < len(new - all_of_site) < rest
            in_site += any(path.name.startswith(".lac-") for path in out.iterdir())
            assert ended(reproduce(project, out)) == 0
            same_as(undisturbed, project, out)
    print(
        f"{kills} kills within {lasts[0]:.2f} + {lasts[1]:.1f} s: {partly} left some figures, {in_site} part of a site"
    )
    assert partly + in_site


@pytest.mark.slow
def test_two_runs_at_once(project, undisturbed, tmp_path):
    out = tmp_path / "out"
    clear(project, out)
    both = [reproduce(project, out) for _ in range(2)]
    assert [ended(process) for process in both] == [0, 0]
    same_as(undisturbed, project, out)
