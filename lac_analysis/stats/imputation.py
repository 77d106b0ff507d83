"""Years that a source does not give: many plausible completions, and how to pool them."""

from dataclasses import dataclass

import numpy as np

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, wald


@dataclass(frozen=True, kw_only=True)
class Pooled(Estimate):
    """An estimate over M completed data sets; n counts them, p is against 0.

    Attributes
    ----------
    se, df : standard error, and degrees of freedom of the t.
    missing_information : share of the variance that is due to what is missing.
    """

    se: float
    df: float
    missing_information: float


def impute_years(low, high, strata, *, draws: int, seed: int) -> np.ndarray:
    """Complete the years `draws` times: (draws, n) whole numbers.

    Parameters
    ----------
    low, high : (n,) first and last year possible; a year is known where they are equal.
    strata : (n,) arrays of labels, the finest first.

    A missing year is drawn from the known years of its stratum that lie within its bounds; if there
    are none, of the next coarser stratum; if there are none at all, evenly within the bounds. Each
    completion weighs the known years of a stratum anew (Bayesian bootstrap), so that the spread
    holds what they leave unknown. Rows alike in bounds and stratum are interchangeable: which gets
    which draw depends on their order. InputError unless low <= high, all whole.
    Source: Rubin (1981), Ann. Statist. 9; Rubin and Schenker (1986), JASA 81.
    """
    low, high = _years(low, "low"), _years(high, "high")
    inputs.same_length(len(low), high, "high")
    if (low > high).any():
        row = int(np.argmax(low > high))
        raise InputError("the first year possible lies after the last", row=row)
    levels = [inputs.labels(labels, len(low), "strata") for labels in strata]
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


def pool(estimates, variances, *, complete_df: float = np.inf, level: float = 0.95) -> Pooled:
    """Rubin's rules for estimates (M,) and their variances (M,) over completed data sets.

    complete_df : degrees of freedom that the estimate would have without anything missing.

    InputError for fewer than two completions or a negative variance. Source: Rubin (1987), Multiple
    Imputation for Nonresponse in Surveys; degrees of freedom: Barnard and Rubin (1999), Biometrika
    86(4).
    """
    estimates, variances = (
        inputs.real_numbers(values, name)
        for values, name in ((estimates, "estimates"), (variances, "variances"))
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
    centre = float(estimates.mean())
    se = float(np.sqrt(total))
    interval, p = wald(centre, se, df, level)
    return Pooled(
        estimate=centre,
        interval=interval,
        level=level,
        p=p if se > 0 else float(centre == 0),
        method=f"multiple imputation, {M} completions, Rubin's rules",
        n=M,
        se=se,
        df=float(df),
        missing_information=float(share + (1 - share) * 2 / (df + 3)),
    )


def _donors(years, codes, draws, rng) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Known years of each stratum (v,), with Bayesian bootstrap weights (draws, v)."""
    found = {}
    for code in np.unique(codes).tolist():
        values, counts = np.unique(years[codes == code], return_counts=True)
        found[code] = values, rng.standard_gamma(counts, (draws, len(values)))
    return found


def _years(values, name) -> np.ndarray:
    array = inputs.real_numbers(values, name)
    if (array != np.floor(array)).any():
        raise InputError("a year is not a whole number", column=name)
    return array.astype(np.int64)
