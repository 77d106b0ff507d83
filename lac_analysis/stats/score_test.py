"""Score statistics of a label, studentised by unit, for all assignments from one fit; for counts.

A score statistic needs only the model without the label, fitted once: it asks whether the residuals
of the labelled units lean one way. Divided by the square root of the units' squared contributions
it does not depend on how dispersed the outcomes of the labelled units are (Janssen 1997, Stat.
Probab. Lett. 36(1); DiCiccio and Romano 2017, JASA 112(519)).
"""

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.assignments import assignments, tails, two_sided

_CELLS = 60_000


@dataclass(frozen=True)
class ScoreTest:
    """Rate ratio of a label with the permutation distribution of its studentised score.

    Attributes
    ----------
    ratio : rate ratio of labelled against other units (per unit of a score), NB2 regression.
    statistic : the observed studentised score.
    p : two-sided, twice the smaller tail, never below 1 / assignments.
    assignments : number of assignments listed or drawn.
    exact : whether all were listed.
    alpha : NB2 dispersion of the fit without the label (0: Poisson).
    null : (assignments,) the studentised scores.
    n : units.
    """

    ratio: float
    statistic: float
    p: float
    assignments: int
    exact: bool
    alpha: float
    null: np.ndarray
    n: int


def nb2_score_test(
    counts,
    label,
    controls=None,
    groups=None,
    *,
    max_exact: int = 100_000,
    draws: int = 9_999,
    seed: int,
) -> ScoreTest:
    """Test whether labelled units have more events than others with the same controls (NB2).

    counts : (n,) events.   label : (n,) label (0/1) or score.   controls : (n, k) or None.
    groups : (n,) strata within which the label is permuted, or None. Free permutation is the safe
        choice: with three controls, within thirds the test rejected .08 to .09 of true nulls.
    max_exact, draws, seed : see `assignments.assignments`.

    Raises InputError for other shapes, missing values, no events, or nothing to permute.
    Source: Rao (1948), Math. Proc. Camb. Philos. Soc. 44(1), for the score test.
    """
    counts = inputs.whole_numbers(counts, "counts").astype(float)
    design = with_constant(controls, len(counts))
    label = inputs.real_numbers(label, "label")
    inputs.same_length(len(counts), label, "label")
    if counts.sum() == 0:
        raise InputError("no events: nothing to test")
    table, exact = assignments(label, groups, max_exact=max_exact, draws=draws, seed=seed)
    mean, alpha, _ = _fit(counts, design)
    residual, weight = (counts - mean) / (1 + alpha * mean), mean / (1 + alpha * mean)
    scores = studentised_scores(np.vstack([label, table]), residual, weight, design)
    observed, null = scores[0], scores[1:]
    _, _, coef = _fit(counts, np.column_stack([design, label]))
    p = two_sided(*tails(null, observed, exact=exact))
    return ScoreTest(
        float(np.exp(coef)), float(observed), float(p), len(null), exact, alpha, null, len(counts)
    )


def studentised_scores(labels, residual, weight, design) -> np.ndarray:
    """Score of each label, studentised by unit: how far the fit without it is from zero slope.

    The label is brought in by one Newton step from the fit without it, which is a least squares
    regression of residual / weight with these weights: the statistic is the t of the label there,
    with a standard error that takes each unit as a cluster (CR2).

    labels : (B, n).   residual : (n,) outcome less fitted mean, over the variance function's part
        that is not in `weight`.   weight : (n,) of the regression.   design : (n, k), constant
        included.
    Returns (B,), NaN where the controls explain the whole label.
    Source: Bell and McCaffrey (2002), Survey Methodology 28(2), for CR2.
    """
    return one_step(labels, residual, weight, design)[1]


def one_step(labels, residual, weight, design) -> tuple[np.ndarray, np.ndarray]:
    """Effect of each label after one Newton step from the fit without it, (B,), and its studentised
    score, (B,). Arguments as in `studentised_scores`.
    """
    # in pieces that stay in the processor's cache: a third of the time
    pieces = np.array_split(labels, 1 + labels.size // _CELLS)
    found = [_studentised(piece, residual, weight, design) for piece in pieces]
    effects, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return effects, scores


def _studentised(labels, residual, weight, design) -> tuple[np.ndarray, np.ndarray]:
    weighted = weight[:, None] * design
    inverse = np.linalg.pinv(design.T @ weighted, hermitian=True)
    # what the controls leave of each label
    rest = labels - (labels @ weighted @ inverse) @ design.T
    information = rest**2 @ weight
    score = rest @ residual
    explained = labels**2 @ weight * 1e-10 > information
    information[explained] = np.nan
    # residuals after the step, or the label's own effect would swell its standard error
    effect = score / information
    left = residual - effect[:, None] * (rest * weight)
    leverage = (weighted @ inverse * design).sum(axis=1)  # of the controls
    leverage = leverage + rest**2 * weight / information[:, None]
    variance = ((rest * left) ** 2 / np.maximum(1 - leverage, 1e-9)).sum(axis=1)
    return effect, score / np.sqrt(np.where(variance > 0, variance, np.nan))


def with_constant(controls, n: int) -> np.ndarray:
    """A design matrix (n, 1 + k) of a constant and the controls, (n,) or (n, k).

    Raises InputError unless they are finite numbers, one row a unit, and no combination of others.
    """
    if controls is None:
        return np.ones((n, 1))
    columns = np.asarray(controls, dtype=float)
    columns = columns.reshape(-1, 1) if columns.ndim == 1 else columns
    inputs.same_length(n, columns, "controls")
    inputs.real_numbers(columns.ravel(), "controls")
    # log population beside its square: centred and scaled, the same model on safer ground
    spread = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1)
    design = np.column_stack([np.ones(n), scaled])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise InputError("the controls repeat each other or are constant", column="controls")
    return design


def _fit(counts, design) -> tuple[np.ndarray, float, float]:
    """Fitted means, NB2 dispersion and last coefficient; Poisson where there is no dispersion."""
    poisson = sm.GLM(counts, design, family=sm.families.Poisson()).fit()
    excess = ((counts - poisson.mu) ** 2 - counts).sum() / (poisson.mu**2).sum()
    start = np.append(poisson.params, max(excess, 0.05))
    fit = sm.NegativeBinomial(counts, design).fit(
        start, disp=False, maxiter=200, warn_convergence=False, skip_hessian=True
    )
    alpha = float(fit.params[-1])
    if not (fit.mle_retvals["converged"] and alpha > 1e-6):
        return poisson.mu, 0.0, poisson.params[-1]
    return fit.predict(), alpha, fit.params[-2]
