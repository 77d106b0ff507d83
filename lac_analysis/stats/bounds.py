"""Worst-case bounds for a share when some cases are unknown, with a confidence interval."""

from dataclasses import dataclass
from math import sqrt

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from lac_analysis.errors import InputError


@dataclass(frozen=True)
class ShareBounds:
    """What the share can be.

    Attributes
    ----------
    lower, upper : none of the unknown cases counts, or all do.
    interval : confidence limits for the share itself, not for the two bounds.
    n : cases, the unknown ones included.
    """

    lower: float
    upper: float
    interval: tuple[float, float]
    n: int


def share_bounds(yes: int, no: int, unknown: int, *, level: float = 0.95) -> ShareBounds:
    """Bounds of the share of `yes` among all cases, with the Imbens-Manski interval at `level`.

    The critical value is Imbens and Manski's: one-sided when the bounds are far apart, two-sided
    when they meet. The limits are Wilson's score limits with that value; the normal ones collapse
    when a share is 0 or 1. InputError for a negative count or no case at all.
    Source: Manski (1989), J. Hum. Resour. 24(3); Imbens and Manski (2004), Econometrica 72(6).
    """
    n = yes + no + unknown
    if min(yes, no, unknown) < 0 or n == 0:
        expected = "counts of 0 or more, and at least one case"
        raise InputError("no shares to bound", value=(yes, no, unknown), expected=expected)
    lower, upper = yes / n, (yes + unknown) / n
    z = _critical_value(lower, upper, n, level)
    return ShareBounds(lower, upper, (_score_limit(lower, n, -z), _score_limit(upper, n, z)), n)


def _critical_value(lower: float, upper: float, n: int, level: float) -> float:
    """C with Phi(C + sqrt(n) (upper - lower) / max(sd)) - Phi(-C) = level (their equation 7)."""
    sd = sqrt(max(lower * (1 - lower), upper * (1 - upper)))
    if sd == 0:
        return float(ndtri(level if upper > lower else (1 + level) / 2))
    gap = sqrt(n) * (upper - lower) / sd
    return brentq(lambda c: ndtr(c + gap) - ndtr(-c) - level, ndtri(level), ndtri((1 + level) / 2))


def _score_limit(share: float, n: int, z: float) -> float:
    """Wilson's (1927) limit of a share, below it for negative z and above it for positive."""
    centre = share + z * z / (2 * n)
    limit = (centre + z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    return min(1.0, max(0.0, limit))
