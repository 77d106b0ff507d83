"""Ways to hand a label or a score around among units within strata; p and interval from them."""

from collections import Counter
from itertools import combinations
from math import factorial, prod

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import labels, real_numbers, tail_of

# two statistics this close, relative to their size, are the same number computed in another order
_TIE = 1e-9


def strata(values, k: int = 3) -> np.ndarray:
    """Number of the stratum of each unit, 0 (lowest values) to k - 1: `k` groups by rank.

    Sizes differ by one at most; the lower groups are the larger ones. Ties keep the order given.

    values : (n,) numbers, none missing.

    Raises InputError for missing values or fewer units than strata.
    """
    values = real_numbers(values, "values")
    if not 1 <= k <= len(values):
        raise InputError("that many strata cannot be made", value=k, expected=f"1-{len(values)}")
    groups = np.empty(len(values), dtype=int)
    for number, members in enumerate(np.array_split(np.argsort(values, kind="stable"), k)):
        groups[members] = number
    return groups


def assignments(
    label, groups=None, *, max_exact: int = 100_000, draws: int = 9_999, seed: int
) -> tuple[np.ndarray, bool]:
    """Labels that the units could have had: (assignments, n), and whether these are all of them.

    The values of `label` are permuted within `groups`. All distinct permutations are listed when
    there are at most `max_exact`, the observed one among them; else `draws` are drawn with `seed`.

    label : (n,) label (0/1) or score.   groups : (n,) strata, or None for one.

    Raises InputError for missing values, or if no permutation differs from the observed one.
    """
    label = real_numbers(label, "label")
    groups = np.zeros(len(label)) if groups is None else labels(groups, "groups", len(label))
    codes, names = pd.factorize(groups, sort=True)
    members = [np.flatnonzero(codes == code) for code in range(len(names))]
    number = prod(  # distinct orders of the labels of each group
        factorial(len(those)) // prod(map(factorial, Counter(label[those].tolist()).values()))
        for those in members
    )
    if number == 1:
        raise InputError("the label is the same for all units of each stratum: nothing to permute")
    if number > max_exact:
        rng = np.random.default_rng(seed)
        table = np.tile(label, (draws, 1))
        for those in members:
            table[:, those] = rng.permuted(table[:, those], axis=1)
        return table, False
    table = np.empty((number, len(label)))
    repeats = number
    for those in members:  # every order of one stratum with every order of the others
        orders = _distinct_orders(label[those])
        repeats //= len(orders)
        rows = np.arange(number) // repeats % len(orders)
        table[:, those] = orders[rows]
    return table, True


def tails(null, observed: float, *, exact: bool) -> tuple[float, float]:
    """Share of the permuted statistics at or below, and at or above, the observed one.

    null : (assignments,) statistics.   exact : whether `null` lists every assignment; if not, the
        observed one is added: (1 + b) / (1 + B).

    A statistic that is not defined (NaN) counts in both tails, which can only raise p.
    Source: Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), article 39.
    """
    added = 0 if exact else 1
    slack = _TIE * max(abs(observed), 1)
    above_it = np.count_nonzero(null > observed + slack)
    below_it = np.count_nonzero(null < observed - slack)
    number = len(null) + added
    return (number - above_it) / number, (number - below_it) / number


def invert(tails_at, centre: float, *, level: float, widest: float = 16.0) -> tuple[float, float]:
    """Interval of the effects that a test does not reject.

    From `centre` outwards on either side, up to the first effect that is rejected in its tail of
    (1 - level) / 2; infinite if none is, up to a distance of `widest`.

    tails_at : takes an effect and returns the tails `below` and `above` of the statistic that
        tests it. A larger effect puts the observed statistic lower.   centre : the estimate.
    """
    allowed = tail_of(level)
    limits = []
    for side, sign in ((1, -1), (0, 1)):  # downwards the upper tail rejects, upwards the lower
        inside, outside = 0.0, widest / 128
        while outside <= widest and tails_at(centre + sign * outside)[side] > allowed:
            inside, outside = outside, 2 * outside
        if outside > widest:
            limits.append(sign * np.inf)
            continue
        while outside - inside > 1e-10 * widest:
            middle = (inside + outside) / 2
            if tails_at(centre + sign * middle)[side] > allowed:
                inside = middle
            else:
                outside = middle
        limits.append(centre + sign * outside)
    return limits[0], limits[1]


def _distinct_orders(values) -> np.ndarray:
    """Every distinct permutation of `values`, (number, n): places are chosen for the smallest
    value, and the others are handed around on the places left.
    """
    smallest = values.min(initial=np.inf)
    others = values[values > smallest]
    if len(others) == 0:
        return values[None, :]
    rest = _distinct_orders(others)
    pieces = []
    for places in combinations(range(len(values)), len(values) - len(others)):
        piece = np.empty((len(rest), len(values)))
        piece[:, list(places)] = smallest
        piece[:, np.setdiff1d(np.arange(len(values)), places)] = rest
        pieces.append(piece)
    return np.concatenate(pieces)
