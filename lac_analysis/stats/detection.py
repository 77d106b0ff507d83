"""Two independent searches for the same events: what each missed, and counts corrected for it.

What one search found tells how well the other sees: among the events that B found, the share that
A found too is A's detection. Events that are easy to find are found twice, so detection comes out
too high and every total is a lower bound; contrasts between units need only that this inflation is
alike among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import expit
from scipy.stats import norm

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import labels
from lac_analysis.stats.score_test import with_constant

_WEAK = 2.5  # standard deviation of a covariate's coefficient, in logits per standard deviation


@dataclass(frozen=True)
class Detection:
    """Detection of events by two searches.

    units : one row a unit, with n_a, n_b, m (events found by A, by B, by both as linked), matched
        (m corrected for the recall of links), found (by A or B), chapman, low, high (lower bound on
        all its events, 95 % interval; NaN where a search found nothing of its own), p_a, p_b and
        p_found (detection by A, B, either); found / p_found is the corrected count.
    total, total_low, total_high : sum of the units' Chapman estimates, with interval: a lower
        bound on all events.
    """

    units: pd.DataFrame
    total: float
    total_low: float
    total_high: float


def detection(
    events: pd.DataFrame,
    units: pd.DataFrame,
    covariates: Sequence[str],
    *,
    recall=1.0,
    pooling=0.75,
) -> Detection:
    """Detection of each unit's events by each search, partially pooled, and corrected counts.

    events : one row an event, with unit, found_a and found_b (true or false, one of them true).
    units : one row a unit, indexed by its name, with the covariates (numbers or categories).
        Units without events belong here, too.
    recall : share of the events found by both that the deduplication links. Each missed link makes
        one event two, so m is divided by it, up to what the smaller search found.
    pooling : standard deviation of the units' own logits of detection around what the covariates
        predict, as a ridge penalty. 0.75 had the smallest error in simulation; a small value leaves
        the covariates alone, a large one each unit alone.

    Raises InputError where no event was found by both, a value is missing or not 0 or 1, a unit
    has two rows, or an event none.
    Source: Chapman (1951), Univ. Calif. Publ. Stat. 1(7); interval: Chao (1987), Biometrics 43(4);
    detection by regression: Huggins (1989), Biometrika 76(1).
    """
    labels(events["unit"], "unit")
    if units.index.has_duplicates:
        raise InputError("a unit has two rows", value=units.index[units.index.duplicated()][0])
    if len(other := events["unit"][~events["unit"].isin(units.index)]):
        raise InputError("an event of no unit", value=other.iloc[0], expected="a row of units")
    labels(events[["found_a", "found_b"]].to_numpy().ravel(), "found_a and found_b")
    if (other := ~events[["found_a", "found_b"]].isin([0, 1])).any(axis=None):
        wrong = events[["found_a", "found_b"]].to_numpy()[other][0]
        raise InputError(
            "no flag", column="found_a and found_b", value=wrong, expected="true or false"
        )
    a, b = events["found_a"].astype(bool), events["found_b"].astype(bool)
    counts = pd.DataFrame({"n_a": a, "n_b": b, "m": a & b}).groupby(events["unit"]).sum()
    if counts["m"].sum() == 0:
        raise InputError("no event was found by both searches: nothing tells what they missed")
    counts = counts.reindex(units.index, fill_value=0).astype(float)
    counts["matched"] = (counts["m"] / recall).clip(upper=counts[["n_a", "n_b"]].min(axis=1))
    counts["found"] = counts["n_a"] + counts["n_b"] - counts["matched"]
    n_a, n_b, m = counts["n_a"], counts["n_b"], counts["matched"]
    counts["chapman"] = (n_a + 1) * (n_b + 1) / (m + 1) - 1
    # Seber (1970), Biometrics 26(4)
    variance = (n_a + 1) * (n_b + 1) * (n_a - m) * (n_b - m) / ((m + 1) ** 2 * (m + 2))
    variance = variance.where(variance > 0)
    counts["low"], counts["high"] = _interval(counts["found"], counts["chapman"], variance)
    chosen = units[list(covariates)]
    columns = pd.get_dummies(chosen, drop_first=True, dtype=float) if covariates else None
    design = with_constant(columns, len(units))
    counts["p_a"], counts["p_b"] = _fit_detection(counts, design, pooling)
    counts["p_found"] = 1 - (1 - counts["p_a"]) * (1 - counts["p_b"])
    total = float(counts["chapman"].sum())
    low, high = _interval(counts["found"].sum(), total, variance.sum())
    return Detection(counts, total, float(low), float(high))


def _interval(found, estimate, variance):
    """Log-normal interval of the events not found: never below what was found."""
    missed = np.maximum(estimate - found, 1e-9)
    factor = np.exp(norm.ppf(0.975) * np.sqrt(np.log1p(variance / missed**2)))
    return found + missed / factor, found + missed * factor


def _fit_detection(counts, design, pooling) -> tuple[np.ndarray, np.ndarray]:
    """Detection of each unit's events by A and by B.

    One logistic regression of both directions: found by A among those found by B, and the
    reverse, with a dummy for the direction, the covariates, and a term for each unit that is drawn
    towards zero by a ridge penalty: the posterior mode under N(0, pooling^2). A weak N(0, 2.5^2)
    on the standardised covariates keeps a group of units without a match from having no detection
    at all (Gelman et al. 2008, Ann. Appl. Stat. 2(4)).
    """
    n, k = design.shape
    direction = np.repeat([[0.0], [1.0]], n, axis=0)
    columns = np.hstack([np.vstack([design, design]), direction, np.tile(np.eye(n), (2, 1))])
    trials = np.concatenate([counts["n_b"], counts["n_a"]])
    hits = np.concatenate([counts["matched"], counts["matched"]])
    seen = trials > 0
    outcome = np.column_stack([hits, trials - hits])[seen]
    model = sm.GLM(outcome, columns[seen], family=sm.families.Binomial())
    penalty = 1 / np.r_[np.inf, np.full(k - 1, _WEAK), np.inf, np.full(n, pooling)] ** 2
    # Newton's method, to the last digit: statsmodels' fit_regularized stops at the seventh, which
    # is another on another processor
    found = np.zeros(len(penalty))
    for _ in range(50):
        slope = model.score(found) - penalty * found
        if np.abs(slope).max() < 1e-12 * trials.sum():
            break
        found = found - np.linalg.solve(model.hessian(found) - np.diag(penalty), slope)
    else:
        raise InputError("detection cannot be fitted: the covariates may repeat each other")
    p_a, p_b = np.split(expit(columns @ found), 2)
    return p_a, p_b
