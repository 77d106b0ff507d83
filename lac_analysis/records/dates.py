"""Dates of engagements: the days that `date_iso` allows, the coder's reading of `date_text`."""

import calendar
import datetime
import re
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import config, files
from lac_analysis.records import distinct

LAST_DAY = np.datetime64("2026-11-30")  # collection closed
PRECISION = ("unknown", "interval", "year", "month", "day")  # coarse to fine

_FIRST_DAY = np.datetime64(f"{config.FIRST_YEAR}-01-01")
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_PRECISION_OF_LENGTH = {4: "year", 7: "month", 10: "day"}  # of date_iso

_OF_ONE_WIDTH = str.maketrans("（）［］【】", "()[][]")
_CLOCK = re.compile(r"(?<!\d)t?[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)")  # a time of day
_DASH = re.compile(r"(?<=\d)[‒–−](?=\d)")
_BRACKETED = re.compile(r"\[[^]]*\]|\([^)]*\)")
_WORDS = files.read_yaml(Path(__file__).with_suffix(".yml"))
MONTHS = {name: at for at, names in enumerate(_WORDS["months"], 1) for name in names.split()}
_WEEKDAYS = [
    re.compile(rf"(?<![a-z])(?:{names.replace(' ', '|')})(?![a-z])") for names in _WORDS["weekdays"]
]
DAY_WORDS = {w: n for n, words in enumerate(_WORDS["day_words"], 1) for w in words.split(", ")}
_IN_WORDS = re.compile(rf"\b({'|'.join(DAY_WORDS)}) (?=de (?:{'|'.join(MONTHS)}))")
_REPORT, _REPORT_ALONE, _RECENTLY, _RELATIVE, _AFTER, _BEFORE, _YEARS_SINCE, _FEW = (
    re.compile("|".join(_WORDS[name]), re.IGNORECASE)
    for name in (
        "report",
        "report_alone",
        "recently",
        "relative",
        "after",
        "before",
        "years_since",
        "few",
    )
)
_YEAR = r"(?<!\d)(?:19\d|20[0-2])\d"
_FIGURES = (
    rf"(?P<y>{_YEAR})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)?(?!\d)",  # 20190503
    r"(?<!\d)(?P<d>[0-3]\d)(?P<m>0[1-9]|1[0-2])(?P<y>19\d\d|20[0-2]\d)(?!\d)",  # 03052019
    rf"(?P<y>{_YEAR})(?:[-_]| ?[/.年] ?)(?P<m>1[0-2]|0?[1-9])(?!\d)"
    r"(?: ?[-_/.月] ?(?P<d>\d\d?)(?!\d))?",
    rf"(?<!\d)(?P<d>\d\d?)[/.-](?P<m>\d\d?)[/.-](?P<y>{_YEAR}|\d\d)(?!\d)",  # in any order
    rf"(?<![\d/.-])(?P<d>)(?P<m>1[0-2]|0?[1-9])[/.-](?P<y>{_YEAR})(?!\d)",  # 05/2019
)
_MONTH = rf"(\d\d?)月|(?<![a-z])({'|'.join(MONTHS)})(?![a-z])"
_LINK = rf"{_WORDS['link']}*"
_DAYS = rf"((?:(?<!\d)\d\d?(?!\d){_LINK})+)"
_ALONE = re.compile(rf"(?:{_MONTH}|{_WORDS['link']}|\d|[年月])*")  # a date and no other word
_PARTS, _OF_MONTH = (
    [(pattern, range(a, z + 1)) for pattern, (a, z) in _WORDS[name].items()]
    for name in ("parts", "days")
)
_LONGEST = 500  # letters: the reading of a text grows with their square; ours have 102
_MONTH_FIRST = re.compile(rf"(?<![a-z])({'|'.join(MONTHS)})\.? (\d\d?)[/.-](?={_YEAR})")
_ONES = "〇一二三四五六七八九"
_ZEROS = str.maketrans("○零", "〇〇")
_CHINESE = {  # 十二月, 二十五日
    f"{tens}{ones}": str(n)
    for n, (tens, ones) in enumerate(product(("", "十", "二十", "三十"), ("", *_ONES[1:])))
}
_CHINESE_NUMBER = re.compile(rf"(?:[二三]?十[{_ONES}]?|[{_ONES}])(?=[月日号])|[{_ONES}]{{4}}(?=年)")
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
    text, iso = records["date_text"].str.translate(_OF_ONE_WIDTH), records["date_iso"]
    stated_start, stated_end = intervals(iso)
    bounds = bounds.set_index("record_id").reindex(records["record_id"]).fillna("")
    bounds = bounds.set_index(records.index)
    not_before, not_after = intervals(bounds["not_before"])[0], intervals(bounds["not_after"])[1]

    too_late = stated_start > not_after
    start, end = stated_start.mask(too_late), stated_end.mask(too_late)
    dated = iso.ne("") & ~too_late
    bounded = not_before.notna() & ~(not_before <= start)
    bounded |= not_after.notna() & ~(not_after >= end)
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


