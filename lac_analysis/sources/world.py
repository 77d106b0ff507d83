"""The country of a cell in a column of countries, as other data sets write it."""

from functools import cache

import pandas as pd
import pycountry

from lac_analysis.records import countries, distinct
from lac_analysis.records import gazetteer as gaz
from lac_analysis.sources import maps


def iso3(cells: pd.Series) -> pd.Series:
    """ISO 3166-1 alpha-3 of the country that each cell is, whichever of the world; '' where it is
    blank, not known, several, or more than a name: Peru Total. In such a column, unlike in a text,
    Granada is Grenada and Guiana Guyana.
    """
    named = distinct.apply(lambda text: _world().get(key(text), ""), cells)
    return named.mask(named == "", cells.map(countries.by_name))


@cache
def _world() -> dict[str, str]:
    """Names of countries in the gazetteer's languages, and codes -> ISO 3166-1 alpha-3. Sources:
    ISO 3166 as pycountry has it, and adapters.yml.
    """
    tongues = gaz.translations("iso3166-1")
    named = [(country.alpha_3, text) for country in pycountry.countries for _, text in country]
    spoken = [(iso3, tongue(text)) for tongue in tongues for iso3, text in named]
    other = [(iso3, name) for iso3, names in maps.SAID["twins"]["names"].items() for name in names]
    found = {key(name): iso3 for iso3, name in [*spoken, *named, *other]}
    return found | {"": ""}  # a flag, which has no letter


def key(text: str) -> str:
    """Its words in lower case, without accents and marks."""
    return " ".join(gaz.tokens(text))
