"""The table of AidData's GCDF 3.0 that says in which first-level units a project lies."""

import pandas as pd

from lac_analysis import config
from lac_analysis.sources import maps
from lac_analysis.sources.imported import Imported

_OF_PLACES = ["record_id", "lac_country_text", "lac_iso3", "lac_place_text", "lac_admin1",
              "lac_level", "source_title", "confidence"]  # fmt: skip


def records(
    table: pd.DataFrame, found: Imported, listed: pd.DataFrame | None, told: pd.DataFrame | None
) -> pd.DataFrame:
    """One record a project and country: the places of one act are joined. The level is other_local
    unless an agency tells it.

    Parameters
    ----------
    table : one row a project and unit; what is lost of them is noted in `found`.
    listed : the projects of a project file, if one is given.
    told : records of those that belong in counts; the others are left out.
    """
    inside = table["iso3"].isin(config.CELAC)
    found.drop("sites_elsewhere", (~inside).sum())
    sites = table[inside].assign(name=lambda sites: sites["unit"].map(_repaired))
    found.note("broken", (sites["name"] != sites["unit"]).sum())
    of_iso, pairs = maps.of("gcdf")["units"], zip(sites["iso3"], sites["name"], strict=True)
    renamed = [of_iso.get(iso3, {}).get(name, name) for iso3, name in pairs]
    found.note("renamed", (sites["name"] != renamed).sum())
    acts = sites.assign(name=renamed, row=sites.index).groupby(["id", "iso3"], sort=False)
    acts = acts.agg(row=("row", "first"), name=("name", lambda all: "; ".join(dict.fromkeys(all))))
    acts = acts.reset_index().set_index("row")
    found.drop("joined", len(sites) - len(acts))
    made = maps.records("gcdf", found.version, acts, "record_of_sites")
    if listed is None:
        found.note("no_projects")
    else:
        is_listed = acts["id"].isin(listed["id"])
        theirs = told.set_index(told["record_id"].str.partition("-")[2])
        theirs = theirs[~theirs.index.duplicated()].reindex(acts["id"]).set_axis(acts.index)
        known = theirs["record_id"].notna()
        found.drop("not_counted", (is_listed & ~known).sum())
        found.note("not_listed", (~is_listed).sum())
        local = theirs["lac_level"].isin(["admin1", "municipal"])
        taken = [column for column in made if column not in _OF_PLACES]
        for columns, rows in ((taken, known), (["lac_level", "confidence"], local)):
            made[columns] = made[columns].where(~rows, theirs[columns])
        made = made[known | ~is_listed].copy()
    found.note("not_local", (made["lac_level"] == "other_local").sum())
    return made


def _repaired(name: str) -> str:
    """A name whose UTF-8 bytes were read as Latin-1, as it was."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
