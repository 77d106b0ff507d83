"""What procedures share: what each returns at the least, an estimate, its interval, p and method;
and what each takes, numbers without a gap.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimate with its interval and test.

    estimate : the point estimate.
    interval : (low, high), at 95 % unless asked otherwise; NaN where the data bound nothing.
    p : p-value against the procedure's null value; two-sided unless the procedure says otherwise.
    method : the procedure in words, for captions.
    n : how many observations (the procedure says of what) it rests on.
    """

    estimate: float
    interval: tuple[float, float]
    p: float
    method: str
    n: int


def real_numbers(values, name: str) -> np.ndarray:
    """`values` as a one-dimensional float array. InputError unless all are finite."""
    array = np.asarray(values, dtype=float)
    wrong = ~np.isfinite(array)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        problem = f"missing or infinite (entry {at})"
        raise InputError(problem, column=name, value=float(array[at]), expected="finite numbers")
    return array


def labels(values, name: str, n: int | None = None) -> np.ndarray:
    """`values`, a label an entry, as an array. InputError unless there is one in each, and `n`."""
    array = np.asarray(values, dtype=object)
    if n is not None and array.shape != (n,):
        raise InputError(f"{array.size} labels", column=name, expected=f"{n}, one an entry")
    if (missing := np.flatnonzero(pd.isna(array))).size:
        problem = f"missing (entry {missing[0]})"
        raise InputError(problem, column=name, expected="a label in each entry")
    return array


def tail_of(level: float) -> float:
    """The share beyond either limit of an interval. InputError unless `level` is in (0, 1)."""
    if not 0 < level < 1:
        raise InputError(
            "no level", column="level", value=level, expected="a share between 0 and 1"
        )
    return (1 - level) / 2


def two_sided_p(below: float, above: float) -> float:
    """The one convention of a two-sided p: twice the smaller tail, at most 1.

    below, above : probabilities under the null of what is at most, and at least, as large.
    """
    return min(1.0, 2 * float(min(below, above)))


def wald(value: float, error: float, df: float, level: float) -> tuple[tuple[float, float], float]:
    """Interval of `value`, and its two-sided p against 0, by the t of `df` degrees of freedom.

    error : standard error; infinite where the data bound nothing.   df : infinite is the normal.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(np.divide(value, error)), df)
        half = stats.t.isf(tail_of(level), df) * error
    return (float(value - half), float(value + half)), float(p)


def as_ratio(test: Estimate) -> Estimate:
    """An estimate on the log scale as a ratio."""
    low, high = map(exponentiate, test.interval)
    return replace(test, estimate=exponentiate(test.estimate), interval=(low, high))


def exponentiate(value: float) -> float:
    """exp(value), with infinity rather than an error where it overflows."""
    return math.inf if value > 709 else math.exp(value)
