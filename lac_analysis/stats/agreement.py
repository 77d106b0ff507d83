"""How far two coders agree."""

from math import nan, sqrt

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.inter_rater import cohens_kappa

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import Estimate, labels, tail_of
from lac_analysis.stats.proportions import proportion


def pair_table(first, second) -> pd.DataFrame:
    """Counts of units by the first coder's code (rows) and the second's (columns), sorted.

    first, second : (n,) codes of the same units, none missing. InputError for no unit, a missing
        code, or codes that are not pairs.
    """
    first = labels(first, "first")
    second = labels(second, "second", len(first))
    codes = sorted({*first, *second})
    if not codes:
        raise InputError("no unit was coded by both coders")
    table = pd.crosstab(first, second)
    table = table.reindex(index=codes, columns=codes, fill_value=0)
    return table.rename_axis(index=None, columns=None)


def cohen_kappa(first, second, *, level: float = 0.95) -> Estimate:
    """Cohen's kappa: agreement beyond what the coders' own shares of each code would give.

    Estimate, large-sample interval and two-sided p (of no agreement beyond chance) by statsmodels,
    after Fleiss, Cohen and Everitt (1969), Psychol. Bull. 72. Where all agree that interval has no
    width: then the lower limit is kappa at the exact lower limit of the share coded alike, the
    shares of the codes held. NaN if one code is used throughout. Arguments as in `pair_table`.
    Source: Cohen (1960), Educ. Psychol. Meas. 20.
    """
    counts = pair_table(first, second).to_numpy(dtype=float)
    n = int(counts.sum())
    chance = float(counts.sum(1) @ counts.sum(0)) / n**2
    kappa, interval, p = nan, (nan, nan), nan
    if chance < 1 - 1e-12:
        result = cohens_kappa(counts)
        kappa, p = float(result.kappa), float(result.pvalue_two_sided)
        # statsmodels' limits are those of 95 %; rounding can take a variance of 0 below it
        half = norm.isf(tail_of(level)) * sqrt(max(result.var_kappa, 0))
        low = kappa - half
        if np.trace(counts) == n:
            low = (proportion(n, n, level=level).interval[0] - chance) / (1 - chance)
        interval = max(-1.0, low), min(1.0, kappa + half)
    method = "Cohen's kappa, large-sample interval"
    return Estimate(estimate=kappa, interval=interval, p=p, method=method, n=n)
