"""Newton steps for the dispersion of many negative binomial (NB2) fits; machinery for `batched`.

y, w (b, n) are the counts and weights of b fits.
"""

import numpy as np

_LONGEST_STEP = 1.5  # of log alpha


def moment_start(y, mean, w) -> np.ndarray:
    """(b,) alpha to climb from, by moments.

    0 where the likelihood falls from alpha = 0 on, and the fit is Poisson.
    """
    excess = (w * ((y - mean) ** 2 - y)).sum(1)
    return np.maximum(excess, 0) / (w * mean**2).sum(1)


def number_above(y, w) -> np.ndarray:
    """(b, max y) how many counts, by weight, exceed j = 0, 1, ..: all the likelihood asks of y.

    The log-likelihood holds log Gamma(y + 1/alpha) - log Gamma(1/alpha), which is the sum of
    log(j + 1/alpha) over j = 0 .. y - 1.
    """
    b, longest = len(y), int(y.max(initial=0))
    cell = np.arange(b)[:, None] * (longest + 1) + y.astype(np.int64)
    times = np.bincount(cell.ravel(), w.ravel(), b * (longest + 1)).reshape(b, longest + 1)
    return times[:, :0:-1].cumsum(1)[:, ::-1]


def dispersion_step(y, shrunk, shrink, w, alpha, above, cross, step, towards) -> np.ndarray:
    """(b,) change of log alpha in a joint Newton step with the coefficients.

    shrink, shrunk : (b, n) 1 / (1 + alpha mean), and mean times that.
    above : from `number_above`.
    cross : (b, k) second derivatives in coefficients and log alpha.
    step, towards : (b, k) the coefficients' own Newton step, and what they do for a unit of log
        alpha.

    Where the likelihood is not concave, the step goes uphill by one.
    """
    part = np.arange(above.shape[1])
    part = part / (1 + alpha[:, None] * part)
    log_term, weight = -_dot(w, np.log(shrink)), w * (y + 1 / alpha[:, None])
    # first and second derivative of the log-likelihood in alpha ..
    first = _dot(above, part) + log_term / alpha**2 - _dot(weight, shrunk)
    second = _dot(weight, shrunk**2) - _dot(above, part**2)
    second += 2 * (_dot(w, shrunk) - log_term / alpha) / alpha**2
    # .. in log alpha, and what is left of them once the coefficients have followed
    slope = alpha * first
    bend = alpha**2 * second + slope + (cross * towards).sum(1)
    rise = slope + (cross * step).sum(1)
    newton = np.where(bend < 0, -rise / np.where(bend < 0, bend, -1), np.sign(slope))
    return np.clip(newton, -_LONGEST_STEP, _LONGEST_STEP)


def _dot(a, b) -> np.ndarray:
    return np.einsum("bn,bn->b", a, b)
