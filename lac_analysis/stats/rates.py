"""Rates of events: one with its interval, and the ratio of two, exact or overdispersed."""

import math
from dataclasses import dataclass

from statsmodels.stats.rates import confint_poisson

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, exponentiate, wald
from lac_analysis.stats.proportions import exact_binomial


@dataclass(frozen=True, kw_only=True)
class OverdispersedRateRatio(Estimate):
    """`estimate` is the rate of a divided by that of b; n counts periods.

    Attributes
    ----------
    dispersion : Pearson's chi-squared over its degrees of freedom.
    """

    dispersion: float


def rate_ratio(
    count_a,
    exposure_a,
    count_b,
    exposure_b,
    *,
    null: float = 1.0,
    alternative: str = "two-sided",
    level: float = 0.95,
) -> Estimate:
    """Exact conditional ratio of two Poisson rates, count / exposure of a over that of b.

    Given the total, count_a is binomial: the interval is Clopper-Pearson's, one-sided when
    `alternative` is (as R's poisson.test); p is against the ratio `null`; n counts events.
    ValueError without events. Source: Przyborowski and Wilenski (1940), Biometrika 31.
    """
    inputs.one_of(alternative, ("two-sided", "greater", "less"), "alternative")
    a, b = inputs.whole_numbers([count_a, count_b], "counts").tolist()
    per_a, per_b = inputs.exposures([exposure_a, exposure_b], 2).tolist()
    if not 0 < null < math.inf:
        raise InputError("null ratio out of range", value=null, expected="a positive number")
    if a + b == 0:
        raise ValueError("no events in either group: no ratio to estimate")
    share = null * per_a / (null * per_a + per_b)
    (low, high), p = exact_binomial(a, a + b, share, alternative, level)
    return Estimate(
        estimate=_ratio(a * per_b, b * per_a),
        interval=(
            _ratio(low * per_b, (1 - low) * per_a),
            _ratio(high * per_b, (1 - high) * per_a),
        ),
        level=level,
        p=p,
        method="exact conditional test of two Poisson rates",
        n=a + b,
    )


def rate_interval(count: float, exposure: float, *, level: float = 0.95) -> tuple[float, float]:
    """Exact interval for one Poisson rate, count / exposure: Garwood (1936), Biometrika 28."""
    low, high = confint_poisson(count, exposure, method="exact-c", alpha=1 - level)
    return float(low), float(high)


def overdispersed_rate_ratio(counts_a, counts_b, *, level: float = 0.95) -> OverdispersedRateRatio:
    """Quasi-Poisson ratio of two rates from the counts of several periods each, with a t-interval.

    counts_a, counts_b : (periods,) counts of periods of one length.

    The variance is the Poisson one times Pearson's dispersion, never less than 1. Interval and p
    are NaN where one group has no events. ValueError without events or with fewer than three
    periods in all. Source: McCullagh and Nelder (1989), ch. 6.
    """
    a, b = inputs.whole_numbers(counts_a, "counts_a"), inputs.whole_numbers(counts_b, "counts_b")
    df = len(a) + len(b) - 2
    if not len(a) or not len(b) or df < 1:
        raise ValueError("an overdispersed ratio needs a period of each group, and three in all")
    if a.sum() + b.sum() == 0:
        raise ValueError("no events in either group: no ratio to estimate")
    squares = [((part - part.mean()) ** 2).sum() / part.mean() for part in (a, b) if part.any()]
    dispersion = float(sum(squares)) / df
    estimate = _ratio(a.mean(), b.mean())
    interval, p = (math.nan, math.nan), math.nan
    if 0 < estimate < math.inf:
        error = math.sqrt(max(1.0, dispersion) * (1 / a.sum() + 1 / b.sum()))
        (low, high), p = wald(math.log(estimate), error, df, level)
        interval = exponentiate(low), exponentiate(high)
    return OverdispersedRateRatio(
        estimate=estimate,
        interval=interval,
        level=level,
        p=p,
        method="quasi-Poisson ratio of two rates",
        n=len(a) + len(b),
        dispersion=dispersion,
    )


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else math.inf
