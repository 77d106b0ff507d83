"""The first date that a text states, in English, Spanish, Portuguese or Chinese."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from lac_analysis import config, files
from lac_analysis.coder import phrases
from lac_analysis.records import china, gazetteer
from lac_analysis.records.dates import DAY_WORDS, MONTHS, fault

_DECADES, _NO_DATES, _LEADS, _WEEKDAYS = files.read_yaml(
    Path(__file__).with_suffix(".yml")
).values()
_NAMED = rf"(?:{'|'.join(MONTHS)})"
_NUMBER = re.compile(  # no month, day or year: 10:30, COVID-19, 2000万, Region 9, May 2012
    r"(?i)\b\d{1,2}[:h]\d\d(?::\d\d)?\b|\bcovid[- ]?19|(?<!\d)\d+[万亿萬億]"
    rf"|(?<=\w )\d{{1,2}},\s+(?={_NAMED}\b)"
)
_LIST = re.compile(r"(?<!\d)\d{1,2}(?:,\s*\d{1,2}(?!\d)){2,}")
# 5-7, 5/7, and 5, 6 and 7
_RANGE = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\s*"
    r"(?:[-–—/&]|,(?=\s*\d{1,2}(?:st|nd|rd|th)?,?\s+(?:and|y|e|&)\s+\d))\s*(?=\d{1,2}(?!\d))"
)
_FIGURES = re.compile(  # 2018-01-31, 20180131; 31/01/2018; (31/01)
    r"(?<!\d)(?:(?P<y>\d{4})(?:([-./])(?P<m>\d\d?)\2|(?P<mm>0\d|1[0-2]))(?P<d>\d\d?)"
    r"|(?P<one>\d\d?)([-./])(?P<two>\d\d?)\7(?P<year>\d{4}))(?!\d)"
    r"|\((?P<first>\d\d?)/(?P<second>\d\d?)\)"
)
_ENGLISH = {number: name for name, number in reversed(MONTHS.items())}
_DOCUMENT = re.compile(  # its number, and year
    r"(?i)\b((?:decree|decreto|ley|law|resoluci[oó]n|resolution|resolução|ordenanza|ordinance"
    r"|expediente|oficio)(?: n[º°.o]*)? \d{4})[-/]\d+"
)
_MONTH = rf"(?P<month>{_NAMED})"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|o|a)?"
_LINK = r"(?:(?:of|de|del) )?"
_TO = (
    r"(?:to|ao?|al|and|e|y|or|ou?|until|till|through|hasta|ate) "
    rf"(?:(?:el|the|o|dia|feira|{'|'.join(_WEEKDAYS)}) )*"
)
_MORE = rf"(?:{_TO}{_DAY} ){{0,9}}"  # or a text of 1/2/1/2 takes the square of its length
_DAYS = rf"(?P<day>{_DAY}) {_MORE}"  # 5, 5 to 7; a second month may follow
# 30/4 a 13/5/2012: both of one year
_TWO_FIGURES = re.compile(
    r"(?<![\d/.-])(\d\d?[/.-]\d\d?)(?=\s*(?:[-–/]|to|ao?|al)\s*\d\d?[/.-]\d\d?([/.-]\d{4})(?!\d))"
)
# 6 月 3 日; of 5 至 6 月, as of 5 6 月, the first; not 6 月 21 个国家
_SIGNS = (
    r"(?P<month>\d{1,2}) (?:(?:(?:[至到]|to) )?\d{1,2} )?月 "
    r"(?:(?P<day>\d{1,2}) (?=[日号號至到]|to |\d|$))?"
)
_WHOLE = rf"(?:{_DAY} )?(?:{_LINK}{_NAMED} )?(?:{_DAY} )?{_LINK}\d{{4}} "

# They read a text as its words with one space between and after them, the year as a Y.
_BOUND = re.compile(  # a date that it was not: before March 2010
    r"(?:\b(?:before(?: the (?:year|end of))?|prior to|no later than|pre|anterior(?:es)? al?"
    r"|antes (?:del?|do))"
    r"|^(?:until|by|after|ate|hasta|despues del?|depois de)) "  # elsewhere the end of a range
    rf"{_WHOLE}"
    r"|\b\d{4} 年 (?:\d+ 月 )?(?:\d+ 日 )?(?:[以之] ?)?[前后後] (?!\d)"
)
_REPORTED = re.compile(  # the date of the page: updated 3 May 2012, a report of May 2014
    rf"\b(?:updated|published|posted|accessed|retrieved|report(?: of)?|publicad[oa]|actualizad[oa]"
    rf"|page|atualizad[oa]|consultad[oa]) (?:(?:on|in|el|em|en) )?{_WHOLE}"
)
_NONE = re.compile("|".join([*_DECADES, *_NO_DATES, rf"\b(?:{china.SURNAME}) jun "]))  # Luo Jun
# 9 de Julio, a town or a street, unless a year follows, or what leads to a date is before it
_SO_CALLED = re.compile(
    rf"\b(\w+) {_DAY} {_MORE}de {_NAMED} "
    rf"(?!(?:del? )?\d{{4}}\b|(?:{_TO})?{_DAY} de {_NAMED} )"
)
_YEAR = re.compile(  # no amount: US$ 2000, 2000 million
    r"(?<!\bus )(?<!\busd )\b(?:19[7-9]\d|20[01]\d|202[0-6]) "
    r"(?!(?:mill\w*|milh\w*|dol(?:lars|ares)|yuan) )"
)
_BESIDE = [
    re.compile(rf"Y 年 {_SIGNS}"),
    re.compile(rf"\b{_MONTH} {_DAYS}(?:(?:{_TO})?{_NAMED} {_DAY} )?Y"),
    re.compile(rf"\b{_DAYS}{_LINK}{_MONTH} (?:(?:{_TO})?{_DAY} {_LINK}{_NAMED} )?{_LINK}Y"),
    re.compile(rf"\b(?!ago {_NAMED}){_MONTH} (?:(?:{_TO})?{_NAMED} )?{_LINK}Y"),  # two days ago
    re.compile(rf"Y (?P<month>0\d) (?!\d\d? |{_LINK}{_NAMED}|(?:to|al?|and|e|y) (?!\d{{4}} ))"),
    re.compile(r"Y (?P<month>1[0-2]) (?=$|(?:to |al? )?\d{4} )"),  # not 2012, 10 mayors
]
_ELSEWHERE = [  # where a year stands alone in a short text: June 5 to 7 (2013)
    re.compile(rf"\b{_SIGNS}"),
    re.compile(rf"\b{_DAYS}{_LINK}{_MONTH} "),
    re.compile(rf"\b(?!out |set ){_MONTH} (?P<day>{_DAY}) "),
    re.compile(rf"\b{_MONTH} (?:(?:the|of|del?|d?est[ea]|do|this|last|next|el) )*(?:ano|year) "),
    re.compile(rf"Y {_MONTH} $"),
    # where the word says so: April Smith, Julio, and "may" are none
    re.compile(r"\b(?:in|en|em|during|durante) (?!mar )" rf"{_MONTH} "),
]
_ALONE = re.compile(
    rf"(?i)[(\[]?(?:\d{{4}}(?:-(?:0[1-9]|1[0-2])(?:-\d\d)?)?|{_NAMED} \d{{1,2}}, \d{{4}}"
    rf"|(?:\d{{1,2}} (?:de )?)?{_NAMED} (?:de )?\d{{4}}"
    r"|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?)[)\]]?"
)
_TWO_YEARS = re.compile(r"\b(\d{4}) (\d\d) (?!\d)")
_SHORT = 16  # words


def is_alone(text: str) -> bool:
    """Whether a text is one date, written in full, and no other word: 2018, 31 de enero de 2018;
    not 2015-13, nor 2003-04, which may be two years.
    """
    parts = re.findall(rf"(?i)\d+|{_NAMED}", text)
    return bool(_ALONE.fullmatch(text)) and len(parts) == len(find(text).split("-"))


def find(text: str) -> str:
    """The date that a text states, as ISO 8601; '' without a year.

    The first year from 1970 to 2026 that has a month beside it counts, else the first; one that
    stands alone in a short text, with a month and day that stand elsewhere: 31 January 2018,
    January 31st 2018, 31 de enero de 2018, 2018年1月31日, 2018-01-31, 31/01/2018, 20180131,
    June 5 to 7 (2013). Of several days the first counts, and a page's own date where there is no
    other. A numeric date whose day and month could be exchanged gives the year alone, and a decade
    gives none; nor does a place give a month (Rio de Janeiro, 9 de Julio).
    """
    text = re.sub("[¹²³⁰⁴-⁹]", " ", text)  # of a note, and else, once composed, of the day
    text = _NUMBER.sub(" ", unicodedata.normalize("NFKC", text))
    text = _FIGURES.sub(_in_words, _TWO_FIGURES.sub(r"\1\2 to ", text))
    text = _LIST.sub(lambda days: days[0].replace(",", " to "), text)
    text = _RANGE.sub(r"\1 to ", text)
    words = phrases.words(_DOCUMENT.sub(r"\1", text))
    text = _NONE.sub("", " ".join([*words, ""]))
    text = _SO_CALLED.sub(_led, _places().sub("", text))
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


def _in_words(date: re.Match) -> str:
    """31 january 2018; of one whose day and month could be exchanged, the year."""
    part = date.groupdict("")
    year, month = part["y"] or part["year"], part["m"] or part["mm"]
    first, second = part["one"] or part["first"], part["two"] or part["second"]
    if first:
        if (int(first) > 12) == (int(second) > 12) or date[0] == "(24/7)":
            return year
        month, day = sorted((first, second), key=int)
    else:
        day = part["d"]
    known = int(month) in _ENGLISH and 1 <= int(day) <= 31
    return f" {int(day)} {_ENGLISH[int(month)]} {year} " if known else date[0]


@cache
def _places() -> re.Pattern:
    """The places whose names end in a month: Rio de Janeiro, Catia la Mar; not 9 de Julio, of which
    `_SO_CALLED` decides, and of Tres de Febrero, which may be a day, not where a year follows.
    """
    known = map(gazetteer.gazetteer, config.CELAC)
    named = {name for country in known for name in (*country.units, *country.towns)}
    named = {name for name in named if " " in name and name.rpartition(" ")[2] in MONTHS}
    days = {name for name in named if name.partition(" de ")[0] in DAY_WORDS}
    places = {name for name in named - days if not name[0].isdigit()}
    places, days = ("|".join(map(re.escape, sorted(names))) for names in (places, days))
    return re.compile(rf"\b(?:(?:{places}) |(?:{days}) (?!del? \d{{4}}\b))")


def _led(named: re.Match) -> str:
    """A day after a word that leads to one, or a number: it stays; else that word alone."""
    before = named[1]
    leads = before.isdigit() or before in MONTHS or before in (*_LEADS, *_WEEKDAYS)
    return named[0] if leads else f"{before} "


def _first_of_two(years: re.Match) -> str:
    """FY 2011-12 is no December."""
    first, second = years.groups()
    return f"{first} " if int(second) == (int(first) + 1) % 100 else years[0]


def _dated(year: str, found: re.Match) -> str:
    """The date of a year and a match, as far as it can be one: 31 June gives the month, and what
    was to come when the collection closed the year, as does 30 December to 2 January.
    """
    parts, months = found.groupdict(), [MONTHS[w] for w in found[0].split() if w in MONTHS]
    if sorted(months) != months:
        return year
    month = int(MONTHS.get(parts["month"], parts["month"]))
    day = re.sub(r"\D", "", parts.get("day") or "")
    date = f"{year}-{month:02}" + f"-{day:0>2}" * bool(day)
    return next(part for part in (date, date[:7], year) if not fault(part))
