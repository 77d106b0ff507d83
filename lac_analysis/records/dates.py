"""Dates of engagements: the days that the coder's reading (`date_iso`) allows, and how that reading
came about.
"""

import re
from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records.columns import Column, Table, distinct, encode

LAST_DAY = np.datetime64("2026-11-30")  # collection closed
PRECISION = ("unknown", "interval", "year", "month", "day")  # coarse to fine

_FIRST_DAY = np.datetime64(f"{config.FIRST_YEAR}-01-01")
_NOT_A_DAY = np.datetime64("NaT", "D")
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_PRECISION_OF_LENGTH = {0: 0, 4: 2, 7: 3, 10: 4}  # of date_iso, as a position in PRECISION

_BRACKETED = re.compile(r"\[[^]]*\]|\([^)]*\)")
_REPORT = re.compile(r"\b(?:report|page|article|nota)\b|报道", re.IGNORECASE)
# a whole clause in brackets that says no more than "this is the report's date"
_REPORT_ALONE = re.compile(
    r"[(\[;,]\s*(?:(?:report|page|article|release)(?: date)?|page address|nota|publicación|报道"
    r'|fecha en la dirección|from media file path|"recently")\s*[;,)\]]',
    re.IGNORECASE,
)
_RECENTLY = re.compile(
    r"\breci?en|\bof late\b|近日|日前|\bacaba de\b|\bjá concluído\b", re.IGNORECASE
)
_YEAR_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


def parse(records: pd.DataFrame | Table, bounds: pd.DataFrame) -> pd.DataFrame:
    """Read the dates of records as intervals of days; no day is invented.

    Parameters
    ----------
    records : one row a record, with `record_id`, `date_text`, `date_iso`, `date_source_url`
        (blank = '' or missing).
    bounds : `data/raw/date_bounds.csv`, at most one row a record; rows of other records are
        ignored.

    Returns
    -------
    One row a record, with the index of `records`:
    date_start, date_end : first and last possible day; NaT = open. 2018 is 2018-01-01 to
        2018-12-31. A range in
        `date_text` counts only through `date_iso`, the coder's reading of it.
    date_precision : ordered; what `date_iso` states, `interval` if only bounds are known, else
        `unknown`.
    date_inferred : some of the date is the coder's, not the source's: square brackets, or a
        year or day of `date_iso`
        that `date_text` does not hold outside brackets.
    date_is_report : the date is the report's. The event is not after it, but may be long
        before: the interval stays
        the stated unit and only this flag warns. A weekday or "yesterday" dated by its report is an
        inferred event
        date, not a report date.
    date_from_other_page : `date_source_url` is given.
    date_bounded : `bounds` narrowed the interval. A bound that ends before the date begins
        replaces the date, which
        is then too late to be the event's.

    Raises
    ------
    InputError : a date that is malformed, impossible or outside 1970 to LAST_DAY; bounds that
        are reversed, repeated,
        or begin after the date ends.

    Source: `data/raw/CODEBOOK.md`.
    """
    records = Table.of(records)
    iso = records["date_iso"]
    _refuse(_problems(iso, records.index), records)
    stated_start, stated_end = (days[iso.codes] for days in _spans(iso.texts))
    not_before, not_after = _limits(bounds, records.text("record_id"))

    too_late = stated_start > not_after
    start = np.where(too_late, _NOT_A_DAY, stated_start)
    end = np.where(too_late, _NOT_A_DAY, stated_end)
    _refuse_early(not_before > end, records, bounds)

    dated = ~iso.equals("") & ~too_late
    bounded = _given(not_before) & ~(not_before <= start) | _given(not_after) & ~(not_after >= end)
    stated = np.array(
        [_PRECISION_OF_LENGTH[len(text)] for text in iso.texts.tolist()], dtype=np.int64
    )
    precision = np.where(dated, stated[iso.codes], bounded.astype(int))
    inferred, is_report = _flags(records["date_text"], iso)
    return pd.DataFrame(
        {
            "date_start": np.fmax(start, not_before).astype("datetime64[us]"),
            "date_end": np.fmin(end, not_after).astype("datetime64[us]"),
            "date_precision": pd.Categorical.from_codes(precision, PRECISION, ordered=True),
            "date_inferred": inferred & dated,
            "date_is_report": is_report & dated,
            "date_from_other_page": ~records["date_source_url"].equals(""),
            "date_bounded": bounded,
        },
        index=records.index,
    )


def year(parsed: pd.DataFrame) -> pd.Series:
    """Year of each record (Int64), NA unless its first and last possible day share it."""
    first, last = parsed["date_start"].dt.year, parsed["date_end"].dt.year
    return first.where(first == last).astype("Int64").rename("year")


def problems(records: pd.DataFrame) -> pd.DataFrame:
    """Every unusable `date_iso`: row (as a spreadsheet counts, header = 1), column, value,
    expected.

    The index is that of the faulty rows of `records`.
    """
    return _problems(encode(records["date_iso"]), records.index)


