"""Claim 8: is local engagement more prominent where local leaders have authority?"""

import pandas as pd

from lac_analysis.charts import Picture
from lac_analysis.claims import counts, share, share_charts
from lac_analysis.claims.finding import Finding, Result, show
from lac_analysis.claims.plan import Plan
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs
from lac_analysis.stats.local_share import LocalShare
from lac_analysis.tables import Tables

DEFINITIONS = {"federal": "federal", "federal_cia": "federal_alt_cia"}  # columns of countries.csv


def table(tables: Tables, selection: Selection, *, definition: str, excerpts: str) -> pd.DataFrame:
    """One row a country: excerpts of either level, label (1 federal), size; as `share.table`."""
    return share.table(tables, selection, label(tables, definition), excerpts)


def label(tables: Tables, definition: str) -> pd.Series:
    """1 for federal countries, by ISO3. Raises InputError for an unknown definition."""
    inputs.one_of(definition, tuple(DEFINITIONS), "definition")
    return tables.countries.set_index("iso3")[DEFINITIONS[definition]]


def estimate(
    tables: Tables, selection: Selection, *, definition: str, excerpts: str, controls: str
) -> float:
    """Odds ratio of the local share, federal against other countries."""
    countries = table(tables, selection, definition=definition, excerpts=excerpts)
    return share.estimate(countries, controls)


def analyse(
    tables: Tables,
    selection: Selection,
    plan: Plan,
    *,
    seed: int,
    definition: str,
    excerpts: str,
    controls: str,
) -> Finding:
    """The steps of notebook 08: table, regression, permutation test, design, secondary analyses.

    Source: Fisher (1935) and Ernst (2004), Stat. Sci. 19(4), for the permutation test.
    """
    countries = table(tables, selection, definition=definition, excerpts=excerpts)
    share.check(countries, plan)
    model = share.fit(countries, controls)
    test = share.permute(model, countries["third"], seed=seed)
    power = share.design(countries, plan, controls, seed=seed)
    found = counts.table(tables, selection, label(tables, definition))
    return finding(countries, test, power, found, controls, seed=seed)


def finding(
    countries: pd.DataFrame,
    test: LocalShare,
    power: pd.DataFrame,
    found: pd.DataFrame,
    controls: str,
    *,
    seed: int,
) -> Finding:
    """The finding: the share's test, with what counts, coders and equal weights say beside it.

    countries : of `table`.   test : of `share.permute`.   power : of `share.design`.
    found : of `counts.table`.
    """
    denominators = counts.denominators(found, seed=seed)
    secondary = (
        *counts.secondary(found, seed=seed),
        *share.other_ways(countries, controls, seed=seed),
        *_plain_shares(found),
        *(
            Result(
                f"version 1: engagements {row.denominator}, federal against other",
                row.ratio,
                unit="rate ratio",
                note=f"with no effect {show(row.expected)} ({show(row.low)} to {show(row.high)})",
            )
            for row in denominators.itertuples()
        ),
    )
    return share.finding(countries, test, power, secondary, found=found, denominators=denominators)


def _plain_shares(found: pd.DataFrame) -> list[Result]:
    labelled = found["label"] == 1
    held, people = (
        found.loc[labelled, column].sum() / found[column].sum()
        for column in ("engagements", "population")
    )
    note = f"they hold {people:.0%} of the people"
    name = "the bulk: share of found local engagements in federal states"
    return [Result(name, held, unit="share", n=int(found["engagements"].sum()), note=note)]


def draw_shares(finding: Finding) -> Picture:
    """Local share of every country, federal ones marked."""
    return share_charts.draw_shares(finding, "federal")


def draw_chance(finding: Finding) -> Picture:
    """The score of every other assignment of the label."""
    return share_charts.draw_chance(finding, "federal against other countries")
