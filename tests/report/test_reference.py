"""What is published, stopped at every step: the next publication leaves what an undisturbed one
leaves.
"""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from lac_analysis import cli, config, files, manifests, outputs
from lac_analysis.batch import run as runner
from lac_analysis.claims.plan import load
from lac_analysis.errors import InputError
from lac_analysis.report import reference

RUNS = {  # of the second publication, which no longer makes b.png and the pictures of 02_gone
    "01_kept": {
        "a.png": "new",
        "a.csv": "x\n2\n",
        "t_table.csv": "y\n3\n",
        "finding.json": "{}",
        "notes.txt": "-",
    },
    "03_new": {"c.png": "c", "finding.json": "{}"},
}
BEFORE = {
    "01_kept": {"a.png": "old", "b.png": "b", "a.csv": "x\n1\n", "finding.json": "{}"},
    "02_gone": {"d.svg": "d", "u_table.csv": "z\n1\n", "finding.json": "{}"},
}


class Stop(Exception):
    """Power off."""


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    """Raw tables of one row."""
    row = pd.DataFrame({"table": ["t"], "key": ["k"], "digest": ["d"]})
    monkeypatch.setattr(reference, "raw_rows", lambda: row)


def runs(folder: Path, content: dict) -> Path:
    for name, made in content.items():
        for file, text in made.items():
            files.write_text(folder / name / file, text)
        manifests.write(folder / name / "manifest.json", {"inputs": {"notebook": name}})
    return folder


def left(out: Path) -> dict:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }


def test_a_publication_stopped_at_any_step_is_completed_by_the_next(tmp_path, monkeypatch):
    old, new = runs(tmp_path / "old", BEFORE), runs(tmp_path / "new", RUNS)
    steps, limit = 0, 0

    def counted(function):
        def step(*args, **kwargs):
            nonlocal steps
            is_of_lock = Path(args[0]).name == ".lac.lock"
            steps += not is_of_lock
            if steps > limit and not is_of_lock:
                raise Stop
            return function(*args, **kwargs)

        return step

    over, unlink = outputs.put_over, Path.unlink
    results = []
    while True:
        out = tmp_path / f"out{limit}"
        reference.publish(old, list(BEFORE), out)
        files.write_text(out / "figures" / "mine.png", "of somebody else")
        steps = 0
        with monkeypatch.context() as patch:
            patch.setattr(outputs, "put_over", counted(over))
            patch.setattr(Path, "unlink", counted(unlink))
            try:
                reference.publish(new, list(RUNS), out)
                stopped = False
            except Stop:
                stopped = True
        reference.publish(new, list(RUNS), out)
        results.append(left(out))
        if not stopped:
            break
        limit += 1
    assert limit > 8 and all(result == results[-1] for result in results)
    assert set(results[-1]) == {
        "figures/01_kept/a.png", "figures/01_kept/a.csv", "figures/03_new/c.png",
        "figures/mine.png", "data/reference/01_kept.json", "data/reference/03_new.json",
        "data/reference/t.csv",
        "data/reference/manifest.json", "data/reference/raw_rows.csv",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["figures/01_kept/a.png", "data/reference/03_new.json", "data/reference/manifest.json"],
)
def test_a_file_of_the_users_in_the_way_is_refused_and_nothing_is_written(tmp_path, name):
    out, made = tmp_path / "out", runs(tmp_path / "runs", RUNS)
    files.write_text(out / name, "mine")
    with pytest.raises(InputError, match="did not write this"):
        reference.publish(made, list(RUNS), out)
    assert left(out) == {name: b"mine"}


@pytest.mark.parametrize("name", ["figures", "figures/01_kept", "data"])
def test_a_file_of_the_users_where_a_folder_should_be_is_refused_alone(tmp_path, name):
    out, made = tmp_path / "out", runs(tmp_path / "runs", RUNS)
    files.write_text(out / name, "mine")
    before = sorted(out.rglob("*"))
    with pytest.raises(InputError, match="cannot be written"):
        reference.publish(made, list(RUNS), out)
    assert left(out) == {name: b"mine"} and sorted(out.rglob("*")) == before


@pytest.mark.parametrize("name", ["figures", "figures/01_kept", "data/reference", "data"])
def test_nothing_is_written_or_removed_through_a_link(tmp_path, name):
    out, archive = tmp_path / "out", tmp_path / "archive"
    reference.publish(runs(tmp_path / "old", BEFORE), list(BEFORE), out)
    (out / name).rename(archive)
    (out / name).symlink_to(archive)
    before = left(archive)
    with pytest.raises(InputError, match="did not write this"):
        reference.publish(runs(tmp_path / "new", RUNS), list(RUNS), out)
    assert left(archive) == before and (out / name).is_symlink()


