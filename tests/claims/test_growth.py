import numpy as np
import pandas as pd
import pytest

from lac_analysis import claims, config, panel
from lac_analysis.claims import NotTestable, growth, growth_figures, plan
from lac_analysis.panel import Selection

YEARS = Selection(2000, 2009)


@pytest.fixture(scope="module")
def made(tables):
    """Tables whose local engagements are so many a year from 2000 on, and twinnings as given by a
    function of it.
    """

    def make(counts, twinning=lambda i: False, projects=None):
        years = np.repeat(np.arange(2000, 2000 + len(counts)), counts)
        table = tables.engagements.iloc[np.zeros(len(years), dtype=int)].reset_index(drop=True)
        table = table.assign(
            engagement_id=[f"E{i}" for i in range(len(years))],
            country=[config.CELAC[i % 3] for i in range(len(years))],
            date_start=pd.to_datetime([f"{year}-01-01" for year in years]),
            date_end=pd.to_datetime([f"{year}-12-31" for year in years]),
            year=pd.array(years, dtype="Int64"),
            level=pd.Categorical(["municipal"] * len(years), dtype=table["level"].dtype),
            confidence=pd.Categorical(["high"] * len(years), dtype=table["confidence"].dtype),
            planned=False,
            in_country_queries=True,
            activity=["twinning" if twinning(i) else "visit_to_lac" for i in range(len(years))],
        )
        cells = tables.country_year
        if projects is not None:
            first = cells["iso3"] == "ATG"
            by_year = dict(zip(range(2000, 2000 + len(projects)), projects, strict=True))
            cells = cells.assign(gcdf_projects=cells["year"].map(by_year).where(first))
        return tables.replace(engagements=table, country_year=cells)

    return make


def run(tables, selection=YEARS, family="nb2"):
    return growth.test(tables, selection, seed=1, family=family)


def secondary(finding):
    return {result.name: result for result in finding.secondary}


def test_doubling_every_year_is_a_ratio_of_two(made):
    doubling = made([2**i for i in range(8)])
    assert growth.estimate(doubling, Selection(2000, 2007), family="nb2") == pytest.approx(
        2, abs=1e-6
    )
    assert growth.estimate(doubling, Selection(2000, 2007), family="poisson") == pytest.approx(
        2, abs=1e-6
    )
    halving = made([2**i for i in range(8)][::-1])
    assert growth.estimate(halving, Selection(2000, 2007), family="nb2") == pytest.approx(
        0.5, abs=1e-6
    )


def test_years_without_engagements_count_as_zero(made):
    assert growth.estimate(
        made([4, 4, 3, 5, 4]), Selection(2000, 2004), family="poisson"
    ) == pytest.approx(1, abs=0.1)
    assert growth.estimate(made([4, 4, 3, 5, 4]), Selection(1995, 2004), family="poisson") > 1.3


def test_the_conditions_are_those_of_the_plan_and_say_what_grew(made):
    counts = [3, 4, 4, 6, 7, 8, 11, 12, 15, 19]
    faster = run(
        made(
            counts, twinning=lambda i: i % 2 == 0, projects=[20, 21, 22, 22, 23, 25, 24, 26, 27, 28]
        )
    )
    assert faster.conditions == dict.fromkeys(plan.load()["growth"].must_also_hold, True)
    slower = run(made(counts, twinning=lambda i: i < 7, projects=[2**i for i in range(10)]))
    assert slower.conditions == dict.fromkeys(plan.load()["growth"].must_also_hold, False)
    assert secondary(slower)["growth relative to AidData projects"].estimate < 1


def test_fewer_than_five_common_years_are_not_compared(made):
    finding = run(made([3, 4, 4, 6, 7, 8, 11, 12, 15, 19], projects=[5, 6, 7, 8]))
    result = secondary(finding)["growth relative to AidData projects"]
    assert not finding.conditions["faster_than_state_tier"]
    assert result.estimate is None and "not comparable" in result.note and result.n == 4


def test_the_tipping_point_is_the_growth_itself(made):
    finding = run(made([3, 4, 4, 6, 7, 8, 11, 12, 15, 19]))
    points = [result for result in finding.secondary if result.name.startswith("tipping point")]
    whole, insignificant, left = (point.estimate for point in points)
    assert whole == finding.estimate and insignificant == finding.low
    assert left * plan.load()["growth"].sesoi == pytest.approx(whole)


@pytest.mark.parametrize(
    ("counts", "selection", "reason"),
    [
        ([5, 6], Selection(1980, 1990), "no local engagement"),
        ([5, 6, 7], Selection(2000, 2002), "3 years"),
        ([2, 2, 2, 2, 2], Selection(2000, 2004), "same number"),
        ([0, 0, 0, 0, 5], Selection(2000, 2004), "first or in the last year"),
    ],
)
def test_a_series_that_cannot_carry_a_trend_says_why(made, counts, selection, reason):
    data = made(counts)
    with pytest.raises(NotTestable, match=reason):
        run(data, selection)
    with pytest.raises(NotTestable, match=reason):
        growth.estimate(data, selection, family="nb2")


def test_engagements_without_a_certain_year_bound_the_trend(made):
    data = made([3, 4, 4, 6, 7, 8, 11, 12, 15, 19])
    table = data.engagements.copy()
    loose = table.index % 5 == 0
    table.loc[loose, "year"] = pd.NA
    table.loc[loose, "date_start"] = pd.NaT
    table.loc[loose, "date_end"] = pd.NaT
    finding = run(data.replace(engagements=table))
    bounds = secondary(finding)["with the engagements of uncertain year"]
    assert bounds.n == loose.sum() and finding.n_engagements == (~loose).sum()
    assert bounds.low < growth.estimate(data, YEARS, family="nb2") < bounds.high


def test_real_data_invariants(tables):
    selection = Selection(2005, 2020)
    base = growth.estimate(tables, selection, family="nb2")
    found = panel.chosen(tables, selection)
    absent = sorted(set(config.CELAC) - set(found["country"]))
    assert (
        growth.estimate(tables, selection.replace(drop_countries=tuple(absent)), family="nb2")
        == base
    )
    shuffled = tables.replace(engagements=tables.engagements.sample(frac=1, random_state=3))
    assert growth.estimate(shuffled, selection, family="nb2") == base
    assert found["year"].min() >= 2005


def test_the_estimate_is_that_of_the_test_and_the_pictures_are_drawn(tables):
    for selection in (Selection(), Selection(2021, 2025)):
        window = (selection.window_start, selection.window_end)
        finding = run(tables, selection, "poisson").replace(
            claim="growth", window=window, sesoi=1.03
        )
        assert finding.estimate == growth.estimate(tables, selection, family="poisson")
        assert finding.low < finding.estimate < finding.high
        counted = panel.chosen(tables, selection)["year"].notna().sum()
        assert finding.n_engagements == counted == finding.detail["yearly"]["engagements"].sum()
        drawn = growth_figures.pictures(finding)
        assert tuple(drawn) == growth_figures.PICTURES
        assert drawn["trend"].data["engagements"].sum() == counted


def test_an_empty_selection_gives_pictures_that_say_so(tables):
    finding = claims.test("growth", tables, Selection(1970, 1971), family="nb2")
    assert finding.verdict == "not testable"
    assert all("No picture" in picture.alt for picture in claims.pictures(finding).values())
