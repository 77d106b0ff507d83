"""Exact inference for one parameter of an exponential family, given its sufficient statistic."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

from lac_analysis.stats.estimate import Estimate, exponentiate, two_sided_p


@dataclass(frozen=True)
class ConditionalFamily:
    """Distribution of a statistic T with P(T = t) proportional to weight(t) * exp(parameter * t).

    Conditional logistic, Poisson and odds-ratio models all take this form once the nuisance totals
    are conditioned on. Source: Cox (1970), Analysis of Binary Data, ch. 4; Mehta and Patel (1995),
    Statist. Med. 14.

    Attributes
    ----------
    support : (values,) increasing.
    log_weight : (values,) log probability at parameter 0.
    """

    support: np.ndarray
    log_weight: np.ndarray

    @classmethod
    def from_probabilities(cls, probabilities: np.ndarray) -> "ConditionalFamily":
        """The family on 0, 1, .. with these null probabilities; impossible values are dropped."""
        possible = np.flatnonzero(probabilities)
        return cls(possible, np.log(probabilities[possible] / probabilities.sum()))

    def infer(self, observed: float, level: float, method: str, n: int) -> Estimate:
        """Estimate and central exact interval of exp(parameter), and two-sided p at parameter 0."""
        return Estimate(
            estimate=self.estimate(observed),
            interval=self.interval(observed, level),
            level=level,
            p=self.p(observed),
            method=method,
            n=n,
        )

    def estimate(self, observed: float) -> float:
        """Maximum likelihood estimate of exp(parameter): 0 or infinity at an end of the support."""
        if observed <= self.support[0]:
            return 0.0
        if observed >= self.support[-1]:
            return math.inf
        return exponentiate(_root(lambda b: self._probabilities(b) @ self.support - observed, 1))

    def interval(self, observed: float, level: float) -> tuple[float, float]:
        """Central exact interval of exp(parameter): each tail is (1 - level) / 2 at its bound."""
        tail, low, high = (1 - level) / 2, 0.0, math.inf
        if observed > self.support[0]:
            at_least = self.support >= observed
            low = exponentiate(_root(lambda b: self._probabilities(b)[at_least].sum() - tail, 1))
        if observed < self.support[-1]:
            at_most = self.support <= observed
            high = exponentiate(_root(lambda b: self._probabilities(b)[at_most].sum() - tail, -1))
        return low, high

    def p(self, observed: float) -> float:
        """Two-sided p at parameter 0."""
        probability = np.exp(self.log_weight)
        greater = probability[self.support >= observed].sum()
        return two_sided_p(greater, probability[self.support <= observed].sum())

    def _probabilities(self, parameter: float) -> np.ndarray:
        log_density = self.log_weight + parameter * self.support
        return np.exp(log_density - logsumexp(log_density))


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


def _root(function, direction: int) -> float:
    """Root of a monotone function, rising if direction is 1 and falling if -1."""
    low, high = -1.0, 1.0
    while direction * function(low) > 0:
        low *= 2
    while direction * function(high) < 0:
        high *= 2
    return brentq(function, low, high, xtol=1e-12, rtol=1e-12)
