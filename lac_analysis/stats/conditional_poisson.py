"""Rate after against before within units, each unit its own control."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, exponentiate
from lac_analysis.stats.exact import of_independent_sum


@dataclass(frozen=True, kw_only=True)
class BeforeAfter(Estimate):
    """`estimate` is the rate after divided by the rate before, common to the units; n counts
    events.

    Interval and p are exact where events are independent within a unit; `interval_robust` and
    `p_robust` (sandwich over
    units, t with units - 1) where they come in bunches, NaN if the estimate is 0 or infinite.
    `units` had an event.
    """

    units: int
    interval_robust: tuple[float, float]
    p_robust: float


def before_after(
    before, after, time_before=None, time_after=None, *, level: float = 0.95
) -> BeforeAfter:
    """Conditional maximum likelihood rate ratio from events before and after a moment in each of m
    units.

    `before` and `after` are (m,) counts, `time_before` and `time_after` the exposures in one time
    unit (None: 1).
    Given a unit's total its events after are binomial, so the units' own rates drop out: the
    estimate is that of a
    Poisson regression with unit effects. Source: Cameron and Trivedi (2013), ch. 9; Farrington
    (1995), Biometrics 51.
    ValueError without events.
    """
    inputs.confidence(level)
    before, after = inputs.whole_numbers(before, "before"), inputs.whole_numbers(after, "after")
    inputs.same_length(len(before), after, "after")
    earlier = inputs.exposures(time_before, len(before), "time_before")
    later = inputs.exposures(time_after, len(before), "time_after")
    total = before + after
    if total.sum() == 0:
        raise ValueError("no events before or after: no ratio to estimate")
    shares, inverse = np.unique(later / (earlier + later), return_inverse=True)
    sizes = np.bincount(inverse, total).astype(np.int64)
    parts = [
        stats.binom.logpmf(np.arange(size + 1), size, share)
        for size, share in zip(sizes, shares, strict=True)
        if size
    ]
    family, observed = of_independent_sum([0], parts), int(after.sum())
    estimate = family.estimate(observed)
    interval_robust, p_robust = _robust(total, after, later / earlier, estimate, level)
    return BeforeAfter(
        estimate=estimate,
        interval=family.interval(observed, level),
        level=level,
        p=family.p(observed),
        method="conditional Poisson within units, exact",
        n=int(total.sum()),
        units=int((total > 0).sum()),
        interval_robust=interval_robust,
        p_robust=p_robust,
    )


def _robust(total, after, odds, estimate, level):
    """Interval and p from the spread of the units' scores (CRV1 without a correction for
    coefficients).
    """
    units = int((total > 0).sum())
    if units < 2 or not 0 < estimate < np.inf:
        return (np.nan, np.nan), np.nan
    share = estimate * odds / (1 + estimate * odds)
    information = (total * share * (1 - share)).sum()
    se = np.sqrt(units / (units - 1) * ((after - total * share) ** 2).sum()) / information
    half = stats.t.isf((1 - level) / 2, units - 1) * se
    log_ratio = np.log(estimate)
    p = 2 * stats.t.sf(abs(log_ratio) / se, units - 1) if se > 0 else np.nan
    return (exponentiate(log_ratio - half), exponentiate(log_ratio + half)), float(p)
