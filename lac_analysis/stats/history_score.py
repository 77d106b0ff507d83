"""Does a label that changes over time go with more events? Score test on a panel.

One Poisson regression without the label gives residuals by unit and period. The score asks whether
residuals of labelled cells lean one way; it is studentised by unit, so that a unit's own
over-dispersion is in its error. The whole histories of the label are then handed to other units.
"""

import numpy as np
import pandas as pd
import statsmodels.api as sm

from lac_analysis.errors import InputError
from lac_analysis.stats.assignments import tails
from lac_analysis.stats.estimate import Estimate, labels, real_numbers, two_sided_p


def history_score(events, label, controls, groups, *, draws: int, seed: int) -> Estimate:
    """Test whether labelled cells of a panel have more events, histories permuted within groups.

    events : (units, periods) counts.   label : (units, periods) 0/1 or a score.
    controls : (units, periods, k) columns of the regression without the label, a constant included.
    groups : (units,) strata within which histories change hands.

    Returns the rate ratio of the label, without an interval (NaN), and p; n counts units.

    Raises InputError for missing values, no events, a label that never varies, or one that the
    controls already tell.
    Source: Rao (1948), Math. Proc. Camb. Philos. Soc. 44(1); Janssen (1997), Stat. Probab. Lett.
    36(1).
    """
    n, periods = events.shape
    codes, names = pd.factorize(labels(groups, "groups", n), sort=True)
    real_numbers(np.concatenate([events, label]).ravel(), "events and label")
    if not events.sum() or np.ptp(label) == 0:
        raise InputError("no events, or a label that is the same everywhere")
    design = np.asarray(controls, dtype=float).reshape(n * periods, -1)
    columns = np.column_stack([design, label.ravel()])
    if np.linalg.matrix_rank(columns) == np.linalg.matrix_rank(design):
        raise InputError("the controls tell the label of each unit and period")
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

    rng, null = np.random.default_rng(seed), np.empty(draws)
    for draw in range(draws):
        order = np.arange(n)
        for code in range(len(names)):
            members = np.flatnonzero(codes == code)
            order[members] = rng.permutation(members)
        null[draw] = score(label[order])
    full = sm.GLM(events.ravel(), columns, family=sm.families.Poisson()).fit()
    return Estimate(
        estimate=float(np.exp(full.params[-1])),
        interval=(np.nan, np.nan),
        p=two_sided_p(*tails(null, score(label), exact=False)),
        method="score test in a Poisson regression, histories permuted",
        n=n,
    )
