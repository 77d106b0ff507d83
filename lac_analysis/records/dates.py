"""Dates of engagements: the days that `date_iso`, the coder's reading, allows."""

import re

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.records import distinct

LAST_DAY = np.datetime64("2026-11-30")  # collection closed
PRECISION = ("unknown", "interval", "year", "month", "day")  # coarse to fine

_FIRST_DAY = np.datetime64(f"{config.FIRST_YEAR}-01-01")
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_PRECISION_OF_LENGTH = {4: "year", 7: "month", 10: "day"}  # of date_iso

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


def parse(records: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    """Read the dates of records as intervals of days; no day is invented.

    records : one row a record, with text columns `record_id`, `date_text`, `date_iso`,
        `date_source_url` ('' = blank), checked by `records.schema`.
    bounds : `data/raw/date_bounds.csv`, at most one row a record, checked by
        `records.consistency`; rows of other records are ignored.

    Returns one row a record, with the index of `records`:
    date_start, date_end : first and last possible day; NaT = open. 2018 is 2018-01-01 to
        2018-12-31. A range in `date_text` counts only through `date_iso`, the coder's reading.
    date_precision : ordered; what `date_iso` states, `interval` if only bounds are known, else
        `unknown`.
    date_inferred : some of the date is the coder's, not the source's: square brackets, or a year or
        day of `date_iso` that `date_text` does not hold outside brackets.
    date_is_report : the date is the report's. The event is not after it, but may be long before:
        the interval stays the stated unit and only this flag warns. A weekday or "yesterday" dated
        by its report is an inferred event date, not a report date.
    date_from_other_page : `date_source_url` is given.
    date_bounded : `bounds` narrowed the interval. A bound that ends before the date begins replaces
        the date, which is then too late to be the event's.

    Source: `data/raw/CODEBOOK.md`.
    """
    text, iso = records["date_text"], records["date_iso"]
    stated_start, stated_end = intervals(iso)
    bounds = bounds.set_index("record_id").reindex(records["record_id"]).fillna("")
    bounds = bounds.set_index(records.index)
    not_before, not_after = intervals(bounds["not_before"])[0], intervals(bounds["not_after"])[1]

    too_late = stated_start > not_after
    start, end = stated_start.mask(too_late), stated_end.mask(too_late)
    dated = iso.ne("") & ~too_late
    bounded = (not_before.notna() & ~(not_before <= start)) | (
        not_after.notna() & ~(not_after >= end)
    )
    stated = iso.where(dated, "").str.len().map(_PRECISION_OF_LENGTH)
    precision = stated.fillna(bounded.map({True: "interval", False: "unknown"}))
    return pd.DataFrame(
        {
            "date_start": start.mask(start.isna() | (not_before > start), not_before),
            "date_end": end.mask(end.isna() | (not_after < end), not_after),
            "date_precision": precision.astype(pd.CategoricalDtype(PRECISION, ordered=True)),
            "date_inferred": distinct.apply(_is_inferred, text, iso).astype(bool) & dated,
            "date_is_report": distinct.apply(_is_report, text).astype(bool) & dated,
            "date_from_other_page": records["date_source_url"].ne(""),
            "date_bounded": bounded,
        }
    )


def year(parsed: pd.DataFrame) -> pd.Series:
    """Year of each record (Int64), NA unless its first and last possible day share it."""
    first, last = parsed["date_start"].dt.year, parsed["date_end"].dt.year
    return first.where(first == last).astype("Int64").rename("year")


def fault(text: str) -> str | None:
    """What is expected instead of an unusable engagement date; None for a usable one or a blank."""
    try:
        start, _ = span(text)
    except ValueError as error:
        return str(error) if text else None
    return None if _FIRST_DAY <= start <= LAST_DAY else f"{_FIRST_DAY} to {LAST_DAY}"


def span(text: str) -> tuple[np.datetime64, np.datetime64]:
    """First and last day of an ISO 8601 year, month or day; ValueError says what was expected."""
    if not _ISO.fullmatch(text):
        raise ValueError("YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        unit = np.datetime64(text)
    except ValueError:
        raise ValueError("a date that exists") from None
    return unit.astype("datetime64[D]"), (unit + 1).astype("datetime64[D]") - 1


def intervals(iso: pd.Series) -> tuple[pd.Series, pd.Series]:
    """First and last day of each usable date; NaT for a blank."""
    spans = {text: span(text) if text else (pd.NaT, pd.NaT) for text in iso.unique()}
    first, last = (iso.map({text: days[end] for text, days in spans.items()}) for end in (0, 1))
    return first.astype("datetime64[us]"), last.astype("datetime64[us]")


def _is_inferred(text: str, iso: str) -> bool:
    outside = _BRACKETED.sub(" ", text)
    if "[" in text or iso[:4] not in outside:
        return True
    return len(iso) == 10 and int(iso[8:]) not in map(int, re.findall(r"\d+", outside))


def _is_report(text: str) -> bool:
    outside = _BRACKETED.sub("", text).strip()
    if _RECENTLY.search(outside):
        return True
    if outside == "" or _YEAR_MONTH.fullmatch(outside):
        return bool(_REPORT.search(text))
    return bool(re.search(r"\d", outside) and _REPORT_ALONE.search(text))
