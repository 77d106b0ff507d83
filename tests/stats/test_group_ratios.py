"""Two groups' rates for many labels: against fits one at a time, and R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats import group_ratios
from lac_analysis.stats.counts import fit_counts

REFERENCE = Path(__file__).parents[1] / "reference"


def _data(seed: int, *, rare: bool):
    """Events, exposure and eight labels of random units, some labels missing."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 40))
    exposure = rng.lognormal(0, 1.5, n)
    mean, size = exposure * (0.4 if rare else 6), rng.uniform(0.4, 3)
    labels = rng.choice([0.0, 1.0, np.nan], (8, n), p=[0.6, 0.3, 0.1])
    labels[:, :2] = 0, 1
    return rng.negative_binomial(size, size / (size + mean)).astype(float), exposure, labels


def _alone(events, exposure, label, family, cov="robust"):
    used = ~np.isnan(label)
    X = pd.DataFrame({"const": 1.0, "label": label[used]})
    return fit_counts(events[used], X, exposure[used], family=family, cov=cov)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.booleans(), st.sampled_from(["poisson", "nb2"]))
def test_equals_the_packages_careful_estimator(seed, rare, family):
    events, exposure, labels = _data(seed, rare=rare)
    found = getattr(group_ratios, family)(events, exposure, labels)
    low, high = found.limits()
    for i, label in enumerate(labels):
        own, rest = events[label == 1].sum(), events[label == 0].sum()
        if own == 0 or rest == 0:
            expected = np.nan if own == rest else np.inf if own else -np.inf
            assert found.log_ratio[i] == pytest.approx(expected, nan_ok=True)
            assert np.isnan(found.se[i]) and np.isnan(found.p()[i])
            continue
        fit = _alone(events, exposure, label, family)
        if not fit.converged:
            continue
        assert found.n[i] == fit.n
        assert found.log_ratio[i] == pytest.approx(fit.coef[1], rel=1e-5, abs=1e-5)
        assert found.se[i] == pytest.approx(np.nan_to_num(fit.se[1]), rel=1e-4, abs=1e-6)
        if found.se[i] > 1e-3:
            assert found.p()[i] == pytest.approx(fit.p[1], rel=1e-3, abs=1e-6)
            assert (low[i], high[i]) == pytest.approx(tuple(fit.interval[1]), rel=1e-3, abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_least_squares_equals_a_regression(seed):
    values, _, labels = _data(seed, rare=False)
    found = group_ratios.least_squares(values - 4, labels)
    for i, label in enumerate(labels):
        used = ~np.isnan(label)
        fit = sm.OLS(values[used], sm.add_constant(label[used])).fit(cov_type="HC1", use_t=True)
        assert found.log_ratio[i] == pytest.approx(fit.params[1], abs=1e-9)
        assert found.se[i] == pytest.approx(fit.bse[1], rel=1e-7, abs=1e-9)
        assert found.p()[i] == pytest.approx(fit.pvalues[1], rel=1e-6, abs=1e-9)


def test_nb2_equals_r():
    r = pd.read_csv(REFERENCE / "robustness_results.csv")
    r = r[r["case"] == "nb2"].set_index("quantity")["value"]
    data = pd.read_csv(REFERENCE / "robustness_nb2.csv")
    fit = group_ratios.nb2(data["events"], data["exposure"], data["label"].to_numpy()[None])
    assert fit.log_ratio[0] == pytest.approx(r["coef"], rel=1e-6)


def test_poisson_is_the_ratio_of_two_rates():
    found = group_ratios.poisson([3, 5, 8, 2], [1.0, 2, 4, 8], [[1, 0, 1, 0], [1, 1, 1, 1]])
    assert np.exp(found.log_ratio[0]) == pytest.approx((11 / 5) / (7 / 10))
    assert np.isnan(found.log_ratio[1])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(["poisson", "nb2"]))
def test_swapping_the_groups_turns_the_sign_and_neighbours_do_not_matter(seed, family):
    events, exposure, labels = _data(seed, rare=False)
    fit = getattr(group_ratios, family)
    found, swapped = fit(events, exposure, labels), fit(events, exposure, 1 - labels)
    assert swapped.log_ratio == pytest.approx(-found.log_ratio, abs=1e-7, nan_ok=True)
    assert swapped.se == pytest.approx(found.se, rel=1e-6, abs=1e-9, nan_ok=True)
    assert fit(events, exposure, labels[3:4]).log_ratio[0] == pytest.approx(
        found.log_ratio[3], abs=1e-7, nan_ok=True
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), st.booleans(), st.sampled_from(["poisson", "nb2"]))
def test_a_stack_of_exposures_is_each_of_them(seed, rare, family):
    events, exposure, labels = _data(seed, rare=rare)
    exposures = np.stack([exposure, np.ones(len(events)), exposure**0.5])
    fit = getattr(group_ratios, family)
    together = fit(events, exposures, labels)
    for i, own in enumerate(exposures):
        alone = fit(events, own, labels)
        assert together.log_ratio[i] == pytest.approx(alone.log_ratio, abs=1e-9, nan_ok=True)
        assert together.se[i] == pytest.approx(alone.se, rel=1e-8, nan_ok=True)
        assert together.p()[i] == pytest.approx(alone.p(), abs=1e-8, nan_ok=True)


def test_counts_too_large_to_step_through_are_fitted_as_well():
    events = np.random.default_rng(3).negative_binomial(0.7, 0.7 / 5000, 40).astype(float)
    label = (np.arange(40) < 15).astype(float)
    found, fit = (
        group_ratios.nb2(events, np.ones(40), label[None]),
        _alone(events, np.ones(40), label, "nb2"),
    )
    assert found.log_ratio[0] == pytest.approx(fit.coef[1], abs=1e-8)
    assert found.se[0] == pytest.approx(fit.se[1], rel=1e-8)


def test_a_missing_exposure_matters_only_where_a_label_is_known():
    label = np.array([[1, 0, 1, 0, np.nan]])
    found = group_ratios.nb2([3, 9, 12, 1, 5], [1, 2, 3, 1, np.nan], label)
    assert found.n[0] == 4 and np.isfinite(found.log_ratio[0])
    with pytest.raises(InputError, match="exposure above 0"):
        group_ratios.nb2([3, 9, 12, 1, 5], [1, 2, 3, 0, np.nan], label)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([1, 2], [1, 1], [1, 0]), "shapes"),
        (([1, 2], [1, 1], [[2, 0]]), "label"),
        (([-1, 2], [1, 1], [[1, 0]]), "events"),
        (([1.5, 2], [1, 1], [[1, 0]]), "whole"),
    ],
)
def test_unusable_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        group_ratios.nb2(*arguments)
