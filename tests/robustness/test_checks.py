"""The checks on data whose answer is known."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from lac_analysis import files, panel
from lac_analysis.claims import plan
from lac_analysis.claims.finding import Finding
from lac_analysis.panel import Selection
from lac_analysis.robustness import checks, coding, dates, design, figures, influence, reporting

SELECTIONS = {name: entry.selection() for name, entry in plan.load().items()}


def day(year):
    date = pd.Timestamp(year, 6, 1)
    return {"date_start": date, "date_end": date, "year": year}


UNDATED = {"date_start": pd.NaT, "date_end": pd.NaT, "year": pd.NA}


def test_an_engagement_stays_where_something_else_attests_it(tables, made):
    first, second = tables.records["record_id"].iloc[:2]
    data = made(
        [
            {"country": "ARG", "record_ids": f"{first}", "templates": "T1", "sources": "https://a.org/1"},
            {"country": "BRA", "record_ids": f"{first}; {second}", "templates": "T1 T2",
             "sources": "https://a.org/2; https://b.org/1"},
            {"country": "CHL", "record_ids": f"{second}", "templates": "P1 T2", "sources": "https://www.b.org/1"},
        ]
    )  # fmt: skip
    groups = dict(influence._groups(data))
    left = {name: set(part.engagements["country"]) for name, part in groups["website"].items()}
    assert left == {"a.org": {"BRA", "CHL"}, "b.org": {"ARG", "BRA"}}
    without = groups["query template"]["T1"].engagements
    assert set(without["country"]) == {"BRA", "CHL"}
    without = groups["query template"]["T2"].engagements.set_index("country")
    assert without["in_country_queries"].to_dict() == {"ARG": True, "BRA": True, "CHL": False}
    assert without["in_protocol"].all()


def test_leaving_a_country_out_is_the_claims_own_estimate_without_it(tables):
    from lac_analysis.claims import reach

    selection = SELECTIONS["reach"]
    found = influence.leave_out(tables, {"reach": selection})
    own = reach.estimate(
        tables, selection.replace(drop_countries=("BRA",)), undated="exclude", at_least=1
    )
    row = found[(found["dimension"] == "country") & (found["group"] == "BRA")]
    assert row["estimate"].item() == pytest.approx(own)
    assert set(found["dimension"]) == set(influence.DIMENSIONS)


def test_worst_cases_hold_every_assignment_of_the_missing_years(made):
    """Strained: no choice of years for three undated engagements goes beyond the bounds; two
    choices reach them.
    """
    from lac_analysis.claims import strained
    from lac_analysis.stats import spells

    window = Selection(2005, 2009, collection="all")
    rows = [
        {"country": c, **day(y)}
        for c, y in (("PRY", 2005), ("GTM", 2007), ("BRA", 2006), ("CRI", 2009))
    ]
    loose = [
        {"country": c, **UNDATED} for c in ("CRI", "BRA", "PRY")
    ]  # Costa Rica turned to the PRC in 2007
    data = made(rows + loose)
    found = panel.chosen(data, window, any_date=True)
    first, last = dates._bounds(found)
    _, _, _, bounds = dates._strained(data, window, found, np.tile(first, (2, 1)), first, last)
    label = strained.labels(data, window, "roc")
    cells = panel.country_cells(data, window).pivot(
        index="iso3", columns="year", values="population"
    )
    people, at = cells.to_numpy(float), cells.index.get_indexer(found["country"])
    ratios = []
    for years in itertools.product([-1, *window.years], repeat=3):
        filled = first.copy()
        filled[first != last] = years
        ratios.append(
            spells.log_rate_ratios(dates._cells(at, filled, window, people.shape), people, label)[0]
        )
    ratios = np.array(ratios)[np.isfinite(ratios)]
    assert bounds == (pytest.approx(ratios.min()), pytest.approx(ratios.max()))


def test_imputed_years_of_dated_engagements_change_nothing(made):
    countries = ["ARG", "BRA", "CHL", "PER", "MEX", "VEN"]
    data = made([{"country": c, **day(2000 + i)} for c in countries for i in range(0, 20, 3)])
    selections = {name: Selection(collection="all") for name in dates.CLAIMS}
    table = dates.completed(data, selections, draws=4, seed=1).set_index("claim")
    assert (table["undated"] == 0).all() and set(table.index) >= {"growth", "authority"}
    for name in ("growth", "authority"):
        row = table.loc[name]
        assert row["estimate"] == pytest.approx(row["recorded"], rel=1e-9)
        assert (row["lowest"], row["highest"]) == (
            pytest.approx(row["recorded"]),
            pytest.approx(row["recorded"]),
        )
    assert table["missing_information"].max() < 0.2


def test_perfect_coders_leave_every_estimate_as_it_is(tables):
    table = coding.corrected(
        tables, {"technology": SELECTIONS["technology"], **SELECTIONS}, draws=3, seed=1
    )
    technology = table[(table["claim"] == "technology") & (table["errors"] == "as estimated")].iloc[
        0
    ]
    assert technology["wrong"] == 0 and technology["estimate"] == pytest.approx(
        technology["naive"], rel=1e-6
    )
    from lac_analysis.claims import authority, growth, strained, twinning

    naive = table[table["errors"] == "as estimated"].set_index("claim")["naive"]
    for module in (authority, growth, strained, twinning):
        name = module.__name__.rpartition(".")[2]
        own = plan.load()[name].options
        assert naive[name] == pytest.approx(
            module.estimate(tables, SELECTIONS[name], **own), rel=1e-6
        )


def test_agreement_is_that_of_the_codebook(tables):
    table = coding.reliability(tables, seed=1).set_index(["what", "measure"])["estimate"]
    assert table["level, four kinds", "coded alike"] == pytest.approx(0.87, abs=0.005)
    assert table["type of Chinese actor", "coded alike"] == pytest.approx(0.91, abs=0.005)
    assert table["activity", "coded alike"] == pytest.approx(0.90, abs=0.005)
    assert table["technology or not", "coded alike"] == 1


def test_yields_count_every_country_query_once(tables):
    table = reporting.yields(tables)
    for dimension, part in table.groupby("dimension"):
        assert part["queries"].sum() == 9 * 33, dimension
        assert (part["low"] < part["estimate"]).all() and (part["estimate"] < part["high"]).all()
    assert {reporting.language(iso) for iso in tables.countries["iso3"]} == {
        "Spanish", "English", "Portuguese", "French", "Dutch",
    }  # fmt: skip
    assert sum(reporting.language(iso) == "English" for iso in tables.countries["iso3"]) == 12


def test_sizes_that_can_be_computed_are_below_alpha_and_right():
    share = Finding(estimate=0.8, low=0.6, high=0.9, interval_method="", p=0.01, p_method="", null_value=0.5,
                    n_countries=33, n_places=1, n_engagements=1)  # fmt: skip
    size, how = design._exact_size("reach", share)
    # R: b <- 0:33; p <- sapply(b, function(k) binom.test(k, 33)$p.value); sum(dbinom(b, 33, .5)[p
    # <= .05])
    assert how == "exact" and size == pytest.approx(0.0350820333697, abs=1e-10)


@pytest.mark.slow
def test_every_check_runs_and_every_picture_is_made(tables, tmp_path):
    selection = Selection(2010, 2014)
    found = checks.run(tables, selection, simulations=4, seed=1, collection="protocol")
    drawn = figures.pictures(found)
    assert tuple(drawn) == figures.PICTURES
    assert set(found.uniform["control"]) == set(found.controls["control"])
    files.save(checks.record(found), {"power": drawn["power"]}, str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        "finding.json",
        "power.png",
        "power.svg",
        "power.csv",
    }


def test_nothing_selected_gives_reasons(tables):
    found = checks.run(tables, Selection(1970, 1974), simulations=2, seed=1)
    drawn = figures.pictures(found)
    assert found.power.empty and found.dates.empty and "No picture" in drawn["power"].alt
    assert (
        found.tests["smallest_detectable"].isna().all()
        or not found.tests["not_testable"].eq("").all()
    )


@pytest.mark.slow
def test_planted_effects_are_found_at_the_stated_power_and_random_labels_are_uniform(tables):
    selections = {name: SELECTIONS[name] for name in plan.load()}
    found = design.findings(tables, selections, seed=1)
    observed = design.Design(tables, selections, found)
    planted = design.planted(observed, tests=200, seed=7).set_index("claim")
    error = 2 * math.sqrt(
        0.8 * 0.2 / 100
    )  # of the stated power itself, which a hundred designs or more gave
    assert planted.loc[["authority", "strained"], "low"].max() <= 0.8 + error
    assert planted.loc[["authority", "strained"], "high"].min() >= 0.8 - error
    controls = design.uniform(design.negative(observed, tests=200, seed=7)).set_index("control")
    for name in ("authority, random labels", "strained, histories handed around"):
        assert controls["low"][name] <= 0.05 and controls["ks_p"][name] > 0.001
    assert math.isclose(planted["recovered"]["growth"], planted["planted"]["growth"], rel_tol=0.01)
