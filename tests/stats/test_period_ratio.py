"""Rate ratios within periods, clustered by unit: against a Poisson regression with period dummies.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.stats.counts import fit_counts
from lac_analysis.stats.period_ratio import period_ratios


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_equals_a_regression_with_period_dummies(seed):
    rng = np.random.default_rng(seed)
    units, periods = 8, 4
    exposure = rng.lognormal(size=(units, periods))
    label = rng.integers(0, 2, (units, periods)).astype(float)
    label[:2] = [[1], [0]]
    label[2, 1] = label[3, 3] = np.nan
    events = rng.poisson(3 * exposure).astype(float) + 1
    orders = np.array([np.arange(units), rng.permutation(units)])
    found = period_ratios(events, exposure, label, orders)
    for i, order in enumerate(orders):
        z = label[order].ravel()
        used = ~np.isnan(z)
        period, unit = (
            np.tile(np.arange(periods), units)[used],
            np.repeat(np.arange(units), periods)[used],
        )
        X = pd.DataFrame(
            {f"p{t}": (period == t).astype(float) for t in range(periods)} | {"label": z[used]}
        )
        fit = fit_counts(
            events.ravel()[used], X, exposure.ravel()[used], cov="cluster", groups=unit
        )
        n, k = X.shape
        assert found.log_ratio[i] == pytest.approx(fit.coef[-1], abs=1e-7)
        # the regression's factor (n - 1) / (n - k) counts the dummies, which clustering by unit
        # does not ask for
        se = fit.se[-1] / np.sqrt((n - 1) / (n - k))
        assert (found.high[i] - found.low[i]) == pytest.approx(2 * 2.364624 * se, rel=1e-5)


def test_events_on_one_side_only_have_no_error():
    found = period_ratios([[1.0, 2], [0, 0]], np.ones((2, 2)), [[1.0, 1], [0, 0]], [[0, 1], [1, 0]])
    assert found.log_ratio.tolist() == [np.inf, -np.inf]
    assert np.isnan(found.p).all()


def test_a_label_that_never_varies_within_a_period_is_not_identified():
    assert np.isnan(
        period_ratios([[1.0], [2]], np.ones((2, 1)), [[1.0], [1]], [[0, 1]]).log_ratio
    ).all()


def test_a_stack_of_samples_is_each_of_them():
    rng = np.random.default_rng(2)
    exposure = rng.lognormal(size=(8, 4)) * (rng.random((8, 4)) < 0.9)
    label = rng.choice([0, 1, np.nan], (8, 4), p=[0.5, 0.3, 0.2])
    orders = np.array([rng.permutation(8) for _ in range(5)])
    samples = rng.poisson([[[0.3]], [[2]], [[0]]] * exposure)
    together = period_ratios(samples, exposure, label, orders)
    for i, events in enumerate(samples):
        alone = period_ratios(events, exposure, label, orders)
        for name in ("log_ratio", "low", "high", "p"):
            assert getattr(together, name)[i] == pytest.approx(
                getattr(alone, name), nan_ok=True, abs=1e-12
            )
