"""What `lac check` notes of records that can be read: what is doubtful, or read as something else
than it says. Each function yields tables of `own.rows_of`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

import pandas as pd
import pycountry

from lac_analysis import config, tables
from lac_analysis.records import china, coding, countries, dates, distinct, places
from lac_analysis.records.gazetteer import bare_name, gazetteer, is_generic, tokens, town_names
from lac_analysis.sources import delimited, read, suggest, world
from lac_analysis.sources.own import rows_of

Doubts = Iterator[pd.DataFrame]

SUGGESTED = 5_000  # values of which the nearest is looked for
_RAW = {"actor_type": "china_actor_type", "activity": "activity_type"}  # code -> its raw column
_PLANNED = r"(?i)^planned\b|[(\[（［【][^()\[\]（）［］【】]*\bplanned\b|(?<!as) planned\W*$"
_PARTED = re.compile(r"[-–—,;(/&+|，；（、与和及]|\b(?:and|y|e)\b")
# a mark for each, UTF-8 that was read as another encoding, or signs of none
_LOST = re.compile("\ufffd|\\?{4}|Ã[\xa1-\xbf]|[\x80-\x84\x86-\x9f]")


def of_text(records: pd.DataFrame, source: read.Source) -> Doubts:
    """Letters that were lost, and rows in a cell."""
    for _, cells in records.items():
        damaged = cells[cells.map(_damaged)]
        yield rows_of(damaged, "letters that another program lost or changed")
    for _, cells in records.items():
        said = "lines and separators of a whole row: is a quote left open?"
        yield rows_of(_holds_a_row(cells, source), said)


def of_countries(records: pd.DataFrame) -> Doubts:
    """Other countries than the one that is coded; Taiwan's actors, as the claims are about the
    People's Republic.
    """
    text = records["lac_country_text"]
    named = countries.conflicts(text, records["lac_iso3"])
    abroad = world.iso3(text)
    unnamed = text[(text != "") & (abroad == "") & countries.resolve(text).isna()]
    abroad = abroad[~abroad.isin(["", *config.CELAC])].drop(named.index, errors="ignore")
    abroad = pd.DataFrame({"resolved": abroad, "coded": records["lac_iso3"].reindex(abroad.index)})
    named = pd.concat([named, abroad])
    said = "lac_country_text names " + named["resolved"] + "; kept is the code"
    yield rows_of(named["coded"].rename("lac_iso3"), said, nearest=named["resolved"])
    others = countries.beside(text, records["lac_iso3"])
    said = "names " + others + ", too; the record counts for its code alone"
    yield rows_of(text.reindex(others.index), said)
    yield rows_of(unnamed, "the name of no country that is known; kept is the code")
    of_taiwan = china.is_taiwan(records["china_actor_text"])
    said = "the actor is Taiwan's; the claims would count it as China's"
    expected = "an actor of the People's Republic"
    yield rows_of(records.loc[of_taiwan, "china_actor_text"], said, expected)


def of_dates(records: pd.DataFrame) -> Doubts:
    """Undated records, and a text of another date."""
    undated = records.loc[records["date_iso"] == "", "date_iso"]
    said = "blank: an undated record counts only where a claim takes undated ones"
    yield rows_of(undated, said + " (-p undated=include)")
    told = zip(records["date_text"], records["date_iso"], strict=True)
    other = [iso != "" and not dates.agrees(text, iso) for text, iso in told]
    said = "tells another date than date_iso, which counts"
    yield rows_of(records.loc[other, "date_text"], said, records.loc[other, "date_iso"])


def of_codes(records: pd.DataFrame) -> Doubts:
    """What counts as another code than the one given, and what is planned; then provinces."""
    codes, recoded = coding.code(records, tables.ours(records))
    for column, part in recoded.groupby("column"):
        rule = "by the rule " + part["rule"] + " of records/codebook.yml it counts as "
        yield rows_of(part["from"].rename(_RAW[column]), rule + part["to"] + ", not")
    planned = pd.Series("", records.index[codes["planned"]], name="description")
    yield rows_of(planned, "planned: not counted, unless another record tells that it happened")
    for _, cells in records.loc[~codes["planned"], ["description", "date_text"]].items():
        said, expected = "counted as done; what is only planned", "(planned) at the end of its"
        yield rows_of(cells[cells.str.contains(_PLANNED)], said, f"{expected} description")
    speaks = codes["tier"].eq("local") | codes["actor_type"].eq("university")
    yield from _of_provinces(records, speaks)


def _of_provinces(records: pd.DataFrame, speaks: pd.Series) -> Doubts:
    """Actors that name another province than the one that counts, or several. Whether an actor
    `speaks` for the place that it is named after, bool.
    """
    actor = records["china_actor_text"]
    named = china.province(actor.where(speaks, ""))["china_admin1"].dropna()
    counts = china.province(actor.where(speaks, ""), records["china_place"])["china_admin1"]
    other = named[named != counts[named.index]].map(china.province_name)
    said = "china_actor_text names " + other + "; kept is china_place"
    yield rows_of(records.loc[other.index, "china_place"], said)
    parts = actor[speaks & records["china_place"].eq("")].str.split(_PARTED).explode()
    parts = china.province(parts)["china_admin1"].dropna()
    several = counts[parts.groupby(level=0).nunique()[lambda n: n > 1].index]
    several = several.map(china.province_name, "ignore").fillna("none of them")
    said = "names places of several provinces; it counts as " + several
    yield rows_of(actor[several.index], said)


def of_units(records: pd.DataFrame) -> Doubts:
    """Given units that are none of their country's: such a cell is read as if blank."""
    units = places.coded_units(records)
    units = units[units["admin1"].isna()]
    first = units.head(SUGGESTED)
    near = distinct.apply(suggest.unit, first["lac_iso3"], first["lac_admin1"])
    yield rows_of(units["lac_admin1"], "no first-level unit of the country is called", "", near)


