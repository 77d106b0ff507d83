"""Ratios of two groups' rates for many ways to label the same units: Poisson, negative binomial
(NB2), least squares.

The fits that `batched.fit_many` makes of a constant and a label, by what is special about two
groups: each has one
rate, and all that a likelihood asks of the units are sums within groups.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import stdtr, stdtrit

from lac_analysis.errors import InputError
from lac_analysis.stats.batched import fit_many
from lac_analysis.stats.dispersion import LONGEST_STEP

_CELLS = 1 << 15  # numbers of one array held at once: small enough to stay in the processor's cache
_FEW, _ROUNDS = (
    4,
    40,
)  # most fits settle in few rounds; those that do not are gathered, and go on together
_CLOSE = 2e-5  # a step of less leaves less than its square
_LEAST = 1e-8  # alpha, or one over it, beyond which it is on its way to 0 or without end


@dataclass(frozen=True)
class GroupRatios:
    """B log ratios, or S x B for S exposures.

    Attributes
    ----------
    log_ratio : (B,) or (S, B) log of the labelled group's rate over the other's (of least
        squares, difference of mean
        logs); infinite where one group has no events, NaN where neither has or a group is empty.
    se : the same, HC1; NaN unless the ratio is finite. Of NB2 it holds alpha fixed, as in R's
        glm.nb.
    n : (B,) units used.
    """

    log_ratio: np.ndarray
    se: np.ndarray
    n: np.ndarray

    def p(self) -> np.ndarray:
        """Two-sided p against equal rates, t with n - 2 degrees of freedom; NaN without a SE."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * stdtr(np.maximum(self.n - 2, 1), -np.abs(self.log_ratio) / self.se)

    def limits(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Low and high of the log ratio, from the same t."""
        sizes, code = np.unique(self.n, return_inverse=True)
        half = stdtrit(np.maximum(sizes - 2, 1), (1 + level) / 2)[code] * self.se
        return self.log_ratio - half, self.log_ratio + half


def poisson(events, exposure, labels) -> GroupRatios:
    """Ratio of events to exposure in one group over that in the other.

    Parameters
    ----------
    events, exposure : (n,) counts, and numbers above 0; read where a label is known. Exposure
        may be (S, n).
    labels : (B, n) of 1, 0 or NaN, which leaves the unit out.

    Raises InputError for other shapes or values.
    """
    y, per, sides = _checked(events, exposure, labels)
    own, rates, squares = _sums(y, per, sides)
    return _result(_log_ratio(rates), squares, own, sides, exposure)


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def nb2(events, exposure, labels) -> GroupRatios:
    """The same, with variance mu + alpha mu^2 of a unit's events, by maximum likelihood of both
    rates and alpha.

    Newton steps in the log rates and log alpha, damped as in `fit_many`, all labels at once. Where
    moments show no
    excess over Poisson, alpha is 0. The few that do not settle are done again by `fit_many`.
    """
    y, per, sides = _checked(events, exposure, labels)
    if (y != np.floor(y)).any():
        raise InputError("events are not whole numbers")
    own, rates, squares = _sums(y, per, sides)
    information = np.broadcast_to(own, rates.shape).copy()
    # which exposures and labels: those where both groups have events, and more spread than
    # Poisson's
    todo = np.argwhere((own > 0).all(0) & (squares.sum(0) > own.sum(0)))
    steps, above = _steps(y, np.column_stack([sides.sum(0), np.ones(len(y))]))
    fits, units = _start(y, per, sides, steps, above[:, -1:]), _by_side(sides)
    events_, exposure_ = np.append(y, 0), np.pad(per, ((0, 0), (0, 1)))
    for rounds in (_FEW, _ROUNDS):
        left = []
        for part in np.array_split(todo, len(todo) * len(y) // _CELLS + 1):
            s, b = part.T
            places = [(side.take(b, axis=1), s * (len(y) + 1)) for side in units]
            laid = [(events_.take(place), exposure_.take(place + kind)) for place, kind in places]
            fits[:, s, b], settled = _climb(
                laid, own[:, 0, b], steps, above.take(b, axis=1), fits[:, s, b], rounds
            )
            rates[:, s, b] = fits[:2, s, b]
            squares[:, s, b], information[:, s, b] = _spread(laid, fits[:, s, b])
            left.append(part[~settled])
        todo = np.concatenate(left)
    result = _result(_log_ratio(rates), squares, information, sides, exposure)
    for s in np.unique(todo[:, 0]):
        b = todo[todo[:, 0] == s, 1]
        X = np.stack([np.ones((len(b), len(y))), sides[0][:, b].T], axis=2)
        again = fit_many(y, X, np.log(per[s]), sides[:, :, b].sum(0).T, family="nb2")
        for found, numbers in ((result.log_ratio, again.coef), (result.se, again.robust_se)):
            found.reshape(rates.shape[1:])[s, b] = numbers[:, 1]
    return result


def least_squares(values, labels) -> GroupRatios:
    """Difference of the groups' means of `values` (n,) or (S, n), such as log rates. Labels as in
    `poisson`.
    """
    values = np.asarray(values, dtype=float)
    _, centred, sides = _checked(np.zeros(values.shape[-1:]), values, labels, least=-np.inf)
    centred -= centred.mean(1, keepdims=True)
    _, means, squares = _sums(centred, np.ones(centred.shape[1:]), sides)
    return _result(means[0] - means[1], squares, sides.sum(1)[:, None], sides, values)


# Below, the two groups are the first axis, the labelled first, and labels the last: numpy is
# quickest along the long
# side. sides : (2, n, B) whether a unit is of the group.


def _sums(y, per, sides):
    """(2, S, B) of each group: events (its own axis S of 1 if y is (n,)), rate, sum of squared
    residuals.
    """
    y, per = np.atleast_2d(y, per)
    own = y @ sides
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = own / (per @ sides)
    squares = y**2 @ sides - 2 * rates * (y * per @ sides) + rates**2 * (per**2 @ sides)
    return own, rates, np.maximum(squares, 0)


def _start(y, per, sides, steps, above) -> np.ndarray:
    """(3, S, B) rates and alpha near the maximum.

    Rates with the weights of a fit of all units at one rate; and from its alpha half the way, in
    logs, to what moments
    of a label's own units say, which is about as far as the maximum goes. Other arguments as
    `_steps` gives them.
    """
    laid, kinds = [(np.repeat(y[:, None], len(per), axis=1), per.T)], len(per)
    whole = np.stack([y.sum() / per.sum(1), np.ones(kinds)])
    (rate, alpha), _ = _climb(
        laid, np.full((1, kinds), y.sum()), steps, above.repeat(kinds, axis=1), whole, _FEW
    )
    alpha = np.clip(np.nan_to_num(alpha, nan=1), 1e-3, 1e3)[:, None]
    weight = 1 / (1 + alpha * rate[:, None] * per)

    def moments(sides):
        own = weight * y @ sides
        rates = own / (weight * per @ sides)
        return rates, (weight * y**2 / per @ sides / rates - own).sum(0)

    (rates, spread), (_, of_all) = moments(sides), moments(np.ones((1, len(y), 1)))
    relative = spread / of_all * (len(y) - 1) / (sides.sum((0, 1)) - 2)
    return np.stack([*rates, alpha * np.clip(relative, 0.1, 10) ** 0.5])


def _by_side(sides) -> list[np.ndarray]:
    """The units of each group, (most units of a label, B), filled up with n, which is none."""
    found = []
    for side in sides:
        label, unit = np.nonzero(side.T)
        many = side.sum(0).astype(int)
        units = np.full((many.max(initial=0), len(many)), len(side))
        units[np.arange(len(label)) - np.repeat(many.cumsum() - many, many), label] = unit
        found.append(units)
    return found


def _steps(y, used) -> tuple[np.ndarray, np.ndarray]:
    """Which j to ask, (m, 1), and how often, (m, B).

    What the likelihood asks of y itself is a sum of f(j) = a j / (1 + a j), and of its square, over
    j = 1, 2, .. below
    each count. As f is a logistic function of log j, interpolation between a few Chebyshev points
    of log j is exact to
    1e-12; where that is no fewer, all j are asked.
    """
    steps = np.arange(1, max(y.max(), 2))
    asked, length = (y > steps[:, None]).astype(float), np.log(steps[-1])
    points = int(np.ceil(28 / np.arcsinh(2 * np.pi / length))) if length else 1
    if points < len(steps):
        at = chebyshev.chebpts1(points)
        basis = [
            chebyshev.chebvander(x, points - 1).T for x in (at, 2 * np.log(steps) / length - 1)
        ]
        asked, steps = np.linalg.solve(*basis) @ asked, np.exp((at + 1) / 2 * length)
    return steps[:, None].astype(float), asked @ used


def _climb(laid, own, steps, above, start, rounds: int):
    """(3, b) rates and alpha nearer the maximum, and which have settled.

    laid : for each group (here they may be one), its units' events and exposure, (units, b), 0
        where there are fewer.
    own : (2, b) their events.   steps, above : from `_steps`.
    """
    result, settled, live = start, np.zeros(start.shape[1], bool), np.arange(start.shape[1])
    rates, a = start[:-1], start[-1]
    for _ in range(rounds):
        # sums of s = alpha mu / (1 + alpha mu) and its square, of the same times y, and of log(1 +
        # alpha mu)
        sums = np.empty((5, len(laid), len(live)))
        for side, (y, per) in enumerate(laid):
            shrunk = per * (a * rates[side])
            scaled = shrunk + 1
            shrunk /= scaled
            weighted = y * shrunk
            np.add.reduce(shrunk, 0, out=sums[0, side])
            np.add.reduce(weighted, 0, out=sums[1, side])
            np.multiply.reduce(scaled, 0, out=sums[4, side])
            np.einsum("nb,nb->b", shrunk, shrunk, out=sums[2, side])
            np.einsum("nb,nb->b", weighted, shrunk, out=sums[3, side])
        s, ys, s2, ys2 = sums[:4]
        log_term = np.log(sums[4]).sum(0)
        part = a * steps
        part /= part + 1
        j1 = np.einsum("jb,jb->b", above, part)
        part *= part
        j2 = np.einsum("jb,jb->b", above, part)
        v, v2 = (
            s / a + ys,
            s2 / a + ys2,
        )  # sums of (1 + alpha y) u and alpha (1 + alpha y) u^2, for u = s / alpha
        score, information, cross = own - v, v - v2, v2 - ys
        slope = j1 + log_term / a - v.sum(0)
        bend = slope - j2 + v2.sum(0) + 2 * (s.sum(0) - log_term) / a
        step, towards = score / information, cross / information
        bend += (cross * towards).sum(0)
        move = np.where(bend < 0, -(slope + (cross * step).sum(0)) / bend, np.sign(slope))
        move = np.minimum(np.maximum(move, -LONGEST_STEP), LONGEST_STEP)
        step += towards * move
        reach = np.abs(step).max(0)
        step *= np.where(reach > 1e-8, np.log1p(reach) / reach, 1)
        rates, a = rates * np.exp(step), a * np.exp(move)
        done = (reach < _CLOSE) & (np.abs(move) < _CLOSE)
        lost = ~((a > _LEAST) & (a < 1 / _LEAST) & np.isfinite(reach))
        settled[live[done & ~lost]] = True
        go_on = np.flatnonzero(~(done | lost))
        if len(go_on) < 0.8 * len(live):
            result[:-1, live], result[-1, live] = rates, a
            live, rates, a, own, above = (
                live[go_on],
                rates[:, go_on],
                a[go_on],
                own[:, go_on],
                above[:, go_on],
            )
            laid = [(y[:, go_on], per[:, go_on]) for y, per in laid]
            if len(live) == 0:
                break
    result[:-1, live], result[-1, live] = rates, a
    return result, settled


def _spread(laid, fits):
    """(2, b) sums of squared scores and information, of the log rates where alpha is held fixed."""
    squares, information = np.empty((2, 2, fits.shape[1]))
    for side, (y, per) in enumerate(laid):
        mean = per * fits[side]
        scaled = 1 + fits[2] * mean
        score = (y - mean) / scaled
        squares[side], information[side] = (
            np.einsum("nb,nb->b", score, score),
            (mean / scaled).sum(0),
        )
    return squares, information


def _log_ratio(rates) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(rates[0]) - np.log(rates[1])


def _result(log_ratio, squares, information, sides, exposure) -> GroupRatios:
    """With the HC1 error; squares and information (2, S, B) are sums of each group's scores, of its
    rate.
    """
    n = sides.sum((0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (squares / information**2).sum(0) * n / np.where(n > 2, n - 2, np.nan)
    shape = (*np.shape(exposure)[:-1], len(n))
    se = np.where(np.isfinite(log_ratio), np.sqrt(variance), np.nan)
    return GroupRatios(log_ratio.reshape(shape), se.reshape(shape), n)


def _checked(events, exposure, labels, *, least: float = 0):
    """Events (n,), exposure (S, n), and which units are labelled and which not, (2, n, B), as
    numbers.
    """
    y, per, labels = (np.asarray(array, dtype=float) for array in (events, exposure, labels))
    if labels.ndim != 2 or per.ndim > 2 or not y.shape == per.shape[-1:] == labels.shape[1:]:
        raise InputError(
            "shapes do not fit",
            value=(y.shape, per.shape, labels.shape),
            expected="(n,), (n,) and (B, n)",
        )
    sides = np.stack([labels.T == 1, labels.T == 0])
    if not (sides.any(0) | np.isnan(labels.T)).all():
        raise InputError("a label must be 1, 0 or missing")
    seen = sides.any((0, 2))
    y, per = np.where(seen, y, 0), np.where(seen, np.atleast_2d(per), 1)
    if not (np.isfinite(y) & (y >= 0) & np.isfinite(per) & (per > least)).all():
        raise InputError("events must be 0 or more and exposure above 0 where a label is known")
    return y, per, sides.astype(float)
