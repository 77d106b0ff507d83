"""Names of organisations -> level of government of the LAC side, type of the Chinese actor. Rules:
agencies.yml.
"""

import re
from functools import cache
from pathlib import Path

import pandas as pd

from lac_analysis import files
from lac_analysis.records import china, countries
from lac_analysis.sources import maps

_SEPARATOR = re.compile(r"\s*[|;\n]\s*")
_AND = re.compile(r"\s*,\s*|\s+(?:and|y|e)\s+")
_RANK = {"admin1": 0, "municipal": 0, "other_local": 1, "national": 2, "": 3}
_GOVERNMENTS = ["central_government", "provincial_government", "municipal_government"]
_RULES = files.read_yaml(Path(__file__).with_suffix(".yml"))
_CHINESE = re.compile("|".join(_RULES["chinese_words"]), re.IGNORECASE)
_GOVERNMENT = re.compile(r"\b(?:government|gobierno|governo) (?:of|del?|d[ao])\b", re.IGNORECASE)
_COUNTY = re.compile(
    r"\b(?:county|district|prefecture|town(?:ship)?|village)\b|[县縣镇鎮乡鄉旗]|(?<!自治|行政)[区區]",
    re.IGNORECASE,
)


def levels(names: pd.Series) -> pd.DataFrame:
    """Level of government of the organisations that each text names, joined by '|' or ';', in
    English, Spanish, Portuguese or French.

    A local government decides over a hospital or school that stands beside it, and these, or a
    government that may be local, over a ministry. Chinese organisations are passed over.

    Returns the index of `names`, with level (national, admin1, municipal, other_local, or '' where
    no rule fits), actor (the organisation that decided it, or the first) and unread (organisations
    of which no rule tells the level, and which are no country's government, joined by '|').
    """
    actor = names.str.split(_SEPARATOR).explode()
    actor = actor[(actor != "") & ~actor.str.contains(_CHINESE)]
    actor = actor[china.province(actor)["china_admin1"].isna()]
    level = actor.map(_level)
    # the government of no country may be that of a province
    unread = level.eq("") & countries.resolve(actor).isna()
    unsure = unread & actor.str.contains(_GOVERNMENT)
    rank = level.map(_RANK).mask(unsure, _RANK["other_local"])
    found = pd.DataFrame({"level": level, "actor": actor, "rank": rank}, dtype="object")
    found = found.sort_values("rank", kind="stable")
    found = found[~found.index.duplicated()].reindex(names.index, fill_value="")
    beside = actor[unread].groupby(level=0).agg("|".join).reindex(names.index, fill_value="")
    return found[["level", "actor"]].assign(unread=beside).astype("str")


def chinese_types(names: pd.Series, stated: pd.Series) -> pd.Series:
    """Type of the Chinese actor that each text names first (a value of china_actor_type), 'unknown'
    where no rule fits; `stated` is what a data set says of it, such as 'State-owned Company'.
    """
    lead = names.str.split(_SEPARATOR).str[0]
    told = lead + " " + stated.str.split(_SEPARATOR).str[0]
    types = told.map(lambda text: _first("chinese", text)).replace("", "unknown")
    # 'Jiangsu Department of Commerce'; of cities, only those that are provinces
    found = china.province(lead.where(types.isin(_GOVERNMENTS), ""))
    return types.mask(is_provincial(found, lead), "provincial_government").astype("str")


def is_provincial(found: pd.DataFrame, names: pd.Series) -> pd.Series:
    """Whether a place that `china.province` found in the names is one of the first level."""
    city = found["china_city"].notna() & ~found["china_admin1"].isin(china.CITIES)
    return found["china_admin1"].notna() & ~city & ~names.str.contains(_COUNTY)


def _level(name: str) -> str:
    """The level by the rules; none for a ministry with a local government in one name."""
    level = _first("level", name)
    parts = {_first("level", part) for part in _AND.split(name)} if level == "national" else ()
    return "" if {"national"} < {*parts} & {"national", "admin1", "municipal"} else level


@cache
def _first(rules: str, name: str) -> str:
    return maps.first(_RULES[rules], {"text": name})
