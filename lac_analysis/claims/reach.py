"""Claim 7: does local engagement reach the whole region, smaller countries included?"""

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis import charts, panel
from lac_analysis.charts import Picture
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, NotTestable, Result, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.proportions import proportion
from lac_analysis.stats.tables import odds_ratio
from lac_analysis.tables import Tables

SMALL = 1_500_000  # people, on average over the window; the same states as `small_state`


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
        recognition=np.where(roc > 0, "Taipei in some year", "Beijing throughout"),
        query_records=records.reindex(countries.index, fill_value=0),
    )


def check(countries: pd.DataFrame, plan: Plan) -> None:
    """Raise NotTestable where the countries cannot carry the test of the plan."""
    if not countries["engagements"].sum():
        raise NotTestable("no local engagement in the selection")
    if len(countries) < plan.minimum["countries"]:
        raise NotTestable(
            f"{len(countries)} countries are left; the plan asks for {plan.minimum['countries']}"
        )
    if not countries["small"].any():
        raise NotTestable("no state of fewer than 1.5 million people is left in the selection")


def estimate(tables: Tables, selection: Selection, *, undated: str, at_least: int) -> float:
    """Share of the countries with at least `at_least` local engagements."""
    counts = panel.countries(tables, selection, undated=undated)["engagements"]
    if not counts.sum():
        raise NotTestable("no local engagement in the selection")
    return float((counts >= at_least).mean())


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, undated: str, at_least: int
) -> Finding:
    """The steps of notebook 07: exact binomial of the countries reached against one half.

    Source: Clopper and Pearson (1934), Biometrika 26; Fisher (1935), JRSS 98.
    """
    countries = table(tables, selection, undated=undated, at_least=at_least)
    check(countries, plan)
    k, n = int(countries["reached"].sum()), len(countries)
    test = proportion(k, n, null=plan.null_value, level=plan.level)
    power = design(n, plan)
    found = engagements(tables, selection, undated)
    return finding(countries, test, power, found, searches(tables, selection), plan)


def engagements(tables: Tables, selection: Selection, undated: str) -> pd.DataFrame:
    """The engagements that count, one row each."""
    found = panel.chosen(tables, selection, any_date=undated == "include")
    return found[panel.possible(found, selection)]


