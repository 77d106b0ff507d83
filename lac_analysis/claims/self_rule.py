"""Claim 8, graded: is local engagement more prominent where regions rule themselves?"""

import pandas as pd

from lac_analysis import panel
from lac_analysis.charts import Picture
from lac_analysis.claims import counts, share, share_charts
from lac_analysis.claims.finding import Finding
from lac_analysis.claims.plan import Plan
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs
from lac_analysis.stats.local_share import LocalShare
from lac_analysis.tables import Tables

DEFINITIONS = {
    "rai": "regional self-rule (RAI, missing as none)",
    "rai_known": "regional self-rule (RAI, where known)",
    "vdem": "division of power (V-Dem)",
}


def table(tables: Tables, selection: Selection, *, definition: str, excerpts: str) -> pd.DataFrame:
    """One row a country: excerpts of either level, label (the score over its range), size."""
    return share.table(tables, selection, score(tables, selection, definition), excerpts)


def score(tables: Tables, selection: Selection, definition: str) -> pd.Series:
    """The score by ISO3, mean of the window, over its distance from none to most: the odds ratio is
    then that contrast. Raises InputError for an unknown definition.
    """
    inputs.one_of(definition, tuple(DEFINITIONS), "definition")
    countries = panel.countries(tables, selection)
    values = countries["division_of_power" if definition == "vdem" else "rai_self_rule"]
    if definition == "rai":
        values = values.fillna(0.0)
    return values / values.max()


def estimate(
    tables: Tables, selection: Selection, *, definition: str, excerpts: str, controls: str
) -> float:
    """Odds ratio of the local share, most against no self-rule."""
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
    """The steps of notebook 08b, those of `authority` with a graded score."""
    countries = table(tables, selection, definition=definition, excerpts=excerpts)
    share.check(countries, plan)
    model = share.fit(countries, controls)
    test = share.permute(model, countries["third"], seed=seed, draws=plan.entry["draws"])
    power = share.design(countries, plan, controls, seed=seed)
    found = counts.table(tables, selection, score(tables, selection, definition))
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
    """The finding; arguments as in `authority.finding`."""
    secondary = (
        *counts.secondary(found, seed=seed),
        *share.other_ways(countries, controls, seed=seed),
    )
    return share.finding(countries, test, power, secondary, found=found)


def draw_shares(finding: Finding) -> Picture:
    """Local share of every country, by its score."""
    name = DEFINITIONS[finding.parameters["definition"]]
    return share_charts.draw_score(finding, name.split(" (")[0])


def draw_chance(finding: Finding) -> Picture:
    """The score of other hand-outs of the scores among countries."""
    return share_charts.draw_chance(finding, "self-rule, most against none")


def powers(tables: Tables, countries: pd.DataFrame) -> pd.DataFrame:
    """What the law lets subnational governments sign abroad, beside the local share; known for few
    countries. Source: data/raw/local_powers.csv.
    """
    words = {"0": "reserved to the centre", "1": "no legal basis, but practised"}
    words |= {"2": "allowed, with consent or within policy", "3": "a power of their own"}
    law = tables.local_powers.set_index("iso3")[["agreements_admin1", "agreements_municipal"]]
    law = law.apply(lambda column: column.astype("str").map(words))
    return countries[["country", "local_share"]].join(law.dropna(how="all"), how="inner")
