"""Gini and top shares against closed forms and R's boot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.inequality import gini, top_share

DRAWS = {"draws": 200, "seed": 1}


def test_equals_r_on_local_engagements_by_country(reference):
    local = reference.table("by_country")["local"]
    for name, result in (("gini", gini(local, seed=1)), ("top", top_share(local, 5, seed=1))):
        r = reference.of(name)
        assert result.estimate == pytest.approx(r["estimate"])
        assert result.interval == pytest.approx(
            (r["low"], r["high"]), abs=0.015
        )  # two Monte Carlo samples


def test_known_values():
    assert gini([1, 1, 1, 1], **DRAWS).estimate == 0
    assert gini([0, 0, 0, 5], **DRAWS).estimate == pytest.approx(3 / 4)
    assert gini([1, 2, 3], **DRAWS).estimate == pytest.approx(2 / 9)
    assert top_share([1, 2, 3, 4], 2, **DRAWS).estimate == pytest.approx(0.7)


@given(
    st.lists(st.integers(0, 50), min_size=3, max_size=12).filter(lambda x: sum(x) > 0), st.randoms()
)
def test_scale_and_order_do_not_matter_and_gini_is_the_area_of_lorenz(values, random):
    mixed = [10 * value for value in values]
    random.shuffle(mixed)
    one, other = gini(values, draws=50, seed=3), gini(mixed, draws=50, seed=3)
    assert other.estimate == pytest.approx(one.estimate)
    assert other.interval == pytest.approx(one.interval)
    assert one.interval[0] <= one.interval[1]
    held = np.cumsum([0, *sorted(values)]) / sum(values)  # by the poorest units (Lorenz)
    area = np.trapezoid(held, np.linspace(0, 1, len(held)))
    assert one.estimate == pytest.approx(1 - 2 * area, abs=1e-12)


def test_same_seed_same_interval_and_equal_units_have_none_to_spread():
    values = [9, 5, 4, 1, 1, 0, 0]
    assert top_share(values, 2, seed=5).interval == top_share(values, 2, seed=5).interval
    assert gini([2, 2, 2, 2], **DRAWS).interval == (0, 0)
    assert "percentile" in gini([2, 2, 2, 2], **DRAWS).method


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gini([0, 0], **DRAWS), ValueError, "total is 0"),
        (lambda: gini([3], **DRAWS), ValueError, "one unit"),
        (lambda: gini([3, -1], **DRAWS), InputError, "negative"),
        (lambda: top_share([3, 1], 2, **DRAWS), ValueError, "top 2 of 2"),
        (lambda: gini([3, np.nan], **DRAWS), InputError, "missing or infinite"),
    ],
)
def test_bad_or_empty_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.slow
def test_interval_covers_the_gini_of_the_population():
    """Of 33 exponential values (Gini 1/2) the nominal 95 % interval covers less, as is known of it.
    """
    rng = np.random.default_rng(19)
    covered, runs = 0, 300
    for seed in range(runs):
        low, high = gini(rng.exponential(size=33), draws=999, seed=seed).interval
        covered += low <= 0.5 <= high
    assert covered / runs > 0.86


def test_the_interval_of_a_share_holds_its_estimate_for_many_values():
    """np.partition sorts a short array whole, so that only a long one shows which end was taken."""
    result = top_share(np.random.default_rng(7).pareto(2, 3000), 30, **DRAWS)
    assert result.interval[0] < result.estimate < result.interval[1] < 2 * result.estimate
