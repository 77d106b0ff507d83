"""Proportions against R's binom.test and Clopper and Pearson's own definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from lac_analysis.errors import InputError
from lac_analysis.stats.proportions import proportion


@pytest.mark.parametrize(
    ("case", "arguments", "options"),
    [
        ("mendel", (682, 925), {"null": 0.75}),
        ("lower_bound", (12, 33), {"null": 5 / 33, "alternative": "greater"}),
    ],
)
def test_equals_binom_test(reference, case, arguments, options):
    r, result = reference.of(case), proportion(*arguments, **options)
    assert result.estimate == pytest.approx(r["estimate"])
    assert result.interval == pytest.approx((r["low"], r["high"]), rel=1e-9)
    if "alternative" in options:  # two-sided, R orders the outcomes by likelihood
        assert result.p == pytest.approx(r["p"], rel=1e-9)


@given(st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_leave_the_tails_they_promise_and_mirror(pair):
    k, n = pair
    low, high = proportion(k, n).interval
    assert low <= k / n <= high
    if k > 0:
        assert binom.sf(k - 1, n, low) == pytest.approx(0.025)
    if k < n:
        assert binom.cdf(k, n, high) == pytest.approx(0.025)
    mirrored = proportion(n - k, n)
    assert mirrored.interval == pytest.approx((1 - high, 1 - low))
    assert 0 < mirrored.p <= 1


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_two_sided_p_is_below_five_per_cent_where_the_interval_excludes_the_null(pair):
    result = proportion(*pair, null=0.3)
    low, high = result.interval
    assert (result.p < 0.05) == (not low <= 0.3 <= high)


def test_all_of_33_countries():
    result = proportion(33, 33)
    assert result.interval == (pytest.approx(0.025 ** (1 / 33)), 1)
    assert result.p == pytest.approx(2 * 0.5**33)


def test_no_trials():
    with pytest.raises(InputError, match="no trials"):
        proportion(0, 0)
