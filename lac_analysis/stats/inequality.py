"""How unequally a total is shared among units."""

import warnings

import numpy as np
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate


def lorenz_curve(values) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative share of units, poorest first, and of the total that they hold: two (n + 1,)
    arrays from 0 to 1.

    `values` are (n,) and not negative. Source: Lorenz (1905), JASA 9. ValueError if the total is 0.
    """
    values = _values(values)
    held = np.concatenate([[0.0], np.cumsum(values)])
    return np.linspace(0, 1, len(values) + 1), held / held[-1]


def gini(values, *, draws: int = 9999, seed: int, level: float = 0.95) -> Estimate:
    """Gini coefficient of (n,) non-negative values, 0 (all equal) to (n - 1) / n (one holds all),
    BCa interval.

    p is NaN: nothing is tested. The interval needs at least three units. Source: Efron (1987), JASA
    82. ValueError if
    the total is 0 or there is one unit.
    """
    return _bootstrapped(_values(values), _gini, "Gini coefficient", draws, seed, level)


def top_share(values, k: int, *, draws: int = 9999, seed: int, level: float = 0.95) -> Estimate:
    """Share of the total that the k largest of the (n,) non-negative values hold. Otherwise as
    `gini`.
    """
    values = _values(values)
    if not 0 < k < len(values):
        raise ValueError(f"top {k} of {len(values)} units: nothing to estimate")

    def share(sample, axis=-1):
        sample = _equal_if_empty(sample, axis)
        return np.partition(sample, -k, axis=axis)[..., -k:].sum(axis=axis) / sample.sum(axis=axis)

    return _bootstrapped(values, share, f"share of the top {k}", draws, seed, level)


def _gini(sample, axis=-1):
    sample = np.sort(_equal_if_empty(sample, axis), axis=axis)
    n = sample.shape[axis]
    return (sample * (2 * np.arange(1, n + 1) - n - 1)).sum(axis=axis) / (n * sample.sum(axis=axis))


def _equal_if_empty(sample, axis):
    """A resample that holds nothing is shared equally: it has no inequality, and no division by
    zero.
    """
    return np.where(sample.sum(axis=axis, keepdims=True) > 0, sample, 1.0)


def _bootstrapped(values, statistic, name, draws, seed, level) -> Estimate:
    if len(values) < 2:
        raise ValueError("one unit only: no inequality to estimate")
    inputs.confidence(level)
    interval, kind = (np.nan, np.nan), "BCa"
    if len(values) > 2:
        interval, kind = _interval(values, statistic, draws, seed, level)
    return Estimate(
        estimate=float(statistic(values)),
        interval=interval,
        level=level,
        p=np.nan,
        method=f"{name}, {kind} bootstrap over units ({draws} draws)",
        n=len(values),
    )


def _interval(values, statistic, draws, seed, level) -> tuple[tuple[float, float], str]:
    """BCa, or the percentile interval where every draw lies on one side and the correction is not
    defined.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = stats.bootstrap(
            (values,),
            statistic,
            n_resamples=draws,
            batch=max(1, 5_000_000 // len(values)),
            confidence_level=level,
            method="BCa",
            rng=np.random.default_rng(seed),
        )
    low, high = result.confidence_interval
    if np.isfinite([low, high]).all():
        return (float(low), float(high)), "BCa"
    low, high = np.quantile(result.bootstrap_distribution, [(1 - level) / 2, (1 + level) / 2])
    return (float(low), float(high)), "percentile"


def _values(values) -> np.ndarray:
    """Sorted values, so that neither the result nor the draws depend on their order."""
    values = np.sort(inputs.real_numbers(values, "values"))
    if len(values) and values[0] < 0:
        raise InputError(
            "negative value", column="values", value=float(values[0]), expected="0 or more"
        )
    if not values.sum() > 0:
        raise ValueError("the total is 0: no shares to estimate")
    return values
