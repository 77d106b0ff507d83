"""Thousands of regressions that share rows, solved together: Poisson, negative binomial (NB2) and
least squares.
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.special import stdtr

from lac_analysis.errors import InputError
from lac_analysis.stats import designs, inputs
from lac_analysis.stats.counts import fit_counts
from lac_analysis.stats.dispersion import dispersion_step, moment_start, number_above

FAMILIES = ("poisson", "nb2", "ols")
STATUSES = ("converged", "separated", "no events", "not identified", "not converged")
CONVERGED, SEPARATED, NO_EVENTS, NOT_IDENTIFIED, NOT_CONVERGED = range(5)
_CELLS = 1 << 17  # numbers of one array held at once: small enough to stay in the processor's cache
_ROUNDS = 60
_SINGLE = (1, 2, 1, 1)  # dimensions of Y, X, offset and weights that are the same for all fits
# of the average count: a mean below it may be on its way to 0; where Newton has settled it is not
_SMALL = 1e-10


@dataclass(frozen=True)
class BatchedFit:
    """B fits of k coefficients.

    Attributes
    ----------
    coef : (B, k); infinite where the likelihood rises without end, NaN where there is no estimate.
    se, robust_se : (B, k) from the model's information, and HC1; NaN unless the coefficient is
        finite.
    dispersion : (B,) NB2 alpha (variance mu + alpha mu^2; 0 is Poisson), residual variance of
        ols, 0 of poisson.
    n : (B,) rows counted by their weights.
    status : (B,) index into STATUSES: converged; separated (some coefficient infinite; the
        others are estimated without
        the rows that it predicts perfectly, but for a constant and a label only the infinite one is
        given); no events;
        not identified (collinear columns); not converged.
    """

    coef: np.ndarray
    se: np.ndarray
    robust_se: np.ndarray
    dispersion: np.ndarray
    n: np.ndarray
    status: np.ndarray

    def p(self, column: int) -> np.ndarray:
        """Two-sided p (B,) of one coefficient against 0: HC1, t with n - k degrees of freedom. NaN
        without a SE.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(self.coef[:, column]) / self.robust_se[:, column]
            return 2 * stdtr(np.maximum(self.n - self.coef.shape[1], 1), -t)

    def counts(self) -> dict[str, int]:
        """How many fits ended in each status."""
        return {name: int((self.status == code).sum()) for code, name in enumerate(STATUSES)}


def fit_many(Y, X, offset=None, weights=None, *, family: str = "poisson") -> BatchedFit:
    """Fit E(Y) = exp(X coef + offset), or for ols E(Y) = X coef + offset, for B sets of data at
    once.

    Parameters
    ----------
    Y : (B, n) or (n,) outcomes; counts for nb2, not negative for poisson.
    X : (n, k) or (B, n, k), the constant included if wanted.   offset : (B, n) or (n,), or None
        for 0.
    weights : (B, n) or (n,) whole numbers, how often each row counts: 0 leaves it out, and what
        it holds is not read.

    Newton steps damped by log(1 + r) / r, r the largest change of a linear predictor, climb a
    log-linear likelihood
    from any start (Tran-Dinh, Li and Cevher 2015, on self-concordant-like functions); NB2 moves its
    dispersion with
    them. A constant and one binary column start at the Poisson solution, the log ratio of two rates
    (of many labels of
    the same units, `group_ratios` is quicker still). The few fits that
    a column may separate, or that do not settle, are done again alone by `counts.fit_counts`.
    The standard errors of nb2 hold alpha fixed, as in R's glm.nb. Cost grows with the largest count
    for nb2.
    Raises InputError for shapes that differ, missing numbers or weights that are not whole.
    """
    inputs.one_of(family, FAMILIES, "family")
    Y, X, offset, weights = _checked(Y, X, offset, weights, family)
    B = max(
        [1] + [len(a) for a, d in zip((Y, X, offset, weights), _SINGLE, strict=True) if _many(a, d)]
    )
    n, k = X.shape[-2:]
    size = max(1, _CELLS // max(n * k, 1))
    parts = []
    for start in range(0, B, size):
        rows = slice(start, min(start + size, B))
        y, o, w = (_block(array, rows, n) for array in (Y, offset, weights))
        design = designs.of(X if X.ndim == 2 else X[rows])
        parts.append(
            _least_squares(y - o, design, w)
            if family == "ols"
            else _log_linear(y, design, o, w, family)
        )
    return BatchedFit(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(BatchedFit))
    )


