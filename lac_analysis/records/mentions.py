"""The known names of places in a text of one country."""

import re
from dataclasses import dataclass, replace
from functools import cache, partial

import pycountry

from lac_analysis.records import gazetteer as gaz

SEGMENT = re.compile(r"([;,()/&|+:\[\]–—、；，：（）\n]|\s-\s)")
_WITHIN = {",", "(", "，", "（", "/", "-", "–", "—"}  # what may part a town from its unit
_COLONS = {":", "："}  # or a unit from its town
_STATE = re.compile(r"(?:^|\s*[-–,/(]\s*|\s)(?:BR-)?([A-Z]{2})(?:\)|(?=\s*(?:[,;)/]|$)))")
_AND = {"and", "y", "e", "other", "others", "otros", "otras", "outros", "outras"}
_FARTHER = {"norte", "sur", "sul", "este", "leste", "oeste", "north", "south", "east", "west"}
_BRACKETED = re.compile(r"\s*[(（]([^()（）]*)[)）]")
_LONGEST = 5_000  # letters: what is longer names no place, and would take seconds to read
_EXCEPT = re.compile(r"\b(except|excepto|exceto|excluding)\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """A known name in a text."""

    units: tuple[str, ...]  # that it may mean
    towns: tuple[gaz.Town, ...]
    whole: bool  # nothing else is said between two separators
    called: bool  # the text says city, province... beside it
    unit_alias: bool  # only the alias table knows the unit
    country: bool  # it is the country's name, too, and called neither a unit nor a town


def named_in(
    names: gaz.Gazetteer, text: str, of_towns: bool = True, within: bool = True
) -> list[Mention]:
    """The known names in a text, left to right, and none across segments. `within`: the unit is
    known; else what is said beside a name may make it another's, and its segment is not read.
    """
    if len(text) > _LONGEST:
        return []
    text = _BRACKETED.sub(_kind, text)
    if names.alpha2 == "BR":
        text = _STATE.sub(partial(_written_out, names), re.sub(r"\bPto\b", "Porto", text))
    head, _, tail = text.partition(",")
    for whole in (text, f"{tail} {head}"):  # San Andrés, Providencia y...; Santander, Norte de
        tokens = gaz.tokens(whole)
        name = _mention(names, tokens, 0, len(tokens)) if len(tokens) <= names.longest else None
        if name and name.units:
            return [name]
    parts = _EXCEPT.sub("", text).split(";") if text else ()
    return [mention for part in parts for mention in _in_part(names, part, of_towns, within)]


def _in_part(names: gaz.Gazetteer, text: str, of_towns: bool, within: bool) -> list[Mention]:
    """`named_in`, for what stands between two semicolons."""
    found: list[Mention] = []
    parted, last = "", False  # by what the segment is from the one before, which ends in a name
    others = False  # whether more is said than the country's name
    for part in SEGMENT.split(text):
        tokens = gaz.tokens(part)
        if not tokens:
            parted = part.strip() or parted
            continue
        here, rest = _in_segment(names, part, within)
        if not within and not all(map(gaz.is_generic, rest)):
            here = [mention for mention in here if mention.called]
        others |= not (all(map(gaz.is_generic, tokens)) or any(name.country for name in here))
        chinese = gaz.CHINESE.search(part) is not None
        alone = all(map(gaz.is_generic, rest)) and _AND.isdisjoint(rest)
        if len(here) > 1 and alone and of_towns:
            if len(here) == 2:  # Campo Grande São Paulo, Goya de Corrientes
                here = _pair(*here, "(" if chinese else "")
            if len(here) > 1 and not chinese and not any(mention.called for mention in here):
                here = []  # one name, of a place that is not known: Salinas de Guaranda
        joins = last and parted in _WITHIN | _COLONS and len(here) == 1 and here[0].whole
        if joins and (of_towns or not found[-1].units):
            here = _pair(found.pop(), here[0], parted)
        found += here
        last = bool(here) and (rest[-1:] != tokens[-1:] or gaz.is_generic(tokens[-1]))
    return [name for name in found if not (others and name.country and name.whole)]


def _in_segment(names: gaz.Gazetteer, part: str, within: bool) -> tuple[list[Mention], list[str]]:
    """The longest known names in a segment, left to right, and the words that are in none."""
    written, tokens = gaz.words(part), gaz.tokens(part)
    found, rest, start = [], [], 0
    while start < len(tokens):
        longest = names.longest if tokens[start] in names.first_words else 0
        for end in range(min(len(tokens), start + longest), start, -1):
            mention = _mention(names, tokens, start, end)
            lower = mention and all(word[0].islower() for word in written[start:end])
            if mention and (mention.whole or not lower):
                longer = _is_part(written, start, end) or _goes_on(names, written, end)
                if not (within and longer):
                    found.append(mention)
                    break
            if " ".join(tokens[start:end]) in names.country_keys:  # Lima Peru
                break
        else:
            end = start + 1
            rest.append(tokens[start])
        start = end
    return found, rest


def _kind(found: re.Match) -> str:
    """What is in brackets, without them where it is a word for a kind of place: Salta (province). A
    district may be of either kind.
    """
    said = gaz.tokens(found[1])
    kinds = (gaz.UNIT_WORDS | gaz.CITY_WORDS) - {"district", "distrito"}
    return f" {found[1]}" if said and kinds.issuperset(said) else found[0]


@cache
def _states() -> dict[str, str]:
    """The states of Brazil, which its addresses give by two letters: Palmas/PR, Palmas (TO)."""
    return {unit.code[3:]: unit.name for unit in pycountry.subdivisions.get(country_code="BR")}


def _written_out(names: gaz.Gazetteer, found: re.Match) -> str:
    """The state of two letters, but not beside a common word (Porto-PI is the port of Piauí) or as
    a town's own (SENTO SE).
    """
    before = gaz.tokens(found.string[: found.start()])[-1:]
    other = found[0].startswith("-") and gaz.COMMON.issuperset(before)
    town = names.towns.get(" ".join([*before, *gaz.tokens(found[0])]), ())
    other |= any(each.is_main_name for each in town)
    return f", estado de {_states()[found[1]]}" if found[1] in _states() and not other else found[0]


def _is_part(written: list[str], start: int, end: int) -> bool:
    """Whether letters or a direction beside a name make it another: N. de Santander, Norte
    Santander, Baja California S.; not Bogotá D.C., and not SALTA Y JUJUY.
    """
    before, *others = [*written[max(0, start - 2) : start][::-1], "", ""]
    linked = others[0] if before in ("de", "del", "do", "da") else before
    after = [word for word in written[end : end + 2] if _is_letter(word)]
    short = _is_letter(linked) or linked in ("Nte", "Val") or len(after) == 1
    return short or before.casefold() in _FARTHER


def _is_letter(word: str) -> bool:
    """Whether a word is short for one, and no word of Spanish or Portuguese by itself."""
    return len(word) == 1 and word.isupper() and word not in "AEOY"


def _goes_on(names: gaz.Gazetteer, written: list[str], end: int) -> bool:
    """Whether a name is longer than what is known of it: San Juan de Lurigancho, Santiago Norte."""
    after = end + 1 if written[end : end + 1] in (["de"], ["del"], ["do"], ["da"]) else end
    if not written[after:] or not written[after][0].isupper():
        return False
    word = written[after].casefold()
    unknown = word not in names.first_words and not gaz.is_generic(word)
    return word in _FARTHER if after == end else unknown


def _pair(first: Mention, second: Mention, parted: str) -> list[Mention]:
    """Two names side by side: as `_within`, or the other way round, as in 'Bahia, Salvador', where
    the first is no known town, or the larger is first anyway: São Paulo (Guarulhos).
    """
    found = [first, second] if parted in _COLONS else _within(first, second)
    if len(found) == 1 or not first.units or (second.units and (first.towns or not first.called)):
        return found
    turned = _within(second, first)
    larger_first = parted in {"(", "（", *_COLONS} or (second.called and not first.called)
    may_turn = larger_first or not any(town.is_known for town in first.towns)
    return turned if may_turn and len(turned) == 1 and turned[0].towns else found


def _within(town: Mention, unit: Mention) -> list[Mention]:
    """Two names as in 'Cascavel, Ceará': the town of that unit, or the unit alone where it knows
    none; both, as of a list, where the first is a unit's, too, or both are well-known towns'.
    """
    if unit.country:  # Cholula, Mexico: the country, not its state
        return [town]
    there = tuple(t for t in town.towns if t.admin1 in unit.units)
    called = tuple(t for t in there if t.is_main_name or t.population >= gaz.WELL_KNOWN)
    if not unit.units or (town.units and not any(t.population >= gaz.WELL_KNOWN for t in there)):
        return [town, unit]
    if inside := called or there * town.whole:
        return [replace(town, units=(), towns=inside, whole=True)]
    two = all(any(t.is_known for t in each.towns) for each in (town, unit))
    return [town, unit] if two else [replace(unit, towns=())]


def _mention(names: gaz.Gazetteer, tokens: list[str], start: int, end: int) -> Mention | None:
    key = " ".join(tokens[start:end])
    units, towns = names.units.get(key, ()), names.towns.get(key, ())
    if key in names.country_keys and not units:  # Nicaragua is also Rivas
        towns = tuple(town for town in towns if town.is_main_name)
    is_river = tokens[end : end + 1] in (["river"], ["rivers"])
    if not (units or towns) or gaz.is_generic(key) or is_river:
        return None
    unit_said = gaz.is_called(tokens, start, end, gaz.UNIT_WORDS)
    town_said = gaz.is_called(tokens, start, end, gaz.CITY_WORDS)
    whole = all(map(gaz.is_generic, tokens[:start] + tokens[end:]))
    if not (whole or unit_said or town_said) and (key in names.country_keys or key in gaz.COMMON):
        return None  # the country, not its capital or the province around it; no Santana, or Porto
    if units and not town_said:  # Alagoas is the state, and no former capital
        towns = names.seats[key]
    alone = whole or " ".join(tokens[:start]) in names.country_keys
    if unit_said and towns and not units and alone and tokens[end:] in (["省"], ["州"]):
        units = tuple(filter(None, [towns[0].admin1]))  # 圣保罗州, known in Chinese as a town alone
    if unit_said != town_said:  # of a municipality that is not known the unit says nothing
        units, towns = (units, () if units else towns) if unit_said else ((), towns)
    if not (units or towns):
        return None
    said = unit_said or town_said or (end - start > 1 and tokens[end - 1] in ("省", "州"))
    country = key in names.country_keys and not said
    return Mention(units, towns, whole, said, key in names.unit_aliases, country)
