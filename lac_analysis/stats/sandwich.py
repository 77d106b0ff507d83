"""Covariances of regression coefficients that do not trust the model's variance."""

import math

import numpy as np
from scipy.special import stdtr, stdtrit
from statsmodels.stats.sandwich_covariance import S_crosssection, S_hac_simple, S_white_simple

from lac_analysis.stats.glm import Glm

KINDS = ("model", "robust", "hac", "cluster", "jackknife")


def newey_west_lags(n: int) -> int:
    """Lags of the Bartlett kernel for n periods: floor(4 (n / 100)^(2/9)). Source: Newey and West
    (1994), REStud 61.
    """
    return math.floor(4 * (n / 100) ** (2 / 9))


def hac_variance(scores: np.ndarray, maxlags: int) -> np.ndarray:
    """Newey-West sum of outer products of `scores` ((n, k), in time order), Bartlett weights."""
    return S_hac_simple(scores, nlags=min(maxlags, len(scores) - 1))


def covariance(
    fit: Glm, kind: str, *, groups=None, maxlags: int = 0, n: int | None = None
) -> tuple[np.ndarray, float]:
    """Covariance of the coefficients and the degrees of freedom of their t (infinite: normal).

    robust is HC1 and hac Newey-West times n / (n - k), both with n - k; cluster is CRV1, G/(G-1)
    (n-1)/(n-k), with
    G - 1. `groups` are codes 0..G-1; `n` is the number of observations where rows stand for
    several.
    Source: Cameron and Miller (2015), J. Human Resources 50(2).
    """
    n, k = n or len(fit.scores), fit.rank
    if kind != "model" and n <= k:
        raise ValueError(f"{n} observations for {k} coefficients: no degrees of freedom left")
    if kind == "model":
        return fit.bread, math.inf
    if kind == "robust":
        middle, factor, df = S_white_simple(fit.scores), n / (n - k), n - k
    elif kind == "hac":
        middle, factor, df = hac_variance(fit.scores, maxlags), n / (n - k), n - k
    else:
        G = number_of_groups(groups)
        middle, factor, df = (
            S_crosssection(fit.scores, groups),
            G / (G - 1) * (n - 1) / (n - k),
            G - 1,
        )
    return factor * fit.bread @ middle @ fit.bread, df


def jackknife_covariance(refit, coef: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, float]:
    """Cluster-jackknife covariance (CRV3) and its degrees of freedom, G - 1.

    `refit(kept)` gives the coefficients from the rows where the boolean array `kept` is true. NaN
    where a coefficient
    cannot be estimated without one of the groups. Source: MacKinnon, Nielsen and Webb (2023), J.
    Appl. Econometrics
    38(5).
    """
    G = number_of_groups(groups)
    with np.errstate(invalid="ignore"):
        changes = np.array([refit(groups != g) - coef for g in range(G)])
        return (G - 1) / G * changes.T @ changes, G - 1


def number_of_groups(groups: np.ndarray) -> int:
    """How many groups; ValueError if fewer than two."""
    G = int(groups.max()) + 1
    if G < 2:
        raise ValueError("one group only: a clustered covariance needs at least two")
    return G


def wald(
    coef, covariance_matrix, df: float, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standard errors (k,), intervals (k, 2) and two-sided p against 0 (k,). NaN where the estimate
    is not finite.
    """
    coef = np.atleast_1d(np.asarray(coef, dtype=float))
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(np.diag(np.atleast_2d(covariance_matrix)))
        se = np.where(np.isfinite(coef), se, np.nan)
        p = 2 * stdtr(df, -np.abs(coef / se))
        half = stdtrit(df, (1 + level) / 2) * se
        return se, np.column_stack([coef - half, coef + half]), p