def _least_squares(y, design, w) -> BatchedFit:
    n, known = w.sum(1), design.identified(w)
    gram = np.where(known[:, None, None], design.gram(w), np.eye(design.k))
    bread = np.linalg.inv(gram)
    coef = (bread @ design.score(w * y)[:, :, None])[:, :, 0]
    residual = y - design.linear(coef)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (w * residual**2).sum(1) / np.where(n > design.k, n - design.k, np.nan)
    meat = design.gram(w * residual**2)
    status = np.where(known, CONVERGED, NOT_IDENTIFIED)
    return _result(
        coef, bread * variance[:, None, None], _sandwich(bread, meat, n), variance, n, status
    )


def _log_linear(y, design, offset, w, family) -> BatchedFit:
    n, b = w.sum(1), len(y)
    status = np.full(b, NOT_CONVERGED)
    status[~design.identified(w)] = NOT_IDENTIFIED
    status[(w * y).sum(1) == 0] = NO_EVENTS
    coef, alpha = np.full((b, design.k), np.nan), np.zeros(b)
    todo = np.flatnonzero(status == NOT_CONVERGED)
    coef[todo] = design.take(todo).start(y[todo], offset[todo], w[todo])
    endless = todo[
        ~np.isfinite(coef[todo]).all(1)
    ]  # only the exact start of a binary label can be infinite
    status[endless] = SEPARATED
    todo = np.flatnonzero(status == NOT_CONVERGED)
    if len(todo):
        part = (y[todo], design.take(todo), offset[todo], w[todo])
        coef[todo], _, settled = _newton(*part, coef[todo], alpha[todo], None)
        status[todo[settled]] = CONVERGED
    if family == "nb2":
        todo = np.flatnonzero(status == CONVERGED)
        mean = np.exp(design.take(todo).linear(coef[todo]) + offset[todo])
        start = moment_start(y[todo], mean, w[todo])
        todo, start = todo[start > 0], start[start > 0]
        if len(todo):
            part = (y[todo], design.take(todo), offset[todo], w[todo])
            coef[todo], alpha[todo], settled = _newton(
                *part, coef[todo], start, number_above(part[0], part[3])
            )
            status[todo[~settled]] = NOT_CONVERGED
    known = (status == CONVERGED)[:, None]
    mean = np.exp(np.where(known, design.linear(np.where(known, coef, 0.0)) + offset, 0.0))
    shrink = 1 / (1 + alpha[:, None] * mean)
    gram = np.where(known[:, :, None], design.gram(w * mean * shrink), np.eye(design.k))
    bread = np.linalg.inv(gram)
    robust = _sandwich(bread, design.gram(w * ((y - mean) * shrink) ** 2), n)
    fit = _result(coef, bread, robust, alpha, n, status)
    fit.coef[endless] = np.where(np.isinf(coef[endless]), coef[endless], np.nan)
    for i in np.flatnonzero(status == NOT_CONVERGED):
        _alone(fit, i, y[i], design.matrix(i), offset[i], w[i], family)
    return fit


def _newton(y, design, offset, w, coef, alpha, above):
    """Coefficients, dispersions (fixed if `above` is None), and which have settled. NaN where a
    mean ran to 0.
    """
    coef, alpha, settled = coef.copy(), alpha.copy(), np.zeros(len(y), bool)
    live = np.arange(len(y))
    tiny = _SMALL * (w * y).sum(1) / w.sum(1)
    zero = (y == 0) & (w > 0)
    for _ in range(_ROUNDS):
        a = alpha[live, None]
        mean = np.exp(np.minimum(design.linear(coef[live]) + offset, 700))
        shrink = 1 / (1 + a * mean)
        residual = w * (y - mean) * shrink
        step, solve = design.solve(w * mean * (1 + a * y) * shrink**2, design.score(residual))
        move = np.zeros(len(live))
        if above is not None:
            cross = -a * design.score(residual * mean * shrink)
            towards = solve(cross)
            move = dispersion_step(y, mean, shrink, w, a[:, 0], above, cross, step, towards)
            step = step + towards * move[:, None]
            alpha[live] *= np.exp(move)
        reach = np.where(w > 0, np.abs(design.linear(step)), 0).max(1)
        damping = np.where(reach > 1e-8, np.log1p(reach) / np.maximum(reach, 1e-8), 1)
        coef[live] += damping[:, None] * step
        done = (reach < 1e-6) & (
            np.abs(move) < 1e-6
        )  # the step just made leaves the square of that
        lost = (
            np.where(zero, mean, np.inf).min(1) < tiny
        )  # a column may separate: decided one by one
        lost |= ~np.isfinite(reach) | (np.abs(np.log(np.maximum(alpha[live], 1e-300))) > 18) & (
            above is not None
        )
        settled[live[done & ~lost]] = True
        go_on = ~(done | lost)
        if not go_on.any():
            break
        if not go_on.all():
            live, y, offset, w, tiny, zero = (
                array[go_on] for array in (live, y, offset, w, tiny, zero)
            )
            design, above = design.take(go_on), None if above is None else above[go_on]
    return np.where(settled[:, None], coef, np.nan), alpha, settled


