"""Would the claims change if records had been coded without error? Two coders, and MC-SIMEX."""

import math
from collections.abc import Callable
<<<<<<< HEAD
from dataclasses import dataclass
=======
>>>>>>> robust

import numpy as np
import pandas as pd
import statsmodels.api as sm

from lac_analysis import claims
from lac_analysis.claims import technology
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
<<<<<<< HEAD
from lac_analysis.stats import agreement, misclassification, simex, trend
from lac_analysis.stats.batched import CONVERGED, fit_many
from lac_analysis.stats.period_ratio import period_ratios
=======
from lac_analysis.robustness.curves import JOINT
from lac_analysis.stats import agreement, misclassification, simex
>>>>>>> robust
from lac_analysis.stats.proportions import proportion
from lac_analysis.tables import Tables

CODES = {  # what is compared -> its column in double_coded, and how a code is read
    "level, four kinds": ("lac_level", None),
    "local or national": ("lac_level", lambda code: "national" if code == "national" else "local"),
    "type of Chinese actor": ("china_actor_type", None),
    "activity": ("activity_type", None),
    "technology or not": ("technology", lambda code: "technology" if float(code) else "other"),
}
ROUNDS = {"first two rounds": "ABCDE", "third round": "MNOP"}  # letters of the coders of queries
_LARGEST = 10.0  # standard error of a log odds ratio beyond which the data separate
ENGAGEMENTS = "local engagements found by both, of either's"


def reliability(tables: Tables) -> pd.DataFrame:
    """Agreement of two coders on the events that both found, by code and round, and on which local
    events there are (the second coder's national ones were capped).

    Columns round, code, measure (Cohen's kappa; of events, the share found by both), estimate, low,
    high, alike (share coded alike), n.
    """
    rows = []
<<<<<<< HEAD
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
    both, first, second = (int(counts.get(name, 0)) for name in ("both", "first", "second"))
    for measure, found in (
        ("found by both, of either's", both + first + second),
        ("found by the first too, of the second's", both + second),
        ("found by the second too, of the first's", both + first),
    ):
        share = proportion(both, found)
        rows.append(("local events", measure, share.estimate, *share.interval, share.n))
    return pd.DataFrame(rows, columns=["what", "measure", "estimate", "low", "high", "n"])
=======
    for name in ROUNDS:
        table = _of_round(tables, name)
        for code in CODES:
            first, second = _pairs(table, code)
            if not len(first):
                continue
            kappa = agreement.cohen_kappa(first, second)
            alike = agreement.percent_agreement(first, second).estimate
            row = (name, code, "Cohen's kappa", kappa.estimate, *kappa.interval, alike, kappa.n)
            rows.append(row)
        level = table["lac_level_1"].where(table["lac_level_1"] != "", table["lac_level_2"])
        local = table[level.fillna("") != "national"]
        if len(local):
            both = proportion(int((local["found_by"] == "both").sum()), len(local))
            row = (name, ENGAGEMENTS, "share", both.estimate, *both.interval, math.nan, len(local))
            rows.append(row)
    columns = ["round", "code", "measure", "estimate", "low", "high", "alike", "n"]
    return pd.DataFrame(rows, columns=columns)
>>>>>>> robust


def corrected(
    tables: Tables, selections: dict[str, Selection], *, draws: int, seed: int
) -> pd.DataFrame:
    """Odds ratios without coding errors (MC-SIMEX): the trend in technology, and the local share.

    Error rates are those that two coders' agreement on engagements suggests, and those at the exact
    one-sided 95 % limit of their disagreement. For the local share they are too high, if anything:
    whether an excerpt is local is easier to say than at what level an engagement is. Columns claim,
    sample, errors ('as estimated' or 'upper limit'), wrong (share of codes that are), naive,
    estimate, low, high, note.
    Source: Kuechenhoff, Mwalili and Lesaffre (2006), Biometrics 62.
    """
    rows = []
    pairs = _pairs(tables.double_coded, "technology or not")
    for sample, events in _technology(tables, selections["technology"]).items():
        codes = np.where(events["technology"] == 1, "technology", "other")
        estimator = _trend_estimator(events)
        rows += _simex("technology", sample, codes, pairs, estimator, draws, seed)
    pairs = _pairs(tables.double_coded, "local or national")
    for name in JOINT:
        countries = claims.CLAIMS[name].table(tables, selections[name], **_choices(name))
        codes = np.concatenate([np.repeat(k, countries[k].sum()) for k in ("local", "national")])
        estimator = _share_estimator(countries, claims.plan(name).options["controls"])
        rows += _simex(name, "excerpts of N1-N5", codes, pairs, estimator, draws, seed)
    columns = ["claim", "sample", "errors", "wrong", "naive", "estimate", "low", "high", "note"]
    return pd.DataFrame(rows, columns=columns)


