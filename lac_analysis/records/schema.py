"""The raw tables, checked against their one description: data/raw/datapackage.json (Frictionless
Data Package v1).
"""

import io
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import fastjsonschema
import pandas as pd
from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import OSA

from lac_analysis import config, files
from lac_analysis.errors import InputError
from lac_analysis.records import dates

_DESCRIPTION = "datapackage.json"
_NUMERIC = {
    "integer": (r"[+-]?[0-9]{1,18}", "a whole number"),  # 18 digits fit in an int64
    "number": (r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", "a number"),
}
_DATES = {
    "date": ("%Y-%m-%d", "a date that exists, YYYY-MM-DD"),
    "yearmonth": ("%Y-%m", "a month that exists, YYYY-MM"),
}
_PARTIAL_DATE = (
    f"a date that exists, YYYY, YYYY-MM or YYYY-MM-DD, {config.FIRST_YEAR} to {dates.LAST_DAY}"
)
_PROBLEM = ["row", "column", "problem", "value", "expected"]


def read_raw(path: str | Path, table: str) -> pd.DataFrame:
    """Read a CSV file (UTF-8, with or without a byte order mark) as one of the raw tables, such as
    "engagements", checked and typed.

    Returns one row a row of the file, columns in the order of the description. Numbers are int64,
    or float64 where a cell may be blank. All else stays text, dates and the coders' 0/1 included,
    with '' for a blank.

    Raises InputError: the file cannot be read, its columns are not the described ones, or a value
    is not allowed. The message shows the first such value (row as a spreadsheet counts, header = 1)
    and counts the others.
    """
    path = Path(path)
    text, described = _read_text(path), fields(table)
    missing = [name for name in described if name not in text]
    if wrong := missing or [name for name in text if name not in described]:
        problem = "missing column" if missing else "column not in the description"
        expected = f"columns {', '.join(described)}, separated by commas"
        where = {"column": wrong[0], "value": ",".join(text)}
        raise InputError(problem, file=path.name, **where, expected=expected)
    text = text[list(described)]
    refuse(problems(text.set_axis(text.index + 2), table), table, path.name)
    for name, field in described.items():
        if field["type"] in _NUMERIC:
            whole = field["type"] == "integer" and _limits(field).get("required", False)
            number = pd.to_numeric(text[name].replace("", None))
            text[name] = number.astype("int64" if whole else "float64")
    return text


def problems(text: pd.DataFrame, table: str) -> pd.DataFrame:
    """Every value that the description does not allow: row, column, problem, value, expected; by
    row, then column.

    text : the described columns as text, '' for a blank; the index counts rows as a spreadsheet
        does (header = 1).

    A cell with several problems is told by the first; a repeated key names its columns with commas.
    """
    found = []

    def add(values: pd.Series, column: str, problem: str, expected: str) -> None:
        rows = zip(values.index, values.tolist(), strict=True)
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
    return shown.sort_values("row", kind="stable", ignore_index=True)  # columns are in order


def refuse(found: pd.DataFrame, table: str, file: str | None = None) -> None:
    """Raise the first of the `problems`, with how many others and the nearest allowed value."""
    if found.empty:
        return
    first = found.iloc[0]
    near = nearest(first["value"], allowed(table, first["column"]))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    expected = (f"perhaps {near}; " if near else "") + first["expected"] + more
    where = first[["row", "column", "value"]].to_dict()
    raise InputError(first["problem"], file=file, **where, expected=expected)


def allowed(table: str, column: str) -> list[str]:
    """The values that a column is restricted to; empty where it is not."""
    field = fields(table).get(column, {})
    found = _limits(field).get("enum") or field.get("falseValues", []) + field.get("trueValues", [])
    return list(map(str, found))


def nearest(value: str, choices: list[str]) -> str:
    """The choice that is spelt most like the value; '' where none is."""
    choices = [choice for choice in choices if len(choice) > 1]  # 1.00 is no slip of 0
    # of short codes, one slip is a third of the letters
    for scorer, least in ((fuzz.WRatio, 70), (OSA.normalized_similarity, 0.6)):
        options = {"scorer": scorer, "processor": utils.default_process, "score_cutoff": least}
        if found := process.extractOne(value, choices, **options):
            return found[0]
    return ""


@cache
def tables() -> dict[str, dict]:
    """The described tables: name -> resource descriptor. Raises InputError where the description
    says what `description.yml` does not allow, or a key is no column.
    """
    description = files.read_json(config.RAW / _DESCRIPTION)
    fail = partial(InputError, file=_DESCRIPTION)
    try:
        rules = files.read_yaml(Path(__file__).with_name("description.yml"))
        fastjsonschema.validate(rules, description)
    except fastjsonschema.JsonSchemaValueException as error:
        raise fail("not as tables are described", expected=error.message) from None
    profile = "tabular-data-resource"
    found = {each["name"]: each for each in description["resources"] if each["profile"] == profile}
    columns = {(name, f["name"]) for name, each in found.items() for f in each["schema"]["fields"]}
    for name, each in found.items():
        schema = each["schema"]
        if each["path"] != f"{name}.csv":
            raise fail(f"the path of {name}", value=each["path"], expected=f"{name}.csv")
        key, links = schema.get("primaryKey", []), schema.get("foreignKeys", [])
        named = [key] if isinstance(key, str) else [*key]
        keys = [(name, column) for column in [*named, *(link["fields"] for link in links)]]
        keys += [(to["resource"], to["fields"]) for to in (link["reference"] for link in links)]
        for table, column in keys:
            if (table, column) not in columns:
                raise fail(f"a key of {name} is no column of {table}", value=column)
    return found


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
        layout, expected = _DATES[kind]
        read = partial(pd.to_datetime, format=layout, errors="coerce")
        yield "unusable date", expected, lambda column: read(column).dt.strftime(layout).eq(column)
    if field.get("partialDate"):
        expected, usable = _PARTIAL_DATE, lambda value: dates.fault(value) is None
        yield "unusable date", expected, lambda column: column.isin(filter(usable, column.unique()))
    value = _number if kind in _NUMERIC else pd.Series  # dates are compared as text
    listed = limits.get("enum", [])
    if kind == "boolean":
        listed = field["falseValues"] + field["trueValues"]
    if listed:
        expected = "one of " + ", ".join(map(str, listed))
        yield "unknown value", expected, lambda column: value(column).isin(listed)
    if pattern := limits.get("pattern"):
        expected = f"a match of {pattern}"
        yield "malformed value", expected, lambda column: column.str.fullmatch(pattern)
    if (least := limits.get("minimum")) is not None:
        yield "too small", f"{least} or more", lambda column: _number(column) >= least
    if (most := limits.get("maximum")) is not None:
        yield "too large", f"{most} or less", lambda column: value(column) <= most
    if limits.get("unique"):
        expected = "a value that appears once, as a number, too"  # 1, 01 and 1.0 are one
        plain = partial(re.compile(r"^0*(\d+)(\.0*)?$").sub, r"\1")
        yield "repeated value", expected, lambda column: ~column.map(plain).duplicated()


def _number(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce")


def _read_text(path: Path) -> pd.DataFrame:
    fail = partial(InputError, file=path.name)
    try:
        content = path.read_bytes()
        if (at := content.find(b"\0")) >= 0:  # pandas would end the cell there
            raise UnicodeDecodeError("utf-8", content, at, at + 1, "NUL")
        # blank lines are kept, so that row numbers are those of a spreadsheet
        options = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False}
        text = pd.read_csv(io.StringIO(content.decode("utf-8-sig")), **options)
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path) from None
    except UnicodeError as error:
        row = content[: getattr(error, "start", 0)].count(b"\n") + 1
        expected = "a CSV file saved as UTF-8"
        raise fail("the file is not UTF-8 text", row=row, expected=expected) from None
    except pd.errors.EmptyDataError:
        raise fail("the file is empty", expected="a CSV file with a header") from None
    except pd.errors.ParserError as error:
        if "out of memory" in str(error):
            raise MemoryError from None
        at = re.search(r"in line (\d+)", str(error))
        expected = "as many cells in each row as in the header, and every quote closed"
        problem = "the file is not a well-formed CSV file"
        raise fail(problem, row=at and at[1], expected=expected) from None
    if not isinstance(text.index, pd.RangeIndex):
        raise fail("more cells in a row than in the header", row=2)
    if text.empty:
        raise fail("the file has no rows below its header")
    return text
