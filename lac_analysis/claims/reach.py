"""Claim 7: does local engagement reach the whole region, smaller countries included?"""

import numpy as np
import pandas as pd

from lac_analysis import charts, panel
from lac_analysis.charts import Picture
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.proportions import proportion
from lac_analysis.tables import Tables

SMALL = 1_500_000  # people, on average over the window; the same states as `small_state`
BEIJING, TAIPEI = "Beijing throughout", "Taipei in some year"


def table(tables: Tables, selection: Selection, *, undated: str, at_least: int) -> pd.DataFrame:
    """One row a country, indexed by ISO3: country, engagements, reached, small, recognition
    (whether it recognised Taipei in some year of the window), and query_records (what its own
    queries gave, of any level and date).
    """
    inputs.one_of(undated, ("exclude", "include"), "undated")
    if at_least < 1:
        raise InputError("parameter at_least", value=at_least, expected="a number from 1 on")
    countries = panel.countries(tables, selection, undated=undated)
    cells = panel.country_cells(tables, selection).groupby("iso3")
    people = cells["population"].mean().reindex(countries.index)
    roc = cells["roc_recognition"].max().reindex(countries.index)
    queries = tables.search_log[tables.search_log["template"].str.match("[TN]")]
    records = queries.groupby("target")["records_coded"].sum()
    return countries[["country", "engagements"]].assign(
        reached=countries["engagements"] >= at_least,
        small=(people < SMALL).where(people.notna(), countries["small_state"] == 1),
        recognition=np.where(roc > 0, TAIPEI, BEIJING),
        query_records=records.reindex(countries.index, fill_value=0),
    )


def check(countries: pd.DataFrame, plan: Plan) -> None:
    """Raise NotTestable where the countries cannot carry the test of the plan."""
    if not countries["engagements"].sum():
        raise NotTestable("no local engagement in the selection")
    plan.require("countries", len(countries), f"{len(countries)} countries are left")
    if not countries["small"].any():
        raise NotTestable("no state of fewer than 1.5 million people is left in the selection")


def estimate(tables: Tables, selection: Selection, *, undated: str, at_least: int) -> float:
    """Share of the countries with at least `at_least` local engagements."""
    counts = panel.countries(tables, selection, undated=undated)["engagements"]
    if not counts.sum():
        raise NotTestable("no local engagement in the selection")
    return float((counts >= at_least).mean())


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, **choices) -> Finding:
    """The steps of notebook 07: exact binomial of the countries reached against one half. `choices`
    as in `table`.
    """
    countries = table(tables, selection, **choices)
    check(countries, plan)
    k, n = int(countries["reached"].sum()), len(countries)
    test = proportion(k, n, null=plan.null_value, level=plan.level)
    power = verdict.exact_design(n, plan)
    found = engagements(tables, selection, choices["undated"])
    return finding(countries, test, power, found, searches(tables, selection), plan)


def engagements(tables: Tables, selection: Selection, undated: str) -> pd.DataFrame:
    """The engagements that count, one row each."""
    found = panel.chosen(tables, selection, any_date=undated == "include")
    return found[panel.possible(found, selection)]


def searches(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Countries reached by each of two independent searches: booleans first and second."""
    each = {
        name: panel.countries(tables, selection.replace(collection=collection), undated="include")
        for name, collection in (("first", "neutral_t"), ("second", "neutral_n"))
    }
    return pd.DataFrame({name: countries["engagements"] > 0 for name, countries in each.items()})


def finding(
    countries: pd.DataFrame, test: Estimate, power: pd.DataFrame, found: pd.DataFrame,
    searched: pd.DataFrame, plan: Plan,
) -> Finding:  # fmt: skip
    """The finding: countries reached, by size and by recognition.

    countries : of `table`.   test : against one half.   power : of `design`.
    found : of `engagements`.   searched : of `searches`.
    """
    small = countries.loc[countries["small"], "reached"].mean()
    return Finding.of(
        test,
        power,
        interval_method="Clopper-Pearson",
        p_method=f"exact binomial test against {plan.null_value:g}, two-sided",
        n_countries=len(countries),
        n_places=found["place_id"].nunique(),
        n_engagements=len(found),
        attainable=1.0,
        conditions={"small_states_reached": bool(small >= plan.sesoi)},
        secondary=(*_shares(countries, plan.level), _both_searches(searched)),
        detail={"table": countries},
    )


def _shares(countries: pd.DataFrame, level: float) -> list[Result]:
    """Share reached with exact interval, by kind of state."""
    small, beijing = countries["small"], countries["recognition"] == BEIJING
    results = []
    for states, chosen in {
        "all states": small | ~small,
        "small states": small,
        "larger states": ~small,
        "recognised Beijing throughout": beijing,
        "recognised Taipei in some year": ~beijing,
    }.items():
        k, n = int(countries.loc[chosen, "reached"].sum()), int(chosen.sum())
        if n:
            share, name = proportion(k, n, level=level), f"share reached, {states}"
            interval = share.interval
            results.append(
                Result(
                    name, share.estimate, *interval, None, "share of countries", n, f"{k} of {n}"
                )
            )
    return results


def _both_searches(searched: pd.DataFrame) -> Result:
    """Lower bound of the countries with any engagement from two independent searches (Chapman)."""
    first, second = (int(searched[name].sum()) for name in ("first", "second"))
    both = int(searched.all(axis=1).sum())
    total = (first + 1) * (second + 1) / (both + 1) - 1
    note = f"{both} by both, {first - both} by the first alone, {second - both} by the second alone"
    name = "countries with a local engagement, corrected for what both searches miss (Chapman)"
    return Result(name, min(total, len(searched)), unit="countries", n=len(searched), note=note)


@drawn
def draw_countries(finding: Finding) -> Picture:
    """Local engagements by country, and what its own queries gave."""
    words = {"engagements": "local engagements", "query_records": "records of its queries"}
    countries = finding.detail["table"].reset_index().rename(columns=words)
    missed = countries[~countries["reached"]]
    names = ", ".join(missed["country"]) or "none"
    told = f"not reached: {names}"
    if len(missed) > 3:
        taipei = (missed["recognition"] == TAIPEI).sum()
        told = f"of the {len(missed)} others, {taipei} recognised Taipei in some year"
    return draw(
        finding, "countries", charts.dot_plot, countries, "country", "local engagements",
        second="records of its queries", highlight=countries["small"].to_numpy(),
        highlight_name="small states",
        title=f"{countries['reached'].sum()} of {len(countries)} countries are reached; {told}",
        subtitle="Local engagements (filled) and records of any level and year that the country's "
        "own queries gave (hollow)",
        axis="number", alt=f"Dot plot of local engagements by country. Not reached: {names}.",
    )  # fmt: skip
