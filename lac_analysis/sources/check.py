"""Everything that is wrong with a table of engagement records, found in one pass and said in
groups.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import pycountry

from lac_analysis import config, files, tables
from lac_analysis.errors import InputError
from lac_analysis.records import china, coding, countries, dates, distinct, pairs, places, schema
from lac_analysis.records.clean import plain_signs
from lac_analysis.records.gazetteer import gazetteer, is_generic, tokens, town_names
from lac_analysis.sources import delimited, maps, own, read, suggest, world
from lac_analysis.sources.own import rows_of

_COLUMNS = ["row", "column", "problem", "value", "expected", "nearest"]
_RAW = {"actor_type": "china_actor_type", "activity": "activity_type"}  # code -> its raw column
_ROWS_SHOWN = 6
_GROUPS_SHOWN = 40
_SUGGESTED = 5_000  # problems of which the nearest value is looked for
_VALUE_SHOWN = 60
_PLANNED = r"(?i)^planned\b|[(\[（［【][^)\]）］】]*\bplanned\b|(?<!as) planned\W*$"
_PARTED = re.compile(r"[-–—,;(/&+|，；（、与和及]|\b(?:and|y|e)\b")
# a mark for each, or UTF-8 that was read as another encoding
_LOST = re.compile("\ufffd|\\?{4}|Ã[\xa1-\xbf]")


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found; problems and notes are tables of _COLUMNS."""

    file: str  # its name
    format: str  # what it is, for people
    n_rows: int  # below the header, that hold anything
    problems: pd.DataFrame  # each stops `lac run`
    notes: pd.DataFrame  # what is left out, not used or doubtful, and stops nothing

    def save(self, path: Path) -> None:
        """Write the report as JSON, atomically."""
        content = {"file": self.file, "format": self.format, "rows": self.n_rows}
        content["usable"] = self.problems.empty
        for name in ("problems", "notes"):
            content[name] = getattr(self, name).to_dict("records")
        files.write_json(path, content)


