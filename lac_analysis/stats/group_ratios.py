"""Ratios of two groups' rates for many ways to label the same units: Poisson, negative binomial (NB2), least squares.

The fits that `batched.fit_many` makes of a constant and a label, by what is special about two groups: each has one
rate, and all that a likelihood asks of the units are sums within groups.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from lac_analysis.errors import InputError
from lac_analysis.stats.batched import fit_many
from lac_analysis.stats.dispersion import LONGEST_STEP, moment_start

_CELLS = 1 << 16  # numbers of one array held at once: small enough to stay in the processor's cache
_ROUNDS = 40
_CLOSE = 3e-5  # a step of less leaves less than its square
_LEAST = 1e-8  # alpha, or one over it, beyond which it is on its way to 0 or without end


@dataclass(frozen=True)
class GroupRatios:
    """B log ratios.

    Attributes
    ----------
    log_ratio : (B,) log of the labelled group's rate over the other's (of least squares, difference of mean logs);
        infinite where one group has no events, NaN where neither has or a group is empty.
    se : (B,) HC1; NaN unless the ratio is finite. Of NB2 it holds alpha fixed, as in R's glm.nb.
    n : (B,) units used.
    """

    log_ratio: np.ndarray
    se: np.ndarray
    n: np.ndarray

    def p(self) -> np.ndarray:
        """Two-sided p (B,) against equal rates, t with n - 2 degrees of freedom; NaN without a SE."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * stdtr(np.maximum(self.n - 2, 1), -np.abs(self.log_ratio) / self.se)

    def limits(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Low and high (B,) of the log ratio, from the same t."""
        sizes, code = np.unique(self.n, return_inverse=True)
        half = stdtrit(np.maximum(sizes - 2, 1), (1 + level) / 2)[code] * self.se
        return self.log_ratio - half, self.log_ratio + half


def poisson(events, exposure, labels) -> GroupRatios:
    """Ratio of events to exposure in one group over that in the other.

    Parameters
    ----------
    events, exposure : (n,) counts, and numbers above 0; read where a label is known.
    labels : (B, n) of 1, 0 or NaN, which leaves the unit out.

    Raises InputError for other shapes or values.
    """
    y, per, label, used = _checked(events, exposure, labels)
    rates = _rates(y, per, label, used)
    return _ratios(rates, y, per, np.zeros(label.shape[1]), label, used)


def nb2(events, exposure, labels) -> GroupRatios:
    """The same, with variance mu + alpha mu^2 of a unit's events, by maximum likelihood of both rates and alpha.

    Newton steps in the log rates and log alpha, damped as in `fit_many`, all labels at once. Where moments show no
    excess over Poisson, alpha is 0. The few that do not settle are done again by `fit_many`.
    """
    y, per, label, used = _checked(events, exposure, labels)
    if (y != np.floor(y)).any():
        raise InputError("events are not whole numbers")
    rates, alpha = _rates(y, per, label, used), np.zeros(label.shape[1])
    usual = np.flatnonzero((rates > 0).all(0))
    mean = _means(rates[:, usual], label[:, usual], per[:, None] * used[:, usual])
    start = moment_start(y, mean.T, used[:, usual].T)
    todo, start = usual[start > 0], start[start > 0]
    lost = []
    if len(todo):
        start[:], weight = _together(y, per)
        rates[:, todo] = _rates(weight * y, weight * per, label[:, todo], used[:, todo])
    size = max(1, _CELLS // max(len(y), int(y.max(initial=0))))
    for begin in range(0, len(todo), size):
        part = todo[begin : begin + size]
        found, settled = _climb(y, per, label[:, part], used[:, part], rates[:, part], start[begin : begin + size])
        rates[:, part], alpha[part] = found[:2], found[2]
        lost.extend(part[~settled])
    result = _ratios(rates, y, per, alpha, label, used)
    if lost:
        X = np.stack([np.ones((len(lost), len(y))), label[:, lost].T], axis=2)
        again = fit_many(y, X, np.log(per), used[:, lost].T, family="nb2")
        result.log_ratio[lost], result.se[lost] = again.coef[:, 1], again.robust_se[:, 1]
    return result


def least_squares(values, labels) -> GroupRatios:
    """Difference of the groups' means of `values` (n,), such as log rates. Other arguments as in `poisson`."""
    values, ones, label, used = _checked(values, np.ones(np.shape(values)), labels, least=-np.inf)
    means = _rates(values, ones, label, used)
    residual = values[:, None] * used - _means(np.nan_to_num(means), label, used)
    own = label.sum(0)
    return _result(means[0] - means[1], residual, np.stack([own, used.sum(0) - own]), label, used)


# Below, arrays are units by labels (n, B), and what holds of the two groups (2, B), the labelled first: numpy is
# quickest along the long side.


def _rates(y, per, label, used) -> np.ndarray:
    """(2, B) events per exposure; NaN in an empty group."""
    rest = used - label
    with np.errstate(invalid="ignore"):
        return np.stack([y @ label / (per @ label), y @ rest / (per @ rest)])


def _together(y, per) -> tuple[float, np.ndarray]:
    """Alpha of all units at one rate, by its moments, and what each unit weighs (n,) there: near the maximum."""
    alpha, weight = 1.0, np.ones(len(y))
    for _ in range(12):
        mean = (weight @ y) / (weight @ per) * per
        weight = 1 / (1 + alpha * mean)
        alpha = np.clip(alpha * ((y - mean) ** 2 * weight / mean).sum() / (len(y) - 1), 1e-3, 1e3)
    return alpha, weight


def _means(rates, label, per) -> np.ndarray:
    """(n, B) rate of the own group times `per`, exposure where a label is known and 0 elsewhere."""
    mean = label * (rates[0] - rates[1])
    mean += rates[1]
    mean *= per
    return mean


def _climb(y, per, label, used, rates, alpha):
    """(3, b) rates and alpha at the maximum, and which have settled."""
    result, settled = np.vstack([rates, alpha]), np.zeros(len(alpha), bool)
    live = np.arange(len(alpha))
    own_y, all_y, per = y @ label, y @ used, per[:, None] * used
    steps = np.arange(y.max())[:, None]
    above = (y > steps).astype(float) @ used  # how many counts exceed 0, 1, ..: what the likelihood asks of y itself
    sides = np.stack([np.ones(len(y)), y])
    for _ in range(_ROUNDS):
        a = result[2, live]
        mean = _means(result[:2, live], label, per)
        scaled = a * mean
        scaled += 1
        log_term = np.log(scaled).sum(0)
        shrunk = np.divide(mean, scaled, out=mean)  # u = mu / (1 + alpha mu): all below are sums of it and its square
        (u, yu), (own_u, own_yu) = sides @ shrunk, sides @ (shrunk * label)
        shrunk *= shrunk
        (u2, yu2), (own_u2, own_yu2) = sides @ shrunk, sides @ (shrunk * label)
        part = a * steps
        part += 1
        np.divide(steps, part, out=part)
        j1 = np.einsum("jb,jb->b", above, part)
        part *= part
        j2 = np.einsum("jb,jb->b", above, part)
        # sums of (1 + alpha y) u and (1 + alpha y) u^2, of the labelled and of all
        own_v, v, own_v2, v2 = own_u + a * own_yu, u + a * yu, own_u2 + a * own_yu2, u2 + a * yu2
        score = np.stack([own_y - own_v, (all_y - own_y) - (v - own_v)])
        information = np.stack([own_v - a * own_v2, (v - own_v) - a * (v2 - own_v2)])
        cross = -a * np.stack([own_yu - own_v2, (yu - own_yu) - (v2 - own_v2)])
        slope = a * j1 + log_term / a - v
        bend = slope - a**2 * j2 + a * v2 + 2 * (u - log_term / a)
        with np.errstate(divide="ignore", invalid="ignore"):
            step, towards = score / information, cross / information
            bend += (cross * towards).sum(0)
            move = np.where(bend < 0, -(slope + (cross * step).sum(0)) / bend, np.sign(slope))
            move = np.clip(move, -LONGEST_STEP, LONGEST_STEP)
            step += towards * move
            reach = np.abs(step).max(0)
            step *= np.where(reach > 1e-8, np.log1p(reach) / reach, 1)
        a = a * np.exp(move)
        result[:2, live] *= np.exp(step)
        result[2, live] = a
        done = (reach < _CLOSE) & (np.abs(move) < _CLOSE)
        lost = ~((a > _LEAST) & (a < 1 / _LEAST) & np.isfinite(reach))
        settled[live[done & ~lost]] = True
        go_on = np.flatnonzero(~(done | lost))
        if len(go_on) == 0:
            break
        if len(go_on) < len(live):
            live, label, per, above = live[go_on], label[:, go_on], per[:, go_on], above[:, go_on]
            own_y, all_y = own_y[go_on], all_y[go_on]
    return result, settled


def _ratios(rates, y, per, alpha, label, used) -> GroupRatios:
    mean = _means(np.nan_to_num(rates), label, per[:, None] * used)
    shrink = used / (1 + alpha * mean)
    weight = mean * shrink
    own = (weight * label).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(rates[0]) - np.log(rates[1])
    return _result(log_ratio, (y[:, None] - mean) * shrink, np.stack([own, weight.sum(0) - own]), label, used)


def _result(log_ratio, residual, information, label, used) -> GroupRatios:
    """With the HC1 error; residual (n, B) is each unit's score, information (2, B) of each group's rate."""
    n = used.sum(0)
    residual *= residual
    own = (residual * label).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (np.stack([own, residual.sum(0) - own]) / information**2).sum(0) * n / np.where(n > 2, n - 2, np.nan)
    return GroupRatios(log_ratio, np.where(np.isfinite(log_ratio), np.sqrt(np.maximum(variance, 0)), np.nan), n)


def _checked(events, exposure, labels, *, least: float = 0):
    """Events and exposure (n,), label (n, B), 0 where it is missing, and where it is known, as numbers."""
    y, per, labels = (np.asarray(array, dtype=float) for array in (events, exposure, labels))
    if labels.ndim != 2 or not y.shape == per.shape == labels.shape[1:]:
        raise InputError("shapes do not fit", value=(y.shape, labels.shape), expected="(n,), (n,) and (B, n)")
    labels = np.ascontiguousarray(labels.T)
    known = ~np.isnan(labels)
    label = np.where(known, labels, 0.0)
    if not ((label == 0) | (label == 1)).all():
        raise InputError("a label must be 1, 0 or missing")
    seen = known.any(1)
    y, per = np.where(seen, y, 0), np.where(seen, per, 1)
    if not (np.isfinite(y) & (y >= least) & np.isfinite(per) & (per > 0)).all():
        raise InputError("events must be 0 or more and exposure above 0 where a label is known")
    return y, per, label, known.astype(float)
