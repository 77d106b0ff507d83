"""Rate after against before an event of each unit, net of what happens to all other units."""

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit

from lac_analysis.errors import InputError
from lac_analysis.stats.assignments import invert, tails
from lac_analysis.stats.estimate import Estimate, exponentiate, two_sided_p

_GRID = np.linspace(-10, 10, 1001)  # of log rate ratios, on which the best fit is looked for


def windows(counts: pd.DataFrame, dates: pd.Series, *, months: int = 24) -> pd.DataFrame:
    """Counts in the months after and before each unit's date, the month of the date left out.

    counts : units by months (column labels: whole numbers without a gap).
    dates : the month of each unit's event, by unit; `counts` has `months` on either side of it.

    Returns one row a unit of `dates`: date, before, after, background_before, background_after
    (of all other units of `counts`). InputError where months around a date are
    not counted, or for a unit without counts.
    """
    if len(other := dates.index.difference(counts.index)):
        raise InputError("a unit without counts", value=other[0])
    first, last = dates.min() - months, dates.max() + months
    if len(dates) and (first < counts.columns[0] or last > counts.columns[-1]):
        expected = f"months from {counts.columns[0]} to {counts.columns[-1]}"
        raise InputError("months around a date that are not counted", expected=expected)
    around = _around(counts, dates, months)
    own = counts.index.get_indexer(dates.index), np.arange(len(dates))
    return pd.DataFrame({"date": dates} | {name: table[own] for name, table in around.items()})


def net_ratio(table: pd.DataFrame) -> float:
    """Rate after over rate before, net of the background, of the rows of `windows`: conditional
    maximum likelihood; 0 or infinite if events are on one side only.

    It is that of a Poisson regression with unit effects and an offset. statsmodels'
    ConditionalPoisson would drop a unit with one event before and one after. InputError without
    events. Source: Cameron and Trivedi (2013), ch. 9; Farrington (1995), Biometrics 51.
    """
    total, after, log_odds = _binomial(table)
    if total.sum() == 0:
        raise InputError("no events before or after: no ratio to estimate")
    if after.sum() in (0, total.sum()):
        return np.inf if after.sum() else 0.0
    # the excess of events after falls in the log ratio r
    log_ratio = brentq(lambda r: (after - total * expit(log_odds + r)).sum(), -50, 50, xtol=1e-13)
    return exponentiate(log_ratio)


def offset_ratio(
    counts: pd.DataFrame, dates: pd.Series, placebo, *, months=24, fewest=10, draws=1999, seed: int
) -> Estimate:
    """Conditional Poisson rate ratio, after against before, tested by placebo dates.

    counts, dates, months : as in `windows`.
    placebo : labels of units in `counts` without an event, from which placebo units are drawn.
    fewest : units needed with an event and a background on either side.

    Returns an Estimate, of `net_ratio`; 95 % interval and two-sided p against 1, from placebo dates
    (the interval is NaN if no ratio agrees with the placebo units); n counts the units' events.

    Given a unit's total its events after the date are binomial, with odds r A / B where A and B
    are the background after and before: r is estimated from all units together. The statistic is
    sum(u) / sqrt(v), u the units' events after minus those expected at r = 1 and v the larger of
    sum(u^2) and the binomial variance. A draw gives every date to a placebo unit (with
    replacement), so that bunches of events, and drift that the background does not catch, are in
    the null distribution. p is twice the smaller tail, with the +1 rule. The interval holds the r
    for which the statistic, with r in the expectation, lies within the null distribution.
    The estimate itself is not compared with those of placebo units: they are quieter, so theirs
    scatter more, and at a true ratio of 2.25 that test has a power of 0.15 where this has 0.54.
    Source: Hausman, Hall and Griliches (1984), Econometrica 52(4); Phipson and Smyth (2010).
    Raises InputError with too few informative units, or no placebo unit.
    """
    table = windows(counts, dates, months=months)
    total, after, log_odds = _binomial(table)
    informative = int((total > 0).sum())
    if informative < max(fewest, 1):
        raise InputError(f"{informative} units with events and a background: {fewest} are needed")
    if len(placebo) == 0:
        raise InputError("no unit without an event from which to draw placebo units")
    row = counts.index.get_indexer(pd.Index(placebo))
    if (row < 0).any():
        raise InputError("a unit without counts", value=pd.Index(placebo)[row < 0][0])
    chosen = row[np.random.default_rng(seed).integers(0, len(row), (draws, len(dates)))]
    around = _binomial(_around(counts, dates, months))
    null = _score(*(values[chosen, np.arange(len(dates))] for values in around))
    statistic = float(_score(total, after, log_odds))
    return Estimate(
        estimate=net_ratio(table),
        interval=_interval(total, after, log_odds, null),
        p=two_sided_p(*tails(null, statistic, exact=False)),
        method=f"conditional Poisson with a background, {draws} draws of placebo units",
        n=int(total.sum()),
    )


def _around(counts: pd.DataFrame, dates: pd.Series, months: int) -> dict[str, np.ndarray]:
    """(units, dates) tables of counts around every date: before, after and the two backgrounds."""
    at = (dates - counts.columns[0]).to_numpy()
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


def _interval(total, after, log_odds, null) -> tuple[float, float]:
    """The ratios that the test does not reject: from where the score fits best, out to either side.

    Far out the score may turn back (one unit's events then make up most of its denominator), so
    the limits are the first rejected ratios on either side, not the last. NaN if none fits.
    """

    def tails_at(log_ratio: float) -> tuple[float, float]:
        return tails(null, float(_score(total, after, log_odds, log_ratio)), exact=False)

    score = _score(total, after, log_odds, _GRID[:, None])
    best = float(_GRID[np.abs(score - np.median(null)).argmin()])
    if min(tails_at(best)) <= 0.025:
        return np.nan, np.nan
    low, high = invert(tails_at, best, level=0.95)
    return exponentiate(low), exponentiate(high)
