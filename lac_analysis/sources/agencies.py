"""Names of organisations -> level of government of the LAC side, type of the Chinese actor. Rules:
agencies.yml.
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lac_analysis import files
from lac_analysis.records import china, schema
from lac_analysis.records import gazetteer as gaz
from lac_analysis.sources.imported import first

_CHINESE = re.compile(r"\b(?:china|chinese|sino\w*|hong kong|prc)\b|[\u4e00-\u9fff]", re.IGNORECASE)
_GOVERNMENT_OF = re.compile(
    r"^(?:the )?(?:(?:government|gobierno|governo|gouvernement)(?: aut[oó]nomo)? "
    r"(?:of|de|do|da|del|du) (?:the |la |los )?(?P<a>.+)|"
    r"(?P<b>.+?) (?:state |provincial |departmental |regional |city )?government)$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*[|;\n]\s*")
PROVINCE_LEVEL_CITIES = {"CN-BJ", "CN-SH", "CN-TJ", "CN-CQ"}
_RANKS = (("admin1", "municipal"), ("other_local",), ("national",))
_STATED = {"bank": "bank", "state-owned": "state_owned_enterprise", "private": "private_company",
           "government": "central_government", "embassy": "embassy_consulate"}  # fmt: skip


class Level(NamedTuple):
    """Level of government, and why.

    Attributes
    ----------
    level : national, admin1, municipal, other_local, or '' where no rule fits.
    actor : the organisation that decided it, or the first.
    rule : its name.
    """

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
    hospital or school. Chinese organisations are passed over. No name is guessed from a similar
    one.
    """
    parts = [part for part in _SPLIT.split(names) if part]
    found = [(*_level_of(part, country), part) for part in parts if not _is_chinese(part)]
    for wanted in _RANKS:
        for to, rule, part in found:
            if to in wanted:
                return Level(to, part, rule)
    return Level("", next((part for *_, part in found), ""), "")


def title_level(title: str) -> Level:
    """Level of the LAC side that the title of a project names; '' where it names none. Weaker than
    `level`.
    """
    to, rule = first(_rules()["level"], {"text": title})
    return Level(to, "", f"{rule}, in the title" if to else "")


@lru_cache(maxsize=65_536)
def chinese_type(names: str, stated: str = "") -> str:
    """Type of the Chinese actor that a text names first (a value of china_actor_type), 'unknown'
    where no rule fits.

    `stated` is what a data set says of the actor ("State-owned Company"); it decides where the name
    does not.
    """
    lead, said = (next(filter(None, _SPLIT.split(text)), "") for text in (names, stated))
    found = first(_rules()["chinese"], {"text": lead})[0]
    province = _province(lead)
    if (
        found in ("municipal_government", "provincial_government")
        and province in PROVINCE_LEVEL_CITIES
    ):
        found = "provincial_government"
    if found == "central_government" and province:
        found = "provincial_government"  # 'Jiangsu Department of Commerce'
    if found in ("", "unknown") or (found == "central_government" and said):
        found = next((to for word, to in _STATED.items() if word in said.casefold()), found)
    return found or "unknown"


def chinese_place(names: pd.Series, types: pd.Series) -> pd.Series:
    """Chinese province (a value of china_place) of subnational actors and universities; '' where
    none is certain.
    """
    local = types.isin(["provincial_government", "municipal_government", "university"])
    code = china.province(pd.Series("", index=names.index), names, local)["china_admin1"]
    return code.map(_province_names()).fillna("")


def _level_of(name: str, country: str) -> tuple[str, str]:
    to, rule = first(_rules()["level"], {"text": name})
    found = _GOVERNMENT_OF.match(name)
    if to == "municipal" or not found:
        return to, rule
    names, key = gaz.gazetteer(country), " ".join(gaz.tokens(found["a"] or found["b"]))
    if key in (names.country_key, ""):
        return "national", "government of the country"
    if key in names.units:
        return "admin1", "government of a first-level unit"
    if any(town.is_known for town in names.towns.get(key, ())):
        return "municipal", "government of a town"
    return (to, rule) if to else ("national", "government")


def _is_chinese(name: str) -> bool:
    return bool(_CHINESE.search(name)) or _province(name) != ""


@lru_cache(maxsize=65_536)
def _province(name: str) -> str:
    found = china.province(pd.Series([""]), pd.Series([name]), pd.Series([True]))["china_admin1"]
    return found.fillna("").iloc[0]


@cache
def _province_names() -> dict[str, str]:
    names = pd.Series(schema.allowed("engagements", "china_place"))
    blank, unasked = pd.Series("", index=names.index), pd.Series(False, index=names.index)
    codes = china.province(names, blank, unasked)["china_admin1"]
    return dict(zip(codes, names, strict=True))


@cache
def _rules() -> dict[str, list[dict]]:
    return files.read_yaml(Path(__file__).with_suffix(".yml"))
