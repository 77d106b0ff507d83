"""Yearly trends against R (tests/reference), statsmodels, and planted growth."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.trend import (
    jackknife_error,
    jackknife_slopes,
    jackknife_trend,
    nb2_trend,
    poisson_slopes,
    trend_ratio,
)

YEARS = np.arange(2000, 2021)


@pytest.mark.parametrize("block", [1, 3])
def test_equals_r(reference_c, block):
    data = reference_c.table("yearly")
    runs = 21 // block
    for name, result in (
        ("trend", jackknife_trend(data["year"], data["count"], runs=runs)),
        ("ratio", trend_ratio(data["year"], data["count"], data["other"], runs=runs)),
    ):
        r = reference_c.of(f"{name}_{block}")
        assert np.log(result.estimate) == pytest.approx(r["log_ratio"], rel=1e-7)
        assert result.se == pytest.approx(r["se"], rel=1e-6)
        assert result.p == pytest.approx(r["p"], rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=4, max_size=25))
def test_slopes_are_those_of_a_poisson_regression(counts):
    years, counts = np.arange(2000, 2000 + len(counts)), np.array(counts)
    slope = poisson_slopes(years, counts[None])[0]
    if counts.sum() == 0:
        assert np.isnan(slope)
    elif counts.sum() in (counts[0], counts[-1]):
        assert slope == (np.inf if counts[-1] else -np.inf)
    else:
        X = sm.add_constant(years - years.mean())
        fit = sm.GLM(counts, X, sm.families.Poisson()).fit(tol=1e-12, maxiter=200)
        assert slope == pytest.approx(fit.params[1], abs=1e-6)


def test_many_series_at_once_are_each_alone():
    rng = np.random.default_rng(1)
    counts = rng.poisson(5 * 1.1 ** (YEARS - 2000.0), (30, 21))
    slopes = jackknife_slopes(YEARS, counts, 7)
    for series, own, error in zip(counts, slopes, jackknife_error(slopes), strict=True):
        alone = jackknife_trend(YEARS, series, runs=7)
        assert (np.exp(own[0]), error) == pytest.approx((alone.estimate, alone.se), rel=1e-9)


def test_exact_growth_has_no_error():
    result = jackknife_trend(np.arange(2000, 2006), 2 ** np.arange(6), runs=6)
    assert result.estimate == pytest.approx(2)
    assert result.interval == pytest.approx((2, 2))


def test_ratios_turn_over():
    rng = np.random.default_rng(3)
    a, b = rng.poisson(5 * 1.1 ** (YEARS - 2000.0)), rng.poisson(20, 21)
    first, back = trend_ratio(YEARS, a, b, runs=6), trend_ratio(YEARS, b, a, runs=6)
    assert back.estimate == pytest.approx(1 / first.estimate)
    assert back.p == pytest.approx(first.p)
    assert trend_ratio(YEARS, a, a, runs=6).estimate == 1
    alone = [jackknife_trend(YEARS, series, runs=6).estimate for series in (a, b)]
    assert first.estimate == pytest.approx(alone[0] / alone[1])


@pytest.mark.parametrize("counts", [[0, 0, 4], [0, 0, 0], [4, 0, 0]])
def test_no_trend_to_estimate(counts):
    years = np.arange(2000, 2003)
    for call in (lambda: jackknife_trend(years, counts, runs=3), lambda: nb2_trend(years, counts)):
        with pytest.raises(InputError, match="no trend"):
            call()


def test_a_year_that_alone_bounds_the_trend_leaves_it_open():
    result = jackknife_trend(np.arange(2000, 2006), [0, 0, 0, 0, 1, 9], runs=6)
    assert np.isfinite(result.estimate)
    assert result.interval == (0, np.inf)
    assert result.p == 1


def test_nb2_equals_r_on_yearly_local_engagements(reference):
    yearly, r = reference.table("yearly"), reference.of("count_trend")
    trend = nb2_trend(yearly["year"], yearly["local"])
    assert trend.estimate == pytest.approx(r["estimate"], rel=1e-6)
    assert trend.p == pytest.approx(r["p"], rel=1)  # R takes the dispersion as known
    X = sm.add_constant(yearly["year"] - 2010.0)
    options = {"maxlags": 2, "use_correction": True}
    start = [np.log(yearly["local"].mean()), np.log(trend.estimate), r["alpha"]]
    other = sm.NegativeBinomial(yearly["local"], X).fit(
        start, method="bfgs", gtol=1e-5, disp=0, cov_type="HAC", cov_kwds=options, use_t=True
    )
    assert trend.interval == pytest.approx(np.exp(other.conf_int().loc["year"]), rel=1e-5)


def test_nb2_without_more_spread_than_poisson_is_poisson():
    counts = np.round(3 * 1.1 ** np.arange(12)).astype(int)
    trend = nb2_trend(np.arange(2000, 2012), counts)
    poisson = poisson_slopes(np.arange(12), counts[None])[0]
    assert np.log(trend.estimate) == pytest.approx(poisson, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=6, max_size=12).filter(lambda y: np.count_nonzero(y) > 2)
)
def test_nb2_inverts_when_time_runs_backwards(counts):
    years = np.arange(2000, 2000 + len(counts))
    trend, back = nb2_trend(years, counts), nb2_trend(years, counts[::-1])
    assert 0 <= trend.p <= 1
    assert back.estimate == pytest.approx(1 / trend.estimate, rel=1e-6)


@pytest.mark.slow
def test_runs_of_years_keep_the_size_where_years_depend_on_each_other():
    rng = np.random.default_rng(11)
    rejected = {21: 0, 6: 0}
    for _ in range(300):
        noise = rng.normal(size=21)
        for year in range(1, 21):
            noise[year] = 0.4 * noise[year - 1] + 0.84**0.5 * noise[year]
        counts = rng.poisson(15 * np.exp(0.31 * noise))
        for runs in rejected:
            rejected[runs] += jackknife_trend(YEARS, counts, runs=runs).p < 0.05
    assert rejected[6] / 300 < 0.1  # about 0.06, give or take 0.014
    assert rejected[21] > 1.5 * rejected[6]


@pytest.mark.slow
@pytest.mark.parametrize("persistence", [0.0, 0.4])
def test_nb2_interval_covers_the_truth(persistence):
    """Over 21 overdispersed years the 95 % interval is short of its level, as its documentation
    says: no more so.
    """
    rng = np.random.default_rng(7)
    covered, runs = 0, 600
    for _ in range(runs):
        shock = np.zeros(21)
        noise = rng.normal(0, 0.3, 21)
        for year in range(1, 21):
            shock[year] = persistence * shock[year - 1] + noise[year]
        low, high = nb2_trend(
            YEARS, rng.poisson(np.exp(2 + 0.05 * (YEARS - 2010) + shock))
        ).interval
        covered += low <= np.exp(0.05) <= high
    assert 0.92 > covered / runs > (0.85 if persistence == 0 else 0.80)
