"""Does a label that changes over time go with more events? Score test on a panel.

One Poisson regression without the label gives residuals by unit and period. The score asks whether
residuals of labelled cells lean one way; it is studentised by unit, so that a unit's own
over-dispersion is in its error. The whole histories of the label are then handed to other units.
"""

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.assignments import tails, two_sided


@dataclass(frozen=True)
class HistoryScore:
    """Rate ratio of a label with the permutation distribution of its studentised score.

    Attributes
    ----------
    ratio : rate ratio of labelled against other cells, Poisson with the same controls.
    p : two-sided, twice the smaller tail, (1 + b) / (1 + B).
    statistic : the observed studentised score.   null : (draws,) those of permuted histories.
    n : number of units.
    """

    ratio: float
    p: float
    statistic: float
    null: np.ndarray
    n: int


def history_score(events, label, controls, groups, *, draws: int, seed: int) -> HistoryScore:
    """Test whether labelled cells of a panel have more events, histories permuted within groups.

    Parameters
    ----------
    events : (units, periods) counts.   label : (units, periods) 0/1 or a score.
    controls : (units, periods, k) columns of the regression without the label, a constant included.
    groups : (units,) strata within which histories change hands.

    Raises InputError for other shapes, missing values, no events or a label that never varies.
    Source: Rao (1948), Math. Proc. Camb. Philos. Soc. 44(1); Janssen (1997), Stat. Probab. Lett.
    36(1).
    """
    events, label = (np.asarray(values, dtype=float) for values in (events, label))
    n, periods = events.shape
    groups = inputs.labels(groups, n, "groups")
    if label.shape != events.shape or not (np.isfinite(events) & np.isfinite(label)).all():
        raise InputError("events and label must be numbers, one for each unit and period")
    if not events.sum() or np.ptp(label) == 0:
        raise InputError("no events, or a label that is the same everywhere")
    design = np.asarray(controls, dtype=float).reshape(n * periods, -1)
    fitted = sm.GLM(events.ravel(), design, family=sm.families.Poisson()).fit()
    residual = (events.ravel() - fitted.mu).reshape(n, periods)
    # what the controls explain of a label, least squares with the Poisson weights
    weighted = design * fitted.mu[:, None]
    explain = np.linalg.pinv(design.T @ weighted) @ weighted.T

    def score(history: np.ndarray) -> float:
        left = (history.ravel() - design @ (explain @ history.ravel())).reshape(n, periods)
        contributions = (left * residual).sum(axis=1)
        spread = np.sqrt((contributions**2).sum())
        return contributions.sum() / spread if spread > 1e-12 else np.nan

    rng = np.random.default_rng(seed)
    null = np.empty(draws)
    for draw in range(draws):
        order = np.arange(n)
        for group in range(groups.max() + 1):
            members = np.flatnonzero(groups == group)
            order[members] = rng.permutation(members)
        null[draw] = score(label[order])
    observed = score(label)
    full = sm.GLM(
        events.ravel(), np.column_stack([design, label.ravel()]), family=sm.families.Poisson()
    ).fit()
    p = two_sided(*tails(null, observed, exact=False))
    return HistoryScore(float(np.exp(full.params[-1])), float(p), float(observed), null, n)
