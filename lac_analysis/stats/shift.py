"""Hodges-Lehmann shifts of one group against another, for many labels at once."""

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import ndtr, ndtri

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs

_CELLS = 1 << 20


@dataclass(frozen=True)
class Shifts:
    """B shifts. Attributes, all (B,): shift (median of all differences, labelled less other), low, high (interval by
    inversion of the rank-sum test), p (two-sided, normal approximation with ties, no continuity correction). NaN where
    a group is empty. Source: Hodges and Lehmann (1963), Ann. Math. Statist. 34; Mann and Whitney (1947), ibid. 18.
    """

    shift: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def shift_many(values, labels, *, level: float = 0.95) -> Shifts:
    """Shift of the units labelled 1 against those labelled 0.

    values : (n,) numbers, not read where every label is missing.   labels : (B, n) of 1, 0 or NaN.
    Raises InputError for other shapes or labels, or a missing value that is used.
    """
    inputs.confidence(level)
    labels, values = np.asarray(labels, dtype=float), np.asarray(values, dtype=float)
    if labels.ndim != 2 or values.shape != labels.shape[1:]:
        raise InputError("shapes do not fit", value=(values.shape, labels.shape), expected="(n,) and (B, n)")
    one, other = labels == 1, labels == 0
    used = one | other
    if not (used | np.isnan(labels)).all() or not np.isfinite(values[used.any(0)]).all():
        raise InputError("a label must be 1, 0 or missing, and the values of labelled units finite")
    values = np.where(used.any(0), values, 0)
    result = Shifts(*(np.full(len(labels), np.nan) for _ in fields(Shifts)))
    result.p[:] = _rank_sum_p(values, one.astype(float), other.astype(float))
    sizes = np.stack([one.sum(1), other.sum(1)], axis=1)
    for n1, n0 in np.unique(sizes[(sizes > 0).all(1)], axis=0):
        fits = np.flatnonzero((sizes == (n1, n0)).all(1))
        for rows in np.array_split(fits, max(1, len(fits) * n1 * n0 // _CELLS)):
            sides = [values[np.nonzero(side[rows])[1]].reshape(len(rows), -1) for side in (one, other)]
            for name, numbers in zip(("shift", "low", "high"), _shifts(*sides, level), strict=True):
                getattr(result, name)[rows] = numbers
    return result


def _rank_sum_p(values, one, other) -> np.ndarray:
    """(B,) two-sided p of the rank-sum test, from who is above whom; NaN where a group is empty."""
    above, equal = np.greater.outer(values, values), np.equal.outer(values, values)
    n1, n0, used = one.sum(1), other.sum(1), one + other
    n, pairs = n1 + n0, n1 * n0
    wins = ((one @ (above + equal / 2)) * other).sum(1)
    tied = used @ equal  # how many units share the value of each
    ties = (used * (tied**2 - 1)).sum(1)  # over groups of t equal values, the sum of t^3 - t
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = pairs / 12 * (n + 1 - ties / (n * (n - 1)))
        z = np.where(variance > 0, (wins - pairs / 2) / np.sqrt(variance), 0)
    return np.where(pairs > 0, 2 * ndtr(-np.abs(z)), np.nan)


def _shifts(one, other, level):
    pairs, n = one.shape[1] * other.shape[1], one.shape[1] + other.shape[1]
    differences = (one[:, :, None] - other[:, None, :]).reshape(-1, pairs)
    # the interval's ends are the differences of this rank from below and from above
    edge = int(np.floor(pairs / 2 - ndtri((1 + level) / 2) * np.sqrt(pairs * (n + 1) / 12))) - 1
    low, high = max(edge, 0), pairs - 1 - max(edge, 0)
    differences.sort(axis=1)  # all of it: numpy sorts with vector instructions, and partitions without
    bounded = edge >= 0  # with very few units no shift can be rejected
    return (
        differences[:, [(pairs - 1) // 2, pairs // 2]].mean(1),
        differences[:, low] if bounded else -np.inf,
        differences[:, high] if bounded else np.inf,
    )
