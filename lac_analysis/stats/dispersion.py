"""Newton steps for the dispersion of many negative binomial (NB2) fits at once. Machinery for
`batched`.
"""

import numpy as np

LONGEST_STEP = 1.5  # step of log alpha


def moment_start(y, mean, w) -> np.ndarray:
    """(b,) alpha to climb from: moments; 0 where the likelihood falls from alpha = 0 on, and the
    fit is Poisson.
    """
    excess = (w * ((y - mean) ** 2 - y)).sum(1)
    return np.where(excess > 0, np.maximum(excess, 0) / (w * mean**2).sum(1), 0.0)


def number_above(y, w) -> np.ndarray:
    """(b, max y) how many counts, by weight, exceed j = 0, 1, ...: what the likelihood asks of y
    itself.
    """
    b, longest = len(y), int(y.max(initial=0))
    cell = np.arange(b)[:, None] * (longest + 1) + y.astype(np.int64)
    times = np.bincount(cell.ravel(), w.ravel(), b * (longest + 1)).reshape(b, longest + 1)
    return times[:, :0:-1].cumsum(1)[:, ::-1]


def dispersion_step(y, mean, shrink, w, alpha, above, cross, step, towards) -> np.ndarray:
    """(b,) change of log alpha in a joint Newton step with the coefficients.

    shrink : 1 / (1 + alpha mean).   cross : (b, k) second derivatives in coefficients and log
        alpha.   step, towards :
    (b, k) the coefficients' own Newton step, and what they do for a unit of log alpha. Where the
    likelihood is not
    concave, the step goes uphill by one.
    """
    steps = np.arange(above.shape[1])
    part = steps / (1 + alpha[:, None] * steps)
    log_term = (w * -np.log(shrink)).sum(1)
    shrunk = mean * shrink
    weighted = w * (y + 1 / alpha[:, None]) * shrunk
    first = (above * part).sum(1) + log_term / alpha**2 - weighted.sum(1)
    second = -(above * part**2).sum(1) + (weighted * shrunk).sum(1)
    second += 2 * ((w * shrunk).sum(1) - log_term / alpha) / alpha**2
    slope = alpha * first
    bend = alpha**2 * second + slope + (cross * towards).sum(1)
    rise = slope + (cross * step).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        newton = np.where(bend < 0, -rise / bend, np.sign(slope))
    return np.clip(newton, -LONGEST_STEP, LONGEST_STEP)
