"""The data sets that can be read, by kind; told apart by their content, not by the file's name."""

import calendar
from pathlib import Path

import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.records import countries, dates
from lac_analysis.sources import agencies, locations, maps, suggest, twins
from lac_analysis.sources.imported import Imported

_MONTHS = {name.casefold(): f"-{i:02d}" for i, name in enumerate(calendar.month_name) if name}


def convert(kind: str, path: Path, encoding: str = "") -> Imported:
    """Read a file of a kind into our schema.

    Parameters
    ----------
    kind : gcdf (AidData's projects), gcdf_locations (where they lie), cgit (China Global Investment
        Tracker) or twins (a list of twin towns).
    encoding : as in `read.table`.

    Raises InputError at an unknown kind, and as `maps.open_table`.
    """
    if kind not in maps.kinds():
        expected = ", ".join(maps.kinds())
        raise InputError("unknown kind of data set", value=kind, expected=expected)
    version, table = maps.open_table(kind, Path(path), encoding)
    found = Imported(kind, version, len(table))
    readers = {"twins": twins.records, "gcdf_locations": locations.records}
    found.records = readers.get(kind, _records)(table, found)
    found.noted += [(what, None, why) for what, why in maps.of(kind)["lacks"]]
    assert found.n_rows == len(found.records) + found.left_out
    return found


def _records(table: pd.DataFrame, found: Imported) -> pd.DataFrame:
    """Projects or deals in our schema, without those that do not belong in counts."""
    several = table["country"].str.contains(r"[|;]")
    iso3 = countries.resolve(table["country"]).mask(several)
    out = iso3.isna()
    found.drop("elsewhere", out.sum())
    for name, value in maps.of(found.kind)["left_out"].items():
        hit = (table[name].str.casefold() == value) & ~out
        found.drop(name, hit.sum())
        out |= hit
    table = table[~out].assign(iso3=iso3, date_iso=_date)
    local = agencies.levels(
        table["receivers"] + "|" + table["indirect"] + "|" + table["implementers"]
    )
    types = agencies.chinese_types(table["chinese"], table["chinese_type"])
    known = local["level"] != ""
    found.note("no_level", (~known).sum())
    found.note("no_type", (types == "unknown").sum())
    found.note("no_day", (table["date_iso"].str.len() < 10).sum())
    made = table.assign(
        row=table.index.astype("str"),
        chinese=table["chinese"].str.replace("|", "; "),
        about=table["sector"] + " " + table["subsector"] + " " + table["title"],
        actor=local["actor"],
        place=local["actor"].where(known & (local["level"] != "national"), ""),
        lac_level=local["level"].where(known, "national"),
        china_actor_type=types,
        confidence=known.map({True: "medium", False: "low"}),
    )
    return maps.records(found.kind, found.version, made)


def _date(table: pd.DataFrame) -> pd.Series:
    """Date (month first), or year and the name of a month; blank where it cannot be read."""
    day = table["date"].str.split(r"[ T]").str[0]
    usable = day.map(dates.fault).isna()
    day = day.where(usable, day.map(lambda text: suggest.date(text, month_first=True)))
    month = table["month"].str.casefold().map(_MONTHS).fillna("")
    year = table["year"].str.removesuffix(".0") + month
    return day.where(table["date"] != "", year.where(year.map(dates.fault).isna(), ""))
