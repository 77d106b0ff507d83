"""Joint inference for a specification curve, and how much each choice moves it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis.stats.assignments import tails
from lac_analysis.stats.estimate import two_sided_p

# an estimate this close to the null value is on neither side: its sign is that of rounding
NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True)
class CurveTest:
    """Two summaries of a curve, each against the curves of permuted data.

    The side is each curve's own, so that both p-values, (1 + b) / (1 + P), are two-sided.
    """

    median: float  # of the estimates; no effect is 0
    median_p: float  # twice the smaller tail: medians of permuted curves need not centre on 0
    significant_share: float  # of the estimates: significant, and on the side where most lie
    significant_p: float  # share of permuted curves with a share at least as large
    null: np.ndarray  # (P, 2) the two summaries of the permuted curves


def joint_test(estimates, p_values, *, alpha: float = 0.05) -> CurveTest:
    """Test a whole curve against the curves of permuted data.

    estimates, p_values : (1 + P, S) of S specifications, on a scale on which effects add and none
        is 0, and the two-sided p of each: of the data, then of each permutation.

    A specification without an estimate (NaN) is left out of its curve; an estimate without a p is
    not significant. Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    rows = zip(estimates, p_values, strict=True)
    observed, *null = (_summaries(*curve, alpha) for curve in rows)
    null = np.array(null)
    (below, above), (_, more) = (tails(null[:, j], observed[j], exact=False) for j in (0, 1))
    return CurveTest(
        median=observed[0],
        median_p=two_sided_p(below, above),
        significant_share=observed[1],
        significant_p=more,
        null=null,
    )


def axis_influence(estimates: np.ndarray, choices: pd.DataFrame) -> pd.Series:
    """Share of the variance of the estimates (S,) that each column of `choices` (S rows) explains.

    Least squares on dummies of every axis: an axis's share is the R squared lost when its dummies
    are dropped. When every combination occurs once this is its sum of squares in an analysis of
    variance over the total; else what another axis could explain as well is nobody's. Estimates
    that are missing or infinite are left out; NaN where the others do not vary.
    """
    known = np.isfinite(estimates)
    y, choices = estimates[known], choices[known].astype(str)
    if len(y) == 0 or np.ptp(y) == 0:
        return pd.Series(np.nan, index=choices.columns)
    whole = _explained(y, choices)
    share = {name: whole - _explained(y, choices.drop(columns=name)) for name in choices}
    return pd.Series(share, dtype=float).clip(lower=0)


def _summaries(estimates: np.ndarray, p: np.ndarray, alpha: float) -> tuple[float, float]:
    known = ~np.isnan(estimates)
    if not known.any():
        return np.nan, np.nan
    estimates, significant = estimates[known], p[known] <= alpha
    above, below = estimates > NOTHING, estimates < -NOTHING
    side = above if above.sum() >= below.sum() else below
    return float(np.median(estimates)), float((significant & side).mean())


def _explained(y: np.ndarray, choices: pd.DataFrame) -> float:
    """R squared of y on the dummies of the choices and a constant."""
    y = y - y.mean()
    dummies = [pd.get_dummies(choices[name], dtype=float) for name in choices]
    X = np.column_stack([np.ones(len(y)), *dummies])
    coef = np.linalg.lstsq(X, y, rcond=None)[0]  # of least norm, so dummies may be redundant
    return float(y @ X @ coef / (y @ y))