def _problems(iso: Column, index: pd.Index) -> pd.DataFrame:
    expected = np.array(list(map(fault, iso.texts.tolist())), dtype=object)
    rows = np.flatnonzero(pd.notna(expected)[iso.codes])
    return pd.DataFrame(
        {
            "row": rows + 2,
            "column": "date_iso",
            "value": pd.array(iso.texts[iso.codes[rows]], dtype="str"),
            "expected": expected[iso.codes[rows]],
        },
        index=index[rows],
    )


@lru_cache(maxsize=65_536)
def fault(text: str) -> str | None:
    """What would have been expected instead of an unusable engagement date; None for a usable one
    or a blank.
    """
    if text == "":
        return None
    try:
        start, _ = span(text)
    except ValueError as error:
        return str(error)
    return None if _FIRST_DAY <= start <= LAST_DAY else f"{_FIRST_DAY} to {LAST_DAY}"


@lru_cache(maxsize=65_536)
def span(text: str) -> tuple[np.datetime64, np.datetime64]:
    """First and last day of an ISO 8601 year, month or day. Raises ValueError saying what was
    expected.
    """
    if not _ISO.fullmatch(text):
        raise ValueError("YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        unit = np.datetime64(text)
    except ValueError:
        raise ValueError("a date that exists") from None
    return unit.astype("datetime64[D]"), (unit + 1).astype("datetime64[D]") - 1


def _spans(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last day of each usable date, NaT for a blank."""
    start = np.array([text or "NaT" for text in texts.tolist()], dtype="datetime64[D]")
    end = start.copy()
    length = np.array(list(map(len, texts.tolist())), dtype=np.int64)
    for unit, of_unit in (("Y", length == 4), ("M", length == 7)):
        end[of_unit] = (start[of_unit].astype(f"datetime64[{unit}]") + 1).astype(
            "datetime64[D]"
        ) - 1
    return start, end


def _limits(bounds: pd.DataFrame, record_ids: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """not_before (its first day) and not_after (its last day) of each record, NaT where there is
    none.
    """
    if bounds.empty:
        return (np.full(len(record_ids), _NOT_A_DAY),) * 2
    columns = ("not_before", "not_after")
    for column in columns:
        found = problems(bounds[[column]].set_axis(["date_iso"], axis=1)).assign(column=column)
        _refuse(found, bounds)
    not_before, not_after = (
        _spans(bounds[name].fillna("").to_numpy(dtype=object))[i] for i, name in enumerate(columns)
    )
    reversed_, repeated = not_before > not_after, bounds["record_id"].duplicated().to_numpy()
    _refuse(_faulty(bounds, reversed_, "not_before", "a date on or before not_after"), bounds)
    _refuse(_faulty(bounds, repeated, "record_id", "at most one row a record"), bounds)
    row = pd.Index(bounds["record_id"]).get_indexer(
        record_ids
    )  # -1 = no bound: the NaT put at the end
    return np.append(not_before, _NOT_A_DAY)[row], np.append(not_after, _NOT_A_DAY)[row]


def _refuse_early(early: np.ndarray, records: Table, bounds: pd.DataFrame) -> None:
    blamed = bounds["record_id"].isin(records.text("record_id")[early]).to_numpy()
    _refuse(
        _faulty(bounds, blamed, "not_before", "a date on or before the record's own date"), bounds
    )


def _faulty(table: pd.DataFrame, faulty: np.ndarray, column: str, expected: str) -> pd.DataFrame:
    rows = np.flatnonzero(faulty)
    values = table[column].iloc[rows]
    return pd.DataFrame({"row": rows + 2, "column": column, "value": values, "expected": expected})


def _refuse(found: pd.DataFrame, table: pd.DataFrame | Table) -> None:
    if found.empty:
        return
    first = found.iloc[0]
    record_id = Table.of(table).text("record_id").iloc[first["row"] - 2]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise InputError(
        f"unusable date of record {record_id}",
        row=first["row"],
        column=first["column"],
        value=first["value"],
        expected=first["expected"] + more,
    )


def _flags(text: Column, iso: Column) -> tuple[np.ndarray, np.ndarray]:
    code, pairs = distinct(text, iso)
    inferred = np.array([_is_inferred(*pair) for pair in pairs], dtype=bool)
    is_report = np.array(list(map(_is_report, text.texts.tolist())), dtype=bool)
    return inferred[code], is_report[text.codes]


@lru_cache(maxsize=65_536)
def _is_inferred(text: str, iso: str) -> bool:
    outside = _BRACKETED.sub(" ", text)
    if "[" in text or iso[:4] not in outside:
        return True
    return len(iso) == 10 and int(iso[8:]) not in map(int, re.findall(r"\d+", outside))


@lru_cache(maxsize=65_536)
def _is_report(text: str) -> bool:
    outside = _BRACKETED.sub("", text).strip()
    if _RECENTLY.search(outside):
        return True
    if outside == "" or _YEAR_MONTH.fullmatch(outside):
        return bool(_REPORT.search(text))
    return bool(re.search(r"\d", outside) and _REPORT_ALONE.search(text))


def _given(days: np.ndarray) -> np.ndarray:
    return ~np.isnat(days)
