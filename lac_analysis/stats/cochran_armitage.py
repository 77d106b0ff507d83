"""Exact Cochran-Armitage test for a trend in proportions."""

import numpy as np
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.exact import ConditionalFamily

_LARGEST = 1000  # trials: beyond it the exact distribution takes minutes, and the normal is as good


def cochran_armitage(successes, trials, scores, *, level: float = 0.95) -> Estimate:
    """Test for a linear trend of proportions in whole-number scores (years, doses).

    successes, trials, scores : (K,), one entry a class with trials, scores increasing; up to 1,000
        trials in all.

    Given the total of successes, the sum of their scores has an exact null distribution: the
    multivariate hypergeometric one, convolved class by class. The estimate is the conditional odds
    ratio for one unit of score (that of exact logistic regression), the interval exact and central;
    p is twice the smaller tail. n counts trials. InputError where the outcome or the scores do not
    vary, or with too many trials. Source: Armitage (1955), Biometrics 11; Mehta and Patel (1995),
    Statist. Med. 14.
    """
    successes, trials, scores = (np.asarray(values) for values in (successes, trials, scores))
    total, n = int(successes.sum()), int(trials.sum())
    if total in (0, n) or len(scores) < 2:
        raise InputError("the outcome or the scores do not vary: no trend to test")
    if n > _LARGEST:
        problem = f"{n} trials are too many for the exact test (up to {_LARGEST})"
        raise InputError(problem, expected="a logistic trend")
    steps = scores - scores[0]
    probabilities = _score_sums(trials, steps, total)
    possible = np.flatnonzero(probabilities)
    family = ConditionalFamily(possible, np.log(probabilities[possible]))
    return family.infer(steps @ successes, level, "exact Cochran-Armitage test", n)


def _score_sums(trials, steps, total: int) -> np.ndarray:
    """Null probabilities of the score sums 0, 1, .. given the total of successes, up to a factor.

    The state is the probability of so many successes (rows) with such a score sum (columns) in the
    classes so far. Given the total, any success probability gives the same law; that of the data
    keeps the numbers large.
    """
    share = total / trials.sum()
    state = np.zeros((total + 1, total * int(steps.max()) + 1))
    state[0, 0] = 1.0
    for n, step in zip(trials, steps, strict=True):
        grown = np.zeros_like(state)
        for k, weight in enumerate(stats.binom.pmf(np.arange(min(n, total) + 1), n, share)):
            # k more successes, each with this step; nothing reaches beyond the table
            rows, columns = len(state) - k, state.shape[1] - k * step
            grown[k:, k * step :] += weight * state[:rows, :columns]
        state = grown
    return state[total]
