"""The processed tables, loaded for analysis; built first where they are missing or out of date."""

import hashlib
import html
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

import numpy as np
import pandas as pd
import pycountry
from pandas.api import types

from lac_analysis import config
from lac_analysis.errors import InputError, checked, nearest
from lac_analysis.names import CODED, codes
from lac_analysis.records import build, china, dates, schema

_TEXT = ("string", "empty")  # what pandas calls a column of texts, or of none
# first columns, which no two rows share
_KEYS = {"engagements": 1, "records": 1, "countries": 1, "country_year": 2, "units": 1,
         "search_log": 1}  # fmt: skip
_MAY_BE_BLANK = ("admin1", "china_admin1", "platform_family")  # of the codes of engagements


def _table(name: str, holds: str) -> property:
    return property(lambda self: self._frames[name].copy(), doc=holds)


class Tables:
    """Everything a claim may use.

    A table that is handed out is a copy, which may be changed without changing a later result.
    `replace` puts another table in its stead. Two loads are two objects, so that what is derived
    from one can be remembered.

    engagements, records, ... : the tables, each a DataFrame.
    name : of the user's file that the records come from; '' for the project's own.
    input_hash : SHA-256 of the raw tables and the cleaning code, and of the content of every table
        that was replaced.
    base : the tables that these are, but for engagements and records; what depends on the country
        tables alone is remembered of it.
    """

    engagements = _table("engagements", "one row an event")
    records = _table("records", "one row a coded record")
    countries = _table("countries", "one row a country: what does not change by year")
    country_year = _table("country_year", "one row a country and year")
    recognition = _table("recognition", "one row a spell of recognition of the PRC or the ROC")
    strain_episodes = _table("strain_episodes", "one row an episode of strained relations")
    search_log = _table("search_log", "one row a query, also those that gave nothing")
    double_coded = _table("double_coded", "one row an engagement of the double-coded sample")
    place_pairs = _table("place_pairs", "one row a place searched alike: twinned, or its control")
    local_powers = _table("local_powers", "one row a country: what the law lets local tiers do")
    cleaning_log = _table("cleaning_log", "one row a value that cleaning changed")
    unresolved = _table("unresolved", "one row a value that could not be resolved")
    links = _table("links", "one row a pair of records that were merged")
    units = _table("units", "one row a place of engagements: where it lies")

    def __init__(self, frames: dict[str, pd.DataFrame], input_hash: str, name: str = ""):
        self._frames = dict(frames)
        self._loaded, self._built_from = self._frames, input_hash
        self.name, self.base = name, self

    @checked
    def replace(self, **frames) -> "Tables":
        """The same tables with others in the stead of those named. InputError: no such table, other
        columns or types, a row that is there twice, a country that is not there, a value that the
        raw table could not hold, an unknown code, or dates that contradict each other.
        """
        if unknown := sorted(frames.keys() - self._frames.keys()):
            raise InputError("unknown table", value=unknown[0], expected=", ".join(self._frames))
        for table, frame in frames.items():
            for name, kind in self._frames[table].dtypes.items():
                if list(getattr(frame, "columns", ())).count(name) != 1:
                    problem = "lacks a column, or has it twice"
                elif not _fits(frame[name], kind):
                    problem = f"has {frame[name].dtype} in a column"
                else:
                    continue
                expected = f"{kind}, as in the present table"
                raise InputError(f"table {table} {problem}", column=name, expected=expected)
            key = list(self._loaded[table].columns[: _KEYS.get(table, 0)])
            if key and frame.duplicated(key).any():
                raise InputError(f"table {table} has two rows of one key", column=", ".join(key))
            if table == "countries" and (left := sorted(set(config.CELAC) - set(frame["iso3"]))):
                expected = "every country; a selection's drop_countries leaves one out"
                raise InputError(f"table {table} lacks {left[0]}", expected=expected)
            if table in schema.tables() and table != "engagements":  # those as in data/raw
                text = pd.DataFrame({name: _as_text(frame[name]) for name in frame})
                found = schema.problems(text, table)
                added = [("year", "too large"), ("query_id", "malformed value")]  # one's own
                named = found.set_index(["column", "problem"]).index
                found = found[~named.isin(added)]
                schema.refuse(found, table, f"table {table}")
            for wrong, expected in _wrong(table, frame):
                if len(wrong):
                    where = {"column": wrong.name, "value": wrong.iloc[0]}
                    raise InputError(f"table {table}", **where, expected=expected)
        copies = {table: frame.copy() for table, frame in frames.items()}
        changed = Tables(self._frames | copies, self._built_from, self.name)
        changed._loaded = self._loaded
        if frames.keys().isdisjoint(("countries", "country_year", "recognition")):
            changed.base = self.base
        return changed

    @cached_property
    def changed(self) -> dict[str, str]:
        """Name of each table that was replaced by another -> SHA-256 of its content."""
        new = {name: self._frames[name] for name in self._frames
               if self._frames[name] is not self._loaded[name]}  # fmt: skip
        found = {name: _content(frame) for name, frame in new.items()}
        return {name: h for name, h in found.items() if h != _content(self._loaded[name])}

    @cached_property
    def input_hash(self) -> str:
        return _hash(self._built_from, self.changed) if self.changed else self._built_from

    def __repr__(self) -> str:
        return f"Tables of {source(self.name)}\n{self._sizes().to_string(index=False)}"

    def _repr_html_(self) -> str:
        told = f"Tables of {source(self.name)}; country tables: terms of their sources."
        holds = [getattr(Tables, name).__doc__ for name in self._frames]
        shown = self._sizes().assign(holds=holds).to_html(index=False)
        return f"<p>{html.escape(told)}</p>{shown}"

    def _sizes(self) -> pd.DataFrame:
        sizes = [(name, *frame.shape) for name, frame in self._frames.items()]
        return pd.DataFrame(sizes, columns=["table", "rows", "columns"])


