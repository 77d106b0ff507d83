"""How far two coders agree."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from scipy.stats import norm

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.proportions import Proportion, proportion


@dataclass(frozen=True)
class UnitAgreement:
    """Did both coders find the event at all? Each attribute is a share with its exact interval.

    Attributes: joint (found by both, of those found by either), first_recall (found by the first
    too, of the second's),
    second_recall (found by the second too, of the first's).
    """

    joint: Proportion
    first_recall: Proportion
    second_recall: Proportion


def pair_table(first, second) -> pd.DataFrame:
    """Counts of units by the first coder's code (rows) and the second's (columns), over all codes
    used, sorted.

    first, second : (n,) codes of the same units. A pair with a missing code is left out.
        InputError if none is left.
    """
    first, second = (
        pd.Series(first).reset_index(drop=True),
        pd.Series(second).reset_index(drop=True),
    )
    inputs.same_length(len(first), second, "second")
    known = first.notna() & second.notna()
    if not known.any():
        raise InputError("no unit was coded by both coders")
    first, second = first[known], second[known]
    codes = pd.Index(sorted(set(first) | set(second)))
    table = np.zeros((len(codes), len(codes)), dtype=np.int64)
    np.add.at(table, (codes.get_indexer(first), codes.get_indexer(second)), 1)
    return pd.DataFrame(table, index=codes, columns=codes)


def percent_agreement(first, second, *, level: float = 0.95) -> Proportion:
    """Share of units coded alike, with its exact interval. Arguments as in `pair_table`."""
    table = pair_table(first, second).to_numpy()
    return proportion(int(np.trace(table)), int(table.sum()), level=level)


def cohen_kappa(first, second, *, level: float = 0.95) -> Estimate:
    """Cohen's kappa: agreement beyond what the coders' own shares of each code would give by
    chance.

    Large-sample interval (Fleiss, Cohen and Everitt 1969, Psychol. Bull. 72); p is one of no
    agreement beyond chance,
    two-sided, from the same source. Where all agree that interval has no width: then the lower
    limit is kappa at
    the exact lower limit of the share coded alike, the shares of the codes held. NaN if one code is
    used throughout.
    Arguments as in `pair_table`. Source: Cohen (1960), Educ. Psychol. Meas. 20.
    """
    inputs.confidence(level)
    counts = pair_table(first, second).to_numpy(dtype=float)
    n = int(counts.sum())
    share = counts / n
    rows, columns = share.sum(1), share.sum(0)
    observed, chance = np.trace(share), float(rows @ columns)
    if chance > 1 - 1e-12:
        return _estimate(np.nan, np.nan, np.nan, level, np.nan, n)
    kappa = (observed - chance) / (1 - chance)
    both = rows[None, :] + columns[:, None]  # of code i in column, code j in row
    own = np.diag(share)
    spread = (own * ((1 - chance) - np.diag(both) * (1 - observed)) ** 2).sum()
    spread += (1 - observed) ** 2 * ((share * both**2).sum() - (own * np.diag(both) ** 2).sum())
    spread -= (observed * chance - 2 * chance + observed) ** 2
    half = norm.isf((1 - level) / 2) * sqrt(max(spread, 0) / n) / (1 - chance) ** 2
    low = kappa - half
    if observed > 1 - 1e-12:
        low = (percent_agreement(first, second, level=level).interval[0] - chance) / (1 - chance)
    null = chance + chance**2 - (rows * columns * (rows + columns)).sum()
    z = kappa * (1 - chance) / sqrt(null / n) if null > 0 else np.nan
    return _estimate(kappa, max(-1.0, low), min(1.0, kappa + half), level, 2 * norm.sf(abs(z)), n)


def krippendorff_alpha(codes, *, level: float = 0.95, draws: int = 2000, seed: int) -> Estimate:
    """Krippendorff's alpha for unordered codes, any number of coders, with missing codes.

    codes : (units, coders). Units coded once are left out. The interval is the percentile
        interval over resampled
    units; without any disagreement it has no width, and `percent_agreement` says how sure that is.
    p is NaN. n counts
    units. Alpha is NaN if one code is used throughout. InputError if no unit was coded twice.
    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """
    inputs.confidence(level)
    table = pd.DataFrame(codes)
    table = table[table.notna().sum(axis=1) >= 2]
    if table.empty:
        raise InputError("no unit was coded twice")
    values = table.to_numpy(dtype=object, na_value=np.nan)
    names = sorted(pd.unique(values[table.notna().to_numpy()]))
    counts = np.stack([(values == name).sum(axis=1).astype(float) for name in names], axis=1)
    coders = counts.sum(1)
    alike = (counts * (counts - 1)).sum(1) / (coders - 1)  # pairs of like codes within the unit
    times = np.random.default_rng(seed).multinomial(
        len(counts), np.full(len(counts), 1 / len(counts)), draws
    )
    times = np.vstack([np.ones(len(counts)), times])
    totals = times @ counts
    n = totals.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = (n**2 - (totals**2).sum(1)) / (n - 1)
        alphas = 1 - (n - times @ alike) / expected
    drawn = alphas[1:][np.isfinite(alphas[1:])]
    low, high = (
        np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) if len(drawn) else (np.nan, np.nan)
    )
    return Estimate(
        estimate=float(alphas[0]),
        interval=(float(low), float(high)),
        level=level,
        p=float("nan"),
        method="Krippendorff's alpha, nominal, percentile bootstrap over units",
        n=len(counts),
    )


def unit_agreement(
    both: int, first_only: int, second_only: int, *, level: float = 0.95
) -> UnitAgreement:
    """Shares of the events that both coders found, from the numbers found by both and by one alone."""
    return UnitAgreement(
        joint=proportion(both, both + first_only + second_only, level=level),
        first_recall=proportion(both, both + second_only, level=level),
        second_recall=proportion(both, both + first_only, level=level),
    )


def _estimate(kappa, low, high, level, p, n) -> Estimate:
    return Estimate(
        estimate=float(kappa),
        interval=(float(low), float(high)),
        level=level,
        p=float(p),
        method="Cohen's kappa, large-sample interval",
        n=n,
    )