def of_places(records: pd.DataFrame) -> Doubts:
    """Places that are not known, or are read as something else than they say."""
    text, level, found = records["lac_place_text"], records["lac_level"], places.resolve(records)
    national = text[level.eq("national") & text.ne("")]
    yield rows_of(national, "of level national: no local engagement, and no place")
    unread = text[found["place_id"].isna() & level.ne("national") & text.ne("")]
    said = "names no place that is known, or says more: its country alone counts"
    yield rows_of(unread, said, "its first-level unit in lac_admin1")
    shown = found.astype("object").where(found.notna(), "")
    towns = zip(records["lac_iso3"], shown["admin1"], shown["municipality"], strict=True)
    strange = [name != "" and (unit, name) not in town_names(iso3) for iso3, unit, name in towns]
    said = "a town that no gazetteer has in its unit: in another spelling or unit it counts as "
    yield rows_of(text[strange], said + "another place")
    told = text.where(text != "", records["lac_actor_text"])
    as_read = distinct.apply(_read_as, records["lac_iso3"], level, told, shown["admin1"],
                             shown["municipality"], shown["place_n"])  # fmt: skip
    yield rows_of(told.rename("lac_place_text")[as_read != ""], as_read[as_read != ""])
    yield from _of_given_units(records, found)


def _of_given_units(records: pd.DataFrame, found: pd.DataFrame) -> Doubts:
    """Units in lac_admin1 that are read as others, or beside a place of one of them."""
    given = places.coded_units(records).dropna(subset="admin1")
    named = given[given["lac_admin1"].str.upper().ne(given["admin1"])]
    blank, level = pd.Series("", named.index), pd.Series("admin1", named.index)
    as_read = distinct.apply(_read_as, named["lac_iso3"], level, named["lac_admin1"],
                             named["admin1"], blank, named["place_n"])  # fmt: skip
    yield rows_of(named.loc[as_read != "", "lac_admin1"], as_read[as_read != ""])
    several = given.groupby(level=0)["admin1"].nunique()[lambda n: n > 1]
    lone = found["admin1"][several.index].dropna()[found["place_n"].eq(1)].map(_unit_name)
    said = "names several units, and the place one: it counts in " + lone
    yield rows_of(records.loc[lone.index, "lac_admin1"], said)
    # a unit's name that another unit has, too, where the town lies in the other
    alone = given[~given.index.duplicated(keep=False)].join(found["admin1"].rename("read"))
    other = alone.dropna()[lambda cells: cells["read"] != cells["admin1"]]
    said = "as " + other["read"].map(_unit_name) + ", where its town lies, is read the unit"
    yield rows_of(other["lac_admin1"], said)


def _damaged(text: str) -> bool:
    """Whether another program lost letters, or read UTF-8 as a Western encoding."""
    for encoding in ("cp1252", "latin-1"):
        with suppress(UnicodeError):
            if not text.isascii() and text.encode(encoding).decode("utf-8") != text:
                return True
    return _LOST.search(text) is not None


def _holds_a_row(cells: pd.Series, source: read.Source) -> pd.Series:
    """The cells that may have swallowed rows, as from one quote to another one below it."""
    marks = [mark for mark, name in delimited.SEPARATORS.items() if source.format.endswith(name)]
    several = cells[cells.str.contains("\n")]
    most = len(source.frame.columns) - 1
    return several[[text.count(mark) >= most for text in several for mark in marks]]


def _read_as(iso3: str, level: str, text: str, admin1: str, municipality: str, count: int) -> str:
    """What a place's text is read as, where it is not just that name; else ''."""
    unit = _unit_name(admin1) if admin1 else ""
    read = ", ".join(filter(None, [municipality, unit]))
    named = {*tokens(read), *" ".join(gazetteer(iso3).country_keys).split()}
    is_unit = level == "municipal" and not municipality
    said = {*tokens(text)}
    own = {word for word in tokens(municipality) if not is_generic(word)}
    plain = own <= said and all(word in named or is_generic(word) for word in said)
    one_line = "\n" not in text  # whose end parts two names, or one
    # Saint George is the parish, and Saint George's its town
    other = bare_name(text) == unit and "'" in municipality and "'" not in text
    if not read or (plain and count == 1 and one_line and not is_unit and not other):
        return ""
    first = f", the first of {count} places," * (count > 1)
    return f"as {'the unit ' * is_unit}{read}{first} is read"


def _unit_name(code: str) -> str:
    return pycountry.subdivisions.get(code=code).name
