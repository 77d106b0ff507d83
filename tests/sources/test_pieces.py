"""A table gives the same result whatever its format, the size of the pieces and the processes."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from lac_analysis import cli, config
from lac_analysis.errors import InputError
from lac_analysis.records import clean, schema
from lac_analysis.sources import pieces

DESCRIPTIONS = [
    "Rosario and Shanghai sign a sister-city agreement in 1997",
    "El municipio de Cusco recibe 5000 mascarillas donadas por la Embajada de China",
    "Guizhou Province opens a Confucius Institute with the State of Bahia, 2012",
    "=1+1",
]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Free text of 40 rows, with line breaks, quotes and formulas."""
    rows = pd.DataFrame({"record_id": [f"G-{i}" for i in range(40)]})
    rows["lac_country_text"] = ["Argentina", "Perú", "巴西", "Brazil"] * 10
    rows["description"] = [f"{text} ({i})" for i, text in enumerate(DESCRIPTIONS * 10)]
    rows.loc[3, "description"] = '=1+1\nsaid "yes", and more'
    path = tmp_path_factory.mktemp("pieces") / "rows.csv"
    rows.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def cleaned(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("cleaned") / "out.parquet"
    return out, pieces.over_file(pieces.clean_piece, source, out)


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("function", [pieces.code_piece, pieces.clean_piece])
@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_size_of_the_pieces_changes_no_byte(source, tmp_path, function, size):
    pieces.over_file(function, source, tmp_path / "whole.csv")
    pieces.over_file(function, source, tmp_path / "out.csv", size=size)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.slow
def test_processes_change_no_byte(source, tmp_path):
    pieces.over_file(pieces.clean_piece, source, tmp_path / "one.csv", size=9)
    pieces.over_file(pieces.clean_piece, source, tmp_path / "two.csv", size=9, jobs=2)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_the_format_changes_nothing(source, cleaned, tmp_path):
    table = read(source)
    table.to_parquet(tmp_path / "rows.parquet")
    table.to_json(tmp_path / "rows.jsonl", orient="records", lines=True)
    table.to_csv(tmp_path / "rows.tsv", sep="\t", index=False)
    for path in sorted(tmp_path.glob("rows.*")):
        out = tmp_path / f"{path.suffix[1:]}_out.parquet"
        pieces.over_file(pieces.clean_piece, path, out)
        assert out.read_bytes() == cleaned[0].read_bytes(), path.name


def test_our_records_are_cleaned_in_pieces_as_they_are_whole(tmp_path):
    raw = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    nothing = [
        schema.read_raw(config.RAW / f"{name}.csv", name)[:0]
        for name in ("date_bounds", "search_log")
    ]
    whole, _, _ = clean.clean_records(raw, *nothing, raw["record_id"])
    out = tmp_path / "out.parquet"
    done = pieces.over_file(pieces.clean_piece, config.RAW / "engagements.csv", out, size=400)
    assert done == (len(raw), 0)
    made = pd.read_parquet(out)
    assert list(made) == list(whole)
    for name in whole:
        texts = [table[name].astype("str").fillna("").tolist() for table in (made, whole)]
        assert texts[0] == texts[1], name


def test_no_row_is_lost(source, cleaned):
    out, (written, left_out) = cleaned
    unknown = read(out.with_suffix(".left_out.csv"))
    assert (len(pd.read_parquet(out)), len(unknown)) == (written, left_out)
    assert written + left_out == len(read(source)) and left_out > 0
    assert unknown.loc[0, "row"] == "5" and "lac_level" in unknown.loc[0, "unknown"]


def test_code_writes_a_csv_that_runs_no_formula_and_keeps_given_codes(source, tmp_path):
    table = read(source).head(20).assign(activity_type="")
    table.loc[2, "activity_type"] = "other"
    table.to_csv(tmp_path / "in.csv", index=False)
    assert cli.main(["code", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]) == 0
    coded = read(tmp_path / "out.csv")
    assert coded.loc[3, "description"].startswith("'=1+1")
    assert coded.loc[2, ["activity_type", "activity_type_rule"]].tolist() == ["other", "as given"]
    assert (coded["activity_type"] != "").all()
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv"}


def test_a_formula_in_the_header_is_guarded_as_in_a_cell(tmp_path):
    (tmp_path / "in.csv").write_text('=cmd,"@SUM(1)",description\n1,2,Rosario and Shanghai\n')
    pieces.over_file(pieces.code_piece, tmp_path / "in.csv", tmp_path / "out.csv")
    assert list(read(tmp_path / "out.csv"))[:3] == ["'=cmd", "'@SUM(1)", "description"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n1,2\n", "no text to code"),
        ("description\n", "no rows"),
        ("text,text\na,b\n", "two columns of one name"),
        (b"description\n\xc3\xa3 \xc3\xa3\n\xff\n", "row 3: a byte that is not utf-8"),
        ("description\n" + "x\n" * 900 + "x,y\n", "row 902: more cells than the header"),
        ('{"text": "x"}\n' * 900 + "[1]\n", "row 902"),
    ],
)
def test_late_and_early_faults_are_one_message_and_leave_nothing(
    content, expected, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(pieces, "SIZE", 100)
    path = tmp_path / "in.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for out in ("out.csv", "out.parquet"):
        assert cli.main(["code", str(path), "-o", str(tmp_path / out), "-j", "1"]) == 2
        said = capsys.readouterr().err
        assert expected in said and said.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("lac_iso3", "ZZZ", "unknown value"),
        ("lac_level", "municipality", "unknown value"),
        ("activity_type", "twining", "unknown value"),
        ("china_actor_type", "provincial_goverment", "unknown value"),
        ("prior_contact", "2", "unknown value"),
        ("confidence", "", "missing value"),
        ("date_iso", "2018-02-30", "unusable date"),
    ],
)
def test_a_faulty_cell_far_down_is_named_by_its_file_and_row(tmp_path, column, value, problem):
    raw = read(config.RAW / "engagements.csv").head(300)
    raw.loc[250, column] = value
    raw.to_csv(tmp_path / "in.csv", index=False)
    expected = rf"in\.csv, row 252, column {column}: {problem}: '{value}'"
    with pytest.raises(InputError, match=expected):
        out = tmp_path / "out.csv"
        pieces.over_file(pieces.clean_piece, tmp_path / "in.csv", out, size=100)
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_json_lines_may_lack_keys(tmp_path):
    rows = [{"text": DESCRIPTIONS[0]}, {"text": "x", "date_text": "2004"}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    pieces.over_file(pieces.code_piece, tmp_path / "in.jsonl", tmp_path / "out.csv")
    assert read(tmp_path / "out.csv")["date_iso"].tolist() == ["1997", "2004"]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_it_may_be_stopped_at_any_time(source, tmp_path, how, jobs):
    many = pd.concat([read(source)] * 5000, ignore_index=True)
    many.to_csv(tmp_path / "in.csv", index=False)
    code = "import sys; from lac_analysis.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["code", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "-j", jobs]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(config.ROOT)},
    )
    time.sleep(4)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in said, said
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.slow
def test_no_process_outlives_it(source, tmp_path):
    many = pd.concat([read(source)] * 5000, ignore_index=True)
    many.to_csv(tmp_path / "in.csv", index=False)
    code = "import sys; from lac_analysis.cli import main; sys.exit(main(sys.argv[1:]))"
    asked = ["code", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "-j", "2"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *asked],
        env=os.environ | {"PYTHONPATH": str(config.ROOT), "MARK": str(tmp_path)},
    )

    def alive():
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if f"MARK={tmp_path}\0".encode() in path.read_bytes():
                    found.append(path)
        return found

    until = time.monotonic() + 60
    while len(alive()) < 4 and time.monotonic() < until:  # it, two workers and what they need
        time.sleep(0.1)
    time.sleep(5)
    process.kill()
    process.wait()
    while alive():
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.slow  # 12,000 rows: of fewer, one process reads all
def test_no_process_imports_from_the_folder_of_the_user(source, tmp_path):
    """His socket.py is no module of ours."""
    for name in ("socket.py", "yaml.py", "random.py"):
        (tmp_path / name).write_text("open('RAN', 'w')\nraise ImportError('mine')\n")
    lac = f"{Path(sys.executable).parent}/lac"
    few = read(source)
    pd.concat([few] * 300, ignore_index=True).to_csv(tmp_path / "in.csv", index=False)
    asked = [lac, "code", "in.csv", "-o", "out.csv", "-j", "2"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and not done.stderr
    assert not (tmp_path / "RAN").exists()


def killed(piece):
    """As the system does where memory ends."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_is_one_line(source, tmp_path):
    with pytest.raises(InputError, match="ended by the system"):
        pieces.over_file(killed, source, tmp_path / "out.csv", jobs=2, size=10)
    assert not list(tmp_path.iterdir())


def test_where_no_process_can_be_started_the_way_out_is_told(source, tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(30, "Read-only file system")  # as where /dev/shm is so

    monkeypatch.setattr(pieces, "ProcessPoolExecutor", refused)
    with pytest.raises(InputError, match=r"Read-only file system; /dev/shm.*Expected: -j 1"):
        pieces.over_file(pieces.code_piece, source, tmp_path / "out.csv", jobs=2, size=10)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("command", "name"), [("code", "code_piece"), ("clean", "clean_piece")])
def test_a_file_may_go_while_it_is_read(source, tmp_path, monkeypatch, capsys, command, name):
    path, done = tmp_path / "rows.csv", getattr(pieces, name)
    path.write_bytes(source.read_bytes())

    def meanwhile(piece):
        path.unlink()
        return done(piece)

    monkeypatch.setattr(pieces, name, meanwhile)
    assert cli.main([command, str(path), "-o", str(tmp_path / "out.csv"), "-j", "1"]) == 0
    assert "rows.csv: CSV, utf-8" in capsys.readouterr().out


def test_code_says_which_columns_it_reads(tmp_path, capsys):
    path = tmp_path / "in.csv"
    path.write_text("Text,text,Date_text,platform,country\na,masks for Lima,2018,,PER\n")
    assert cli.main(["code", str(path), "-o", str(tmp_path / "out.csv"), "-j", "1"]) == 0
    assert capsys.readouterr().out.endswith("columns read: text, platform\n")


def test_clean_says_what_it_does_not_use_and_takes_no_blank_for_a_code(tmp_path, capsys):
    text = "The mayor of Cusco in Peru received a delegation from Guizhou"
    path = tmp_path / "rows.csv"
    path.write_text(f"country,text\nChile,{text}\n")
    assert cli.main(["clean", str(path), "-o", str(tmp_path / "out.csv"), "-j", "1"]) == 0
    assert "columns not used: country" in capsys.readouterr().out
    path.write_text(f"text,description\n{text} (planned),\n{text},A mayor\n")
    assert cli.main(["clean", str(path), "-o", str(tmp_path / "out3.csv"), "-j", "1"]) == 0
    assert "columns not used: text beside a description" in capsys.readouterr().out
    made = pd.read_csv(tmp_path / "out3.csv")
    assert made["planned"].tolist() == [True, False]
    assert made["description"].tolist() == [f"{text} (planned)", "A mayor"]
    path.write_text(f"technology,text\n,{text}\n")
    assert cli.main(["clean", str(path), "-o", str(tmp_path / "out2.csv"), "-j", "1"]) == 2
    assert "row 2, column technology: missing value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "blank"),
    [
        ("t.csv", 'text\na\n""\nb\n\n', [3]),
        ("t.jsonl", '{"text": "a"}\n{"text": null}\n{"text": "b"}\n{}\n', [3, 5]),
    ],
)
def test_blank_rows_are_told(tmp_path, capsys, name, content, blank):
    (tmp_path / name).write_text(content)
    out = tmp_path / "out.csv"
    assert cli.main(["code", str(tmp_path / name), "-o", str(out), "-j", "1"]) == 0
    assert f"{len(blank)} rows left out" in capsys.readouterr().out
    told = pd.read_csv(out.with_suffix(".left_out.csv"))
    assert told["row"].tolist() == blank and len(pd.read_csv(out)) == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [("china_place", "Szechuan"), ("china_place", "Sichuan; Hubei"), ("source_type", "zz")],
)
def test_a_given_code_that_is_none_is_refused_by_clean(tmp_path, column, value):
    row = {"description": "Mayor of Lima visited Guangdong", "lac_iso3": "PER", column: value}
    row |= {"lac_level": "municipal", "activity_type": "visit_to_china", "technology": "0"}
    pd.DataFrame([row]).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match=f"t.csv, row 2, column {column}: .*{value}"):
        pieces.over_file(pieces.clean_piece, tmp_path / "t.csv", tmp_path / "out.csv")
