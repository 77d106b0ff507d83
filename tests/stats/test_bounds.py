import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from lac_analysis.errors import InputError
from lac_analysis.stats.bounds import share_bounds

counts = st.integers(0, 200)


def test_bounds_of_a_known_case():
    result = share_bounds(30, 50, 20)
    assert (result.lower, result.upper, result.n) == (0.3, 0.5, 100)


@given(counts, st.integers(1, 200))
def test_without_unknown_cases_it_is_wilsons_interval(yes, no):
    assert share_bounds(yes, no, 0).interval == pytest.approx(
        proportion_confint(yes, yes + no, method="wilson")
    )


def test_far_apart_bounds_use_the_one_sided_value_as_imbens_and_manski_do():
    # at this size Wilson's limits and the paper's normal ones agree
    yes, no, unknown = 300_000, 500_000, 200_000
    low, high = share_bounds(yes, no, unknown).interval
    n, z = 1_000_000, norm.ppf(0.95)
    assert low == pytest.approx(0.3 - z * np.sqrt(0.3 * 0.7 / n), abs=1e-5)
    assert high == pytest.approx(0.5 + z * np.sqrt(0.5 * 0.5 / n), abs=1e-5)


@given(counts, counts, counts)
def test_interval_holds_the_bounds_and_mirrors(yes, no, unknown):
    if yes + no + unknown == 0:
        return
    result, mirror = share_bounds(yes, no, unknown), share_bounds(no, yes, unknown)
    low, high = result.interval
    assert 0 <= low <= result.lower + 1e-12 and result.upper - 1e-12 <= high <= 1
    assert mirror.interval == pytest.approx((1 - high, 1 - low))


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 50))
def test_learning_a_case_never_widens_the_bounds(yes, no, unknown):
    before, after = share_bounds(yes, no, unknown), share_bounds(yes + 1, no, unknown - 1)
    assert before.lower <= after.lower <= after.upper <= before.upper


@pytest.mark.parametrize("case", [(0, 0, 0), (-1, 5, 0)])
def test_impossible_counts_are_refused(case):
    with pytest.raises(InputError, match="counts"):
        share_bounds(*case)


@pytest.mark.parametrize("truth", ["lower", "middle", "upper"])
def test_interval_covers_wherever_the_share_lies_between_the_bounds(truth):
    # true bounds 0.4 and 0.5, 120 cases; the share itself is covered in at least about 95 % of
    # samples
    rng = np.random.default_rng(3)
    share = {"lower": 0.4, "middle": 0.45, "upper": 0.5}[truth]
    draws = rng.multinomial(120, [0.4, 0.5, 0.1], size=1_500)
    covered = [
        low <= share <= high
        for low, high in (share_bounds(*map(int, draw)).interval for draw in draws)
    ]
    assert np.mean(covered) > 0.93


def test_bounds_that_nearly_meet_have_nearly_two_sided_limits():
    """One unknown case among a hundred: Imbens and Manski's value lies near 1.96, far above the
    one-sided 1.645.
    """
    near, point = share_bounds(50, 49, 1), share_bounds(50, 50, 0, level=0.91)
    assert near.interval[0] < point.interval[0]
