"""Rate after against before an event of each unit, net of what happens to all other units."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.conditional_poisson import before_after
from lac_analysis.stats.estimate import Estimate, exponentiate

_FARTHEST = 10.0  # log rate ratios beyond +-10 (a factor of 22,000) count as 0 and infinite
_STEP = 0.02  # of the grid of log rate ratios on which the limits are looked for


@dataclass(frozen=True, kw_only=True)
class OffsetRatio(Estimate):
    """Rate after divided by rate before, net of the background.

    Attributes
    ----------
    estimate : conditional maximum likelihood; 0 or infinite if events are on one side only.
    interval, p : from placebo dates, against 1; two-sided. The interval is NaN if no ratio agrees
        with the placebo units.
    n : events of the units, before and after.
    units, informative : units with a date, and those of them with an event and a background on
        either side.
    interval_exact, p_exact : without placebo, right only if a unit's events are independent.
    statistic : the studentised score of the units.
    null : (draws,) increasing, the same for placebo units at the units' dates.
    """

    units: int
    informative: int
    interval_exact: tuple[float, float]
    p_exact: float
    statistic: float
    null: np.ndarray


def windows(counts: pd.DataFrame, dates: pd.Series, *, months: int = 24) -> pd.DataFrame:
    """Counts in the months after and before each unit's date, the month of the date left out.

    Parameters
    ----------
    counts : units by months (column labels: whole numbers without a gap).
    dates : the month of each unit's event, by unit.

    Returns one row a unit of `dates`: date, before, after, background_before, background_after
    (of all other units of `counts`). InputError for an unknown unit or a window that is not in
    `counts`.
    """
    unknown = ~dates.index.isin(counts.index)
    if unknown.any():
        raise InputError("unit without counts", value=dates.index[unknown][0])
    around = _around(counts, dates, months)
    row, column = counts.index.get_indexer(dates.index), np.arange(len(dates))
    return pd.DataFrame(
        {"date": dates} | {name: table[row, column] for name, table in around.items()}
    )


def offset_ratio(
    counts: pd.DataFrame,
    dates: pd.Series,
    placebo,
    *,
    months: int = 24,
    fewest: int = 10,
    draws: int = 1999,
    seed: int,
    level: float = 0.95,
) -> OffsetRatio:
    """Conditional Poisson rate ratio, after against before, tested by placebo dates.

    Parameters
    ----------
    counts, dates, months : as in `windows`.
    placebo : labels of units in `counts` without an event, from which placebo units are drawn.
    fewest : informative units needed.

    Notes
    -----
    Given a unit's total its events after the date are binomial, with odds r A / B where A and B
    are the background after and before: r is estimated from all units together. The statistic is
    sum(u) / sqrt(v), u the units' events after minus those expected at r = 1 and v the larger of
    sum(u^2) and the binomial variance. A draw gives
    every date to a placebo unit (with replacement), so that bunches of events, and drift that the
    background does not catch, are in the null distribution. p is twice the smaller tail, with the
    +1 rule. The interval holds the r for which the statistic, with r in the expectation, lies
    within the null distribution.
    The estimate itself is not compared with those of placebo units: they are quieter, so theirs
    scatter more, and at a true ratio of 2.25 that test has a power of 0.15 where this has 0.54.
    Source: Hausman, Hall and Griliches (1984), Econometrica 52(4); Phipson and Smyth (2010).
    Raises InputError as `windows` and for an unknown placebo unit or one with a date, ValueError
    with too few informative units.
    """
    inputs.confidence(level)
    table = windows(counts, dates, months=months)
    total, after, log_odds = _binomial(table)
    informative = int((total > 0).sum())
    if informative < max(fewest, 1):
        raise ValueError(f"{informative} units with events and a background: {fewest} are needed")
    model = before_after(*(table.loc[total > 0, name] for name in table.columns[1:]), level=level)

    null = np.sort(_placebo_scores(counts, dates, placebo, months, draws, seed))
    statistic = float(_score(total, after, log_odds))
    slack = 1e-9
    tail = min((null >= statistic - slack).sum(), (null <= statistic + slack).sum())
    return OffsetRatio(
        estimate=model.estimate,
        interval=_interval(total, after, log_odds, null, level),
        level=level,
        p=min(1.0, 2 * (1 + int(tail)) / (1 + draws)),
        method=f"conditional Poisson with a background, {draws} draws of placebo units",
        n=int(total.sum()),
        units=len(dates),
        informative=informative,
        interval_exact=model.interval,
        p_exact=model.p,
        statistic=statistic,
        null=null,
    )


def _around(counts: pd.DataFrame, dates: pd.Series, months: int) -> dict[str, np.ndarray]:
    """(units, dates) tables of counts around every date: before, after and the two backgrounds."""
    labels = counts.columns.to_numpy()
    if not np.array_equal(labels, np.arange(labels[0], labels[0] + len(labels))):
        raise InputError("months with a gap or out of order", expected="one column a month")
    at = (dates - labels[0]).to_numpy()
    outside = (at < months) | (at + months >= len(labels))
    if outside.any():
        raise InputError(
            f"under {months} months of counts on a side (unit {dates.index[outside][0]!r})",
            value=dates[outside].iloc[0],
            expected=f"a month from {labels[0] + months} to {labels[-1] - months}",
        )
    until = np.cumsum(np.pad(counts.to_numpy(), ((0, 0), (1, 0))), axis=1)  # before each month
    before = until[:, at] - until[:, at - months]
    after = until[:, at + 1 + months] - until[:, at + 1]
    return {
        "before": before,
        "after": after,
        "background_before": before.sum(axis=0) - before,
        "background_after": after.sum(axis=0) - after,
    }


def _binomial(table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events in all, events after, and log odds of after at r = 1; none without a background."""
    before, after, background_before, background_after = (
        np.asarray(table[name], dtype=float)
        for name in ("before", "after", "background_before", "background_after")
    )
    usable = (background_before > 0) & (background_after > 0)
    odds = np.where(usable, background_after, 1) / np.where(usable, background_before, 1)
    return np.where(usable, before + after, 0), np.where(usable, after, 0), np.log(odds)


