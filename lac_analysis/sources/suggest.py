"""The allowed value that a person most likely meant."""

import re
from pathlib import Path

import pandas as pd
import pycountry

from lac_analysis import files
from lac_analysis.records import china, countries, dates, schema

_YES_NO = files.read_yaml(Path(__file__).with_suffix(".yml"))
_YEAR = re.compile(r"(\d{4})(?:\.0|年)?")
DECIMAL = r"\d{4}\.\d"  # a month, or a part of a year
_TIME = re.compile(r"[ T]\d{1,2}:\d\d\S*(?: ?[AaPp]\.?[Mm]\.?)?$")
_YEAR_FIRST = re.compile(r"(\d{4})[./年-](\d{1,2})(?:[./月-](\d{1,2})日?|月?)")
_YEAR_LAST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")


def nearest(column: str, value: str) -> str:
    """The nearest value that the column of engagement records allows; '' where none is near."""
    choices = schema.allowed("engagements", column)
    if column == "lac_iso3":
        found = countries.resolve(pd.Series([value])).iloc[0]
        return found if isinstance(found, str) else schema.nearest(value, choices)
    if column == "china_place" and china.is_taiwan(pd.Series([value])).iloc[0]:
        return ""  # is none of the list, and no misspelt Hainan
    if column == "date_iso":
        return date(value)
    if choices == ["0", "1"]:
        return yes_no(value)
    return schema.nearest(value, choices)


def yes_no(value: str) -> str:
    """'1' for a yes and '0' for a no, as several languages and programs write them; else ''."""
    return next((code for code, words in _YES_NO.items() if value.casefold() in words), "")


def unit(iso3: str, name: str) -> str:
    """The first-level unit of a country that is spelt most like a name."""
    alpha2 = pycountry.countries.get(alpha_3=iso3).alpha_2
    units = pycountry.subdivisions.get(country_code=alpha2)
    return schema.nearest(name, sorted(unit.name for unit in units))


def date(value: str, month_first: bool = False) -> str:
    """A date, however it is spelt, as YYYY, YYYY-MM or YYYY-MM-DD; a time of day may follow. ''
    where it is none, or where day and month could be exchanged (unless it is known that the month
    stands first).
    """
    value, parts = _TIME.sub("", value), ()
    if found := _YEAR.fullmatch(value) or _YEAR_FIRST.fullmatch(value):
        parts = found.groups()
    elif found := _YEAR_LAST.fullmatch(value):
        one, two, year = found.groups()
        if month_first or int(two) > 12:
            parts = year, one, two
        elif int(one) > 12 or one == two:
            parts = year, two, one
    text = "-".join(part.zfill(2) for part in parts if part)
    return "" if dates.fault(text) else text
