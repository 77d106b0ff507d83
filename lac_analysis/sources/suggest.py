"""The allowed value that a person most likely meant."""

import re

import pandas as pd
import pycountry
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from lac_analysis.records import china, countries, dates, schema
from lac_analysis.records import gazetteer as gaz

_YES = {"yes", "y", "true", "t", "si", "sí", "sim", "oui", "ja", "x", "1.0", "是"}
_NO = {"no", "n", "false", "f", "não", "nao", "non", "nee", "0.0", "否"}
_LANGUAGES = {"español": "es", "castellano": "es", "português": "pt", "中文": "zh", "汉语": "zh"}
_YEAR = re.compile(r"(\d{4})(?:\.0|年)")
_YEAR_FIRST = re.compile(r"(\d{4})[./年-](\d{1,2})(?:[./月-](\d{1,2})日?|月?)")
_YEAR_LAST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")


def nearest(column: str, value: str, choices: list[str]) -> str:
    """The nearest value that the column of engagement records allows; '' where none is near."""
    if value == "":
        return ""
    if column == "lac_iso3":
        found = countries.resolve(pd.Series([value], dtype="str")).iloc[0]
        return found if isinstance(found, str) else like(value, choices)
    if column == "china_place" and china.is_taiwan(pd.Series([value])).iloc[0]:
        return ""  # is none of the list, and no misspelt Hainan
    if choices:
        return like(value, choices)
    field = schema.fields("engagements").get(column, {})
    if field.get("type") == "boolean":
        word = value.casefold()
        return "1" if word in _YES else "0" if word in _NO else ""
    if field.get("partialDate"):
        return date(value)
    if column.endswith("_url"):
        return f"https://{value}" if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", value) else ""
    if column == "record_id":
        return re.sub(r"[^A-Za-z0-9_.:-]+", "-", value).strip("-")
    if column == "source_lang":
        return _LANGUAGES.get(value.casefold()) or _language(value)
    return ""


def like(value: str, choices: list[str]) -> str:
    """The choice that is spelt most like the value; '' where none is."""
    # of short codes, one slip is a third of the letters
    for scorer, least in ((fuzz.WRatio, 70), (OSA.normalized_similarity, 0.6)):
        options = {"scorer": scorer, "processor": _words, "score_cutoff": least}
        if found := process.extractOne(value, choices, **options):
            return found[0]
    return ""


def unit(iso3: str, name: str) -> str:
    """The first-level unit of a country that is spelt most like a name."""
    alpha2 = pycountry.countries.get(alpha_3=iso3).alpha_2
    return like(name, sorted(u.name for u in pycountry.subdivisions.get(country_code=alpha2)))


def date(value: str, month_first: bool = False) -> str:
    """An unusual spelling of a date as YYYY, YYYY-MM or YYYY-MM-DD; '' where it is none, or where
    day and month could be exchanged (unless it is known that the month stands first).
    """
    parts = ()
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


def _language(value: str) -> str:
    try:
        return getattr(pycountry.languages.lookup(value.partition("-")[0]), "alpha_2", "")
    except LookupError:
        return ""


def _words(text: str) -> str:
    return " ".join(gaz.tokens(text.replace("_", " ")))
