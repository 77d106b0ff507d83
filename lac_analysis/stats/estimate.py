"""What every procedure returns at the least: an estimate, its interval, p and method."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimate with its interval and test.

    Attributes
    ----------
    estimate : the point estimate.
    interval : (low, high) at confidence `level`; NaN where the data bound nothing.
    p : p-value against the procedure's null value; two-sided unless the procedure says otherwise.
    method : the procedure in words, for captions.
    n : how many observations (the procedure says of what) it rests on.
    """

    estimate: float
    interval: tuple[float, float]
    level: float
    p: float
    method: str
    n: int


def two_sided_p(greater: float, less: float) -> float:
    """The one convention of a two-sided p: twice the smaller tail, at most 1.

    greater, less : probabilities under the null of what is at least, and at most, as large.
    """
    return min(1.0, 2 * float(min(greater, less)))


def exponentiate(value: float) -> float:
    """exp(value), with infinity rather than an error where it overflows."""
    return math.inf if value > 709 else math.exp(value)
