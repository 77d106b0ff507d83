"""What the records are: counts that add up, what two searches found, lower bounds."""

import pandas as pd
import pytest

from lac_analysis import config
from lac_analysis.report import describe
from lac_analysis.selection import Selection, chosen

ALL = Selection(collection="all")


@pytest.fixture(scope="module")
def searched(tables):
    """Tables whose engagements were found: 6 in Chile and 2 in Peru, some by both searches."""
    table = tables.engagements
    local = table[(table["level"] != "national") & ~table["planned"]].head(8)
    made = local.assign(
        country=["CHL"] * 6 + ["PER"] * 2,
        date_start=pd.Timestamp("2010-01-01"),
        date_end=pd.Timestamp("2010-12-31"),
        year=2010,
        confidence=local["confidence"].iloc[0],
        in_neutral=True,
        found_by_t=[True] * 4 + [False] * 2 + [True, False],
        found_by_n=[False] + [True] * 5 + [False, True],
    ).astype(table.dtypes.to_dict())
    return tables.replace(engagements=made)


def test_the_counts_meet(tables):
    said = describe.summary(tables, ALL)
    kinds = ("planned_engagements", "national_engagements", "local_engagements")
    assert sum(said[kind] for kind in kinds) == said["engagements"]
    assert said["local_engagements"] == len(chosen(tables, ALL, any_date=True))


def test_found_by_counts_each_engagement_once_and_lists_every_country(searched):
    found = describe.found_by(searched, Selection()).set_index("iso3")
    assert len(found) == 33 and found[list(describe.FOUND_BY)].to_numpy().sum() == 8
    assert found.loc["CHL", list(describe.FOUND_BY)].tolist() == [1, 3, 2]
    assert found.loc["PER", list(describe.FOUND_BY)].tolist() == [1, 0, 1]
    without = describe.found_by(searched, Selection(drop_countries=["CHL"]))
    assert set(found.index) - set(without["iso3"]) == {"CHL"}


def test_totals_are_lower_bounds_and_the_poorest_detection_comes_first(searched):
    table, sentence = describe.detection(searched, Selection())
    assert table["detection"].is_monotonic_increasing and table["detection"].between(0, 1).all()
    # a missed link makes two of one, so fewer may have been found than there are engagements
    assert (table["at_least"] >= table["found"] - 1e-9).all()
    assert (table["low"] <= table["high"]).sum() == 2  # both searches found something in two
    assert "found 8 local engagements" in sentence and "a lower bound" in sentence


def test_searches_with_nothing_in_common_say_so_in_words_and_picture(searched):
    apart = searched.engagements
    apart["found_by_n"] = ~apart["found_by_t"]
    apart = searched.replace(engagements=apart)
    table, sentence = describe.detection(apart, Selection())
    assert table.empty and sentence.startswith("Detection is not known")
    found = describe.found_by(apart, Selection())
    picture = describe.draw_found_by(found, apart, Selection())
    assert "0 by both" in picture.alt


def test_years_add_up_to_the_dated_engagements(tables):
    years = describe.by_year(tables, ALL, "activity_family")
    dated = chosen(tables, ALL)["year"].notna().sum()
    assert years["engagements"].sum() == dated
    assert years.groupby("activity_family").size().eq(len(ALL.years)).all()
    totals = years.groupby("activity_family", sort=False)["engagements"].sum()
    assert totals.is_monotonic_decreasing


def test_counts_keep_what_is_not_given(tables):
    found = describe.counts(tables, ALL, "source_lang")
    assert found["engagements"].sum() == len(chosen(tables, ALL, any_date=True))
    assert (found["undated"] <= found["engagements"]).all()


def test_an_empty_selection_is_said_in_every_picture(tables):
    nobody = ALL.replace(drop_countries=config.CELAC)
    none = pd.DataFrame()
    draws = (
        describe.draw_years,
        describe.draw_found_by,
        describe.draw_actors,
    )
    assert all(draw(none, tables, nobody).alt.startswith("No picture") for draw in draws)
    assert (
        describe.by_year(tables, nobody, "activity_family").empty
        and describe.found_by(tables, nobody).empty
    )
