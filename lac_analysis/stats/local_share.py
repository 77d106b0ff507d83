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
from lac_analysis.stats.assignments import assignments, invert, tails
from lac_analysis.stats.estimate import Estimate, real_numbers, two_sided_p
from lac_analysis.stats.score_test import one_step, with_constant

_ENDLESS = 12.0  # a log odds ratio beyond this says that the data separate


@dataclass(frozen=True, kw_only=True)
class LocalShare(Estimate):
    """Odds ratio of a label on the share of local excerpts, with its permutation distribution.

    estimate : odds ratio, labelled against other units, or per unit of a score; binomial regression
        on label and controls. 0 or inf where the data separate.
    interval : by inversion; 0 or inf where no value on that side is rejected.
    p : two-sided, twice the smaller tail, never below 1 / assignments.
    n : units with at least one excerpt.
    statistic : the observed studentised score.
    assignments : number of assignments listed or drawn.
    exact : whether all were listed.
    null : (assignments,) the studentised scores.
    """

    statistic: float
    assignments: int
    exact: bool
    null: np.ndarray


def local_share(
    local, other, label, controls=None, groups=None, *, level=0.95, draws=9_999, seed: int
) -> LocalShare:
    """Test whether labelled units have a larger share of local excerpts than others.

    local, other : (n,) excerpts of either kind; units without any stay in the permutation.
    label : (n,) label (0/1) or score.   controls : (n, k), (n,) or None.   groups : (n,) strata
        within which the label is permuted, or None.   level : of the interval.   draws, seed : see
        `assignments.assignments`.

    To test a ratio r0, log(r0) times the label is an offset; each tail of the interval has
    (1 - level) / 2.

    Raises InputError for missing values, one kind of excerpt only, or nothing to permute.
    """
    local, total = _counts(local, other)
    design = with_constant(controls, local.shape[1])
    others, exact = assignments(label, groups, draws=draws, seed=seed)
    table = np.vstack([np.asarray(label, dtype=float), others])
    label = table[0] - table[0].mean()  # the constant takes the rest; offsets stay small

    def tails_at(effect: float) -> tuple[float, float]:
        scores = _scores(local, total, design, table, effect * label)[0]
        return tails(scores[1:], scores[0], exact=exact)

    scores = _scores(local, total, design, table, 0.0)[0]
    slope = _slope(local[0], total[0], design, label)
    low, high = invert(tails_at, float(np.clip(slope, -_ENDLESS, _ENDLESS)), level=level)
    if np.isinf(slope):  # separated: nothing bounds the ratio on that side
        low, high = (low, slope) if slope > 0 else (slope, high)
    return LocalShare(
        estimate=float(np.exp(slope)),
        interval=(float(np.exp(low)), float(np.exp(high))),
        p=two_sided_p(*tails(scores[1:], scores[0], exact=exact)),
        method="permutation test, interval by its inversion",
        n=int((total > 0).sum()),
        statistic=float(scores[0]),
        assignments=len(others),
        exact=exact,
        null=scores[1:],
    )


def many_local_shares(
    local, other, label, controls, groups, *, ratios=(1.0,), max_exact=100_000, draws=9_999, seed
) -> pd.DataFrame:
    """The test of `local_share` on many simulated outcomes at once, at each of `ratios`.

    local, other : (S, n) outcomes.   ratios : odds ratios to test.   max_exact : see
        `assignments.assignments`.   Other arguments as there.

    Returns one row an outcome: ratio (estimate), and for each tested ratio r the tails `below_r`
    and `above_r` (as below_1.5): the two-sided p is twice the smaller one, and the interval lies
    short of r where `below_r` is at most half of 1 - level.

    Raises InputError as `local_share`, of any outcome.
    """
    local, total = _counts(local, other)
    design = with_constant(controls, local.shape[1])
    others, exact = assignments(label, groups, max_exact=max_exact, draws=draws, seed=seed)
    table = np.vstack([np.asarray(label, dtype=float), others])
    label = table[0] - table[0].mean()
    slope = log_odds_ratios(local, total, np.column_stack([design, label]))
    result = {"ratio": np.exp(slope)}
    for ratio in ratios:
        found = _scores(local, total, design, table, np.log(ratio) * label)
        both = [tails(scores[1:], scores[0], exact=exact) for scores in found]
        result[f"below_{ratio:g}"], result[f"above_{ratio:g}"] = np.transpose(both)
    return pd.DataFrame(result)


def log_odds_ratios(local, total, design) -> np.ndarray:
    """Coefficient of the last column of `design` (n, k) in the binomial regression of each of S
    outcomes `local` (S, n) of `total` trials: (S,), infinite where the data separate.
    """
    slope = _fit(local, total, design, 0.0)[:, -1]
    return np.where(np.abs(slope) > _ENDLESS, np.copysign(np.inf, slope), slope)


def _counts(local, other) -> tuple[np.ndarray, np.ndarray]:
    """Local excerpts and all excerpts of each outcome and unit, (S, n)."""
    local, other = (np.atleast_2d(np.asarray(kind, dtype=float)) for kind in (local, other))
    for kind, name in ((local, "local"), (other, "other")):
        real_numbers(kind.ravel(), name)
    if not (local.sum(axis=1).all() and other.sum(axis=1).all()):
        raise InputError("a share needs excerpts of both kinds")
    return local, local + other


def _scores(local, total, design, table, offset) -> np.ndarray:
    """Studentised scores of each outcome, (S, labels), from fits with `offset` (n,)."""
    share = expit(_fit(local, total, design, offset) @ design.T + offset)
    residual, weight = local - total * share, total * share * (1 - share)
    each = zip(residual, weight, strict=True)
    return np.stack([one_step(table, *one, design)[1] for one in each])


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
        step = np.linalg.solve(moments, gradient[..., None])[..., 0]
        # shorter as a whole: in another direction it would not lead upwards
        step /= np.maximum(1, np.abs(step).max(axis=1, keepdims=True) / 5)
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
    known, columns = total > 0, np.column_stack([design, label])
    kinds = np.column_stack([local, total - local])
    model = sm.GLM(kinds[known], columns[known], family=sm.families.Binomial())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # told by an infinite ratio
        slope = float(model.fit(maxiter=50).params[-1])
    return slope if abs(slope) <= _ENDLESS else float(np.copysign(np.inf, slope))
