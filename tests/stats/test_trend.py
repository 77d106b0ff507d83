"""Trends against R (tests/reference/procedures.R), statsmodels, and simulated truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.trend import (
    count_trend,
    logistic_slope,
    logistic_trend,
)


def test_count_trend_equals_r_on_yearly_local_engagements(reference):
    yearly, r = reference.table("yearly"), reference.of("count_trend")
    trend = count_trend(yearly["year"], yearly["local"])
    assert trend.estimate == pytest.approx(r["estimate"], rel=1e-6)
    assert trend.alpha == pytest.approx(r["alpha"], rel=1e-6)
    assert trend.n == 21
    assert trend.p == pytest.approx(r["p"], rel=1)  # R takes the dispersion as known
    X = sm.add_constant(yearly["year"] - 2010.0)
    options = {"maxlags": 2, "use_correction": True}
    start = [*np.log([trend.fitted.mean(), trend.estimate]), trend.alpha]
    other = sm.NegativeBinomial(yearly["local"], X).fit(
        start, method="bfgs", gtol=1e-8, disp=0, cov_type="HAC", cov_kwds=options, use_t=True
    )
    assert trend.interval == pytest.approx(np.exp(other.conf_int().loc["year"]), rel=1e-5)


def test_count_trend_equals_statsmodels_newey_west(reference):
    yearly = reference.table("yearly")
    X = sm.add_constant(yearly["year"] - 2010.0)
    options = {"maxlags": 3, "use_correction": True}
    other = sm.GLM(yearly["local"], X, sm.families.Poisson()).fit(
        cov_type="HAC", cov_kwds=options, use_t=True
    )
    trend = count_trend(yearly["year"], yearly["local"], family="poisson", maxlags=3)
    assert trend.interval == pytest.approx(np.exp(other.conf_int().loc["year"]), rel=1e-6)
    assert trend.p == pytest.approx(other.pvalues["year"], rel=1e-5)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=6, max_size=12).filter(lambda y: np.count_nonzero(y) > 2),
    st.integers(0, 99),
)
def test_count_trend_ignores_row_order_and_inverts_when_time_runs_backwards(counts, seed):
    years, counts = np.arange(2000, 2000 + len(counts)), np.array(counts)
    order = np.random.default_rng(seed).permutation(len(years))
    trend, moved = count_trend(years, counts), count_trend(years[order], counts[order])
    assert moved.estimate == trend.estimate
    assert moved.interval == trend.interval
    assert 0 <= trend.p <= 1
    back = count_trend(years, counts[::-1])
    assert back.estimate == pytest.approx(1 / trend.estimate, rel=1e-6)


def test_exact_growth_is_found_and_exposure_divides_it_out():
    years = np.arange(2000, 2008)
    counts = 3 * 2 ** np.arange(8)
    trend = count_trend(years, counts)
    assert trend.estimate == pytest.approx(2)
    assert trend.fitted == pytest.approx(counts)
    assert count_trend(years, counts, 2.0 ** np.arange(8)).estimate == pytest.approx(1)


def test_logistic_trend_equals_r_on_company_engagements(reference):
    company, r = reference.table("company"), reference.of("logistic_trend")
    trend = logistic_trend(company["technology"], company["year"], company["iso3"])
    assert trend.estimate == pytest.approx(r["estimate"], rel=1e-6)
    assert trend.interval == pytest.approx((r["low"], r["high"]), rel=1e-6)
    assert trend.p == pytest.approx(r["p"], rel=1e-6)
    assert trend.interval_crv3 == pytest.approx((r["low_crv3"], r["high_crv3"]), rel=1e-5)
    assert trend.groups == r["groups"]


def test_logistic_trend_equals_statsmodels_clustered(reference):
    company = reference.table("company")
    X = sm.add_constant(company["year"] - 2010.0)
    options = {"groups": pd.factorize(company["iso3"])[0]}
    other = sm.GLM(company["technology"], X, sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds=options, use_t=True
    )
    trend = logistic_trend(company["technology"], company["year"], company["iso3"], per=1)
    assert trend.p == pytest.approx(other.pvalues["year"], rel=1e-6)


def test_logistic_trend_ignores_row_order_and_scales_with_per(reference):
    company = reference.table("company")
    mixed = company.sample(frac=1, random_state=1)
    a = logistic_trend(company["technology"], company["year"], company["iso3"])
    b = logistic_trend(mixed["technology"], mixed["year"], mixed["iso3"], per=1)
    assert b.estimate**10 == pytest.approx(a.estimate)
    assert b.p == pytest.approx(a.p)
    opposite = logistic_trend(1 - company["technology"], company["year"], company["iso3"])
    assert opposite.estimate == pytest.approx(1 / a.estimate)


def test_separated_outcome_has_an_infinite_odds_ratio():
    trend = logistic_trend([0, 0, 1, 1], [2000, 2001, 2002, 2003], list("abab"))
    assert trend.estimate == np.inf
    assert np.isnan(trend.p)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: count_trend([2000, 2000, 2001], [1, 2, 3]), InputError, "more than once"),
        (lambda: count_trend([2000, 2001], [1, 2]), ValueError, "at least three"),
        (lambda: count_trend([2000, 2001, 2002], [0, 0, 0]), ValueError, "no events"),
        (lambda: count_trend([2000, 2001, 2002], [1, 2]), InputError, "lengths differ"),
        (lambda: logistic_trend([0, 1, 2], [1, 2, 3], [1, 2, 3]), InputError, "not binary"),
        (lambda: logistic_trend([1, 1], [1, 2], [1, 2]), ValueError, "does not vary"),
        (lambda: logistic_trend([0, 1, 0], [1, 2, 3], [1, 1, 1]), ValueError, "one group"),
        (lambda: logistic_trend([0, 1], [1, 2], ["a", None]), InputError, "missing label"),
    ],
)
def test_bad_or_empty_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.slow
@pytest.mark.parametrize("persistence", [0.0, 0.4])
def test_count_trend_interval_covers_the_truth(persistence):
    """Over 21 overdispersed years the 95 % interval is short of its level, as its documentation
    says: no more so.
    """
    rng = np.random.default_rng(7)
    years, covered, runs = np.arange(2000, 2021), 0, 600
    for _ in range(runs):
        shock = np.zeros(21)
        noise = rng.normal(0, 0.3, 21)
        for year in range(1, 21):
            shock[year] = persistence * shock[year - 1] + noise[year]
        low, high = count_trend(
            years, rng.poisson(np.exp(2 + 0.05 * (years - 2010) + shock))
        ).interval
        covered += low <= np.exp(0.05) <= high
    assert 0.92 > covered / runs > (0.85 if persistence == 0 else 0.80)


@pytest.mark.slow
def test_logistic_trend_keeps_its_size_with_twenty_unequal_countries():
    rng = np.random.default_rng(9)
    groups = np.repeat(np.arange(20), np.arange(2, 22))
    rejected, runs = 0, 400
    for _ in range(runs):
        t = rng.integers(2000, 2021, len(groups))
        share = 1 / (1 + np.exp(-rng.normal(0, 0.7, 20)[groups]))
        trend = logistic_trend((rng.random(len(groups)) < share).astype(int), t, groups)
        rejected += trend.p_crv3 < 0.05
    assert rejected / runs < 0.08


def test_the_fitted_shares_are_those_of_the_logistic_model():
    t, y = np.repeat([2001, 2004, 2009, 2010], 6), np.tile([0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1], 2)
    found = logistic_trend(y, t, np.tile([1, 2, 3], 8))
    model = sm.Logit(y, sm.add_constant(t - 2000.0)).fit(disp=0)
    assert found.times.tolist() == [2001, 2004, 2009, 2010]
    assert found.fitted == pytest.approx(
        model.predict(sm.add_constant(found.times - 2000.0)), rel=1e-5
    )


def test_a_slope_with_its_error_is_that_of_r_and_of_the_model(reference):
    company, r = reference.table("company"), reference.of("logistic_trend")
    x = (company["year"] - 2010).to_numpy() / 10
    y, countries = company["technology"].to_numpy(), pd.factorize(company["iso3"])[0]
    _, slope, se = logistic_slope(y, x, countries)
    model = sm.Logit(y, sm.add_constant(x)).fit(disp=0)
    assert np.exp(slope) == pytest.approx(r["estimate"], rel=1e-6)
    assert np.exp(slope - 1.96 * se) < 1 or se > 0
    assert logistic_slope(y, x)[2] == pytest.approx(model.bse[1], rel=1e-6)
