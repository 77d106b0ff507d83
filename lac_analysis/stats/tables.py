"""Two-by-two tables: of independent groups, and of pairs."""

from dataclasses import replace

import numpy as np
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, two_sided_p
from lac_analysis.stats.rates import rate_ratio


def odds_ratio(table, *, level: float = 0.95) -> Estimate:
    """Conditional maximum likelihood odds ratio of a 2 x 2 table, exact interval, Fisher's p.

    `table` is [[a, b], [c, d]], the odds ratio that of a d to b c, as R's fisher.test. By scipy,
    but for the two-sided p, which is twice the smaller tail.
    ValueError if a row or a column is empty. Source: Fisher (1935), JRSS 98.
    """
    cells = np.asarray(table)
    if cells.shape != (2, 2):
        raise InputError("not two-by-two", value=cells.shape, expected="shape (2, 2)")
    cells = inputs.whole_numbers(cells.ravel(), "table").reshape(2, 2)
    if not (cells.sum(axis=0).all() and cells.sum(axis=1).all()):
        raise ValueError("a row or a column of the table is empty: no odds ratio to estimate")
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


def mcnemar(only_first: int, only_second: int, *, level: float = 0.95) -> Estimate:
    """Ratio of the two kinds of discordant pairs, exact interval and McNemar's exact p (two-sided).

    Given their sum n, `only_first` is binomial with one half, as of two rates over the same time.
    ValueError without discordant pairs. Source: McNemar (1947), Psychometrika 12; Armitage, Berry
    and Matthews (2002), ch. 4.5.
    """
    ratio = rate_ratio(only_first, 1, only_second, 1, level=level)
    return replace(ratio, method="McNemar's exact test")
