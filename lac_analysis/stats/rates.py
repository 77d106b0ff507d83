"""Ratio of two event rates: exact, as equivalence, and allowing for overdispersion."""

import math
from dataclasses import dataclass

from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, exponentiate

ALTERNATIVES = ("two-sided", "greater", "less")


@dataclass(frozen=True, kw_only=True)
class RateRatio(Estimate):
    """`estimate` is the rate of a divided by that of b, p against the ratio `null`; n counts
    events.
    """

    null: float
    alternative: str


@dataclass(frozen=True, kw_only=True)
class RateEquivalence(Estimate):
    """`p` is the larger of p_low (ratio above the lower margin) and p_high (below the upper),
    `level` 1 - 2 alpha.
    """

    margins: tuple[float, float]
    p_low: float
    p_high: float


@dataclass(frozen=True, kw_only=True)
class OverdispersedRateRatio(RateRatio):
    """`dispersion` is Pearson's chi-squared over its degrees of freedom `df`; n counts periods."""

    dispersion: float
    df: int


def rate_ratio(
    count_a,
    exposure_a,
    count_b,
    exposure_b,
    *,
    null: float = 1.0,
    alternative: str = "two-sided",
    level: float = 0.95,
) -> RateRatio:
    """Exact conditional ratio of two Poisson rates, (count_a / exposure_a) / (count_b /
    exposure_b).

    Given the total, count_a is binomial: the interval is Clopper-Pearson's, one-sided when
    `alternative` is (as R's
    poisson.test). Source: Przyborowski and Wilenski (1940), Biometrika 31. ValueError without
    events.
    """
    inputs.one_of(alternative, ALTERNATIVES, "alternative")
    inputs.confidence(level)
    a, b = inputs.whole_numbers([count_a, count_b], "counts").tolist()
    per_a, per_b = inputs.exposures([exposure_a, exposure_b], 2).tolist()
    _positive(null)
    if a + b == 0:
        raise ValueError("no events in either group: no ratio to estimate")
    test = stats.binomtest(a, a + b, null * per_a / (null * per_a + per_b), alternative)
    share = test.proportion_ci(level, "exact")
    return RateRatio(
        estimate=_ratio(a * per_b, b * per_a),
        interval=tuple(_ratio(bound * per_b, (1 - bound) * per_a) for bound in share),
        level=level,
        p=min(1.0, float(test.pvalue)),
        method="exact conditional test of two Poisson rates",
        n=a + b,
        null=float(null),
        alternative=alternative,
    )


def rate_interval(count: float, exposure: float, *, level: float = 0.95) -> tuple[float, float]:
    """Exact interval for one Poisson rate, count / exposure. Source: Garwood (1936), Biometrika 28."""
    inputs.confidence(level)
    tail = (1 - level) / 2
    low = stats.chi2.ppf(tail, 2 * count) / 2 if count > 0 else 0.0
    return float(low / exposure), float(stats.chi2.isf(tail, 2 * count + 2) / 2 / exposure)


def tost_rate_ratio(
    count_a, exposure_a, count_b, exposure_b, *, margins: tuple[float, float], alpha: float = 0.05
) -> RateEquivalence:
    """Two one-sided exact tests that the rate ratio lies within `margins`; (0.75, inf) is
    non-inferiority to 0.75.

    Source: Schuirmann (1987), J. Pharmacokin. Biopharm. 15. Arguments and errors as in
    `rate_ratio`.
    """
    low, high = map(float, margins)
    if not 0 <= low < high:
        raise InputError("margins out of range", value=margins, expected="0 <= low < high")
    data = (count_a, exposure_a, count_b, exposure_b)
    both = rate_ratio(*data, level=1 - 2 * alpha)
    p_low = rate_ratio(*data, null=low, alternative="greater").p if low > 0 else 0.0
    p_high = rate_ratio(*data, null=high, alternative="less").p if high < math.inf else 0.0
    return RateEquivalence(
        estimate=both.estimate,
        interval=both.interval,
        level=both.level,
        p=max(p_low, p_high),
        method="two one-sided exact tests of two Poisson rates",
        n=both.n,
        margins=(low, high),
        p_low=p_low,
        p_high=p_high,
    )


def overdispersed_rate_ratio(
    counts_a,
    counts_b,
    exposures_a=None,
    exposures_b=None,
    *,
    null: float = 1.0,
    alternative: str = "two-sided",
    level: float = 0.95,
) -> OverdispersedRateRatio:
    """Quasi-Poisson ratio of two rates from the counts of several periods each (as years), with a
    t-interval.

    The variance is the Poisson one times Pearson's dispersion, never less than 1. Interval and p
    are one-sided when
    `alternative` is; both are NaN where one group has no events. Source: McCullagh and Nelder
    (1989), ch. 6. ValueError
    without events or with fewer than three periods in all.
    """
    inputs.one_of(alternative, ALTERNATIVES, "alternative")
    inputs.confidence(level)
    _positive(null)
    a, b = inputs.whole_numbers(counts_a, "counts_a"), inputs.whole_numbers(counts_b, "counts_b")
    per_a, per_b = inputs.exposures(exposures_a, len(a)), inputs.exposures(exposures_b, len(b))
    df = len(a) + len(b) - 2
    if not len(a) or not len(b) or df < 1:
        raise ValueError("an overdispersed ratio needs a period of each group, and three in all")
    if a.sum() + b.sum() == 0:
        raise ValueError("no events in either group: no ratio to estimate")
    pearson = sum(_pearson(count, per) for count, per in ((a, per_a), (b, per_b)))
    dispersion = pearson / df
    estimate = _ratio(a.sum() * per_b.sum(), b.sum() * per_a.sum())
    interval, p = (math.nan, math.nan), math.nan
    if 0 < estimate < math.inf:
        se = math.sqrt(max(1.0, dispersion) * (1 / a.sum() + 1 / b.sum()))
        interval, p = _t_test(math.log(estimate), se, df, math.log(null), alternative, level)
    return OverdispersedRateRatio(
        estimate=estimate,
        interval=interval,
        level=level,
        p=p,
        method="quasi-Poisson ratio of two rates",
        n=len(a) + len(b),
        null=float(null),
        alternative=alternative,
        dispersion=dispersion,
        df=df,
    )


def _positive(null) -> None:
    if not 0 < null < math.inf:
        raise InputError("null ratio out of range", value=null, expected="a positive number")


def _pearson(counts, exposure) -> float:
    expected = counts.sum() / exposure.sum() * exposure
    return float(((counts - expected) ** 2 / expected).sum()) if counts.sum() else 0.0


def _t_test(log_ratio, se, df, log_null, alternative, level):
    t = (log_ratio - log_null) / se
    if alternative == "two-sided":
        half = stats.t.isf((1 - level) / 2, df) * se
        return (exponentiate(log_ratio - half), exponentiate(log_ratio + half)), float(
            2 * stats.t.sf(abs(t), df)
        )
    half = stats.t.isf(1 - level, df) * se
    if alternative == "greater":
        return (exponentiate(log_ratio - half), math.inf), float(stats.t.sf(t, df))
    return (0.0, exponentiate(log_ratio + half)), float(stats.t.cdf(t, df))


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else math.inf
