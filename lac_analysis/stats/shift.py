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

    values : (B, n) or (n,) numbers, not read where the label is missing.   labels : (B, n) of 1, 0 or NaN.
    Raises InputError for other shapes or labels, or a missing value that is used.
    """
    inputs.confidence(level)
    labels = np.asarray(labels, dtype=float)
    values = np.asarray(values, dtype=float)
    if labels.ndim != 2 or values.shape[-1:] != labels.shape[1:] or (values.ndim == 2 and len(values) != len(labels)):
        raise InputError("shapes do not fit", value=(values.shape, labels.shape), expected="(B, n) or (n,), and (B, n)")
    values = np.broadcast_to(values, labels.shape)
    used = ~np.isnan(labels)
    if not np.isin(labels[used], (0, 1)).all() or not np.isfinite(values[used]).all():
        raise InputError("a label must be 1, 0 or missing, and the values of labelled units finite")
    result = Shifts(*(np.full(len(labels), np.nan) for _ in fields(Shifts)))
    sizes = np.stack([(labels == 1).sum(1), (labels == 0).sum(1)], axis=1)
    for n1, n0 in np.unique(sizes[(sizes > 0).all(1)], axis=0):
        fits = np.flatnonzero((sizes == (n1, n0)).all(1))
        for rows in np.array_split(fits, max(1, len(fits) * n1 * n0 // _CELLS)):
            one = values[rows][labels[rows] == 1].reshape(-1, n1)
            other = values[rows][labels[rows] == 0].reshape(-1, n0)
            for name, numbers in zip(("shift", "low", "high", "p"), _shifts(one, other, level), strict=True):
                getattr(result, name)[rows] = numbers
    return result


def _shifts(one, other, level):
    n1, n0 = one.shape[1], other.shape[1]
    n, pairs = n1 + n0, n1 * n0
    differences = (one[:, :, None] - other[:, None, :]).reshape(-1, pairs)
    wins = (differences > 0).sum(1) + (differences == 0).sum(1) / 2
    variance = pairs / 12 * (n + 1 - _ties(np.concatenate([one, other], axis=1)) / (n * (n - 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (wins - pairs / 2) / np.sqrt(variance), 0)
    # the interval's ends are the differences of this rank from below and from above
    edge = int(np.floor(pairs / 2 - ndtri((1 + level) / 2) * np.sqrt(pairs * (n + 1) / 12))) - 1
    low, high = max(edge, 0), pairs - 1 - max(edge, 0)
    middle = [(pairs - 1) // 2, pairs // 2]
    differences.partition(sorted({low, *middle, high}), axis=1)
    bounded = edge >= 0  # with very few units no shift can be rejected
    return (
        differences[:, middle].mean(1),
        differences[:, low] if bounded else -np.inf,
        differences[:, high] if bounded else np.inf,
        2 * ndtr(-np.abs(z)),
    )


def _ties(values) -> np.ndarray:
    """Sum over groups of t equal values of t^3 - t, by row."""
    equal = (values[:, :, None] == values[:, None, :]).sum(2)
    return (equal**2 - 1).sum(1)
