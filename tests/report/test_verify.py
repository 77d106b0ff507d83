import pandas as pd
import pytest

from lac_analysis import cli, config, files
from lac_analysis.errors import InputError
from lac_analysis.report import reference, verify

REFERENCE = files.read_json(config.REFERENCE / reference.MANIFEST)


def test_the_project_as_it_stands_agrees():
    checks = [verify.raw_tables(), verify.notebooks(), verify.inputs(REFERENCE["inputs"])]
    assert [str(check) for check in checks if not check.agrees] == []


def test_the_reference_reaches_what_a_reviewer_would_ask_for():
    inputs = set(REFERENCE["inputs"])
    assert {
        "claims.yml",
        "uv.lock",
        "data/raw/engagements.csv",
        "notebooks/08_authority.ipynb",
    } <= inputs
    assert {"lac_analysis/stats/randomisation.py", "lac_analysis/records/codebook.yml"} <= inputs
    assert not [name for name in inputs if name.startswith("/")]


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
    assert "08_authority.json, p: expected 0.01, got 0.02" in str(check)


def test_processed_tables_that_were_tampered_with_are_found(tmp_path, tables):
    for path in config.PROCESSED.glob("*.parquet"):
        files.write_bytes(tmp_path / path.name, path.read_bytes())
    assert verify.same_tables(tmp_path).agrees
    files.write_parquet(tmp_path / "engagements.parquet", pd.DataFrame({"a": [1]}))
    assert verify.same_tables(tmp_path).details == ("engagements.parquet differs",)


def test_without_a_reference_it_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="lac reproduce"):
        list(verify.verify(tmp_path / "work", 1, tmp_path / "project"))


@pytest.mark.slow
def test_lac_verify_agrees(capsys):
    assert cli.main(["verify"]) == 0
    assert "Everything agrees" in capsys.readouterr().out
