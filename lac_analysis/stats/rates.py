"""The ratio of two rates of events, exact or overdispersed."""

import math
from dataclasses import dataclass
from operator import index

from scipy import stats

from lac_analysis.errors import InputError, one_of
from lac_analysis.stats.estimate import Estimate, exponentiate, wald
from lac_analysis.stats.proportions import ALTERNATIVES, proportion


@dataclass(frozen=True, kw_only=True)
class OverdispersedRateRatio(Estimate):
    """`estimate` is the rate of a divided by that of b; n counts periods."""

    dispersion: float  # Pearson's chi-squared over its degrees of freedom


def rate_ratio(
    count_a, exposure_a, count_b, exposure_b, *, null=1.0, alternative="two-sided", level=0.95
) -> Estimate:
    """Exact conditional ratio of two Poisson rates, count / exposure of a over that of b.

    Given the total, count_a is binomial: the interval is Clopper-Pearson's, one-sided where
    `alternative` is 'greater' (as R's poisson.test); p is against the ratio `null`; n counts
    events. With equal exposures it is McNemar's exact test of discordant pairs.
    InputError without events, or for another alternative; TypeError for counts that are not whole.
    Source: Przyborowski and Wilenski (1940), Biometrika 31.
    """
    count_a, count_b = index(count_a), index(count_b)  # small integers of numpy would overflow
    exposure_a, exposure_b = float(exposure_a), float(exposure_b)
    total = count_a + count_b
    if total == 0:
        raise InputError("no events in either group: no ratio to estimate")
    share = null * exposure_a / (null * exposure_a + exposure_b)
    of_total = proportion(count_a, total, null=share, alternative=alternative, level=level)
    low, high = of_total.interval
    return Estimate(
        estimate=ratio(count_a * exposure_b, count_b * exposure_a),
        interval=(
            ratio(low * exposure_b, (1 - low) * exposure_a),
            ratio(high * exposure_b, (1 - high) * exposure_a),
        ),
        p=of_total.p,
        method="exact conditional test of two Poisson rates",
        n=total,
    )


def overdispersed_rate_ratio(
    counts_a, counts_b, *, null=1.0, alternative="two-sided", level=0.95
) -> OverdispersedRateRatio:
    """Quasi-Poisson ratio of two rates from the counts of several periods each, with a t-interval.

    counts_a, counts_b : (periods,) counts of periods of one length, three periods or more in all.
    null, alternative : p is against this ratio, one-sided where `alternative` is 'greater'.

    The variance is the Poisson one times Pearson's dispersion, never less than 1. Interval and p
    are NaN where one group has no events. InputError for another alternative. Source: McCullagh
    and Nelder (1989), ch. 6.
    """
    one_of(alternative, ALTERNATIVES, "alternative")
    groups, df = (counts_a, counts_b), len(counts_a) + len(counts_b) - 2
    chi2 = sum(((part - part.mean()) ** 2).sum() / part.mean() for part in groups if part.any())
    estimate = ratio(counts_a.mean(), counts_b.mean())
    interval, p = (math.nan, math.nan), math.nan
    if 0 < estimate < math.inf:
        error = math.sqrt(max(1.0, chi2 / df) * (1 / counts_a.sum() + 1 / counts_b.sum()))
        (low, high), _ = wald(math.log(estimate), error, df, level)
        interval = exponentiate(low), exponentiate(high)
        t = math.log(estimate / null) / error
        p = float(stats.t.sf(t, df) if alternative == "greater" else 2 * stats.t.sf(abs(t), df))
    return OverdispersedRateRatio(
        estimate=estimate,
        interval=interval,
        p=p,
        method="quasi-Poisson ratio of two rates",
        n=df + 2,
        dispersion=float(chi2 / df),
    )


def ratio(above: float, below: float) -> float:
    """The quotient of two numbers from 0 on; infinite over 0, and NaN where both are."""
    if below == 0:
        return math.inf if above > 0 else math.nan
    return float(above / below)
