"""A proportion with its exact interval and test."""

from functools import lru_cache

from scipy import stats

from lac_analysis.errors import InputError, one_of
from lac_analysis.stats.estimate import Estimate, two_sided_p

ALTERNATIVES = ("two-sided", "greater")


@lru_cache(maxsize=4096)  # specification curves ask for few numbers, many times
def proportion(
    successes: int, trials: int, *, null=0.5, alternative="two-sided", level=0.95
) -> Estimate:
    """Successes / trials with Clopper-Pearson interval and exact binomial test of the share `null`.

    `alternative` greater gives the one-sided lower bound (low, 1), as R's binom.test. Two-sided, p
    is twice the smaller tail. n counts trials. InputError without trials, or for another
    alternative. Source: Clopper and Pearson (1934), Biometrika 26.
    """
    one_of(alternative, ALTERNATIVES, "alternative")
    if trials == 0:
        raise InputError("no trials: no proportion to estimate")
    low, high = stats.binomtest(successes, trials, null, alternative).proportion_ci(level, "exact")
    above = stats.binom.sf(successes - 1, trials, null)
    below = stats.binom.cdf(successes, trials, null)
    p = above if alternative == "greater" else two_sided_p(below, above)
    return Estimate(
        estimate=successes / trials,
        interval=(float(low), float(high)),
        p=min(1.0, float(p)),
        method="exact binomial test, Clopper-Pearson interval",
        n=trials,
    )
