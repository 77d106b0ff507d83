"""Randomisation of a label among units, over all assignments where they can be listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from lac_analysis.errors import InputError

ALTERNATIVES = ("two-sided", "greater", "less")
# two statistics this close, relative to their size, are the same number computed in another order
_TIE = 1e-10
_CELLS = 4_000_000  # of an assignment matrix held at once


@dataclass(frozen=True)
class RandomisationTest:
    """A statistic with its randomisation distribution.

    Source: Fisher (1935), The Design of Experiments; Ernst (2004), Stat. Sci. 19(4).

    Attributes
    ----------
    statistic : of the observed label; a rate ratio is 0 or inf when a group has no events.
    p : never below 1/assignments.
    assignments : number enumerated or drawn.
    exact : all were enumerated.
    null : (assignments,).
    """

    statistic: float
    p: float
    assignments: int
    exact: bool
    null: np.ndarray


def label_test(
    events,
    exposure,
    labelled,
    *,
    alternative: str = "two-sided",
    max_assignments: int = 1_000_000,
    draws: int = 100_000,
    seed: int,
) -> RandomisationTest:
    """Test the rate ratio, labelled / other units, by giving the label to every other set of units.

    Parameters
    ----------
    events, exposure : (n,) counts or amounts; exposure in any unit.
    labelled : (n,) true for the k labelled units.
    max_assignments : enumerate all C(n, k) assignments up to this many, else draw `draws` of them.

    Raises InputError when a group is empty, nothing happened, or a group could have no exposure at
    all.
    """
    events, exposure, labelled = _checked_units(events, exposure, labelled)
    (inside, inside_exposure), exact = _labelled_sums(
        np.stack([events, exposure]), labelled, max_assignments, draws, seed
    )
    totals = events.sum(), exposure.sum()
    null = _rate_ratio(inside, inside_exposure, *totals)
    ratio = float(_rate_ratio(events[labelled].sum(), exposure[labelled].sum(), *totals))
    p = permutation_p(ratio, null, alternative, exact=exact)
    return RandomisationTest(ratio, p, len(null), exact, null)


def permutation_p(observed: float, null, alternative: str = "two-sided", *, exact: bool) -> float:
    """p-value of `observed` in the permutation distribution `null` (any length).

    Tails include ties, up to rounding; two-sided is twice the smaller tail, at most 1. An undefined
    member (NaN) counts in both tails, which can only raise p. If not `exact`, the observed
    arrangement is added: (1 + b) / (1 + B). So p is never below one over the number of
    arrangements. Source: Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), article 39.
    """
    if alternative not in ALTERNATIVES:
        expected = " | ".join(ALTERNATIVES)
        raise InputError("unknown alternative", value=alternative, expected=expected)
    null = np.asarray(null, dtype=float)
    if len(null) == 0 or np.isnan(observed):
        raise InputError("the observed statistic is undefined, or has nothing to be compared with")
    size = np.abs(null[np.isfinite(null)])
    scale = max(size.mean() if len(size) else 0.0, abs(observed) if np.isfinite(observed) else 0.0)
    added = 0 if exact else 1
    n = len(null) + added
    # "not below" and not "at or above", so that NaN counts
    greater = (n - np.count_nonzero(null < observed - _TIE * scale)) / n
    less = (n - np.count_nonzero(null > observed + _TIE * scale)) / n
    p = {"greater": greater, "less": less, "two-sided": 2 * min(greater, less)}[alternative]
    return float(min(1.0, max(p, 1 / n)))


def _labelled_sums(columns, labelled, max_assignments, draws, seed) -> tuple[np.ndarray, bool]:
    """Sums of `columns` (m, n) over each assignment's units, (m, assignments); whether all are."""
    n, k = len(labelled), int(labelled.sum())
    if comb(n, k) <= max_assignments:
        return _subset_sums(columns, k), True
    rng, parts = np.random.default_rng(seed), []
    for rows in _block_sizes(draws, n):
        members = rng.random((rows, n)).argpartition(k, axis=1)[:, :k]
        block = np.zeros((rows, n), dtype=bool)
        np.put_along_axis(block, members, True, axis=1)
        parts.append(columns @ block.T)
    return np.concatenate(parts, axis=1), False


def _subset_sums(columns, k: int) -> np.ndarray:
    """Sums of `columns` (m, n) over every k-subset, (m, C(n, k)), in colexicographic order.

    The j-subsets with largest member c are the (j-1)-subsets of 0..c-1, which are a prefix of the
    list before: so all sums over j units are sums over j-1 units plus one unit each.
    """
    m, n = columns.shape
    sums = np.zeros((m, 1))
    for j in range(1, k + 1):
        highest = n - k + j
        longer = np.empty((m, comb(highest, j)))
        for c in range(j - 1, highest):
            place = slice(comb(c, j), comb(c + 1, j))
            np.add(sums[:, : comb(c, j - 1)], columns[:, c, None], out=longer[:, place])
        sums = longer
    return sums


def _block_sizes(count: int, n: int) -> Iterator[int]:
    """Rows of each piece of `count` rows of n columns, so that a piece fills at most _CELLS."""
    size = max(1, _CELLS // n)
    return (min(size, count - start) for start in range(0, count, size))


def _rate_ratio(events, exposure, all_events, all_exposure):
    with np.errstate(divide="ignore"):
        return events * (all_exposure - exposure) / (exposure * _difference(all_events, events))


def _difference(total, part):
    """`total` - `part`, exactly 0 where only rounding is left."""
    rest = total - part
    return np.where(rest > 1e-12 * total, rest, 0.0)


def _checked_units(events, exposure, labelled):
    events, exposure, labelled = (
        _finite(values, name)
        for values, name in ((events, "events"), (exposure, "exposure"), (labelled, "labelled"))
    )
    if not len(events) == len(exposure) == len(labelled):
        raise InputError("events, exposure and labelled differ in length")
    if not np.isin(labelled, (0, 1)).all() or not 0 < labelled.sum() < len(labelled):
        raise InputError("the label must be true or false for each unit, and both must occur")
    if events.min() < 0 or exposure.min() < 0:
        raise InputError("events and exposure cannot be negative")
    if events.sum() == 0:
        raise InputError("a rate ratio needs at least one event")
    if np.count_nonzero(exposure == 0) >= min(labelled.sum(), (1 - labelled).sum()):
        raise InputError("so many units have no exposure that a whole group can have none")
    return events, exposure, labelled == 1


def _finite(values, name: str) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise InputError(f"{name} must be one number a unit, none missing")
    return values
