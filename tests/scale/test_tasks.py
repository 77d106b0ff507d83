"""A table gives the same result whatever its format, the chunk size and who does the work."""

import json

import pandas as pd
import pytest

from lac_analysis import cli, config
from lac_analysis.errors import InputError
from lac_analysis.records import clean, schema
from lac_analysis.scale import chunks, generated, tasks

TABLES = ("records", "cleaning_log", "unresolved", "uncoded")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """1,200 GENERATED rows, with line breaks, quotes and formulas in the text."""
    table = pd.concat(generated.engagements(1200, 5, size=500), ignore_index=True)
    table.loc[3, "description"] += '\nsaid "yes", and more'
    table.loc[7, "description"] = "=1+1"
    path = tmp_path_factory.mktemp("scale") / "rows.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def cleaned(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("cleaned") / "out"
    tasks.clean_file(source, out)
    return out


def content(out) -> dict[str, bytes]:
    return {
        str(part.relative_to(out)): part.read_bytes() for part in sorted(out.rglob("*.parquet"))
    }


@pytest.mark.parametrize("chunk", [1, 7, 500, 5000])
def test_the_chunk_size_changes_no_byte(source, cleaned, tmp_path, chunk):
    small = source.with_name("small.csv")
    pd.read_csv(source, dtype=str, keep_default_na=False).head(30 if chunk < 500 else 1200).to_csv(
        small, index=False
    )
    tasks.clean_file(small, tmp_path / "whole")
    tasks.clean_file(small, tmp_path / "out", chunk=chunk)
    assert content(tmp_path / "out") == content(tmp_path / "whole")


@pytest.mark.slow
def test_workers_change_no_byte(source, cleaned, tmp_path):
    tasks.clean_file(source, tmp_path / "out", chunk=300, workers=2)
    assert content(tmp_path / "out") == content(cleaned)


@pytest.mark.slow
def test_a_dask_cluster_changes_no_byte(source, cleaned, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        tasks.clean_file(source, tmp_path / "out", chunk=250, dask=cluster.scheduler_address)
    assert content(tmp_path / "out") == content(cleaned)


def test_the_format_changes_nothing(source, cleaned, tmp_path):
    table = pd.read_csv(source, dtype=str, keep_default_na=False)
    table.to_parquet(tmp_path / "rows.parquet")
    table.to_json(tmp_path / "rows.jsonl", orient="records", lines=True)
    table.to_csv(tmp_path / "rows.tsv", sep="\t", index=False)
    folder = tmp_path / "parts"
    with chunks.Parts(folder, rows=333) as parts:
        parts.add(table)
    for number, path in enumerate((*tmp_path.glob("rows.*"), folder)):
        tasks.clean_file(path, tmp_path / f"out{number}")
        assert content(tmp_path / f"out{number}") == content(cleaned), path.name


def test_our_records_are_cleaned_in_chunks_as_they_are_whole(tmp_path):
    counts = tasks.clean_file(config.RAW / "engagements.csv", tmp_path / "out", chunk=200)
    raw = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    whole, log, unresolved = clean.clean_records(raw, tasks._NO_BOUNDS, tasks._NO_QUERIES)
    assert counts == {
        "records": len(raw),
        "cleaning_log": len(log),
        "unresolved": len(unresolved),
        "uncoded": 0,
    }
    in_chunks = chunks.load(tmp_path / "out" / "records")
    pd.testing.assert_frame_equal(in_chunks, whole, check_dtype=False, check_categorical=False)


def test_no_row_is_lost(source, cleaned):
    loaded = {name: chunks.load(cleaned / name) for name in ("records", "uncoded")}
    ids = pd.concat([table["record_id"] for table in loaded.values()])
    assert sorted(ids) == sorted(pd.read_csv(source, usecols=["record_id"])["record_id"])
    assert loaded["uncoded"]["record_id"].tolist() == ["GENERATED-7"]


def test_code_writes_a_csv_that_runs_no_formula_and_keeps_given_codes(source, tmp_path):
    table = pd.read_csv(source, dtype=str, keep_default_na=False).head(20).assign(activity_type="")
    table.loc[2, "activity_type"] = "other"
    table.to_csv(tmp_path / "in.csv", index=False)
    assert cli.main(["code", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]) == 0
    coded = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert coded.loc[7, "description"] == "'=1+1"
    assert coded.loc[2, ["activity_type", "activity_type_rule"]].tolist() == ["other", "as given"]
    assert (coded["activity_type"] != "").all()
    assert list(tmp_path.iterdir()) != []
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv"}


@pytest.mark.parametrize(
    ("content_", "expected"),
    [
        ("a,b\n1,2\n", "no text to code"),
        ("description\n", "no rows"),
        (b"description\n\xff\xfe\xfa\n", "cannot be read"),
    ],
)
def test_bad_input_is_one_message_and_leaves_nothing(content_, expected, tmp_path, capsys):
    path = tmp_path / "in.csv"
    path.write_bytes(content_ if isinstance(content_, bytes) else content_.encode())
    for out in ("out.csv", "out"):
        assert cli.main(["code", str(path), "-o", str(tmp_path / out)]) == 2
        assert expected in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_a_faulty_cell_far_down_is_named_by_its_row(tmp_path):
    raw = pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)
    raw.loc[900, "activity_type"] = "twining"
    raw.to_csv(tmp_path / "in.csv", index=False)
    with pytest.raises(InputError, match=r"row 902, column activity_type: unknown code: 'twining'"):
        tasks.clean_file(tmp_path / "in.csv", tmp_path / "out", chunk=100)
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_missing_files_and_an_output_in_place_of_the_input_are_refused(source, capsys):
    assert cli.main(["clean", "nowhere.csv", "-o", "out"]) == 2
    assert cli.main(["code", str(source), "-o", str(source)]) == 2
    assert "would replace the input" in capsys.readouterr().err


def test_json_lines_may_lack_keys(tmp_path):
    rows = [
        {"text": "Rosario and Shanghai sign a sister-city agreement in 1997"},
        {"text": "x", "date_text": "2004"},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    tasks.code_file(tmp_path / "in.jsonl", tmp_path / "out")
    assert chunks.load(tmp_path / "out")["date_iso"].tolist() == ["1997", "2004"]
