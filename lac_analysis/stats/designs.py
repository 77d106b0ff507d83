"""Design matrices of many fits at once, in the form that costs least. Machinery for `batched`."""

from dataclasses import dataclass
from functools import partial

import numpy as np

_COLLINEAR = 1e-10  # smallest eigenvalue of the columns' correlation matrix


def of(X: np.ndarray) -> "Shared | Label | Varying":
    """The design of X: (n, k) shared by all fits, or (b, n, k), a constant and a 0/1 column as a
    special case.
    """
    if X.ndim == 2:
        return Shared(X)
    if X.shape[2] == 2 and (X[:, :, 0] == 1).all() and np.isin(X[:, :, 1], (0, 1)).all():
        return Label(np.ascontiguousarray(X[:, :, 1]))
    return Varying(X)


class _Design:
    """What every design can do; b fits, n rows, k columns. `linear` (b, n) is X coef, `score` (b,
    k) X' residual and
    `gram` (b, k, k) X' diag(weight) X."""

    def identified(self, w) -> np.ndarray:
        """(b,) whether no column is a combination of the others."""
        gram = self.gram(w)
        scale = np.sqrt(np.einsum("bii->bi", gram))
        whole = (scale > 0).all(1)
        scale = np.where(scale > 0, scale, 1)
        return whole & (
            np.linalg.eigvalsh(gram / scale[:, :, None] / scale[:, None, :])[:, 0] > _COLLINEAR
        )

    def start(self, y, offset, w) -> np.ndarray:
        """Coefficients to climb from: least squares on log(y + 1/2)."""
        return self.solve(w, self.score(w * (np.log(y + 0.5) - offset)))[0]

    def solve(self, weight, score):
        """gram(weight)^-1 score, and the same for another right side as a function."""
        gram = self.gram(weight)
        diagonal = np.einsum("bii->bi", gram)
        # a ridge far below the convergence limit, so that one bad fit does not stop the batch
        gram[:, np.arange(self.k), np.arange(self.k)] += (
            1e-13 * diagonal.max(1, keepdims=True) + 1e-290
        )
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


@dataclass(frozen=True)
class Label(_Design):
    """A constant and a label z (b, n) of 0 and 1."""

    z: np.ndarray
    k = 2

    def take(self, kept):
        return Label(self.z[kept])

    def matrix(self, i):
        return np.column_stack([np.ones(self.z.shape[1]), self.z[i]])

    def linear(self, coef):
        return coef[:, :1] + coef[:, 1:] * self.z

    def score(self, residual):
        return np.stack([residual.sum(1), _dot(residual, self.z)], axis=1)

    def gram(self, weight):
        all_, own = weight.sum(1), _dot(weight, self.z)
        return np.stack([all_, own, own, own], axis=1).reshape(-1, 2, 2)

    def identified(self, w):
        own = _dot(w, self.z)
        return (own > 0) & (own < w.sum(1))

    def start(self, y, offset, w):
        """The Poisson solution: log of events per exposure in the other group, and of the ratio of
        the two rates.
        """
        exposure = w * np.exp(offset)
        events = w * y
        own, own_exposure = _dot(events, self.z), _dot(exposure, self.z)
        with np.errstate(divide="ignore"):
            rest = np.log(events.sum(1) - own) - np.log(exposure.sum(1) - own_exposure)
            return np.stack([rest, np.log(own) - np.log(own_exposure) - rest], axis=1)

    def solve(self, weight, score):
        own = _dot(weight, self.z)
        apply = partial(self._by_group, own, weight.sum(1) - own)
        return apply(score), apply

    @staticmethod
    def _by_group(own, rest, right):
        with np.errstate(divide="ignore", invalid="ignore"):
            constant = (right[:, 0] - right[:, 1]) / rest
            return np.stack([constant, right[:, 1] / own - constant], axis=1)


def _dot(a, b):
    return np.einsum("bn,bn->b", a, b)
