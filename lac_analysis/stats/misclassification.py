"""Error rates of a code, from units that two coders coded."""

import numpy as np
import pandas as pd
from scipy.stats import beta

from lac_analysis.errors import InputError


def error_matrix(pairs: pd.DataFrame) -> pd.DataFrame:
    """Probability of each recorded code (columns) for each true code (rows).

    pairs : counts of units by the two coders' codes (`agreement.pair_table`).

    Two coders and no truth do not identify error rates (Hui and Walter 1980, Biometrics 36):
    agreement has to be assumed apart. Assumed here: the coders err alike, independently given the
    truth, and their errors leave the shares of the codes as they are. Then the second coder's code
    given the first's, T, is the error matrix applied twice, and the error matrix is the square root
    of T; of a binary code, its chance-corrected reliability is the root of kappa, the index of
    reliability of Lord and Novick (1968), Statistical Theories of Mental Test Scores, ch. 3. Errors
    that both coders make together do not show. Entries that come out below 0 are set to 0.

    Raises InputError for a table that is not square, a code that was never used, or agreement not
    above chance.
    """
    counts = pairs.to_numpy(dtype=float)
    if list(pairs.index) != list(pairs.columns):
        what = "the coders' codes must be the same in rows and columns"
        raise InputError(what, value=counts.shape)
    share = (counts + counts.T) / 2
    total = share.sum(1)
    if (total <= 0).any():
        unused = pairs.index[int(np.argmin(total))]
        raise InputError("a code was used by neither coder", value=unused)
    # T is similar to the symmetric D^-1/2 S D^-1/2, whose root its eigenvectors give
    root = np.sqrt(total)
    values, vectors = np.linalg.eigh(share / np.outer(root, root))
    if values.min() < 1e-12:
        raise InputError(
            "the coders agree no better than chance on some codes, so no error rate fits"
        )
    matrix = (vectors * np.sqrt(values)) @ vectors.T / root[:, None] * root[None, :]
    matrix = np.clip(matrix, 0, None)
    return pd.DataFrame(matrix / matrix.sum(1, keepdims=True), pairs.index, pairs.columns)


def at_most_disagreement(pairs: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The same table with as much disagreement as its exact one-sided upper limit allows.

    For a pessimistic matrix. Disagreements keep their proportions, and are spread over the pairs of
    codes by their shares when there are none. Limit: Clopper and Pearson (1934), Biometrika 26.
    """
    counts = pairs.to_numpy(dtype=float)
    n, agreed = counts.sum(), np.trace(counts)
    most = beta.isf(1 - level, n - agreed + 1, agreed) if agreed else 1.0
    apart = counts - np.diag(np.diag(counts))
    if agreed == n:
        shares = (counts.sum(0) + counts.sum(1)) / (2 * n)
        apart = np.outer(shares, shares) * (1 - np.eye(len(shares)))
    alike = np.diag(np.diag(counts)) / agreed if agreed else 0
    table = n * (most * apart / apart.sum() + (1 - most) * alike)
    return pd.DataFrame(table, pairs.index, pairs.columns)
