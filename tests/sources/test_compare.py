"""Twelve ties of our own records, told as a list of twin towns, are all found among our records."""

import pandas as pd
import pytest

import lac_analysis
from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.sources import compare, imported, imports

EXAMPLE = config.ROOT / "docs" / "examples" / "twin_towns.csv"


@pytest.fixture(scope="module")
def ties(tmp_path_factory):
    out = tmp_path_factory.mktemp("ties") / "ties.csv"
    imported.write(imports.convert("twins", EXAMPLE), out)
    return out


def test_the_same_ties_told_otherwise_are_linked(ties):
    overlap, matches = compare.link(lac_analysis.load(), lac_analysis.load(ties))
    assert overlap[["b", "both"]].sum().tolist() == [12, 12]
    # Whether a page tells of anything else is evidence, and national records are left out here.
    local = (lac_analysis.load().engagements["level"] != "national").sum()
    assert abs(overlap["a"].sum() - local) <= 2
    assert matches["b"].nunique() == 12
    la_plata = matches.set_index("b").loc["TWIN-2"]
    assert "A-0003" in la_plata["a"].split("; ")


def test_ties_of_other_places_are_not_linked(record, ties, tmp_path):
    other = record(
        lac_iso3="ARG",
        lac_place_text="Ushuaia",
        china_place="Tibet",
        china_actor_text="Lhasa",
        date_iso="1999",
    )
    other.to_csv(tmp_path / "t.csv", index=False)
    overlap, matches = compare.link(lac_analysis.load(tmp_path / "t.csv"), lac_analysis.load(ties))
    assert overlap[["a", "b", "both"]].sum().tolist() == [1, 12, 0]
    assert matches.empty


def test_linking_does_not_depend_on_which_comes_first(ties):
    one, other = lac_analysis.load(), lac_analysis.load(ties)
    there, back = compare.link(one, other)[0], compare.link(other, one)[0]
    pd.testing.assert_series_equal(there["both"], back["both"])
    assert there[["a", "b"]].to_numpy().tolist() == back[["b", "a"]].to_numpy().tolist()


def test_coverage_counts_every_local_engagement_once_in_each_view(ties):
    ours, theirs = lac_analysis.load(), lac_analysis.load(ties)
    covered = compare.coverage(ours, theirs)
    for _, view in covered.groupby("by"):
        assert view[["a", "b"]].sum().tolist() == [
            (ours.engagements["level"] != "national").sum(),
            12,
        ]
    assert len(covered[covered["by"] == "country"]) == 33


def test_lists_without_a_common_year_are_refused(record, ties, tmp_path):
    record(date_iso="2025").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match="no year"):
        compare.compare(str(ties), str(tmp_path / "t.csv"))
    record(date_iso="").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match="no dated"):
        compare.compare(str(ties), str(tmp_path / "t.csv"))
