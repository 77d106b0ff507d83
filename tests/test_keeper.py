"""What is removed with a command, and what is not."""

import errno
import os
import subprocess
import sys
import time

import pytest

from lac_analysis import keeper, outputs


def test_a_folder_goes_with_what_is_in_it_but_not_with_what_a_link_leads_to(tmp_path):
    ours, mine = tmp_path / "ours", tmp_path / "mine"
    (ours / "a" / "b").mkdir(parents=True)
    (ours / "a" / ".1").mkdir()
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    (ours / "a" / "link").symlink_to(mine)
    (ours / "a" / "b" / "file.txt").write_text("ours")
    os.chmod(ours / "a" / "b", 0o555)
    os.chmod(ours / "a", 0o555)
    keeper.remove(str(ours))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    (tmp_path / "link").symlink_to(mine)
    keeper.remove(str(tmp_path / "link"))
    keeper.remove(str(tmp_path / "absent"))
    assert (mine / "notes.txt").read_text() == "mine"


def test_a_folder_goes_however_deep_it_is(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    for _ in range(3_000):
        os.mkdir("below")
        os.chdir("below")
    monkeypatch.chdir(tmp_path)
    keeper.remove(str(tmp_path / "deep"))
    assert not (tmp_path / "deep").exists()


def test_where_no_process_can_be_started_no_folder_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "absent"))
    with pytest.raises(OSError, match="absent"), outputs.unfinished(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_a_folder_goes_with_the_process_that_made_it(tmp_path):
    program = (
        "import os, sys; from lac_analysis import outputs; "
        "outputs.passing_folder(sys.argv[1], '.lac-'); print(os.listdir(sys.argv[1])); "
        "sys.stdout.flush(); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE)
    assert killed.returncode == -9 and b".lac-" in killed.stdout
    until = time.monotonic() + 20
    while list(tmp_path.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_folder_goes_where_the_one_above_it_is_renamed_meanwhile(tmp_path):
    (tmp_path / "work").mkdir()
    with outputs.unfinished(tmp_path / "work") as folder:
        (folder / "half.csv").write_text("half")
        (tmp_path / "work").rename(tmp_path / "old")
        (tmp_path / "work").mkdir()
    assert not list((tmp_path / "old").iterdir()) and not list((tmp_path / "work").iterdir())


def test_a_folder_that_cannot_be_removed_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(keeper, "__file__", os.devnull)  # nor by its process
    monkeypatch.setattr(keeper, "remove", lambda folder: None)
    with outputs.unfinished(tmp_path) as folder:
        pass
    assert capsys.readouterr().err == f"{folder}: it could not be removed\n"


def test_a_full_disk_is_no_bad_input(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "mkdir", full)
    with pytest.raises(OSError, match="No space"), outputs.new_folder(tmp_path / "a" / "b"):
        pass
