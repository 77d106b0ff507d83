"""Missing years: draws stay within bounds and strata, and the pooled interval covers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from lac_analysis.stats.imputation import impute_years, pool


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_draws_keep_what_is_known_and_stay_within_bounds(seed):
    rng = np.random.default_rng(seed)
    low = rng.integers(2000, 2020, 40)
    high = low + rng.integers(0, 6, 40)
    years = impute_years(low, high, [rng.integers(0, 4, 40)], draws=7, seed=seed)
    assert years.shape == (7, 40)
    assert ((years >= low) & (years <= high)).all()


def test_a_missing_year_comes_from_its_own_stratum_then_from_a_coarser_one():
    low = [2001, 2003, 2009, 2000, 2000, 2000, 2015]
    high = [2001, 2003, 2009, 2010, 2010, 2006, 2018]
    fine, coarse = ["a", "a", "b", "a", "c", "c", "c"], ["x", "x", "x", "x", "x", "x", "x"]
    years = impute_years(low, high, [fine, coarse], draws=300, seed=1)
    assert set(years[:, 3]) == {2001, 2003}  # of a
    assert set(years[:, 4]) == {2001, 2003, 2009}  # of x, as c has none
    assert set(years[:, 5]) == {2001, 2003}  # of x, within bounds
    assert set(years[:, 6]) == {2015, 2016, 2017, 2018}  # of none: evenly


def test_draws_follow_the_known_years():
    low = np.r_[np.repeat([2005, 2015], [90, 30]), 2000]
    high = np.r_[np.repeat([2005, 2015], [90, 30]), 2020]
    drawn = impute_years(low, high, [np.zeros(121)], draws=4000, seed=1)[:, -1]
    assert (drawn == 2005).mean() == pytest.approx(0.75, abs=0.03)


def test_rubins_rules_by_hand():
    found = pool([1.0, 2, 3], [0.5, 0.7, 0.6], complete_df=10)
    total = 0.6 + 4 / 3 * 1
    share = (4 / 3) / total
    observed = 11 / 13 * 10 * (1 - share)
    half = t.isf(0.025, 1 / (share**2 / 2 + 1 / observed)) * np.sqrt(total)
    assert found.interval == pytest.approx((2 - half, 2 + half)) and found.estimate == 2


def test_completions_that_agree_leave_the_estimate_as_it_was():
    found, df = pool([2.0, 2, 2], [0.25, 0.25, 0.25], complete_df=12), 13 / 15 * 12
    half = t.isf(0.025, df) * 0.5
    assert found.interval == pytest.approx((2 - half, 2 + half))


@pytest.mark.slow
def test_pooled_interval_covers_the_mean_year():
    """Years missing at random within a stratum, whose shares differ."""
    rng = np.random.default_rng(4)
    covered = []
    for i in range(400):
        stratum = rng.integers(0, 2, 120)
        year = 2000 + rng.integers(0, 10, 120) + 8 * stratum
        missing = rng.random(120) < np.where(stratum == 1, 0.6, 0.2)
        low, high = np.where(missing, 2000, year), np.where(missing, 2020, year)
        drawn = impute_years(low, high, [stratum], draws=20, seed=i)
        found = pool(drawn.mean(1), drawn.var(1, ddof=1) / 120, complete_df=119)
        covered.append(found.interval[0] <= 2004.5 + 4 <= found.interval[1])
    assert 0.92 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize("complete_df", [100, 9, np.inf])
def test_the_pooled_p_agrees_with_the_pooled_interval(complete_df):
    values = [1.0, 1.4, 0.7], [0.3, 0.2, 0.4]
    pooled = pool(*values, complete_df=complete_df)
    low, high = pool(*values, complete_df=complete_df, level=1 - pooled.p).interval
    assert (
        0 < pooled.p < 1
        and low == pytest.approx(0, abs=1e-9)
        and high == pytest.approx(2 * pooled.estimate)
    )
