"""Claim 4: do companies market technology that local administrators want, increasingly?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import expit

from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.plan import NotTestable, Plan
from lac_analysis.errors import InputError, one_of
from lac_analysis.selection import Selection, chosen
from lac_analysis.stats import cochran_armitage
from lac_analysis.stats.share_trend import ShareTrend, share_trend
from lac_analysis.tables import Tables

PER = 10  # years: odds ratios are over ten years
TEMPLATES = {"fixed": ("T5", "N4"), "T5": ("T5",), "N4": ("N4",)}
SIMULATIONS = 200
SPREAD = 0.8  # standard deviation of a country's logit in simulations
_UNIT = "odds ratio a decade"


def table(tables: Tables, selection: Selection, *, templates: str) -> pd.DataFrame:
    """One row a company-led local engagement with a certain year that the `templates` found.

    Columns country, place_id, year, technology (0/1), templates, found_by_n4 (0/1).
    """
    one_of(templates, TEMPLATES, "templates")
    events = company_led(tables, selection)
    found = events["templates"].fillna("").str.split(" ")
    found = found.map(lambda own: set(own).intersection(TEMPLATES[templates]))
    events = events.assign(found_by_n4=found.map(lambda own: int("N4" in own)))
    return events[found.map(bool).astype(bool)].reset_index(drop=True)


def company_led(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Company-led local engagements with a certain year, however found."""
    found = chosen(tables, selection)
    found = found[(found["tier"] == "company") & found["year"].notna()]
    columns = ["country", "place_id", "year", "technology", "templates"]
    return found[columns].astype({"year": "int64", "technology": "int64"})


def check(events: pd.DataFrame, plan: Plan) -> None:
    """Raise NotTestable where the engagements cannot carry the test of the plan."""
    about = "company-led local engagements with a certain year that searches for companies found"
    plan.require("engagements", len(events), f"{about}: {len(events)} engagements")
    countries = events["country"].nunique()
    plan.require("countries", countries, f"{about}: {countries} countries")


def trend(events: pd.DataFrame) -> ShareTrend:
    """Logistic trend of technology in the year, with a term for the query where both found some.

    Raises NotTestable where the query or the year tells technology and the rest apart.
    """
    query = events[["found_by_n4"]] if events["found_by_n4"].nunique() > 1 else None
    try:
        return share_trend(events["technology"], events["year"], events["country"], query, per=PER)
    except InputError:
        about = events[events["technology"] == 1]
        raise NotTestable(
            f"{len(about)} of {len(events)} company-led local engagements that queries of fixed "
            f"wording found are about technology, {int(about['found_by_n4'].sum())} of them found "
            "by N4: year and query tell them apart, so that no trend can be estimated"
        ) from None


def estimate(tables: Tables, selection: Selection, *, templates: str) -> float:
    """Odds ratio over ten years that a company-led local engagement is about technology."""
    events = table(tables, selection, templates=templates)
    if len(events) < 10:
        raise NotTestable("fewer than ten engagements")
    return trend(events).estimate


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, **choices) -> Finding:
    """The steps of notebook 04. `choices` as in `table`."""
    events = table(tables, selection, **choices)
    check(events, plan)
    main, power = trend(events), design(events, plan, seed=seed)
    return finding(events, main, power, company_led(tables, selection), plan)


def finding(
    events: pd.DataFrame, main: ShareTrend, power: pd.DataFrame, others: pd.DataFrame, plan: Plan
) -> Finding:
    """The finding: the trend, its exact check, and the trend however engagements were found.

    events : of `table`.   main : of `trend`.   power : of `design`.   others : of `company_led`.
    """
    exact = _exact(events)
    however_found = Result.of(
        "trend among all company-led engagements, however found",
        lambda: share_trend(others["technology"], others["year"], others["country"], per=PER),
        _UNIT, "queries that name vendors or technology came late, which makes a trend by itself",
        len(others),
    )  # fmt: skip
    return Finding.of(
        main,
        power,
        n_countries=events["country"].nunique(),
        n_places=events["place_id"].nunique(),
        n_engagements=len(events),
        conditions={"exact_check_agrees": exact.p is not None and bool(exact.p < plan.alpha)},
        secondary=(exact, however_found),
        detail={"table": events},
    )


def design(events: pd.DataFrame, plan: Plan, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth): the observed years, countries and queries, technology drawn anew."""
    per_decade = (events["year"] - events["year"].mean()) / PER
    codes, countries = pd.factorize(events["country"])
    base = np.log((events["technology"].sum() + 0.5) / ((1 - events["technology"]).sum() + 0.5))

    def draws(truth: float, rng: np.random.Generator) -> Iterator[tuple]:
        for _ in range(SIMULATIONS):
            noise = rng.normal(0, SPREAD, len(countries))[codes]
            share = expit(base + np.log(truth) * per_decade + noise)
            try:
                result = trend(events.assign(technology=(rng.random(len(events)) < share) * 1))
            except NotTestable:
                yield 1.0, 1.0, np.inf
                continue
            yield result.estimate, result.p, result.interval[1]

    return verdict.design(draws, plan, seed=seed)


def _exact(events: pd.DataFrame) -> Result:
    """Exact Cochran-Armitage: takes engagements of a country as independent."""
    by_year = events.groupby("year")["technology"].agg(["sum", "size"])
    name = "exact Cochran-Armitage"
    try:
        result = cochran_armitage.cochran_armitage(by_year["sum"], by_year["size"], by_year.index)
    except InputError as problem:
        return Result(name, n=len(events), note=str(problem))
    odds = np.power((result.estimate, *result.interval), PER).tolist()
    note = "takes engagements of a country as independent"
    return Result(name, *odds, result.p, _UNIT, len(events), note)
