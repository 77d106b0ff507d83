"""Rate after against before within units, each unit its own control."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, exponentiate
from lac_analysis.stats.exact import of_independent_sum
from lac_analysis.stats.sandwich import wald


@dataclass(frozen=True, kw_only=True)
class BeforeAfter(Estimate):
    """`estimate` is the rate after over the rate before, common to the units; n counts events.

    Interval and p are exact where events are independent within a unit.

    Attributes
    ----------
    units : those with an event.
    interval_robust, p_robust : for events that come in bunches (sandwich over units, t with
        units - 1); NaN if the estimate is 0 or infinite.
    """

    units: int
    interval_robust: tuple[float, float]
    p_robust: float


def before_after(
    before, after, time_before=None, time_after=None, *, level: float = 0.95
) -> BeforeAfter:
    """Conditional maximum likelihood rate ratio from events before and after a moment in m units.

    before, after : (m,) counts.
    time_before, time_after : (m,) exposures in one time unit, None for 1.

    Given a unit's total its events after are binomial, so the units' own rates drop out: the
    estimate is that of a Poisson regression with unit effects. (statsmodels' ConditionalPoisson
    drops a unit with one event before and one after.) ValueError without events.
    Source: Cameron and Trivedi (2013), ch. 9; Farrington (1995), Biometrics 51.
    """
    before, after = inputs.whole_numbers(before, "before"), inputs.whole_numbers(after, "after")
    inputs.same_length(len(before), after, "after")
    earlier = inputs.exposures(time_before, len(before), "time_before")
    later = inputs.exposures(time_after, len(before), "time_after")
    total = before + after
    if total.sum() == 0:
        raise ValueError("no events before or after: no ratio to estimate")
    # units with one share of time after are one binomial
    shares, inverse = np.unique(later / (earlier + later), return_inverse=True)
    sizes = np.bincount(inverse, total).astype(np.int64)
    parts = [
        stats.binom.logpmf(np.arange(size + 1), size, share)
        for size, share in zip(sizes, shares, strict=True)
        if size
    ]
    method = "conditional Poisson within units, exact"
    found = of_independent_sum([0], parts).infer(int(after.sum()), level, method, int(total.sum()))
    interval, p = _robust(total, after, later / earlier, found.estimate, level)
    units = int((total > 0).sum())
    return BeforeAfter(**vars(found), units=units, interval_robust=interval, p_robust=p)


def _robust(total, after, odds, estimate, level) -> tuple[tuple[float, float], float]:
    """Interval and p from the spread of the units' scores, as a cluster covariance."""
    units = int((total > 0).sum())
    if units < 2 or not 0 < estimate < np.inf:
        return (np.nan, np.nan), np.nan
    share = estimate * odds / (1 + estimate * odds)
    information = (total * share * (1 - share)).sum()
    scores = after - total * share
    variance = units / (units - 1) * (scores @ scores) / information**2
    _, ((low, high),), (p,) = wald(np.log(estimate), variance, units - 1, level)
    return (exponentiate(low), exponentiate(high)), float(p)
