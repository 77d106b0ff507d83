"""What an estimate would be without coding errors: MC-SIMEX."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from lac_analysis.errors import InputError

_ZERO = 1e-10


@dataclass(frozen=True)
class Simex:
    """An estimate corrected for misclassification.

    Attributes
    ----------
    naive, estimate : before and after the correction.
    se, interval : jackknife standard error, NaN without variances; normal interval.
    """

    naive: float
    estimate: float
    se: float
    interval: tuple[float, float]


def mc_simex(
    codes,
    errors: pd.DataFrame,
    estimator: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]],
    *,
    lambdas: tuple[float, ...] = (0.5, 1.0, 1.5, 2.0),
    draws: int = 100,
    level: float = 0.95,
    seed: int,
) -> Simex:
    """Add coding error in known amounts, see how the estimate moves, and extrapolate to none.

    Parameters
    ----------
    codes : (n,) recorded codes, each one of the labels of `errors`.
    errors : (K, K) probability of each recorded code (columns) for each true code (rows), rows
        summing to 1.
    estimator : takes a matrix of codes (draws, n) and returns estimates (draws,), NaN where there
        is none, and their variances (draws,) or None. The estimate must be on a scale on which a
        normal interval makes sense.
    lambdas : amounts added; lambda times the error that is there already.

    At amount lambda, codes are drawn from errors to the power lambda, row after row; the
    extrapolation to -1 is quadratic. Raises InputError when the matrix has no such powers, a code
    is not in it, or no estimate comes out.
    Source: Kuechenhoff, Mwalili and Lesaffre (2006), Biometrics 62(1); variance: Stefanski and Cook
    (1995), JASA 90.
    """
    matrix, labels = _checked(errors), np.asarray(errors.index)
    position = pd.Index(labels).get_indexer(np.asarray(codes))
    unknown = np.asarray(codes)[position < 0].tolist()
    if unknown:
        raise InputError("a code that the error matrix does not know", value=unknown[0])
    if len(lambdas) < 2 or min(lambdas) <= 0 or len(set(lambdas)) < len(lambdas) or draws < 2:
        expected = "two amounts or more above 0, two draws"
        raise InputError("lambdas or draws", value=(lambdas, draws), expected=expected)
    rng = np.random.default_rng(seed)
    results = [estimator(labels[position][None, :])]
    for amount in lambdas:
        cumulative = np.cumsum(_power(matrix, amount), axis=1)[position]
        uniform = rng.random((draws, len(position)))
        drawn = (uniform[:, :, None] > cumulative[None, :, :-1]).sum(2)
        results.append(estimator(labels[drawn]))
    estimates = [np.asarray(found, dtype=float) for found, _ in results]
    known = [np.isfinite(found) for found in estimates]
    if not all(seen.any() for seen in known):
        raise InputError(
            "no estimate from the codes as recorded, or from any simulated at one of the lambdas"
        )
    at = np.array([0.0, *lambdas])
    seen_estimates = [found[seen] for found, seen in zip(estimates, known, strict=True)]
    means = np.array([found.mean() for found in seen_estimates])
    estimate, variance = _extrapolate(at, means), np.nan
    if all(variances is not None for _, variances in results):
        # at each amount: variance of one estimate, less what the simulation itself adds
        within = [np.asarray(v)[seen].mean() for (_, v), seen in zip(results, known, strict=True)]
        between = [0.0, *(found.var(ddof=1) for found in seen_estimates[1:])]
        variance = _extrapolate(at, np.subtract(within, between))
    se = np.sqrt(variance) if variance > 0 else np.nan
    half = norm.isf((1 - level) / 2) * se
    return Simex(
        naive=float(means[0]),
        estimate=estimate,
        se=float(se),
        interval=(estimate - half, estimate + half),
    )


def _extrapolate(at, values) -> float:
    """Quadratic in lambda through all points by least squares, at -1."""
    return float(np.polyval(np.polyfit(at, values, 2), -1.0))


def _power(matrix, amount: float) -> np.ndarray:
    """The matrix to a real power, by its eigenvalues."""
    values, vectors = np.linalg.eig(matrix)
    result = ((vectors * values.astype(complex) ** amount) @ np.linalg.inv(vectors)).real
    result = np.clip(result, 0, None)
    return result / result.sum(1, keepdims=True)


def _checked(errors: pd.DataFrame) -> np.ndarray:
    matrix = errors.to_numpy(dtype=float)
    codes = list(errors.index) == list(errors.columns)
    if not codes or not np.isfinite(matrix).all() or matrix.min() < 0:
        expected = "the same codes in rows and columns, and probabilities in the cells"
        raise InputError("not an error matrix", expected=expected)
    wrong = np.abs(matrix.sum(1) - 1)
    if wrong.max() > 1e-8:
        row = errors.index[wrong.argmax()]
        raise InputError("a row of the error matrix does not sum to 1", value=row)
    values = np.linalg.eigvals(matrix)
    if np.abs(values.imag).max() > _ZERO or values.real.min() < _ZERO:
        expected = "positive eigenvalues: codes better than chance"
        raise InputError("the error matrix has no real powers", expected=expected)
    return matrix