def _of_round(tables: Tables, name: str) -> pd.DataFrame:
    table = tables.double_coded
    return table[table["query_id"].str[0].isin(list(ROUNDS[name]))]


def _pairs(table: pd.DataFrame, code: str) -> tuple[np.ndarray, np.ndarray]:
    """The two coders' codes of the events that both found and coded."""
    column, read = CODES[code]
    both = table[table["found_by"] == "both"][[f"{column}_1", f"{column}_2"]]
    both = both.replace("", np.nan).dropna()
    return tuple((both.map(read) if read else both).astype(str).to_numpy().T)


def _choices(claim: str) -> dict:
    """The plan's choices for a claim's table."""
    return {k: v for k, v in claims.plan(claim).options.items() if k != "controls"}


def _simex(claim, sample, codes, pairs, estimator, draws, seed) -> list[tuple]:
    rows = []
    for words, adjust in (
        ("as estimated", None),
        ("upper limit", misclassification.at_most_disagreement),
    ):
        wrong, values, note = math.nan, [math.nan] * 4, ""
        try:
            counts = agreement.pair_table(*pairs)
            counts = adjust(counts) if adjust else counts
            errors = misclassification.error_matrix(counts)
            shares = counts.sum(axis=1) + counts.sum(axis=0)
            wrong = float(((1 - np.diag(errors)) * shares).sum() / shares.sum())
            result = simex.mc_simex(codes, errors, estimator, draws=draws, seed=seed)
            values = np.exp([result.naive, result.estimate, *result.interval]).tolist()
        except InputError as problem:
            note = str(problem)
        rows.append((claim, sample, words, wrong, *values, note))
    return rows


def _technology(tables: Tables, selection: Selection) -> dict[str, pd.DataFrame]:
    """The samples of company-led engagements in which there is a trend to estimate."""
    samples = {
        "found by T5 or N4": technology.table(tables, selection, templates="fixed"),
        "however found": technology.company_led(tables, selection).assign(found_by_n4=0),
    }
    kept = {}
    for name, events in samples.items():
        try:
            technology.trend(events)
        except claims.CANNOT:
            continue
        kept[name] = events
    return kept


def _trend_estimator(events: pd.DataFrame) -> Callable:
    """Log odds ratio a decade, with its variance, for each row of drawn codes."""
    decades = (events["year"] - events["year"].mean()) / technology.PER
    query = events["found_by_n4"] if events["found_by_n4"].nunique() > 1 else None
    columns = [decades, np.ones(len(events)), *([] if query is None else [query])]
    design = np.column_stack(columns)
    return lambda drawn: _each(drawn, lambda codes: _logit((codes == "technology") * 1.0, design))


def _share_estimator(countries: pd.DataFrame, controls: str) -> Callable:
    """Log odds ratio of the label, with its variance, for each row of drawn codes of excerpts."""
    numbers = np.arange(len(countries))
    of = np.concatenate([np.repeat(numbers, countries[kind]) for kind in ("local", "national")])
    total = countries["local"] + countries["national"]
    design = countries[["label", *controls.split(" + ")]].assign(constant=1.0).to_numpy()

    def one(codes):
        local = np.bincount(of[codes == "local"], minlength=len(countries))
        return _logit(np.column_stack([local, total - local]), design)

    return lambda drawn: _each(drawn, one)


def _each(drawn: np.ndarray, fit: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and variances of every row of codes."""
    return tuple(np.transpose([fit(codes) for codes in drawn]))


<<<<<<< HEAD
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
    x = (year - year.mean()) / technology.PER

    def estimator(drawn):
        fits = [trend.logistic_slope((row == "technology").astype(float), x) for row in drawn]
        _, slopes, errors = np.array(fits).T
        return slopes, errors**2

    return Coded(
        "technology",
        "technology",
        codes,
        estimator,
        True,
        "however found: the primary sample is small",
    )
=======
def _logit(y: np.ndarray, design: np.ndarray) -> tuple[float, float]:
    """First coefficient of a binomial regression and its variance; NaN where the data separate."""
    with np.errstate(all="ignore"):
        fit = sm.GLM(y, design, family=sm.families.Binomial()).fit(maxiter=30)
    spread = float(fit.bse[0])
    if not fit.converged or not spread < _LARGEST:
        return math.nan, math.nan
    return float(fit.params[0]), spread**2
>>>>>>> robust
