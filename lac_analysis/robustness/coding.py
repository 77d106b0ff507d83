"""Would the claims change if records had been coded without error? Agreement of two coders, and
MC-SIMEX.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims import plan as plans
from lac_analysis.claims import strained, technology, twinning
from lac_analysis.claims.finding import NotTestable
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import agreement, glm, misclassification, simex
from lac_analysis.stats.batched import CONVERGED, fit_many
from lac_analysis.stats.period_ratio import period_ratios
from lac_analysis.tables import Tables

CODES = {  # what is compared: how a raw code of double_coded.csv is read
    "level, four kinds": ("lac_level", None),
    "local or national": ("lac_level", lambda code: "national" if code == "national" else "local"),
    "type of Chinese actor": ("china_actor_type", None),
    "activity": ("activity_type", None),
    "twinning or not": (
        "activity_type",
        lambda code: "twinning" if code == "twinning" else "other",
    ),
    "technology or not": ("technology", lambda code: "technology" if float(code) else "other"),
}
BINARY = {
    "level": "local or national",
    "twinning": "twinning or not",
    "technology": "technology or not",
}


@dataclass(frozen=True, eq=False)
class Coded:
    """What a claim makes of a binary code.

    Attributes: claim; code (key of BINARY); codes (n,) as recorded; estimator as `simex.mc_simex`
    takes it, on a scale
    on which effects add; log (that scale is the logarithm of a ratio); note.
    """

    claim: str
    code: str
    codes: np.ndarray
    estimator: Callable
    log: bool
    note: str = ""


def reliability(tables: Tables, *, seed: int) -> pd.DataFrame:
    """Agreement of the two coders on the events both found, and on which events there are.

    Columns: what, measure (kappa, alpha, coded alike, found by both, ..), estimate, low, high, n.
    The national records
    of the second coder were capped, so that the last measures are of local events only.
    """
    rows = []
    for what in CODES:
        first, second = _pairs(tables, what)
        for measure, result in (
            ("coded alike", agreement.percent_agreement(first, second)),
            ("Cohen's kappa", agreement.cohen_kappa(first, second)),
            (
                "Krippendorff's alpha",
                agreement.krippendorff_alpha(np.column_stack([first, second]), seed=seed),
            ),
        ):
            rows.append((what, measure, result.estimate, *result.interval, result.n))
    table = tables.double_coded
    local = table[~(table["lac_level_1"].fillna(table["lac_level_2"]) == "national")]
    counts = local["found_by"].value_counts()
    units = agreement.unit_agreement(
        *(int(counts.get(name, 0)) for name in ("both", "first", "second"))
    )
    for measure, share in (
        ("found by both, of either's", units.joint),
        ("found by the first too, of the second's", units.first_recall),
        ("found by the second too, of the first's", units.second_recall),
    ):
        rows.append(("local events", measure, share.estimate, *share.interval, share.n))
    return pd.DataFrame(rows, columns=["what", "measure", "estimate", "low", "high", "n"])


def corrected(
    tables: Tables, selections: dict[str, Selection], *, draws: int, seed: int
) -> pd.DataFrame:
    """Estimates without coding errors: with error rates as the two coders' agreement gives them,
    and at their worst.

    One row a claim, code and error rate: claim, code, errors ('as estimated' or 'upper limit', the
    exact one-sided 95 %
    limit of disagreement), wrong (probability that a code is wrong), naive, estimate, low, high,
    note.
    Source: Kuechenhoff, Mwalili and Lesaffre (2006), Biometrics 62.
    """
    rows = []
    for coded in _coded(tables, selections):
        pairs = agreement.pair_table(*_pairs(tables, BINARY[coded.code]))
        for words, table in (
            ("as estimated", pairs),
            ("upper limit", misclassification.at_most_disagreement(pairs)),
        ):
            errors = misclassification.error_matrix(table)
            shares = table.sum(axis=1) + table.sum(axis=0)
            wrong = float(((1 - np.diag(errors)) * shares).sum() / shares.sum())
            try:
                result = simex.mc_simex(
                    coded.codes, errors, coded.estimator, draws=draws, seed=seed
                )
                values = (result.naive, result.estimate, *result.interval)
                note = coded.note
            except InputError as problem:
                values, note = (math.nan,) * 4, str(problem)
            scale = np.exp if coded.log else np.asarray
            rows.append(
                (
                    coded.claim,
                    coded.code,
                    words,
                    wrong,
                    *(float(scale(value)) for value in values),
                    note,
                )
            )
    columns = ["claim", "code", "errors", "wrong", "naive", "estimate", "low", "high", "note"]
    return pd.DataFrame(rows, columns=columns)


def _pairs(tables: Tables, what: str) -> tuple[np.ndarray, np.ndarray]:
    column, read = CODES[what]
    both = tables.double_coded[tables.double_coded["found_by"] == "both"]
    pairs = both[[f"{column}_1", f"{column}_2"]].dropna()
    if read is not None:
        pairs = pairs.map(read)
    return tuple(pairs[name].astype(str).to_numpy() for name in pairs)


def _coded(tables: Tables, selections: dict[str, Selection]):
    """Each claim that rests on a binary code, where its sample can carry it."""
    for make in (_authority, _strained, _growth, _twinning, _technology):
        try:
            yield make(tables, selections)
        except NotTestable:
            continue


def _any_level(tables: Tables, selection: Selection) -> tuple[pd.DataFrame, np.ndarray]:
    """Engagements of the sample and window whatever their level, and whether they are local or
    national.
    """
    level = tables.engagements["level"]
    seen = tables.replace(
        engagements=tables.engagements.assign(level=level.mask(level == "national", "municipal")),
    )
    found = panel.chosen.__wrapped__(seen, selection)
    if found.empty:
        raise NotTestable("no engagement in the selection")
    return found, np.where(level[found.index] == "national", "national", "local")


_CAPPED = (
    "national records were capped while coding, so that too few of them can turn out to be local"
)


def _authority(tables, selections) -> Coded:
    selection = selections["authority"]
    found, codes = _any_level(tables, selection)
    table = panel.countries(tables, selection)
    at = table.index.get_indexer(found["country"])
    federal, people = table["federal"].to_numpy() == 1, table["population"].to_numpy(dtype=float)
    if not np.isfinite(people).all() or not federal.any() or federal.all():
        raise NotTestable("no exposure, or no two groups")
    inside = federal[at]
    ratio = people[~federal].sum() / people[federal].sum()

    def estimator(drawn):
        local = drawn == "local"
        a, b = (local & inside).sum(1), (local & ~inside).sum(1)
        with np.errstate(divide="ignore"):
            return np.where((a > 0) & (b > 0), np.log(a * ratio / b), np.nan), 1 / a + 1 / b

    return Coded("authority", "level", codes, estimator, True, _CAPPED)


def _strained(tables, selections) -> Coded:
    selection, claim = selections["strained"], plans.load()["strained"]
    found, codes = _any_level(tables, selection)
    dated = found["year"].notna().to_numpy()
    found, codes = found[dated], codes[dated]
    label = strained.labels(tables, selection, claim.primary["definition"])
    cells = panel.country_cells(tables, selection)
    people = cells.pivot(index="iso3", columns="year", values="population").to_numpy(dtype=float)
    if not np.isfinite(people).any():
        raise NotTestable("no exposure in the window")
    isos = sorted(cells["iso3"].unique())
    place = pd.Index(isos).get_indexer(found["country"]) * len(selection.years)
    place = place + found["year"].to_numpy(dtype="int64") - selection.window_start
    own = np.arange(len(isos))[None, :]

    def estimator(drawn):
        counts = [np.bincount(place[codes_ == "local"], minlength=people.size) for codes_ in drawn]
        fit = period_ratios(np.reshape(counts, (-1, *people.shape)), people, label, own)
        estimates, variances = fit.log_ratio[:, 0], ((fit.high - fit.low)[:, 0] / (2 * 1.96)) ** 2
        return np.where(np.isfinite(estimates), estimates, np.nan), variances

    return Coded("strained", "level", codes, estimator, True, _CAPPED)


def _growth(tables, selections) -> Coded:
    selection = selections["growth"]
    found, codes = _any_level(tables, selection)
    dated = found["year"].notna().to_numpy()
    year = found["year"][dated].to_numpy(dtype="int64") - selection.window_start
    n = len(selection.years)
    if n < 5:
        raise NotTestable("too few years")
    X = np.column_stack([np.ones(n), np.arange(n) - (n - 1) / 2])

    def estimator(drawn):
        counts = np.stack([np.bincount(year[row == "local"], minlength=n) for row in drawn])
        fit = fit_many(counts.astype(float), X, family="nb2")
        good = fit.status == CONVERGED
        return np.where(good, fit.coef[:, 1], np.nan), fit.robust_se[:, 1] ** 2

    return Coded("growth", "level", codes[dated], estimator, True, _CAPPED)


def _twinning(tables, selections) -> Coded:
    found = twinning.events(tables, selections["twinning"])
    codes = np.where(found.table["activity"] == "twinning", "twinning", "other")
    earlier = twinning.recorded_earlier(found, plans.load()["twinning"].primary["memoranda"]) | (
        found.prior == 1
    )
    possible = panel.possible(found.table, selections["twinning"]).to_numpy()

    def estimator(drawn):
        shares = []
        for row in drawn:
            first = twinning.first_of(
                np.flatnonzero(row == "twinning"), found.pair, found.start, found.end
            )
            units = first[possible[first]]
            shares.append((earlier[units].mean(), len(units)) if len(units) else (np.nan, np.nan))
        share, n = np.array(shares).T
        return share, share * (1 - share) / n

    return Coded("twinning", "twinning", codes, estimator, False, "lower bound of the share")


def _technology(tables, selections) -> Coded:
    found = technology.company_led_events(tables, selections["technology"], "any")
    if found["technology"].nunique() < 2 or found["year"].nunique() < 3:
        raise NotTestable("technology or the year does not vary")
    codes = np.where(found["technology"] == 1, "technology", "other")
    year = found["year"].to_numpy(dtype=float)
    X = np.column_stack([np.ones(len(year)), (year - year.mean()) / technology.PER])

    def estimator(drawn):
        results = []
        for row in drawn:
            yes = (row == "technology").astype(float)
            apart = yes.sum() in (0, len(yes)) or year[yes == 1].min() >= year[yes == 0].max()
            fit = None if apart else glm.fit_logit(yes, np.ones(len(yes)), X)
            results.append(
                (fit.coef[1], fit.bread[1, 1])
                if fit is not None and fit.converged
                else (np.nan, np.nan)
            )
        return tuple(np.array(results).T)

    return Coded(
        "technology",
        "technology",
        codes,
        estimator,
        True,
        "however found: the primary sample is small",
    )
