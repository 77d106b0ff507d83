"""The first date that a text states, in English, Spanish, Portuguese or Chinese."""

import re
from contextlib import suppress
from pathlib import Path

from lac_analysis import files
from lac_analysis.records.dates import MONTHS, span

CLOCK = re.compile(r"\b\d{1,2}[:h]\d\d(?::\d\d)?\b")  # 10:30, which is no month and day
_NAMED = rf"(?:{'|'.join(MONTHS)})"
_MONTH = rf"(?P<month>{_NAMED})"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|o|a)?"
_LINK = r"(?:(?:of|de|del) )?"
_TO = r"(?:(?:to|a|al|and|e|y|or|ou?|until|hasta|ate) )?(?:el )?"
_DAYS = rf"(?P<day>{_DAY}) (?:{_TO}{_DAY} )*"  # 5, 5 to 7, 5-7; a second month may follow
_WHOLE = rf"(?:{_DAY} )?(?:{_LINK}{_NAMED} )?(?:{_DAY} )?{_LINK}\d{{4}} "

# They read a text as its words with one space between and after them, the year as a Y.
_PACKED = re.compile(r"\b(\d{4})(0\d|1[0-2])([0-3]\d) ")
_BOUND = re.compile(  # a date that it was not: before March 2010
    r"(?:\b(?:before|prior to|no later than|pre|anterior(?:es)? al?|antes (?:del?|do))"
    r"|^(?:until|by|after|ate|hasta|despues del?|depois de)) "  # elsewhere the end of a range
    rf"{_WHOLE}"
    r"|\b\d{4} 年 (?:\d+ 月 )?(?:\d+ 日 )?[以之] ?[前后後] "
)
_REPORTED = re.compile(  # the date of the page: updated 3 May 2012, a report of May 2014
    rf"\b(?:updated|published|posted|accessed|retrieved|report(?: of)?|publicad[oa]|actualizad[oa]"
    rf"|atualizad[oa]|consultad[oa]) (?:(?:on|in|el|em|en) )?{_WHOLE}"
)
_DECADE = re.compile("|".join(files.read_yaml(Path(__file__).with_suffix(".yml"))["decades"]))
_YEAR = re.compile(  # no amount: US$ 2000, 2000 million, 2000万
    r"(?<!\bus )(?<!\busd )\b(?:19[7-9]\d|20[01]\d|202[0-6]) "
    r"(?!(?:mill\w*|milh\w*|dol(?:lars|ares)|yuan|[万亿萬億]) )"
)
_BESIDE = [
    re.compile(r"Y 年 (?P<month>\d{1,2}) 月 (?:(?P<day>\d{1,2}) )?"),
    re.compile(rf"\b{_MONTH} {_DAYS}(?:{_TO}{_NAMED} {_DAY} )?Y"),
    re.compile(rf"\b{_DAYS}{_LINK}{_MONTH} (?:{_TO}{_DAY} {_LINK}{_NAMED} )?{_LINK}Y"),
    re.compile(rf"\b(?!ago {_NAMED}){_MONTH} (?:{_TO}{_NAMED} )?{_LINK}Y"),  # two days ago
    re.compile(r"Y (?P<month>0\d|1[0-2]) (?P<day>\d\d) "),
    re.compile(rf"Y (?P<month>0\d) (?!\d|{_LINK}{_NAMED}|(?:to|al?|and|e|y) )"),
    re.compile(r"Y (?P<month>1[0-2]) $"),  # not 2012, 10 mayors
    re.compile(r"\b(?P<day>1[3-9]|2\d|3[01]) (?P<month>0\d|1[0-2]) Y"),
    re.compile(r"\b(?P<month>0\d|1[0-2]) (?P<day>1[3-9]|2\d|3[01]) Y"),
]
_ELSEWHERE = [  # where a year stands alone in a short text: June 5 to 7 (2013)
    re.compile(r"\b(?P<month>\d{1,2}) 月 (?:(?P<day>\d{1,2}) )?"),
    re.compile(rf"\b{_DAYS}{_LINK}{_MONTH} "),
    re.compile(rf"\b{_MONTH} (?:(?P<day>{_DAY}) )?"),
]
_TWO_YEARS = re.compile(r"\b(\d{4}) (\d\d) (?!\d)")
_SHORT = 16  # words


def find(words: list[str]) -> str:
    """The date that the words of a text state as ISO 8601; '' without a year.

    The first year from 1970 to 2026 that has a month beside it counts, else the first; one that
    stands alone in a short text, with a month and day that stand elsewhere: 31 January 2018,
    January 31st 2018, 31 de enero de 2018, 2018年1月31日, 2018-01-31, 31/01/2018, 20180131,
    June 5 to 7 (2013). Of several days the first counts, and a page's own date where there is no
    other. A numeric date whose day and month could be exchanged gives the year alone, and a decade
    gives none.
    """
    text = _DECADE.sub("", _PACKED.sub(r"\1 \2 \3 ", " ".join([*words, ""])))
    text = _TWO_YEARS.sub(_first_of_two, _BOUND.sub("", text))
    if _YEAR.search(others := _REPORTED.sub("", text)):
        text = others
    years = {}  # each, and the text with a mark in its stead
    for year in _YEAR.finditer(text):
        years.setdefault(year[0].strip(), f"{text[: year.start()]}Y {text[year.end() :]}")
    alone = len(years) == 1 and len(words) <= _SHORT
    for year, marked in years.items():
        for pattern in [*_BESIDE, *(_ELSEWHERE if alone else [])]:
            if found := pattern.search(marked):
                return _dated(year, found)
    return next(iter(years), "")


def _first_of_two(years: re.Match) -> str:
    """FY 2011-12 is no December."""
    first, second = years.groups()
    return f"{first} " if int(second) == (int(first) + 1) % 100 else years[0]


def _dated(year: str, found: re.Match) -> str:
    """The date of a year and a match, as far as it can be one: 31 June gives the month."""
    parts = found.groupdict()
    month = int(MONTHS.get(parts["month"], parts["month"]))
    day = re.sub(r"\D", "", parts.get("day") or "")
    date = f"{year}-{month:02}" + f"-{day:0>2}" * bool(day)
    for part in (date, date[:7]):
        with suppress(ValueError):
            span(part)
            return part
    return year
