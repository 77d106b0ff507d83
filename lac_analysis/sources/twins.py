"""A list of twin towns, as Wikidata or Wikipedia give them: city1, country1, city2, country2, if
known a start date.
"""

import re

import pandas as pd

from lac_analysis import config
from lac_analysis.records import china, places
from lac_analysis.records import gazetteer as gaz
from lac_analysis.records.countries import by_name
from lac_analysis.sources import agencies, maps, suggest, world
from lac_analysis.sources.imported import Imported

_CHINA = ["CHN", "HKG", "MAC"]  # with which a pair counts
_UNIT = re.compile(
    r"(?i)\b(?:province|provincia|state|estado|department|departamento|regi[oó]n|parish)\b|[省州]"
)
_SECOND = {"ARG": "depart", "BOL": "provinc", "CHL": "provinc", "PER": "provinc"}  # level, there
_OF_DISTRICTS = ["BLZ", "SUR"]  # whose first-level units are districts
_AND = re.compile(r"\s*(?:[;&/+|\n,、；，]|\s[-–—]\s|\b(?:and|y|e)\b)\s*")
_WITHIN = re.compile(r"\s*[,;(，（]")  # before the larger unit that a place lies in


def records(table: pd.DataFrame, found: Imported) -> pd.DataFrame:
    """A list of twin towns in our schema; a pair, either way round, counts once."""
    pairs = _oriented(table, found)
    province = china.province(pairs["chinese"])
    found.note("no_province", province["china_admin1"].isna().sum())
    parts = pairs["chinese"].str.split(_AND).explode()
    named = china.province(parts)[["china_admin1", "china_city"]].groupby(level=0).nunique()
    several = pairs.loc[named.gt(1).any(axis=1).reindex(pairs.index), "chinese"]
    found.note("several", len(several), several)
    lead = pairs["chinese"].str.replace(r"^(?:China|中国)\W+", "", regex=True).str.split(_WITHIN)
    provincial = agencies.is_provincial(china.province(lead.str[0]), pairs["chinese"])
    # a city that is a province is twinned with towns, a province with provinces
    unit = provincial & ~province["china_admin1"].isin(china.CITIES)
    found.note("undated", (pairs["start"] == "").sum())
    kinds = {True: "provincial_government", False: "municipal_government"}
    texts = {"lac_iso3": pairs["iso3"], "lac_level": "municipal", "lac_place_text": pairs["lac"]}
    place = places.resolve(pd.DataFrame(texts))
    no_town = place["admin1"].notna() & place["municipality"].isna()
    rows = pairs[["lac", "iso3"]].assign(no_town=no_town, unit=unit)
    is_unit, without_partner = (
        pd.Series([_is_unit(*row) for row in asked.to_numpy()], pairs.index, dtype=bool)
        for asked in (rows, rows.assign(unit=False))
    )
    by_partner = pairs[is_unit & ~without_partner]
    by_partner = by_partner["lac"] + " (" + by_partner["chinese"] + ")"
    found.note("by_partner", len(by_partner), by_partner)
    made = pairs.assign(
        row=pairs.index.astype("str"),
        lac_level=is_unit.map({True: "admin1", False: "municipal"}),
        china_actor_type=provincial.map(kinds),
    )
    return maps.records("twins", found.version, made)


