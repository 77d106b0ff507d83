"""The raw tables, checked against their one description: data/raw/datapackage.json (Frictionless
Data Package v1).
"""

import difflib
import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import dates

_DESCRIPTION_FILE = config.RAW / "datapackage.json"
_NUMERIC = {
    "integer": (r"[+-]?[0-9]{1,18}", "a whole number"),  # 18 digits fit in an int64
    "number": (r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", "a number"),
}
_DATES = {
    "date": (10, "a date that exists, YYYY-MM-DD"),
    "yearmonth": (7, "a month that exists, YYYY-MM"),
}
_PARTIAL_DATE = (
    f"a date that exists, YYYY, YYYY-MM or YYYY-MM-DD, {config.FIRST_YEAR} to {dates.LAST_DAY}"
)
_PROBLEM = ["row", "column", "problem", "value", "expected"]


def read_raw(path: str | Path, table: str) -> pd.DataFrame:
    """Read a CSV file (UTF-8, with or without a byte order mark) as one of the raw tables, checked
    and typed.

    Parameters
    ----------
    path : the file.
    table : a table of the description, such as "engagements".

    Returns
    -------
    One row a row of the file, columns in the order of the description. Numbers are int64, or
    float64 where a cell may be blank. All else stays text, dates and the coders' 0/1 included, with
    '' for a blank.

    Raises
    ------
    InputError : the file cannot be read, its columns are not the described ones, or a value is not
        allowed. The message shows the first such value (row as a spreadsheet counts, header = 1)
        and counts the others.
    """
    path = Path(path)
    text = _read_text(path)
    described = fields(table)
    _check_columns(path, list(text.columns), list(described))
    text = text[list(described)]
    refuse(problems(text.rename(index=lambda position: position + 2), table), path, table)
    for name, field in described.items():
        if field["type"] in _NUMERIC:
            whole = field["type"] == "integer" and _limits(field).get("required", False)
            number = pd.to_numeric(text[name].replace("", None))
            text[name] = number.astype("int64" if whole else "float64")
    return text


def problems(text: pd.DataFrame, table: str) -> pd.DataFrame:
    """Every value that the description does not allow: row, column, problem, value, expected; by
    row, then column.

    Parameters
    ----------
    text : the described columns as text, '' for a blank; the index counts rows as a spreadsheet
        does (header = 1).

    A cell with several problems is told by the first; a repeated key names its columns with commas.
    """
    found = []

    def add(values: pd.Series, column: str, problem: str, expected: str) -> None:
        rows = zip(values.index, values, strict=True)
        found.extend((row, column, problem, value, expected) for row, value in rows)

    for name, field in fields(table).items():
        column = text[name]
        if _limits(field).get("required", False):
            add(column[column == ""], name, "missing value", "a value")
        column = column[column != ""]
        for problem, expected, passes in _rules(field):
            add(column[~passes(column).astype(bool)], name, problem, expected)
    key = tables()[table]["schema"].get("primaryKey", [])
    if isinstance(key, list) and key:  # a key of one column is marked `unique` on its field
        again = text[text.duplicated(key)]
        values = again[key[0]].str.cat(again[key[1:]], sep=", ")
        add(values, ", ".join(key), "repeated key", "a combination that appears once")
    shown = pd.DataFrame(found, columns=_PROBLEM).drop_duplicates(["row", "column"])
    order = {name: position for position, name in enumerate(text)}
    place = shown["column"].str.split(", ").str[0].map(order)
    shown = shown.assign(place=place).sort_values(["row", "place"], kind="stable")
    return shown[_PROBLEM].reset_index(drop=True)


def refuse(found: pd.DataFrame, path: Path, table: str) -> None:
    """Raise the first of the `problems` as an InputError that counts the others and names the
    nearest allowed value.
    """
    if found.empty:
        return
    first = found.iloc[0]
    near = nearest(first["value"], allowed(table, first["column"]))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise InputError(
        first["problem"],
        file=path.name,
        row=first["row"],
        column=first["column"],
        value=first["value"],
        expected=(f"perhaps {near}; " if near else "") + first["expected"] + more,
    )


def allowed(table: str, column: str) -> list[str]:
    """The values that a column is restricted to; empty where it is not."""
    return list(map(str, _limits(fields(table).get(column, {})).get("enum", [])))


def nearest(value: str, choices: list[str]) -> str:
    """The choice most like the value, upper and lower case alike; '' where none is much like it."""
    by_case = {name.casefold(): name for name in choices}
    close = difflib.get_close_matches(value.casefold(), by_case, n=1)
    return by_case[close[0]] if close else ""


@cache
def tables() -> dict[str, dict]:
    """The described tables: name -> resource descriptor."""
    resources = json.loads(_DESCRIPTION_FILE.read_text(encoding="utf-8"))["resources"]
    return {
        resource["name"]: resource
        for resource in resources
        if resource["profile"] == "tabular-data-resource"
    }


def fields(table: str) -> dict[str, dict]:
    """Field descriptors by name; a field that refers to one with an `enum` takes that `enum`."""
    found = _fields(table)
    for link in tables()[table]["schema"].get("foreignKeys", ()):
        name, reference = link["fields"], link["reference"]
        if enum := _limits(_fields(reference["resource"])[reference["fields"]]).get("enum"):
            found[name] = found[name] | {"constraints": _limits(found[name]) | {"enum": enum}}
    return found


def _fields(table: str) -> dict[str, dict]:
    return {field["name"]: field for field in tables()[table]["schema"]["fields"]}


def _limits(field: dict) -> dict:
    return field.get("constraints", {})


def _rules(field: dict) -> Iterator[tuple[str, str, Callable[[pd.Series], pd.Series]]]:
    """(problem, expected, test) of each constraint; a test takes the values that are not blank, as
    text, and returns which pass.

    The type comes first: of several problems in one cell, the first is the one shown.
    """
    kind, limits = field["type"], _limits(field)
    if kind in _NUMERIC:
        number, expected = _NUMERIC[kind]
        yield "unusable number", expected, lambda column: column.str.fullmatch(number)
    if kind in _DATES:
        length, expected = _DATES[kind]
        yield "unusable date", expected, _each(lambda v: len(v) == length and dates.exists(v))
    if field.get("partialDate"):
        yield "unusable date", _PARTIAL_DATE, _each(lambda value: dates.fault(value) is None)
    listed = limits.get("enum", [])
    if kind == "boolean":
        listed = field["falseValues"] + field["trueValues"]
    if listed:
        expected = "one of " + ", ".join(map(str, listed))
        read = _number if kind in _NUMERIC else pd.Series
        yield "unknown value", expected, lambda column: read(column).isin(listed)
    if pattern := limits.get("pattern"):
        expected = f"a match of {pattern}"
        yield "malformed value", expected, lambda column: column.str.fullmatch(pattern)
    if (least := limits.get("minimum")) is not None:
        yield "too small", f"{least} or more", lambda column: _number(column) >= least
    if (most := limits.get("maximum")) is not None:
        yield "too large", f"{most} or less", lambda column: _number(column) <= most
    if limits.get("unique"):
        yield "repeated value", "a value that appears once", lambda column: ~column.duplicated()


def _each(test: Callable[[str], bool]) -> Callable[[pd.Series], pd.Series]:
    """The test of a column that asks `test` of each different value."""
    return lambda column: column.isin([value for value in column.unique() if test(value)])


def _number(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce")


def _read_text(path: Path) -> pd.DataFrame:
    not_text = InputError(
        "the file is not UTF-8 text", file=path.name, expected="a CSV file saved as UTF-8"
    )
    try:
        content = path.read_bytes()
        if b"\0" in content:  # pandas would end the cell there
            raise not_text
        # blank lines are kept, so that row numbers are those of a spreadsheet
        text = pd.read_csv(
            io.BytesIO(content),
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            encoding="utf-8-sig",
        )
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path) from None
    except UnicodeDecodeError:
        raise not_text from None
    except pd.errors.EmptyDataError:
        expected = "a CSV file with a header"
        raise InputError("the file is empty", file=path.name, expected=expected) from None
    except pd.errors.ParserError as error:
        at = re.search(r"in line (\d+)", str(error))
        raise InputError(
            "the file is not a well-formed CSV file",
            file=path.name,
            row=at and at[1],
            expected="as many cells in each row as in the header, and every quote closed",
        ) from None
    if not isinstance(text.index, pd.RangeIndex):
        raise InputError("more cells in a row than in the header", file=path.name, row=2)
    if text.empty:
        raise InputError("the file has no rows below its header", file=path.name)
    return text


def _check_columns(path: Path, found: list[str], described: list[str]) -> None:
    wrong = {"missing column": [name for name in described if name not in found]}
    wrong["column not in the description"] = [name for name in found if name not in described]
    for problem, names in wrong.items():
        if names:
            raise InputError(
                problem,
                file=path.name,
                column=names[0],
                value=",".join(found),
                expected=f"columns {', '.join(described)}, separated by commas",
            )
