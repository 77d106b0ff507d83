"""Joint inference for a specification curve, and how much each choice moves it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.assignments import tails, two_sided

# an estimate this close to the null value is on neither side: its sign is that of rounding
_NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True)
class CurveTest:
    """Three summaries of a curve, each against the curves of permuted data.

    The side is each curve's own, so that all p-values are two-sided, and all are (1 + b) / (1 + P).

    Attributes
    ----------
    median : median estimate less the null value.
    median_p : twice the smaller tail, as medians of permuted curves need not centre on no effect.
    sign_share : share of the estimates on the side of the null value where most lie.
    significant_share : share of them that are significant and on that side.
    sign_p, significant_p : share of permuted curves with a share at least as large.
    null : (P, 3) the three summaries of the permuted curves.
    specifications : S with an estimate.
    permutations : P.
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
    """What the choices explain of a curve.

    Attributes
    ----------
    share : axis -> share of the estimates' variance lost when the axis is left out.
    explained : share that all axes explain together, without interactions.
    n : specifications with a finite estimate.
    """

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
    not significant. Raises InputError for shapes that differ or a curve without estimates.
    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    own, own_p, others, others_p = (
        np.asarray(array, dtype=float)
        for array in (estimates, p_values, null_estimates, null_p_values)
    )
    alike = own_p.shape == own.shape == others.shape[1:] and others_p.shape == others.shape
    if own.ndim != 1 or not alike:
        shapes, expected = (own.shape, others.shape), "(S,) and (P, S), twice"
        raise InputError("shapes do not fit", value=shapes, expected=expected)
    if np.isnan(own).all():
        raise InputError("no specification has an estimate")
    observed = _summaries(own - null_value, own_p, alpha)
    null = np.array(
        [_summaries(*pair, alpha) for pair in zip(others - null_value, others_p, strict=True)]
    )
    (below, above), *shares = (tails(null[:, j], observed[j], exact=False) for j in range(3))
    return CurveTest(
        median=observed[0],
        median_p=two_sided(below, above),
        sign_share=observed[1],
        sign_p=shares[0][1],
        significant_share=observed[2],
        significant_p=shares[1][1],
        null=null,
        specifications=int((~np.isnan(own)).sum()),
        permutations=len(null),
    )


def axis_influence(estimates, choices: pd.DataFrame) -> AxisInfluence:
    """How much of the variance of the estimates (S,) each column of `choices` (S rows) explains.

    Least squares on dummies of every axis: an axis's share is the R squared lost when its dummies
    are dropped. When every combination occurs once this is its sum of squares in an analysis of
    variance over the total; else what another axis could explain as well is nobody's. Estimates
    that are missing or infinite are left out.
    """
    y = np.asarray(estimates, dtype=float)
    inputs.same_length(len(y), choices, "choices")
    known = np.isfinite(y)
    if not known.any():
        raise InputError("no specification has a finite estimate")
    y, choices = y[known] - y[known].mean(), choices[known].astype(str)
    whole = _explained(y, choices)
    share = {name: whole - _explained(y, choices.drop(columns=name)) for name in choices}
    return AxisInfluence(pd.Series(share, dtype=float).clip(lower=0), whole, int(known.sum()))


def _summaries(estimates, p, alpha) -> tuple[float, float, float]:
    known = ~np.isnan(estimates)
    if not known.any():
        return np.nan, np.nan, np.nan
    estimates, significant = estimates[known], p[known] <= alpha
    above, below = estimates > _NOTHING, estimates < -_NOTHING
    side = above if above.sum() >= below.sum() else below
    return float(np.median(estimates)), float(side.mean()), float((significant & side).mean())


def _explained(y, choices: pd.DataFrame) -> float:
    """R squared of centred y on the dummies of the choices and a constant."""
    total = y @ y
    if total == 0:
        return 0.0
    dummies = pd.get_dummies(choices, dtype=float).to_numpy() if len(choices.columns) else None
    X = np.ones((len(y), 1)) if dummies is None else np.column_stack([np.ones(len(y)), dummies])
    # by the normal equations, of few columns; their least-norm solution takes redundant dummies
    coef = np.linalg.lstsq(X.T @ X, X.T @ y, rcond=None)[0]
    return float((X.T @ y) @ coef / total)
