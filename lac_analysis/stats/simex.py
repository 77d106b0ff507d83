"""What an estimate would be without coding errors: error rates from two coders, and MC-SIMEX."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import fractional_matrix_power
from scipy.stats import beta

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import tail_of

AMOUNTS = (0.5, 1.0, 1.5, 2.0)  # of error that are added


@dataclass(frozen=True)
class Simex:
    """An estimate before (naive) and after the correction for misclassification."""

    naive: float
    estimate: float


def error_matrix(pairs: pd.DataFrame) -> pd.DataFrame:
    """Probability of each recorded code (columns) for each true code (rows).

    pairs : counts of units by the two coders' codes (`agreement.pair_table`).

    Two coders and no truth do not identify error rates (Hui and Walter 1980, Biometrics 36):
    agreement has to be assumed apart. Assumed here: the coders err alike, independently given the
    truth, and their errors leave the shares of the codes as they are. Then the second coder's code
    given the first's, T, is the error matrix applied twice, and the error matrix is the square root
    of T; of a binary code, its chance-corrected reliability is the root of kappa, the index of
    reliability of Lord and Novick (1968), Statistical Theories of Mental Test Scores, ch. 3. Errors
    that both coders make together do not show.

    Raises InputError where agreement is not above chance.
    """
    both = pairs.to_numpy(dtype=float)
    share = (both + both.T) / 2
    given = share / share.sum(axis=1, keepdims=True)
    if np.linalg.eigvals(given).real.min() < 1e-12:
        raise InputError("the coders agree no better than chance on some codes: no error rate fits")
    return pd.DataFrame(_power(given, 0.5), pairs.index, pairs.columns)


def at_most_disagreement(pairs: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The same table with as much disagreement as its exact one-sided upper limit allows.

    For a pessimistic matrix. Disagreements keep their proportions, and are spread over the pairs of
    codes by their shares when there are none. Limit: Clopper and Pearson (1934), Biometrika 26.
    """
    counts = pairs.to_numpy(dtype=float)
    n, agreed = counts.sum(), np.trace(counts)
    most = beta.isf(2 * tail_of(level), n - agreed + 1, agreed) if agreed else 1.0
    apart = counts - np.diag(np.diag(counts))
    if agreed == n:
        shares = (counts.sum(0) + counts.sum(1)) / (2 * n)
        apart = np.outer(shares, shares) * (1 - np.eye(len(shares)))
    alike = np.diag(np.diag(counts)) / agreed if agreed else 0
    table = n * (most * apart / apart.sum() + (1 - most) * alike)
    return pd.DataFrame(table, pairs.index, pairs.columns)


def mc_simex(
    codes: np.ndarray, errors: pd.DataFrame, estimator: Callable, *, draws: int = 1000, seed: int
) -> Simex:
    """Add coding error in known amounts, see how the estimate moves, and extrapolate to none.

    codes : (n,) recorded codes, each one of the labels of `errors`.
    errors : of `error_matrix`.
    estimator : takes sets of codes (sets, n) and returns their estimates (sets,), NaN where there
        is none, on a scale on which they can be averaged, such as a log ratio.
    draws : simulated sets of codes at each amount. The extrapolation enlarges what is left of
        chance in their means about threefold.

    Codes carry the error already. At amount lambda, they are drawn from errors to the power lambda,
    row after row; the extrapolation to -1 is quadratic. Raises InputError for a code without
    a label, or when no estimate comes out. There is no interval: that of the paper takes codes as
    independent, which excerpts of one country are not.
    Source: Kuechenhoff, Mwalili and Lesaffre (2006), Biometrics 62(1).
    """
    labels = errors.index.to_numpy()
    position = errors.index.get_indexer(codes)
    if (position < 0).any():
        raise InputError("not a label of errors", column="codes", value=codes[position < 0][0])
    rng = np.random.default_rng(seed)
    means = []  # by amount
    for amount in (0, *AMOUNTS):
        simulated = codes[None]
        if amount:
            cumulative = np.cumsum(_power(errors.to_numpy(), amount), axis=1)[position]
            uniform = rng.random((draws, len(position)))
            simulated = labels[(uniform[:, :, None] > cumulative[None, :, :-1]).sum(2)]
        found = estimator(simulated)
        found = found[np.isfinite(found)]
        if len(found) == 0:
            raise InputError("no estimate from the codes as recorded, or from any simulated")
        means.append(found.mean())
    # a quadratic in the amount through all points by least squares, at -1
    estimate = float(np.polyval(np.polyfit((0, *AMOUNTS), means, 2), -1.0))
    return Simex(float(means[0]), estimate)


def _power(matrix: np.ndarray, amount: float) -> np.ndarray:
    """The matrix of probabilities to a real power; entries that come out below 0 are set to 0."""
    power = np.clip(fractional_matrix_power(matrix, amount).real, 0, None)
    return power / power.sum(axis=1, keepdims=True)
