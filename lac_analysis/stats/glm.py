"""Maximum likelihood for log-linear and logistic models, infinite estimates included. Machinery for
the procedures.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit, gammaln

_SMALL = 1e-6


@dataclass(frozen=True)
class Glm:
    """A fitted model of n observations and k columns.

    Attributes
    ----------
    coef : (k,) estimates; infinite where the likelihood rises without end, NaN where a column
        cannot be told apart.
    bread : (k, k) inverse expected information.   scores : (n, k) score of each observation.
    mean : (n,) fitted means.   rank : number of estimable columns.   converged : whether the
        iterations settled.
    """

    coef: np.ndarray
    bread: np.ndarray
    scores: np.ndarray
    mean: np.ndarray
    rank: int
    converged: bool


def fit_log_linear(y, X, offset, alpha: float = 0.0) -> Glm:
    """Poisson (alpha = 0) or negative binomial (NB2, variance mu + alpha mu^2) regression with log
    link.

    Observations that the covariates predict to be zero without error are set aside and their
    coefficients are
    infinite: Correia, Guimaraes and Zylkin (2019), arXiv:1903.01633. ValueError if there are no
    events.
    """
    if not y.sum() > 0:
        raise ValueError("no events: nothing to estimate")
    kept, direction = np.ones(len(y), bool), np.zeros(X.shape[1])
    coef, converged = _climb(y, X, offset, alpha)
    mean = np.exp(X @ coef + offset)
    if (
        mean[y == 0].min(initial=np.inf) < _SMALL * y.mean()
    ):  # only then can the likelihood be without a maximum
        kept, direction = _separated(y, X)
    if not kept.all():
        coef, converged = _climb(y[kept], X[kept], offset[kept], alpha)
        mean = np.where(kept, np.exp(np.minimum(X @ coef + offset, 700)), 0.0)
    weight = mean / (1 + alpha * mean)
    residual = (y - mean) / (1 + alpha * mean)
    coef, rank = _mark_unidentified(coef, X[kept], direction)
    bread = np.linalg.pinv(X.T @ (weight[:, None] * X), hermitian=True)
    return Glm(coef, bread, residual[:, None] * X, mean, rank, converged)


def fit_logit(successes, trials, X) -> Glm:
    """Logistic regression of grouped binary data; `mean` is the fitted probability.

    Where X separates the outcomes the coefficients are as large as the likelihood can tell apart;
    callers mark it.
    """
    coef, value, converged = np.zeros(X.shape[1]), -trials.sum() * np.log(2), False
    for _ in range(100):
        mean = expit(X @ coef)
        information = X.T @ ((trials * mean * (1 - mean))[:, None] * X)
        step = np.linalg.lstsq(information, X.T @ (successes - trials * mean), rcond=None)[0]
        while (reached := _logit_part(successes, trials, X @ (coef + step))) < value - 1e-9 * (
            1 + abs(value)
        ):
            step = step / 2
        coef, gain, value = coef + step, reached - value, reached
        if gain <= 1e-14 * (1 + abs(value)):
            converged = True
            break
    mean = expit(X @ coef)
    coef, rank = _mark_unidentified(coef, X, np.zeros(X.shape[1]))
    bread = np.linalg.pinv(X.T @ ((trials * mean * (1 - mean))[:, None] * X), hermitian=True)
    return Glm(coef, bread, (successes - trials * mean)[:, None] * X, mean, rank, converged)


def _logit_part(successes, trials, linear) -> float:
    """Log-likelihood of a logistic regression, without binomial coefficients."""
    return float(successes @ linear - trials @ np.logaddexp(0, linear))


def log_likelihood(y, mean, alpha: float) -> float:
    """Log-likelihood of counts, Poisson (alpha = 0) or NB2, in a form that is exact as alpha goes
    to 0.
    """
    possible = mean > 0  # a separated zero has mean 0 and contributes 0
    y, mean = y[possible], mean[possible]
    value = (y * np.log(mean) - gammaln(y + 1)).sum()
    if alpha == 0:
        return float(value - mean.sum())
    above = number_above(y)
    value += above @ np.log1p(alpha * np.arange(len(above)))
    return float(value - ((y + 1 / alpha) * np.log1p(alpha * mean)).sum())


def dispersion_score(y, mean, alpha: float, above) -> float:
    """Derivative of the NB2 log-likelihood in alpha > 0; `above` is `number_above(y)`."""
    steps = np.arange(len(above))
    scaled = alpha * mean
    return float(
        (above * steps / (1 + alpha * steps)).sum()
        + (np.log1p(scaled) / alpha**2 - (y + 1 / alpha) * mean / (1 + scaled)).sum()
    )


def number_above(y) -> np.ndarray:
    """For j = 0, 1, ..., max(y) - 1: how many of y exceed j."""
    return len(y) - np.cumsum(np.bincount(y.astype(np.int64)))[:-1]


def _climb(y, X, offset, alpha) -> tuple[np.ndarray, bool]:
    """Newton's method with halved steps on the concave log-likelihood of a log-linear model:
    coefficients, converged.

    Fisher scoring, as in statsmodels and R, can swing about the maximum for ever when counts are
    very dispersed.
    """
    coef = np.linalg.lstsq(X, np.log(y + 0.5) - offset, rcond=None)[0]
    value = _log_linear_part(y, X @ coef + offset, alpha)
    for _ in range(100):
        mean = np.exp(X @ coef + offset)
        gradient = X.T @ ((y - mean) / (1 + alpha * mean))
        curvature = X.T @ ((mean * (1 + alpha * y) / (1 + alpha * mean) ** 2)[:, None] * X)
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        while (reached := _log_linear_part(y, X @ (coef + step) + offset, alpha)) < value - 1e-9 * (
            1 + abs(value)
        ):
            step = step / 2
        coef, value = coef + step, reached
        if np.abs(step).max() <= 1e-9 * (1 + np.abs(coef).max()):
            return coef, True
    return coef, False


def _log_linear_part(y, linear, alpha) -> float:
    """The part of the log-likelihood that depends on the linear predictor; minus infinity where
    that overflows.
    """
    if linear.max() > 700:
        return -np.inf
    mean = np.exp(linear)
    penalty = (y + 1 / alpha) * np.log1p(alpha * mean) if alpha > 0 else mean
    return float((y * linear - penalty).sum())


def _mark_unidentified(coef, X, direction) -> tuple[np.ndarray, int]:
    """Coefficients with infinity or NaN where X leaves them free, and the rank of X."""
    _, singular, rows = np.linalg.svd(np.linalg.qr(X, mode="r"), full_matrices=True)
    rank = int((singular > singular.max() * _SMALL * 1e-3).sum())
    free = (np.abs(rows[rank:]) > _SMALL).any(axis=0)
    endless = np.where(np.abs(direction) > _SMALL, np.copysign(np.inf, direction), np.nan)
    return np.where(free, endless, coef), rank


def _separated(y, X) -> tuple[np.ndarray, np.ndarray]:
    """Rows to keep, and a direction in which the likelihood rises without end (all zeros if there
    is none).
    """
    kept, direction = np.ones(len(y), bool), np.zeros(X.shape[1])
    events = np.unique(X[y > 0], axis=0)
    while (kept & (y == 0)).any():
        zeros = np.unique(X[kept & (y == 0)], axis=0)
        found = linprog(
            zeros.sum(axis=0),
            A_ub=np.vstack([zeros, -zeros]),
            b_ub=np.repeat([0.0, 1.0], len(zeros)),
            A_eq=events,
            b_eq=np.zeros(len(events)),
            bounds=(None, None),
        )
        if found.status != 0 or found.fun > -_SMALL:
            break
        kept &= ~((y == 0) & (X @ found.x < -_SMALL))
        direction = direction + found.x
    return kept, direction