@pytest.mark.parametrize("name", ["figures/01_kept/b.png", "figures/02_gone"])
def test_what_no_run_makes_any_more_stays_where_it_is_linked(tmp_path, name):
    out, archive = tmp_path / "out", tmp_path / "archive"
    reference.publish(runs(tmp_path / "old", BEFORE), list(BEFORE), out)
    (out / name).rename(archive)
    (out / name).symlink_to(archive)
    reference.publish(runs(tmp_path / "new", RUNS), list(RUNS), out)
    assert (out / name).is_symlink() and (archive.is_file() or list(archive.iterdir()))


def test_a_published_file_that_was_changed_since_is_refused(tmp_path):
    out, made = tmp_path / "out", runs(tmp_path / "runs", RUNS)
    reference.publish(made, list(RUNS), out)
    reference.publish(made, list(RUNS), out)
    (out / "figures" / "01_kept" / "a.png").write_text("edited")
    with pytest.raises(InputError, match="changed since"):
        reference.publish(made, list(RUNS), out)


def test_a_file_where_a_picture_is_to_go_is_refused_before_a_notebook_runs(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(runner, "run_all", lambda *_, **__: pytest.fail("a notebook would run"))
    path = tmp_path / "figures" / "07_reach" / "countries.png"
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert cli.main(["reproduce", "--out", str(tmp_path)]) == 2
    assert (
        f"{path}: lac did not write this" in capsys.readouterr().err and path.read_text() == "mine"
    )


@pytest.mark.parametrize("name", ["figures", "data/reference"])
def test_a_link_where_pictures_are_to_go_is_refused_before_a_notebook_runs(
    name, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(runner, "run_all", lambda *_, **__: pytest.fail("a notebook would run"))
    mine, link = tmp_path / "mine", tmp_path / "out" / name
    mine.mkdir()
    link.parent.mkdir(parents=True)
    link.symlink_to(mine)
    assert cli.main(["reproduce", "--out", str(tmp_path / "out")]) == 2
    assert f"{link}: lac did not write this" in capsys.readouterr().err
    assert link.is_symlink() and not any(mine.iterdir())


def test_folders_of_the_users_stay_even_if_they_are_empty(tmp_path):
    out = tmp_path / "out"
    reference.publish(runs(tmp_path / "old", BEFORE), list(BEFORE), out)
    (out / "figures" / "mine").mkdir()
    reference.publish(runs(tmp_path / "new", RUNS), list(RUNS), out)
    assert (out / "figures" / "mine").is_dir() and not (out / "figures" / "02_gone").exists()


def test_what_is_published_is_known_until_a_file_of_it_or_a_run_changes(tmp_path):
    out, made = tmp_path / "out", runs(tmp_path / "runs", RUNS)
    assert not reference.is_published(out, made, list(RUNS))
    reference.publish(made, list(RUNS), out)
    assert reference.is_published(out, made, list(RUNS))
    (made / "03_new" / "manifest.json").unlink()
    manifests.write(made / "03_new" / "manifest.json", {"key": "another"})
    assert not reference.is_published(out, made, list(RUNS))
    reference.publish(made, list(RUNS), out)
    (out / "figures" / "03_new" / "c.png").unlink()
    assert not reference.is_published(out, made, list(RUNS))


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\0"])
def test_a_reference_that_is_none_is_one_message(tmp_path, content):
    folder = tmp_path / "data" / "reference"
    folder.mkdir(parents=True)
    (folder / "raw_rows.csv").write_bytes(content)
    with pytest.raises(InputError, match="not a table of a reference run"):
        reference.changed_rows(folder)


def test_a_verdict_that_somebody_wrote_into_the_table_is_not_shown(tmp_path):
    folder = tmp_path / "data" / "reference"
    shutil.copytree(config.REFERENCE, folder)
    assert len(reference.verdicts(tmp_path)) == len(load())
    table = (folder / "verdicts.csv").read_text()
    (folder / "verdicts.csv").write_text(table.replace("inconclusive", "supported", 1))
    with pytest.raises(InputError, match="not as the reference run wrote it"):
        reference.verdicts(tmp_path)


@pytest.mark.parametrize("name", ["figures", "data", "docs", "figures/07_reach"])
def test_a_file_where_a_folder_is_to_be_is_refused_before_anything_runs(tmp_path, name):
    files.write_bytes(tmp_path / name, b"mine")
    with pytest.raises(InputError, match="leaves it alone"):
        reference.refuse_foreign(tmp_path)


@pytest.mark.parametrize("name", ["figures/03_new/c.png", "figures/01_kept/a.png"])
def test_what_somebody_saves_while_a_publication_is_at_work_stays(tmp_path, monkeypatch, name):
    out, real = tmp_path / "out", manifests.put
    reference.publish(runs(tmp_path / "old", BEFORE), list(BEFORE), out)

    def meanwhile(*arguments):
        files.write_bytes(out / name, b"mine", replace=True)
        return real(*arguments)

    monkeypatch.setattr(manifests, "put", meanwhile)
    with pytest.raises(InputError, match="leaves it alone"):
        reference.publish(runs(tmp_path / "new", RUNS), list(RUNS), out)
    assert (out / name).read_bytes() == b"mine"
