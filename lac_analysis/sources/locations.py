"""The table of AidData's GCDF 3.0 that says in which first-level units a project lies."""

import pandas as pd

from lac_analysis import config
from lac_analysis.sources import maps
from lac_analysis.sources.imported import Losses

_OF_PLACES = ["record_id", "lac_country_text", "lac_iso3", "lac_place_text", "lac_admin1",
              "lac_level", "source_title", "confidence"]  # fmt: skip


def records(table: pd.DataFrame, version: str, losses: Losses) -> pd.DataFrame:
    """One record a project and country: the places of one act are joined. No agency is known, so
    the level is other_local.
    """
    inside = table["iso3"].isin(config.CELAC)
    losses.drop("sites_elsewhere", (~inside).sum())
    found = table[inside].assign(name=lambda sites: sites["unit"].map(_repaired))
    losses.note("broken", (found["name"] != found["unit"]).sum())
    of_iso, pairs = maps.of("gcdf")["units"], zip(found["iso3"], found["name"], strict=True)
    renamed = [of_iso.get(iso3, {}).get(name, name) for iso3, name in pairs]
    losses.note("renamed", (found["name"] != renamed).sum())
    acts = found.assign(name=renamed, row=found.index).groupby(["id", "iso3"], sort=False)
    sites = acts.agg(row=("row", "first"), name=("name", lambda all: "; ".join(dict.fromkeys(all))))
    sites = sites.reset_index().set_index("row")
    losses.drop("joined", len(found) - len(sites))
    return maps.records("gcdf", version, sites, "record_of_sites")


def joined(
    made: pd.DataFrame, listed: pd.Series, told: pd.DataFrame, losses: Losses
) -> pd.DataFrame:
    """The records of `records`, whose places stay, with all else that a project file tells.

    Parameters
    ----------
    listed : identifiers of all projects of the file.
    told : records of those that belong in counts; the others are left out.
    """
    ids = made["record_id"].str.split("-").str[1]
    told = told.set_index(told["record_id"].str.partition("-")[2])
    told = told[~told.index.duplicated()]
    is_listed, known = ids.isin(listed), ids.isin(told.index)
    losses.drop("not_counted", (is_listed & ~known).sum())
    losses.note("not_listed", (~is_listed).sum())
    theirs = told.reindex(ids).set_axis(made.index)
    local = known & theirs["lac_level"].isin(["admin1", "municipal"])
    taken = [column for column in made if column not in _OF_PLACES]
    for columns, rows in ((taken, known), (["lac_level", "confidence"], local)):
        made[columns] = made[columns].where(~rows, theirs[columns])
    return made[known | ~is_listed].copy()


def _repaired(name: str) -> str:
    """A name whose UTF-8 bytes were read as Latin-1, as it was."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
