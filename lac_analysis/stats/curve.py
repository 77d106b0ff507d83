"""Joint inference for a specification curve, and how much each choice moves it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.randomisation import permutation_p

# an estimate this close to the null value is on neither side: its sign is that of rounding
_NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True)
class CurveTest:
    """Three summaries of a curve, each against the curves of permuted data.

    Attributes
    ----------
    median, sign_share, significant_share : median estimate less the null value; share of the
        estimates on the side of
        the null value where most lie; share of them that are significant and on that side.
    median_p : two-sided, twice the smaller tail, as the medians of permuted curves need not
        centre on no effect.
    sign_p, significant_p : share of permuted curves with a share at least as large. All three
        are (1 + b) / (1 + P).
    null : (P, 3) the three summaries of the permuted curves.   specifications : S with an estimate.
    permutations : P.

    The side is each curve's own, so that all p-values are two-sided. Source: Simonsohn, Simmons and
    Nelson (2020), Nat.
    Hum. Behav. 4.
    """

    median: float
    median_p: float
    sign_share: float
    sign_p: float
    significant_share: float
    significant_p: float
    null: np.ndarray
    specifications: int
    permutations: int


@dataclass(frozen=True)
class AxisInfluence:
    """Attributes: share (axis -> share of the estimates' variance lost when the axis is left out),
    explained (share
    that all axes explain together, without interactions), n (specifications with a finite
    estimate)."""

    share: pd.Series
    explained: float
    n: int


def joint_test(
    estimates, p_values, null_estimates, null_p_values, *, null_value=0.0, alpha=0.05
) -> CurveTest:
    """Test a whole curve against the curves of permuted data.

    Parameters
    ----------
    estimates, p_values : (S,) on a scale on which effects add, and two-sided p of each.
    null_estimates, null_p_values : (P, S) the same specifications on permuted data.

    A specification without an estimate (NaN) is left out of its curve; an estimate without a p is
    not significant.
    Raises InputError for shapes that differ or a curve without estimates.
    """
    own, own_p, others, others_p = (
        np.asarray(array, dtype=float)
        for array in (estimates, p_values, null_estimates, null_p_values)
    )
    if (
        own.ndim != 1
        or own_p.shape != own.shape
        or others.shape[1:] != own.shape
        or others_p.shape != others.shape
    ):
        raise InputError(
            "shapes do not fit", value=(own.shape, others.shape), expected="(S,) and (P, S), twice"
        )
    curves, p = np.vstack([own[None], others]) - null_value, np.vstack([own_p[None], others_p])
    if np.isnan(curves[0]).all():
        raise InputError("no specification has an estimate")
    summaries = np.array([_summaries(*pair, alpha) for pair in zip(curves, p, strict=True)])
    observed, null = summaries[0], summaries[1:]
    sides = ("two-sided", "greater", "greater")
    tests = [permutation_p(observed[j], null[:, j], sides[j], exact=False) for j in range(3)]
    return CurveTest(
        median=float(observed[0]),
        median_p=tests[0],
        sign_share=float(observed[1]),
        sign_p=tests[1],
        significant_share=float(observed[2]),
        significant_p=tests[2],
        null=null,
        specifications=int((~np.isnan(curves[0])).sum()),
        permutations=len(null),
    )


def axis_influence(estimates, choices: pd.DataFrame) -> AxisInfluence:
    """How much of the variance of the estimates (S,) each column of `choices` (S rows) explains.

    Least squares on dummies of every axis: an axis's share is the R squared lost when its dummies
    are dropped. When
    every combination occurs once this is its sum of squares in an analysis of variance over the
    total; else what
    another axis could explain as well is nobody's. Estimates that are missing or infinite are left
    out.
    """
    y = np.asarray(estimates, dtype=float)
    inputs.same_length(len(y), choices, "choices")
    known = np.isfinite(y)
    if not known.any():
        raise InputError("no specification has a finite estimate")
    y, choices = y[known] - y[known].mean(), choices[known]
    dummies = {name: _dummies(choices[name]) for name in choices.columns}
    whole = _explained(y, list(dummies.values()))
    share = {
        name: whole - _explained(y, [part for other, part in dummies.items() if other != name])
        for name in dummies
    }
    return AxisInfluence(pd.Series(share, dtype=float).clip(lower=0), whole, int(known.sum()))


def _summaries(estimates, p, alpha) -> tuple[float, float, float]:
    known = ~np.isnan(estimates)
    if not known.any():
        return np.nan, np.nan, np.nan
    estimates, significant = estimates[known], p[known] <= alpha
    above, below = estimates > _NOTHING, estimates < -_NOTHING
    side = above if above.sum() >= below.sum() else below
    return float(np.median(estimates)), float(side.mean()), float((significant & side).mean())


def _dummies(column: pd.Series) -> np.ndarray:
    codes, options = pd.factorize(column.astype(str), sort=True)
    return (codes[:, None] == np.arange(1, len(options))).astype(float)


def _explained(y, parts) -> float:
    """R squared of centred y on the dummies and a constant."""
    total = y @ y
    if total == 0:
        return 0.0
    X = np.column_stack([np.ones(len(y)), *parts])
    gram = X.T @ X
    coef = np.linalg.lstsq(gram, X.T @ y, rcond=None)[0]
    return float((X.T @ y) @ coef / total)