def _wrong(table: str, frame: pd.DataFrame) -> Iterator[tuple[pd.Series, str]]:
    """Values of a column that cannot be, and what was expected."""
    iso3 = "ISO3 codes of CELAC members, such as ARG"
    for start, end in (("from", "to"), ("start", "end")):
        if table in ("recognition", "strain_episodes") and start in frame:
            early = frame[end].ne("") & (frame[end] < frame[start])
            yield frame.loc[early, end], f"none before that of column {start}"
    if table in ("engagements", "records"):
        for name, known in _codes().items():
            given = frame[name].dropna() if name in _MAY_BE_BLANK else frame[name]
            unknown = given[~given.isin(known)]
            if name == "country" or unknown.empty:
                yield unknown, iso3
            else:
                yield unknown, nearest(str(unknown.iloc[0]), known)
        early = frame["date_end"] < frame["date_start"]
        yield frame.loc[early, "date_end"], "no day before date_start"
        other = frame["year"].notna() & frame["year"].ne(dates.year(frame)).fillna(True)
        yield frame.loc[other, "year"], "the year of date_start and date_end, if they share it"


def _codes() -> dict[str, Sequence[str]]:
    """Column of engagements -> what it may hold, where its type does not say it."""
    units = [unit.code for unit in pycountry.subdivisions]
    collections = schema.allowed("engagements", "collection")
    told = {name: codes(name) for name in [*chain(*CODED.values()), "platform_family"]}
    return {"country": config.CELAC, "admin1": units, "china_admin1": china.codes(),
            "collection": collections, **told}  # fmt: skip


def _as_text(column: pd.Series) -> pd.Series:
    """As a raw table has it."""
    if not types.is_numeric_dtype(column):
        return column.fillna("")
    return column.map("{:.15g}".format, na_action="ignore").fillna("").astype("str")


def _fits(column: pd.Series, kind) -> bool:
    """Whether a column can stand for one of this dtype; codes are the same, in their order."""
    for is_kind in (types.is_bool_dtype, types.is_numeric_dtype, types.is_datetime64_dtype):
        if is_kind(kind):
            return is_kind(column)
    return column.dtype == kind or (kind == "str" and types.infer_dtype(column) in _TEXT)


def load() -> Tables:
    """The project's own tables. Raises InputError for a raw table missing or not as described."""
    manifest = build.build()
    paths = [config.PROCESSED / name for name in manifest["tables"]]
    frames = {path.stem: pd.read_parquet(path) for path in paths}
    return Tables(frames, manifest["input_hash"])


def from_records(records: pd.DataFrame, name: str, left_out: pd.DataFrame | None = None) -> Tables:
    """The tables with other records in the stead of the project's.

    records : the columns of data/raw/engagements.csv as text, '' for a blank; checked. Bounds of
        date_bounds.csv, acts of acts.csv and rules that name records hold for `ours` among them.
    name : what the records are called: the user's file.
    left_out : record_id, column, value, reason of values that were left out, for `unresolved`.
    Raises InputError: an impossible date or an unknown code.
    """
    raw = {table: schema.read_raw(config.RAW / f"{table}.csv", table) for table in build.RAW_TABLES}
    own = ours(records)
    for table in ("date_bounds", "acts"):
        raw[table] = raw[table][raw[table]["record_id"].isin(own)]
    frames, _ = build.process(raw | {"engagements": records}, own)
    if own.empty:  # our searches found none of them
        frames["search_log"] = frames["search_log"].iloc[:0]
    # a place that we searched says nothing of a list that holds nothing of ours there
    countries = records.loc[records["record_id"].isin(own), "lac_iso3"]
    pairs = frames["place_pairs"]
    frames["place_pairs"] = pairs[pairs["lac_iso3"].isin(countries)].reset_index(drop=True)
    if left_out is not None:
        frames["unresolved"] = pd.concat([frames["unresolved"], left_out], ignore_index=True)
    replaced = {"engagements": _content(records)}
    return Tables(frames, _hash(build.input_hash(config.RAW), replaced), name)


def ours(records: pd.DataFrame) -> pd.Series:
    """record_id of the project's own records, with their date, page and title unchanged."""
    raw = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    same = ["record_id", "date_iso", "source_url", "source_title"]
    return records[same].merge(raw[same])["record_id"]


def source(name: str = "") -> str:
    """What a caption calls the records: the project's, or those of the user's file `name`."""
    if name:
        return f"engagement records of {name}"
    return "engagement records coded for this project (CC BY 4.0)"


def _hash(built_from: str, contents: dict[str, str]) -> str:
    """SHA-256 of what tables were built from and of the contents put in their stead."""
    return hashlib.sha256(f"{built_from} {sorted(contents.items())}".encode()).hexdigest()


def _content(frame: pd.DataFrame) -> str:
    """SHA-256 of a table's columns and rows; the order of the rows is no matter."""
    digest = hashlib.sha256(repr(frame.dtypes.to_dict()).encode())
    rows = pd.util.hash_pandas_object(frame, index=False)
    digest.update(np.sort(rows.to_numpy()).tobytes())
    return digest.hexdigest()
