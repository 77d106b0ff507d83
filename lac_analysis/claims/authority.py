"""Claim 8: is local engagement more prominent where local leaders have authority?"""

import pandas as pd

from lac_analysis.claims import counts, definitions, share
from lac_analysis.claims.finding import Finding
from lac_analysis.claims.plan import Plan
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables

DEFINITIONS = {"federal": "federal", "federal_cia": "federal_alt_cia"}  # columns of countries.csv


def table(
    tables: Tables, selection: Selection, *, definition: str | pd.Series, excerpts: str
) -> pd.DataFrame:
    """One row a country: excerpts of either level, label (1 federal), size; as `share.table`."""
    return share.table(tables, selection, label(tables, selection, definition), excerpts)


def label(tables: Tables, selection: Selection, definition: str | pd.Series) -> pd.Series:
    """1 for federal countries, by ISO3, or a user's own label, true or false.

    Raises InputError for an unknown definition, as `definitions.own`.
    """
    own = definitions.own(definition, DEFINITIONS, selection, yes_no=True)
    return tables.countries.set_index("iso3")[DEFINITIONS[definition]] if own is None else own


def estimate(tables: Tables, selection: Selection, *, controls: str, **choices) -> float:
    """Odds ratio of the local share, federal against other countries. `choices` as in `table`."""
    return share.estimate(table(tables, selection, **choices), controls)


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, controls: str, **choices
) -> Finding:
    """The steps of notebook 08. `choices` as in `table`."""
    countries = table(tables, selection, **choices)
    test, power = share.test_and_design(countries, plan, controls, seed=seed)
    found = counts.table(tables, selection, countries["label"])
    beside = counts.secondary(found, seed=seed)
    return share.finding(countries, test, power, controls, beside, seed=seed, found=found)