def _oriented(table: pd.DataFrame, found: Imported) -> pd.DataFrame:
    """Rows with the columns lac, country, iso3, chinese, start, date_iso: pairs of the 33 countries
    with China, each once, its towns told apart by Wikidata's identifiers where there are any.
    """
    iso3 = table[["country1", "country2"]].apply(world.iso3)
    parts = []
    for lac, other in ("12", "21"):
        named = {f"city{lac}": "lac", f"country{lac}": "country", f"city{other}": "chinese"}
        named |= {f"site{lac}": "lac_id", f"site{other}": "chinese_id"}
        part = table[[*named, "start"]].rename(columns=named).assign(iso3=iso3[f"country{lac}"])
        wanted = part["iso3"].isin(config.CELAC) & iso3[f"country{other}"].isin(_CHINA)
        # some lists call the country of Taiwan's cities China
        parts.append(part[wanted & ~china.is_taiwan(part["chinese"])])
    pairs = pd.concat(parts).sort_index()
    rest = iso3.drop(pairs.index)
    # where one country is known to be of neither side, the other does not matter
    may_be = rest.isin(["", *config.CELAC, *_CHINA]).all(axis=1)
    unknown = [table.loc[rest.index[may_be & (rest[name] == "")], name] for name in rest]
    unknown = pd.concat(unknown).sort_index(kind="stable")
    n_unknown = unknown.index.nunique()
    found.drop("elsewhere", len(rest) - n_unknown)
    found.drop("no_country", n_unknown, unknown)
    names = ["lac", "iso3", "chinese"]
    key = pairs[names].map(world.key)
    blank = (key == "").any(axis=1)  # or no letter: a dash
    found.drop("blank", blank.sum())
    pairs, key = pairs[~blank], key[~blank]
    pairs["ids"] = ""
    for name in ("lac", "chinese"):  # two towns of one name, or one in two languages
        site = pairs[f"{name}_id"].where(pairs[f"{name}_id"].str.fullmatch(maps.NO_NAME.pattern))
        key[name] = site.fillna(key[name])
        pairs["ids"] += (" " + site.str.extract("([^/]*)$", expand=False)).fillna("")
    # Wikidata: 2011-05-12T00:00:00Z; 2011-01-01 for a year stays a day. Wikipedia: a year
    date = pairs["start"].str.removeprefix("+").map(suggest.date)
    date = date.mask(pairs["start"].str.fullmatch(suggest.DECIMAL), "")
    unread = pairs.loc[date.eq("") & pairs["start"].ne(""), "start"]
    found.note("unread", len(unread), unread)
    key = key.assign(date=date).sort_values("date", key=lambda d: -d.str.len(), kind="stable")
    finest = key.groupby(names)["date"].transform("first")
    other = [not one.startswith(another) for one, another in zip(finest, key["date"], strict=True)]
    found.note("two_dates", sum(other))
    new_year = date.str.endswith("-01-01") & pairs["start"].str.contains("T00:00")
    found.note("new_year", new_year.sum())
    twice = key.duplicated(names).reindex(pairs.index)
    found.drop("twice", twice.sum())
    return pairs.assign(date_iso=date)[~twice]


def _is_unit(text: str, iso3: str, no_town: bool, province: bool) -> bool:
    """Whether the text says unit, or names one and no town, or one whose partner is a province."""
    lead, *larger = _WITHIN.split(text.strip(" ()（）"))
    if all(map(gaz.is_generic, gaz.tokens(" ".join(larger)))):  # São Paulo (state)
        lead, larger = text, []
    is_unit = _names_unit(lead, iso3)
    words = gaz.tokens(lead)
    if said := _UNIT.search(lead):
        named = "constitucional" in words  # Callao
        named |= " ".join(words) in gaz.gazetteer(iso3).units
        return named or not said[0].casefold().startswith(_SECOND.get(iso3, "no such word"))
    if "district" in words and is_unit:
        return iso3 in _OF_DISTRICTS or not {"federal", "capital", "national"}.isdisjoint(words)
    country = ", ".join(larger)  # Bolivia, Plurinational State of
    larger = [part for part in larger if iso3 not in (by_name(part), by_name(country))]
    if any(_names_unit(part, iso3) for part in larger):  # a town and its unit
        return False
    if not gaz.CITY_WORDS.isdisjoint(gaz.tokens(text)):  # Hidalgo (ciudad)
        return False
    return no_town or (province and not larger and " ".join(words) in gaz.gazetteer(iso3).units)


def _names_unit(text: str, iso3: str) -> bool:
    """Whether a text is a unit's name, with or without words such as 'province of'."""
    words, known = gaz.tokens(text), gaz.gazetteer(iso3).units
    bare = [word for word in words if word not in gaz.UNIT_WORDS]
    while bare and gaz.is_generic(bare[-1]):
        bare.pop()
    while bare and " ".join(bare) not in known and gaz.is_generic(bare[0]):
        bare.pop(0)
    return " ".join(words) in known or " ".join(bare) in known
