"""Claim 8: is local engagement greater where local leaders have authority?"""

from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims.exposures import need_exposures
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.panel import Selection
from lac_analysis.stats import inequality, power, randomisation
from lac_analysis.tables import Tables

DEFINITIONS = {  # column of countries.csv, and the words for the countries where it is 1
    "federal": ("federal", "federal"),
    "federal_iaep": ("federal_alt_iaep", "federal (IAEP)"),
    "federal_cia": ("federal_alt_cia", "federal (CIA)"),
    "dpi_author": ("dpi_author", "locally authoritative (DPI)"),
}
EXPOSURE_NAMES = {
    "none": "per country",
    "population": "per head",
    "gdp": "per unit of GDP",
    "admin1": "per first-level unit",
    "china_trade": "per unit of trade with China",
}


def estimate(
    tables: Tables, selection: Selection, *, exposure: str, definition: str, undated: str
) -> float:
    """Rate ratio of local engagements, labelled against other countries."""
    need_exposures(selection)
    columns = _columns(tables, selection, undated)
    events, per, label = (
        columns[name] for name in ("engagements", exposure, DEFINITIONS[definition][0])
    )
    labelled, others = label == 1, label == 0
    if not labelled.any() or not events[others].sum():
        raise NotTestable("no engagement outside the labelled countries, or no labelled country")
    return events[labelled].sum() / per[labelled].sum() * per[others].sum() / events[others].sum()


@lru_cache(maxsize=1024)
def _columns(tables: Tables, selection: Selection, undated: str) -> dict[str, np.ndarray]:
    """What `estimate` takes of panel.countries, as plain arrays: it is asked for thousands of
    specifications.
    """
    table = panel.countries(tables, selection, undated=undated)
    names = ("engagements", *panel.EXPOSURES, *(column for column, _ in DEFINITIONS.values()))
    return {name: table[name].to_numpy(dtype=float) for name in names}


def test(
    tables: Tables, selection: Selection, *, seed: int, exposure: str, definition: str, undated: str
) -> Finding:
    """Exact randomisation of the label among countries, for the chosen exposure and for each other
    one.

    Source: Fisher (1935); Ernst (2004), Stat. Sci. 19(4).
    """
    table = _labelled(tables, selection, definition, undated)
    tests = {name: _randomise(table, name, seed) for name in panel.EXPOSURES}
    main, low, high = tests[exposure]
    found = panel.chosen(tables, selection)
    detectable = power.smallest_detectable(
        power.label_power(
            table["engagements"], table[exposure], int(table["labelled"].sum()), seed=seed
        ),
        1.0,
        200.0,
    )
    return Finding(
        estimate=main.statistic,
        low=low,
        high=high,
        interval_method="inversion of the randomisation test",
        p=main.p,
        p_method=f"{'exact' if main.exact else 'sampled'} randomisation of the label, two-sided, "
        f"{main.assignments:,} assignments",
        null_value=1.0,
        n_countries=len(table),
        n_places=found["place_id"].nunique(),
        n_engagements=int(table["engagements"].sum()),
        smallest_detectable=detectable,
        secondary=tuple(
            [
                Result(
                    f"rate ratio {EXPOSURE_NAMES[name]}",
                    t.statistic,
                    lo,
                    hi,
                    t.p,
                    "rate ratio",
                    len(table),
                )
                for name, (t, lo, hi) in tests.items()
            ]
            + _dose_response(table, exposure, seed)
            + _concentration(table, seed)
            + _leave_one_out(table, exposure)
        ),
        detail={"table": table, "tests": tests, "exposure": exposure, "definition": definition},
    )


def _labelled(tables: Tables, selection: Selection, definition: str, undated: str) -> pd.DataFrame:
    need_exposures(selection)
    table = panel.countries(tables, selection, undated=undated)
    column, _ = DEFINITIONS[definition]
    table = table[table[column].notna()]
    table = table.assign(labelled=table[column] == 1)
    if table["engagements"].sum() == 0:
        raise NotTestable("no local engagement in the selection")
    if not 0 < table["labelled"].sum() < len(table):
        raise NotTestable("the countries left are all of one kind, with or without authority")
    return table


def _randomise(table: pd.DataFrame, exposure: str, seed: int):
    arguments = (
        table["engagements"].to_numpy(),
        table[exposure].to_numpy(),
        table["labelled"].to_numpy(),
    )
    return randomisation.label_test(*arguments, seed=seed), *randomisation.interval_by_inversion(
        *arguments, seed=seed
    )


def _dose_response(table: pd.DataFrame, exposure: str, seed: int) -> list[Result]:
    rate = table["engagements"] / table[exposure]
    scores = {
        "dose-response on RAI self-rule, missing dropped": table["rai_self_rule"],
        "dose-response on RAI self-rule, missing as 0": table["rai_self_rule"].fillna(0),
        "dose-response on V-Dem division of power": table["division_of_power"],
    }
    results = []
    for name, score in scores.items():
        known = score.notna()
        if known.sum() < 5 or score[known].nunique() < 2:
            results.append(Result(name, note="too few countries with a score in this window"))
            continue
        slope = randomisation.slope_test(
            rate[known].to_numpy(), score[known].to_numpy(), draws=20_000, seed=seed
        )
        results.append(
            Result(name, slope.statistic, p=slope.p, unit="rank correlation", n=int(known.sum()))
        )
    return results


def _concentration(table: pd.DataFrame, seed: int) -> list[Result]:
    counts = table["engagements"].to_numpy()
    gini = inequality.gini(counts, seed=seed)
    top = inequality.top_share(counts, 5, seed=seed)
    return [
        Result("Gini of local engagements over countries", gini.estimate, *gini.interval, unit="Gini", n=len(counts)),
        Result(
            "share of the five countries with most", top.estimate, *top.interval, unit="share", n=len(counts),
            note=", ".join(table["engagements"].nlargest(5).index),
        ),
    ]  # fmt: skip


def _leave_one_out(table: pd.DataFrame, exposure: str) -> list[Result]:
    events, per, label = (
        table[name].to_numpy(dtype=float) for name in ("engagements", exposure, "labelled")
    )
    rates = []
    for side in (label, 1 - label):
        without = [(values * side).sum() - values * side for values in (events, np.nan_to_num(per))]
        rates.append(np.divide(*without, out=np.zeros(len(label)), where=side.sum() - side > 0))
    known = (rates[1] > 0) & (label.sum() - label > 0)
    ratios = pd.Series(rates[0][known] / rates[1][known], index=table.index[known])
    low, high = ratios.idxmin(), ratios.idxmax()
    note = f"lowest without {low}, highest without {high}"
    middle = float(ratios.median())
    return [
        Result(
            "leave one country out: middle and range",
            middle,
            ratios[low],
            ratios[high],
            n=len(ratios),
            note=note,
        )
    ]
