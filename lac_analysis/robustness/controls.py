"""Do the tests find only what is there? Labels that do not matter.

A test that compares countries must bear labels that go with their size. So beside labels at random,
which any permutation test bears, stand labels handed out within thirds by population, as many in
each third as are federal.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from lac_analysis import claims
from lac_analysis.claims import authority, counts, plan, share
from lac_analysis.robustness.curves import null_fit
from lac_analysis.selection import Selection
from lac_analysis.stats.assignments import assignments, tails
from lac_analysis.stats.estimate import two_sided_p
from lac_analysis.stats.proportions import proportion
from lac_analysis.stats.score_test import one_step
from lac_analysis.tables import Tables

KINDS = ("labels at random", "labels within thirds")
SHARE, PER_HEAD = "local share", "per head (version 1)"
_DRAWS = 999  # assignments in each test of a control


def negative(tables: Tables, selection: Selection, *, tests: int, seed: int) -> pd.DataFrame:
    """p-values of the test of the local share, and of version 1's test of engagements per head, on
    the data with labels that do not matter; one row a test: method, labels, ratio (of the label;
    of the local share one Newton step from no effect), p.

    As many countries as are federal get the label at random, or within thirds by population as many
    in each as are federal.
    """
    planned = plan.of("authority")
    options = dict(planned.options)
    controls = options.pop("controls")
    rows = []
    try:
        countries = authority.table(tables, selection, **options).sort_index()
        share.check(countries, planned)
        found = counts.table(tables, selection, countries["label"]).sort_index()
        methods = (
            (SHARE, countries, _share_test(countries, controls)),
            (PER_HEAD, found, _per_head_test(found)),
        )
    except claims.CANNOT:
        methods = ()
    for kind in KINDS:
        for method, table, test in methods:
            label = (table["label"] == 1).to_numpy(dtype=float)
            groups = table["third"] if kind == "labels within thirds" else None
            labels, _ = assignments(label, groups, max_exact=1, draws=tests, seed=seed)
            for number, label in enumerate(labels):
                rows.append((method, kind, *test(label, seed + 1 + number)))
    return pd.DataFrame(rows, columns=["method", "labels", "ratio", "p"])


def sizes(controls: pd.DataFrame) -> pd.DataFrame:
    """One row a method and kind of labels: tests, median_ratio (1 where the method does not mistake
    size for the label), size (share of p at or below 0.05) with its exact interval low to high.
    """
    rows = []
    for (method, kind), part in controls.groupby(["method", "labels"], sort=False):
        size = proportion(int((part["p"] <= 0.05 + 1e-12).sum()), len(part))
        numbers = (part["ratio"].median(), size.estimate, *size.interval)
        rows.append((method, kind, len(part), *numbers))
    columns = ["method", "labels", "tests", "median_ratio", "size", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _share_test(countries: pd.DataFrame, controls: str) -> Callable:
    """The plan's test of the local share, from drawn assignments: label, seed -> ratio and p."""
    fit = null_fit(countries, controls)

    def test(label, seed):
        others, _ = assignments(label, countries["third"], max_exact=1, draws=_DRAWS, seed=seed)
        labels = np.vstack([label, others])
        effects, scores = one_step(labels, fit.residual, fit.weight, fit.design)
        return float(np.exp(effects[0])), two_sided_p(*tails(scores[1:], scores[0], exact=False))

    return test


def _per_head_test(found: pd.DataFrame) -> Callable:
    """Version 1's test, the label given to any countries: label, seed -> rate ratio per head, p."""
    events, people = found["engagements"].to_numpy(), found["population"].to_numpy()

    def test(label, seed):
        others, _ = assignments(label, max_exact=1, draws=_DRAWS, seed=seed)
        labels = np.vstack([label, others])
        inside, outside = labels @ events / (labels @ people), (1 - labels) @ events
        with np.errstate(divide="ignore"):  # no engagement outside
            ratios = inside / (outside / ((1 - labels) @ people))
        return float(ratios[0]), two_sided_p(*tails(ratios[1:], ratios[0], exact=False))

    return test
