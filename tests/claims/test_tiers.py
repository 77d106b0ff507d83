import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lac_analysis import claims, tables
from lac_analysis.claims import NotTestable, plan, tiers, tiers_figures
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import rates

OPTIONS = {"years": 5, "without_2020": False}
VARYING = ("gcdf_projects", "cgit_deals", "prc_leader_visits")


@pytest.fixture(scope="module")
def real():
    return tables.load()


@pytest.fixture(scope="module")
def made(real):
    """Tables in which Brazil has these projects and deals in 2011-2020, Peru a visit in 2012, and
    no other anything.
    """

    def make(projects, deals):
        table = real.country_year.copy()
        for column in VARYING:
            table[column] = table[column].where(table[column].isna(), 0.0)
        brazil = (table["iso3"] == "BRA") & table["year"].between(2011, 2020)
        table.loc[brazil, "gcdf_projects"], table.loc[brazil, "cgit_deals"] = projects, deals
        table.loc[(table["iso3"] == "PER") & (table["year"] == 2012), "prc_leader_visits"] = 1.0
        return real.replace(country_year=table)

    return make


def run(data, selection=None, **options):
    return tiers.test(data, selection or Selection(), seed=1, **OPTIONS | options)


def test_the_smaller_ratio_counts_and_the_larger_p(made):
    data = made([10.0] * 5 + [20.0] * 5, [8.0] * 5 + [6.0] * 5)
    finding = run(data)
    assert finding.estimate == tiers.estimate(data, Selection(), **OPTIONS) == 0.75
    assert (finding.low, finding.high) == rates.rate_ratio(30, 5, 40, 5).interval
    assert finding.p == pytest.approx(stats.binom.sf(29, 70, 0.75 / 1.75))
    assert finding.n_engagements == 50 + 100 + 40 + 30


def test_the_test_is_one_sided_against_a_fall_of_a_quarter(made):
    even = run(made([50.0] * 10, [50.0] * 10))
    assert even.estimate == 1 and even.p < 0.05
    assert even.smallest_detectable < 1
    fallen = run(made([50.0] * 10, [50.0] * 5 + [10.0] * 5))
    assert fallen.estimate == pytest.approx(0.2) and fallen.p > 0.99


def test_2020_can_be_left_out_of_its_period(made):
    data = made([10.0] * 9 + [400.0], [5.0] * 10)
    assert run(data).detail["late"].index.tolist() == [2016, 2017, 2018, 2019, 2020]
    without = run(data, without_2020=True)
    assert without.detail["late"].index.tolist() == [2016, 2017, 2018, 2019]
    assert without.detail["early"].index.tolist() == [2011, 2012, 2013, 2014, 2015]
    assert without.estimate == 1 and without.n_engagements == 90 + 45


def test_years_that_differ_much_fail_the_overdispersion_condition(made):
    level, jumpy = [40.0] * 10, [0.0, 0.0, 100.0, 0.0, 100.0] * 2
    assert run(made(level, level)).conditions == {"allowing_for_overdispersion": True}
    uneven = run(made(level, jumpy))
    assert uneven.conditions == {"allowing_for_overdispersion": False} and uneven.p < 0.05
    assert uneven.conditions.keys() == plan.load()["tiers"].must_also_hold.keys()


def test_visits_are_country_years_with_a_visit(made):
    visits = next(r for r in run(made([5.0] * 10, [5.0] * 10)).secondary if "visit (odds" in r.name)
    assert visits.note == "0 of 165 country-years against 1 of 165" and visits.estimate == 0


@pytest.mark.parametrize(
    "selection", [Selection(2021, 2025), Selection(2005, 2021), Selection(1970, 1971)]
)
def test_a_window_past_the_sources_is_not_testable_and_names_them(real, selection):
    with pytest.raises(
        NotTestable, match=r"AidData projects .* 2000 to 2021 and CGIT deals .* 2005 to 2020"
    ):
        run(real, selection)


def test_what_the_window_or_the_countries_cannot_carry_is_not_testable(real, made):
    with pytest.raises(NotTestable, match="do not fit in the window, 2015–2020"):
        run(real, Selection(2015, 2020))
    with pytest.raises(NotTestable, match="no CGIT deals"):
        run(made([5.0] * 10, [0.0] * 10))
    finding = claims.test("tiers", real, Selection(2021, 2025), **OPTIONS)
    assert finding.verdict == "not testable" and set(claims.pictures(finding)) == {
        *tiers_figures.PICTURES,
        *claims.PICTURES,
    }


def test_a_period_of_one_year_is_refused(real):
    with pytest.raises(InputError, match="years"):
        run(real, years=1)


def test_neither_row_order_nor_engagement_records_matter(real):
    shuffled = real.replace(
        engagements=real.engagements.head(3),
        country_year=real.country_year.sample(frac=1, random_state=3),
        countries=real.countries.sample(frac=1, random_state=3),
    )
    expected = run(real).to_dict()
    assert run(shuffled).to_dict() == expected
    assert (
        run(
            real, Selection(collection="all", include_other_local=False, min_confidence="high")
        ).to_dict()
        == expected
    )


def test_dropping_a_country_without_volumes_changes_no_volume(real):
    totals = real.country_year.groupby("iso3")[["gcdf_projects", "cgit_deals"]].sum().sum(axis=1)
    nothing = totals.index[totals == 0][0]
    everywhere, elsewhere = run(real), run(real, Selection(drop_countries=(nothing,)))
    assert (elsewhere.estimate, elsewhere.p, elsewhere.low) == (
        everywhere.estimate,
        everywhere.p,
        everywhere.low,
    )
    assert elsewhere.n_countries == everywhere.n_countries - 1


def test_money_ratio_is_that_of_the_sums(real):
    money = next(r for r in run(real).secondary if r.name.startswith("CGIT money"))
    by_year = real.country_year.groupby("year")["cgit_usd_million"].sum()
    assert money.estimate == pytest.approx(
        by_year.loc[2016:2020].sum() / by_year.loc[2011:2015].sum()
    )
    assert money.low < money.estimate < money.high


def test_a_place_without_money_or_visits_still_runs(made):
    data = made([5.0] * 10, [5.0] * 10)
    table = data.country_year.assign(
        gcdf_usd2021=0.0, prc_leader_visits=np.where(data.country_year["year"] < 2021, 0, np.nan)
    )
    finding = run(data.replace(country_year=table))
    money = next(r for r in finding.secondary if r.name.startswith("AidData money"))
    assert np.isnan(money.estimate) and money.low is None
    assert "not estimable" in finding.secondary[-1].note


@pytest.mark.parametrize(
    ("projects", "deals", "words"),
    [
        (
            [50.0] * 10,
            [50.0] * 10,
            "ruled out for the number of AidData projects and of CGIT deals",
        ),
        ([50.0] * 10, [2.0] * 10, "ruled out for the number of AidData projects alone"),
        ([2.0] * 10, [2.0] * 10, "is not ruled out"),
    ],
)
def test_titles_follow_the_numbers(made, projects, deals, words):
    finding = claims.test("tiers", made(projects, deals), Selection(), **OPTIONS)
    pictures = claims.pictures(finding)
    assert tuple(pictures) == tiers_figures.PICTURES + claims.PICTURES
    assert words in pictures["ratios"].figure.texts[0].get_text().replace("\n", " ")
    assert isinstance(pictures["volumes"].data, pd.DataFrame)
