"""A proportion with its exact interval and test."""

from functools import lru_cache

from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
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

    `alternative` greater gives the one-sided lower bound (low, 1), less the upper bound (0, high),
    as R's binom.test. Two-sided, p is twice the smaller tail. n counts trials. ValueError without
    trials. Source: Clopper and Pearson (1934), Biometrika 26.
    """
    inputs.one_of(alternative, ("two-sided", "greater", "less"), "alternative")
    k, n = inputs.whole_numbers([successes, trials], "successes and trials").tolist()
    if k > n:
        raise InputError("more successes than trials", value=k, expected=f"at most {n}")
    if not 0 <= null <= 1:
        raise InputError("null share out of range", value=null, expected="between 0 and 1")
    if n == 0:
        raise ValueError("no trials: no proportion to estimate")
    interval, p = exact_binomial(k, n, float(null), alternative, level)
    method = "exact binomial test, Clopper-Pearson interval"
    return Estimate(estimate=k / n, interval=interval, level=level, p=p, method=method, n=n)


@lru_cache(maxsize=4096)  # specification curves ask for few numbers, many times
def exact_binomial(
    k: int, n: int, null: float, alternative: str, level: float
) -> tuple[tuple[float, float], float]:
    """Clopper-Pearson limits of a share k / n, and p against `null`."""
    low, high = stats.binomtest(k, n, null, alternative).proportion_ci(level, "exact")
    greater, less = stats.binom.sf(k - 1, n, null), stats.binom.cdf(k, n, null)
    p = {"greater": greater, "less": less, "two-sided": two_sided_p(greater, less)}[alternative]
    return (float(low), float(high)), min(1.0, float(p))
