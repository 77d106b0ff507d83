"""How unequally a total is shared among units."""

import warnings

import numpy as np
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate


def gini(values, *, draws: int = 9999, seed: int, level: float = 0.95) -> Estimate:
    """Gini coefficient of (n,) non-negative values, with BCa interval from a bootstrap over them.

    0 where all are equal, (n - 1) / n where one holds all. p is NaN: nothing is tested. The
    interval needs at least three units. ValueError if the total is 0 or there is one unit.
    Source: Efron (1987), JASA 82.
    """

    def coefficient(sample, axis=-1):
        sample = np.sort(_equal_if_empty(sample, axis), axis=axis)
        n = sample.shape[axis]
        weighted = sample * (2 * np.arange(1, n + 1) - n - 1)
        return weighted.sum(axis=axis) / (n * sample.sum(axis=axis))

    return _bootstrapped(_sorted(values), coefficient, "Gini coefficient", draws, seed, level)


def top_share(values, k: int, *, draws: int = 9999, seed: int, level: float = 0.95) -> Estimate:
    """Share of the total that the k largest of the (n,) values hold. Otherwise as `gini`."""
    values = _sorted(values)
    if not 0 < k < len(values):
        raise ValueError(f"top {k} of {len(values)} units: nothing to estimate")

    def share(sample, axis=-1):
        sample = _equal_if_empty(sample, axis)
        return np.partition(sample, -k, axis=axis)[..., -k:].sum(axis=axis) / sample.sum(axis=axis)

    return _bootstrapped(values, share, f"share of the top {k}", draws, seed, level)


def _equal_if_empty(sample, axis):
    """A resample that holds nothing is shared equally, without a division by zero."""
    return np.where(sample.sum(axis=axis, keepdims=True) > 0, sample, 1.0)


def _bootstrapped(values, statistic, name, draws, seed, level) -> Estimate:
    if len(values) < 2:
        raise ValueError("one unit only: no inequality to estimate")
    interval, kind = (np.nan, np.nan), "BCa"
    if len(values) > 2:
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
        interval = tuple(map(float, result.confidence_interval))
        if not np.isfinite(interval).all():  # all draws on one side: BCa is not defined
            tails, kind = [(1 - level) / 2, (1 + level) / 2], "percentile"
            interval = tuple(np.quantile(result.bootstrap_distribution, tails).tolist())
    return Estimate(
        estimate=float(statistic(values)),
        interval=interval,
        level=level,
        p=np.nan,
        method=f"{name}, {kind} bootstrap over units ({draws} draws)",
        n=len(values),
    )


def _sorted(values) -> np.ndarray:
    """In increasing order, so that neither the result nor the draws depend on theirs."""
    values = np.sort(inputs.real_numbers(values, "values"))
    if len(values) and values[0] < 0:
        value = float(values[0])
        raise InputError("negative value", column="values", value=value, expected="0 or more")
    if not values.sum() > 0:
        raise ValueError("the total is 0: no shares to estimate")
    return values
