"""Design matrices of many fits at once, in the form that costs least. Machinery for `batched`."""

from dataclasses import dataclass
from functools import partial

import numpy as np

_COLLINEAR = 1e-10  # smallest eigenvalue of the columns' correlation matrix


def of(X: np.ndarray) -> "Shared | Varying":
    """The design of X: (n, k) shared by all fits, or (b, n, k)."""
    return Shared(X) if X.ndim == 2 else Varying(X)


class _Design:
    """What every design can do; b fits, n rows, k columns. `linear` (b, n) is X coef, `score` (b, k) X' residual and
    `gram` (b, k, k) X' diag(weight) X."""

    def identified(self, w) -> np.ndarray:
        """(b,) whether no column is a combination of the others."""
        gram = self.gram(w)
        scale = np.sqrt(np.einsum("bii->bi", gram))
        whole = (scale > 0).all(1)
        scale = np.where(scale > 0, scale, 1)
        return whole & (np.linalg.eigvalsh(gram / scale[:, :, None] / scale[:, None, :])[:, 0] > _COLLINEAR)

    def start(self, y, offset, w) -> np.ndarray:
        """Coefficients to climb from: least squares on log(y + 1/2)."""
        return self.solve(w, self.score(w * (np.log(y + 0.5) - offset)))[0]

    def solve(self, weight, score):
        """gram(weight)^-1 score, and the same for another right side as a function."""
        gram = self.gram(weight)
        diagonal = np.einsum("bii->bi", gram)
        # a ridge far below the convergence limit, so that one bad fit does not stop the batch
        gram[:, np.arange(self.k), np.arange(self.k)] += 1e-13 * diagonal.max(1, keepdims=True) + 1e-290
        inverse = np.linalg.inv(gram)
        apply = partial(_apply, inverse)
        return apply(score), apply


def _apply(inverse, right):
    return (inverse @ right[:, :, None])[:, :, 0]


@dataclass(frozen=True)
class Shared(_Design):
    """One X (n, k) for all fits."""

    X: np.ndarray

    @property
    def k(self) -> int:
        return self.X.shape[1]

    def take(self, kept):
        return self

    def matrix(self, i):
        return self.X

    def linear(self, coef):
        return coef @ self.X.T

    def score(self, residual):
        return residual @ self.X

    def gram(self, weight):
        pairs = (self.X[:, :, None] * self.X[:, None, :]).reshape(len(self.X), -1)
        return (weight @ pairs).reshape(-1, self.k, self.k)


@dataclass(frozen=True)
class Varying(_Design):
    """A matrix for each fit, X (b, n, k)."""

    X: np.ndarray

    @property
    def k(self) -> int:
        return self.X.shape[2]

    def take(self, kept):
        return Varying(self.X[kept])

    def matrix(self, i):
        return self.X[i]

    def linear(self, coef):
        return (self.X @ coef[:, :, None])[:, :, 0]

    def score(self, residual):
        return (residual[:, None, :] @ self.X)[:, 0]

    def gram(self, weight):
        return (self.X * weight[:, :, None]).transpose(0, 2, 1) @ self.X