def check(path: str | Path, encoding: str = "") -> Report:
    """Check a table of engagement records against the schema and the gazetteers.

    Raises InputError where the file cannot be read as a table at all (see `sources.read`).
    """
    path = Path(path)
    source = read.read(path, maps.wanted(), encoding)
    text, missing, unused = own.align(source.frame)
    outside = own.is_outside(text["lac_iso3"])
    inside = text[~outside]
    usable = inside[inside["lac_iso3"].isin(schema.allowed(own.TABLE, "lac_iso3"))]
    absent = [name for name in text if name not in source.frame]
    template = "a column of this name; `lac template` writes a table with all"
    faults = [(f.row, "all", f.problem, f.value, f.expected) for f in source.faults]
    wrong = own.problems(inside)
    wrong = wrong[~wrong["column"].isin(missing)]
    first = wrong.head(_SUGGESTED)
    near = distinct.apply(suggest.nearest, first["column"], first["value"])
    problems = [
        *(_whole(name, "missing column", template, schema.nearest(name, unused))
          for name in missing),
        pd.DataFrame(faults, columns=_COLUMNS[:-1]),
        wrong.assign(nearest=near),
    ]  # fmt: skip
    if inside.empty:
        problems.append(_whole("lac_iso3", "no record is of the 33 countries"))
    again = pd.Series("", inside.index[own.is_repeated(inside)], name="all")
    if not any(map(len, problems)):
        problems.append(_compared(usable.drop(again.index)))
    of_taiwan = usable.loc[china.is_taiwan(usable["china_actor_text"]), "china_actor_text"]
    named = countries.conflicts(usable["lac_country_text"], usable["lac_iso3"])
    abroad = world.iso3(usable["lac_country_text"])
    abroad = abroad[~abroad.isin(["", *config.CELAC])].drop(named.index, errors="ignore")
    abroad = pd.DataFrame({"resolved": abroad, "coded": usable["lac_iso3"].reindex(abroad.index)})
    named = pd.concat([named, abroad])
    given = places.coded_units(usable)
    units = given[given["admin1"].isna()]  # such a cell is read as if blank
    noted = units.head(_SUGGESTED)
    near_unit = distinct.apply(suggest.unit, noted["lac_iso3"], noted["lac_admin1"])
    known = plain_signs(usable.iloc[:0] if any(map(len, problems)) else usable)
    codes, recoded = coding.code(known, tables.ours(known))
    planned = pd.Series("", known.index[codes["planned"]], name="description")
    undone = known.loc[~codes["planned"], ["description", "date_text"]]
    says = [cells[cells.str.contains(_PLANNED)] for _, cells in undone.items()]
    told = zip(known["date_text"], known["date_iso"], strict=True)
    other_date = [iso != "" and not dates.agrees(text, iso) for text, iso in told]
    speaks = codes["tier"].eq("local") | codes["actor_type"].eq("university")
    named_province, province = (
        china.province(known["china_actor_text"].where(speaks, ""), place)["china_admin1"]
        for place in (None, known["china_place"])
    )
    parts = known.loc[speaks & known["china_place"].eq(""), "china_actor_text"]
    parts = china.province(parts.str.split(_PARTED).explode())["china_admin1"].dropna()
    several = province[parts.groupby(level=0).nunique()[lambda n: n > 1].index]
    several = several.map(china.province_name, "ignore").fillna("none of them")
    other_province = named_province.dropna()[lambda cells: cells != province[cells.index]]
    found = places.resolve(known)
    some = given[given["admin1"].notna() & given["lac_admin1"].str.upper().ne(given["admin1"])]
    blank, level = pd.Series("", some.index), pd.Series("admin1", some.index)
    unit_as = distinct.apply(_read_as, some["lac_iso3"], level, some["lac_admin1"],
                             some["admin1"], blank, some["place_n"])  # fmt: skip
    units_of = given.groupby(level=0)["admin1"].nunique()  # beside a place of one of them
    lone = found["admin1"][units_of[units_of.gt(1)].index].dropna()[found["place_n"].eq(1)]
    # a unit's name that another unit has, too, where the town lies in the other
    other_unit = given[~given.index.duplicated(keep=False)].join(found["admin1"].rename("read"))
    other_unit = other_unit.dropna()[lambda cells: cells["read"] != cells["admin1"]]
    lost = found["place_id"].isna() & known["lac_level"].ne("national")
    towns = zip(known["lac_iso3"], found["admin1"].fillna(""), found["municipality"].fillna(""),
                strict=True)  # fmt: skip
    strange = [name != "" and (unit, name) not in town_names(iso3) for iso3, unit, name in towns]
    national = known.loc[known["lac_level"].eq("national"), "lac_place_text"]
    unread = known.loc[lost & known["lac_place_text"].ne(""), "lac_place_text"]
    text_read = known["lac_place_text"].where(lambda text: text != "", known["lac_actor_text"])
    shown = found.astype("object").where(found.notna(), "")
    read_as = distinct.apply(_read_as, known["lac_iso3"], known["lac_level"], text_read,
                             shown["admin1"], shown["municipality"], shown["place_n"])  # fmt: skip
    other_country = "lac_country_text names " + named["resolved"] + "; kept is the code"
    notes = [
        *(_whole(name, "column is none of ours and is not used", "", schema.nearest(name, absent))
          for name in unused),
        rows_of(text.loc[outside, "lac_iso3"], "country outside the 33; the record is left out"),
        rows_of(again, "the same as an earlier record; counted once"),
        *([_whole("all", "places, dates and codes are looked at when no problem is left")]
          if any(map(len, problems)) else []),
        *(rows_of(cells[cells.map(_damaged)], "letters that another program lost or changed")
          for _, cells in usable.items()),
        *(rows_of(_holds_a_row(cells, source), "lines and separators of a whole row: is a quote "
                  "left open?") for _, cells in usable.items()),
        rows_of(named["coded"].rename("lac_iso3"), other_country, nearest=named["resolved"]),
        rows_of(units["lac_admin1"], "no first-level unit of the country is called", "", near_unit),
        rows_of(usable.loc[usable["date_iso"] == "", "date_iso"], "blank: an undated record counts "
                "only where a claim takes undated ones (-p undated=include)"),
        rows_of(known.loc[other_date, "date_text"], "tells another date than date_iso, which "
                "counts", known.loc[other_date, "date_iso"]),
        rows_of(pd.Series("", pd.Index(source.blank, dtype="int64"), name="all"), "a blank row"),
        *(rows_of(part["from"].rename(_RAW[column]), "by the rule " + part["rule"]
                  + " of records/codebook.yml it counts as " + part["to"] + ", not")
          for column, part in recoded.groupby("column")),
        rows_of(planned, "planned: not counted, unless another record tells that it happened"),
        *(rows_of(cells, "counted as done; what is only planned",
                  "(planned) at the end of its description") for cells in says),
        # the claims are about the People's Republic
        rows_of(of_taiwan, "the actor is Taiwan's; the claims would count it as China's",
                "an actor of the People's Republic"),
        rows_of(known.loc[other_province.index, "china_place"], "china_actor_text names "
                + other_province.map(china.province_name) + "; kept is china_place"),
        rows_of(known.loc[several.index, "china_actor_text"], "names places of several provinces; "
                "it counts as " + several),
        rows_of(national[national != ""], "of level national: no local engagement, and no place"),
        rows_of(unread, "names no place that is known, or says more: its country alone counts",
                "its first-level unit in lac_admin1"),
        rows_of(known.loc[strange, "lac_place_text"], "a town that no gazetteer has in its "
                "unit: in another spelling or unit it counts as another place"),
        rows_of(text_read.rename("lac_place_text")[read_as != ""], read_as[read_as != ""]),
        rows_of(some.loc[unit_as != "", "lac_admin1"], unit_as[unit_as != ""]),
        rows_of(known.loc[lone.index, "lac_admin1"], "names several units, and the place one: it "
                "counts in " + lone.map(_unit_name)),
        rows_of(other_unit["lac_admin1"], "as " + other_unit["read"].map(_unit_name)
                + ", where its town lies, is read the unit"),
    ]  # fmt: skip
    kind, version = maps.recognise(source.frame.columns)
    if kind:
        said, command = f"it looks like {version}", f"lac import {kind} {path.name} -o OUT.csv"
        notes.insert(0, _whole("all", said, command))
    ordered = _table(problems).sort_values("row", kind="stable", ignore_index=True)
    return Report(path.name, source.format, len(text), ordered, _table(notes))


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
    if not read or (plain and count == 1 and one_line and not is_unit):
        return ""
    first = f", the first of {count} places," * (count > 1)
    return f"as {'the unit ' * is_unit}{read}{first} is read"


