"""Two-by-two tables: one, one a stratum, and paired."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, two_sided_p
from lac_analysis.stats.exact import of_independent_sum
from lac_analysis.stats.proportions import exact_binomial


@dataclass(frozen=True, kw_only=True)
class StratifiedOddsRatio(Estimate):
    """`estimate` is the odds ratio common to the strata; n counts events.

    Attributes: strata (those that tell anything)."""

    strata: int


@dataclass(frozen=True, kw_only=True)
class PairedRatio(Estimate):
    """`estimate` is the number of pairs with only the first over that with only the second.

    n is the sum of `only_first` and `only_second`."""

    only_first: int
    only_second: int


def odds_ratio(table, *, level: float = 0.95) -> Estimate:
    """Conditional maximum likelihood odds ratio of a 2 x 2 table, exact interval, Fisher's p.

    `table` is [[a, b], [c, d]], the odds ratio that of a d to b c, as R's fisher.test. By scipy,
    but for the two-sided p, which is twice the smaller tail.
    ValueError if a row or a column is empty. Source: Fisher (1935), JRSS 98.
    """
    cells = _tables([table])[0]
    ratio = stats.contingency.odds_ratio(cells, kind="conditional")
    low, high = ratio.confidence_interval(level)
    tails = (stats.fisher_exact(cells, side).pvalue for side in ("greater", "less"))
    return Estimate(
        estimate=float(ratio.statistic),
        interval=(float(low), float(high)),
        level=level,
        p=two_sided_p(*tails),
        method="Fisher's exact test, conditional odds ratio",
        n=int(cells.sum()),
    )


def exact_common_odds_ratio(tables, *, level: float = 0.95) -> StratifiedOddsRatio:
    """Conditional maximum likelihood odds ratio common to K tables, exact interval and p.

    tables : (K, 2, 2). As R's mantelhaen.test(exact = TRUE), but for the two-sided p, which is
    twice the smaller tail. ValueError if every table has an empty row or column. Source: Gart
    (1970), Biometrika 57.
    """
    cells = _tables(tables)
    starts, parts = [], []
    for (a, b), (c, d) in cells.tolist():  # the upper left cell with all margins fixed
        low, high = max(0, a - d), a + min(b, c)
        starts.append(low)
        parts.append(stats.hypergeom.logpmf(np.arange(low, high + 1), a + b + c + d, a + b, a + c))
    family, observed = of_independent_sum(starts, parts), int(cells[:, 0, 0].sum())
    method = "exact conditional test of a common odds ratio"
    found = family.infer(observed, level, method, n=int(cells.sum()))
    return StratifiedOddsRatio(**vars(found), strata=len(cells))


def mantel_haenszel(tables, *, level: float = 0.95) -> StratifiedOddsRatio:
    """Mantel-Haenszel odds ratio common to K tables, with the Cochran-Mantel-Haenszel test.

    By statsmodels: the interval is that of Robins, Breslow and Greenland, NaN if the estimate is 0
    or infinite; the test has no continuity correction. Arguments and errors as in
    `exact_common_odds_ratio`. Source: Mantel and Haenszel (1959), JNCI 22; Robins, Breslow and
    Greenland (1986), Biometrics 42.
    """
    cells = _tables(tables)
    table = StratifiedTable([part.astype(float) for part in cells])
    totals = cells.sum(axis=(1, 2))
    agreeing = (cells[:, 0, 0] * cells[:, 1, 1] / totals).sum()
    opposing = (cells[:, 0, 1] * cells[:, 1, 0] / totals).sum()
    interval = (math.nan, math.nan)
    if agreeing and opposing:
        interval = tuple(map(float, table.oddsratio_pooled_confint(alpha=1 - level)))
    chi2 = table.test_null_odds(correction=False).statistic
    return StratifiedOddsRatio(
        estimate=float(agreeing / opposing) if opposing else math.inf,
        interval=interval,
        level=level,
        p=float(stats.chi2.sf(chi2, 1)),  # the table's own is a difference from 1, and 0 when small
        method="Mantel-Haenszel odds ratio, Cochran-Mantel-Haenszel test",
        n=int(totals.sum()),
        strata=len(cells),
    )


def mcnemar(only_first: int, only_second: int, *, level: float = 0.95) -> PairedRatio:
    """Ratio of the two kinds of discordant pairs, exact interval and McNemar's exact p (two-sided).

    Given their sum, `only_first` is binomial with one half. ValueError without discordant pairs.
    Source: McNemar (1947), Psychometrika 12; Armitage, Berry and Matthews (2002), ch. 4.5.
    """
    first, second = inputs.whole_numbers([only_first, only_second], "discordant pairs").tolist()
    if first + second == 0:
        raise ValueError("no discordant pairs: no ratio to estimate")
    (low, high), p = exact_binomial(first, first + second, 0.5, "two-sided", level)
    return PairedRatio(
        estimate=first / second if second else math.inf,
        interval=(_odds(low), _odds(high)),
        level=level,
        p=p,
        method="McNemar's exact test",
        n=first + second,
        only_first=first,
        only_second=second,
    )


def _odds(share: float) -> float:
    return float(share / (1 - share)) if share < 1 else math.inf


def _tables(tables) -> np.ndarray:
    """The tables as (K, 2, 2) whole numbers, without those with an empty row or column."""
    cells = np.asarray(tables)
    if cells.ndim != 3 or cells.shape[1:] != (2, 2):
        expected = "shape (2, 2), or (K, 2, 2) with strata"
        raise InputError("not two-by-two", value=cells.shape, expected=expected)
    cells = inputs.whole_numbers(cells.ravel(), "table").reshape(cells.shape)
    cells = cells[(cells.sum(axis=1) > 0).all(axis=1) & (cells.sum(axis=2) > 0).all(axis=1)]
    if not len(cells):
        raise ValueError("a row or a column of the table is empty: no odds ratio to estimate")
    return cells
