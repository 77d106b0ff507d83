"""AidData's Global Chinese (Official / Development) Finance data sets: project tables and admin-1
locations.

Versions: 1.0 (2017), 2.0 (2021; its geocoded edition has links to GeoJSON), 3.0 (2023) and the
admin-1 location table of 3.0.
"""

import re
from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import countries, dates, places
from lac_analysis.sources import agencies, suggest
from lac_analysis.sources.imported import (
    Imported,
    Losses,
    coded,
    imported,
    maps,
    open_table,
    records,
)  # fmt: skip

_OF_PLACES = ["record_id", "lac_country_text", "lac_iso3", "lac_place_text", "lac_admin1",
              "lac_level", "confidence"]  # fmt: skip


def convert(path: Path, encoding: str = "", projects: Path | None = None) -> Imported:
    """Read a GCDF file.

    Parameters
    ----------
    path : any of the files above.
    encoding : as in `read.table`.
    projects : for a location file, the project file whose years, titles and agencies its projects
        have (same identifiers).

    Raises
    ------
    InputError : not such a file.
    """
    version, table = open_table("gcdf", path, encoding)
    losses = Losses("gcdf")
    if version.endswith("locations"):
        made = _locations(table, version, projects, losses)
    elif projects:
        expected = "a location file to join the projects to"
        raise InputError("option --projects", value=version, expected=expected)
    else:
        made = _projects(table, version, losses)
    return imported(version, len(table), made, losses)


def _projects(table: pd.DataFrame, version: str, losses: Losses) -> pd.DataFrame:
    """A project table in our schema, without the projects that do not belong in counts."""
    iso3 = countries.resolve(table["recipient"])
    several = table["recipient"].str.contains(r"[|;]")
    losses.drop("elsewhere", (iso3.isna() & ~several).sum())
    losses.drop("several", several.sum())
    out = iso3.isna() | several
    for name, value in maps("gcdf")["left_out"].items():
        hit = (table[name].str.casefold() == value) & ~out
        losses.drop(name, hit.sum())
        out |= hit
    table, iso3 = table[~out], iso3[~out]

    level = _levels(table, iso3, losses)
    pairs = zip(table["funders"], table["funder_types"], strict=True)
    types = pd.Series([agencies.chinese_type(*p) for p in pairs], index=table.index, dtype="str")
    losses.note("no_type", (types == "unknown").sum())
    date = _date(table)
    losses.note("no_day", (date.str.len() < 10).sum())
    planned = table["status"].str.casefold().str.contains("pledge")
    losses.note("pledges", planned.sum())
    losses.note("amounts")
    told = table["title"].str.cat(table["sector"], sep=" ")
    local, by_title = level["level"] != "national", level["rule"].str.endswith("title")
    actor = level["actor"].where(level["actor"] != "", table["receivers"])
    actor = actor.where(~by_title, table["title"])
    made = table.assign(
        record_id=_prefix(version) + table["id"],
        date_text=date,
        date_iso=date,
        iso3=iso3,
        actor=actor,
        lac_place_text=actor.where(local & ~by_title, ""),
        lac_level=level["level"],
        china_actor_text=table["funders"].str.replace("|", "; ", regex=False),
        china_place=agencies.chinese_place(table["funders"], types),
        china_actor_type=types,
        activity_type=coded(
            "gcdf", "activity", title=table["title"], flow=table["flow"], told=told
        ),
        technology=coded("gcdf", "technology", told=told),
        description=table["title"].replace("", "project without a title")
        + planned.map({True: " (planned)", False: ""}),
        confidence=(by_title | (level["rule"] == "")).map({True: "low", False: "medium"}),
    )
    return records("gcdf", version, made)


def _prefix(version: str) -> str:
    return ("GCDF" if "GCDF" in version else "GCOF") + re.search(r"\d", version)[0] + "-"


def _levels(table: pd.DataFrame, iso3: pd.Series, losses: Losses) -> pd.DataFrame:
    """Level, actor and rule by the names of the agencies, else by the title."""
    names = table["receivers"] + "|" + table["indirect"] + "|" + table["implementers"]
    found = [agencies.level(*row) for row in zip(names, iso3, strict=True)]
    found = [
        one if one.level else agencies.title_level(title)._replace(actor=one.actor)
        for one, title in zip(found, table["title"], strict=True)
    ]
    level = pd.DataFrame(found, columns=agencies.Level._fields, index=table.index, dtype="str")
    by_title = level["rule"].str.endswith("title") & (level["level"] != "national")
    losses.note("by_title", by_title.sum())
    unknown = level["level"] == ""
    losses.note("no_level", unknown.sum())
    return level.assign(level=level["level"].where(~unknown, "national"))


