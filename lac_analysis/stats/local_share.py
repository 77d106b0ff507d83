"""Share of a unit's excerpts that are of one kind, by a label: odds ratio, exact permutation test.

The share does not depend on how much a search finds. Excerpts of one unit are not independent, so
units are what is permuted, and the statistic is studentised by unit (`score_test`).
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import expit
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.assignments import assignments, invert, tails, two_sided
from lac_analysis.stats.score_test import studentised_scores, with_constant

_ENDLESS = 12.0  # a log odds ratio beyond this says that the data separate


@dataclass(frozen=True)
class LocalShare:
    """Odds ratio of a label on the share of local excerpts, with its permutation distribution.

    Attributes
    ----------
    ratio : odds ratio, labelled against other units, or per `contrast` of a score; binomial
        regression on label and controls. 0 or inf where the data separate.
    low, high : interval by inversion; 0 or inf where no value on that side is rejected.
    p : two-sided, twice the smaller tail, never below 1 / assignments.
    statistic : the observed studentised score.
    assignments : number of assignments listed or drawn.
    exact : whether all were listed.
    null : (assignments,) the studentised scores.
    n : units with at least one excerpt.
    """

    ratio: float
    low: float
    high: float
    p: float
    statistic: float
    assignments: int
    exact: bool
    null: np.ndarray
    n: int


def local_share(
    local,
    other,
    label,
    controls=None,
    groups=None,
    *,
    contrast: float = 1.0,
    level: float = 0.95,
    max_exact: int = 100_000,
    draws: int = 9_999,
    seed: int,
) -> LocalShare:
    """Test whether labelled units have a larger share of local excerpts than others.

    local, other : (n,) excerpts of either kind; units without any stay in the permutation.
    label : (n,) label (0/1) or score.   controls : (n, k), (n,) or None.   groups : (n,) strata
        within which the label is permuted, or None.   contrast : difference of the score that the
        ratio is for.   level : of the interval.   max_exact, draws, seed : see
        `assignments.assignments`.

    To test a ratio r0, log(r0) times the label is an offset; each tail of the interval has
    (1 - level) / 2.

    Raises InputError for other shapes, missing values, one kind of excerpt only, or nothing to
    permute.
    """
    local, total = _checked(local, other)
    design = with_constant(controls, len(local))
    table, exact = _labels(label, contrast, groups, len(local), max_exact, draws, seed)
    label = table[0]

    def tails_at(effect: float) -> tuple[float, float]:
        scores = _scores(local[None], total[None], design, table, effect * label)[0]
        return tails(scores[1:], scores[0], exact=exact)

    scores = _scores(local[None], total[None], design, table, 0 * label)[0]
    slope = _slope(local, total, design, label)
    low, high = invert(tails_at, float(np.clip(slope, -_ENDLESS, _ENDLESS)), level=level)
    return LocalShare(
        ratio=float(np.exp(slope)),
        low=0.0 if slope == -np.inf else float(np.exp(low)),
        high=np.inf if slope == np.inf else float(np.exp(high)),
        p=two_sided(*tails(scores[1:], scores[0], exact=exact)),
        statistic=float(scores[0]),
        assignments=len(table) - 1,
        exact=exact,
        null=scores[1:],
        n=int((total > 0).sum()),
    )


def many_local_shares(
    local,
    other,
    label,
    controls=None,
    groups=None,
    *,
    ratios=(1.0,),
    contrast: float = 1.0,
    max_exact: int = 100_000,
    draws: int = 9_999,
    seed: int,
) -> pd.DataFrame:
    """The test of `local_share` on many simulated outcomes at once, at each of `ratios`.

    local, other : (S, n) outcomes.   ratios : odds ratios to test.   Other arguments as there.

    Returns one row an outcome: ratio (estimate), and for each tested ratio r the tails `below_r`
    and `above_r` (as below_1.5): the two-sided p is twice the smaller one, and the interval lies
    short of r where `below_r` is at most half of 1 - level.

    Raises InputError as `local_share`, of any outcome.
    """
    local, other = np.atleast_2d(local), np.atleast_2d(other)
    pairs = [_checked(*kinds) for kinds in zip(local, other, strict=True)]
    local, total = (np.stack(kind) for kind in zip(*pairs, strict=True))
    n = local.shape[1]
    design = with_constant(controls, n)
    table, exact = _labels(label, contrast, groups, n, max_exact, draws, seed)
    label = table[0]
    slope = _fit(local, total, np.column_stack([design, label]), 0.0)[:, -1]
    slope = np.where(np.abs(slope) > _ENDLESS, np.copysign(np.inf, slope), slope)
    result = {"ratio": np.exp(slope)}
    for ratio in ratios:
        found = _scores(local, total, design, table, np.log(ratio) * label)
        both = [tails(scores[1:], scores[0], exact=exact) for scores in found]
        result[f"below_{ratio:g}"], result[f"above_{ratio:g}"] = np.transpose(both)
    return pd.DataFrame(result)


def _scores(local, total, design, table, offset) -> np.ndarray:
    """Studentised scores of each outcome, (S, labels), from fits with `offset` (n,)."""
    share = expit(_fit(local, total, design, offset) @ design.T + offset)
    residual, weight = local - total * share, total * share * (1 - share)
    return np.stack(
        [studentised_scores(table, *one, design) for one in zip(residual, weight, strict=True)]
    )


def _fit(local, total, design, offset) -> np.ndarray:
    """Binomial regressions of S outcomes (S, n) on one design by Newton's method: (S, k)."""
    coef = np.zeros((len(local), design.shape[1]))

    def likelihood(coef):
        linear = coef @ design.T + offset
        return (local * linear - total * np.logaddexp(0, linear)).sum(axis=1)

    value = likelihood(coef)
    for _ in range(60):
        share = expit(coef @ design.T + offset)
        # the floor keeps the equations solvable where the data separate
        weight = np.maximum(total * share * (1 - share), 1e-12)
        moments = np.einsum("sn,nk,nl->skl", weight, design, design)
        gradient = (local - total * share) @ design
        step = np.clip(np.linalg.solve(moments, gradient[..., None])[..., 0], -5, 5)
        for _ in range(20):  # half a step that went too far
            reached = likelihood(coef + step)
            worse = reached < value - 1e-9 * (1 + np.abs(value))
            if not worse.any():
                break
            step[worse] /= 2
        coef, value = coef + step, reached
        if np.abs(step).max() < 1e-9:
            break
    return coef


