"""Rate ratios with period effects for many arrangements of a panel's labels, with unit-clustered errors."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from lac_analysis.stats import histories, inputs, spells


@dataclass(frozen=True)
class PeriodRatios:
    """Attributes, all (arrangements,): log_ratio (infinite where one side has no events, NaN where not identified),
    low, high (limits on the log scale), p (against no effect): CRV1, t with G - 1, G units with an informative cell.
    """

    log_ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def period_ratios(events, exposure, label, orders, *, level: float = 0.95) -> PeriodRatios:
    """Poisson rate ratio of labelled cells within periods, for each way to hand the label histories around.

    Arguments and errors as in `spells.log_rate_ratios`: events, exposure, label (units, periods), orders (arrangements,
    units). Source: Cameron and Miller (2015), J. Human Resources 50(2), for the clustered covariance.
    """
    inputs.confidence(level)
    orders = np.asarray(orders)
    events, exposure, label = spells.checked_panel(events, exposure, label)
    added = histories.pairs(label, [events, exposure])
    sums = histories.sums(added, orders)
    log_ratio = spells.period_log_ratio(sums)
    known = np.flatnonzero(np.isfinite(log_ratio))
    se, df = np.full(len(log_ratio), np.nan), np.ones(len(log_ratio))
    if len(known):
        orders, sums = orders[known], sums[:, :, known]
        se[known], df[known] = _clustered(added, orders, label, exposure > 0, sums, log_ratio[known])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(df, -np.abs(log_ratio) / se)
    degrees, code = np.unique(df, return_inverse=True)
    half = stdtrit(degrees, (1 + level) / 2)[code] * se
    return PeriodRatios(log_ratio, log_ratio - half, log_ratio + half, p)


def _clustered(pairs, orders, label, at_all, sums, log_ratio):
    """Standard errors and degrees of freedom.

    pairs, orders, sums : as in `histories`, of events and exposure. at_all : (units, periods) whether a cell has
    exposure.
    """
    theta = np.exp(log_ratio)[:, None]
    (inside, at_risk), (outside, others) = sums
    total = inside + outside
    informative = (at_risk > 0) & (others > 0) & (total > 0)
    expected = np.where(informative, theta * at_risk + others, 1)
    chance = np.where(informative, theta * at_risk / expected, 0)
    rate = np.where(informative, total / expected, 0)
    # the label's score once the period effects are swept out, (label - chance) (events - mean): a factor each for a
    # unit's labelled events and exposure, and for its other ones
    own, rest = np.where(informative, 1 - chance, 0), -chance
    factors = np.stack([own, -own * rate * theta, rest, -rest * rate], axis=1).reshape(len(orders), -1)
    score = np.einsum("auk,ak->au", histories.chosen(pairs, orders), factors)
    units = (_informative_cells(informative, ~np.isnan(label), at_all, orders) > 0).sum(1)
    information = (total * chance * (1 - chance)).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(units > 1, units / (units - 1), np.nan) * (score**2).sum(1) / information**2
    return np.sqrt(variance), np.maximum(units - 1, 1)


def _informative_cells(informative, known, at_all, orders) -> np.ndarray:
    """(arrangements, units) cells with a label and exposure in an informative period."""
    if at_all.all():  # then it depends on the history alone
        return np.take_along_axis(informative.astype(float) @ known.T, orders, axis=1)
    return (known[orders] & at_all & informative[:, None]).sum(2)
