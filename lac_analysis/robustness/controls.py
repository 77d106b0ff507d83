"""Do the tests find what is there, and only that? Labels that do not matter, and planted effects.

A test that compares countries must bear labels that go with their size. So beside labels at random,
which any permutation test bears, stand labels handed out within thirds by population, as many in
each third as are federal.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import expit
from scipy.stats import kstest

from lac_analysis import claims
from lac_analysis.claims import authority, counts, growth, plan, share
from lac_analysis.panel import Selection
from lac_analysis.robustness.curves import JOINT
from lac_analysis.stats.assignments import assignments, tails, two_sided
from lac_analysis.stats.local_share import many_local_shares
from lac_analysis.stats.proportions import proportion
from lac_analysis.stats.score_test import one_step, with_constant
from lac_analysis.tables import Tables

KINDS = ("labels at random", "labels within thirds", "alphabet halves")
SHARE, PER_HEAD = "local share", "per head (version 1)"
_DRAWS = 999  # assignments in each test of a control
_ALPHA = 0.05
_YEARLY = 1.05  # growth planted in the positive control


def negative(tables: Tables, selection: Selection, *, tests: int, seed: int) -> pd.DataFrame:
    """p-values of the test of the local share, and of version 1's test of engagements per head, on
    the data with labels that do not matter; one row a test: method, labels, ratio (of the label;
    of the local share one Newton step from no effect), p.

    As many countries as are federal get the label at random, or within thirds by population as many
    in each as are federal; or the half of the countries that comes next in the alphabet, from each
    country on (these overlap, so that their p-values are not independent).
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
            for number, label in enumerate(_labels(table, kind, tests, seed)):
                rows.append((method, kind, *test(label, seed + 1 + number)))
    return pd.DataFrame(rows, columns=["method", "labels", "ratio", "p"])


def sizes(controls: pd.DataFrame) -> pd.DataFrame:
    """One row a method and kind of labels: tests, median_ratio (1 where the method does not mistake
    size for the label), size (share of p at or below 0.05) with its exact interval low to high,
    ks_p (Kolmogorov-Smirnov against the uniform distribution).
    """
    rows = []
    for (method, kind), part in controls.groupby(["method", "labels"], sort=False):
        size = proportion(int((part["p"] <= _ALPHA + 1e-12).sum()), len(part), null=_ALPHA)
        ks_p = float(kstest(part["p"], "uniform").pvalue)
        numbers = (part["ratio"].median(), size.estimate, *size.interval, ks_p)
        rows.append((method, kind, len(part), *numbers))
    columns = ["method", "labels", "tests", "median_ratio", "size", "low", "high", "ks_p"]
    return pd.DataFrame(rows, columns=columns)