def _alone(fit: BatchedFit, i: int, y, X, offset, w, family) -> None:
    """Write one fit by the package's careful estimator into row i."""
    times = w.astype(np.int64)
    table = pd.DataFrame(np.repeat(X, times, axis=0))
    data = (np.repeat(y, times), table, np.exp(np.repeat(offset, times)))
    result = fit_counts(*data, family=family, cov="model")
    fit.coef[i], fit.se[i], fit.dispersion[i] = result.coef, result.se, result.alpha
    if result.n > len(result.coef):
        fit.robust_se[i] = fit_counts(*data, family=family, cov="robust").se
    infinite = not np.isfinite(result.coef).all()
    fit.status[i] = SEPARATED if infinite else CONVERGED if result.converged else NOT_CONVERGED


def _sandwich(bread, meat, n) -> np.ndarray:
    k = bread.shape[-1]
    factor = n / np.where(n > k, n - k, np.nan)
    return factor[:, None, None] * (bread @ meat @ bread)


def _result(coef, covariance, robust, dispersion, n, status) -> BatchedFit:
    known = (status == CONVERGED)[:, None]
    coef = np.where(known, coef, np.nan)
    with np.errstate(invalid="ignore"):
        errors = [
            np.where(known, np.sqrt(np.einsum("bii->bi", c)), np.nan) for c in (covariance, robust)
        ]
    return BatchedFit(coef, *errors, np.where(known[:, 0], dispersion, np.nan), n, status)


def _block(array, rows, n) -> np.ndarray:
    """Rows of a (B, n) array; a single (n,) one as often as there are rows."""
    return np.broadcast_to(array if array.ndim == 1 else array[rows], (rows.stop - rows.start, n))


def _many(array, single: int) -> bool:
    return array.ndim == single + 1


def _checked(Y, X, offset, weights, family):
    arrays = [np.asarray(a, dtype=float) for a in (Y, X)]
    n = arrays[1].shape[-2] if arrays[1].ndim in (2, 3) else 0
    for given, default in ((offset, 0.0), (weights, 1.0)):
        arrays.append(np.full(n, default) if given is None else np.asarray(given, dtype=float))
    # one set of numbers stands for all fits
    Y, X, offset, weights = (
        a[0] if _many(a, d) and len(a) == 1 else a for a, d in zip(arrays, _SINGLE, strict=True)
    )
    lengths = {len(a) for a, d in zip((Y, X, offset, weights), _SINGLE, strict=True) if _many(a, d)}
    if (
        n == 0
        or any(a.ndim not in (1, 2) or a.shape[-1] != n for a in (Y, offset, weights))
        or len(lengths) > 1
    ):
        raise InputError(
            "shapes do not fit",
            value=[a.shape for a in arrays],
            expected="Y, offset and weights (B, n) or (n,), X (n, k) or (B, n, k)",
        )
    if not (
        np.isfinite(weights).all() and (weights >= 0).all() and (weights == np.floor(weights)).all()
    ):
        raise InputError("weights are not whole numbers, 0 or more")
    left_out = weights == 0
    if left_out.any():
        Y, offset = (np.where(left_out, 0.0, a) for a in (Y, offset))
        X = np.where(left_out[..., None], 0.0, X) if not np.isfinite(X).all() else X
    if not all(np.isfinite(a).all() for a in (Y, X, offset)):
        raise InputError(
            "a number that is used is missing or infinite", expected="finite numbers, or weight 0"
        )
    if (family != "ols" and (Y < 0).any()) or (family == "nb2" and (np.floor(Y) != Y).any()):
        raise InputError(
            "Y is not a count", expected="whole numbers for nb2, none negative for nb2 and poisson"
        )
    return Y, X, offset, weights
