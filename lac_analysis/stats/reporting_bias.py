"""How much of a rate ratio a difference in detection would have to make, to explain it away."""

import math
from dataclasses import dataclass

from lac_analysis.errors import InputError


@dataclass(frozen=True, kw_only=True)
class TippingPoint:
    """Detection in the later year or first group, over the other, that would explain a ratio.

    Attributes
    ----------
    to_null : at which the true ratio is 1; equal to the observed ratio.
    to_insignificance : at which the interval's near bound is 1; 1 if the interval holds 1 already.
    to_sesoi : at which the true ratio is the smallest effect of interest; NaN without one.
    """

    to_null: float
    to_insignificance: float
    to_sesoi: float


def tipping_point(
    rate_ratio: float, interval: tuple[float, float], sesoi: float | None = None
) -> TippingPoint:
    """Ratio of detection that would erase a rate ratio, of two groups or of a year to the last.

    The observed ratio is the true one times the ratio of detection. InputError unless
    0 <= low <= rate_ratio <= high. Source: Lash, Fox and Fink (2009), Applying Quantitative Bias
    Analysis, ch. 6.
    """
    low, high = interval
    if not 0 <= low <= rate_ratio <= high:
        found, expected = (low, rate_ratio, high), "0 <= low <= ratio <= high"
        raise InputError("interval does not hold the ratio", value=found, expected=expected)
    if sesoi is not None and not 0 < sesoi < math.inf:
        what = "smallest effect of interest out of range"
        raise InputError(what, value=sesoi, expected="a positive number")
    near_bound = low if low > 1 else high if high < 1 else 1.0
    return TippingPoint(
        to_null=rate_ratio,
        to_insignificance=near_bound,
        to_sesoi=math.nan if sesoi is None else rate_ratio / sesoi,
    )
