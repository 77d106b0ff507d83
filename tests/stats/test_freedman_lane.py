import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import ttest_ind

from lac_analysis.errors import InputError
from lac_analysis.stats.freedman_lane import freedman_lane


@pytest.mark.parametrize("slope", [0, 1])
def test_agrees_with_all_orders_refitted_in_r(reference_b, slope):
    seven, expected = reference_b.table("seven"), reference_b.of(f"lane_{slope}")
    y = seven["y"] - slope * seven["label"]
    found = freedman_lane(y, seven["label"], seven["x"], draws=50_000, seed=1)
    assert found.estimate == pytest.approx(expected["slope"] - slope)
    assert found.p == pytest.approx(2 * min(expected["below"], expected["above"]), abs=0.01)


def test_slope_and_p_are_those_of_statsmodels_and_scipy():
    rng = np.random.default_rng(1)
    label = np.repeat([0.0, 1.0], [25, 8])
    controls = rng.normal(size=(33, 2))
    y = rng.normal(size=33) + 0.5 * label + controls[:, 0]
    fit = sm.OLS(y, np.column_stack([np.ones(33), controls, label])).fit()
    found = freedman_lane(y, label, controls, draws=99, seed=1)
    assert found.estimate == pytest.approx(fit.params[-1])
    bare = freedman_lane(y, label, draws=9_999, seed=1)
    student = ttest_ind(y[label == 1], y[label == 0])
    assert bare.p == pytest.approx(student.pvalue, abs=0.02)
    # with normal errors the permutation interval is close to Student's
    assert bare.interval == pytest.approx(student.confidence_interval(), abs=0.1)


def test_interval_holds_what_the_test_does_not_reject():
    rng = np.random.default_rng(2)
    label, size = np.tile([0.0, 0.0, 1.0], 11), rng.normal(size=33)
    y, groups = rng.normal(size=33) + 0.8 * label + size, np.repeat([0, 1, 2], 11)
    found = freedman_lane(y, label, size, groups, draws=1_999, seed=3)
    for limit, inside in zip(found.interval, (1, -1), strict=True):
        for step, rejected in ((-1e-3, True), (1e-3, False)):
            moved = y - (limit + inside * step) * label
            p = freedman_lane(moved, label, size, groups, draws=1_999, seed=3).p
            assert (p <= 0.05) == rejected


def test_residuals_move_within_strata_only():
    # one stratum's residuals are ten times the other's
    label = np.tile([0.0, 1.0], 6)
    y = np.concatenate([np.tile([0.0, 1.0, 0.5], 2), np.tile([10.0, -10.0, 0.0], 2)])
    groups = np.repeat(["a", "b"], 6)
    free = freedman_lane(y, label, draws=999, seed=1)
    within = freedman_lane(y, label, groups=groups, draws=999, seed=1)
    assert free.estimate == within.estimate and free.interval != within.interval
    again = freedman_lane(y, label, groups=groups, draws=999, seed=1)
    assert again == within


def test_scale_and_shift_of_the_outcome():
    rng = np.random.default_rng(4)
    y, label, size = rng.normal(size=30), np.tile([0.0, 1.0], 15), rng.normal(size=30)
    plain = freedman_lane(y, label, size, draws=999, seed=1)
    moved = freedman_lane(1e-4 * y + 7 + 3 * size, label, size, draws=999, seed=1)
    assert moved.p == plain.p
    assert moved.estimate == pytest.approx(1e-4 * plain.estimate)
    assert moved.interval == pytest.approx([1e-4 * limit for limit in plain.interval], rel=1e-4)


def test_size_and_power():
    rng = np.random.default_rng(5)
    label, size = np.zeros(33), np.sort(rng.normal(0, 2, 33))
    label[[5, 24, 27, 30, 32]] = 1
    rejected = {}
    for effect in (0, 1.5):
        p = [
            freedman_lane(
                effect * label + 0.25 * size + rng.gumbel(size=33), label, size, draws=199, seed=1
            ).p
            for _ in range(300)
        ]
        rejected[effect] = np.mean(np.array(p) <= 0.05)
    assert rejected[0] < 0.09 and rejected[1.5] > 0.4


@pytest.mark.parametrize(
    ("y", "label", "controls"),
    [
        ([1, 2, 3, np.nan], [0, 1, 0, 1], None),
        ([1, 2, 3, 4], [1, 1, 1, 1], None),
        ([1, 2, 4, 3], [0, 1, 0, 1], [0, 1, 0, 1]),
        ([0, 1, 0, 1], [0, 1, 0, 1], None),
        ([1, 2, 4], [0, 1, 0], [[1, 5], [2, 3], [4, 1]]),
    ],
)
def test_bad_input_is_said(y, label, controls):
    with pytest.raises(InputError):
        freedman_lane(y, label, controls, draws=99, seed=1)
