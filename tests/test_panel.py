import numpy as np
import pandas as pd
import pytest

from lac_analysis import config, panel
from lac_analysis.errors import InputError
from lac_analysis.selection import COLLECTIONS, Selection, chosen


def test_the_samples_are_nested(tables):
    size = {c: len(chosen(tables, Selection(collection=c))) for c in COLLECTIONS}
    assert 0 < size["country_queries"] < size["protocol"] < size["all"]


def test_what_is_chosen_is_local_done_and_in_the_window(tables):
    found = chosen(tables, Selection(2005, 2010, "all"))
    assert (found["level"] != "national").all() and not found["planned"].any()
    assert (
        found["date_start"].dt.year.between(2005, 2010).all()
        and found["date_end"].dt.year.between(2005, 2010).all()
    )


def test_windows_that_meet_share_nothing_and_lose_nothing_with_a_year(tables):
    early, late, both = (
        chosen(tables, Selection(*w, "all")) for w in ((2000, 2010), (2011, 2020), (2000, 2020))
    )
    assert not set(early["engagement_id"]) & set(late["engagement_id"])
    lost = both[
        ~both["engagement_id"].isin(set(early["engagement_id"]) | set(late["engagement_id"]))
    ]
    assert lost["year"].isna().all()  # only those whose interval crosses the border


def test_other_local_and_confidence_only_take_away(tables):
    everything = chosen(tables, Selection(collection="all"))
    governments = chosen(tables, Selection(collection="all", include_other_local=False))
    sure = chosen(tables, Selection(collection="all", min_confidence="high"))
    assert set(governments["level"]) == {"admin1", "municipal"} and len(governments) < len(
        everything
    )
    assert set(sure["confidence"]) == {"high"} and len(sure) < len(everything)


def test_the_country_table_counts_what_was_chosen(tables):
    selection = Selection(drop_countries=("BRA",))
    table = panel.countries(tables, selection)
    assert len(table) == 32 and "BRA" not in table.index
    assert table["engagements"].sum() == len(chosen(tables, selection))
    assert (table[["population", "gdp", "n_admin1", "china_trade"]] > 0).all().all()
    assert (
        panel.countries(tables, selection, undated="include")["engagements"] >= table["engagements"]
    ).all()


def test_sizes_are_means_of_the_known_years_of_the_window(tables):
    own = tables.country_year[tables.country_year["iso3"] == "ARG"].set_index("year")
    for window in ((2000, 2020), (1990, 2005), (2018, 2026)):  # population is of 2000 to 2023
        table = panel.countries(tables, Selection(*window))
        for name, column in (("population", "population"), ("gdp", "gdp_usd")):
            assert table.loc["ARG", name] == own[column].loc[slice(*window)].mean()


def test_after_the_tables_the_last_population_stands_in_and_before_them_none(tables):
    year = tables.country_year["year"] == 2023
    last = tables.country_year[year].set_index("iso3")["population"].sort_index()
    late, early = (
        panel.countries(tables, Selection(*window)) for window in ((2024, 2026), (1970, 1974))
    )
    assert (late["population"] == last).all() and early["population"].isna().all()


def test_a_dropped_country_changes_no_other(tables):
    every, fewer = (
        panel.countries(tables, Selection(drop_countries=d)) for d in ((), ("ARG", "CUB"))
    )
    pd.testing.assert_frame_equal(every.drop(["ARG", "CUB"]), fewer)


def test_the_grid_is_full_after_the_tables_end(tables):
    cells = panel.country_cells(tables, Selection(2021, 2025))
    assert (
        len(cells) == 33 * 5
        and not cells[["population", "roc_recognition", "bri_member"]].isna().any().any()
    )
    row = cells.set_index(["iso3", "year"])
    assert (
        row.loc[("HND", 2022), "roc_recognition"] == 1
        and row.loc[("HND", 2023), "roc_recognition"] == 0
    )
    assert row.loc[("PRY", 2025), "roc_recognition"] == 1


def test_recognition_by_spell_is_that_of_the_country_table(tables):
    cells = panel.country_cells(tables, Selection(2000, 2020))
    own = tables.country_year.set_index(["iso3", "year"])["roc_recognition"]
    keys = pd.MultiIndex.from_frame(cells[["iso3", "year"]])
    assert (cells["roc_recognition"].to_numpy() == own.reindex(keys).to_numpy()).all()


def test_yearly_tiers_are_missing_outside_their_sources(tables):
    table = panel.years(tables, Selection(2000, 2025, "all"))
    assert table["cgit_deals"].isna().loc[2004] and table["cgit_deals"].notna().loc[2005]
    assert (
        table["gcdf_projects"].loc[2000:2021].notna().all()
        and table["gcdf_projects"].isna().loc[2022]
    )


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        ({"collection": "some"}, "collection"),
        ({"min_confidence": "sure"}, "min_confidence"),
        ({"drop_countries": ("USA",)}, "USA"),
        ({"window_start": 2021}, "2021 to 2020"),
        ({"window_end": 2050}, "2050"),
        ({"colection": "all"}, "Expected: collection"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(choice, named):
    for make in (Selection, Selection().replace):
        with pytest.raises(InputError, match=named):
            make(**choice)


def test_dropping_countries_in_any_order_is_one_selection():
    assert Selection(drop_countries="BRA") == Selection(drop_countries=["BRA"])
    assert Selection(drop_countries=["BRA", "ARG"]) == Selection(drop_countries=("ARG", "BRA"))
    assert set(config.CELAC) >= {"ARG", "BRA"} and len(config.CELAC) == 33
    with pytest.raises(InputError, match="drop_countries"):
        Selection(drop_countries=["BRA", 1])
    for none in ([pd.NA], np.array("BRA"), "", [""]):
        with pytest.raises(InputError, match="drop_countries"):
            Selection(drop_countries=none)
