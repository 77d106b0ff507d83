"""Whether units meet as many kinds as their group does: rarefied diversity, unit against pool."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import comb

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import Estimate, labels


@dataclass(frozen=True, kw_only=True)
class MixingRatio(Estimate):
    """How diverse units are, divided by how diverse they would be if all kinds mixed freely.

    estimate : the ratio: mean of `units["observed"]` over mean of `units["expected"]`; 1 is full
        mixing.
    interval : 95 %, studentised bootstrap over units; p inverts it against `null_ratio`, two-sided.
    n : units compared.
    observed, expected : the two means.
    largest : the ratio if every unit were as diverse as it can be: the most the estimate can be.
    set_aside : units that are large enough but whose group has too few units to compare with.
    units : one row a unit compared: group, unit, observed, expected.
    """

    observed: float
    expected: float
    null_ratio: float
    largest: float
    set_aside: int
    units: pd.DataFrame


def rarefied(counts: np.ndarray, k: int = 3) -> np.ndarray:
    """Expected number of distinct kinds in k draws without replacement from each row.

    `counts` (m, kinds) whole numbers. Returns (m,), NaN for a row with fewer than k. A kind with x
    of n is missed with probability C(n - x, k) / C(n, k). Source: Hurlbert (1971), Ecology 52.
    """
    counts = np.asarray(counts)
    n = counts.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        missed = comb(n - counts, k) / comb(n, k)
    return np.where(n[:, 0] >= k, (1 - missed).sum(axis=1), np.nan)


def mixing(
    table: pd.DataFrame, *, k: int = 3, null_ratio: float = 0.85, draws: int = 1999, seed: int
) -> MixingRatio:
    """Distinct kinds in k draws from a unit, over the number in k draws from its group.

    table : one row an engagement: group, unit, kind.
    k : draws; units with fewer engagements are left out.
    null_ratio : the ratio that p tests.

    The k draws from the group come from k different units, each unit drawn in proportion to its
    engagements. Draws that may share a unit make the pool look as narrow as its units: with few
    units a group the ratio is then too near 1 (0.84 for a true 0.81, simulated), and 1 for a
    group of one unit whatever it holds. With different units the ratio is unbiased whether or not
    kinds mix. Plugging the group's shares p into sum of 1 - (1 - p)^k gives 1.03 at full mixing.
    Groups with fewer than k units are set aside.
    Source: Hurlbert (1971), Ecology 52; Efron and Tibshirani (1993), ch. 13.
    Raises InputError with fewer than two units to compare.
    """
    counts = _counts(table)
    expected = np.full(len(counts), np.nan)
    for rows in counts.groupby("group").indices.values():  # row numbers of its units
        units = counts.to_numpy()[rows]
        total = units.sum(axis=1, keepdims=True)
        if (possible := _ways(total, k)) > 0:
            expected[rows] = (1 - _ways(total - units, k) / possible).sum()
    observed, most = rarefied(counts.to_numpy(), k), min(k, counts.shape[1])
    return _ratio(counts, observed, expected, most, null_ratio, draws, seed)


def pair_mixing(table: pd.DataFrame, *, draws: int = 1999, seed: int) -> MixingRatio:
    """Share of pairs of a unit's actors that are of different kinds, over the share in its group.

    `table` has one row an engagement: group, unit, actor, kind (an actor has one kind in a group);
    an actor counts once a unit. The group's pairs are of different actors at different units; p is
    against 1.
    Other arguments, interval, p and errors as in `mixing`.
    """
    met = table.drop_duplicates(["group", "unit", "actor"])
    counts = _counts(met)
    actors = _counts(met.assign(kind=met["actor"])).to_numpy()
    expected = np.full(len(counts), np.nan)
    for rows in counts.groupby("group").indices.values():  # row numbers of its units
        units = counts.to_numpy()[rows]
        same_actor = _ways(actors[rows], 2).sum()
        same_kind = _ways(units, 2).sum() - same_actor
        different_actors = _ways(units.sum(axis=1, keepdims=True), 2)[0] - same_actor
        if different_actors > 0:
            expected[rows] = 1 - same_kind / different_actors
    observed = rarefied(counts.to_numpy(), 2) - 1  # two draws show one kind or two
    return _ratio(counts, observed, expected, 1, 1.0, draws, seed)


def _counts(table: pd.DataFrame) -> pd.DataFrame:
    """Engagements by unit (rows: group, unit) and kind (columns). InputError: one is missing."""
    for name in ("group", "unit", "kind"):
        labels(table[name], name)
    return table.groupby(["group", "unit", "kind"]).size().unstack("kind", fill_value=0)


def _ways(counts: np.ndarray, k: int) -> np.ndarray:
    """In how many ways k draws from k different rows can be had, column by column.

    The sum over sets of k rows of the product of their entries (the k-th elementary symmetric
    polynomial), built up one row at a time: a set of j either has the row or has not.
    """
    ways = np.zeros((k + 1, counts.shape[1]))
    ways[0] = 1
    for row in counts:
        ways[1:] = ways[1:] + ways[:-1] * row
    return ways[k]


def _ratio(counts, observed, expected, most, null_ratio, draws, seed) -> MixingRatio:
    """Ratio of the two means, with units drawn again and again; the pools stay as they are."""
    enough = ~np.isnan(observed)
    compared = enough & (np.nan_to_num(expected) > 0)
    n = int(compared.sum())
    if n < 2:
        raise InputError(f"{n} units to compare: at least two are needed")
    units = counts.index[compared].to_frame(index=False)
    units = units.assign(observed=observed[compared], expected=expected[compared])
    observed, expected = units["observed"].to_numpy(), units["expected"].to_numpy()
    ratio, error = _ratio_of_means(observed, expected)
    chosen = np.random.default_rng(seed).integers(0, n, (draws, n))
    ratios, errors = _ratio_of_means(observed[chosen], expected[chosen])
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.sort(np.where(errors > 0, (ratios - ratio) / errors, 0.0))
        t_null = (ratio - null_ratio) / error
    tail = min((t <= t_null).sum(), (t >= t_null).sum())
    rank = int(0.025 * (1 + draws) + 1e-9)  # so few draws beyond it, and p rejects
    below, above = (t[rank - 1], t[-rank]) if rank else (-np.inf, np.inf)
    return MixingRatio(
        estimate=float(ratio),
        interval=(float(ratio - above * error), float(ratio - below * error)),
        p=min(1.0, 2 * (1 + int(tail)) / (1 + draws)),
        method=f"rarefied diversity, studentised bootstrap over units ({draws} draws)",
        n=n,
        observed=float(observed.mean()),
        expected=float(expected.mean()),
        null_ratio=null_ratio,
        largest=float(most / expected.mean()),
        set_aside=int(enough.sum()) - n,
        units=units,
    )


def _ratio_of_means(observed, expected):
    """Over the last axis: mean observed over mean expected, and its standard error (linearised)."""
    n = observed.shape[-1]
    ratio = observed.mean(axis=-1) / expected.mean(axis=-1)
    residual = observed - ratio[..., None] * expected
    error = np.sqrt((residual**2).sum(axis=-1) / (n * (n - 1))) / expected.mean(axis=-1)
    return ratio, error