def _slope(local, total, design, label) -> float:
    """Log odds ratio of the label by statsmodels, infinite where the data separate."""
    model = sm.GLM(
        np.column_stack([local, total - local])[total > 0],
        np.column_stack([design, label])[total > 0],
        family=sm.families.Binomial(),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # told by an infinite ratio
        slope = float(model.fit(maxiter=50).params[-1])
    return slope if abs(slope) <= _ENDLESS else float(np.copysign(np.inf, slope))


def _labels(label, contrast, groups, n, max_exact, draws, seed) -> tuple[np.ndarray, bool]:
    """The label per contrast, observed first and then permuted; whether these are all."""
    label = inputs.real_numbers(label, "label")
    inputs.same_length(n, label, "label")
    if not contrast > 0:
        raise InputError("the contrast must be positive", value=contrast)
    label = label / contrast
    table, exact = assignments(label, groups, max_exact=max_exact, draws=draws, seed=seed)
    return np.vstack([label, table]), exact


def _checked(local, other) -> tuple[np.ndarray, np.ndarray]:
    """Local excerpts and all excerpts of each unit, (n,)."""
    local = inputs.whole_numbers(local, "local").astype(float)
    other = inputs.whole_numbers(other, "other").astype(float)
    inputs.same_length(len(local), other, "other")
    if local.sum() == 0 or other.sum() == 0:
        raise InputError("a share needs excerpts of both kinds")
    return local, local + other
