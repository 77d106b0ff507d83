import time

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from lac_analysis.errors import InputError
from lac_analysis.stats.assignments import strata
from lac_analysis.stats.local_share import local_share, many_local_shares

SIZE = np.random.default_rng(5).normal(15, 2, 33)
GROUPS = strata(SIZE)
LABEL = np.zeros(33)
LABEL[np.argsort(SIZE)[[5, 24, 27, 30, 32]]] = 1  # one in the lowest third, four in the highest


def simulated(rng, outcomes, ratio, spread=0.4, slope=0.0, effect=1.6):
    totals = 5 + rng.poisson(15, (outcomes, 33))
    own = rng.normal(0, spread, totals.shape)
    share = expit(own + np.log(ratio) * LABEL + slope * (SIZE - SIZE.mean()))
    precision = (totals - 1) / (effect - 1) - 1
    local = rng.binomial(totals, rng.beta(share * precision, (1 - share) * precision))
    return local, totals - local


def test_agrees_with_r(reference_b):
    units, expected = reference_b.table("units"), reference_b.of("share")
    found = local_share(
        units["local"], units["other"], units["label"], units["size"], units["stratum"],
        level=0.8, seed=1,
    )  # fmt: skip
    assert found.exact and found.assignments == len(found.null) == 24 and found.n == 12
    assert found.estimate == pytest.approx(expected["ratio"], rel=1e-6)
    assert found.statistic == pytest.approx(expected["statistic"], rel=1e-6)
    assert found.null.sum() == pytest.approx(expected["null_sum"], rel=1e-6)
    assert found.null.max() == pytest.approx(expected["null_max"], rel=1e-6)
    assert found.p == pytest.approx(expected["p"])
    limits = expected["low80"], expected["high80"]
    assert found.interval == pytest.approx(limits, rel=1e-4)


def test_graded_score_agrees_with_r(reference_b):
    units = reference_b.table("units")
    kinds = units["local"], units["other"]
    found = local_share(*kinds, units["score"] / 2, units["size"], draws=499, seed=1)
    assert found.estimate == pytest.approx(reference_b.of("share_graded")["ratio"], rel=1e-6)
    assert not found.exact and found.assignments == 499


def test_interval_holds_what_the_test_does_not_reject():
    rng = np.random.default_rng(1)
    for local, other in zip(*simulated(rng, 2, 2.0), strict=True):
        found = local_share(local, other, LABEL, SIZE, GROUPS, seed=1)
        low, high = found.interval
        limits = (low * 0.999, low * 1.001, high * 0.999, high * 1.001)
        tested = many_local_shares(local, other, LABEL, SIZE, GROUPS, ratios=limits, seed=1)
        tested = tested.iloc[0]
        assert tested["ratio"] == pytest.approx(found.estimate, rel=1e-6)
        assert tested[f"above_{limits[0]:g}"] <= 0.025 < tested[f"above_{limits[1]:g}"]
        assert tested[f"below_{limits[3]:g}"] <= 0.025 < tested[f"below_{limits[2]:g}"]


def test_many_at_once_is_one_by_one():
    local, other = simulated(np.random.default_rng(2), 3, 1.5)
    other[0, LABEL == 1] = 0  # the data separate: an infinite ratio
    many = many_local_shares(local, other, LABEL, SIZE, GROUPS, ratios=(1, 1.5), seed=1)
    for (_, row), y, o in zip(many.iterrows(), local, other, strict=True):
        one = local_share(y, o, LABEL, SIZE, GROUPS, seed=1)
        assert one.estimate == pytest.approx(row["ratio"], rel=1e-6)
        assert one.p == pytest.approx(min(1, 2 * min(row["below_1"], row["above_1"])))
        assert (one.interval[1] < 1.5) == (row["below_1.5"] <= 0.025)
        exchanged = local_share(o, y, LABEL, SIZE, GROUPS, seed=1)
        assert exchanged.estimate == pytest.approx(1 / one.estimate, rel=1e-5)
        assert exchanged.p == pytest.approx(one.p)
        assert exchanged.interval == pytest.approx(
            (1 / one.interval[1], 1 / one.interval[0]), rel=1e-4
        )


def test_coefficient_is_that_of_statsmodels_with_several_controls():
    rng = np.random.default_rng(3)
    local, other = (kind[0] for kind in simulated(rng, 1, 2.0))
    controls = np.column_stack([SIZE, SIZE**2, rng.normal(size=33)])
    design = np.column_stack([np.ones(33), controls, LABEL])
    fit = sm.GLM(np.column_stack([local, other]), design, sm.families.Binomial()).fit()
    found = local_share(local, other, LABEL, controls, GROUPS, seed=1)
    assert np.log(found.estimate) == pytest.approx(fit.params[-1], rel=1e-5)