def positive(
    tables: Tables, selections: dict[str, Selection], *, tests: int, seed: int
) -> pd.DataFrame:
    """Effects planted in the data and tested anew: claim, planted, recovered (median estimate),
    detected (share with p below alpha on the claimed side), low, high (its exact interval).

    Local share: countries of the same third exchange their excerpts, so that no effect is left, and
    of their excerpts as many are drawn as local as twice the SESOI's log odds ratio makes them.
    Growth: the years exchange their counts, and as many engagements are drawn with a yearly growth
    of 5 %.
    """
    rows = []
    for name in (*JOINT, "growth"):
        plant = _plant_growth if name == "growth" else _plant_share
        try:
            planted, drawn = plant(name, tables, selections[name], tests, seed)
        except claims.CANNOT:
            continue
        planned = plan.of(name)
        hits = (drawn["p"] < planned.alpha) & (drawn["estimate"] > planned.null_value)
        share = proportion(int(hits.sum()), len(drawn))
        median = float(drawn["estimate"].median())
        rows.append((name, planted, median, share.estimate, *share.interval))
    columns = ["claim", "planted", "recovered", "detected", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _labels(table: pd.DataFrame, kind: str, tests: int, seed: int) -> np.ndarray:
    """Labels (tests, countries) of one of KINDS; `table` is sorted by ISO3."""
    label = (table["label"] == 1).to_numpy(dtype=float)
    if kind == "alphabet halves":
        n = len(table)
        return np.array([(np.arange(n) - start) % n < n // 2 for start in range(n)], dtype=float)
    groups = table["third"] if kind == "labels within thirds" else None
    return assignments(label, groups, max_exact=1, draws=tests, seed=seed)[0]


def _share_test(countries: pd.DataFrame, controls: str) -> Callable:
    """The plan's test of the local share, from drawn assignments: label, seed -> ratio and p."""
    local = countries["local"].to_numpy()
    design = with_constant(countries[controls.split(" + ")], len(countries))
    total = local + countries["national"].to_numpy()
    kinds = np.column_stack([local, total - local])
    expected = sm.GLM(kinds, design, family=sm.families.Binomial()).fit().mu

    def test(label, seed):
        others, _ = assignments(label, countries["third"], max_exact=1, draws=_DRAWS, seed=seed)
        labels, weight = np.vstack([label, others]), total * expected * (1 - expected)
        effects, scores = one_step(labels, local - total * expected, weight, design)
        return float(np.exp(effects[0])), two_sided(*tails(scores[1:], scores[0], exact=False))

    return test


def _per_head_test(found: pd.DataFrame) -> Callable:
    """Version 1's test, the label given to any countries: label, seed -> rate ratio per head, p."""
    events, people = found["engagements"].to_numpy(), found["population"].to_numpy()

    def rate_ratios(labels):
        inside, outside = labels @ events / (labels @ people), (1 - labels) @ events
        with np.errstate(divide="ignore"):  # no engagement outside
            return inside / (outside / ((1 - labels) @ people))

    def test(label, seed):
        others, _ = assignments(label, max_exact=1, draws=_DRAWS, seed=seed)
        ratio, *null = rate_ratios(np.vstack([label, others]))
        return float(ratio), two_sided(*tails(np.array(null), ratio, exact=False))

    return test


def _plant_share(name: str, tables: Tables, selection: Selection, tests: int, seed: int):
    planned = plan.of(name)
    options = dict(planned.options)
    controls = options.pop("controls")
    countries = claims.CLAIMS[name].table(tables, selection, **options)
    share.check(countries, planned)
    local, national = (countries[kind].to_numpy() for kind in ("local", "national"))
    label = countries["label"].to_numpy()
    planted = float((planned.sesoi / planned.null_value) ** 2)

    own = np.arange(len(countries))
    places, _ = assignments(own, countries["third"], max_exact=1, draws=tests, seed=seed)
    places, rng = places.astype(int), np.random.default_rng(seed + 1)
    logits = np.log((local + 0.5) / (national + 0.5))[places]
    total = (local + national)[places]
    drawn = rng.binomial(total, expit(logits + np.log(planted) * (label - label.mean())))
    design, draws = countries[controls.split(" + ")], {"max_exact": 1, "draws": _DRAWS}
    found = many_local_shares(
        drawn, total - drawn, label, design, countries["third"], **draws, seed=seed
    )
    p = (2 * found[["below_1", "above_1"]].min(axis=1)).clip(upper=1)
    return planted, pd.DataFrame({"estimate": found["ratio"], "p": p})


def _plant_growth(name: str, tables: Tables, selection: Selection, tests: int, seed: int):
    years = growth.table(tables, selection)["engagements"]
    growth.check(years.to_frame(), plan.of(name))
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.tile(years.to_numpy(), (tests, 1)), axis=1)
    rates = (shuffled + 0.5) * _YEARLY ** np.arange(len(years))
    rates *= years.sum() / rates.sum(axis=1, keepdims=True)
    trends = [growth.trend(pd.Series(row, years.index)) for row in rng.poisson(rates)]
    return _YEARLY, pd.DataFrame(
        {"estimate": [t.estimate for t in trends], "p": [t.p for t in trends]}
    )
