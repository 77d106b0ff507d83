"""Randomisation of a label among units, over all assignments where they can be listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb, floor

import numpy as np
from scipy.stats import rankdata

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


def interval_by_inversion(
    events,
    exposure,
    labelled,
    *,
    level: float = 0.95,
    max_assignments: int = 1_000_000,
    draws: int = 100_000,
    seed: int,
) -> tuple[float, float]:
    """Confidence interval for the rate ratio: the r that `label_test` does not reject.

    To test r, the exposure of the labelled units is multiplied by it. A limit is 0 or inf when no
    ratio on that side is rejected. With no events in a group the shifted test says nothing about
    the size of the ratio and the interval is (0, inf). Arguments and errors as in `label_test`.
    Source: Ernst (2004), Stat. Sci. 19(4), section 3.
    """
    events, exposure, labelled = _checked_units(events, exposure, labelled)
    total, all_exposure, own_exposure = events.sum(), exposure.sum(), exposure[labelled].sum()
    ratio = _rate_ratio(events[labelled].sum(), own_exposure, total, all_exposure)
    if ratio == 0 or np.isinf(ratio):
        return 0.0, np.inf
    columns = np.stack([events, exposure, exposure * labelled, labelled.astype(float)])
    (inside, inside_exposure, kept, overlap), exact = _labelled_sums(
        columns, labelled, max_assignments, draws, seed
    )
    # An assignment's ratio at r reaches the observed one, which is ratio / r, where
    #     r (stayed + r left) / (taken + r kept) = odds
    # with the exposure of: labelled units that are in the assignment (kept) and that are not
    # (left), others that are in it (taken) and that are not (stayed). Each assignment overtakes at
    # one root of that quadratic, so that the limits are order statistics of the roots.
    taken, left = np.maximum(inside_exposure - kept, 0), np.maximum(own_exposure - kept, 0)
    stayed = np.maximum(exposure[~labelled].sum() - taken, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = ratio * _difference(total, inside) / inside
        linear = stayed - odds * kept
        root = np.sqrt(linear**2 + 4 * left * odds * taken)
        # of the two forms of the root, the one that does not subtract near-equal numbers
        overtakes = np.where(
            linear > 0, 2 * odds * taken / (linear + root), (root - linear) / (2 * left)
        )
    overtakes[inside == 0] = np.inf
    # the observed assignment is equal at every r
    always = (overlap == labelled.sum()) | np.isnan(overtakes)
    reach, stay = np.where(always, 0, overtakes), np.where(always, np.inf, overtakes)
    if not exact:
        reach, stay = np.append(reach, 0), np.append(stay, np.inf)
    allowed = floor((1 - level) / 2 * len(reach) + 1e-9)
    low = np.partition(reach, allowed)[allowed]
    high = np.partition(stay, -1 - allowed)[-1 - allowed]
    return float(low), float(high)


def slope_test(
    y, x, *, alternative: str = "two-sided", draws: int = 100_000, seed: int
) -> RandomisationTest:
    """Spearman's rank correlation of `y` and `x`, both (n,), against permutations of `y`.

    Raises InputError for missing values, fewer than three units, or a constant. Source: Ernst
    (2004), section 2.
    """
    y, x = _finite(y, "y"), _finite(x, "x")
    if y.shape != x.shape or len(y) < 3 or np.ptp(y) == 0 or np.ptp(x) == 0:
        expected = "two series of one length, three units or more, neither constant"
        raise InputError("no rank correlation", expected=expected)
    centred = [rankdata(values) - (len(values) + 1) / 2 for values in (y, x)]
    rank_y, rank_x = (ranks / np.linalg.norm(ranks) for ranks in centred)
    rng = np.random.default_rng(seed)
    blocks = [np.tile(rank_y, (rows, 1)) for rows in _block_sizes(draws, len(y))]
    null = np.concatenate([rng.permuted(block, axis=1) @ rank_x for block in blocks])
    observed = float(rank_y @ rank_x)
    p = permutation_p(observed, null, alternative, exact=False)
    return RandomisationTest(observed, p, draws, False, null)


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
