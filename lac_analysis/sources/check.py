"""Everything that is wrong with a table of engagement records, found in one pass and said in
groups.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from lac_analysis import files, tables
from lac_analysis.errors import InputError
from lac_analysis.records import distinct, pairs, schema
from lac_analysis.records.clean import plain_signs
from lac_analysis.sources import doubts, maps, own, read, suggest
from lac_analysis.sources.own import rows_of

_COLUMNS = ["row", "column", "problem", "value", "expected", "nearest"]
_ROWS_SHOWN = 6
_GROUPS_SHOWN = 40
_VALUE_SHOWN = 60


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
    first = wrong.head(doubts.SUGGESTED)
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
    clear = not any(map(len, problems))
    known = plain_signs(usable if clear else usable.iloc[:0])
    waiting = "places, dates and codes are looked at when no problem is left"
    notes = [
        *(_whole(name, "column is none of ours and is not used", "", schema.nearest(name, absent))
          for name in unused),
        rows_of(text.loc[outside, "lac_iso3"], "country outside the 33; the record is left out"),
        rows_of(again, "the same as an earlier record; counted once"),
        rows_of(pd.Series("", pd.Index(source.blank, dtype="int64"), name="all"), "a blank row"),
        *([] if clear else [_whole("all", waiting)]),
        *doubts.of_text(usable, source),
        *doubts.of_countries(usable),
        *doubts.of_dates(known),
        *doubts.of_codes(known),
        *doubts.of_units(usable),
        *doubts.of_places(known),
    ]  # fmt: skip
    kind, version = maps.recognise(source.frame.columns)
    if kind:
        said, command = f"it looks like {version}", f"lac import {kind} {path.name} -o OUT.csv"
        notes.insert(0, _whole("all", said, command))
    ordered = _table(problems).sort_values("row", kind="stable", ignore_index=True)
    return Report(path.name, source.format, len(text), ordered, _table(notes))


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
