import numpy as np
import pytest
import statsmodels.api as sm

from lac_analysis.errors import InputError
from lac_analysis.stats.history_score import history_score


def panel(ratio, seed, n=24, periods=8):
    """Counts of units and periods with a known rate ratio of a label that comes and goes."""
    rng = np.random.default_rng(seed)
    label = (rng.random((n, 1)) < 0.5) * (rng.random((n, periods)) < 0.7)
    size = rng.normal(0, 1, (n, 1))
    years = np.broadcast_to(np.eye(periods), (n, periods, periods))
    sizes = np.broadcast_to(size[..., None], (n, periods, 1))
    rate = np.exp(0.5 + 0.4 * size) * ratio**label * rng.gamma(3, 1 / 3, (n, 1))
    return rng.poisson(rate), label.astype(float), np.concatenate([years, sizes], axis=2)


def test_the_ratio_is_the_poisson_regressions():
    events, label, controls = panel(2.0, 1)
    result = history_score(events, label, controls, np.zeros(24), draws=99, seed=1)
    design = np.column_stack([controls.reshape(-1, 9), label.ravel()])
    fit = sm.GLM(events.ravel(), design, family=sm.families.Poisson()).fit()
    assert result.estimate == pytest.approx(np.exp(fit.params[-1]), rel=1e-9)


@pytest.mark.parametrize("seed", [4, 5, 6, 7])
def test_p_by_brute_force(seed):
    events, label, controls = panel(2.0, seed, n=8, periods=4)
    result = history_score(events, label, controls, np.repeat([0, 1], 4), draws=99, seed=2)
    y, design = events.ravel(), controls.reshape(32, -1)
    mean = sm.GLM(y, design, family=sm.families.Poisson()).fit().mu

    def score(history):
        left = sm.WLS(history.ravel(), design, weights=mean).fit().resid
        contributions = [sum(unit) for unit in (left * (y - mean)).reshape(8, 4)]
        return sum(contributions) / sum(c**2 for c in contributions) ** 0.5

    rng, observed = np.random.default_rng(2), score(label)
    orders = [[*rng.permutation(range(4)), *rng.permutation(range(4, 8))] for _ in range(99)]
    null = np.array([score(label[order]) for order in orders])
    tails = (1 + (null <= observed + 1e-9).sum(), 1 + (null >= observed - 1e-9).sum())
    assert result.p == pytest.approx(min(1, 2 * min(tails) / 100))


def test_a_planted_effect_is_found_and_none_is_not():
    groups = np.repeat([0, 1, 2], 8)
    found = [history_score(*panel(4.0, s), groups, draws=199, seed=s).p for s in range(10)]
    none = [history_score(*panel(1.0, s), groups, draws=199, seed=s).p for s in range(30)]
    assert np.mean(np.array(found) < 0.05) >= 0.8
    assert np.mean(np.array(none) < 0.05) <= 0.2 and min(none) >= 1 / 200


def test_histories_change_hands_within_groups_only():
    events, label, controls = panel(2.0, 3)
    label[:12] = label[0]  # one group whose histories are all alike, and so is the other
    label[12:] = 1 - label[0]
    result = history_score(events, label, controls, np.repeat([0, 1], 12), draws=50, seed=1)
    assert result.p == 1


def test_what_cannot_be_tested_is_refused():
    events, label, controls = panel(1.0, 1)
    with pytest.raises(InputError):
        history_score(events, np.zeros_like(label), controls, np.zeros(24), draws=9, seed=1)
    told = controls[..., :1] * 2  # by a year's dummy alone
    with pytest.raises(InputError, match="controls tell the label"):
        history_score(events, told[..., 0], controls, np.zeros(24), draws=9, seed=1)
