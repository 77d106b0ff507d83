import numpy as np
import pytest

from lac_analysis import claims
from lac_analysis.claims import growth, plan, technology
from lac_analysis.selection import Selection
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.trend import jackknife_trend


def yearly(ratio, start=4, activity="twinning"):
    """Engagements that grow by a known ratio a year."""
    rows = []
    for year in range(2000, 2021):
        number = round(start * ratio ** (year - 2000))
        rows += [{"country": "BRA", "date": f"{year}-06-01", "activity": activity}] * number
    return rows


def test_growth_finds_the_ratio_that_was_put_in(made):
    data = made(yearly(1.1))
    finding = claims.analyse("growth", data, plan.load()["growth"].selection())
    assert finding.estimate == pytest.approx(1.1, abs=0.01)
    assert finding.low < 1.1 < finding.high and finding.p < 0.001
    assert finding.conditions["twinnings_grow"]
    years = growth.table(data, plan.load()["growth"].selection())["engagements"]
    direct = jackknife_trend(years.index, years, runs=7)
    assert (finding.estimate, finding.p) == (direct.estimate, direct.p)
    assert growth.estimate(data, plan.load()["growth"].selection(), family="poisson") == (
        pytest.approx(direct.estimate, rel=1e-6)
    )


def test_growth_needs_nine_years_and_thirty_engagements(made):
    few = claims.analyse("growth", made(yearly(1.0, start=1)), Selection(collection="neutral"))
    assert few.verdict == "not testable" and "21 local engagements" in few.not_testable
    late = Selection(window_start=2012, window_end=2019, collection="neutral")
    short = claims.analyse("growth", made(yearly(1.1)), late)
    assert short.verdict == "not testable" and "8 years" in short.not_testable


def test_growth_design_holds_its_size(made):
    data = made(yearly(1.1))
    planned = plan.load()["growth"]
    power = growth.design(
        growth.table(data, planned.selection())["engagements"], planned, "poisson", seed=1
    )
    assert power["rejected"].iloc[0] <= 0.1 and power["rejected"].iloc[-1] > 0.9


def company(year, technology, country, templates="T5"):
    return {
        "country": country, "date": f"{year}-06-01", "tier": "company", "technology": technology,
        "templates": templates, "actor_type": "private_company",
    }  # fmt: skip


def test_technology_takes_only_queries_of_fixed_wording(made):
    data = made(
        [
            company(2010, 1, "BRA"), company(2011, 0, "BRA", "N4 T4"), company(2012, 1, "BRA", "T4"),
            company(2012, 1, "BRA", ""),
        ]
    )  # fmt: skip
    events = technology.table(data, Selection(collection="all"), templates="fixed")
    assert events["year"].tolist() == [2010, 2011] and events["found_by_n4"].tolist() == [0, 1]
    finding = claims.analyse("technology", data, Selection(collection="all"))
    assert finding.verdict == "not testable" and "2 engagements" in finding.not_testable


def test_technology_trend_is_recovered(made, monkeypatch):
    monkeypatch.setattr(technology, "SIMULATIONS", 10)  # of the design, which is not asked here
    rng = np.random.default_rng(2)
    isos = ["ARG", "BRA", "CHL", "PER", "MEX", "COL", "ECU", "BOL", "URY", "PAN"]
    rows = []
    for _ in range(400):
        year = int(rng.integers(2000, 2021))
        logit = np.log(3) * (year - 2010) / 10
        rows.append(company(year, int(rng.random() < 1 / (1 + np.exp(-logit))), rng.choice(isos)))
    finding = claims.analyse("technology", made(rows), Selection(collection="all"))
    assert finding.low < 3 < finding.high and finding.p < 0.01 and finding.n_countries == 10


@pytest.mark.parametrize(
    ("ratio", "interval", "needed"),
    [(1.08, (1.05, 1.11), [1.08, 1.05, 1.08 / 1.03]), (0.9, (0.85, 0.95), [0.9, 0.95, 0.9 / 1.03]),
     (1.4, (0.9, 2.2), [1.4, 1, 1.4 / 1.03])],
)  # fmt: skip
def test_tipping_points_are_the_detection_that_leaves_nothing(ratio, interval, needed):
    main = Estimate(estimate=ratio, interval=interval, p=0.1, method="", n=1)
    assert [result.estimate for result in growth._tipping(main, 1.03)] == pytest.approx(needed)


def test_a_condition_that_nobody_can_tell_is_said_to_be_so_and_supports_nothing(tables):
    """AidData ends in 2021: six years of it are no trend to compare with."""
    selection = plan.of("growth").selection(window_start=2016, window_end=2025)
    finding = claims.analyse("growth", tables, selection)
    assert finding.conditions["faster_than_state_tier"] is None
    assert "faster than state tier: cannot be told" in finding.reasons
    assert finding.verdict != "supported"
