"""Bad input: one clear message, exit code 2, nothing written."""

import os
import re
import shutil
import subprocess
import sys
from functools import partial

import pandas as pd
import pytest

from lac_analysis import cli, config
from lac_analysis.records import build


def refused(capsys, *arguments):
    code = cli.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert code == 2, (code, out, err)
    assert err.startswith("lac: ") and err.count("\n") == 1 and "Traceback" not in err
    return err


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    shutil.copytree(config.RAW, folder)
    return folder


@pytest.fixture
def broken(raw):
    """Change the engagement table of a copy of data/raw."""

    def change(edit):
        path = raw / "engagements.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False).head(20)
        table = edit(table)
        table.to_csv(path, index=False)
        return path

    return change


CASES = {
    "a missing column": (lambda t: t.drop(columns="lac_iso3"), "lac_iso3"),
    "an unknown country": (
        lambda t: t.assign(lac_iso3=["ARG"] * 4 + ["AGR"] + ["ARG"] * 15),
        "row 6, column lac_iso3",
    ),
    "a country outside the region": (lambda t: t.assign(lac_iso3="USA"), "USA"),
    "an impossible date": (
        lambda t: t.assign(date_iso=["2018-02-30", *t["date_iso"][1:]]),
        "2018-02-30",
    ),
    "a year with a letter": (lambda t: t.assign(date_iso=["20O5", *t["date_iso"][1:]]), "20O5"),
    "a repeated record_id": (
        lambda t: t.assign(record_id=["A-1", "A-1", *t["record_id"][2:]]),
        "A-1",
    ),
    "an unknown code": (lambda t: t.assign(activity_type="twining"), "twinning"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_table_stops_the_build_and_writes_nothing(broken, raw, tmp_path, capsys, case):
    edit, named = CASES[case]
    broken(edit)
    out = tmp_path / "processed"
    message = refused(capsys, "build", "--raw", raw, "--out", out)
    assert named in message and "engagements.csv" in message
    assert not out.exists()


@pytest.mark.parametrize("out", ["raw", ".", "link", "raw/boundaries", "link/new/x"])
def test_a_build_is_not_written_among_the_raw_tables(raw, capsys, out):
    (raw.parent / "link").symlink_to(raw)
    before = sorted(raw.parent.rglob("*"))
    message = refused(capsys, "build", "--raw", raw, "--out", raw.parent / out)
    assert "the output would lie among the raw tables" in message
    assert sorted(raw.parent.rglob("*")) == before


def test_a_build_tells_that_its_rows_are_not_those_of_the_reference(raw, tmp_path, capsys):
    table = pd.read_csv(raw / "countries.csv", dtype=str, keep_default_na=False)
    table["area_km2"] = table["area_km2"].mask(table["iso3"] == "ATG", "4420")
    table.to_csv(raw / "countries.csv", index=False)
    assert cli.main(["build", "--raw", str(raw), "--out", str(tmp_path / "processed")]) == 0
    said = "not the reference run's: 1, first countries: ATG was changed\n"
    assert capsys.readouterr().out.endswith(said)


@pytest.mark.parametrize("case", CASES)
def test_a_broken_table_of_ones_own_stops_the_run(broken, tmp_path, capsys, case):
    edit, named = CASES[case]
    path = broken(edit)
    out = tmp_path / "runs"
    assert named in refused(capsys, "run", "authority", "--data", path, "--out", out)
    assert not out.exists() or not any(out.rglob("*.ipynb"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "authority", "-p", "window_strat=2005"], "did you mean window_start"),
        (["run", "authority", "-p", "window_start=soon"], "Expected: int"),
        (["run", "authority", "-p", "collection=most"], "country_queries"),
        (["run", "authority", "-p", "window_start=2021"], "wrong way round"),
        (["run", "authority", "-p", "window_start"], "KEY=VALUE"),
        (["run", "autority"], "authority"),
        (["run", "authority", "--data", "absent.csv"], "absent.csv"),
        (["run", "authority", "-p", "engagements=absent.csv"], "absent.csv"),
        (["run", "no/such.ipynb"], "no such file"),
        (["build", "--raw", "absent"], "absent"),
        (["run", "authority", "-p", "output=elsewhere"], "--out"),
        (["run", "authority", "--forse"], "--force"),
        (["export", "--country", "Peru"], "--countries"),
    ],
)
def test_bad_usage_is_refused(tmp_path, capsys, arguments, named):
    out = tmp_path / "out"
    assert named in refused(capsys, *arguments, "--out", out)
    assert not out.exists() or not any(
        path for path in out.rglob("*") if path.is_file() and path.name != ".lac.lock"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--out", ""],
        ["run", "data", "--out", ""],
        ["report", "--out", ""],
        ["reproduce", "--out", " "],
        ["export", "--out", "x", "--countries", ""],
        ["export", "--out", "x", "--level", "admin1,"],
        ["export", "--out", "x", "--window", ""],
        ["export", "--out", "x", "--text", ""],
        ["export", "--out", "x", "--formats", "csv", "--formats", "dta"],
        ["run", "--data", "a.csv", "--data", "b.csv"],
        ["build", "--force", "--force"],
        ["check", "a.csv", "--encoding", "utf-8", "--encoding", "cp1252"],
    ],
    ids=" ".join,
)
def test_an_option_is_neither_blank_nor_given_twice(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert re.search("nothing is named|given twice", capsys.readouterr().err)
    assert not any(tmp_path.iterdir())


def test_a_file_that_is_no_table_is_refused(tmp_path, capsys):
    for content in (b"", b"\xff\xfe\x00", b"a,b\n1", b"PK\x03\x04"):
        path = tmp_path / "mine.csv"
        path.write_bytes(content)
        assert "mine.csv" in refused(
            capsys, "run", "authority", "--data", path, "--out", tmp_path / "runs"
        )


@pytest.mark.parametrize(
    "how", ["| true", "| head -1", ">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full"], ids=repr
)
def test_a_reader_that_is_gone_is_no_traceback(how):
    for asked in ("verdicts", "--help", "run --help", "--version"):
        command = f"PYTHONIOENCODING=ascii {sys.executable} -m lac_analysis.cli {asked} {how}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        assert "Traceback" not in done.stdout + done.stderr and done.stderr.count("\n") <= 1
        if how == ">/dev/full":
            assert (done.returncode, done.stderr) == (1, "lac: the disk is full\n")


def test_an_epoch_or_a_backend_that_is_wrong_stops_nothing():
    """Libraries that are imported later stop at it."""
    command = [sys.executable, "-m", "lac_analysis.cli", "verdicts"]
    wrong = {"SOURCE_DATE_EPOCH": "", "MPLBACKEND": "Qt4Agg"}
    told = subprocess.run(command, capture_output=True, env=os.environ | wrong)
    assert (told.returncode, told.stderr) == (0, b"")


def test_pandas_without_its_own_type_of_text_changes_no_table():
    old = os.environ | {"PANDAS_FUTURE_INFER_STRING": "0"}
    run = partial(subprocess.run, capture_output=True, env=old, text=True)
    code = "import lac_analysis as lac; print(lac.places(lac.load()).place_id.is_unique)"
    assert run([sys.executable, "-c", code]).stdout == "True\n"
    told = run([sys.executable, "-c", f"import pandas; {code}"])
    assert told.stderr.endswith("infer_string is off. Expected: on, as pandas has it\n")


def test_what_a_function_imports_is_there():
    """Commands import when they run: a name that was moved is found here, not by a user."""
    import ast
    import importlib

    for path in config.PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lac_analysis"):
                module = importlib.import_module(node.module)
                for name in (alias.name for alias in node.names):
                    if not hasattr(module, name):
                        importlib.import_module(f"{node.module}.{name}")


def test_a_fault_of_our_own_is_one_line_that_says_where(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "input_hash", lambda folder: {}["lost"])
    assert cli.main(["build", "--out", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("lac: a fault of lac itself, please report it: KeyError: 'lost'")
    assert error.count("\n") == 1 and "build.py, line" in error


@pytest.mark.parametrize("way", ["-p", "--sweep"])
def test_a_table_named_as_a_parameter_is_read_as_by_data(tmp_path, capsys, way):
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    (tmp_path / "s.yml").write_text(
        f"notebooks: [reach]\nparameters: {{engagements: {tmp_path / 'mine.csv'}}}\n"
        "grid: {window_end: [2019, 2020]}\n"
    )
    named = ["reach", "-p", f"engagements={tmp_path / 'mine.csv'}"]
    arguments = named if way == "-p" else ["--sweep", tmp_path / "s.yml"]
    said = refused(capsys, "run", *arguments, "--out", tmp_path / "runs")
    assert "mine.csv" in said and "missing column" in said


def test_lab_shows_copies_and_opens_what_they_link_to(tmp_path, monkeypatch):
    """A link from lab/ to ../docs/glossary.md lies within what JupyterLab serves."""
    opened = []
    monkeypatch.setattr("jupyterlab.labapp.main", lambda arguments: opened.extend(arguments))
    monkeypatch.setattr(config, "ROOT", tmp_path)
    assert cli.main(["lab", "--no-browser"]) == 0
    assert (tmp_path / "lab" / "08_authority.ipynb").is_file()
    assert opened == [
        f"--ServerApp.root_dir={tmp_path}", "--LabApp.default_url=/lab/tree/lab", "--no-browser"
    ]  # fmt: skip


@pytest.mark.parametrize("way", ["a link", "a pipe"])
def test_lab_writes_through_no_link_and_waits_for_no_pipe(tmp_path, monkeypatch, capsys, way):
    monkeypatch.setattr(config, "ROOT", tmp_path)
    (tmp_path / "mine").mkdir()
    if way == "a link":
        (tmp_path / "lab").symlink_to("mine")
    else:
        (tmp_path / "lab").mkdir()
        os.mkfifo(tmp_path / "lab" / "99_verdicts.ipynb")
    assert cli.main(["lab", "--version"]) == 2
    assert way[2:] in capsys.readouterr().err.replace("regular file", "pipe")
    assert not list((tmp_path / "mine").iterdir())
    assert not list((tmp_path / "lab").glob("0*"))  # none of the copies before it


def test_a_comma_too_many_is_told_with_its_list(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["export", "--out", str(tmp_path / "e"), "--countries", "BRA,,PER"])
    assert "nothing is named at a comma of 'BRA,,PER'" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["check", "x.csv", "--json", "  "], ["template", " "]])
def test_a_blank_path_names_nothing(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("text\na\n")
    assert cli.main(command) == 2
    assert "not the name of an output" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("out", ["d/" * 1500 + "x.xlsx", "gone"])
def test_an_output_in_no_folder_is_one_line(tmp_path, monkeypatch, capsys, out):
    if out == "gone":  # the present folder
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        (tmp_path / "here").rmdir()
    else:
        monkeypatch.chdir(tmp_path)
    assert cli.main(["template", out]) == 2
    said = "the folder that you are in was removed" if out == "gone" else "it cannot be written"
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
