"""Names of organisations -> level of government of the LAC side, type of the Chinese actor. Rules:
agencies.yml.
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lac_analysis import files
from lac_analysis.records import china
from lac_analysis.records import gazetteer as gaz

_RULES_FILE = Path(__file__).with_suffix(".yml")
_CHINESE = re.compile(r"\b(?:china|chinese|sino\w*|hong kong|prc)\b|[\u4e00-\u9fff]", re.IGNORECASE)
_GOVERNMENT_OF = re.compile(
    r"^(?:the )?(?:(?:government|gobierno|governo|gouvernement)(?: aut[oó]nomo)? (?:of|de|do|da|del|du) "
    r"(?:the |la |los )?(?P<a>.+)|(?P<b>.+?) (?:state |provincial |departmental |regional |city )?government)$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*[|;\n]\s*")
PROVINCE_LEVEL_CITIES = {"CN-BJ", "CN-SH", "CN-TJ", "CN-CQ"}


class Level(NamedTuple):
    """Attributes: level (national, admin1, municipal, other_local, or '' where no rule fits), actor
    (the organisation
    that decided it, or the first), rule (its name)."""

    level: str
    actor: str
    rule: str


@lru_cache(maxsize=65_536)
def level(names: str, country: str) -> Level:
    """Level of government of the organisations of a country that a text names.

    Parameters
    ----------
    names : organisations joined by '|' or ';', in English, Spanish, Portuguese or French.
    country : ISO 3166-1 alpha-3 of a CELAC member.

    A local organisation decides over a national one that stands beside it, and a government over a
    hospital or school.
    Chinese organisations are passed over. No name is guessed from a similar one.
    """
    parts = [part for part in _SPLIT.split(names) if part]
    found = [(*_level_of(part, country), part) for part in parts if not _is_chinese(part)]
    for wanted in (("admin1", "municipal"), ("other_local",), ("national",)):
        for to, rule, part in found:
            if to in wanted:
                return Level(to, part, rule)
    return Level("", next((part for *_, part in found), ""), "")


@lru_cache(maxsize=65_536)
def chinese_type(names: str, stated: str = "") -> str:
    """Type of the Chinese actor that a text names first (a value of china_actor_type), 'unknown'
    where no rule fits.

    `stated` is what a data set says of the actor ("State-owned Company"); it decides where the name
    does not.
    """
    lead = next((part for part in _SPLIT.split(names) if part), "")
    first_stated = next((part for part in _SPLIT.split(stated) if part), "")
    found = _first(lead, "chinese")[0]
    if (
        found in ("municipal_government", "provincial_government")
        and _province(lead) in PROVINCE_LEVEL_CITIES
    ):
        found = "provincial_government"
    if found == "central_government" and _province(lead):
        found = "provincial_government"  # 'Jiangsu Department of Commerce'
    if found in ("", "unknown") or (found == "central_government" and first_stated):
        found = _stated(first_stated) or found
    return found or "unknown"


def chinese_place(names: pd.Series, types: pd.Series) -> pd.Series:
    """Chinese province (a value of china_place) of subnational actors and universities; '' where
    none is certain.
    """
    local = types.isin(["provincial_government", "municipal_government", "university"])
    code = china.province(pd.Series("", index=names.index), names, local)["china_admin1"]
    return code.map(_province_names()).fillna("")


def title_level(title: str) -> Level:
    """Level of the LAC side that the title of a project names; '' where it names none. Weaker than
    `level`.
    """
    to, rule = _first(title, "level")
    return Level(to, "", f"{rule}, in the title" if to else "")


def _level_of(name: str, country: str) -> tuple[str, str]:
    to, rule = _first(name, "level")
    if to == "municipal":
        return to, rule
    if found := _GOVERNMENT_OF.match(name):
        names, key = gaz.gazetteer(country), " ".join(gaz.tokens(found["a"] or found["b"]))
        if key == names.country_key or key == "":
            return "national", "government of the country"
        if key in names.units:
            return "admin1", "government of a first-level unit"
        if any(town.is_known for town in names.towns.get(key, ())):
            return "municipal", "government of a town"
    if to == "" and found:
        return "national", "government"
    return to, rule


def _first(name: str, kind: str) -> tuple[str, str]:
    for rule, to, pattern, unless in _rules()[kind]:
        if pattern.search(name) and not (unless and unless.search(name)):
            return to, rule
    return "", ""


def _is_chinese(name: str) -> bool:
    return bool(_CHINESE.search(name)) or _province(name) != ""


@lru_cache(maxsize=65_536)
def _province(name: str) -> str:
    found = china.province(pd.Series([""]), pd.Series([name]), pd.Series([True]))[
        "china_admin1"
    ].iloc[0]
    return found if isinstance(found, str) else ""


def _stated(kind: str) -> str:
    kind = kind.casefold()
    for word, to in (("bank", "bank"), ("state-owned", "state_owned_enterprise"), ("private", "private_company"),
                     ("government", "central_government"), ("embassy", "embassy_consulate")):  # fmt: skip
        if word in kind:
            return to
    return ""


@cache
def _province_names() -> dict[str, str]:
    from lac_analysis.records import schema

    names = pd.Series(schema.allowed("engagements", "china_place"))
    codes = china.province(
        names, pd.Series("", index=names.index), pd.Series(False, index=names.index)
    )
    return dict(zip(codes["china_admin1"], names, strict=True))


@cache
def _rules() -> dict[str, list[tuple]]:
    entries = files.read_yaml(_RULES_FILE)
    return {
        kind: [
            (r["name"], r["to"], _compiled(r["pattern"]), _compiled(r.get("unless"))) for r in rules
        ]
        for kind, rules in entries.items()
    }


def _compiled(pattern: str | None) -> re.Pattern | None:
    # a line broken after | is folded to a space
    return re.compile(re.sub(r"\|\s+", "|", pattern), re.IGNORECASE) if pattern else None
