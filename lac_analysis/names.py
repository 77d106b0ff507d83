"""Codes, countries and units in words, as a reader takes them."""

from pathlib import Path

import pandas as pd
import pycountry

from lac_analysis import config, files
from lac_analysis.records import china, coding
from lac_analysis.records.distinct import without_accents
from lac_analysis.records.gazetteer import CITY_UNITS

_LABELS, CODED = files.read_yaml(Path(__file__).with_suffix(".yml")).values()


def named(table: pd.DataFrame) -> pd.DataFrame:
    """Engagements or records with names beside their codes, and codes as ordered categories."""
    table = table.copy()
    names = {
        "country": ("country_name", country_name),
        "admin1": ("admin1_name", unit_name),
        "china_admin1": ("province", china.province_name),
        "activity": ("activity_label", label),
        "actor_type": ("actor_label", label),
    }
    for code, (name, of) in names.items():
        known = {value: of(value) for value in table[code].dropna().unique()}
        table.insert(table.columns.get_loc(code) + 1, name, table[code].map(known).astype("str"))
    town = table["municipality"].where(table["place_id"].notna())
    island = table["place_id"].str.replace(".*/", "", regex=True)  # Grand Bahama: no unit, no town
    place = town.fillna(table["admin1_name"]).fillna(island)
    table.insert(table.columns.get_loc("place_id") + 1, "place", place)
    for column in (column for columns in CODED.values() for column in columns):
        table[column] = pd.Categorical(table[column], codes(column), ordered=True)
    for code, name in (("activity", "activity_label"), ("actor_type", "actor_label")):
        table[name] = pd.Categorical(table[name], list(map(label, codes(code))), ordered=True)
    return table


def codes(column: str) -> tuple[str, ...]:
    """The codes that a column of engagements may hold, in the order of the codebook."""
    entry = coding.read_codebook(config.CODEBOOK_FILE)[column]
    if "values" in entry:
        return tuple(entry["values"])
    return tuple(dict.fromkeys(rule["to"] for rule in entry["rules"]))


def label(code: str) -> str:
    """A code in words: 'visit to LAC' for 'visit_to_lac'."""
    return _LABELS.get(code, code.replace("_", " "))


def country_name(iso3: str) -> str:
    """Usual English name of a country: 'Bolivia' for 'BOL'."""
    country = pycountry.countries.get(alpha_3=iso3)
    return getattr(country, "common_name", country.name).partition(",")[0]


def unit_name(unit: str) -> str:
    """'Jujuy' for 'AR-Y', 'Bogotá' for 'CO-DC', 'Buenos Aires (province)' for 'AR-B', beside its
    city; what is no ISO 3166-2 code as it is.
    """
    subdivision = pycountry.subdivisions.get(code=unit)
    if unit in CITY_UNITS or not subdivision:
        return CITY_UNITS.get(unit, unit)
    kind = f" ({subdivision.type.lower()})" if subdivision.name in CITY_UNITS.values() else ""
    return subdivision.name.removeprefix("Región Metropolitana de ") + kind


def plain(text: str) -> str:
    """Lower case without accents and with straight apostrophes, for comparing."""
    return without_accents(text).casefold().replace("’", "'")
