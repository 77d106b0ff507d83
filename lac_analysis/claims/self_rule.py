"""Claim 8, graded: is local engagement more prominent where regions rule themselves?"""

import pandas as pd

from lac_analysis import panel
from lac_analysis.claims import counts, definitions, share
from lac_analysis.selection import Selection
from lac_analysis.tables import Tables

DEFINITIONS = definitions.WORDS["self_rule"]


def table(
    tables: Tables, selection: Selection, *, definition: str | pd.Series, **choices
) -> pd.DataFrame:
    """One row a country, as of `share.table` and its `choices`; label is the score in its range."""
    return share.table(tables, selection, label(tables, selection, definition), **choices)


def label(tables: Tables, selection: Selection, definition: str | pd.Series) -> pd.Series:
    """The score by ISO3, mean of the window, over its distance from none to most: the odds ratio is
    then that contrast. A user's own score runs from its lowest (0) to its highest (1).

    Raises InputError for an unknown definition, as `definitions.own`.
    """
    own = definitions.own(definition, DEFINITIONS, selection)
    if own is not None:
        return (own - own.min()) / (own.max() - own.min())
    countries = panel.countries(tables, selection)
    values = countries["division_of_power" if definition == "vdem" else "rai_self_rule"]
    if definition == "rai":
        values = values.fillna(0.0)
    return values / values.max()


estimate = share.estimator(table)
analyse = counts.analyser(table)


def powers(tables: Tables, countries: pd.DataFrame) -> pd.DataFrame:
    """What the law lets subnational governments sign abroad, beside the local share; known for few
    countries. Source: data/raw/local_powers.csv.
    """
    words = {"0": "reserved to the centre", "1": "no legal basis, but practised"}
    words |= {"2": "allowed, with consent or within policy", "3": "a power of their own"}
    law = tables.local_powers.set_index("iso3")[["agreements_admin1", "agreements_municipal"]]
    law = law.apply(lambda column: column.astype("str").map(words))
    return countries[["country", "local_share"]].join(law.dropna(how="all"), how="inner")
