"""Label histories handed around among the units of a panel: which ways there are, and the sums.

Machinery for `spells`, `period_ratio` and `power`.
"""

from collections.abc import Iterator
from math import factorial, prod

import numpy as np
from scipy.sparse import csr_array


def arrangements(label, draws: int, seed: int) -> tuple[np.ndarray, bool]:
    """Which unit's history each unit gets, (arrangements, units), and whether these are all.

    All distinct arrangements are listed if there are no more than `draws`; else so many are drawn.
    """
    _, first, code, counts = np.unique(
        np.where(np.isnan(label), -1, label),
        axis=0,
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    number = factorial(len(label)) // prod(factorial(int(count)) for count in counts)
    if number <= draws:
        return first[np.array(list(_distinct_orders(code.ravel().tolist())))], True
    rng = np.random.default_rng(seed)
    return rng.permuted(np.tile(np.arange(len(label)), (draws, 1)), axis=1), False


def _distinct_orders(items: list[int]) -> Iterator[list[int]]:
    """Every distinct order of `items`, lexicographic (Knuth, TAOCP 7.2.1.2, algorithm L)."""
    items = sorted(items)
    while True:
        yield items.copy()
        rising = [i for i in range(len(items) - 1) if items[i] < items[i + 1]]
        if not rising:
            return
        pivot = rising[-1]
        other = max(i for i in range(pivot + 1, len(items)) if items[i] > items[pivot])
        items[pivot], items[other] = items[other], items[pivot]
        items[pivot + 1 :] = items[:pivot:-1]


def sums(label, weights: list[np.ndarray], orders) -> np.ndarray:
    """Sums over units in the cells labelled 1, and in those labelled 0, for each arrangement.

    label : (units, periods) 1, 0 or NaN.
    weights : tables (units, periods) of what a cell adds.
    orders : (arrangements, units) which unit's history each unit gets.

    Returns (sides, weights, periods, arrangements).
    """
    units = len(label)
    sides = np.stack([label == 1, label == 0], axis=1).astype(float)  # (histories, sides, periods)
    # what unit u adds with the history of unit h: (units, histories, sides, weights, periods)
    pairs = sides[None, :, :, None, :] * np.stack(weights, axis=1)[:, None, None]
    # an arrangement chooses one pair of each unit: a sparse matrix of ones, (arrangements, pairs)
    chosen, starts = orders + units * np.arange(units), np.arange(0, orders.size + 1, units)
    choice = csr_array((np.ones(chosen.size), chosen.ravel(), starts), (len(orders), units**2))
    added = choice @ pairs.reshape(units**2, -1)
    return np.ascontiguousarray(added.T).reshape(*pairs.shape[2:], len(orders))
