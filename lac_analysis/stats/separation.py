"""Is there a finite maximum? A check before a log-linear model is fitted."""

import numpy as np
from scipy.optimize import linprog

_SMALL = 1e-6


def separated(y, X) -> tuple[np.ndarray, np.ndarray]:
    """Rows (n,) that a fit can use, and a direction (k,) in which the likelihood rises without end.

    y : (n,) counts.   X : (n, k).

    Along a direction d with Xd = 0 where there are events and Xd <= 0 elsewhere, the means of the
    rows with Xd < 0 fall to 0, which is what was observed there, and nothing else changes. Linear
    programming finds such a d; its rows are set aside, and the search goes on among the rest. The
    direction is all zeros where the likelihood has a maximum.

    Source: Correia, Guimaraes and Zylkin (2019), arXiv:1903.01633.
    """
    kept, direction = np.ones(len(y), bool), np.zeros(X.shape[1])
    events = np.unique(X[y > 0], axis=0)
    while (kept & (y == 0)).any():
        zeros = np.unique(X[kept & (y == 0)], axis=0)
        found = linprog(
            zeros.sum(axis=0),
            A_ub=np.vstack([zeros, -zeros]),
            b_ub=np.repeat([0.0, 1.0], len(zeros)),
            A_eq=events,
            b_eq=np.zeros(len(events)),
            bounds=(None, None),
        )
        if found.status != 0 or found.fun > -_SMALL:
            break
        kept &= ~((y == 0) & (X @ found.x < -_SMALL))
        direction = direction + found.x
    return kept, direction


def without_maximum(X, direction) -> np.ndarray:
    """(k,) infinite or NaN for coefficients that the kept rows X leave free, 0 for the others."""
    _, singular, rows = np.linalg.svd(np.linalg.qr(X, mode="r"), full_matrices=True)
    rank = int((singular > singular.max() * _SMALL * 1e-3).sum())
    free = (np.abs(rows[rank:]) > _SMALL).any(axis=0)
    endless = np.where(np.abs(direction) > _SMALL, np.copysign(np.inf, direction), np.nan)
    return np.where(free, endless, 0.0)


def independent_columns(X) -> list[int]:
    """The first columns of X that span all of them."""
    chosen: list[int] = []
    for j in range(X.shape[1]):
        if np.linalg.matrix_rank(X[:, [*chosen, j]]) > len(chosen):
            chosen.append(j)
    return chosen
