"""A user's own table of engagement records: read, checked, and ready to stand in for ours."""

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pycountry

from lac_analysis import config, tables
from lac_analysis.errors import InputError
from lac_analysis.records import coding, schema
from lac_analysis.sources import maps
from lac_analysis.sources import read as reader

TABLE = "engagements"
_OUTSIDE = "not one of the 33 countries; the record is left out"
_AGAIN = "another record is the same in all but record_id; the two count once"


@dataclass(frozen=True, eq=False)
class Own:
    """A user's records."""

    records: pd.DataFrame  # columns of data/raw/engagements.csv as text, '' for a blank
    left_out: pd.DataFrame  # rows of the table of unresolved values; reason _OUTSIDE or _AGAIN
    unused: list[str]  # columns of the file that are none of ours
    format: str  # what the file is, for people
    blank: list[int]  # rows that hold nothing, above the last that does


def load(path: str | Path) -> tables.Tables:
    """Tables in which a user's records stand in for ours, with a warning of columns that are not
    used. Raises InputError as `read`.
    """
    mine = read(path)
    if mine.unused:
        warnings.warn(f"{Path(path).name}: not used: {', '.join(mine.unused)}", stacklevel=3)
    return stand_in(mine, path)


def stand_in(mine: Own, path: str | Path) -> tables.Tables:
    """Tables in which the records that were read from `path` stand in for ours."""
    name = Path(path).name.encode("utf-8", "backslashreplace").decode()  # a byte may be no letter
    return tables.from_records(mine.records, name, mine.left_out)


def read(path: str | Path, encoding: str = "") -> Own:
    """Read a table of engagement records in any format of `sources.read`.

    Columns may stand in any order; those that may be blank may be absent, and columns of other
    names are not used. Records of countries outside the 33, and repeated ones, are left out.

    Raises InputError where the file cannot be read, a required column is absent, a value is not
    allowed, or no record is left.
    """
    path = Path(path)
    source = reader.table(path, maps.wanted(), encoding)
    text, missing, unused = align(source.frame)
    if missing:
        where = {"column": missing[0], "value": ",".join(source.frame.columns)}
        expected = f"at least the columns {', '.join(required())}"
        raise InputError("missing column", file=path.name, **where, expected=expected)
    outside = is_outside(text["lac_iso3"])
    if outside.all():
        where = {"row": text.index[0], "column": "lac_iso3", "value": text["lac_iso3"].iloc[0]}
        problem, expected = "no record is of the 33 countries", ", ".join(config.CELAC)
        raise InputError(problem, file=path.name, **where, expected=expected)
    schema.refuse(problems(text[~outside]), TABLE, path.name)
    again = is_repeated(text) & ~outside
    records = text[~outside & ~again].reset_index(drop=True)
    reason = outside.map({True: _OUTSIDE, False: _AGAIN})
    left_out = text.assign(column="lac_iso3", value=text["lac_iso3"], reason=reason)
    left_out = left_out.loc[outside | again, ["record_id", "column", "value", "reason"]]
    assert len(source.frame) == len(records) + len(left_out)
    return Own(records, left_out, unused, source.format, source.blank)


def problems(text: pd.DataFrame) -> pd.DataFrame:
    """As `schema.problems`; blanks as other programs write them; and records, not ours, said to be
    found by our queries for other countries alone, which would count as found by equal searches.
    """
    log = schema.read_raw(config.RAW / "search_log.csv", "search_log").set_index("query_id")
    ids = (text["query_id"] + "; " + text["also_query_ids"]).str.split("; ").explode()
    asked = ids.map(log["target"][log["target"].isin(config.CELAC)]).dropna()
    fits = asked.eq(text["lac_iso3"].reindex(asked.index)).groupby(level=0).any()
    other = text.loc[fits.index[~fits]]
    if len(other):
        same = ["record_id", "lac_iso3", "query_id"]
        ours = schema.read_raw(config.RAW / f"{TABLE}.csv", TABLE).set_index(same).index
        other = other[~other.set_index(same).index.isin(ours)]
    expected = "a query that asked for lac_iso3, another id of one's own, or blank"
    found = schema.problems(text, TABLE)
    blank = other["query_id"] == ""
    cells = (other.loc[~blank, "query_id"], other.loc[blank, "also_query_ids"])
    told = [found, *(rows_of(ids, "our query for another country", expected) for ids in cells)]
    return pd.concat([*told, blanks(text.drop(columns=[*found["column"]]))], ignore_index=True)


