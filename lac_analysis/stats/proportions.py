"""A proportion with its exact interval and test."""

from dataclasses import dataclass
from functools import lru_cache

from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class Proportion(Estimate):
    """`estimate` is successes / trials, p against the share `null`; n counts trials."""

    null: float
    alternative: str
    successes: int


def proportion(
    successes: int,
    trials: int,
    *,
    null: float = 0.5,
    alternative: str = "two-sided",
    level: float = 0.95,
) -> Proportion:
    """Clopper-Pearson interval and exact binomial test of successes / trials.

    `alternative` greater gives the one-sided lower bound (low, 1), less the upper bound (0, high),
    as R's binom.test.
    Source: Clopper and Pearson (1934), Biometrika 26. ValueError without trials.
    """
    inputs.one_of(alternative, ("two-sided", "greater", "less"), "alternative")
    inputs.confidence(level)
    k, n = inputs.whole_numbers([successes, trials], "successes and trials").tolist()
    if k > n:
        raise InputError("more successes than trials", value=k, expected=f"at most {n}")
    if not 0 <= null <= 1:
        raise InputError("null share out of range", value=null, expected="between 0 and 1")
    if n == 0:
        raise ValueError("no trials: no proportion to estimate")
    low, high, p = _exact(k, n, float(null), alternative, level)
    return Proportion(
        estimate=k / n,
        interval=(low, high),
        level=level,
        p=p,
        method="exact binomial test, Clopper-Pearson interval",
        n=n,
        null=float(null),
        alternative=alternative,
        successes=k,
    )


@lru_cache(maxsize=4096)  # specification curves ask for few numbers, many times
def _exact(
    k: int, n: int, null: float, alternative: str, level: float
) -> tuple[float, float, float]:
    test = stats.binomtest(k, n, null, alternative)
    low, high = test.proportion_ci(level, "exact")
    return float(low), float(high), min(1.0, float(test.pvalue))
