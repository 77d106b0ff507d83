"""Rate after against before within units, each unit its own control."""

import numpy as np
from scipy import stats

from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.exact import of_independent_sum


def before_after(
    before, after, time_before=None, time_after=None, *, level: float = 0.95
) -> Estimate:
    """Conditional maximum likelihood rate ratio from events before and after a moment in m units.

    before, after : (m,) counts.
    time_before, time_after : (m,) exposures in one time unit, None for 1.

    Given a unit's total its events after are binomial, so the units' own rates drop out: the
    estimate is that of a Poisson regression with unit effects. (statsmodels' ConditionalPoisson
    drops a unit with one event before and one after.) Interval and p are exact where events are
    independent within a unit; n counts events. ValueError without events.
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
    return of_independent_sum([0], parts).infer(int(after.sum()), level, method, int(total.sum()))
