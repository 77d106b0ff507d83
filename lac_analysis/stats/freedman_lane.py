"""Permutation of residuals in a linear model: does a label matter once controls are taken out?"""

from dataclasses import dataclass

import numpy as np

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.assignments import assignments, invert, tails, two_sided
from lac_analysis.stats.score_test import with_constant


@dataclass(frozen=True)
class FreedmanLane:
    """Slope of a label in a linear model, tested by permuting residuals.

    Attributes
    ----------
    slope : least squares coefficient of the label (log ratio where y is a log).
    low, high : interval of the slope by inversion.
    p : two-sided, twice the smaller tail, (1 + b) / (1 + B).
    t : the observed t statistic, as of least squares.
    permutations : number drawn.
    null : (permutations,) t statistics.
    n : units.
    """

    slope: float
    low: float
    high: float
    p: float
    t: float
    permutations: int
    null: np.ndarray
    n: int


def freedman_lane(
    y,
    label,
    controls=None,
    groups=None,
    *,
    level: float = 0.95,
    draws: int = 9_999,
    seed: int,
) -> FreedmanLane:
    """Test the slope of `label` in y ~ label + controls by permuting the residuals of y ~ controls.

    y : (n,) outcome, such as log(count + 1/2).   label : (n,) label (0/1) or score.
    controls : (n, k), (n,) or None.   groups : (n,) strata within which residuals are permuted, or
        None for free permutation.   level : of the interval.   draws, seed : permutations drawn.

    To test a slope s0, s0 times the label is taken off y. Each permuted t is then a ratio of
    polynomials in s0, so that the interval costs no new permutations.

    Raises InputError for other shapes, missing values, a label that the controls explain, or no
    residual variation.
    Source: Freedman and Lane (1983), J. Bus. Econ. Stat. 1(4); t statistic: Winkler et al. (2014),
    NeuroImage 92.
    """
    y, label = inputs.real_numbers(y, "y"), inputs.real_numbers(label, "label")
    inputs.same_length(len(y), label, "label")
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
        return tails(t[1:], float(t[0]), exact=False)

    t = t_at(0.0)
    slope = float(direction @ y_left / length)
    error = abs(slope / t[0]) if t[0] != 0 else 1.0
    low, high = invert(tails_at, slope, level=level, widest=32 * error)
    p = two_sided(*tails(t[1:], float(t[0]), exact=False))
    return FreedmanLane(slope, low, high, p, float(t[0]), draws, t[1:], len(y))