def _date(table: pd.DataFrame) -> pd.Series:
    """Commitment date (month first), or year; blank where it cannot be read."""
    day = table["date"].str.split(r"[ T]").str[0]
    usable = day.map(lambda text: dates.fault(text) is None)
    day = day.where(usable, day.map(lambda text: suggest.date(text, month_first=True)))
    year = table["year"].str.removesuffix(".0")
    year = year.where(year.map(lambda text: dates.fault(text) is None), "")
    return day.where(table["date"] != "", year)


def _locations(
    table: pd.DataFrame, version: str, projects: Path | None, losses: Losses
) -> pd.DataFrame:
    """One record a project and country: the places of one act are joined."""
    inside = table["iso3"].isin(config.CELAC)
    losses.drop("sites_elsewhere", (~inside).sum())
    found = table[inside].assign(name=lambda t: t["unit"].map(_repaired))
    losses.note("broken", (found["name"] != found["unit"]).sum())
    of_iso, pairs = maps("gcdf")["units"], zip(found["iso3"], found["name"], strict=True)
    renamed = [of_iso.get(iso3, {}).get(name) for iso3, name in pairs]
    losses.note("renamed", sum(map(bool, renamed)))
    found["name"] = pd.Series(renamed, index=found.index, dtype="str").fillna(found["name"])
    _note_unknown(found, losses)
    units = found.groupby(["id", "iso3"], sort=False)["name"]
    sites = units.agg(lambda names: "; ".join(dict.fromkeys(names))).reset_index()
    losses.drop("joined", len(found) - len(sites))
    losses.note("shares")
    told = "project " + sites["id"] + " of Chinese official finance located in " + sites["name"]
    ids = "GCDF3-" + sites["id"] + "-" + sites["iso3"]
    made = sites.assign(record_id=ids, description=told)
    made = records("gcdf", version, made, "record_of_sites")
    if not projects:
        losses.note("no_projects")
        losses.note("sites_no_level", len(made))
        return made
    return _joined(made, sites["id"], projects, version, losses)


def _joined(
    made: pd.DataFrame, ids: pd.Series, path: Path, version: str, losses: Losses
) -> pd.DataFrame:
    """The records with what a project file says of their projects; the places stay.

    Raises InputError where `path` is a location file.
    """
    other, table = open_table("gcdf", path)
    if other.endswith("locations"):
        raise InputError("option --projects", value=other, expected="a project file")
    told = _projects(table, other, Losses("gcdf"))
    told = told.set_index(told["record_id"].str.partition("-")[2])
    told = told[~told.index.duplicated()]
    listed, known = ids.isin(table["id"]), ids.isin(told.index)
    losses.drop("not_counted", (listed & ~known).sum())
    losses.note("not_listed", (~listed).sum())
    theirs = told.reindex(ids).set_axis(made.index)
    taken = [column for column in made if column not in _OF_PLACES]
    made[taken] = made[taken].where(~known, theirs[taken])
    local = known & theirs["lac_level"].isin(["admin1", "municipal"])
    columns = ["lac_level", "confidence"]
    made[columns] = made[columns].where(~local, theirs[columns])
    made = made[known | ~listed].assign(source_title=f"{version}, with {other}")
    losses.note("not_local", (made["lac_level"] == "other_local").sum())
    return made


def _note_unknown(found: pd.DataFrame, losses: Losses) -> None:
    """Note the units that our gazetteer does not resolve."""
    units = found.groupby(["iso3", "name"]).size().rename("n").reset_index()
    asked = units.rename(columns={"iso3": "country", "name": "lac_admin1"})
    asked = asked.assign(lac_level="other_local", lac_place_text=units["name"], lac_actor_text="")
    for unit in units[places.resolve(asked)["admin1"].isna()].itertuples():
        near = suggest.unit(unit.iso3, unit.name)
        near = near and f"; perhaps {near}"
        losses.note("unknown_unit", unit.n, unit=unit.name, iso3=unit.iso3, near=near)


def _repaired(name: str) -> str:
    """A name whose UTF-8 bytes were read as Latin-1, as it was."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
