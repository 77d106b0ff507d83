"""Permutation of residuals in a linear model: does a label matter once controls are taken out?"""

import numpy as np

from lac_analysis.errors import InputError
from lac_analysis.stats.assignments import assignments, invert, tails
from lac_analysis.stats.estimate import Estimate, real_numbers, two_sided_p
from lac_analysis.stats.score_test import with_constant


def freedman_lane(
    y, label, controls=None, groups=None, *, draws: int = 9_999, seed: int
) -> Estimate:
    """Test the slope of `label` in y ~ label + controls by permuting the residuals of y ~ controls.

    y : (n,) outcome, such as log(count + 1/2).   label : (n,) label (0/1) or score.
    controls : (n, k), (n,) or None.   groups : (n,) strata within which residuals are permuted, or
        None for free permutation.   draws, seed : permutations drawn.

    The estimate is the least squares coefficient of the label (a log ratio where y is a log), p
    twice the smaller tail, (1 + b) / (1 + B). To test a slope s0, s0 times the label is taken off
    y. Each permuted t is then a ratio of polynomials in s0, so that the 95 % interval costs no new
    permutations.

    Raises InputError for missing values, a label that the controls explain, or no residual
    variation.
    Source: Freedman and Lane (1983), J. Bus. Econ. Stat. 1(4); t statistic: Winkler et al. (2014),
    NeuroImage 92.
    """
    y, label = real_numbers(y, "y"), real_numbers(label, "label")
    design = with_constant(controls, len(y))
    freedom = len(y) - design.shape[1] - 1
    basis, _ = np.linalg.qr(design)
    y_left, label_left = (values - basis @ (basis.T @ values) for values in (y, label))
    length = np.linalg.norm(label_left)
    if freedom < 1 or length <= 1e-9 * np.linalg.norm(label):
        raise InputError("the controls explain the whole label, or leave too few units")
    direction = label_left / length
    if np.linalg.norm(y_left - direction * (direction @ y_left)) <= 1e-9 * np.linalg.norm(y):
        raise InputError("label and controls explain y without error: nothing to permute")
    observed = np.arange(len(y))
    drawn, _ = assignments(observed, groups, max_exact=0, draws=draws, seed=seed)
    order = np.vstack([observed, drawn]).astype(int)
    # of permuted residuals: what is left after the controls, and its part along the label
    y_moved, label_moved = (
        moved - (moved @ basis) @ basis.T for moved in (y_left[order], label_left[order])
    )
    y_along, label_along = y_moved @ direction, label_moved @ direction
    squares = (y_moved**2).sum(1), (y_moved * label_moved).sum(1), (label_moved**2).sum(1)

    def t_at(slope: float) -> np.ndarray:
        """t of the observed order and of each permutation, after taking slope * label off y."""
        along = y_along - slope * label_along
        total = squares[0] - 2 * slope * squares[1] + slope**2 * squares[2]
        return along / np.sqrt((total - along**2) / freedom)

    def tails_at(slope: float) -> tuple[float, float]:
        t = t_at(slope)
        return tails(t[1:], t[0], exact=False)

    slope, t = float(direction @ y_left / length), float(t_at(0.0)[0])
    error = abs(slope / t) if t != 0 else 1.0
    return Estimate(
        estimate=slope,
        interval=invert(tails_at, slope, level=0.95, widest=32 * error),
        p=two_sided_p(*tails_at(0.0)),
        method=f"least squares, {draws:,} permutations of residuals",
        n=len(y),
    )
