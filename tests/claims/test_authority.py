from itertools import combinations

import numpy as np
import pytest

from lac_analysis import claims, panel
from lac_analysis.claims import authority, plan
from lac_analysis.panel import Selection

OPTIONS = {"exposure": "population", "definition": "federal", "undated": "exclude"}


@pytest.fixture(scope="module")
def finding(tables):
    return claims.test("authority", tables, plan.load()["authority"].selection())


def test_the_ratio_is_events_per_exposure_inside_over_outside(tables, finding):
    table = panel.countries(tables, Selection())
    federal = table[table["federal"] == 1]
    other = table[table["federal"] == 0]
    rates = [t["engagements"].sum() / t["population"].sum() for t in (federal, other)]
    assert finding.estimate == pytest.approx(rates[0] / rates[1])
    assert finding.low <= finding.estimate <= finding.high
    assert finding.n_engagements == len(panel.chosen(tables, Selection()))


def test_the_exact_p_by_brute_force_on_the_caribbean(tables):
    isos = ["ATG", "BHS", "BRB", "DMA", "GRD", "JAM", "KNA", "LCA", "TTO", "VCT", "BRA"]
    drop = [iso for iso in tables.countries["iso3"] if iso not in isos]
    selection = Selection(drop_countries=tuple(drop))
    test = authority.test(tables, selection, seed=1, **OPTIONS)
    table = panel.countries(tables, selection)
    y, e = table["engagements"].to_numpy(float), table["population"].to_numpy(float)
    null = []
    for pair in combinations(range(len(y)), 2):
        inside = np.isin(np.arange(len(y)), pair)
        with np.errstate(divide="ignore"):
            null.append(y[inside].sum() / e[inside].sum() / (y[~inside].sum() / e[~inside].sum()))
    null = np.array(null)
    at_least, at_most = (
        (null >= test.estimate * (1 - 1e-9)).mean(),
        (null <= test.estimate * (1 + 1e-9)).mean(),
    )
    assert test.p == pytest.approx(min(1, 2 * min(at_least, at_most)))


def test_every_assignment_is_listed_for_every_exposure(finding):
    for test, _, _ in finding.detail["tests"].values():
        assert test.exact and test.assignments == 237_336
    assert {r.name for r in finding.secondary} >= {
        f"rate ratio {name}" for name in authority.EXPOSURE_NAMES.values()
    }


def test_the_quick_estimate_is_that_of_the_test(tables, finding):
    for definition in authority.DEFINITIONS:
        for exposure in panel.EXPOSURES:
            options = {"exposure": exposure, "definition": definition, "undated": "exclude"}
            slow = (
                authority.test(tables, Selection(), seed=1, **options).estimate
                if definition == "federal"
                else None
            )
            quick = authority.estimate(tables, Selection(), **options)
            assert quick > 0 and (slow is None or quick == pytest.approx(slow))


def test_row_order_of_the_records_does_not_matter(tables, finding):
    shuffled = tables.replace(engagements=tables.engagements.sample(frac=1, random_state=3))
    again = claims.test("authority", shuffled, plan.load()["authority"].selection())
    assert again.to_dict() == finding.to_dict()


def test_an_empty_selection_is_not_testable(tables):
    finding = claims.test("authority", tables, Selection(1970, 1971))
    assert finding.verdict == "not testable" and finding.estimate is None
    assert all("No picture" in picture.alt for picture in claims.pictures(finding).values())


def test_without_the_labelled_countries_it_is_not_testable(tables):
    finding = claims.test(
        "authority", tables, Selection(drop_countries=("ARG", "BRA", "MEX", "VEN", "KNA"))
    )
    assert finding.verdict == "not testable"
