"""The joint test of a specification curve, and what each axis explains."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from lac_analysis.stats.curve import axis_influence, joint_test
from lac_analysis.stats.proportions import proportion

REFERENCE = Path(__file__).parents[1] / "reference"


def test_two_summaries_by_hand():
    estimates = [[0.1, 0.4, 0.9, -0.2], [0.3] * 4, [-0.1, 0.1, -0.5, -0.6], [0, 0, 0.1, np.nan]]
    p = [[0.2, 0.01, 0.03, 0.04], [0.01, 0.01, 0.01, 0.5], [0.5, 0.5, 0.5, 0.01], [1, 1, 1, np.nan]]
    test = joint_test(np.array(estimates), np.array(p))
    assert (test.median, test.significant_share) == pytest.approx((0.25, 0.5))
    assert test.null == pytest.approx(np.array([[0.3, 0.75], [-0.3, 0.25], [0, 0]]))
    # at least as large as in the data: one median (and three are no larger), one significant share
    assert (test.median_p, test.significant_p) == (2 * 2 / 4, 2 / 4)


def test_an_estimate_of_no_effect_is_on_neither_side():
    curves, p = np.array([[0, 0, -0.1, 0.2], [0.0] * 4]), np.array([[0.01] * 4, [1.0] * 4])
    assert joint_test(curves, p).significant_share == 1 / 4


def test_never_below_one_over_permutations_plus_one():
    estimates, p = np.zeros((100, 5)), np.ones((100, 5))
    estimates[0], p[0] = 9, 0
    test = joint_test(estimates, p)
    assert (test.median_p, test.significant_p) == (2 / 100, 1 / 100)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_direction_and_order_of_specifications_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    curves, p = rng.normal(size=(20, 7)), rng.random((20, 7))
    order = rng.permutation(7)
    one, other = joint_test(curves, p), joint_test(-curves[:, order], p[:, order])
    assert one.median == pytest.approx(-other.median)
    assert (one.median_p, one.significant_p) == (other.median_p, other.significant_p)


@pytest.mark.slow
def test_p_is_uniform_when_labels_do_not_matter():
    """Correlated specifications of data without an effect: two-group differences on overlapping
    samples.
    """
    rng = np.random.default_rng(7)
    label = np.r_[np.ones(8), np.zeros(16)]
    p_values = []
    for _ in range(300):
        y = rng.normal(size=24) + rng.normal(size=(30, 24))
        labels = np.vstack([label, rng.permuted(np.tile(label, (99, 1)), axis=1)])
        curves = (labels @ y.T) / 8 - ((1 - labels) @ y.T) / 16
        test = joint_test(curves, np.abs(curves) < 0.4)
        p_values.append(test.median_p)
    assert kstest(p_values, "uniform").pvalue > 0.001
    size = proportion(int(np.sum(np.array(p_values) <= 0.05)), len(p_values)).interval
    assert size[0] <= 0.05 <= size[1]


def test_axes_equal_r():
    r = pd.read_csv(REFERENCE / "robustness_results.csv")
    r = r[r["case"] == "axes"].set_index("quantity")["value"]
    grid = pd.read_csv(REFERENCE / "robustness_axes.csv", keep_default_na=False)
    found = axis_influence(grid["estimate"].to_numpy(), grid[["one", "two", "three"]])
    assert found.to_dict() == pytest.approx(r.drop("explained").to_dict())


def test_a_choice_that_changes_nothing_explains_nothing_and_infinite_estimates_are_left_out():
    choices = pd.DataFrame({"matters": list("aabbb"), "idle": list("xyxyx")})
    found = axis_influence(np.array([1.0, 1, 2, 2, np.inf]), choices)
    assert found.to_dict() == pytest.approx({"matters": 1, "idle": 0}, abs=1e-12)
    assert axis_influence(np.full(5, 3.0), choices).isna().all()
