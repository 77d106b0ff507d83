"""The data sets that can be read, by kind; told apart by their content, not by the file's name."""

import calendar
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from lac_analysis import config, errors
from lac_analysis.errors import InputError
from lac_analysis.sources import agencies, maps, suggest, twins, world
from lac_analysis.sources.imported import Imported

_MONTHS = {name.casefold(): f"-{i:02d}" for i, name in enumerate(calendar.month_name) if name}
_FLAGS = ("recommended", "umbrella")
_ID = re.compile("[A-Za-z0-9_.:-]+")
_YEAR = re.compile(r"\d{4}(?:\.0|年)?")


def convert(kind: str, path: Path, encoding: str = "") -> Imported:
    """Read a file of a kind into our schema.

    kind : gcdf (AidData's projects), gcdf_locations (where they lie), cgit (China Global Investment
        Tracker) or twins (a list of twin towns).
    encoding : as in `read.table`.

    Raises InputError at an unknown kind, and as `maps.open_table`.
    """
    errors.one_of(kind, maps.KINDS, "kind of data set")
    version, table = maps.open_table(kind, Path(path), encoding)
    found = Imported(kind, version, len(table))
    readers = {"twins": twins.records, "gcdf_locations": _locations}
    found.records = readers.get(kind, _records)(table, found)
    found.noted += [(what, None, why) for what, why in maps.SAID[kind]["lacks"]]
    for what, told in table.attrs["told"].items():
        if told:
            more = f" and {len(told) - 20} more" * (len(told) > 20)
            found.noted.append((what, None, ", ".join(told[:20]) + more))
    assert found.n_rows == len(found.records) + found.left_out
    return found


def _records(table: pd.DataFrame, found: Imported) -> pd.DataFrame:
    """Projects or deals in our schema, without those that do not belong in counts."""
    table = _inside(table, found)
    for name, values in maps.SAID[found.kind]["left_out"].items():
        if name in table.attrs["theirs"]:
            read = suggest.yes_no if name in _FLAGS else str.casefold
            _refuse(table, name, read, "Yes or No")
            hit = table[name].map(read).isin(values)
            found.drop(name, hit.sum())
            table = table[~hit]
    if "id" in table:
        times = Counter(table["id"])
        once = "an id of letters, digits, dots, colons and dashes that stands once"
        _refuse(table, "id", lambda text: times[text] == 1 and _ID.fullmatch(text), once)
    years = f"a year from {config.FIRST_YEAR} to {config.LAST_YEAR}, such as 2015"
    _refuse(table, "year", lambda text: _YEAR.fullmatch(text) and suggest.date(text[:4]), years)
    _refuse(table, "date", _day, "a date that exists, month first: MM/DD/YYYY")
    table = table.assign(year=table["year"].str[:4]).assign(date_iso=_date)
    months = table["month"]
    unread = months[(months != "") & ~months.str.casefold().isin(_MONTHS)]
    found.note("no_month", len(unread), unread)
    year, date = table["year"], table["date_iso"]
    beside = (year + " beside " + date)[(year != "") & (date != "") & (year != date.str[:4])]
    found.note("two_years", len(beside), beside)
    for name, values in maps.SAID[found.kind]["known"].items():
        cells = table[name]
        cells = cells[~cells.str.casefold().isin(values)]
        found.note(f"other_{name}", len(cells), cells)
    local = agencies.levels(table["receivers"].str.cat(table[["indirect", "implementers"]], "|"))
    chinese = table["chinese"]
    if found.kind == "cgit":  # which joins firms by commas
        chinese = chinese.str.split(",").str[0]
    types = agencies.chinese_types(chinese, table["chinese_type"])
    known = local["level"] != ""
    found.note("no_level", (~known).sum())
    beside = local.loc[local["level"].eq("national") & local["unread"].ne(""), "unread"]
    found.note("beside", len(beside), beside.str.split("|").explode())
    found.note("no_type", (types == "unknown").sum())
    found.note("no_day", date.str.len().between(4, 7).sum())
    found.note("no_year", (date == "").sum(), table.loc[date == "", "country"])
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


def _inside(table: pd.DataFrame, found: Imported) -> pd.DataFrame:
    """The rows of the 33 countries, with the column iso3."""
    iso3 = world.iso3(table["country"])
    unknown, inside = iso3 == "", iso3.isin(config.CELAC)
    found.drop("elsewhere", (~inside & ~unknown).sum())
    found.drop("no_country", unknown.sum(), table.loc[unknown, "country"])
    return table.assign(iso3=iso3)[inside]


def _refuse(table: pd.DataFrame, name: str, read: Callable, expected: str) -> None:
    """Raise the first cell that is not blank and not read, under the file's name of the column."""
    cells = table.loc[[cell != "" and not read(cell) for cell in table[name]], name]
    if not cells.empty:
        more = f" (and {len(cells) - 1:,} more)" * (len(cells) > 1)
        column = " or ".join(table.attrs["theirs"][name])
        where = {"file": table.attrs["file"], "row": cells.index[0], "column": column}
        raise InputError("unknown value", **where, value=cells.iloc[0], expected=expected + more)


def _date(table: pd.DataFrame) -> pd.Series:
    """Date (month first), else year and the name of a month; blank where neither can be read."""
    day = table["date"].map(_day)
    month = table["month"].str.casefold().map(_MONTHS).fillna("")
    year = (table["year"] + month).map(suggest.date)
    return day.where(day != "", year)


def _day(text: str) -> str:
    # 05.01.2015: saved again where the day stands first
    other = re.match(r"\d\d?[.-]", text) or re.fullmatch(suggest.DECIMAL, text)
    return "" if other else suggest.date(text, month_first=True)


def _locations(table: pd.DataFrame, found: Imported) -> pd.DataFrame:
    """One record a project and country, its places joined; undated, of no known agency. Source: the
    table of AidData's GCDF 3.0 that says in which first-level units a project lies.
    """
    table = _inside(table, found)
    blank = table[["id", "unit"]].eq("").any(axis=1)
    found.drop("blank", blank.sum())
    sites = table[~blank].assign(name=lambda sites: sites["unit"].map(_repaired))
    found.note("broken", (sites["name"] != sites["unit"]).sum())
    of_iso = maps.SAID[found.kind]["units"]
    renamed = [of_iso.get(s.iso3, {}).get(s.name, s.name) for s in sites.itertuples()]
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
