"""Claim 8: is local engagement more prominent where local leaders have authority?"""

import pandas as pd

from lac_analysis.claims import counts, definitions, share
from lac_analysis.claims.finding import Finding
from lac_analysis.claims.plan import Plan
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables

DEFINITIONS = {"federal": "federal", "federal_cia": "federal_alt_cia"}  # columns of countries.csv


def table(
    tables: Tables, selection: Selection, *, definition: str | pd.Series, excerpts: str,
    covariates: pd.DataFrame | pd.Series | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a country: excerpts of either level, label (1 federal), size; as `share.table`."""
    score = label(tables, selection, definition)
    return share.table(tables, selection, score, excerpts, covariates)


def label(tables: Tables, selection: Selection, definition: str | pd.Series) -> pd.Series:
    """1 for federal countries, by ISO3, or a user's own label, true or false.

    Raises InputError for an unknown definition, as `definitions.own`.
    """
    own = definitions.own(definition, DEFINITIONS, selection, yes_no=True)
    return tables.countries.set_index("iso3")[DEFINITIONS[definition]] if own is None else own


def estimate(
    tables: Tables, selection: Selection, *, controls: str, covariates=None, **choices
) -> float:
    """Odds ratio of the local share, federal against other countries. `choices` as in `table`."""
    countries = table(tables, selection, covariates=covariates, **choices)
    return share.estimate(countries, share.terms(controls, covariates))


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, controls: str, covariates=None,
    **choices,
) -> Finding:  # fmt: skip
    """The steps of notebook 08. `choices` as in `table`."""
    countries = table(tables, selection, covariates=covariates, **choices)
    controls = share.terms(controls, covariates)
    return counts.analyse_share(tables, selection, countries, plan, controls, seed=seed)
