"""Whether some events bring together more kinds than as many other events do."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class RarefiedBreadth(Estimate):
    """`estimate` is the ratio of `focal` to `other`, expected numbers of classes among `size`
    events of each.

    `null_interval` holds the central `level` share of the ratios with the focal label permuted;
    `interval` is NaN, as
    nothing is said of the ratio itself. n counts events, `draws` the permutations.
    """

    focal: float
    other: float
    size: int
    draws: int
    null_interval: tuple[float, float]


def rarefied_breadth(
    classes, focal, *, draws: int = 9999, seed: int, level: float = 0.95
) -> RarefiedBreadth:
    """Distinct classes among focal events against the number among as many other events.

    `classes` (n,) labels and `focal` (n,) booleans. The larger group is rarefied to the size of the
    smaller. p is
    twice the smaller tail of the permutation distribution with the +1 rule. Source: Hurlbert
    (1971), Ecology 52;
    Phipson and Smyth (2010). ValueError if either group is empty.
    """
    focal = np.asarray(focal)
    codes = inputs.labels(classes, len(focal), "classes")
    if focal.dtype != bool:
        raise InputError("not true or false", column="focal", expected="booleans")
    events = np.bincount(codes)
    n, n_focal = len(focal), int(focal.sum())
    size = min(n_focal, n - n_focal)
    if size == 0:
        raise ValueError("one of the two groups has no events: no breadth to compare")
    chance_focal, chance_other = (
        _chance_of_showing(group, size) for group in (n_focal, n - n_focal)
    )
    seen = np.bincount(codes[focal], minlength=len(events))
    breadth, other = chance_focal[seen].sum(), chance_other[events - seen].sum()

    shuffled = np.random.default_rng(seed).multivariate_hypergeometric(
        events, n_focal, size=draws, method="marginals"
    )
    null = chance_focal[shuffled].sum(axis=1) / chance_other[events - shuffled].sum(axis=1)
    ratio, slack = breadth / other, 1e-9
    tails = (null >= ratio - slack).sum(), (null <= ratio + slack).sum()
    low, high = np.quantile(null, [(1 - level) / 2, (1 + level) / 2])
    return RarefiedBreadth(
        estimate=float(ratio),
        interval=(np.nan, np.nan),
        level=level,
        p=min(1.0, 2 * (1 + int(min(tails))) / (1 + draws)),
        method=f"rarefied breadth, {draws} permutations of the focal label",
        n=n,
        focal=float(breadth),
        other=float(other),
        size=size,
        draws=draws,
        null_interval=(float(low), float(high)),
    )


def _chance_of_showing(n: int, size: int) -> np.ndarray:
    """For a class with 0, 1, ..., n of n events: the chance that a random `size` of the events
    include it.
    """
    rest = n - np.arange(n + 1)
    possible = rest >= size
    log_missed = np.where(
        possible, _log_choose(np.maximum(rest, size), size) - _log_choose(n, size), -np.inf
    )
    return -np.expm1(log_missed)


def _log_choose(n, k):
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
