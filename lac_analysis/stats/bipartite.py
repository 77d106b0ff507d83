"""Swap randomisation of a bipartite network: what its two degree sequences alone would give."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.stats.randomisation import permutation_p

_LAGS = 20


@dataclass(frozen=True)
class Mixing:
    """Whether the chain forgot its start.

    Attributes: changed (share of the observed links that are gone, after each sweep, burn-in
    first), burn_in (sweeps
    before the first kept draw), autocorrelation (of the statistic between kept draws at lags 1, 2,
    ..; 0 if constant).
    """

    changed: np.ndarray
    burn_in: int
    autocorrelation: np.ndarray


@dataclass(frozen=True)
class SwapTest:
    """A statistic of a network against networks with the same degrees.

    Attributes: observed, null_mean, ratio (observed / null_mean), p, null (one value a kept draw),
    mixing.
    """

    observed: float
    null_mean: float
    ratio: float
    p: float
    null: np.ndarray
    mixing: Mixing


def multi_class_share(incidence: np.ndarray, col_class: np.ndarray) -> float:
    """Share of rows of `incidence` (rows, columns; boolean) linked to two or more distinct column
    classes.

    `col_class` (columns,) holds the class of each column as an integer from 0.
    """
    member = np.eye(col_class.max() + 1, dtype=np.float32)[col_class]
    linked = incidence.astype(np.float32) @ member > 0
    return float((linked.sum(axis=1) >= 2).mean())


def swap_test(
    rows,
    cols,
    col_class,
    statistic: Callable[[np.ndarray, np.ndarray], float] = multi_class_share,
    *,
    alternative: str = "two-sided",
    draws: int = 2_000,
    thin: int = 10,
    seed: int,
) -> SwapTest:
    """Compare a statistic of the network with the same statistic on random networks that keep every
    degree.

    Parameters
    ----------
    rows, cols, col_class : (links,) names of the two ends of each link and the class of its
        column end. Repeated links
        count once; the order of the links does not matter.
    statistic : of the incidence matrix (rows, columns; boolean, both in sorted order of their
        names) and the columns'
        classes (integers in sorted order of theirs).
    thin : global trades between kept draws (a sweep). As many sweeps as a tenth of `draws` are
        burnt in.

    Method: curveball trades (Strona et al. 2014, Nat. Commun. 5:4114), all rows paired at random
    and traded at once
    (Carstens, Berger and Strona 2018, MethodsX 5: global curveball); uniform over matrices with
    these margins.
    The p-value follows the (1 + b) / (1 + B) rule and supposes that the chain has mixed: look at
    `mixing`.
    Raises InputError for missing names, differing lengths, or a column of two classes.
    """
    one = {"": col_class}
    return swap_tests(
        rows, cols, one, statistic, alternative=alternative, draws=draws, thin=thin, seed=seed
    )[""]


def swap_tests(
    rows,
    cols,
    col_classes: dict,
    statistic=multi_class_share,
    *,
    within=None,
    alternative="two-sided",
    draws=2_000,
    thin=10,
    seed: int,
) -> dict[str, SwapTest]:
    """`swap_test` for several classifications of the columns, on the same random networks: name ->
    test.

    col_classes : name -> (links,). within : (links,) group of the row end; only rows of one
        group trade. Other
    arguments, errors and source as there; a row of two groups is an InputError too.
    """
    row, col, classes, group = _links(rows, cols, col_classes, within)
    shape = (row.max() + 1, col.max() + 1)
    start = _incidence(row, col, shape)
    pairs = _pairs(group)
    rng = np.random.default_rng(seed)
    burn_in = max(1, draws // 10)
    changed, null = np.empty(burn_in + draws), {name: np.empty(draws) for name in classes}
    for sweep in range(burn_in + draws):
        for _ in range(thin):
            row = _global_trade(row, col, shape[1], group, pairs, rng)
        changed[sweep] = 1 - start[row, col].mean()
        if sweep >= burn_in:
            drawn = _incidence(row, col, shape)
            for name, of_column in classes.items():
                null[name][sweep - burn_in] = statistic(drawn, of_column)
    tests = {}
    for name, of_column in classes.items():
        observed, mean = float(statistic(start, of_column)), float(null[name].mean())
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = float(np.float64(observed) / mean)
        p = permutation_p(observed, null[name], alternative, exact=False)
        mixing = Mixing(changed, burn_in, _autocorrelation(null[name]))
        tests[name] = SwapTest(observed, mean, ratio, p, null[name], mixing)
    return tests


def _pairs(group) -> np.ndarray:
    """Number of the pair of each row, rows in order of their groups; the last of an odd group is
    alone in its pair.
    """
    group = np.sort(group)
    return np.cumsum((np.arange(len(group)) - np.searchsorted(group, group)) % 2 == 0)


def _global_trade(row, col, n_cols, group, pairs, rng) -> np.ndarray:
    """New row ends: rows are paired at random; the links a pair does not share are dealt anew,
    keeping each degree.
    """
    order = rng.permutation(len(group))
    pair_of = np.empty(len(group), dtype=np.int64)
    pair_of[order[group[order].argsort(kind="stable")]] = pairs
    pair = pair_of[row]
    key = pair * n_cols + col
    order = key.argsort()
    key = key[order]
    differ = np.ones(
        len(key) + 1, dtype=bool
    )  # from the one before; two that do not are of both rows of a pair
    np.not_equal(key[1:], key[:-1], out=differ[1:-1])
    trade = order[differ[1:] & differ[:-1]]  # sorted by pair
    dealt = (pair[trade] + rng.random(len(trade))).argsort()  # shuffles within each pair
    new = row.copy()
    new[trade] = row[trade[dealt]]
    return new


def _links(rows, cols, col_classes: dict, within):
    """Integer ends of the distinct links, in order; the classes of each column by name; the group
    of each row.
    """
    ends = {"row": np.asarray(rows), "col": np.asarray(cols)}
    given = {("class", name): np.asarray(values) for name, values in col_classes.items()}
    table = pd.DataFrame(ends | given | {"group": 0 if within is None else np.asarray(within)})
    if table.empty or table.isna().any(axis=None):
        raise InputError("a network needs at least one link, and every link both ends and a class")
    codes = (
        table.apply(lambda names: pd.factorize(names, sort=True)[0])
        .drop_duplicates()
        .sort_values(["row", "col"])
    )
    group = _of_end(table, codes, "row", ["group"], "this row is in two groups")
    of_column = _of_end(table, codes, "col", list(given), "this column has two classes")
    classes = {name: of_column["class", name].to_numpy() for name in col_classes}
    return codes["row"].to_numpy(), codes["col"].to_numpy(), classes, group["group"].to_numpy()


def _of_end(table, codes, end: str, names: list, problem: str) -> pd.DataFrame:
    """What each row, or each column, has by its links; refused where they differ."""
    found = codes.groupby(end)[names]
    split = (found.nunique() > 1).any(axis=1)
    if split.any():
        raise InputError(
            problem, value=np.sort(table[end].unique())[split.idxmax()], expected=f"one a {end}"
        )
    return found.first()


def _incidence(row, col, shape) -> np.ndarray:
    matrix = np.zeros(shape, dtype=bool)
    matrix[row, col] = True
    return matrix


def _autocorrelation(values) -> np.ndarray:
    centred = values - values.mean()
    lags = range(1, min(_LAGS, len(values) - 1) + 1)
    variance = centred @ centred
    return np.array(
        [centred[lag:] @ centred[:-lag] / variance if variance > 0 else 0.0 for lag in lags]
    )
