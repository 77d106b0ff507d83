"""Claim 7: does local engagement reach the whole region, smaller countries included?"""

import numpy as np
import pandas as pd

from lac_analysis import charts, panel
from lac_analysis.claims import detected, verdict
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import NotTestable, Plan
from lac_analysis.errors import InputError
from lac_analysis.selection import Selection, chosen
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.proportions import proportion
from lac_analysis.tables import Tables

SMALL = 1_500_000  # people, on average over the window; the same states as `small_state`
BEIJING, TAIPEI = "Beijing throughout", "Taipei in some year"


def table(tables: Tables, selection: Selection, *, undated: str, at_least: int) -> pd.DataFrame:
    """One row a country, indexed by ISO3: country, engagements, reached, small, recognition
    (whether it recognised Taipei on some day of the window), and query_records (what its own
    queries gave, of any level and date).
    """
    if at_least < 1:
        raise InputError("parameter at_least", value=at_least, expected="a number from 1 on")
    countries = panel.countries(tables, selection, undated=undated)
    people = panel.country_cells(tables, selection).groupby("iso3")["population"].mean()
    roc = panel.recognised_roc(tables, selection)[countries.index]
    queries = tables.search_log[tables.search_log["template"].str.match("[TN]")]
    target = tables.records["query_id"].map(queries.set_index("query_id")["target"])
    return countries[["country", "engagements"]].assign(
        reached=countries["engagements"] >= at_least,
        small=(people < SMALL).where(people.notna(), countries["small_state"] == 1),
        recognition=np.where(roc, TAIPEI, BEIJING),
        query_records=target.value_counts().reindex(countries.index, fill_value=0),
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
    countries = table(tables, selection, undated=undated, at_least=at_least)
    if not countries["engagements"].any():
        raise NotTestable("no local engagement in the selection")
    return float(countries["reached"].mean())


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, **choices) -> Finding:
    """The steps of notebook 07. `choices` as in `table`."""
    countries = table(tables, selection, **choices)
    check(countries, plan)
    k, n = int(countries["reached"].sum()), len(countries)
    test = proportion(k, n, null=plan.null_value, level=plan.level)
    power = verdict.exact_design(n, plan)
    found = chosen(tables, selection, undated=choices["undated"])
    searched = detected.events(tables, selection, choices["undated"])
    return finding(countries, test, power, found, searched, plan)


def finding(
    countries: pd.DataFrame, test: Estimate, power: pd.DataFrame, found: pd.DataFrame,
    searched: pd.DataFrame, plan: Plan,
) -> Finding:  # fmt: skip
    """The finding: countries reached, by size and by recognition.

    countries : of `table`.   test : against one half.   power : of `verdict.exact_design`.
    found : the engagements that count.   searched : of `detected.events`.
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
        secondary=(*_shares(countries, plan.level), _both_searches(searched, len(countries))),
        detail={"table": countries},
    )


def _shares(countries: pd.DataFrame, level: float) -> list[Result]:
    """Share reached with exact interval, by kind of state."""
    size = countries["small"].map({True: "small states", False: "larger states"})
    every = pd.Series("all states", countries.index)
    results = []
    for kinds in (every, size, "recognised " + countries["recognition"]):
        for states, reached in countries["reached"].groupby(kinds, sort=False):
            k, n = int(reached.sum()), len(reached)
            share = proportion(k, n, level=level)
            name, unit = f"share reached, {states}", "share of countries"
            numbers = (share.estimate, *share.interval, None)
            results.append(Result(name, *numbers, unit, n, f"{k} of {n}"))
    return results


def _both_searches(searched: pd.DataFrame, n: int) -> Result:
    """Lower bound of the countries with any engagement from two independent searches (Chapman)."""
    name = "countries with a local engagement, corrected for what both searches miss (Chapman)"
    if searched.empty:
        return Result(name, unit="countries", n=n, note="neither search found an engagement")
    by_country = searched.groupby("unit")[["found_a", "found_b"]].any()
    (first, second), both = by_country.sum(), int(by_country.all(axis=1).sum())
    total = (first + 1) * (second + 1) / (both + 1) - 1
    note = f"{both} by both, {first - both} by the first alone, {second - both} by the second alone"
    return Result(name, float(min(total, n)), unit="countries", n=n, note=note)


@drawn
def draw_countries(finding: Finding) -> charts.Picture:
    """Local engagements by country, and what its own queries gave."""
    words = {"engagements": "local engagements", "query_records": "records of its queries"}
    countries = finding.detail["table"].reset_index().rename(columns=words)
    missed = countries[~countries["reached"]]
    names = ", ".join(missed["country"]) or "none"
    least = finding.parameters["at_least"]
    often = f" by {least} engagements or more" if least > 1 else ""
    told = f"not reached: {names}"
    if len(missed) > 3:
        taipei = (missed["recognition"] == TAIPEI).sum()
        told = f"of the {len(missed)} others, {taipei} recognised Taipei in some year"
    dated = "" if finding.parameters["undated"] == "exclude" else ", dated or not"
    second, about = "records of its queries", f"Local engagements{dated}"
    if countries[second].any():  # else the records are a user's, found otherwise
        about += " (filled) and records of any level and year that the country's own queries gave "
        about += "(hollow)"
    else:
        countries, second = countries.drop(columns=second), None
    return draw(
        finding, "countries", charts.dot_plot, countries, "country", "local engagements",
        second=second, highlight=countries["small"].to_numpy(), highlight_name="small states",
        title=f"{countries['reached'].sum()} of {len(countries)} countries are reached{often}; "
        f"{told}",
        subtitle=about, axis="number",
        alt=f"Dot plot of local engagements by country. Not reached: {names}.",
    )  # fmt: skip