@lru_cache(maxsize=100_000)
def agrees(text: str, iso: str) -> bool:
    """Whether a date may be `iso`, as far as the text tells years, months and days, in brackets
    too: those of `iso` must be among them.

    Words such as 'yesterday', or the weekday of `iso`, let it lie about a week, a month or a year
    aside; a text on years since, so many years. What is too long for a date tells none.
    """
    if len(text) > _LONGEST:
        return True
    text = _DASH.sub("-", distinct.without_accents(text).casefold())
    text = _CLOCK.sub(" ", text)
    outside = _BRACKETED.sub("", text).strip()
    if not iso:
        return not (re.search(_YEAR, outside) and _ALONE.fullmatch(outside))
    years, months, days, of_month = _told(text)
    year, month, day = (int(part or 0) for part in (iso[:4], iso[5:7], iso[8:]))
    finer = (month and not months) or (day and not days)
    if finer and re.fullmatch(r"(?:\d\d?[/.-])?" + _YEAR + r"[\d\s./年月日-]*", outside):
        return False
    early = years and year < min(years) and _AFTER.search(text)
    late = years and year > max(years) and _BEFORE.search(text)
    if year and (early or late):
        return False
    aside = bool(_RELATIVE.search(text))
    if day:
        date = datetime.date(year, month, day)
        # its weekday, and none of the days that are told: those are of the report
        told = {(other - date).days for other in _days(years or {year}, months or {month}, days)}
        weeks = any(n % 7 == 0 for n in told | {other - day for other in days})
        aside |= bool(_WEEKDAYS[date.weekday()].search(text)) and not weeks
    apart = {0, int(aside)}  # years
    if _YEARS_SINCE.search(text):
        apart.update(map(int, re.findall(r"\d+", text)), (2, 3, 4) if _FEW.search(text) else ())
    return (
        _is_near(year, years, apart, 9999)
        and _is_near(month, months, range(1 + aside), 12)
        and (not months or _is_near(day, days, range(1 + 7 * aside), 31))
        and (aside or not day or day in of_month.get(month, {day}))
    )


def weekdays(text: str) -> set[int]:
    """The days of the week that a date tells, 0 for Monday, outside brackets."""
    outside = _BRACKETED.sub("", distinct.without_accents(text).casefold())
    return {day for day, names in enumerate(_WEEKDAYS) if names.search(outside)}


def _days(*parts: set[int]) -> Iterator[datetime.date]:
    """The days that exist of these years, months and days."""
    for year, month, day in product(*parts):
        if 1 <= day <= calendar.monthrange(year, month)[1]:
            yield datetime.date(year, month, day)


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


def _is_near(part: int, told: set[int], apart: Container[int], cycle: int) -> bool:
    near = ((part - t) % cycle in apart or (t - part) % cycle in apart for t in told)
    return not (part and told) or any(near)


def _in_figures(chinese: str) -> str:
    """'12' for '十二', '2015' for '二〇一五'."""
    return _CHINESE.get(chinese) or "".join(str(_ONES.index(figure)) for figure in chinese)


def _told(text: str) -> tuple[set[int], set[int], set[int], dict[int, set[int]]]:
    """The years, months and days that a text in lower case, without accents, tells; and the days
    that stand beside a month's name.
    """
    years, months, days, of_month = set(), set(), set(), {}
    text = _IN_WORDS.sub(lambda word: f"{DAY_WORDS[word[1]]} ", text)
    text = re.sub(r"(?<=\d)\.?(?:[o°]|er|ro)(?=[/.-]\d)", "", text)  # 1º/05/2018
    text = _MONTH_FIRST.sub(r"\2 \1 ", text)  # mayo 3/2018
    text = re.sub(r"(\d\d?) del? (\d\d?) del? (?=\d{4})", r"\1/\2/", text)  # 3 del 5 de 2018
    text = text.translate(_ZEROS).replace("元月", "一月")
    text = _CHINESE_NUMBER.sub(lambda number: _in_figures(number[0]), text)
    for pattern in _FIGURES:
        for found in re.finditer(pattern, text):
            year, month, day = (int(found[part] or 0) for part in "ymd")
            parts = {year, month, day}
            in_order = not day or found.start("y") == found.start()
            years.update({year} if year > 99 else {2000 + part for part in parts})
            months.update(({month} if in_order else parts) & {*range(1, 13)})
            days.update(({day} if in_order else parts) & {*range(1, 32)})
        text = re.sub(pattern, "MY", text)
    text = re.sub(r"(19|20)(\d\d)[-/](\d\d)(?!\d)", r"\1\2 \1\3", text)  # 2018/19
    text = re.sub(r"(?<=\d{4})(?=[hqst][1-4]\b)|(?<=\b[1-4][hqst])(?=\d{4})", " ", text)  # 2018H1
    years.update(map(int, re.findall(rf"{_YEAR}(?!\d)", text)))
    text = re.sub(rf"{_YEAR}(?!\d)", "Y", text)
    months.update(int(figures or MONTHS[name]) for figures, name in re.findall(_MONTH, text))
    months.update(*(part for pattern, part in _PARTS if re.search(pattern, text)))
    letters = "ABCDEFGHIJKL"  # of months: the text has no capitals
    text = re.sub(_MONTH, lambda found: letters[int(found[1] or MONTHS[found[2]]) - 1], text)
    for found in re.finditer(rf"{_DAYS}(M|[A-L])|(M|[A-L]){_LINK}{_DAYS}", text):
        before, month, after_month, after = found.groups()
        numbers = list(map(int, re.findall(r"\d+", before or after)))
        beside = {*numbers, *range(numbers[0], numbers[-1])}
        days.update(beside)
        if (name := month or after_month) in letters:
            of_month.setdefault(letters.index(name) + 1, set()).update(beside)
    days.update(*(part for pattern, part in _OF_MONTH if re.search(pattern, text)))
    return years, months, days, of_month
