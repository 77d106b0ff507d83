"""Rate ratios against R's poisson.test and quasi-Poisson glm."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.rates import overdispersed_rate_ratio, rate_ratio

CASES = {
    "rate_breslow_day": ((11, 800, 21, 3011), {}),
    "rate_greater": ((40, 5, 55, 5), {"null": 0.75, "alternative": "greater"}),
    "rate_zero": ((0, 2, 7, 3), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_equals_poisson_test(reference, case):
    data, options = CASES[case]
    r, ratio = reference.of(case), rate_ratio(*data, **options)
    assert ratio.estimate == pytest.approx(r["estimate"])
    assert ratio.interval == pytest.approx((r["low"], r["high"]), rel=1e-8)
    if "alternative" in options:
        assert ratio.p == pytest.approx(r["p"], rel=1e-8)
    else:  # R orders the outcomes by likelihood; ours is twice the smaller of its one-sided p
        sides = [
            rate_ratio(*order, alternative="greater").p for order in (data, data[2:] + data[:2])
        ]
        assert ratio.p == pytest.approx(min(1, 2 * min(sides)))


def test_equal_times_are_mcnemars_exact_test_in_r(reference):
    r, result = reference.of("approval"), rate_ratio(150, 1, 86, 1)  # Agresti (1990), p. 350
    assert result.estimate == pytest.approx(150 / 86)
    assert result.interval == pytest.approx((r["low"], r["high"]), rel=1e-8)
    assert result.p == pytest.approx(r["p"]) and result.n == 236


counts, times = st.integers(0, 60), st.floats(0.1, 50)


@settings(max_examples=60, deadline=None)
@given(counts, times, st.integers(1, 60), times)
def test_swapping_the_groups_inverts_and_the_unit_of_time_is_free(a, per_a, b, per_b):
    ratio, swapped = rate_ratio(a, per_a, b, per_b), rate_ratio(b, per_b, a, per_a)
    inverse = [
        1 / bound if bound > 0 else math.inf for bound in (ratio.estimate, *ratio.interval[::-1])
    ]
    assert [swapped.estimate, *swapped.interval] == pytest.approx(inverse)
    assert swapped.p == pytest.approx(ratio.p)
    assert 0 < ratio.p <= 1
    months = rate_ratio(a, 12 * per_a, b, 12 * per_b)
    assert months.interval == pytest.approx(ratio.interval)


def test_no_events_in_the_second_group():
    ratio = rate_ratio(5, 1, 0, 1)
    assert ratio.estimate == math.inf
    assert ratio.interval[1] == math.inf
    assert ratio.interval[0] > 0


def test_overdispersed_equals_quasi_poisson_in_r(reference):
    projects, r = reference.table("yearly")["projects"].to_numpy(), reference.of("quasi")
    ratio = overdispersed_rate_ratio(projects[16:21], projects[11:16])
    assert ratio.estimate == pytest.approx(r["estimate"])
    assert ratio.interval == pytest.approx((r["low"], r["high"]), rel=1e-7)
    assert ratio.p == pytest.approx(r["p"], rel=1e-6)
    assert ratio.dispersion == pytest.approx(r["dispersion"], rel=1e-7)
    assert ratio.n == 10
    against = {"null": ratio.interval[0], "alternative": "greater"}  # its own limit: p is 0.025
    one_sided = overdispersed_rate_ratio(projects[16:21], projects[11:16], **against)
    assert one_sided.p == pytest.approx(0.025) and one_sided.interval == ratio.interval


def test_regular_counts_are_not_credited_with_less_than_poisson_variance():
    ratio = overdispersed_rate_ratio(np.full(3, 10), np.full(3, 5))
    assert ratio.dispersion == 0
    half = 2.7764451 * math.sqrt(1 / 30 + 1 / 15)  # 97.5 % point of t(4)
    assert math.log(ratio.interval[1] / ratio.estimate) == pytest.approx(half, rel=1e-6)


def test_no_events():
    with pytest.raises(InputError, match="no events"):
        rate_ratio(0, 1, 0, 1)


def test_overdispersed_ratio_without_events_in_one_group_has_no_interval():
    ratio = overdispersed_rate_ratio(np.array([0, 0]), np.array([4, 3]))
    assert ratio.estimate == 0
    assert np.isnan([*ratio.interval, ratio.p]).all()


@pytest.mark.slow
def test_exact_interval_covers_at_least_its_level_and_quasi_poisson_does_under_overdispersion():
    rng = np.random.default_rng(13)
    exact = quasi = naive = 0
    runs = 1500
    for _ in range(runs):
        a, b = rng.poisson(8), rng.poisson(12)
        low, high = rate_ratio(a, 2, b, 3).interval if a + b else (0, math.inf)
        exact += low <= 1 <= high
        late, early = rng.negative_binomial(4, 4 / 24, 5), rng.negative_binomial(4, 4 / 24, 5)
        low, high = overdispersed_rate_ratio(late, early).interval
        quasi += low <= 1 <= high
        low, high = rate_ratio(late.sum(), 5, early.sum(), 5).interval
        naive += low <= 1 <= high
    assert exact / runs > 0.94
    assert quasi / runs > 0.92
    assert naive / runs < 0.8  # why the overdispersed variant is there
