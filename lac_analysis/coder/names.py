"""Names of countries, of their places and of Chinese places, as phrases that are looked for in any
text.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.coder.lexicon import Lexicon, Mentions, longest
from lac_analysis.coder.rules import rule_book
from lac_analysis.coder.words import Words
from lac_analysis.records import china, countries, gazetteer, schema

# how many times the inhabitants of its namesakes a Chinese city needs to be meant by a bare name
_WELL_KNOWN = 10


@dataclass(frozen=True, eq=False)
class Names:
    """Attributes: lexicon; meaning (table, one row a phrase)."""

    lexicon: Lexicon
    meaning: pd.DataFrame

    def find(self, texts: Words) -> Mentions:
        """The names in each text, the longest first, without overlaps."""
        return longest(self.lexicon.find(texts))


@cache
def of_countries() -> Names:
    """Country names of country_names.csv and the peoples of rules.yml. meaning: iso3 ('' for a name
    of no member).
    """
    table = countries.names()
    peoples = rule_book().peoples
    table = pd.concat([table, pd.DataFrame(peoples, columns=["iso3", "name"])], ignore_index=True)
    return Names(Lexicon(table["name"]), table[["iso3"]])


@cache
def of_china() -> Names:
    """Chinese provinces and cities. meaning: kind (province, city), admin1 (ISO 3166-2), province
    (English name);
    admin1 and province are '' where cities of several provinces share the name."""
    rows = []
    columns = schema.tables()["engagements"]["schema"]["fields"]
    listed = next(column for column in columns if column["name"] == "china_place")["constraints"][
        "enum"
    ]
    english = {china.places()[name.lower()][0].admin1: name for name in listed}
    for name, places in china.places().items():
        ranked = sorted(places, key=lambda place: -place.population)
        clear = len(ranked) == 1 or ranked[0].population >= _WELL_KNOWN * max(
            ranked[1].population, 1
        )
        place = ranked[0]
        if place.kind in ("province", "city"):
            admin1 = place.admin1 if clear or len({p.admin1 for p in places}) == 1 else ""
            rows.append((name, place.kind, admin1, english.get(admin1, "")))
    table = pd.DataFrame(rows, columns=["name", "kind", "admin1", "province"])
    return Names(Lexicon(table["name"]), table)


@cache
def of_places() -> tuple[Names, np.ndarray]:
    """First-level units and towns of 15,000 people and more of the 33 countries.

    Returns the names (meaning: name) and an array (names, countries) of int8: 0 = no such place, 1
    = a unit, 2 = a
    town, 3 = both; countries in the order of config.CELAC.
    """
    kinds: dict[str, np.ndarray] = {}
    for number, country in enumerate(config.CELAC):
        known = gazetteer.gazetteer(country)
        towns = {
            key
            for key, namesakes in known.towns.items()
            if any(
                town.alias or (town.is_main_name and town.population >= gazetteer.WELL_KNOWN)
                for town in namesakes
            )
        }
        for keys, bit in ((known.units, 1), (towns, 2)):
            for key in keys:
                if (
                    key != known.country_key
                    and len(key) > 2 - (not key.isascii())
                    and not gazetteer.is_generic(key)
                ):
                    kinds.setdefault(key, np.zeros(len(config.CELAC), dtype=np.int8))[number] |= bit
    table = pd.DataFrame({"name": list(kinds)})
    return Names(Lexicon(table["name"]), table), np.stack(list(kinds.values()))


def without_persons(mentions: Mentions, texts: Words) -> Mentions:
    """Leave out Chinese places that stand beside a surname: they are a person's given name (Wang
    Hainan).
    """
    if not len(mentions.row):
        return mentions
    surname = np.array([word in china.SURNAMES for word in texts.vocabulary])
    linked = np.array([word in {"of", "de", "da", "do", "du"} for word in texts.vocabulary])
    last = len(texts.code) - 1

    def beside(position: np.ndarray, kind: np.ndarray) -> np.ndarray:
        inside = (position >= 0) & (position <= last)
        position = np.clip(position, 0, last)
        return inside & (texts.row[position] == mentions.row) & kind[texts.code[position]]

    before, after = mentions.position - 1, mentions.position + mentions.length
    person = beside(before, surname) | (beside(after, surname) & ~beside(before, linked))
    return mentions[~person]
