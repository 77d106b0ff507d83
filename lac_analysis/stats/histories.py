"""Label histories handed around among the units of a panel: which ways there are, and what a panel
then adds up to.

Machinery for `spells` and `period_ratio`.
"""

from collections.abc import Iterator
from math import factorial, prod

import numpy as np
from scipy.sparse import csr_array


def arrangements(label, draws: int, seed: int) -> tuple[np.ndarray, bool]:
    """Which unit's history each unit gets, (arrangements, units), and whether these are all
    distinct arrangements.
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
    """Every distinct order of `items` in lexicographic order (Knuth, TAOCP 7.2.1.2, algorithm L)."""
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


def pairs(label, weights: list[np.ndarray]) -> np.ndarray:
    """What unit u adds with the history of unit h, (units, histories, sides, weights, periods):
    each table of weights
    (units, periods) in the periods labelled 1, and in those labelled 0."""
    sides = np.stack([label == 1, label == 0], axis=1).astype(float)  # (histories, sides, periods)
    return sides[None, :, :, None, :] * np.stack(weights, axis=1)[:, None, None]


def own_sums(label, weights: list[np.ndarray]) -> np.ndarray:
    """What `sums` gives of units that keep their own histories: (sides, weights, periods, 1)."""
    return np.stack([[(table * (label == side)).sum(0) for table in weights] for side in (1, 0)])[
        ..., None
    ]


def sums(pairs: np.ndarray, orders) -> np.ndarray:
    """Sums over units of what they add, for each arrangement: (sides, weights, periods,
    arrangements).
    """
    units = orders.shape[1]
    rows, starts = orders + units * np.arange(units), np.arange(0, orders.size + 1, units)
    choice = csr_array((np.ones(rows.size), rows.ravel(), starts), shape=(len(orders), units**2))
    added = choice @ pairs.reshape(units**2, -1)
    return np.ascontiguousarray(added.T).reshape(*pairs.shape[2:], len(orders))
