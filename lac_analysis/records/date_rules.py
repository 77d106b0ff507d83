"""Whether dates agree with the texts beside them: the rules of `consistency` on them."""

import re
from itertools import product

import pandas as pd

from lac_analysis.records import dates
from lac_analysis.records.country_rules import Found, Tables

_TENS, _ONES = ("", "X"), ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_NUMERALS = {tens + ones: n for n, (tens, ones) in enumerate(product(_TENS, _ONES))}
_OLD = re.compile(  # of a twinning
    r"(?i)\b(\d+|five|ten|fifteen|twenty|thirty|forty) years\b[^.,;]*? in (\d{4})"
)
_NAME_OF_MONTH = rf"(?:{'|'.join(dates.MONTHS)})"
_OF_YEAR = (  # March-April 2012
    rf"(?i)\b(?P<months>{_NAME_OF_MONTH}(?:\W{_NAME_OF_MONTH})?)(?: del?| of)? (?P<year>\d{{4}})\b"
)
_OF_FOUNDING = (
    r"(?i)\b(\d+)(?:[º°ª]|th|st|nd|rd)? (?:anniversary|aniversario|anivers[aá]rio) (?:of|de|da) "
    r"(?:the|la|a)? ?(?:founding|fundaci[oó]n|fundação) (?:of|de|da) "
    r"(?:the |la )?(?:People|rep[uú]blica)"
)
_NUMBERED = (  # 14th Summit, Summit (XIV)
    r"^(?:(?P<ordinal>\d+)(?:st|nd|rd|th) )?(?P<name>[^(;]+?)(?: \((?P<numeral>[IVX]+)\))?"
    r"(?: \(|;|$)"
)
_NUMBERS = {"five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40}


def _bounds(raw: Tables) -> Found:
    bounds = raw["date_bounds"]
    first, last = dates.intervals(bounds["not_before"])[0], dates.intervals(bounds["not_after"])[1]
    yield "date_bounds", "not_before", first > last, "a date on or before not_after"
    date = raw["engagements"].set_index("record_id")["date_iso"].reindex(bounds["record_id"])
    start, _ = dates.intervals(date.fillna("").set_axis(bounds.index))
    dated = start.notna() & ~(start > last)  # a date after not_after is replaced by the bounds
    yield "date_bounds", "record_id", dated, "a record without a date, or of a later one"
    of_page = bounds.replace("", None).groupby(["source_url", "basis"])
    for column in ("not_before", "not_after"):
        several = of_page[column].transform("nunique") > 1
        yield "date_bounds", column, several, "the same in all rows of this page and basis"


def _texts(raw: Tables) -> Found:
    records = raw["engagements"]
    other = ~pd.Series(map(dates.agrees, records["date_text"], records["date_iso"]))
    yield "engagements", "date_iso", other, "the date that date_text is, or its month or year"
    later = dates.intervals(records["date_iso"])[0] > dates.LAST_DAY
    yield "engagements", "date_iso", later, f"a date up to {dates.LAST_DAY}, when collection closed"
    day = pd.to_datetime(records["date_iso"], format="%Y-%m-%d", errors="coerce").dt.day_of_week
    pairs = zip(day, records["date_text"].map(dates.weekdays), strict=True)
    other = day.notna() & pd.Series([bool(told) and day not in told for day, told in pairs])
    yield "engagements", "date_iso", other, "a day of the week that date_text tells"
    twinnings = records[records["activity_type"] == "twinning"]
    old = twinnings["description"].str.extract(_OLD)
    since = old[1].astype(float) - old[0].str.lower().replace(_NUMBERS).astype(float)
    other = pd.to_numeric(twinnings["date_iso"].str[:4]).sub(since).abs() > 0
    yield "engagements", "date_iso", other, "so many years before as the description tells"
    said = records["description"].str.extract(_OF_YEAR)
    said = said[said["year"].eq(records["date_iso"].str[:4]) & records["date_iso"].str.len().gt(4)]
    months = said["months"].str.lower().str.split(r"\W+", regex=True)
    pairs = zip(months, records["date_iso"].str[5:7].reindex(said.index), strict=True)
    other = [int(month) not in map(dates.MONTHS.get, names) for names, month in pairs]
    other = pd.Series(other, said.index, dtype="bool")
    yield "engagements", "date_iso", other, "the month that the description tells"
    founded = records["date_text"].str.extract(_OF_FOUNDING, expand=False).astype(float) + 1949
    other = founded.notna() & pd.to_numeric(records["date_iso"].str[:4]).sub(founded).ne(0)
    yield "engagements", "date_iso", other & records["date_iso"].ne(""), "so many years after 1949"
    told = records["platform"].str.extract(_NUMBERED)
    year = records["date_iso"].str[:4].replace("", None).astype(float)
    number = told["ordinal"].astype(float).fillna(told["numeral"].map(_NUMERALS))
    told = told.assign(year=year, number=number).dropna(subset=["name", "year", "number"])
    several = told.groupby(["name", "number"])["year"].transform("nunique") > 1
    yield "engagements", "platform", several, "a platform with this numeral in one year"
    told = told.sort_values("number", kind="stable")
    early = told["year"] < told.groupby("name")["year"].cummax()
    yield "engagements", "platform", early.sort_index(), "no year before that of a lower numeral"


RULES = (_bounds, _texts)
