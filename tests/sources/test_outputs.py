"""No command replaces, empties or follows anything of the user's, and none leaves a part."""

import errno
import os

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from lac_analysis import cli, files, outputs
from lac_analysis.charts import Picture
from lac_analysis.errors import InputError
from lac_analysis.records import schema

COMMANDS = {
    "check": ("check", "{file}", "--json", "{out}"),
    "import": ("import", "twins", "{towns}", "-o", "{out}.csv"),
    "code": ("code", "{file}", "-o", "{out}.csv"),
    "clean": ("clean", "{file}", "-o", "{out}.parquet"),
    "template": ("template", "{out}.xlsx"),
}
SUFFIX = {"check": "", "import": ".csv", "code": ".csv", "clean": ".parquet", "template": ".xlsx"}


@pytest.fixture
def run(tmp_path, record, capsys):
    record().to_csv(tmp_path / "mine.csv", index=False)
    towns = "city1,country1,city2,country2\nLa Plata,Argentina,Chengdu,China\n"
    (tmp_path / "towns.csv").write_text(towns)

    def command(name, out):
        words = {"file": tmp_path / "mine.csv", "towns": tmp_path / "towns.csv", "out": out}
        code = cli.main([part.format(**words) for part in COMMANDS[name]])
        return code, capsys.readouterr().err

    return command


def refused(result, says):
    code, said = result
    assert code == 2 and said.count("\n") == 1 and says in said and "Traceback" not in said


def listing(folder):
    return sorted((p.name, p.read_bytes() if p.is_file() else b"") for p in folder.rglob("*"))


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("way", [".", "gone/.."])
def test_it_writes_a_new_regular_file_and_no_other(run, tmp_path, name, way):
    before = {path.name for path in tmp_path.iterdir()}
    assert run(name, f"{tmp_path}/{way}/out")[0] == 0
    new = {path.name for path in tmp_path.iterdir()} - before
    assert new - {"out.losses.csv"} == {f"out{SUFFIX[name]}"}
    assert all(path.is_file() and not path.is_symlink() for path in tmp_path.iterdir())


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("kind", ["file", "folder", "full folder", "link", "dangling link"])
def test_what_is_there_stays(run, tmp_path, name, kind):
    out, notes = tmp_path / f"out{SUFFIX[name]}", tmp_path / "notes.txt"
    notes.write_text("mine")
    if kind == "file":
        out.write_text("thesis")
    elif kind == "link":
        out.symlink_to(notes)
    elif kind == "dangling link":
        out.symlink_to(tmp_path / "nowhere")
    else:
        out.mkdir()
        if kind == "full folder":
            (out / "thesis.txt").write_text("thesis")
    before = listing(tmp_path)
    refused(run(name, tmp_path / "out"), "is not replaced")
    assert listing(tmp_path) == before


@pytest.mark.parametrize("name", COMMANDS)
def test_what_another_makes_meanwhile_stays(run, tmp_path, monkeypatch, name):
    out, real = tmp_path / f"out{SUFFIX[name]}", outputs.put_new

    def put_new(made, path):
        if path == out:
            out.write_text("thesis")
        return real(made, path)

    before = listing(tmp_path)
    monkeypatch.setattr(outputs, "put_new", put_new)
    refused(run(name, tmp_path / "out"), "is not replaced")
    assert listing(tmp_path) == sorted([*before, (out.name, b"thesis")])


@pytest.mark.parametrize("name", ["import", "code", "clean"])
def test_a_table_that_is_refused_leaves_no_new_folder(run, tmp_path, name):
    for table in ("mine.csv", "towns.csv"):
        (tmp_path / table).write_text("a,b\n1\n")
    before = listing(tmp_path)
    code, said = run(name, tmp_path / "new" / "deep" / "out")
    assert (code, said.count("\n"), listing(tmp_path)) == (2, 1, before)


