"""The table of AidData's GCDF 3.0 that says in which first-level units a project lies."""

import pandas as pd

from lac_analysis import config
from lac_analysis.sources import maps
from lac_analysis.sources.imported import Imported


def records(table: pd.DataFrame, found: Imported) -> pd.DataFrame:
    """One record a project and country, its places joined; undated, of no known agency.

    table : one row a project and unit; what is lost of them is noted in `found`.
    """
    inside = table["iso3"].isin(config.CELAC)
    found.drop("elsewhere", (~inside).sum())
    sites = table[inside].assign(name=lambda sites: sites["unit"].map(_repaired))
    found.note("broken", (sites["name"] != sites["unit"]).sum())
    of_iso = maps.of(found.kind)["units"]
    pairs = zip(sites["iso3"], sites["name"], strict=True)
    renamed = [of_iso.get(iso3, {}).get(name, name) for iso3, name in pairs]
    found.note("renamed", (sites["name"] != renamed).sum())
    acts = sites.assign(name=renamed, row=sites.index).groupby(["id", "iso3"], sort=False)
    acts = acts.agg(row=("row", "first"), name=("name", lambda all: "; ".join(dict.fromkeys(all))))
    found.drop("joined", len(sites) - len(acts))
    return maps.records(found.kind, found.version, acts.reset_index().set_index("row"))


def _repaired(name: str) -> str:
    """A name whose UTF-8 bytes were read as Latin-1, as it was."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
