"""Hodges-Lehmann shifts of one group against another, for many labels at once."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from lac_analysis.errors import InputError

_CELLS = 1 << 16  # differences held at once: they stay in the processor's cache


@dataclass(frozen=True)
class Shifts:
    """Shifts of B labels, all (B,); NaN where a group is empty.

    Source: Hodges and Lehmann (1963), Ann. Math. Statist. 34; Mann and Whitney (1947), ibid. 18.

    Attributes
    ----------
    shift : median of all differences, labelled less other.
    low, high : interval by inversion of the rank-sum test.
    p : two-sided, normal approximation with ties, no continuity correction.
    """

    shift: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def shift_many(values, labels, *, level: float = 0.95) -> Shifts:
    """Shift of the units labelled 1 against those labelled 0.

    values : (n,) numbers, not read where every label is missing.
    labels : (B, n) of 1, 0 or NaN.

    Raises InputError for other shapes or labels, or a missing value that is used.
    """
    labels, values = np.asarray(labels, dtype=float), np.asarray(values, dtype=float)
    if labels.ndim != 2 or values.shape != labels.shape[1:]:
        shapes = (values.shape, labels.shape)
        raise InputError("shapes do not fit", value=shapes, expected="(n,) and (B, n)")
    one, other = labels == 1, labels == 0
    used = one | other
    if not (used | np.isnan(labels)).all() or not np.isfinite(values[used.any(0)]).all():
        raise InputError("a label must be 1, 0 or missing, and the values of labelled units finite")
    values = np.where(used.any(0), values, 0)
    found = np.full((3, len(labels)), np.nan)
    # labels with groups of one size are sorted together
    sizes = np.column_stack([one.sum(1), other.sum(1)])
    for n1, n0 in np.unique(sizes, axis=0):
        if n1 == 0 or n0 == 0:
            continue
        alike = np.flatnonzero((sizes == (n1, n0)).all(1))
        for rows in np.array_split(alike, 1 + len(alike) * n1 * n0 // _CELLS):
            groups = [
                values[np.nonzero(side[rows])[1].reshape(len(rows), -1)] for side in (one, other)
            ]
            found[:, rows] = _shifts(*groups, level)
    return Shifts(*found, _rank_sum_p(values, one.astype(float), other.astype(float)))


def _shifts(one, other, level) -> np.ndarray:
    """(3, rows) median, low and high of the differences of groups (rows, units)."""
    pairs, n = one.shape[1] * other.shape[1], one.shape[1] + other.shape[1]
    differences = np.sort((one[:, :, None] - other[:, None, :]).reshape(-1, pairs), axis=1)
    median = differences[:, [(pairs - 1) // 2, pairs // 2]].mean(1)
    # the interval's ends are the differences of this rank from below and from above
    edge = int(np.floor(pairs / 2 - ndtri((1 + level) / 2) * np.sqrt(pairs * (n + 1) / 12))) - 1
    if edge < 0:  # with very few units no shift can be rejected
        return np.stack([median, np.full_like(median, -np.inf), np.full_like(median, np.inf)])
    return np.stack([median, differences[:, edge], differences[:, pairs - 1 - edge]])


def _rank_sum_p(values, one, other) -> np.ndarray:
    """(B,) two-sided p of the rank-sum test, from who is above whom; NaN where a group is empty."""
    above, equal = values[:, None] > values, (values[:, None] == values).astype(float)
    n1, n0, used = one.sum(1), other.sum(1), one + other
    n, pairs = n1 + n0, n1 * n0
    wins = ((one @ (above + equal / 2)) * other).sum(1)
    tied = used @ equal  # how many units share the value of each
    ties = (tied**2 * used).sum(1) - n  # over groups of t equal values, the sum of t^3 - t
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = pairs / 12 * (n + 1 - ties / (n * (n - 1)))
        z = np.where(variance > 0, (wins - pairs / 2) / np.sqrt(variance), 0)
    return np.where(pairs > 0, 2 * ndtr(-np.abs(z)), np.nan)