@pytest.mark.parametrize(
    ("name", "beside", "during"),
    [
        ("import", "out.losses.csv", "lac_analysis.records.schema.problems"),
        ("clean", "out.left_out.csv", "lac_analysis.records.schema.problems"),
        ("template", "out.xlsx", "lac_analysis.records.schema.allowed"),
    ],
)
def test_what_another_makes_while_the_rows_are_read_stays(
    run, record, tmp_path, monkeypatch, name, beside, during
):
    real = getattr(schema, during.rpartition(".")[2])

    def work(*arguments):
        (tmp_path / beside).write_text("thesis")
        return real(*arguments)

    record(lac_iso3=["ARG", ""]).to_csv(tmp_path / "mine.csv", index=False)
    before = listing(tmp_path)
    monkeypatch.setattr(during, work)
    refused(run(name, tmp_path / "out"), "is not replaced")
    assert listing(tmp_path) == sorted([*before, (beside, b"thesis")])


@pytest.mark.parametrize("name", ["years.csv", "years.png", "finding.json"])
def test_what_a_notebook_saves_replaces_nothing(tmp_path, name):
    (tmp_path / name).write_text("mine")
    picture = Picture("years", plt.figure(), pd.DataFrame({"a": [1]}), "Words", {})
    with pytest.raises(InputError, match=f"{name}: it is there already"):
        files.save({}, [picture], tmp_path)
    assert (tmp_path / name).read_text() == "mine"


def test_an_input_is_never_an_output(run, tmp_path):
    (tmp_path / "mine.losses.csv").write_text("city1,country1,city2,country2\na,b,c,d\n")
    before = listing(tmp_path)
    mine = str(tmp_path / "mine.csv")
    for arguments in (
        ["check", mine, "--json", mine],
        ["check", mine, "--json", str(tmp_path / "." / "mine.csv")],
        ["import", "gcdf", mine, "-o", mine],
        ["import", "twins", str(tmp_path / "mine.losses.csv"), "-o", str(tmp_path / "mine.csv")],
        [
            "import",
            "twins",
            str(tmp_path / "mine.losses.csv"),
            "-o",
            str(tmp_path / "mine.csv.csv"),
        ],
        ["code", mine, "-o", mine],
    ):
        assert cli.main(arguments) in ((0, 2) if arguments[-1].endswith(".csv.csv") else (2,))
    assert [entry for entry in listing(tmp_path) if entry in before] == before


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("out", ["", "x" * 300, "mine.csv/out", "/proc/out", "a\0b", ".."])
def test_a_place_that_cannot_be_written_is_one_line(run, tmp_path, monkeypatch, name, out):
    monkeypatch.chdir(tmp_path)
    before = listing(tmp_path)
    code, said = run(name, out)
    if out in ("", "..") and name != "check":  # '.csv' and '...csv' are names of files
        return
    assert code == 2 and said.count("\n") == 1 and "Traceback" not in said
    assert listing(tmp_path) == before


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
def test_a_device_is_no_output(run, device):
    refused(run("check", device), "is not replaced")
    assert not os.path.isfile(device)


@pytest.mark.parametrize("name", ["import", "code", "clean"])
def test_a_full_disk_leaves_nothing(run, tmp_path, monkeypatch, name):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = listing(tmp_path)
    for name_of in ("link", "replace"):
        monkeypatch.setattr(files.os, name_of, full)
    code, said = run(name, tmp_path / "out")
    assert code == 1 and "disk is full" in said
    assert listing(tmp_path) == before


def test_the_rule(tmp_path):
    (tmp_path / "in.csv").write_text("a\n1\n")
    assert outputs.claim_output(tmp_path / "new" / "out.csv", [tmp_path / "in.csv"], ".csv")
    assert not (tmp_path / "new").exists()
    for path in (tmp_path / "in.csv", tmp_path, tmp_path / "in.csv" / "x.csv", ""):
        with pytest.raises(InputError):
            outputs.claim_output(path, [tmp_path / "in.csv"])
