"""Years that a source does not give: many plausible completions, how to pool them, and what is
certain without them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class Pooled(Estimate):
    """An estimate over M completed data sets.

    Attributes: those of Estimate (n counts completions; p is against 0), se, df of the t,
    missing_information (share of
    the variance that is due to what is missing).
    """

    se: float
    df: float
    missing_information: float


def impute_years(low, high, strata, *, draws: int, seed: int) -> np.ndarray:
    """Complete the years `draws` times: (draws, n) whole numbers.

    Parameters
    ----------
    low, high : (n,) first and last year possible; a year is known where they are equal.
    strata : one (n,) array of labels or several, the finest first.

    A missing year is drawn from the known years of its stratum that lie within its bounds; if there
    are none, of the
    next coarser stratum; if there are none at all, evenly within the bounds. Each completion weighs
    the known years of
    a stratum anew (Bayesian bootstrap), so that the spread holds what they leave unknown. Rows
    alike in bounds and
    stratum are interchangeable: which gets which draw depends on their order.
    Source: Rubin (1981), Ann. Statist. 9; Rubin and Schenker (1986), JASA 81. InputError unless low
    <= high, all whole.
    """
    low, high = _years(low, "low"), _years(high, "high")
    inputs.same_length(len(low), high, "high")
    if (low > high).any():
        raise InputError(
            "the first year possible lies after the last", row=int(np.argmax(low > high))
        )
    levels = [inputs.labels(labels, len(low), "strata") for labels in _several(strata)]
    levels.append(np.zeros(len(low), dtype=np.int64))
    known = low == high
    years = np.tile(low, (draws, 1))
    rng = np.random.default_rng(seed)
    donors = [_Donors(low[known], codes[known], draws, rng) for codes in levels]
    for (*codes, first, last), rows in _alike(levels, low, high, ~known):
        uniform = rng.random((draws, len(rows)))
        for pool, code in zip(donors, codes, strict=True):
            chances = pool.chances(code, first, last)
            if chances is not None:
                found, weights = chances
                cumulative = np.cumsum(weights, axis=1)
                cumulative /= cumulative[:, -1:]
                years[:, rows] = found[(uniform[:, :, None] >= cumulative[:, None, :-1]).sum(2)]
                break
        else:
            years[:, rows] = first + np.floor(uniform * (last - first + 1)).astype(np.int64)
    return years


def pool(estimates, variances, *, complete_df: float = np.inf, level: float = 0.95) -> Pooled:
    """Rubin's rules for estimates (M,) and their variances (M,) over completed data sets.

    complete_df : degrees of freedom that the estimate would have without anything missing.
    Source: Rubin (1987), Multiple Imputation for Nonresponse in Surveys; degrees of freedom:
    Barnard and Rubin (1999),
    Biometrika 86(4). InputError for fewer than two completions or a negative variance.
    """
    inputs.confidence(level)
    estimates, variances = (
        inputs.real_numbers(estimates, "estimates"),
        inputs.real_numbers(variances, "variances"),
    )
    inputs.same_length(len(estimates), variances, "variances")
    M = len(estimates)
    if M < 2 or variances.min() < 0:
        raise InputError("two completions or more are needed, with variances of 0 or more", value=M)
    within, between = variances.mean(), estimates.var(ddof=1)
    total = within + (1 + 1 / M) * between
    share = (1 + 1 / M) * between / total if total > 0 else 0.0
    df = (M - 1) / share**2 if share > 0 else np.inf
    if np.isfinite(complete_df):
        observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
        df = observed if np.isinf(df) else df * observed / (df + observed)
    se, centre = float(np.sqrt(total)), float(estimates.mean())
    half = float(stats.t.isf((1 - level) / 2, df)) * se
    return Pooled(
        estimate=centre,
        interval=(centre - half, centre + half),
        level=level,
        p=float(2 * stats.t.sf(abs(centre) / se, df)) if se > 0 else float(centre == 0),
        method=f"multiple imputation, {M} completions, Rubin's rules",
        n=M,
        se=se,
        df=float(df),
        missing_information=float(share + (1 - share) * 2 / (df + 3)),
    )


def count_bounds(low, high, periods) -> pd.DataFrame:
    """Events certain and possible in each period, whatever the missing years are.

    low, high : (n,) first and last year possible of each event; minus and plus infinity where
        nothing is known.
    periods : (first, last) years, inclusive, one pair a row of the result: first, last,
        certain, possible.
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    inputs.same_length(len(low), high, "high")
    if np.isnan(low).any() or np.isnan(high).any() or (low > high).any():
        raise InputError(
            "bounds of a year are missing or the wrong way round",
            expected="low <= high, inf for unknown",
        )
    first, last = (np.array([period[i] for period in periods]) for i in (0, 1))
    certain = (low >= first[:, None]) & (high <= last[:, None])
    possible = (high >= first[:, None]) & (low <= last[:, None])
    return pd.DataFrame(
        {"first": first, "last": last, "certain": certain.sum(1), "possible": possible.sum(1)}
    )


class _Donors:
    """The known years of each stratum of one level, with `draws` sets of Bayesian bootstrap
    weights.
    """

    def __init__(self, years, codes, draws, rng):
        self.years, self.weights = {}, {}
        for code in np.unique(codes):
            values, counts = np.unique(years[codes == code], return_counts=True)
            self.years[code], self.weights[code] = (
                values,
                rng.standard_gamma(counts, (draws, len(values))),
            )

    def chances(self, code, first, last):
        """Years within bounds and their weights (draws, years); None if there are none."""
        years = self.years.get(code, np.empty(0))
        inside = (years >= first) & (years <= last)
        return (years[inside], self.weights[code][:, inside]) if inside.any() else None


def _alike(levels, low, high, missing):
    """Groups of rows with a missing year that share strata and bounds: their key, and the rows."""
    rows = np.flatnonzero(missing)
    keys, group = np.unique(
        np.column_stack([*levels, low, high])[rows], axis=0, return_inverse=True
    )
    return [(key, rows[group.ravel() == g]) for g, key in enumerate(keys.tolist())]


def _several(strata) -> list:
    return list(strata) if np.ndim(strata[0]) == 1 else [strata]


def _years(values, name) -> np.ndarray:
    array = inputs.real_numbers(values, name)
    if (array != np.floor(array)).any():
        raise InputError("a year is not a whole number", column=name)
    return array.astype(np.int64)
