"""Exact inference for one parameter of an exponential family, given its sufficient statistic."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

from lac_analysis.stats.estimate import Estimate, exponentiate, tail_of, two_sided_p


@dataclass(frozen=True)
class ConditionalFamily:
    """Distribution of a statistic T with P(T = t) proportional to weight(t) * exp(parameter * t).

    Conditional logistic and odds-ratio models take this form once the nuisance totals are
    conditioned on. Source: Cox (1970), Analysis of Binary Data, ch. 4; Mehta and Patel (1995),
    Statist. Med. 14.

    support : (values,) increasing.
    log_weight : (values,) log probability at parameter 0.
    """

    support: np.ndarray
    log_weight: np.ndarray

    def infer(self, observed: float, level: float, method: str, n: int) -> Estimate:
        """Maximum likelihood estimate and central exact interval of exp(parameter), and two-sided p
        at parameter 0. At an end of the support the estimate is 0 or infinite.
        """
        at_most, at_least = self.support <= observed, self.support >= observed
        tail, null = tail_of(level), self._probabilities(0.0)
        least, most = at_least.all(), at_most.all()
        low, estimate, high = 0.0, 0.0 if least else math.inf, math.inf
        if not least:
            low = self._solve(lambda chance: chance[at_least].sum() - tail)
        if not most:
            high = self._solve(lambda chance: tail - chance[at_most].sum())
        if not (least or most):
            estimate = self._solve(lambda chance: chance @ self.support - observed)
        return Estimate(
            estimate=estimate,
            interval=(low, high),
            p=two_sided_p(null[at_most].sum(), null[at_least].sum()),
            method=method,
            n=n,
        )

    def _probabilities(self, parameter: float) -> np.ndarray:
        log_density = self.log_weight + parameter * self.support
        density = np.exp(log_density - log_density.max())  # of which the largest is 1
        return density / density.sum()

    def _solve(self, rising: Callable[[np.ndarray], float]) -> float:
        """exp(parameter) at which a function of the probabilities, rising in it, is 0."""

        def at(parameter: float) -> float:
            return rising(self._probabilities(parameter))

        low, high = -1.0, 1.0
        while at(low) > 0:
            low *= 2
        while at(high) < 0:
            high *= 2
        return exponentiate(brentq(at, low, high, xtol=1e-12, rtol=1e-12))


def of_independent_sum(starts, log_probabilities) -> ConditionalFamily:
    """The family of a sum of independent whole numbers.

    The i-th takes starts[i], starts[i] + 1, .. with null log probabilities log_probabilities[i].
    Sums are taken in logs, so that tails far below the smallest float stay in the distribution.
    """
    total = np.zeros(1)
    for part in log_probabilities:
        short, long = sorted((total, np.asarray(part)), key=len)
        total = np.full(len(short) + len(long) - 1, -np.inf)
        for shift, weight in enumerate(short):
            window = slice(shift, shift + len(long))
            total[window] = np.logaddexp(total[window], long + weight)
    return ConditionalFamily(sum(starts) + np.arange(len(total)), total - logsumexp(total))
