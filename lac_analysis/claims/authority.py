"""Claim 8: is local engagement more prominent where local leaders have authority?"""

import pandas as pd

from lac_analysis.claims import counts, definitions, share
from lac_analysis.selection import Selection
from lac_analysis.tables import Tables

DEFINITIONS = {"federal": "federal", "federal_cia": "federal_alt_cia"}  # columns of countries.csv


def table(
    tables: Tables, selection: Selection, *, definition: str | pd.Series, **choices
) -> pd.DataFrame:
    """One row a country, as of `share.table` with its `choices`; label is 1 for federal ones."""
    return share.table(tables, selection, label(tables, selection, definition), **choices)


def label(tables: Tables, selection: Selection, definition: str | pd.Series) -> pd.Series:
    """1 for federal countries, by ISO3, or a user's own label, true or false.

    Raises InputError for an unknown definition, as `definitions.own`.
    """
    own = definitions.own(definition, DEFINITIONS, selection, yes_no=True)
    return tables.countries.set_index("iso3")[DEFINITIONS[definition]] if own is None else own


estimate = share.estimator(table)
analyse = counts.analyser(table)
