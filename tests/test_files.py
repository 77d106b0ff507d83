import csv
import io
import os

import pandas as pd
import pytest

from lac_analysis import files, manifests, outputs
from lac_analysis.errors import InputError


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = files.write_text(tmp_path / "a.txt", "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        files.write_bytes(path, b"new", replace=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_for_people_runs_no_formula(tmp_path):
    table = pd.DataFrame(
        {"text": ["=1+1", "+a", "-b", "@c", "\td", "fine", None], "number": [-1, 2, 3, 4, 5, 6, 7]}
    )
    table["latitude"] = ["-3e-05", "+5", "-12,5%", "-1+1", "-1\n", "-1.2.3", "-"]
    content = files.write_csv(tmp_path / "t.csv", table).read_text()
    rows = list(csv.reader(io.StringIO(content)))[1:]
    assert [row[0] for row in rows[:6]] == ["'=1+1", "'+a", "'-b", "'@c", "'\td", "fine"]
    assert rows[0][1] == "-1"
    # a number as it stands in a text is no formula
    told = ["-3e-05", "+5", "-12,5%", "'-1+1", "'-1\n", "'-1.2.3", "'-"]
    assert [row[2] for row in rows] == told


def test_hash_depends_on_name_and_content(tmp_path):
    a, b = files.write_text(tmp_path / "a", "x"), files.write_text(tmp_path / "b", "x")
    assert files.sha256(a) != files.sha256(b)
    before = files.sha256(a)
    os.utime(a, (0, 0))
    assert files.sha256(a) == before


def test_json_refuses_what_json_cannot_say(tmp_path):
    with pytest.raises(ValueError):
        files.write_json(tmp_path / "x.json", {"p": float("nan")})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"a: [", b"a:\n\t- b", b"# se\xf1or", b'{"a": 1'])
def test_a_file_of_the_project_that_was_broken_is_one_message(tmp_path, content):
    (tmp_path / "claims.yml").write_bytes(content)
    for read, kind in ((files.read_yaml, "YAML"), (files.read_json, "JSON")):
        with pytest.raises(InputError, match=rf"claims.yml: not a {kind} file"):
            read(tmp_path / "claims.yml")


def test_a_file_that_is_there_is_not_replaced_unless_it_is_said(tmp_path):
    path = files.write_text(tmp_path / "a.txt", "old")
    with pytest.raises(InputError, match="is not replaced"):
        files.write_text(path, "new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    files.write_bytes(path, b"new", replace=True)
    assert path.read_text() == "new"


def test_a_file_that_is_made_at_the_last_moment_is_not_replaced(tmp_path, monkeypatch):
    path, real = tmp_path / "a.txt", os.link

    def link(here, there):
        path.write_text("mine")
        real(here, there)

    monkeypatch.setattr(files.os, "link", link)
    with pytest.raises(InputError, match="is not replaced"):
        files.write_text(path, "ours")
    assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]


def test_a_file_is_written_where_there_are_no_hard_links(tmp_path, monkeypatch):
    def link(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(files.os, "link", link)
    path = files.write_text(tmp_path / "a.txt", "ours")
    with pytest.raises(InputError, match="is not replaced"):
        files.write_text(path, "again")
    assert path.read_text() == "ours" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [1, 18])  # not permitted; another file system
