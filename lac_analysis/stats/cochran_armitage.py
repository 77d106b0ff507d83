"""Exact Cochran-Armitage test for a trend in proportions."""

import numpy as np
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.exact import ConditionalFamily

_LARGEST = 1000  # trials: beyond it the exact distribution takes minutes, and the normal is as good


def cochran_armitage(successes, trials, scores, *, level: float = 0.95) -> Estimate:
    """Test for a linear trend of proportions in whole-number scores (years, doses).

    successes, trials, scores : (K,), one entry a class, up to 1,000 trials in all.

    Given the total of successes, the sum of their scores has an exact null distribution: the
    multivariate hypergeometric one, convolved class by class. The estimate is the conditional odds
    ratio for one unit of score (that of exact logistic regression), the interval exact and central;
    p is twice the smaller tail. n counts trials. ValueError where the outcome or the scores do not
    vary, or with too many trials. Source: Armitage (1955), Biometrics 11; Mehta and Patel (1995),
    Statist. Med. 14.
    """
    successes, trials = (
        inputs.whole_numbers(values, name)
        for values, name in ((successes, "successes"), (trials, "trials"))
    )
    scores = inputs.real_numbers(scores, "scores")
    for name, array in (("trials", trials), ("scores", scores)):
        inputs.same_length(len(successes), array, name)
    if (successes > trials).any():
        raise InputError("more successes than trials", column="successes")
    if (scores != np.floor(scores)).any():
        expected = "whole numbers, such as years"
        raise InputError("scores are not whole numbers", column="scores", expected=expected)
    total, n = int(successes.sum()), int(trials.sum())
    if total in (0, n) or len(np.unique(scores[trials > 0])) < 2:
        raise ValueError("the outcome or the scores do not vary: no trend to test")
    if n > _LARGEST:
        raise ValueError(
            f"{n} trials are too many for the exact test (up to {_LARGEST}): use a logistic trend"
        )
    # classes of one score together, scores counted from the first
    first = scores[trials > 0].min()
    steps, inverse = np.unique(np.where(trials > 0, scores - first, 0), return_inverse=True)
    steps = steps.astype(np.int64)
    trials, successes = (
        np.bincount(inverse, values).astype(np.int64) for values in (trials, successes)
    )
    family = ConditionalFamily.from_probabilities(_score_sums(trials, steps, total))
    return family.infer(int(steps @ successes), level, "exact Cochran-Armitage test", n)


def _score_sums(trials, steps, total: int) -> np.ndarray:
    """Null probabilities of the score sums 0, 1, .. given the total of successes.

    The state is the probability of so many successes (rows) with such a score sum (columns) in the
    classes so far. Given the total, any success probability gives the same law; that of the data
    keeps the numbers large.
    """
    share = total / trials.sum()
    state = np.zeros((total + 1, total * int(steps.max()) + 1))
    state[0, 0] = 1.0
    most, reach = 0, 0  # successes and score sum possible so far
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
