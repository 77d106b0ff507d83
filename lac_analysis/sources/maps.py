"""adapters.yml, which says what each data set calls its columns and how its words become codes."""

import re
from collections.abc import Collection
from itertools import chain
from pathlib import Path

import pandas as pd

from lac_analysis import files
from lac_analysis.errors import InputError
from lac_analysis.records import coding, schema
from lac_analysis.records.clean import plain_signs
from lac_analysis.sources import read

BLANK = (  # in any case; the apostrophe is that of a table that `lac` wrote
    r"#?n\.?/?a\.?|[<(\[]?(?:na|nan|nat|null|none|nil)[>)\]]?|\\n|[ns]/d|无|'?[-–—.]+|\?|"
    r"ningun[ao]|nenhuma?|s(?:in|em) (?:datos?|dados?|informaci[oó]n|informação)|"
    r"no aplica|n[ãa]o se aplica|not applicable|#(?:ref!|value!|name\?|num!|null!|div/0!)"
)
SAID = files.read_yaml(Path(__file__).with_name("adapters.yml"))  # of a kind, or "every" one
KINDS = [name for name in SAID if name != "every"]  # of data sets that are read
_STRICT = ("id", "year", "date", "recommended", "umbrella")  # refused where they are not read
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")  # with which a finer one may begin
NO_NAME = re.compile(r"https?://\S+|Q\d+")  # an identifier of Wikidata


def wanted() -> set[str]:
    """Every column by which a sheet of records, or of a data set of any kind, is known."""
    groups = [group for kind in KINDS for group in (SAID[kind]["versions"], SAID[kind]["columns"])]
    theirs = {name for group in groups for names in group.values() for name in names}
    return {"text", *schema.fields("engagements"), *theirs}


def identify(kind: str, header: Collection[str]) -> str:
    """The version of a kind of data set that the columns show; '' if they are not its."""
    have = {name.casefold() for name in [*header, *_columns(kind, header)]}
    versions = SAID[kind]["versions"].items()
    return next((v for v, needed in versions if {n.casefold() for n in needed} <= have), "")


def recognise(header: Collection[str]) -> tuple[str, str]:
    """Kind and version of the data set that the columns show; blank if they are none's."""
    found = ((kind, identify(kind, header)) for kind in KINDS)
    return next(((kind, version) for kind, version in found if version), ("", ""))


def open_table(kind: str, path: Path, encoding: str = "") -> tuple[str, pd.DataFrame]:
    """Version and table of a file, the columns by our names, blank where the version has none; its
    `attrs` are the file's name, its own names of the columns it has, and what is to be told.

    Raises InputError as `_merged`, or where it is not read, or of another kind, which is named.
    """
    source = read.table(path, wanted(), encoding)
    frame = source.frame
    version, (other, its_version) = identify(kind, frame.columns), recognise(frame.columns)
    if not version and other:
        problem = f"the content is not {kind} but {other}: {its_version}"
        raise InputError(problem, file=path.name, expected=f"lac import {other} {path.name}")
    if not version:
        needed = "; or ".join(", ".join(names) for names in SAID[kind]["versions"].values())
        problem, header = f"not a file of kind {kind}", ",".join(frame.columns)
        raise InputError(problem, file=path.name, value=header, expected=f"the columns {needed}")
    theirs = _columns(kind, frame.columns)
    blanks = []
    named = [names for ours, names in theirs.items() if ours not in _STRICT]
    for name in dict.fromkeys(chain(*named)):
        is_blank = frame[name].str.fullmatch(BLANK, case=False)
        for word, n in frame.loc[is_blank, name].value_counts().items():
            blanks.append(f"{word!r} in {n:,} of {name}")
        frame[name] = frame[name].mask(is_blank, "")
    differ: list[str] = []
    columns = {ours: _merged(frame[names], path.name, differ) for ours, names in theirs.items()}
    blank = dict.fromkeys(SAID[kind]["columns"], "")
    table = pd.DataFrame(blank | columns, index=frame.index, dtype="str")
    table.update(plain_signs(table.drop(columns="unit", errors="ignore")))  # it is repaired first
    if "id" in table:
        table["id"] = table["id"].str.removesuffix(".0")  # of a column with a blank, by pandas
    unread = [name for name in frame if not any(name in names for names in theirs.values())]
    told = {"columns not read": unread, "beside the first column of a meaning": differ}
    told["read as blank"] = blanks
    told["blank rows"] = [f"row {number}" for number in source.blank]
    table.attrs = {"file": path.name, "theirs": theirs, "told": told}
    return version, table


def _columns(kind: str, header: Collection[str]) -> dict[str, list[str]]:
    """Our name -> the file's own, of the columns it has."""
    found = {
        ours: [name for name in header if name.casefold() in map(str.casefold, names)]
        for ours, names in SAID[kind]["columns"].items()
    }
    return {ours: names for ours, names in found.items() if names}


def _merged(cells: pd.DataFrame, file: str, differ: list[str]) -> pd.Series:
    """Columns of one meaning as one: the first that is not blank, or a date that begins with it. To
    `differ` is added what they say beside it. Raises InputError where two have one name.
    """
    if len(cells.columns) == 1:
        return cells.iloc[:, 0]
    if cells.columns.str.casefold().has_duplicates:
        value, expected = ", ".join(cells), "every name once, in upper or lower case"
        raise InputError("two columns of one name", file=file, value=value, expected=expected)
    merged = []
    for row, texts in cells.iterrows():
        kept, *others = [text for text in texts if text and not NO_NAME.fullmatch(text)] or [""]
        for other in others:
            if _DATE.fullmatch(kept) and other.startswith(kept):
                kept = other
            elif other != kept and not (_DATE.fullmatch(other) and kept.startswith(other)):
                differ.append(f"{other[:60]!r} beside {kept[:60]!r} in row {row}")
        merged.append(kept)
    return pd.Series(merged, cells.index)


def records(kind: str, version: str, table: pd.DataFrame) -> pd.DataFrame:
    """Rows in our schema: the columns that a table has by our names, else what adapters.yml says.

    `source_title` is the version: a data set tells its own entries apart, so deduplication never
    merges two of them.
    """
    said = SAID["every"] | SAID[kind]["record"]
    rows = table.assign(version=version).to_dict("records")

    def made(said: str | list[dict], row: dict[str, str]) -> str:
        text = said if isinstance(said, str) else first(said, row)
        return " ".join(text.format_map(row).split())

    columns = {
        name: table[name] if name in table else [made(said.get(name, ""), row) for row in rows]
        for name in schema.fields("engagements")
    }
    return pd.DataFrame(columns, index=table.index).astype("str")


def first(rules: list[dict], texts: dict[str, str]) -> str:
    """What the first rule gives of which all patterns are found in the texts that they name, and
    none of its `unless`; '' where none fits.
    """

    def found(patterns: dict[str, str]) -> list[bool]:
        named = patterns.keys() & texts.keys()
        return [bool(coding.pattern(patterns[name]).search(texts[name])) for name in named]

    fits = (r for r in rules if all(found(r)) and not any(found(r.get("unless", {}))))
    return next((rule["to"] for rule in fits), "")