def blanks(text: pd.DataFrame) -> pd.DataFrame:
    """Blanks as other programs write them, as `problems` of cells."""
    found = {name: cells.str.fullmatch(maps.BLANK, case=False) for name, cells in text.items()}
    told = [
        rows_of(text.loc[at, name], "a blank, as another program writes it", "nothing there")
        for name, at in found.items() if name != "record_id"
    ]  # fmt: skip
    return pd.concat([rows_of(text.iloc[:0, 0], ""), *told], ignore_index=True)


def rows_of(
    cells: pd.Series, problem: str | pd.Series, expected: str = "", nearest: pd.Series | str = ""
) -> pd.DataFrame:
    """One row a cell; the name of the series is the column, its index the rows."""
    said = {"problem": problem, "value": cells, "expected": expected, "nearest": nearest}
    return pd.DataFrame(said | {"column": cells.name}, cells.index).reset_index(names="row")


def required() -> list[str]:
    """Columns that no row may leave blank."""
    fields = schema.fields(TABLE)
    return [name for name, field in fields.items() if field.get("constraints", {}).get("required")]


def align(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The described columns, absent ones blank; required ones that are absent; columns not used."""
    fields = schema.fields(TABLE)
    missing = [name for name in required() if name not in frame]
    unused = [name for name in frame if name not in fields]
    return frame.reindex(columns=list(fields), fill_value="").astype("str"), missing, unused


def is_outside(iso3: pd.Series) -> pd.Series:
    """True where a code is that of an existing country which is not one of the 33."""
    existing = {c for c in iso3.unique() if c.isupper() and pycountry.countries.get(alpha_3=c)}
    return iso3.isin(existing.difference(config.CELAC))


def is_repeated(text: pd.DataFrame) -> pd.Series:
    """True where an earlier row is the same in all but record_id."""
    return text.duplicated([name for name in text if name != "record_id"])


def prepare(path: str, values: dict, declared: Collection[str]) -> tuple[dict, str]:
    """Parameter values for a run on a user's table, and what to tell the user.

    Where no record was found by the plan's country queries, equal search effort means nothing:
    `collection` becomes 'all', unless it was given in `values`, or no notebook has `declared` it.
    Raises InputError as `read`.
    """
    mine = read(path)
    said = [statement(mine)]
    values = {"engagements": str(path)} | values
    log = schema.read_raw(config.RAW / "search_log.csv", "search_log")
    queries = log.loc[log["template"].str[0].isin(["T", "N"]), "query_id"]
    by_query = mine.records["collection"].eq("protocol") & mine.records["query_id"].isin(queries)
    if "collection" in declared and not by_query.any():
        values = {"collection": "all"} | values
        why = "these records do not come from the plan's equal country queries"
        said.append(f"collection = {values['collection']}: {why}")
    elif "collection" in set(declared) - values.keys() and not by_query.all():
        n, why = (~by_query).sum(), "records of none of the plan's equal country queries"
        said.append(f"{why}: {n:,}; by themselves they count with -p collection=all alone")
    return values, "\n".join(said)


def statement(mine: Own) -> str:
    """What a run on these records should be read with, for a terminal."""
    local = mine.records[mine.records["lac_level"] != "national"]
    lines = [f"{mine.format}: {len(mine.records):,} records, {len(local):,} of them local"]
    years = local.loc[local["date_iso"] != "", "date_iso"].str[:4]
    if len(years):
        lines.append(
            f"the local ones are dated from {years.min()} to {years.max()}; years of a window that "
            "a list does not cover count as years without an engagement: set -p window_start and "
            "window_end to what it covers"
        )
    if mine.unused:
        lines.append(f"columns not used: {', '.join(mine.unused)}")
    why = mine.left_out["reason"]
    planned = coding.code(mine.records, tables.ours(mine.records))[0]["planned"]
    undated = (local["date_iso"].eq("") & ~planned.reindex(local.index)).sum()
    for n, what, then in (
        ((why == _OUTSIDE).sum(), "outside the 33 members of CELAC", "left out"),
        ((why == _AGAIN).sum(), "the same as another in all but record_id", "counted once"),
        (planned.sum(), "said to be planned", "not counted, unless another tells that it happened"),
        (len(mine.blank), "a blank row", "left out"),
        (undated, "local and undated", "counted only where a notebook has undated=include"),
    ):
        if n:
            lines.append(f"- {n:,} {'record' if n == 1 else 'records'}: {what}; {then}")
    return "\n".join(lines)
