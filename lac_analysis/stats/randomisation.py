"""Randomisation tests on labelled units: exact over all assignments where they can be listed,
sampled otherwise.
"""

from collections.abc import Callable, Iterator
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
    """Rate ratio of labelled against other units, with its randomisation distribution.

    Attributes: ratio (events per exposure, labelled / other; 0 or inf when a group has no events),
    p (never below
    1/assignments), assignments (number enumerated or drawn), exact (all were enumerated), null
    (array of that length).
    Source: Fisher (1935), The Design of Experiments; Ernst (2004), Stat. Sci. 19(4).
    """

    ratio: float
    p: float
    assignments: int
    exact: bool
    null: np.ndarray


@dataclass(frozen=True)
class PermutationTest:
    """Any statistic with its permutation distribution. Attributes: statistic; the others as in
    RandomisationTest.
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
    """Test the rate ratio of labelled against other units by giving the label to every other set of
    as many units.

    Parameters
    ----------
    events, exposure, labelled : (n,) counts or amounts; exposure in any unit; true for the k
        labelled units.
    max_assignments : enumerate all C(n, k) assignments up to this many, else draw `draws` of
        them with `seed`.

    Raises InputError when a group is empty, nothing happened, or a group could have no exposure at
    all.
    """
    events, exposure, labelled = _checked_units(events, exposure, labelled)
    (in_events, in_exposure), exact = _labelled_sums(
        np.stack([events, exposure]), labelled, max_assignments, draws, seed
    )
    null = _rate_ratio(in_events, in_exposure, events.sum(), exposure.sum())
    ratio = _rate_ratio(
        events[labelled].sum(), exposure[labelled].sum(), events.sum(), exposure.sum()
    )
    return RandomisationTest(
        float(ratio), permutation_p(ratio, null, alternative, exact=exact), len(null), exact, null
    )


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
    """Confidence interval for the rate ratio: the ratios r0 that `label_test` does not reject at 1
    - `level`.

    To test r0 the exposure of the labelled units is multiplied by r0. Each assignment then
    overtakes the observed one
    at a single r0, the root of a quadratic, so that the limits are order statistics of these roots:
    no search needed.
    A limit is 0 or inf when no ratio on that side is rejected. With no events in a group the
    shifted test says nothing
    about the size of the ratio and the interval is (0, inf). Arguments and errors as in
    `label_test`.
    Source: Ernst (2004), Stat. Sci. 19(4), section 3.
    """
    events, exposure, labelled = _checked_units(events, exposure, labelled)
    total, own_exposure, rest_exposure = (
        events.sum(),
        exposure[labelled].sum(),
        exposure[~labelled].sum(),
    )
    ratio = _rate_ratio(events[labelled].sum(), own_exposure, total, exposure.sum())
    if ratio == 0 or np.isinf(ratio):
        return 0.0, np.inf
    columns = np.stack([events, exposure, exposure * labelled, labelled.astype(float)])
    (in_events, in_exposure, kept, overlap), exact = _labelled_sums(
        columns, labelled, max_assignments, draws, seed
    )
    taken, left = np.maximum(in_exposure - kept, 0), np.maximum(own_exposure - kept, 0)
    stayed = np.maximum(rest_exposure - taken, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # the assignment's ratio reaches the observed one where r (stayed + r left) / (taken + r
        # kept) = odds
        odds = ratio * _difference(total, in_events) / in_events
        linear = stayed - odds * kept
        root = np.sqrt(linear**2 + 4 * left * odds * taken)
        overtakes = np.where(
            linear > 0, 2 * odds * taken / (linear + root), (root - linear) / (2 * left)
        )
    overtakes[in_events == 0] = np.inf
    always = (overlap == labelled.sum()) | np.isnan(
        overtakes
    )  # the observed assignment: equal at every r0
    reach, stay = np.where(always, 0, overtakes), np.where(always, np.inf, overtakes)
    if not exact:
        reach, stay = np.append(reach, 0), np.append(stay, np.inf)
    allowed = floor((1 - level) / 2 * len(reach) + 1e-9)
    low, high = (
        np.partition(reach, allowed)[allowed],
        np.partition(stay, -1 - allowed)[-1 - allowed],
    )
    return float(low), float(high)


def general_label_test(
    statistic: Callable[[np.ndarray], np.ndarray],
    labelled,
    *,
    alternative: str = "two-sided",
    max_assignments: int = 1_000_000,
    draws: int = 100_000,
    seed: int,
) -> PermutationTest:
    """Test any statistic of a label: `statistic` takes a boolean matrix (assignments, n) and
    returns (assignments,).

    It is called with blocks of assignments. An undefined value (NaN) counts as extreme. Other
    arguments and errors as
    in `label_test`; InputError, too, when the statistic of the observed label is undefined.
    """
    labelled = _checked_label(labelled)
    blocks, exact = _assignments(len(labelled), int(labelled.sum()), max_assignments, draws, seed)
    observed = float(np.asarray(statistic(labelled[None, :]))[0])
    null = np.concatenate([np.asarray(statistic(block), dtype=float) for block in blocks])
    return PermutationTest(
        observed, permutation_p(observed, null, alternative, exact=exact), len(null), exact, null
    )


def slope_test(
    y, x, *, alternative: str = "two-sided", draws: int = 100_000, seed: int
) -> PermutationTest:
    """Dose-response of `y` on `x`, both (n,): Spearman's rank correlation against `draws`
    permutations of `y`.

    Raises InputError for missing values, fewer than three units, or a constant. Source: Ernst
    (2004), section 2.
    """
    y, x = _finite(y, "y"), _finite(x, "x")
    if y.shape != x.shape or len(y) < 3 or np.ptp(y) == 0 or np.ptp(x) == 0:
        raise InputError(
            "a rank correlation needs two series of one length, three units or more, neither constant"
        )
    centred = [rankdata(values) - (len(values) + 1) / 2 for values in (y, x)]
    rank_y, rank_x = (ranks / np.linalg.norm(ranks) for ranks in centred)
    rng = np.random.default_rng(seed)
    null = np.concatenate(
        [
            rng.permuted(np.tile(rank_y, (len(block), 1)), axis=1) @ rank_x
            for block in _blocks(draws, len(y))
        ]
    )
    observed = float(rank_y @ rank_x)
    return PermutationTest(
        observed, permutation_p(observed, null, alternative, exact=False), draws, False, null
    )


def permutation_p(observed: float, null, alternative: str = "two-sided", *, exact: bool) -> float:
    """p-value of `observed` in the permutation distribution `null` (any length), never below
    1/assignments.

    Tails include ties, up to rounding; two-sided is twice the smaller tail, at most 1. An undefined
    member (NaN) counts
    in both tails, which can only raise p. If not `exact`, the observed arrangement is added: (1 +
    b) / (1 + B).
    Source: Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), article 39.
    """
    if alternative not in ALTERNATIVES:
        raise InputError(
            "unknown alternative", value=alternative, expected=" | ".join(ALTERNATIVES)
        )
    null = np.asarray(null, dtype=float)
    if len(null) == 0 or np.isnan(observed):
        raise InputError(
            "the statistic of the observed data is undefined, or there is nothing to compare it with"
        )
    size = np.abs(null[np.isfinite(null)])
    scale = max(size.mean() if len(size) else 0.0, abs(observed) if np.isfinite(observed) else 0.0)
    added = 0 if exact else 1
    # "not below" and not "at or above", so that NaN counts
    greater = (len(null) - np.count_nonzero(null < observed - _TIE * scale) + added) / (
        len(null) + added
    )
    less = (len(null) - np.count_nonzero(null > observed + _TIE * scale) + added) / (
        len(null) + added
    )
    p = {"greater": greater, "less": less, "two-sided": 2 * min(greater, less)}[alternative]
    return float(min(1.0, max(p, 1 / (len(null) + added))))


def _labelled_sums(columns, labelled, max_assignments, draws, seed) -> tuple[np.ndarray, bool]:
    """Sums of `columns` (m, n) over the labelled units of each assignment, (m, assignments);
    whether all are there.
    """
    n, k = len(labelled), int(labelled.sum())
    if comb(n, k) <= max_assignments:
        return _subset_sums(columns, k), True
    blocks, exact = _assignments(n, k, max_assignments, draws, seed)
    return np.concatenate([columns @ block.T for block in blocks], axis=1), exact


def _subset_sums(columns, k: int) -> np.ndarray:
    """Sums of `columns` (m, n) over every k-subset, (m, C(n, k)), in colexicographic order.

    The j-subsets with largest member c are the (j-1)-subsets of 0..c-1, which are a prefix of the
    list before.
    """
    m, n = columns.shape
    sums = np.zeros((m, 1))
    for j in range(1, k + 1):
        highest = n - k + j
        longer = np.empty((m, comb(highest, j)))
        for c in range(j - 1, highest):
            np.add(
                sums[:, : comb(c, j - 1)],
                columns[:, c, None],
                out=longer[:, comb(c, j) : comb(c + 1, j)],
            )
        sums = longer
    return sums


def _assignments(n, k, max_assignments, draws, seed) -> tuple[Iterator[np.ndarray], bool]:
    """Blocks of boolean rows with k of n true: all of them in colexicographic order, or `draws` at
    random.
    """
    if comb(n, k) <= max_assignments:
        return (
            _rows(_unrank(np.asarray(block), n, k), n) for block in _blocks(comb(n, k), n)
        ), True
    rng = np.random.default_rng(seed)
    keys = (rng.random((len(block), n)) for block in _blocks(draws, n))
    return (_rows(key.argpartition(k, axis=1)[:, :k], n) for key in keys), False


def _unrank(ranks, n: int, k: int) -> np.ndarray:
    """Members (len(ranks), k) of the k-subsets with these colexicographic ranks (the combinatorial
    number system).
    """
    members = np.empty((len(ranks), k), dtype=np.int64)
    for j in range(k, 0, -1):
        first = np.array(
            [comb(c, j) for c in range(n - k + j)]
        )  # rank of the first subset with j-th member c
        members[:, j - 1] = np.searchsorted(first, ranks, side="right") - 1
        ranks = ranks - first[members[:, j - 1]]
    return members


def _blocks(count: int, n: int) -> Iterator[range]:
    """0..count-1 in pieces, each of which fills at most _CELLS of a matrix with n columns."""
    size = max(1, _CELLS // n)
    return (range(count)[start : start + size] for start in range(0, count, size))


def _rows(members, n: int) -> np.ndarray:
    rows = np.zeros((len(members), n), dtype=bool)
    np.put_along_axis(rows, members, True, axis=1)
    return rows


def _rate_ratio(events, exposure, all_events, all_exposure):
    with np.errstate(divide="ignore"):
        return events * (all_exposure - exposure) / (exposure * _difference(all_events, events))


def _difference(total, part):
    """`total` - `part`, exactly 0 where only rounding is left."""
    rest = total - part
    return np.where(rest > 1e-12 * total, rest, 0.0)


def _checked_units(events, exposure, labelled):
    events, exposure, labelled = (
        _finite(events, "events"),
        _finite(exposure, "exposure"),
        _checked_label(labelled),
    )
    if not len(events) == len(exposure) == len(labelled):
        raise InputError("events, exposure and labelled differ in length")
    if events.min() < 0 or exposure.min() < 0:
        raise InputError("events and exposure cannot be negative")
    if events.sum() == 0:
        raise InputError("a rate ratio needs at least one event")
    if np.count_nonzero(exposure == 0) >= min(labelled.sum(), (~labelled).sum()):
        raise InputError("so many units have no exposure that a whole group can have none")
    return events, exposure, labelled


def _checked_label(labelled) -> np.ndarray:
    values = _finite(labelled, "labelled")
    if not np.isin(values, (0, 1)).all() or not 0 < values.sum() < len(values):
        raise InputError("the label must be true or false for each unit, and both must occur")
    return values == 1


def _finite(values, name: str) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise InputError(f"{name} must be one number a unit, none missing")
    return values
