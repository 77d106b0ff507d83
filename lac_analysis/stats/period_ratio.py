"""Rate ratios with period effects for many arrangements of a panel's labels, with unit-clustered errors."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from lac_analysis.stats import inputs, spells


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
    log_ratio = spells.log_rate_ratios(events, exposure, label, orders)
    known = np.flatnonzero(np.isfinite(log_ratio))
    events, exposure = (np.asarray(table, dtype=float) for table in (events, exposure))
    gone = np.isnan(events) | np.isnan(exposure)
    events, exposure = np.where(gone, 0, events), np.where(gone, 0, exposure)
    se, df = np.full(len(log_ratio), np.nan), np.ones(len(log_ratio))
    se[known], df[known] = _clustered(events, exposure, np.asarray(label, float)[orders[known]], log_ratio[known])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(df, -np.abs(log_ratio) / se)
    half = stdtrit(df, (1 + level) / 2) * se
    return PeriodRatios(log_ratio, log_ratio - half, log_ratio + half, p)


def _clustered(events, exposure, label, log_ratio):
    """Standard errors and degrees of freedom; label (arrangements, units, periods)."""
    own, rest = label == 1, label == 0
    theta = np.exp(log_ratio)[:, None]
    at_risk, others = (np.einsum("aut,ut->at", side, exposure) for side in (own, rest))
    total = np.einsum("aut,ut->at", own | rest, events)
    informative = (at_risk > 0) & (others > 0) & (total > 0)
    expected = np.where(informative, theta * at_risk + others, 1)
    chance = np.where(informative, theta * at_risk / expected, 0)
    rate = np.where(informative, total / expected, 0)
    # the label's score once the period effects are swept out: (label - chance) (events - mean)
    weight = np.where(own, (1 - chance)[:, None], -chance[:, None]) * (own | rest) * informative[:, None]
    mean = exposure * (rate[:, None] * np.where(own, theta[:, None], 1))
    score = (weight * (events - mean)).sum(2)
    units = ((own | rest) & informative[:, None] & (exposure > 0)).any(2).sum(1)
    information = (total * chance * (1 - chance)).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(units > 1, units / (units - 1), np.nan) * (score**2).sum(1) / information**2
    return np.sqrt(variance), np.maximum(units - 1, 1)
