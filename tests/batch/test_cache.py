"""A run is up to date by content alone, and a folder is ours by its manifest alone."""

import json
import os
import shutil
from pathlib import Path

import pytest

from lac_analysis import config, files, outputs
from lac_analysis.batch import cache
from lac_analysis.errors import InputError


@pytest.fixture
def key(tmp_path, monkeypatch):
    """A small project, and a function that gives the key of a run in it."""
    package, raw = tmp_path / "lac_analysis", tmp_path / "data" / "raw"
    for folder in (package / "stats", raw):
        folder.mkdir(parents=True)
    names = "claims.yml", "uv.lock", "n.ipynb", "mine.csv", "data/raw/a.csv", "data/raw/SOURCES.md"
    for name in (*names, "lac_analysis/panel.py", "lac_analysis/stats/exact.py"):
        (tmp_path / name).write_text("1")
    for name, path in {
        "ROOT": tmp_path, "PACKAGE": package, "RAW": raw, "CLAIMS_FILE": tmp_path / "claims.yml",
    }.items():  # fmt: skip
        monkeypatch.setattr(config, name, path)

    def key(values=(), own=""):
        hashes = cache.inputs(tmp_path / "n.ipynb", own)
        return cache.key("n", dict(values), hashes)

    return key


@pytest.mark.parametrize(
    ("file", "depends"),
    [
        ("n.ipynb", True), ("lac_analysis/panel.py", True), ("lac_analysis/stats/exact.py", True),
        ("lac_analysis/stats/new.py", True), ("claims.yml", True), ("data/raw/a.csv", True),
        ("uv.lock", True), ("data/raw/SOURCES.md", False), ("mine.csv", False),
    ],
)  # fmt: skip
def test_an_edit_of_what_a_run_may_use_makes_it_stale(key, tmp_path, file, depends):
    before = key()
    (tmp_path / file).write_text("22")
    assert (key() != before) == depends


def test_times_are_no_part_of_it_and_values_and_ones_own_table_are(key, tmp_path):
    before = key()
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    assert key() == before != key({"x": 1})
    mine = str(tmp_path / "mine.csv")
    own = key({"engagements": mine}, mine)
    elsewhere = shutil.copy(mine, tmp_path / "moved.csv")
    assert own == key({"engagements": elsewhere}, elsewhere) != before
    (tmp_path / "mine.csv").write_text("22")
    assert key({"engagements": mine}, mine) != own