def test_separated_data_have_an_endless_side():
    local, other = np.full(33, 10), np.full(33, 10)
    local[LABEL == 1], other[LABEL == 1] = 20, 0
    found = local_share(local, other, LABEL, SIZE, GROUPS, seed=1)
    assert found.estimate == found.interval[1] == np.inf and 1 < found.interval[0] < np.inf
    assert found.p == pytest.approx(2 / 3630)
    found = local_share(other, local, LABEL, SIZE, GROUPS, seed=1)
    assert found.estimate == found.interval[0] == 0 and 0 < found.interval[1] < 1


def test_units_without_excerpts_stay_in_the_permutation():
    local, other = (kind[0] for kind in simulated(np.random.default_rng(4), 1, 2.0))
    local[[0, 1]] = other[[0, 1]] = 0
    found = local_share(local, other, LABEL, SIZE, GROUPS, seed=1)
    assert found.n == 31 and found.assignments == 3630 and np.isfinite(found.statistic)


def test_size_and_power():
    tested = {}
    for ratio in (1.0, 1.5, 3.0):
        local, other = simulated(np.random.default_rng(6), 300, ratio)
        tested[ratio] = many_local_shares(
            local, other, LABEL, SIZE, GROUPS, max_exact=1, draws=499, seed=1
        )
    rejected = {
        r: (2 * t[["below_1", "above_1"]].min(axis=1) <= 0.05).mean() for r, t in tested.items()
    }
    assert rejected[1.0] < 0.09  # 0.05 and three standard errors
    assert rejected[1.0] < rejected[1.5] < rejected[3.0] and rejected[3.0] > 0.5
    assert tested[1.5]["ratio"].median() == pytest.approx(1.5, abs=0.1)


@pytest.mark.slow
def test_size_with_a_slope_on_the_control_and_coverage_of_the_interval():
    local, other = simulated(np.random.default_rng(7), 1500, 2.0, spread=0.4, slope=0.15)
    truth = 2.0  # a little nearer to one when pooled
    found = many_local_shares(
        local,
        other,
        LABEL,
        SIZE,
        GROUPS,
        ratios=(truth ** (1 / np.sqrt(1 + 0.346 * 0.16)),),
        seed=1,
    )
    tails_found = found.filter(regex="below|above").min(axis=1)
    assert (2 * tails_found <= 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_fast_enough_for_a_notebook():
    local, other = simulated(np.random.default_rng(8), 20, 1.5)
    start = time.process_time()
    many_local_shares(local, other, LABEL, SIZE, GROUPS, ratios=(1, 1.5), seed=1)
    assert time.process_time() - start < 2  # 800 outcomes within some seconds


def test_what_a_caller_is_handed_can_be_changed():
    local, other = (kind[0] for kind in simulated(np.random.default_rng(9), 1, 2.0))
    first = local_share(local, other, LABEL, SIZE, GROUPS, seed=1)
    kept = first.null.copy()
    first.null[:] = 0
    assert (local_share(local, other, LABEL, SIZE, GROUPS, seed=1).null == kept).all()


@pytest.mark.parametrize(
    ("local", "other", "label", "controls"),
    [
        ([0, 0, 0], [1, 2, 3], [0, 0, 1], None),
        ([1, 2, 3], [0, 0, 0], [0, 0, 1], None),
        ([1, 2, 3], [1, 1, 1], [1, 1, 1], None),
        ([1, 2, 3], [1, 1, 1], [0, 0, 1], [1, 1, 1]),
        ([1, 2, 3], [1, 1, 1], [0, 0, 1], [1, 2, np.nan]),
    ],
)
def test_bad_input_is_said(local, other, label, controls):
    with pytest.raises(InputError):
        local_share(local, other, label, controls, seed=1)


@pytest.mark.parametrize(("centre", "spread"), [(2, 1), (40, 1), (100, 5)])
def test_many_estimates_are_statsmodels_for_a_score_far_from_zero(centre, spread):
    """A Newton step that was cut to five a coefficient led nowhere, and the first was kept."""
    rng = np.random.default_rng(3)
    score = rng.normal(centre, spread, 33)
    local, other = simulated(rng, 20, 2.0)
    found = many_local_shares(local, other, score, SIZE, GROUPS, draws=9, seed=1)
    design = np.column_stack([np.ones(33), SIZE, score])
    for mine, yes, no in zip(found["ratio"], local, other, strict=True):
        model = sm.GLM(np.column_stack([yes, no]), design, family=sm.families.Binomial())
        assert np.log(mine) == pytest.approx(model.fit(maxiter=100).params[-1], rel=1e-5, abs=1e-7)