def searches(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Countries reached by each of two independent searches: booleans first and second."""
    reached = {
        name: panel.countries(tables, selection.replace(collection=collection), undated="include")[
            "engagements"
        ]
        > 0
        for name, collection in (("first", "neutral_t"), ("second", "neutral_n"))
    }
    return pd.DataFrame(reached)


def design(n: int, plan: Plan) -> pd.DataFrame:
    """P(verdict | truth) of the exact test on n countries, by listing every outcome."""
    k = np.arange(n + 1)
    tests = [proportion(int(i), n, null=plan.null_value, level=plan.level) for i in k]
    outcomes = pd.DataFrame(
        [(t.estimate, t.p, t.interval[1]) for t in tests], columns=["estimate", "p", "high"]
    )
    weights = {truth: stats.binom.pmf(k, n, truth) for truth in plan.truths}
    return verdict.weighted(outcomes, weights, plan)


def finding(
    countries: pd.DataFrame,
    test: Estimate,
    power: pd.DataFrame,
    found: pd.DataFrame,
    searched: pd.DataFrame,
    plan: Plan,
) -> Finding:
    """The finding: countries reached, by size and by recognition.

    countries : of `table`.   test : against one half.   power : of `design`.
    found : of `engagements`.   searched : of `searches`.
    """
    kinds = shares(countries, plan.level)
    small = kinds.set_index("states").loc["small states", "share"]
    secondary = (
        *(
            Result(
                f"share reached, {row.states}",
                row.share,
                row.low,
                row.high,
                unit="share of countries",
                n=row.n,
                note=f"{row.reached} of {row.n}",
            )
            for row in kinds.itertuples()
        ),
        _fisher("small against larger states reached", countries["small"], countries["reached"]),
        _fisher(
            "states that recognised Beijing throughout against others reached",
            countries["recognition"] == "Beijing throughout",
            countries["reached"],
        ),
        _both_searches(searched),
        _silent(countries),
    )
    return Finding(
        estimate=test.estimate,
        low=test.interval[0],
        high=test.interval[1],
        interval_method="Clopper-Pearson",
        p=test.p,
        p_method=f"exact binomial test against {plan.null_value:g}, two-sided",
        n_countries=len(countries),
        n_places=found["place_id"].nunique(),
        n_engagements=len(found),
        attainable=1.0,
        design=tuple(power.to_dict("records")),
        conditions={"small_states_reached": bool(small >= plan.sesoi)},
        secondary=secondary,
        detail={"table": countries, "shares": kinds},
    )


def shares(countries: pd.DataFrame, level: float) -> pd.DataFrame:
    """Share reached with exact interval, by kind of state: states, reached, n, share, low, high."""
    beijing = countries["recognition"] == "Beijing throughout"
    kinds = {
        "all states": countries["reached"],
        "small states": countries.loc[countries["small"], "reached"],
        "larger states": countries.loc[~countries["small"], "reached"],
        "recognised Beijing throughout": countries.loc[beijing, "reached"],
        "recognised Taipei in some year": countries.loc[~beijing, "reached"],
    }
    rows = []
    for name, reached in kinds.items():
        if len(reached):
            result = proportion(int(reached.sum()), len(reached), level=level)
            rows.append((name, int(reached.sum()), result.n, result.estimate, *result.interval))
    return pd.DataFrame(rows, columns=["states", "reached", "n", "share", "low", "high"])


def _fisher(name: str, kind: pd.Series, reached: pd.Series) -> Result:
    cells = [[int((side & reached).sum()), int((side & ~reached).sum())] for side in (kind, ~kind)]
    try:
        test = odds_ratio(cells)
    except ValueError:
        return Result(f"{name} (Fisher)", note="every country, or none, is reached or of a kind")
    note = f"{cells[0][0]} of {sum(cells[0])} against {cells[1][0]} of {sum(cells[1])}"
    estimate = (test.estimate, *test.interval, test.p)
    return Result(f"{name} (Fisher)", *estimate, "odds ratio", len(kind), note)


def _both_searches(searched: pd.DataFrame) -> Result:
    """Lower bound of the countries with any engagement from two independent searches (Chapman)."""
    first, second = (int(searched[name].sum()) for name in ("first", "second"))
    both = int(searched.all(axis=1).sum())
    total = (first + 1) * (second + 1) / (both + 1) - 1
    note = f"{both} by both, {first - both} by the first alone, {second - both} by the second alone"
    name = "countries with a local engagement, corrected for what both searches miss (Chapman)"
    return Result(name, min(total, len(searched)), unit="countries", n=len(searched), note=note)


def _silent(countries: pd.DataFrame) -> Result:
    """A zero means little where a country's own queries gave nothing at all."""
    missed = countries.loc[~countries["reached"], "query_records"].sort_index()
    name = "countries not reached whose own queries gave no record of any kind"
    told = ", ".join(f"{iso} {n}" for iso, n in missed.items()) or "every country is reached"
    note = f"records by country not reached: {told}"
    return Result(name, float((missed == 0).sum()), unit="countries", n=len(missed), note=note)


@drawn
def draw_countries(finding: Finding) -> Picture:
    """Local engagements by country, and what its own queries gave."""
    countries = finding.detail["table"].reset_index()
    countries = countries.rename(
        columns={"engagements": "local engagements", "query_records": "records of its queries"}
    )
    small, missed = countries["small"].to_numpy(), countries[~countries["reached"]]
    taipei = int((missed["recognition"] == "Taipei in some year").sum())
    names = ", ".join(missed["country"]) or "none"
    told = f"not reached: {names}"
    if len(missed) > 3:
        told = f"of the {len(missed)} others, {taipei} recognised Taipei in some year"
    return draw(
        finding, "countries", charts.dot_plot, countries, "country", "local engagements",
        second="records of its queries", highlight=small, highlight_name="small states",
        title=f"{countries['reached'].sum()} of {len(countries)} countries are reached; {told}",
        subtitle="Local engagements (filled) and records of any level and year that the country's "
        "own queries gave (hollow)",
        axis="number", alt=f"Dot plot of local engagements by country. Not reached: {names}.",
    )  # fmt: skip


@drawn
def draw_shares(finding: Finding) -> Picture:
    """Share reached by kind of state, with exact interval."""
    kinds = finding.detail["shares"]
    labels = [f"{row.states} ({row.reached} of {row.n})" for row in kinds.itertuples()]
    share = kinds.set_index("states")["share"]
    told = "; ".join(
        f"{r.states} {show(r.share)} ({show(r.low)} to {show(r.high)})" for r in kinds.itertuples()
    )
    parts = [
        f"{share[kind]:.0%} of {kind}"
        for kind in ("small states", "larger states")
        if kind in share
    ]
    return draw(
        finding, "shares", charts.forest, kinds.assign(label=labels), "label", "share", "low",
        "high", reference=finding.null_value, reference_name="one half", sesoi=finding.sesoi,
        log=False, title=f"{' and '.join(parts)} have a recorded local engagement",
        subtitle=f"Share of countries reached, exact {finding.level:.0%} interval. Small: below "
        "1.5 million people",
        axis="share of countries", data=kinds, alt=f"Shares reached with intervals: {told}.",
    )  # fmt: skip
