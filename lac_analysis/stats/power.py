"""The smallest effect that a test would find with a given power on the observed design."""

from collections.abc import Callable

import numpy as np
from scipy import stats


def smallest_detectable(power: Callable[[float], float], low: float, high: float, target: float = 0.8) -> float:
    """Smallest effect between `low` and `high` at which `power(effect)` reaches `target`, by bisection on a log scale.

    `power` must use the same random numbers at each effect, so that it does not decrease. Returns inf when even `high`
    is not found with that power. Bisection ends at a relative width of 1 %.
    """
    if power(high) < target:
        return float("inf")
    while high / low > 1.01:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if power(middle) >= target else (middle, high)
    return high


def label_power(events, exposure, n_labelled: int, ratio: float, *, alpha=0.05, designs=400, draws=4000, seed) -> float:
    """Power of the two-sided label randomisation test for a rate ratio, by simulation on the observed units.

    The label is given at random to `n_labelled` units, their events are multiplied by `ratio`, and the test is run with
    `draws` sampled assignments; the share of `designs` rejected at `alpha`. events, exposure : (n,).
    """
    rng = np.random.default_rng(seed)
    events, exposure = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    null = _labels(rng, draws, len(events), n_labelled)
    truth = _labels(rng, designs, len(events), n_labelled)
    planted = np.where(truth, ratio, 1.0) * events  # (designs, n)
    null_exposure = null @ exposure
    ratios = _log_ratio(null @ planted.T, planted.sum(axis=1), null_exposure[:, None], exposure.sum())
    own = _log_ratio((planted * truth).sum(axis=1), planted.sum(axis=1), truth @ exposure, exposure.sum())
    above, below = (ratios >= own - 1e-12).sum(axis=0), (ratios <= own + 1e-12).sum(axis=0)
    p = np.minimum(1, 2 * (1 + np.minimum(above, below)) / (1 + draws))
    return float((p <= alpha).mean())


def detectable_from_null(null, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Distance from the null mean that is found with `power`, by the normal approximation to the null distribution.

    null : array of the statistic under the null, on the scale on which effects add. Undefined values are left out.
    """
    null = np.asarray(null, dtype=float)
    return float((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * null[np.isfinite(null)].std())


def binomial_detectable(n: int, p0: float, *, alternative: str, alpha: float = 0.05, power: float = 0.8) -> float:
    """Smallest share above `p0` that an exact binomial test of n trials finds with `power`; nan if none does.

    alternative : 'greater', or 'two-sided' (twice the upper tail).
    """
    tail = alpha if alternative == "greater" else alpha / 2
    counts = np.arange(n + 1)
    critical = counts[stats.binom.sf(counts - 1, n, p0) <= tail]
    if len(critical) == 0:
        return float("nan")
    shares = np.linspace(p0, 1, 2001)
    enough = stats.binom.sf(critical[0] - 1, n, shares) >= power
    return float(shares[enough][0]) if enough.any() else float("nan")


def _labels(rng, draws: int, n: int, k: int) -> np.ndarray:
    order = rng.random((draws, n)).argpartition(k - 1, axis=1)[:, :k]
    labels = np.zeros((draws, n), dtype=bool)
    np.put_along_axis(labels, order, True, axis=1)
    return labels


def _log_ratio(inside, total, inside_exposure, exposure):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(inside / inside_exposure) - np.log(np.maximum(total - inside, 0) / (exposure - inside_exposure))
