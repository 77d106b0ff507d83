"""Would the claims change if records had been coded without error? Two coders, and MC-SIMEX."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from lac_analysis import claims
from lac_analysis.claims import plan, share, technology
from lac_analysis.errors import InputError
from lac_analysis.robustness.curves import JOINT
from lac_analysis.selection import Selection
from lac_analysis.stats import agreement, simex
from lac_analysis.stats.local_share import log_odds_ratios
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
ENGAGEMENTS = "local engagements found by both, of either's"


def reliability(tables: Tables) -> pd.DataFrame:
    """Agreement of two coders on the events that both found, by code and round, and on which local
    events there are (the second coder's national ones were capped).

    Columns round, code, measure (Cohen's kappa; of events, the share found by both), estimate, low,
    high, alike (share coded alike), n.
    """
    rows = []
    for name, letters in ROUNDS.items():
        table = tables.double_coded
        table = table[table["query_id"].str[0].isin(list(letters))]
        for code in CODES:
            first, second = _pairs(table, code)
            if not len(first):
                continue
            kappa = agreement.cohen_kappa(first, second)
            numbers = (kappa.estimate, *kappa.interval, (first == second).mean(), kappa.n)
            rows.append((name, code, "Cohen's kappa", *numbers))
        level = table["lac_level_1"].where(table["lac_level_1"] != "", table["lac_level_2"])
        local = table[level.fillna("") != "national"]
        if len(local):
            both = proportion(int((local["found_by"] == "both").sum()), len(local))
            numbers = (both.estimate, *both.interval, math.nan, len(local))
            rows.append((name, ENGAGEMENTS, "share", *numbers))
    columns = ["round", "code", "measure", "estimate", "low", "high", "alike", "n"]
    return pd.DataFrame(rows, columns=columns)


def corrected(
    tables: Tables, selections: dict[str, Selection], *, draws: int, seed: int
) -> pd.DataFrame:
    """Odds ratios without coding errors (MC-SIMEX): the trend in technology, and the local share.

    Error rates are those that two coders' agreement on engagements suggests, and those at the exact
    one-sided 95 % limit of their disagreement. For the local share they are too high, if anything:
    whether an excerpt is local is easier to say than at what level an engagement is. Columns claim,
    sample, errors ('as estimated' or 'upper limit'), wrong (share of codes that are), naive,
    estimate, note.
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
        planned, options = plan.of(name), dict(plan.of(name).options)
        controls = options.pop("controls")
        try:
            countries = claims.CLAIMS[name].table(tables, selections[name], **options)
            share.check(countries, planned)
        except claims.CANNOT:
            continue
        codes = np.concatenate([np.repeat(k, countries[k].sum()) for k in ("local", "national")])
        estimator = _share_estimator(countries, controls)
        rows += _simex(name, "excerpts of N1-N5", codes, pairs, estimator, draws, seed)
    columns = ["claim", "sample", "errors", "wrong", "naive", "estimate", "note"]
    return pd.DataFrame(rows, columns=columns)


def _pairs(table: pd.DataFrame, code: str) -> tuple[np.ndarray, np.ndarray]:
    """The two coders' codes of the events that both found and coded."""
    column, read = CODES[code]
    both = table[table["found_by"] == "both"][[f"{column}_1", f"{column}_2"]]
    both = both.replace("", np.nan).dropna()
    return tuple((both.map(read) if read else both).astype(str).to_numpy().T)


def _simex(claim, sample, codes, pairs, estimator, draws, seed) -> list[tuple]:
    """The two rows of `corrected` for one claim and sample."""
    rows = []
    for words in ("as estimated", "upper limit"):
        wrong, values, note = math.nan, [math.nan] * 2, ""
        try:
            counts = agreement.pair_table(*pairs)
            if words == "upper limit":
                counts = simex.at_most_disagreement(counts)
            errors = simex.error_matrix(counts)
            shares = counts.sum(axis=1) + counts.sum(axis=0)
            wrong = float(((1 - np.diag(errors)) * shares).sum() / shares.sum())
            result = simex.mc_simex(codes, errors, estimator, draws=draws, seed=seed)
            values = np.exp([result.naive, result.estimate]).tolist()
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
    for name, events in list(samples.items()):
        try:
            technology.trend(events)
        except claims.CANNOT:
            del samples[name]
    return samples


def _trend_estimator(events: pd.DataFrame) -> Callable:
    """Sets of codes of engagements -> log odds ratios a decade."""
    decades = (events["year"] - events["year"].mean()) / technology.PER
    query = [events["found_by_n4"]] if events["found_by_n4"].nunique() > 1 else []
    design = np.column_stack([np.ones(len(events)), *query, decades])
    return lambda codes: log_odds_ratios((codes == "technology") * 1.0, 1.0, design)


def _share_estimator(countries: pd.DataFrame, controls: str) -> Callable:
    """Sets of codes of excerpts -> log odds ratios of the label."""
    of = np.concatenate([np.repeat(countries.index, countries[k]) for k in ("local", "national")])
    excerpts = (of[:, None] == countries.index.to_numpy()).astype(float)  # (excerpts, countries)
    design = countries[[*controls.split(" + "), "label"]].assign(constant=1.0)
    design = design[["constant", *design.columns[:-1]]].to_numpy(dtype=float)
    total = excerpts.sum(axis=0)
    return lambda codes: log_odds_ratios((codes == "local") @ excerpts, total, design)
