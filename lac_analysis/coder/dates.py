"""The first date that a text states, in English, Spanish, Portuguese or Chinese."""

import re
from functools import cache, lru_cache

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.coder.words import Words

_MONTHS = (
    "january jan enero ene janeiro", "february feb febrero fevereiro fev", "march mar marzo março",
    "april apr abril abr", "may mayo maio", "june jun junio junho", "july jul julio julho",
    "august aug agosto ago", "september sep sept septiembre setiembre setembro set", "october oct octubre outubro out",
    "november nov noviembre novembro", "december dec diciembre dic dezembro dez",
)  # fmt: skip
_LINKS = {"of", "de", "del"}
_UNTIL = {"to", "a", "al", "and", "e", "y"}
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|o|a)", re.ASCII)


def find(texts: Words) -> tuple[np.ndarray, np.ndarray]:
    """The date of each text as ISO 8601 (year, month or day as far as it is stated) and the form
    that gave it.

    The first year from 1970 to 2026 counts, with the month and day that stand beside it or
    elsewhere in a short text:
    31 January 2018, January 31st 2018, 31 de enero de 2018, 2018年1月31日, 2018-01-31, 31/01/2018,
    20180131,
    June 5 to 7 (2013). A numeric date whose day and month could be exchanged gives the year alone.
    Two arrays of `texts.n` objects; '' where no year is stated.
    """
    dates, forms = np.full(texts.n, "", dtype=object), np.full(texts.n, "", dtype=object)
    if not len(texts.code):
        return dates, forms
    kinds = np.array([_kind(word) for word in texts.vocabulary], dtype=np.int64)
    number, month, mark = kinds[texts.code].T  # the value of a number, of a month's name, and marks
    years = np.flatnonzero(
        (number >= config.FIRST_YEAR) & (number <= config.LAST_YEAR) | (number > 9999)
    )
    first = years[np.unique(texts.row[years], return_index=True)[1]]
    row = texts.row[first]

    def near(values: np.ndarray, step: int) -> np.ndarray:
        at = first + step
        inside = (at >= 0) & (at < len(values))
        at = np.clip(at, 0, len(values) - 1)
        return np.where(inside & (texts.row[at] == row), values[at], 0)

    def day(value: np.ndarray) -> np.ndarray:
        return np.where((value >= 1) & (value <= 31), value, 0)

    n1, n2, n3, n4 = (near(number, step) for step in (-1, -2, -3, -4))
    a1, a2 = (near(number, step) for step in (1, 2))
    link1, link3 = near(mark, -1) == _LINK, near(mark, -3) == _LINK
    padded = (near(mark, 1) == _PADDED) & (near(mark, 2) == _PADDED)
    padded_before = (near(mark, -1) == _PADDED) & (near(mark, -2) == _PADDED)
    packed = number[first] > 9999
    # where only a year stands alone in a short text, a month elsewhere in it belongs to it: June 5
    # to 7 (2013)
    month_at = _month_elsewhere(texts, number, month, mark)[row]
    spoken, here = np.where(month_at >= 0, 1, 0), np.maximum(month_at, 0)
    other_month = np.where(month[here] > 0, month[here], _at(number, here - 1))
    other_day = _day_beside(texts, number, month, mark, here)
    shapes = [  # form, where it holds, month, day
        ("yyyymmdd", packed, number[first] // 100 % 100, number[first] % 100),
        ("年月日", (near(mark, 1) == _NIAN) & (near(mark, 3) == _YUE), a2, day(near(number, 4))),
        ("year-month-day", padded & (a1 >= 1) & (a1 <= 12), a1, day(a2)),
        ("month day year", (near(month, -2) > 0) & (day(n1) > 0), near(month, -2), n1),
        (
            "month days year",
            (near(month, -3) > 0) & (day(n2) > 0) & (day(n1) > 0),
            near(month, -3),
            n2,
        ),
        ("days month year", (near(month, -1) > 0) & (day(n3) > 0) & (n3 < n2), near(month, -1), n3),
        (
            "days to month year",
            (near(month, -1) > 0) & (near(mark, -3) == _TO) & (n4 > 0) & (n4 <= 31),
            near(month, -1),
            n4,
        ),
        ("day month year", (near(month, -1) > 0) & (day(n2) > 0), near(month, -1), n2),
        (
            "day of month year",
            (near(month, -1) > 0) & (near(mark, -2) == _LINK),
            near(month, -1),
            day(n3),
        ),
        ("day of month of year", link1 & (near(month, -2) > 0) & link3, near(month, -2), day(n4)),
        ("day month of year", link1 & (near(month, -2) > 0) & (day(n3) > 0), near(month, -2), n3),
        ("month of year", link1 & (near(month, -2) > 0), near(month, -2), 0 * n1),
        ("month year", near(month, -1) > 0, near(month, -1), 0 * n1),
        ("day/month/year", padded_before & (n1 <= 12) & (n2 > 12) & (n2 <= 31) & (n1 > 0), n1, n2),
        ("month/day/year", padded_before & (n2 <= 12) & (n1 > 12) & (n1 <= 31) & (n2 > 0), n2, n1),
        ("year-month", (near(mark, 1) == _PADDED) & (a1 >= 1) & (a1 <= 12) & (a2 == 0), a1, 0 * n1),
        (
            "month and year",
            (spoken > 0) & (other_month >= 1) & (other_month <= 12),
            other_month,
            other_day,
        ),
        ("year", np.ones(len(first), dtype=bool), 0 * n1, 0 * n1),
    ]
    form = np.select([holds for _, holds, _, _ in shapes], range(len(shapes)))
    year = np.where(packed, number[first] // 10000, number[first])
    months = np.choose(form, [m for _, _, m, _ in shapes])
    days = np.choose(form, [d for _, _, _, d in shapes])
    names = np.array([name for name, *_ in shapes], dtype=object)
    forms[row] = names[form]
    which, distinct = pd.factorize(year * 1_000_000 + np.clip(months, 0, 99) * 1000 + days)
    dates[row] = np.array(list(map(_iso, distinct.tolist())), dtype=object)[which]
    return dates, forms


_LINK, _PADDED, _NIAN, _YUE, _TO = range(1, 6)
_SHORT = 16  # words


def _month_elsewhere(
    texts: Words, number: np.ndarray, month: np.ndarray, mark: np.ndarray
) -> np.ndarray:
    """Position of the first month in each short text, -1 where there is none."""
    result = np.full(texts.n, -1)
    found = np.flatnonzero((month > 0) | ((mark == _YUE) & (np.roll(number, 1) > 0)))
    found = found[np.bincount(texts.row, minlength=texts.n)[texts.row[found]] <= _SHORT]
    rows, at = np.unique(texts.row[found], return_index=True)
    result[rows] = found[at]
    return result


def _day_beside(
    texts: Words, number: np.ndarray, month: np.ndarray, mark: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """The day that stands with the month at each position: 17 de junio, 5 to 7 June, June 5, 6月5日;
    0 if none does.
    """
    before, linked, after = _at(number, at - 1), _at(number, at - 2), _at(number, at + 1)
    chinese = _at(mark, at) == _YUE
    same = [
        texts.row[np.clip(at + step, 0, len(texts.row) - 1)] == texts.row[at]
        for step in (-1, -2, 1)
    ]
    linked = np.where(_at(mark, at - 1) == _LINK, linked, 0) * same[1]
    spoken = np.select(
        [chinese, before * same[0] > 0, linked > 0],
        [after * same[2], before, linked],
        after * same[2],
    )
    return np.where((spoken >= 1) & (spoken <= 31), spoken, 0)


def _at(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    return np.where(
        (position >= 0) & (position < len(values)), values[np.clip(position, 0, len(values) - 1)], 0
    )


def _kind(word: str) -> tuple[int, int, int]:
    """Number (0 if none), month (0 if none) and mark of a word."""
    if word.isascii() and word.isdecimal():
        if len(word) == 8:
            year, month, day = int(word[:4]), int(word[4:6]), int(word[6:])
            valid = (
                config.FIRST_YEAR <= year <= config.LAST_YEAR
                and 1 <= month <= 12
                and 1 <= day <= 31
            )
            return int(word) if valid else 0, 0, 0
        return int(word) if len(word) <= 4 else 0, 0, _PADDED if len(word) == 2 else 0
    if ordinal := _ORDINAL.fullmatch(word):
        return int(ordinal[1]), 0, 0
    mark = (
        _LINK
        if word in _LINKS
        else _TO
        if word in _UNTIL
        else {"年": _NIAN, "月": _YUE}.get(word, 0)
    )
    return 0, _months().get(word, 0), mark


@cache
def _months() -> dict[str, int]:
    folded = {"março": "marco"}
    return {
        folded.get(name, name): i + 1 for i, names in enumerate(_MONTHS) for name in names.split()
    }


@lru_cache(maxsize=65_536)
def _iso(packed: int) -> str:
    """ISO 8601 of a year, three digits of the month and three of the day, as far as they can be a
    date.
    """
    year, month, day = packed // 1_000_000, packed // 1000 % 1000, packed % 1000
    if not 1 <= month <= 12:
        return f"{year}"
    if not 1 <= day <= 31:
        return f"{year}-{month:02d}"
    try:
        return str(np.datetime64(f"{year}-{month:02d}-{day:02d}"))
    except ValueError:  # the thirty-first of a shorter month
        return f"{year}-{month:02d}"
