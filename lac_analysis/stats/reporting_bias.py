"""How much of a rate ratio a difference in detection would have to make, to explain it away."""

import math
from dataclasses import dataclass

from lac_analysis.errors import InputError


@dataclass(frozen=True, kw_only=True)
class TippingPoint:
    """Detection ratios (detection in the later year or first group, over the other) that would
    explain a rate ratio.

    Attributes
    ----------
    to_null : at which the true ratio is 1; equal to the observed ratio.
    to_insignificance : at which the interval's near bound reaches 1; 1 if the interval holds 1
        already.
    to_sesoi, to_sesoi_insignificance : the same for the smallest effect of interest; NaN
        without one.
    """

    to_null: float
    to_insignificance: float
    to_sesoi: float
    to_sesoi_insignificance: float


def tipping_growth(
    rate_ratio: float, interval: tuple[float, float], sesoi: float | None = None
) -> TippingPoint:
    """Yearly growth of detection, as a factor (1.08: 8 % a year), that would erase a yearly rate
    ratio.

    The observed yearly ratio is the true one times the growth of detection. Source: Lash, Fox and
    Fink (2009), Applying
    Quantitative Bias Analysis, ch. 6. InputError unless low <= rate_ratio <= high and all are 0 or
    more.
    """
    return tipping_ratio(rate_ratio, interval, sesoi)


def tipping_ratio(
    rate_ratio: float, interval: tuple[float, float], sesoi: float | None = None
) -> TippingPoint:
    """Ratio of detection in the first group to detection in the second that would erase a two-group
    rate ratio.

    As `tipping_growth`: if events of the first group are found that much more readily, the true
    ratio is 1 (or
    `sesoi`).
    """
    low, high = interval
    if not 0 <= low <= rate_ratio <= high:
        raise InputError(
            "interval does not hold the ratio",
            value=(low, rate_ratio, high),
            expected="0 <= low <= ratio <= high",
        )
    if sesoi is not None and not 0 < sesoi < math.inf:
        raise InputError(
            "smallest effect of interest out of range", value=sesoi, expected="a positive number"
        )
    return TippingPoint(
        to_null=rate_ratio,
        to_insignificance=_near_bound(low, high, 1.0),
        to_sesoi=math.nan if sesoi is None else rate_ratio / sesoi,
        to_sesoi_insignificance=math.nan if sesoi is None else _near_bound(low, high, sesoi),
    )


def _near_bound(low: float, high: float, null: float) -> float:
    """Factor between `null` and the nearer bound of the interval; 1 if the interval holds it."""
    return low / null if low > null else high / null if high < null else 1.0