def test_without_hard_links_what_is_made_at_the_last_moment_stays(tmp_path, monkeypatch, number):
    path, real = tmp_path / "a.txt", outputs.claim_output

    def link(*_):
        raise OSError(number, "no hard link")

    def claim(*given):
        real(*given)
        path.write_text("mine")

    monkeypatch.setattr(files.os, "link", link)
    monkeypatch.setattr(outputs, "claim_output", claim)
    with pytest.raises((InputError, FileExistsError)):
        outputs.put_new(files.write_text(tmp_path / "made" / "a.txt", "ours"), path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("at", [0, 1])
def test_of_two_files_none_stays_if_their_writing_is_stopped(tmp_path, monkeypatch, at):
    """Also where the signal comes between the link and the removal of the other name."""
    removed, real = [], files.Path.unlink

    def unlink(path, *given):
        removed.append(path)
        real(path, *given)
        if len(removed) == at + 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(files.Path, "unlink", unlink)
    with pytest.raises(KeyboardInterrupt):
        files.write_all(tmp_path, {"a.csv": b"a", "b.csv": b"b"})
    assert not list(tmp_path.iterdir())


def test_another_file_system_is_one_line_with_the_folder(tmp_path, monkeypatch):
    def link(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(files.os, "link", link)
    with pytest.raises(InputError, match=r"^\S*out: another file system.*a new folder in it"):
        files.write_text(tmp_path / "out" / "a.txt", "ours")


def test_a_long_name_and_a_folder_that_is_a_dangling_link(tmp_path):
    assert files.write_text(tmp_path / ("n" * 250), "x").is_file()
    with pytest.raises(InputError, match="too long"):
        files.write_text(tmp_path / ("n" * 256), "x")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(InputError, match="the folder cannot be written"):
        outputs.claim_output(tmp_path / "link" / "a.txt")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent.csv: no such file"):
        files.require(tmp_path / "absent.csv")


def test_those_who_take_turns_never_take_the_end_of_another_for_a_folder_without_locks(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    def work(_):
        with outputs.alone(tmp_path):
            pass

    with ThreadPoolExecutor(8) as workers:
        assert list(workers.map(work, range(400))) == [None] * 400
    assert not list(tmp_path.iterdir())


def test_the_lock_goes_with_the_work_where_its_folder_is_renamed(tmp_path):
    folder = tmp_path / "a"
    with outputs.alone(folder):
        folder.rename(tmp_path / "b")
    assert [path.name for path in tmp_path.rglob("*")] == ["b"]


def test_a_file_of_ours_is_replaced_and_what_came_meanwhile_stays(tmp_path, monkeypatch):
    path, work, real = tmp_path / "a.txt", tmp_path / "work", os.replace
    path.write_text("old")

    def put(said):
        work.mkdir(exist_ok=True)
        outputs.put_over(
            files.write_text(work / said, said), path, lambda p: p.read_text() == "old"
        )

    put("new")
    assert path.read_text() == "new" and not list(work.iterdir())
    path.write_text("old")

    def replace(here, there):
        if there == path:
            path.write_text("mine")  # by another, in the last moment
        real(here, there)

    monkeypatch.setattr(files.os, "replace", replace)
    with pytest.raises(InputError, match="leaves it alone"):
        put("newer")
    assert path.read_text() == "mine"


@pytest.mark.skipif(os.getuid() != 0, reason="gives a folder to another user")
def test_a_folder_that_root_replaces_keeps_its_owner(tmp_path):
    path, made = tmp_path / "out", tmp_path / "work" / "made"
    path.mkdir(), made.mkdir(parents=True)
    os.chown(path, 1000, 1000)
    outputs.put_over(made, path, lambda _: True)
    assert (path.stat().st_uid, path.stat().st_gid) == (1000, 1000)


def test_a_folder_that_is_replaced_keeps_its_mode_and_group(tmp_path):
    path, made = tmp_path / "out", tmp_path / "work" / "made"
    path.mkdir(), made.mkdir(parents=True)
    group = max([os.getgid(), *os.getgroups(), *([1] if os.getuid() == 0 else [])])
    os.chown(path, -1, group)
    path.chmod(0o2770)
    outputs.put_over(made, path, lambda _: True)
    assert (path.stat().st_mode & 0o7777, path.stat().st_gid) == (0o2770, group)


def test_a_folder_that_is_replaced_keeps_its_access_list(tmp_path):
    name, old, new = "user.note", tmp_path / "out", tmp_path / "made"
    for folder in (old, new):
        folder.mkdir()
    try:
        os.setxattr(old, name, b"mine")
    except OSError:
        pytest.skip("a file system without extended attributes, in which access lists are kept")
    outputs.put_over(new, old, lambda _: True)
    assert os.getxattr(old, name) == b"mine"


def test_a_folder_where_things_may_be_made_and_not_removed_is_told_so(tmp_path, monkeypatch):
    """As `chattr +a` makes it: a new folder cannot be put over the one that was to be ours."""

    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "made").mkdir()
    for name in ("rename", "rmdir"):
        monkeypatch.setattr(files.Path, name, refused)
    with pytest.raises(InputError, match="cannot be written"):
        outputs.put_new(tmp_path / "made", tmp_path / "new")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_was_there_stays_if_its_replacement_is_stopped(tmp_path, monkeypatch, kind):
    path, made = tmp_path / "out", tmp_path / "work" / "made"
    for each, said in ((path, "old"), (made, "new")):
        files.write_text(each / "a.txt" if kind == "folder" else each, said)
    real = os.replace

    def stopped(here, there):
        if here == made:
            raise KeyboardInterrupt
        real(here, there)

    monkeypatch.setattr(files.os, "replace", stopped)
    monkeypatch.setattr(outputs, "put_new", lambda here, there: stopped(here, there))
    with pytest.raises(KeyboardInterrupt):
        outputs.put_over(made, path, lambda _: True)
    assert (path / "a.txt" if kind == "folder" else path).read_text() == "old"


def test_a_manifest_that_another_wrote_meanwhile_stays(tmp_path):
    path, before = tmp_path / "manifest.json", {"a": 1}
    manifests.write(path, before)
    manifests.put(manifests.write(tmp_path / "new", {"a": 2}), path, before)
    assert manifests.read(path) == {"a": 2}
    for known in (before, {}):
        new = manifests.write(tmp_path / f"new{len(known)}", {"a": 3})
        with pytest.raises(InputError, match="is not replaced"):
            manifests.put(new, path, known)
    assert manifests.read(path) == {"a": 2}


def test_an_output_that_is_refused_leaves_no_folder(tmp_path):
    folder = tmp_path / "q" / ("d" * 300)
    with pytest.raises(InputError, match="File name too long"), outputs.alone(folder / "x"):
        pass
    with pytest.raises(InputError, match="File name too long"):
        files.write_text(folder / "x.txt", "x")
    assert not list(tmp_path.iterdir())
