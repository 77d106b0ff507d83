"""Years that a source does not give: many plausible completions, and how to pool them."""

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import Estimate, wald


def impute_years(low, high, strata, *, draws: int, seed: int) -> np.ndarray:
    """Complete the years `draws` times: (draws, n) whole numbers.

    low, high : (n,) first and last year possible; a year is known where they are equal.
    strata : (n,) arrays of labels, the finest first.

    A missing year is drawn from the known years of its stratum that lie within its bounds; if there
    are none, of the next coarser stratum; if there are none at all, evenly within the bounds. Each
    completion weighs the known years of a stratum anew (Bayesian bootstrap), so that the spread
    holds what they leave unknown. Rows alike in bounds and stratum are interchangeable: which gets
    which draw depends on their order.
    Source: Rubin (1981), Ann. Statist. 9; Rubin and Schenker (1986), JASA 81.
    Raises InputError where a last year is before the first.
    """
    low, high = np.asarray(low, dtype=np.int64), np.asarray(high, dtype=np.int64)
    if (wrong := low > high).any():
        raise InputError("before the first", column="high", value=int(high[wrong][0]))
    levels = [pd.factorize(np.asarray(labels), sort=True)[0] for labels in strata]
    levels.append(np.zeros(len(low), dtype=np.int64))
    known = low == high
    years = np.tile(low, (draws, 1))
    rng = np.random.default_rng(seed)
    donors = [_donors(low[known], codes[known], draws, rng) for codes in levels]
    missing = np.flatnonzero(~known)
    table = np.column_stack([*levels, low, high])[missing]
    keys, group = np.unique(table, axis=0, return_inverse=True)
    for i, (*codes, first, last) in enumerate(keys.tolist()):  # rows alike in strata and bounds
        rows = missing[group.ravel() == i]
        uniform = rng.random((draws, len(rows)))
        # without a donor within the bounds, every year of them is as likely
        drawn = first + np.floor(uniform * (last - first + 1)).astype(np.int64)
        for level, code in zip(donors, codes, strict=True):
            values, weights = level.get(code, (np.empty(0), None))
            inside = (values >= first) & (values <= last)
            if inside.any():
                cumulative = np.cumsum(weights[:, inside], axis=1)
                cumulative /= cumulative[:, -1:]
                place = (uniform[:, :, None] >= cumulative[:, None, :-1]).sum(2)
                drawn = values[inside][place]
                break
        years[:, rows] = drawn
    return years


def pool(estimates, variances, *, complete_df: float, level: float = 0.95) -> Estimate:
    """Rubin's rules for estimates (M,) and their variances (M,) over completed data sets, M >= 2.

    complete_df : degrees of freedom that the estimate would have without anything missing; infinite
        for a large sample.

    n counts completions, p is against 0. Source: Rubin (1987), Multiple Imputation for Nonresponse
    in Surveys; degrees of freedom: Barnard and Rubin (1999), Biometrika 86(4).
    """
    centre, M = float(np.mean(estimates)), len(estimates)
    between = (1 + 1 / M) * np.var(estimates, ddof=1)
    total = np.mean(variances) + between
    share = between / total if total > 0 else 0.0  # of the variance, due to what is missing
    df = complete_df
    if np.isfinite(df):
        df = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    if share > 0:
        df = 1 / (1 / df + share**2 / (M - 1))
    interval, p = wald(centre, np.sqrt(total), df, level)
    method = f"multiple imputation, {M} completions, Rubin's rules"
    return Estimate(estimate=centre, interval=interval, p=p, method=method, n=M)


def _donors(years, codes, draws, rng) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Known years of each stratum (v,), with Bayesian bootstrap weights (draws, v)."""
    found = {}
    for code in np.unique(codes).tolist():
        values, counts = np.unique(years[codes == code], return_counts=True)
        found[code] = values, rng.standard_gamma(counts, (draws, len(values)))
    return found