@pytest.fixture
def run(tmp_path):
    """A finished run in its place."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "finding.json").write_text("{}")
    (work / "a.csv").write_text("1")
    cache.put_in_place(work, tmp_path / "run", {"key": "k"})
    return tmp_path / "run"


def test_outputs_are_believed_and_not_the_manifest(run):
    assert cache.up_to_date(run, "k") and not cache.up_to_date(run, "other")
    manifest = (run / "manifest.json").read_text()
    for name in ("a.csv", "finding.json"):
        content = (run / name).read_text()
        (run / name).write_text("22")
        assert not cache.up_to_date(run, "k")
        (run / name).unlink()
        assert not cache.up_to_date(run, "k")
        (run / name).write_text(content)
    assert cache.up_to_date(run, "k")
    whole = json.loads(manifest)
    only_one = {"a.csv": whole["outputs"]["a.csv"]}
    for listed in ({}, 3, None, only_one):  # a run must leave its finding
        (run / "manifest.json").write_text(json.dumps(whole | {"outputs": listed}))
        assert not cache.up_to_date(run, "k")
    for broken in ("", "[]", "{}", '{"key": "k"}'):
        (run / "manifest.json").write_text(broken)
        assert not cache.up_to_date(run, "k")


def test_a_folder_is_ours_while_its_manifest_lists_all_that_is_in_it_by_hash(run, tmp_path):
    cache.refuse_foreign(run)
    cache.refuse_foreign(tmp_path / "absent")
    (run / "a.csv").unlink()
    cache.refuse_foreign(run)  # what is gone cannot be destroyed
    (run / "a.csv").symlink_to(tmp_path)
    with pytest.raises(InputError, match=r"a\.csv: lac did not write this"):
        cache.refuse_foreign(run)
    (run / "a.csv").unlink()
    (tmp_path / "link").symlink_to(run)
    with pytest.raises(InputError, match="link: lac did not write this"):
        cache.refuse_foreign(tmp_path / "link")
    (run / "manifest.json").unlink()
    with pytest.raises(InputError, match=r"finding\.json: lac did not write this"):
        cache.remove(run)
    assert (run / "finding.json").exists()


def test_a_folder_in_ours_that_cannot_be_looked_into_is_not_replaced(tmp_path, monkeypatch):
    work, target = tmp_path / "work", tmp_path / "target"
    (work / "sub").mkdir(parents=True)
    (work / "sub" / "a.csv").write_text("a")
    cache.put_in_place(work, target, {"key": "k"})
    real = Path.iterdir

    def iterdir(path):  # as of a folder without permission; the tests may run as root
        if path.name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    with pytest.raises(PermissionError):
        cache.refuse_foreign(target)


def test_an_empty_folder_and_a_manifest_of_another_kind_are_not_ours(run):
    (run / "mine").mkdir()
    with pytest.raises(InputError, match="mine: lac did not write this"):
        cache.refuse_foreign(run)
    (run / "mine").rmdir()
    for path in run.iterdir():
        path.unlink()
    for listed in ("all of them", {"photo.jpg": "0"}):
        (run / "manifest.json").write_text(json.dumps({"outputs": listed}))
        with pytest.raises(InputError, match=r"manifest\.json: lac did not write this"):
            cache.refuse_foreign(run)


def test_a_note_in_the_manifest_itself_is_the_users(run, tmp_path):
    manifest = run / "manifest.json"
    manifest.write_text(json.dumps(files.read_json(manifest) | {"note": "sent to the editor"}))
    with pytest.raises(InputError, match=r"manifest\.json: lac did not write this"):
        cache.refuse_foreign(run)


@pytest.mark.parametrize("folder", ["run", "run/sub"])
def test_the_folder_of_a_run_is_not_moved_away_under_its_user(tmp_path, monkeypatch, folder):
    for name in ("work", "run/sub"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "run" / "sub" / "a.txt").write_text("a")
    monkeypatch.chdir(tmp_path / folder)
    target = Path(os.path.relpath(tmp_path / "run"))
    with pytest.raises(InputError, match="the folder that you are in would be replaced"):
        cache.put_in_place(tmp_path / "work", target, {"key": "k"})
    assert (tmp_path / "run" / "sub" / "a.txt").read_text() == "a"


@pytest.mark.parametrize("there", [{"key": "k"}, {"input_hash": "of an export"}, {}])
def test_a_folder_of_another_kind_is_not_replaced(tmp_path, there):
    for name in ("work", "site"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name)
    cache.put_in_place(tmp_path / "work", tmp_path / "mine", there)
    before = (tmp_path / "mine" / "manifest.json").read_text()
    with pytest.raises(InputError, match="mine: lac wrote this for something else"):
        cache.put_in_place(tmp_path / "site", tmp_path / "mine", {"input_hash": "h", "runs": {}})
    assert (tmp_path / "mine" / "a.txt").read_text() == "work"
    assert (tmp_path / "mine" / "manifest.json").read_text() == before


def test_what_is_saved_into_a_folder_while_it_is_replaced_stays(run, tmp_path, monkeypatch):
    real = os.replace

    def replace(here, there):
        if here == run:  # after the look at what is in it
            (run / "notes.txt").write_text("mine")
        real(here, there)

    monkeypatch.setattr(cache.os, "replace", replace)
    (tmp_path / "work").mkdir()
    with pytest.raises(InputError, match="run: lac did not write this"):
        cache.put_in_place(tmp_path / "work", run, {"key": "another"})
    assert (run / "notes.txt").read_text() == "mine" and cache.up_to_date(run, "k")


def test_an_empty_folder_of_the_users_is_filled_and_stays_the_same(tmp_path):
    (tmp_path / "work" / "sub").mkdir(parents=True)
    (tmp_path / "work" / "sub" / "finding.json").write_text("{}")
    (tmp_path / "work" / "finding.json").write_text("{}")
    (tmp_path / "mine").mkdir(mode=0o700)
    before = (tmp_path / "mine").stat()
    cache.put_in_place(tmp_path / "work", tmp_path / "mine", {"key": "k"})
    after = (tmp_path / "mine").stat()
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    assert cache.up_to_date(tmp_path / "mine", "k")
    cache.refuse_foreign(tmp_path / "mine")


def test_an_empty_folder_that_a_run_leaves_does_not_stop_the_next(tmp_path):
    for _ in range(2):
        (tmp_path / "work" / "empty" / "empty").mkdir(parents=True)
        (tmp_path / "work" / "finding.json").write_text("{}")
        cache.put_in_place(tmp_path / "work", tmp_path / "run", {})


def test_a_manifest_too_deep_to_be_read_is_none(tmp_path):
    (tmp_path / "manifest.json").write_text("[" * 200_000)
    assert cache.read(tmp_path) == {}


def test_a_manifest_that_is_a_link_is_none_of_ours(run, tmp_path):
    (run / "manifest.json").rename(tmp_path / "mine.json")
    (run / "manifest.json").symlink_to(tmp_path / "mine.json")
    assert cache.read(run) == {}
    (tmp_path / "work").mkdir()
    with pytest.raises(InputError, match="lac did not write this"):
        cache.put_in_place(tmp_path / "work", run, {"key": "k"})
    assert (run / "manifest.json").is_symlink() and (tmp_path / "mine.json").is_file()


@pytest.mark.parametrize("kind", ["link", "dangling link", "link to a folder", "pipe"])
def test_what_no_manifest_can_tell_of_is_not_put_in_place(tmp_path, kind):
    left = tmp_path / "work" / "sub" / "x"
    left.parent.mkdir(parents=True)
    (tmp_path / "mine.txt").write_text("mine")
    to = {"link": "mine.txt", "dangling link": "nowhere", "link to a folder": "."}
    os.mkfifo(left) if kind == "pipe" else left.symlink_to(tmp_path / to[kind])
    with pytest.raises(InputError, match="sub/x: a link, a pipe or a device"):
        cache.put_in_place(tmp_path / "work", tmp_path / "run", {"key": "k"})
    assert not (tmp_path / "run").exists()


def test_a_link_in_the_place_of_the_new_folder_is_not_put_in_place(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "mine")
    with pytest.raises(InputError, match="a link in the place"):
        cache.put_in_place(tmp_path / "work", tmp_path / "run", {"key": "k"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "work"]


def test_a_folder_that_cannot_be_moved_leaves_no_new_one(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "made").mkdir()
    monkeypatch.setattr(Path, "rename", refused)
    monkeypatch.setattr(files.os, "replace", refused)
    with pytest.raises(PermissionError):
        outputs.put_new(tmp_path / "made", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_folder_that_is_read_only_is_refused_before_anything_runs(run, monkeypatch):
    monkeypatch.setattr(files.os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(InputError, match="it cannot be written"):
        cache.refuse_foreign(run)


@pytest.mark.parametrize("name", ["b.csv", "sub"])
def test_what_is_saved_into_an_empty_folder_while_it_is_filled_stays(tmp_path, monkeypatch, name):
    (tmp_path / "work" / "sub").mkdir(parents=True)
    for path in ("a.csv", "b.csv", "sub/c.csv"):
        (tmp_path / "work" / path).write_text("ours")
    mine, real = tmp_path / "mine", os.link
    mine.mkdir()

    def link(here, there):
        if there == mine / "a.csv":
            (mine / name).write_text("mine")
        real(here, there)

    monkeypatch.setattr(files.os, "link", link)
    with pytest.raises(InputError, match=f"{name}: it is there already"):
        cache.put_in_place(tmp_path / "work", mine, {"key": "k"})
    assert [path.name for path in mine.iterdir()] == [name]
    assert (mine / name).read_text() == "mine"
