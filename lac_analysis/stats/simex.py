"""What an estimate would be without coding errors: MC-SIMEX."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs

_ZERO = 1e-10


@dataclass(frozen=True)
class Simex:
    """An estimate corrected for misclassification.

    Attributes
    ----------
    naive, estimate : before and after the correction.   se : jackknife standard error, NaN
        without variances.
    interval : normal, at `level`.
    lambdas, means : (L + 1,) amounts of error added, 0 first, and the mean estimate at each.
    failed : (L + 1,) simulated data sets without an estimate, left out of the means.
    """

    naive: float
    estimate: float
    se: float
    interval: tuple[float, float]
    level: float
    lambdas: np.ndarray
    means: np.ndarray
    failed: np.ndarray


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
    estimator : takes a matrix of codes (draws, n) and returns estimates (draws,), NaN where
        there is none, and their
        variances (draws,) or None. The estimate must be on a scale on which a normal interval makes
        sense.
    lambdas : amounts added; lambda times the error that is there already.

    At amount lambda, codes are drawn from errors to the power lambda, row after row; the
    extrapolation to -1 is
    quadratic.
    Source: Kuechenhoff, Mwalili and Lesaffre (2006), Biometrics 62(1); variance: Stefanski and Cook
    (1995), JASA 90.
    Raises InputError when the matrix has no such powers, a code is not in it, or no estimate comes
    out.
    """
    inputs.confidence(level)
    matrix, labels = _checked(errors), np.asarray(errors.index)
    position = pd.Index(labels).get_indexer(np.asarray(codes))
    unknown = np.asarray(codes)[position < 0].tolist()
    if unknown:
        raise InputError("a code that the error matrix does not know", value=unknown[0])
    if len(lambdas) < 2 or min(lambdas) <= 0 or len(set(lambdas)) < len(lambdas) or draws < 2:
        raise InputError(
            "lambdas or draws",
            value=(lambdas, draws),
            expected="two amounts or more above 0, two draws",
        )
    rng = np.random.default_rng(seed)
    rows = [estimator(labels[position][None, :])]
    for amount in lambdas:
        cumulative = np.cumsum(_power(matrix, amount), axis=1)[position]
        uniform = rng.random((draws, len(position)))
        drawn = (uniform[:, :, None] > cumulative[None, :, :-1]).sum(2)
        rows.append(estimator(labels[drawn]))
    at = np.array([0.0, *lambdas])
    estimates = [np.asarray(row[0], dtype=float) for row in rows]
    known = [np.isfinite(values) for values in estimates]
    if not all(mask.any() for mask in known):
        raise InputError(
            "no estimate from the codes as recorded, or from any simulated at one of the lambdas"
        )
    means = np.array([values[mask].mean() for values, mask in zip(estimates, known, strict=True)])
    estimate, se = _extrapolate(at, means), np.nan
    if all(row[1] is not None for row in rows):
        spread = [
            np.asarray(row[1], dtype=float)[mask].mean()
            for row, mask in zip(rows, known, strict=True)
        ]
        between = [0.0] + [
            values[mask].var(ddof=1) for values, mask in zip(estimates[1:], known[1:], strict=True)
        ]
        variance = _extrapolate(at, np.array(spread) - between)
        se = float(np.sqrt(variance)) if variance > 0 else np.nan
    half = norm.isf((1 - level) / 2) * se
    return Simex(
        naive=float(means[0]),
        estimate=estimate,
        se=se,
        interval=(estimate - half, estimate + half),
        level=level,
        lambdas=at,
        means=means,
        failed=np.array([int((~mask).sum()) for mask in known]),
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
    if (
        list(errors.index) != list(errors.columns)
        or not np.isfinite(matrix).all()
        or matrix.min() < 0
    ):
        raise InputError(
            "an error matrix needs the same codes in rows and columns, and probabilities in its cells"
        )
    if np.abs(matrix.sum(1) - 1).max() > 1e-8:
        raise InputError(
            "a row of the error matrix does not sum to 1",
            value=errors.index[np.abs(matrix.sum(1) - 1).argmax()],
        )
    values = np.linalg.eigvals(matrix)
    if np.abs(values.imag).max() > _ZERO or values.real.min() < _ZERO:
        raise InputError(
            "the error matrix has no real powers",
            expected="positive eigenvalues: codes better than chance",
        )
    return matrix
