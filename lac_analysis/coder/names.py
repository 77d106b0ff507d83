"""Names of places of the 33 countries and of Chinese places, as phrases with their meaning."""

from collections import defaultdict
from collections.abc import Iterator

from lac_analysis import config
from lac_analysis.records import china, gazetteer, schema

_WELL_KNOWN = 10  # times the people of its namesakes that a Chinese city needs to be meant


def of_china() -> Iterator[tuple[str, tuple[str, str]]]:
    """Each Chinese province and city, with its kind (province, city) and its province's English
    name ('' where cities of several provinces share the name).
    """
    known, listed = china.places(), schema.allowed("engagements", "china_place")
    english = {known[name.lower()][0].admin1: name for name in listed}
    for name, places in known.items():
        largest, *others = sorted(places, key=lambda place: -place.population)
        if largest.kind not in ("province", "city"):
            continue
        rivals = [place for place in others if place.admin1 != largest.admin1]
        clear = not rivals or largest.population >= _WELL_KNOWN * max(others[0].population, 1)
        yield name, (largest.kind, english.get(largest.admin1, "") if clear else "")


def of_places() -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    """First-level units and towns of 15,000 people and more of the 33 countries.

    Each name, with its spelling in title case and what it is in each country that has it:
    lac_unit, lac_town, or lac_unit_or_town.
    """
    kinds: dict[str, dict[str, str]] = defaultdict(dict)
    for country in config.CELAC:
        known = gazetteer.gazetteer(country)
        towns = {
            name
            for name, namesakes in known.towns.items()
            if any(town.alias or town.is_known for town in namesakes)
        }
        for name in known.units.keys() | towns:
            shortest = 3 if name.isascii() else 2  # letters, or Chinese signs
            if len(name) < shortest or name == known.country_key or gazetteer.is_generic(name):
                continue
            both = name in known.units and name in towns
            kind = "lac_unit_or_town" if both else "lac_town" if name in towns else "lac_unit"
            kinds[name][country] = kind
    for name in sorted(kinds):
        yield name, (name.title(), kinds[name])
