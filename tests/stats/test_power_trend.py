import numpy as np
import pytest
from scipy import stats

from lac_analysis.stats import power, trend

YEARS = np.arange(2000, 2021)


def test_power_of_a_trend_grows_with_the_trend_and_with_the_events():
    few, many = (
        [*map(power.trend_power(YEARS, total, 0.05, designs=40, seed=1), (1.01, 1.05))]
        for total in (60, 600)
    )
    assert few[0] < few[1] < many[1] and many[0] < many[1] == 1


@pytest.mark.parametrize(("family", "dispersion"), [("nb2", 0.2), ("poisson", 0.2), ("nb2", 0.0)])
def test_power_of_a_trend_is_the_share_that_count_trend_rejects(family, dispersion):
    own = power.trend_power(YEARS, 60, dispersion, family=family, designs=60, seed=4)(1.04)
    mean = 1.04 ** (YEARS - YEARS.mean())
    mean *= 60 / mean.sum()
    drawn = np.random.default_rng(4).random((60, len(YEARS)))
    if dispersion:
        counts = stats.nbinom.ppf(drawn, 1 / dispersion, 1 / (1 + dispersion * mean))
    else:
        counts = stats.poisson.ppf(drawn, mean)
    assert 0 < own < 1
    assert own == np.mean(
        [trend.count_trend(YEARS, row, family=family).p <= 0.05 for row in counts]
    )


def test_without_a_trend_the_power_is_the_size_of_the_newey_west_test():
    size = power.trend_power(YEARS, 234, 0.06, designs=200, seed=2)(1.0)
    assert 0.05 < size < 0.25  # it rejects too often in short series


@pytest.mark.parametrize("effect", [0.5, 1.0, 2.0])
def test_shifted_power_is_that_of_the_t_test(effect):
    rng = np.random.default_rng(3)
    estimates = 0.7 + 0.4 * rng.standard_normal(20_000)
    errors = np.full(20_000, 0.4)
    critical = stats.t.isf(0.025, 1000)
    expected = stats.norm.sf(critical - effect / 0.4) + stats.norm.cdf(-critical - effect / 0.4)
    assert power.shifted_power(estimates, errors, 0.7, effect, 1000) == pytest.approx(
        expected, abs=0.01
    )


def test_draws_that_tell_nothing_are_not_rejected():
    assert power.shifted_power([9.0, np.nan], [1.0, np.nan], 0.0, 1.0, 10) == 0.5
