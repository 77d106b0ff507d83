"""Whether focal events come after others of the same place, when dates are intervals and some are
unknown.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.stats.randomisation import ALTERNATIVES, permutation_p

_CELLS = 2_000_000  # events times draws held at once
_NEVER = np.iinfo(np.int64).max  # later than any date
_LATEST = _NEVER - 1  # an unknown date, taken as late as can be
_EARLIEST = np.iinfo(np.int64).min


@dataclass(frozen=True)
class OrderTest:
    """Share of focal events that certainly follow another event of their place, against chance
    order.

    Attributes: share, expected (exact mean of the share when any of a place's events could be the
    focal ones), p,
    focal (number of focal events), exact (null computed, not sampled), null (probability of 0, 1,
    .., focal of them).
    """

    share: float
    expected: float
    p: float
    focal: int
    exact: bool
    null: np.ndarray


def order_test(
    place, start, end, focal, *, alternative: str = "two-sided", draws: int = 10_000, seed: int
) -> OrderTest:
    """Test the share of focal events preceded by a non-focal event of their place, permuting labels
    within places.

    Parameters
    ----------
    place, start, end, focal : (events,) name of the place; first and last day the event can
        have (datetime64 or ISO
        text, NaT where unknown); true for focal events. The order of the events does not matter.

    An event precedes a focal one when its last possible day is before the focal one's first:
    certain order only. The dates stay and the places' labels move. With one focal
    event a place the null
    is Poisson-binomial and exact; otherwise `draws` permutations are taken. Places without focal
    events say nothing.
    Raises InputError when no event is focal, a place is missing, or an event ends before it starts.
    """
    if alternative not in ALTERNATIVES:
        raise InputError(
            "unknown alternative", value=alternative, expected=" | ".join(ALTERNATIVES)
        )
    code, start, end, focal = _checked_events(place, start, end, focal)
    relevant = np.isin(code, code[focal])
    code, start, end, focal = code[relevant], start[relevant], end[relevant], focal[relevant]
    _, code, size = np.unique(code, return_inverse=True, return_counts=True)
    focal_size = np.bincount(code, weights=focal).astype(int)
    n = int(focal.sum())
    observed = int(_preceded(code, start, end, focal[None, :])[0])
    before = _events_before(code, start, end)
    expected = (
        float((focal_size / size)[code] @ (1 - _all_focal(before, size[code], focal_size[code])))
        / n
    )
    if focal_size.max() == 1:
        null = np.ones(1)
        for chance in np.bincount(code, weights=before > 0) / size:
            null = np.convolve(null, [1 - chance, chance])
        return OrderTest(observed / n, expected, _tail(observed, null, alternative), n, True, null)
    counts = _sampled_counts(code, start, end, size, focal_size, draws, seed)
    p = permutation_p(observed, counts, alternative, exact=False)
    return OrderTest(
        observed / n, expected, p, n, False, np.bincount(counts, minlength=n + 1) / draws
    )


def _preceded(code, start, end, focal) -> np.ndarray:
    """How many focal events are preceded, one number for each row of labels `focal` (rows, events
    sorted by place).
    """
    segments = np.flatnonzero(np.diff(code, prepend=-1))
    first_end = np.minimum.reduceat(np.where(focal, _NEVER, end), segments, axis=1)
    return np.count_nonzero(focal & (first_end[:, code] < start), axis=1)


def _events_before(code, start, end) -> np.ndarray:
    """For each event, how many of its place certainly ended before it started. Events are sorted by
    place.
    """
    days = np.unique(np.concatenate([start, end]))
    start, end = np.searchsorted(days, start), np.searchsorted(days, end)
    ends = np.sort(code * len(days) + end)
    return np.searchsorted(ends, code * len(days) + start) - np.searchsorted(ends, code * len(days))


def _all_focal(before, size, focal_size) -> np.ndarray:
    """Chance that all `before` predecessors of a focal event are focal too, given focal_size of
    size events are.
    """
    chance = np.ones(len(before))
    for i in range(int(focal_size.max())):
        drawn = np.maximum(focal_size - 1 - i, 0) / np.maximum(size - 1 - i, 1)
        chance = np.where(i < before, chance * drawn, chance)
    return np.where(before >= focal_size, 0, chance)


def _sampled_counts(code, start, end, size, focal_size, draws, seed) -> np.ndarray:
    rank = np.arange(len(code)) - (np.cumsum(size) - size)[code]
    slot = rank < focal_size[code]  # the first few of each shuffled place become focal
    rng = np.random.default_rng(seed)
    block = max(1, _CELLS // len(code))
    counts = []
    for done in range(0, draws, block):
        shuffled = np.argsort(code + rng.random((min(block, draws - done), len(code))), axis=1)
        focal = np.zeros(shuffled.shape, dtype=bool)
        np.put_along_axis(focal, shuffled, np.broadcast_to(slot, shuffled.shape), axis=1)
        counts.append(_preceded(code, start, end, focal))
    return np.concatenate(counts)


def _tail(observed: int, null, alternative: str) -> float:
    greater, less = null[observed:].sum(), null[: observed + 1].sum()
    return float(
        min(1, {"greater": greater, "less": less, "two-sided": 2 * min(greater, less)}[alternative])
    )


def _checked_events(place, start, end, focal, *more):
    """Places as integers and days as integers, sorted; unknown starts as early and unknown ends as
    late as can be.
    """
    place = pd.Series(np.asarray(place, dtype=object))
    start, end = (np.asarray(dates).astype("datetime64[D]") for dates in (start, end))
    focal = np.asarray(focal)
    if not len(place) == len(start) == len(end) == len(focal):
        raise InputError("place, start, end and focal differ in length")
    if place.isna().any() or (place == "").any():
        raise InputError("an event has no place")
    if (end < start).any():
        row = int(np.flatnonzero(end < start)[0])
        raise InputError("an event ends before it starts", value=f"{start[row]}/{end[row]}")
    if not np.isin(focal, (0, 1)).all() or not focal.any():
        raise InputError("focal must be true or false for each event, and true for at least one")
    code = pd.factorize(place, sort=True)[0]
    start = np.where(np.isnat(start), _EARLIEST, start.astype(np.int64))
    end = np.where(np.isnat(end), _LATEST, end.astype(np.int64))
    order = np.lexsort((end, start, code))
    return tuple(values[order] for values in (code, start, end, focal.astype(bool), *more))
