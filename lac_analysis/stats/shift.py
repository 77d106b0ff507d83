"""Hodges-Lehmann shifts of one group against another, for many labels at once."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs

_CELLS = 1 << 16  # differences held at once: they stay in the processor's cache


@dataclass(frozen=True)
class Shifts:
    """Attributes, all (B,), or (S, B) for S kinds of values: shift (median of all differences,
    labelled less other),
    low, high (interval by inversion of the rank-sum test), p (two-sided, normal approximation with
    ties, no continuity
    correction). NaN where a group is empty. Source: Hodges and Lehmann (1963), Ann. Math. Statist.
    34; Mann and Whitney
    (1947), ibid. 18.
    """

    shift: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def shift_many(values, labels, *, level: float = 0.95) -> Shifts:
    """Shift of the units labelled 1 against those labelled 0.

    values : (n,) or (S, n) numbers, not read where every label is missing.   labels : (B, n) of
        1, 0 or NaN.
    Raises InputError for other shapes or labels, or a missing value that is used.
    """
    inputs.confidence(level)
    labels, values = np.asarray(labels, dtype=float), np.asarray(values, dtype=float)
    if labels.ndim != 2 or values.ndim > 2 or values.shape[-1:] != labels.shape[1:]:
        raise InputError(
            "shapes do not fit", value=(values.shape, labels.shape), expected="(n,) and (B, n)"
        )
    one, other = labels == 1, labels == 0
    used, shape = one | other, (*values.shape[:-1], len(labels))
    if not (used | np.isnan(labels)).all() or not np.isfinite(values[..., used.any(0)]).all():
        raise InputError("a label must be 1, 0 or missing, and the values of labelled units finite")
    values = np.where(used.any(0), np.atleast_2d(values), 0)
    found = np.full((3, len(values), len(labels)), np.nan)
    sizes = one.sum(1), other.sum(1)
    for n1, n0 in set(zip(*(size.tolist() for size in sizes), strict=True)):
        if n1 == 0 or n0 == 0:
            continue
        fits = np.flatnonzero((sizes[0] == n1) & (sizes[1] == n0))
        for rows in np.array_split(fits, max(1, len(fits) * n1 * n0 // _CELLS)):
            sides = [np.nonzero(side[rows])[1].reshape(len(rows), -1) for side in (one, other)]
            for kind, numbers in enumerate(values):
                for result, shifts in zip(
                    found[:, kind], _shifts(*(numbers[side] for side in sides), level), strict=True
                ):
                    result[rows] = shifts
    p = _rank_sum_p(values, one.astype(float), other.astype(float))
    return Shifts(*(numbers.reshape(shape) for numbers in (*found, p)))


def _rank_sum_p(values, one, other) -> np.ndarray:
    """(S, B) two-sided p of the rank-sum test, from who is above whom; NaN where a group is empty."""
    above, equal = values[:, :, None] > values[:, None], values[:, :, None] == values[:, None]
    n1, n0, used = one.sum(1), other.sum(1), one + other
    n, pairs = n1 + n0, n1 * n0
    wins = np.einsum("sbn,bn->sb", one @ (above + equal / 2), other)
    tied = used @ equal.astype(float)  # how many units share the value of each
    ties = (
        np.einsum("sbn,sbn,bn->sb", tied, tied, used) - n
    )  # over groups of t equal values, the sum of t^3 - t
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
    differences.sort(
        axis=1
    )  # all of it: numpy sorts with vector instructions, and partitions without
    bounded = edge >= 0  # with very few units no shift can be rejected
    return (
        differences[:, [(pairs - 1) // 2, pairs // 2]].mean(1),
        differences[:, low] if bounded else -np.inf,
        differences[:, high] if bounded else np.inf,
    )
