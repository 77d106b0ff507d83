"""A proportion with its exact interval and test."""

from functools import lru_cache

from scipy import stats

from lac_analysis.stats.estimate import Estimate, two_sided_p


def proportion(
    successes: int,
    trials: int,
    *,
    null: float = 0.5,
    alternative: str = "two-sided",
    level: float = 0.95,
) -> Estimate:
    """Successes / trials with Clopper-Pearson interval and exact binomial test of the share `null`.

    `alternative` greater gives the one-sided lower bound (low, 1), as R's binom.test. Two-sided, p
    is twice the smaller tail. n counts trials. ValueError without trials. Source: Clopper and
    Pearson (1934), Biometrika 26.
    """
    if trials == 0:
        raise ValueError("no trials: no proportion to estimate")
    interval, p = exact_binomial(successes, trials, null, alternative, level)
    method = "exact binomial test, Clopper-Pearson interval"
    return Estimate(estimate=successes / trials, interval=interval, p=p, method=method, n=trials)


@lru_cache(maxsize=4096)  # specification curves ask for few numbers, many times
def exact_binomial(
    k: int, n: int, null: float, alternative: str, level: float
) -> tuple[tuple[float, float], float]:
    """Clopper-Pearson limits of a share k / n, and p against `null`."""
    low, high = stats.binomtest(k, n, null, alternative).proportion_ci(level, "exact")
    above, below = stats.binom.sf(k - 1, n, null), stats.binom.cdf(k, n, null)
    p = above if alternative == "greater" else two_sided_p(below, above)
    return (float(low), float(high)), min(1.0, float(p))
