import csv
import json
import shutil

import pandas as pd
import pytest

from lac_analysis import cli, config, files
from lac_analysis.errors import InputError
from lac_analysis.report import reference, verify


@pytest.fixture
def raw(tmp_path):
    """A copy of the raw tables, and the digests of their rows as a reference run keeps them."""
    shutil.copytree(config.RAW, tmp_path / "raw")
    committed = tmp_path / "reference"
    files.write_csv(committed / reference.ROWS, reference.raw_rows(tmp_path / "raw"))
    return tmp_path / "raw", committed


def rewrite(path, change):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = change(list(csv.reader(stream)))
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def test_the_project_as_it_stands_agrees():
    checks = [verify.raw_tables(), verify.choices(config.ROOT / "data" / "reference")]
    assert [str(check) for check in checks if not check.agrees] == []


def test_a_finding_of_other_choices_than_the_plans_is_named(tmp_path):
    shutil.copytree(config.ROOT / "data" / "reference", tmp_path / "reference")
    path = tmp_path / "reference" / "09_strained.json"
    finding = files.read_json(path)
    finding["parameters"]["excerpts"] = "without_N1"
    path.write_text(json.dumps(finding))
    check = verify.choices(tmp_path / "reference")
    assert not check.agrees
    assert check.details == ("09_strained: excerpts is 'without_N1', the plan says 'all'",)


def test_rows_that_are_not_those_of_the_reference_are_named(raw):
    tables, committed = raw
    assert reference.changed_rows(committed, tables) == []

    def change(rows):
        at = rows[0].index("population")
        rows[1][at] += "0"
        return [*rows[:2], *rows[3:], ["XYZ", *rows[2][1:]]]

    first, second = (f"{iso} {year}" for iso, year in _keys(tables / "country_year.csv")[:2])
    rewrite(tables / "country_year.csv", change)
    said = sorted(reference.changed_rows(committed, tables))
    assert said == sorted(
        [
            f"country_year: {first} was changed",
            f"country_year: {second} is gone",
            f"country_year: XYZ {second[4:]} is new",
        ]
    )


def test_a_row_that_stands_twice_is_new_also_where_the_table_has_no_key(raw):
    tables, committed = raw
    rewrite(tables / "recognition.csv", lambda rows: [*rows, rows[-1]])
    (said,) = reference.changed_rows(committed, tables)
    assert said.startswith("recognition: ") and said.endswith("(2) is new")


def _keys(path):
    table = pd.read_csv(path, dtype=str)
    return list(zip(table["iso3"], table["year"], strict=True))


def test_reproduce_asks_before_it_replaces_the_reference_of_other_tables(tmp_path, capsys):
    rows = reference.raw_rows()
    rows.loc[rows.index[0], "digest"] = "0" * 12
    files.write_csv(tmp_path / "data" / "reference" / reference.ROWS, rows)
    assert cli.main(["reproduce", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "1 rows of the raw tables" in said and "--accept" in said and "was changed" in said
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_changed_or_lost_input_is_named():
    expected = {"claims.yml": "0" * 64, "notebooks/none.ipynb": "0" * 64}
    check = verify.inputs(expected)
    assert not check.agrees
    assert check.details == ("claims.yml was changed since", "notebooks/none.ipynb is gone")


def test_another_version_is_named_and_is_no_fault_by_itself():
    check = verify.versions(reference.versions() | {"numpy": "1.99.0"})
    assert check.agrees
    assert check.details[0].startswith("numpy 1.99.0 in the reference, ")


def test_an_engagement_without_a_source_is_found(tables):
    assert verify.sources(tables.engagements).agrees
    broken = tables.engagements.copy()
    broken.loc[broken.index[3], "sources"] = " "
    check = verify.sources(broken)
    assert not check.agrees and check.details == (broken["engagement_id"].iloc[3],)


def test_a_number_that_moved_is_shown_with_its_place(tmp_path):
    for name, p in (("was", 0.01), ("is", 0.02)):
        files.write_json(tmp_path / name / "08_authority.json", {"p": p})
    check = verify.published("findings", tmp_path / "was", tmp_path / "is")
    assert '08_authority.json, line 2: expected "p": 0.01, got "p": 0.02' in str(check)


def test_processed_tables_that_were_tampered_with_are_found(tmp_path, tables):
    for path in config.PROCESSED.glob("*.parquet"):
        files.write_bytes(tmp_path / path.name, path.read_bytes())
    assert verify.same_tables(tmp_path).agrees
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "engagements.parquet")
    assert verify.same_tables(tmp_path).details == ("engagements.parquet differs",)


def test_without_a_reference_it_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="lac reproduce"):
        list(verify.verify(tmp_path / "work", 1, tmp_path / "project"))


@pytest.mark.slow
def test_lac_verify_agrees(capsys):
    assert cli.main(["verify"]) == 0
    assert "Everything agrees" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["{", "[]", '{"versions": []}', '{"versions": {}}'])
def test_a_manifest_that_is_none_is_one_message(tmp_path, content):
    folder = tmp_path / "data" / "reference"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(content)
    with pytest.raises(InputError, match="not the manifest of a reference run"):
        next(verify.verify(tmp_path / "work", 1, tmp_path))


def test_what_describes_the_tables_is_one_of_their_rows():
    rows = reference.raw_rows()
    assert (rows["table"] == "datapackage.json").sum() == 1
    assert rows["key"].nunique() > 2_800
