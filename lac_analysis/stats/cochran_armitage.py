"""Exact Cochran-Armitage test for a trend in proportions."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.exact import ConditionalFamily

_LARGEST = 1000  # trials: beyond it the exact distribution takes minutes, and the normal is as good


@dataclass(frozen=True, kw_only=True)
class ProportionTrend(Estimate):
    """`estimate` is the conditional odds ratio for one unit of score, `interval` exact and central;
    n is trials.

    p is two-sided: the probability of a score sum at least as far from its expectation as the one
    seen. p_mid counts
    half of the equally far; p_greater and p_less are one-sided; z and p_asymptotic are the usual
    chi-squared test's.
    """

    p_mid: float
    p_greater: float
    p_less: float
    z: float
    p_asymptotic: float


def cochran_armitage(successes, trials, scores, *, level: float = 0.95) -> ProportionTrend:
    """Test for a linear trend of proportions in whole-number scores (years, doses), given the total
    of successes.

    All three arrays are (K,), one entry a class. The exact distribution is the multivariate
    hypergeometric one,
    convolved class by class; its time grows with trials x successes x range of the scores (up to
    1,000 trials in
    all). The odds ratio is that of exact logistic regression. Source: Armitage (1955), Biometrics
    11; Mehta and Patel
    (1995), Statist. Med. 14. ValueError where the outcome or the scores do not vary, or with too
    many trials.
    """
    inputs.confidence(level)
    successes, trials = (
        inputs.whole_numbers(successes, "successes"),
        inputs.whole_numbers(trials, "trials"),
    )
    scores = inputs.real_numbers(scores, "scores")
    for name, array in (("trials", trials), ("scores", scores)):
        inputs.same_length(len(successes), array, name)
    if (successes > trials).any():
        raise InputError("more successes than trials", column="successes")
    if (scores != np.floor(scores)).any():
        raise InputError(
            "scores are not whole numbers", column="scores", expected="whole numbers, such as years"
        )
    total, n = int(successes.sum()), int(trials.sum())
    if total in (0, n) or len(np.unique(scores[trials > 0])) < 2:
        raise ValueError("the outcome or the scores do not vary: no trend to test")
    if n > _LARGEST:
        raise ValueError(
            f"{n} trials are too many for the exact test (up to {_LARGEST}): use a logistic trend"
        )
    first = int(scores[trials > 0].min())
    steps, inverse = np.unique(
        np.where(trials > 0, scores - first, 0).astype(np.int64), return_inverse=True
    )
    unit = int(np.gcd.reduce(steps))
    steps //= unit
    trials = np.bincount(inverse, trials).astype(np.int64)
    observed = int(steps @ np.bincount(inverse, successes).astype(np.int64))
    family = ConditionalFamily.from_probabilities(_score_sums(trials, steps, total))

    probability = np.exp(family.log_weight)
    share = total / n
    expected = share * steps @ trials
    distance, seen = np.abs(family.support - expected), abs(observed - expected)
    tolerance = 1e-9 * max(1.0, expected)
    as_far, equally_far = distance >= seen - tolerance, np.abs(distance - seen) <= tolerance
    p = min(1.0, float(probability[as_far].sum()))
    variance = share * (1 - share) * (trials @ steps**2 - (trials @ steps) ** 2 / n)
    z = (observed - expected) / np.sqrt(variance)
    return ProportionTrend(
        estimate=family.estimate(observed) ** (1 / unit),
        interval=tuple(bound ** (1 / unit) for bound in family.interval(observed, level)),
        level=level,
        p=p,
        method="exact Cochran-Armitage test",
        n=n,
        p_mid=p - float(probability[equally_far].sum()) / 2,
        p_greater=min(1.0, float(probability[family.support >= observed].sum())),
        p_less=min(1.0, float(probability[family.support <= observed].sum())),
        z=float(z),
        p_asymptotic=float(2 * stats.norm.sf(abs(z))),
    )


def _score_sums(trials, steps, total: int) -> np.ndarray:
    """Null probabilities of the score sums 0, 1, ... given the total of successes."""
    share = (
        total / trials.sum()
        # conditional on the total, any success probability gives the same law; this one keeps floats
        # large
    )
    state = np.zeros(
        (total + 1, total * int(steps.max()) + 1)
    )  # successes so far, score sum so far
    state[0, 0] = 1.0
    most, reach = 0, 0
    for n, step in zip(trials, steps, strict=True):
        weights = stats.binom.pmf(np.arange(min(n, total) + 1), n, share)
        grown = np.zeros_like(state)
        for k, weight in enumerate(weights):
            rows = min(most, total - k) + 1
            columns = min(reach, state.shape[1] - 1 - k * step) + 1
            grown[k : k + rows, k * step : k * step + columns] += weight * state[:rows, :columns]
        state = grown
        most = min(total, most + len(weights) - 1)
        reach = min(state.shape[1] - 1, reach + step * (len(weights) - 1))
    return state[total]
