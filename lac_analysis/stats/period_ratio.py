"""Rate ratios with period effects for many arrangements of a panel's labels, clustered by unit."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from lac_analysis.stats import spells


@dataclass(frozen=True)
class PeriodRatios:
    """Ratios (arrangements,), or (samples, arrangements) of a stack.

    Attributes
    ----------
    log_ratio : infinite where one side has no events, NaN where not identified.
    low, high : limits on the log scale.
    p : against no effect. Both CRV1, t with G - 1, G units with an informative cell.
    """

    log_ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def period_ratios(events, exposure, label, orders, *, level: float = 0.95) -> PeriodRatios:
    """Poisson rate ratio of labelled cells within periods, for each way to hand histories around.

    Arguments and errors as in `spells.log_rate_ratios`: events, exposure, label (units, periods),
    orders (arrangements, units). Events may be a stack (samples, units, periods); a cell missing in
    one sample is then dropped from all. Source: Cameron and Miller (2015), J. Human Resources
    50(2), for the clustered covariance.
    """
    orders, shape = np.asarray(orders), np.shape(events)[:-2]
    events, exposure, label = spells.checked_panel(events, exposure, label, stack=True)
    events = events.reshape(-1, *label.shape)
    sides = np.stack([label == 1, label == 0], axis=1).astype(float)  # (histories, sides, periods)
    moved = sides.transpose(1, 2, 0).take(orders.T, axis=2)  # (sides, periods, units, arrangements)
    of_events = events.transpose(2, 0, 1) @ moved
    of_exposure = exposure.T[:, None] @ moved
    log_ratio = spells.period_log_ratio(of_events, of_exposure)
    se, df = _clustered(events, exposure, sides, moved, orders, of_events, of_exposure, log_ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(df, -np.abs(log_ratio) / se)
    degrees, code = np.unique(df, return_inverse=True)  # few: the quantile is slow
    half = stdtrit(degrees, (1 + level) / 2)[code].reshape(df.shape) * se
    found = (log_ratio, log_ratio - half, log_ratio + half, p)
    return PeriodRatios(*(numbers.reshape(*shape, len(orders)) for numbers in found))


def _clustered(events, exposure, sides, moved, orders, of_events, of_exposure, log_ratio):
    """Standard errors, NaN without a finite log ratio, and degrees of freedom of the t.

    Both are (samples, arrangements). of_events, of_exposure : sums over units, (sides, periods,
    samples or 1, arrangements).

    The label's score once the period effects are swept out is (label - chance) (events - mean),
    summed over a unit's cells; it is 0 in periods that tell nothing.
    """
    known = np.isfinite(log_ratio)
    theta = np.exp(np.where(known, log_ratio, 0))
    total = of_events.sum(0)
    at_risk = theta * of_exposure[0]
    expected = at_risk + of_exposure[1]
    expected[expected == 0] = 1
    chance, rate = at_risk / expected, total / expected
    # the part with events: only the few cells that have any ..
    score = np.zeros((events.shape[1], *log_ratio.shape))
    for unit in np.flatnonzero(events.any((0, 2))):
        periods = np.flatnonzero(events[:, unit].any(0))
        one, other = moved[:, periods, unit, None]
        weight = one - (one + other) * chance[periods]
        score[unit] = np.einsum("sp,psa->sa", events[:, unit, periods], weight)
    # .. and the part with means, in which a unit's exposure meets a factor for either side; the
    # same product tells how much of its exposure is in periods that tell something
    informative = (of_exposure > 0).all(0) & (total > 0)
    of_means = np.stack([(chance - 1) * rate * theta, chance * rate])
    factors = np.stack([of_means, np.broadcast_to(informative, of_means.shape)], axis=2)
    factors = factors.reshape(2 * len(total), -1, len(orders)).transpose(2, 0, 1)
    # a row for each unit and history
    at_all = (exposure[:, None, None] * sides).reshape(-1, 2 * len(total))
    at_all = at_all.take(orders + len(sides) * np.arange(len(sides)), axis=0)
    products = at_all @ np.ascontiguousarray(factors)
    means, informed = products.reshape(*orders.shape, 2, -1).transpose(2, 1, 3, 0)
    score += means
    units = (informed > 0).sum(0)
    information = (total * chance * (1 - chance)).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.where(units > 1, units / (units - 1), np.nan)
        variance = correction * (score**2).sum(0) / information**2
    return np.where(known, np.sqrt(variance), np.nan), np.maximum(units - 1, 1)
