import numpy as np
import pytest

from lac_analysis import claims, panel
from lac_analysis.claims import plan, strained
from lac_analysis.panel import Selection

WINDOW = Selection()


def cell(tables, definition, iso, year, **options):
    isos = sorted(set(panel.country_cells(tables, WINDOW)["iso3"]))
    return strained.labels(tables, WINDOW, definition, **options)[
        isos.index(iso), year - WINDOW.window_start
    ]


def test_recognition_on_31_december(tables):
    assert cell(tables, "roc", "CRI", 2006) == 1 and cell(tables, "roc", "CRI", 2007) == 0
    assert cell(tables, "roc", "LCA", 2006) == 0 and cell(tables, "roc", "LCA", 2007) == 1
    assert cell(tables, "roc", "PRY", 2020) == 1


def test_an_episode_counts_from_six_months_of_a_year(tables):
    assert cell(tables, "narrow", "MEX", 2014) == 0  # November and December
    assert cell(tables, "narrow", "MEX", 2015) == 1
    assert cell(tables, "narrow", "BRA", 2019) == 0 and cell(tables, "broad", "BRA", 2019) == 1
    assert cell(tables, "narrow", "BRA", 2020) == 1  # March to December
    assert cell(tables, "broad", "ARG", 2017) == 0 and cell(tables, "narrow", "ARG", 2016) == 1


def test_distance_is_signed(tables):
    """Cuba, Nicaragua and Venezuela are far from China on the other side."""
    for iso in ("CUB", "NIC", "VEN"):
        assert cell(tables, "gap", iso, 2010) == 0
    label = strained.labels(tables, WINDOW, "gap")
    assert np.nanmean(label, axis=0) == pytest.approx(1 / 3, abs=0.03)


def test_no_memorandum_is_known_only_from_2018(tables):
    assert (
        np.isnan(cell(tables, "no_bri", "COL", 2017)) and cell(tables, "no_bri", "COL", 2018) == 1
    )
    assert cell(tables, "no_bri", "CHL", 2019) == 0


def test_among_prc_recognising_states_the_others_are_not_known(tables):
    assert np.isnan(cell(tables, "gap", "PRY", 2010, prc_recognising_only=True))
    assert not np.isnan(cell(tables, "gap", "PER", 2010, prc_recognising_only=True))


def test_the_quick_estimate_is_that_of_the_test(tables):
    finding = claims.test("strained", tables, plan.load()["strained"].selection())
    options = plan.load()["strained"].options
    assert strained.estimate(tables, WINDOW, **options) == pytest.approx(finding.estimate)
    rows = finding.detail["definitions"]
    assert set(rows["definition"]) == set(strained.DEFINITIONS)
    primary = rows[(rows["definition"] == "roc") & ~rows["country_effects"]].iloc[0]
    assert primary["ratio"] == pytest.approx(finding.estimate) and primary["p"] == finding.p
    assert set(claims.pictures(finding)) == {
        "definitions",
        "recognition",
        "switches",
        *claims.PICTURES,
    }


def test_definitions_are_those_of_the_plan():
    entry = plan.load()["strained"].entry
    assert (
        set(entry["definitions"]) == set(strained.DEFINITIONS) == set(entry["axes"]["definition"])
    )


def test_the_event_study_counts_every_switch_once_a_year(tables):
    table = strained.event_study(tables, WINDOW).set_index("time")
    assert (
        table.loc[0, "country_years"] == 6
    )  # DMA 2004, GRD 2005, CRI 2007, PAN 2017, DOM 2018, SLV 2018
    later = strained.event_study(tables, Selection(2021, 2025)).set_index("time")
    assert later.loc[0, "country_years"] == 2  # NIC 2021, HND 2023


def test_an_empty_selection_is_not_testable(tables):
    assert claims.test("strained", tables, Selection(1970, 1971)).verdict == "not testable"