def _score(total, after, log_odds, log_ratio=0.0):
    """Events after minus those expected, summed over units (the last axis), over its error.

    The variance is the sum of squares of the units' own differences or the binomial one, whichever
    is larger: the first sees bunches, the second is there when units happen to agree.
    """
    share = expit(log_odds + log_ratio)
    excess = after - total * share
    variance = np.maximum((excess**2).sum(axis=-1), (total * share * (1 - share)).sum(axis=-1))
    return excess.sum(axis=-1) / np.sqrt(np.where(variance > 0, variance, 1))


def _placebo_scores(counts, dates, placebo, months, draws, seed) -> np.ndarray:
    row = counts.index.get_indexer(pd.Index(placebo))
    if len(row) == 0 or (row < 0).any():
        raise InputError("placebo units are missing, or not in the counts", value=list(placebo))
    if pd.Index(placebo).isin(dates.index).any():
        raise InputError("a placebo unit has an event", expected="units without a date")
    tables = _binomial(_around(counts, dates, months))
    chosen = row[np.random.default_rng(seed).integers(0, len(row), (draws, len(dates)))]
    column = np.arange(len(dates))
    return _score(*(table[chosen, column] for table in tables))


def _interval(total, after, log_odds, null, level) -> tuple[float, float]:
    """The ratios that the test does not reject: from where the score fits best, out to either side.

    Far out the score may turn back (one unit's events then make up most of its denominator), so
    the limits are the first rejected ratios on either side, not the last.
    """
    rank = int((1 - level) / 2 * (1 + len(null)) + 1e-9)  # so few placebo scores, and p rejects
    if rank == 0:
        return 0.0, np.inf
    lowest, highest = null[rank - 1], null[-rank]
    grid = np.arange(-_FARTHEST, _FARTHEST + _STEP / 2, _STEP)
    score = _score(total, after, log_odds, grid[:, None])
    best = int(np.abs(score - np.median(null)).argmin())
    if not lowest <= score[best] <= highest:
        return np.nan, np.nan
    below = np.flatnonzero(score[:best] > highest)
    above = best + np.flatnonzero(score[best:] < lowest)

    def root(critical, left):
        return exponentiate(
            brentq(
                lambda b: _score(total, after, log_odds, b) - critical, grid[left], grid[left + 1]
            )
        )

    low = root(highest, below[-1]) if len(below) else 0.0
    high = root(lowest, above[0] - 1) if len(above) else np.inf
    return low, high
