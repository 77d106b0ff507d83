"""Hodges-Lehmann shifts against R's wilcox.test and scipy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from lac_analysis.errors import InputError
from lac_analysis.stats.shift import shift_many

REFERENCE = Path(__file__).parents[1] / "reference"


def test_equals_r():
    r = pd.read_csv(REFERENCE / "robustness_results.csv")
    r = r[r["case"] == "shift"].set_index("quantity")["value"]
    data = pd.read_csv(REFERENCE / "robustness_shift.csv")
    found = shift_many(data["x"], data["label"].to_numpy()[None])
    assert found.shift[0] == pytest.approx(r["shift"])
    assert found.p[0] == pytest.approx(r["p_normal"])
    assert (found.low[0], found.high[0]) == pytest.approx(
        (r["low"], r["high"]), abs=0.1
    )  # R's are exact


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_equals_scipy_with_ties_and_missing_labels(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, 14).astype(float)
    labels = rng.choice([0.0, 1.0, np.nan], (5, 14), p=[0.5, 0.3, 0.2])
    labels[:, :2] = 0, 1
    labels[:, 2], values[2] = np.nan, np.nan
    found = shift_many(values, labels)
    for i, label in enumerate(labels):
        one, other = values[label == 1], values[label == 0]
        assert found.shift[i] == np.median(one[:, None] - other[None, :])
        if np.ptp(np.r_[one, other]) > 0:
            p = mannwhitneyu(one, other, use_continuity=False, method="asymptotic").pvalue
            assert found.p[i] == pytest.approx(p)
        assert found.low[i] <= found.shift[i] <= found.high[i]


@pytest.mark.slow
def test_interval_covers():
    rng = np.random.default_rng(5)
    label = np.r_[np.ones(9), np.zeros(24)]
    found = [shift_many(rng.normal(size=33) + 2 * label, label[None]) for _ in range(4000)]
    assert np.mean([f.low[0] <= 2 <= f.high[0] for f in found]) == pytest.approx(0.95, abs=0.012)


def test_an_empty_group_has_no_shift_and_tiny_groups_no_bounds():
    found = shift_many([1.0, 2, 3], [[1, 1, 1], [1, 0, 0]])
    assert np.isnan(found.shift[0])
    assert np.isnan(found.p[0])
    assert found.shift[1] == -1.5
    assert (found.low[1], found.high[1]) == (-np.inf, np.inf)


def test_unusable_input_is_refused():
    with pytest.raises(InputError, match="shapes"):
        shift_many([1.0, 2], [[1, 0, 0]])
    with pytest.raises(InputError, match="label"):
        shift_many([1.0, 2, 3], [[1, 0, 2]])


@pytest.mark.parametrize(("one", "rest", "rank"), [(5, 28, 30), (9, 24, 59), (3, 4, 0)])
def test_limits_are_the_differences_that_the_normal_rank_sum_test_names(one, rest, rank):
    """By hand: the whole part of m n / 2 - 1.96 sqrt(m n (m + n + 1) / 12)."""
    label, values = (
        np.r_[np.ones(one), np.zeros(rest)],
        np.random.default_rng(one).normal(size=one + rest),
    )
    differences = np.sort(np.subtract.outer(values[:one], values[one:]).ravel())
    found = shift_many(values, label[None])
    if rank:
        assert (found.low[0], found.high[0]) == (differences[rank - 1], differences[-rank])
    else:
        assert (found.low[0], found.high[0]) == (-np.inf, np.inf)
