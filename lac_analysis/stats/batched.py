"""Thousands of regressions solved together: Poisson, negative binomial (NB2) and least squares.

For curves and permutations, where statsmodels takes a hundred times as long; what is fitted once is
fitted by statsmodels (`counts`).
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.counts import fit_counts
from lac_analysis.stats.dispersion import dispersion_step, moment_start, number_above

FAMILIES = ("poisson", "nb2", "ols")
STATUSES = ("converged", "separated", "no events", "not identified", "not converged")
CONVERGED, SEPARATED, NO_EVENTS, NOT_IDENTIFIED, NOT_CONVERGED = range(5)
_CELLS = 1 << 17  # numbers of one array held at once: small enough to stay in the processor's cache
_ROUNDS = 60
_COLLINEAR = 1e-10  # smallest eigenvalue of the columns' correlation matrix
# of the average count: a mean below it may be on its way to 0; where Newton has settled it is not
_SMALL = 1e-10
_LARGEST = 18.0  # of log alpha: beyond it the dispersion is on its way to 0, or without end


@dataclass(frozen=True)
class BatchedFit:
    """B fits of k coefficients.

    Attributes
    ----------
    coef : (B, k); infinite where the likelihood rises without end, NaN where there is no estimate.
    se, robust_se : (B, k) from the model's information, and HC1; NaN unless `status` is converged.
        Those of nb2 hold alpha fixed, as in R's glm.nb.
    dispersion : (B,) NB2 alpha (variance mu + alpha mu^2; 0 is Poisson), residual variance of ols,
        0 of poisson.
    n : (B,) rows counted by their weights.
    status : (B,) index into STATUSES: converged; separated (some coefficients are infinite, only
        these are given); no events; not identified (collinear columns); not converged.
    """

    coef: np.ndarray
    se: np.ndarray
    robust_se: np.ndarray
    dispersion: np.ndarray
    n: np.ndarray
    status: np.ndarray

    def p(self, column: int) -> np.ndarray:
        """Two-sided p (B,) of one coefficient against 0: HC1, t(n - k). NaN without a SE."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(self.coef[:, column]) / self.robust_se[:, column]
            return 2 * stdtr(self._df(), -t)

    def limits(self, column: int, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Interval of one coefficient, low (B,) and high (B,), by the same error and t."""
        half = stdtrit(self._df(), (1 + level) / 2) * self.robust_se[:, column]
        return self.coef[:, column] - half, self.coef[:, column] + half

    def _df(self) -> np.ndarray:
        return np.maximum(self.n - self.coef.shape[1], 1)


def fit_many(Y, X, offset=None, weights=None, *, family: str = "poisson") -> BatchedFit:
    """Fit E(Y) = exp(X coef + offset), or for ols E(Y) = X coef + offset, to B sets of data.

    Parameters
    ----------
    Y : (B, n) or (n,) outcomes; counts for nb2, not negative for poisson.
    X : (n, k) or (B, n, k), the constant included if wanted.
    offset : (B, n) or (n,), or None for 0.
    weights : (B, n) or (n,) whole numbers, how often each row counts; 0 leaves a row out, and what
        it holds is not read.

    Newton steps damped by log(1 + r) / r, r the largest change of a linear predictor, climb a
    log-linear likelihood from any start (Tran-Dinh, Li and Cevher 2015, on self-concordant-like
    functions); NB2 moves its dispersion with them. The few fits that do not settle, or that a
    column other than a label may separate, are done again alone by `counts.fit_counts`.

    Raises InputError for shapes that differ, missing numbers or weights that are not whole.
    """
    inputs.one_of(family, FAMILIES, "family")
    data = _checked(Y, X, offset, weights, family)
    B, k, n = data[1].shape
    size = max(1, _CELLS // (n * k))
    fit = _least_squares if family == "ols" else _log_linear
    parts = [
        fit(*(array[start : start + size] for array in data), family) for start in range(0, B, size)
    ]
    names = [field.name for field in fields(BatchedFit)]
    return BatchedFit(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


# Below: y, offset, w (b, n) and X (b, k, n) of b fits; numpy is quickest along the long side.


def _least_squares(y, X, offset, w, family) -> BatchedFit:
    n, k = w.sum(1), X.shape[1]
    known = _identified(X, w)
    bread = np.linalg.inv(np.where(known[:, None, None], _gram(X, w), np.eye(k)))
    coef = (bread @ _score(X, w * (y - offset))[:, :, None])[:, :, 0]
    residual = y - offset - _linear(X, coef)
    variance = (w * residual**2).sum(1) / np.where(n > k, n - k, np.nan)
    meat = _gram(X, w * residual**2)
    status = np.where(known, CONVERGED, NOT_IDENTIFIED)
    return _result(coef, bread * variance[:, None, None], bread @ meat @ bread, variance, n, status)


def _log_linear(y, X, offset, w, family) -> BatchedFit:
    n, k = w.sum(1), X.shape[1]
    coef, alpha = _infinite_by_labels(y, X, w), np.zeros(len(y))
    status = np.where(np.isinf(coef).any(1), SEPARATED, NOT_CONVERGED)
    status[~_identified(X, w)] = NOT_IDENTIFIED
    status[(w * y).sum(1) == 0] = NO_EVENTS
    todo = np.flatnonzero(status == NOT_CONVERGED)
    if len(todo):
        part = [array[todo] for array in (y, X, offset, w)]
        coef[todo], _, settled = _newton(*part, _start(*part), np.zeros(len(todo)), None)
        status[todo[settled]] = CONVERGED
    if family == "nb2":
        todo = np.flatnonzero(status == CONVERGED)
        start = moment_start(y[todo], _mean(X[todo], coef[todo], offset[todo]), w[todo])
        todo, start = todo[start > 0], start[start > 0]
        if len(todo):
            part = [array[todo] for array in (y, X, offset, w)]
            above = number_above(part[0], part[3])
            coef[todo], alpha[todo], settled = _newton(*part, coef[todo], start, above)
            status[todo[~settled]] = NOT_CONVERGED
    for i in np.flatnonzero(status == NOT_CONVERGED):
        coef[i], alpha[i], status[i] = _alone(y[i], X[i], offset[i], w[i], family)
    known = (status == CONVERGED)[:, None]
    mean = np.where(known, _mean(X, np.where(known, coef, 0.0), offset), 1.0)
    shrink = 1 / (1 + alpha[:, None] * mean)
    bread = np.linalg.inv(np.where(known[:, :, None], _gram(X, w * mean * shrink), np.eye(k)))
    meat = _gram(X, w * ((y - mean) * shrink) ** 2)
    return _result(coef, bread, bread @ meat @ bread, alpha, n, status)


def _infinite_by_labels(y, X, w) -> np.ndarray:
    """(b, k) infinite where a column of 0 and 1 separates the events by itself, NaN elsewhere.

    A group without events has a rate of 0, so its coefficient is minus infinity. Where all events
    are in the group and the first column is a constant, its rate is infinitely that of the rest.
    """
    events, rows = _score(X, w * y), _score(X, w)
    label = ((X == 0) | (X == 1)).all(2) & (rows > 0)
    constant = (X[:, 0] == 1).all(1)[:, None]
    all_in = constant & label & (events == (w * y).sum(1)[:, None]) & (rows < w.sum(1)[:, None])
    coef = np.where(label & (events == 0), -np.inf, np.where(all_in, np.inf, np.nan))
    coef[all_in.any(1), 0] = -np.inf
    return coef


def _start(y, X, offset, w) -> np.ndarray:
    """Coefficients to climb from: least squares on log(y + 1/2), or of a label the solution."""
    constant, label = X[:, 0], X[:, -1]
    if X.shape[1] == 2 and (constant == 1).all() and ((label == 0) | (label == 1)).all():
        events, exposure = _score(X, w * y), _score(X, w * np.exp(offset))
        rates = events[:, 1] / exposure[:, 1]
        others = (events[:, 0] - events[:, 1]) / (exposure[:, 0] - exposure[:, 1])
        return np.log(np.stack([others, rates / others], axis=1))
    logs = w * (np.log(y + 0.5) - offset)
    return _solve(_gram(X, w), _score(X, logs)[:, :, None])[:, :, 0]


def _newton(y, X, offset, w, coef, alpha, above):
    """Coefficients, dispersions (fixed if `above` is None), and which have settled.

    The coefficients are NaN where they have not settled, or a mean ran to 0.
    """
    coef, alpha, settled = coef.copy(), alpha.copy(), np.zeros(len(y), bool)
    live, data = np.arange(len(y)), (y, X, offset, w)
    widest = np.abs(X).max(2)
    for _ in range(_ROUNDS):
        a = alpha[live, None]
        mean = _mean(X, coef[live], offset)
        shrink = 1 / (1 + a * mean)
        residual, shrunk = w * (y - mean) * shrink, mean * shrink
        score, gram = _score(X, residual), _gram(X, w * (1 + a * y) * shrink * shrunk)
        if above is None:
            step, move = _solve(gram, score[:, :, None])[:, :, 0], np.zeros(len(live))
        else:
            # the joint step: what the coefficients would do alone, and what they do for a unit of
            # log alpha, give the step of log alpha, and that the rest of theirs
            cross = -a * _score(X, residual * shrunk)
            step, towards = np.moveaxis(_solve(gram, np.stack([score, cross], axis=2)), 2, 0)
            move = dispersion_step(y, shrunk, shrink, w, a[:, 0], above, cross, step, towards)
            step = step + towards * move[:, None]
            alpha[live] *= np.exp(move)
        reach = (np.abs(step) * widest).sum(1)  # the most that a linear predictor can change
        damping = np.where(reach > 1e-8, np.log1p(reach) / np.maximum(reach, 1e-8), 1)
        coef[live] += damping[:, None] * step
        # the step just made leaves the square of that
        done = (reach < 1e-6) & (np.abs(move) < 1e-6)
        settled[live[done]] = True
        kept = ~done & np.isfinite(reach)
        if above is not None:
            kept &= np.abs(np.log(np.maximum(alpha[live], 1e-300))) < _LARGEST
        if not kept.any():
            break
        if not kept.all():
            arrays = (live, y, X, offset, w, widest)
            live, y, X, offset, w, widest = (array[kept] for array in arrays)
            above = None if above is None else above[kept]
    # where a mean is on its way to 0 a column may separate: that is decided one by one
    y, X, offset, w = data
    least = np.where((y == 0) & (w > 0), _mean(X, coef, offset), np.inf).min(1)
    settled &= least >= _SMALL * (w * y).sum(1) / w.sum(1)
    return np.where(settled[:, None], coef, np.nan), alpha, settled


def _alone(y, X, offset, w, family) -> tuple[np.ndarray, float, int]:
    """Coefficients, dispersion and status of one fit by statsmodels."""
    times = w.astype(np.int64)
    table = pd.DataFrame(np.repeat(X.T, times, axis=0))
    exposure = np.exp(np.repeat(offset, times))
    fit = fit_counts(np.repeat(y, times), table, exposure, family=family, cov="model")
    infinite = np.isinf(fit.coef)
    if infinite.any():
        return np.where(infinite, fit.coef, np.nan), 0.0, SEPARATED
    return fit.coef, fit.alpha, CONVERGED if fit.converged else NOT_CONVERGED


def _result(coef, covariance, robust, dispersion, n, status) -> BatchedFit:
    k, known = coef.shape[1], status == CONVERGED
    factor = n / np.where(n > k, n - k, np.nan)
    # rounding can take a variance of 0 below it
    se, robust_se = (
        np.where(known[:, None], np.sqrt(np.maximum(np.einsum("bii->bi", matrix), 0)), np.nan)
        for matrix in (covariance, robust * factor[:, None, None])
    )
    coef = np.where((known | (status == SEPARATED))[:, None], coef, np.nan)
    return BatchedFit(coef, se, robust_se, np.where(known, dispersion, np.nan), n, status)


def _linear(X, coef) -> np.ndarray:
    return (coef[:, None] @ X)[:, 0]


def _mean(X, coef, offset) -> np.ndarray:
    return np.exp(np.minimum(_linear(X, coef) + offset, 700))


def _score(X, residual) -> np.ndarray:
    return (X @ residual[:, :, None])[:, :, 0]


def _gram(X, weight) -> np.ndarray:
    return (X * weight[:, None]) @ X.transpose(0, 2, 1)


def _solve(gram, right) -> np.ndarray:
    """gram^-1 right, with a ridge far below the convergence limit: one bad fit stops no batch."""
    diagonal = np.einsum("bii->bi", gram).max(1)
    ridge = (1e-13 * diagonal + 1e-290)[:, None, None] * np.eye(gram.shape[1])
    return np.linalg.solve(gram + ridge, right)


def _identified(X, w) -> np.ndarray:
    """(b,) whether no column is a combination of the others."""
    gram = _gram(X, w)
    scale = np.sqrt(np.einsum("bii->bi", gram))
    whole = (scale > 0).all(1)
    scale = np.where(scale > 0, scale, 1)
    correlation = gram / scale[:, :, None] / scale[:, None, :]
    return whole & (np.linalg.eigvalsh(correlation)[:, 0] > _COLLINEAR)


def _checked(Y, X, offset, weights, family) -> tuple[np.ndarray, ...]:
    """Y, offset and weights (B, n), and X (B, k, n); what is given once is repeated by views."""
    offset, weights = (0.0 if offset is None else offset, 1.0 if weights is None else weights)
    Y, X, offset, weights = (np.asarray(a, dtype=float) for a in (Y, X, offset, weights))
    try:
        B, n = np.broadcast_shapes(Y.shape, offset.shape, weights.shape, X.shape[:-1], (1, 1))
        rows = [np.broadcast_to(a, (B, n)) for a in (Y, offset, weights)]
        X = np.broadcast_to(np.moveaxis(X, -1, -2), (B, X.shape[-1], n))
    except ValueError:
        shapes = [a.shape for a in (Y, X, offset, weights)]
        expected = "Y, offset and weights (B, n) or (n,), X (n, k) or (B, n, k)"
        raise InputError("shapes do not fit", value=shapes, expected=expected) from None
    Y, offset, weights = rows
    if not (np.isfinite(weights) & (weights >= 0) & (weights == np.floor(weights))).all():
        raise InputError("weights are not whole numbers, 0 or more")
    left_out = weights == 0
    if left_out.any():
        Y, offset = np.where(left_out, 0.0, Y), np.where(left_out, 0.0, offset)
        X = np.where(left_out[:, None] & ~np.isfinite(X), 0.0, X)
    if not all(np.isfinite(a).all() for a in (Y, X, offset)):
        expected = "finite numbers, or weight 0"
        raise InputError("a number that is used is missing or infinite", expected=expected)
    if (family != "ols" and (Y < 0).any()) or (family == "nb2" and (np.floor(Y) != Y).any()):
        expected = "whole numbers for nb2, none negative for nb2 and poisson"
        raise InputError("Y is not a count", expected=expected)
    return Y, X, offset, weights