def _unit_name(code: str) -> str:
    return pycountry.subdivisions.get(code=code).name


def _compared(records: pd.DataFrame) -> pd.DataFrame:
    """The problem of a large table, if there is one, when its records are compared."""
    if len(records) ** 2 > 2 * pairs.MOST:
        try:
            tables.from_records(records, "")
        except InputError as error:
            return rows_of(pd.Series(error.value, [1], name="all"), error.problem, error.expected)
    return _table([])


def as_text(report: Report) -> str:
    """The report for a terminal: problems, then notes, alike ones together."""
    lines = [f"{report.file}: {report.format}, {report.n_rows:,} rows"]
    for name, found in (("problem", report.problems), ("note", report.notes)):
        groups = found.groupby(_COLUMNS[1:], sort=False)["row"]
        count = f"{len(found):,} {name}{'s' * (len(found) != 1)}"
        shown = [_line(key, rows) for key, rows in islice(groups, _GROUPS_SHOWN)]
        lines += ["", count + (":" if shown else ""), *shown]
        if len(groups) > _GROUPS_SHOWN:
            more = f"{len(groups) - _GROUPS_SHOWN:,} more kinds"
            lines.append(f"- and {more}; `--json OUT` writes all of them")
    can = "It can be used: lac run --data FILE"
    return "\n".join([*lines, "", can if report.problems.empty else "It cannot be used as it is."])


def _line(key: tuple[str, ...], rows: pd.Series) -> str:
    column, problem, value, expected, near = key
    numbers = ", ".join(str(row) for row in rows.head(_ROWS_SHOWN))
    more = f" and {len(rows) - _ROWS_SHOWN:,} more" if len(rows) > _ROWS_SHOWN else ""
    where = f" in row{'s' * (len(rows) > 1)} {numbers}{more}" if rows.iloc[0] > 1 else ""
    cut = value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 3] + "..."
    shown = f" {cut!r}" if value else ""  # its repr: no control characters
    text = f"- {column}: {problem}{shown}{where}" + (f"; perhaps {near}" if near else "")
    return text + (f". Expected: {expected}" if expected else "")


def _table(found: list[pd.DataFrame]) -> pd.DataFrame:
    text = dict.fromkeys(_COLUMNS[1:], "str")
    table = pd.concat([pd.DataFrame(columns=_COLUMNS), *found]).reindex(columns=_COLUMNS).fillna("")
    return table.astype({"row": "int64"} | text).reset_index(drop=True)


def _whole(column: str, problem: str, expected: str = "", nearest: str = "") -> pd.DataFrame:
    """Of a whole column: its header is meant."""
    return rows_of(pd.Series([""], [1], name=column), problem, expected, nearest)
