"""Errors of regression coefficients: what statsmodels lacks, and the t test by any covariance."""

import numpy as np
from scipy.special import stdtr, stdtrit


def newey_west_lags(n: int) -> int:
    """Lags for n periods, floor(4 (n / 100)^(2/9)): Newey and West (1994), REStud 61."""
    return int(4 * (n / 100) ** (2 / 9))


def jackknife_covariance(refit, coef: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Cluster-jackknife covariance (CRV3) of `coef` (k,), to be used with t(G - 1).

    refit : gives the coefficients from the rows where a boolean array (n,) is true.
    groups : (n,) codes 0..G-1.

    The sum of squared changes when each group is left out, times (G - 1) / G; NaN where a
    coefficient cannot be estimated without one of them. ValueError with one group.
    Source: MacKinnon, Nielsen and Webb (2023), J. Appl. Econometrics 38(5).
    """
    G = number_of_groups(groups)
    with np.errstate(invalid="ignore"):
        changes = np.array([refit(groups != g) - coef for g in range(G)])
        return (G - 1) / G * changes.T @ changes


def number_of_groups(groups: np.ndarray) -> int:
    """How many groups; ValueError if fewer than two."""
    G = int(groups.max()) + 1
    if G < 2:
        raise ValueError("one group only: a clustered covariance needs at least two")
    return G


def wald(coef, covariance, df: float, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standard errors (k,), intervals (k, 2) and two-sided p against 0 (k,).

    df : degrees of freedom of the t, infinite for the normal. All are NaN where a coefficient is
    not finite.
    """
    coef = np.atleast_1d(np.asarray(coef, dtype=float))
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(np.diag(np.atleast_2d(covariance)))
        se = np.where(np.isfinite(coef), se, np.nan)
        half = stdtrit(df, (1 + level) / 2) * se
        p = 2 * stdtr(df, -np.abs(coef / se))
    return se, np.column_stack([coef - half, coef + half]), p
