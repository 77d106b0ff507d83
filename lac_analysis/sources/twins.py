"""A list of twin towns, as Wikidata or Wikipedia give them: city1, country1, city2, country2, if
known a start date.
"""

import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.records import china, countries, dates
from lac_analysis.records import gazetteer as gaz
from lac_analysis.sources import agencies, read, suggest
from lac_analysis.sources.imported import Imported, Losses, records

# our name -> the names of the column; Wikidata's query service calls labels ...Label
_COLUMNS = {
    "city1": ("city1", "city1label"),
    "country1": ("country1", "country1label"),
    "city2": ("city2", "city2label"),
    "country2": ("country2", "country2label"),
    "start": ("start", "start_date", "start date", "since", "date", "year", "starttime"),
}
_NEEDED = ("city1", "country1", "city2", "country2")
WANTED = frozenset(name for names in _COLUMNS.values() for name in names)
_CHINA = re.compile(
    r"^(?:(?:the )?people'?s republic of china|(?:mainland )?china|chine|p\.?r\.? ?c(?:hina)?|"
    r"rep[uú]blica popular (?:da )?china|中国|中华人民共和国|Q148|CHN?)$",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\b(?:province|provincia|state|estado|department|departamento|region|regi[oó]n|parish)\b|[省州]",
                   re.IGNORECASE)  # fmt: skip


def identify(columns: Collection[str]) -> str:
    """Whether the columns are those of a list of pairs; '' if not."""
    found = _found(columns)
    if not all(name in found for name in _NEEDED):
        return ""
    return "list of twin towns" + (" with dates" if "start" in found else " without dates")


def convert(path: Path) -> Imported:
    """Read a list of twin towns; a pair that stands twice, either way round, counts once.

    Raises
    ------
    InputError : the four columns are not there.
    """
    source = read.table(path, WANTED)
    version = identify(source.frame.columns)
    if not version:
        raise InputError("not a list of twin towns", file=Path(path).name, value=",".join(source.frame.columns),
                         expected=f"columns {', '.join(_NEEDED)} and, if known, start")  # fmt: skip
    losses = Losses()
    own = _found(source.frame.columns)
    table = pd.DataFrame(
        {name: source.frame[own[name]] if name in own else "" for name in _COLUMNS}
    )
    pairs = _oriented(table, losses)
    return Imported(version, len(source.frame), _records(pairs, version, losses), losses.table())


def _found(columns: Collection[str]) -> dict[str, str]:
    """Our name -> the file's own name, of the columns it has; a label goes before an address."""
    lower = {name.casefold(): name for name in columns}
    found = {name: [lower[c] for c in choices if c in lower] for name, choices in _COLUMNS.items()}
    return {name: own[-1] if name != "start" else own[0] for name, own in found.items() if own}


def _oriented(table: pd.DataFrame, losses: Losses) -> pd.DataFrame:
    """Rows with the columns lac, country, iso3, chinese, start: pairs of the 33 countries with
    China, each once.
    """
    chinese = [table[f"country{side}"].str.fullmatch(_CHINA) for side in (1, 2)]
    iso3 = [countries.resolve(table[f"country{side}"]) for side in (1, 2)]
    parts = []
    for lac, other in ((0, 1), (1, 0)):
        rows = iso3[lac].notna() & chinese[other]
        part = table[rows]
        parts.append(
            pd.DataFrame(
                {"lac": part[f"city{lac + 1}"], "country": part[f"country{lac + 1}"], "iso3": iso3[lac][rows],
                 "chinese": part[f"city{other + 1}"], "start": part["start"]}
            )
        )  # fmt: skip
    pairs = pd.concat(parts).sort_index()
    losses.note("pairs of other countries", len(table) - len(pairs), "left out")
    blank = (pairs["lac"] == "") | (pairs["chinese"] == "")
    losses.note("pairs with a town left blank", int(blank.sum()), "left out")
    pairs = pairs[~blank]
    key = pairs[["lac", "iso3", "chinese"]].apply(
        lambda column: column.map(lambda text: " ".join(gaz.tokens(text)))
    )
    ranked = key.assign(undated=pairs["start"] == "").sort_values("undated", kind="stable")
    twice = ranked.duplicated(["lac", "iso3", "chinese"]).reindex(pairs.index)
    losses.note(
        "pairs listed again", int(twice.sum()), "counted once, with the date if one of them has it"
    )
    return pairs[~twice]


def _records(pairs: pd.DataFrame, version: str, losses: Losses) -> pd.DataFrame:
    blank = pd.Series("", index=pairs.index)
    found = china.province(blank, pairs["chinese"], pd.Series(True, index=pairs.index))
    provincial = found["china_city"].isna() & found["china_admin1"].notna()
    province = provincial & ~found["china_admin1"].isin(agencies.PROVINCE_LEVEL_CITIES)
    rows = zip(pairs["lac"], pairs["iso3"], province, strict=True)
    level = ["admin1" if _is_unit(*row) else "municipal" for row in rows]
    types = provincial.map({True: "provincial_government", False: "municipal_government"})
    place = agencies.chinese_place(pairs["chinese"], types)
    losses.note(
        "Chinese province unknown",
        int((place == "").sum()),
        "the town is in no list of ours, or in several provinces",
    )
    date = pairs["start"].map(_date)
    unread = (date == "") & (pairs["start"] != "")
    losses.note("dates that cannot be read", int(unread.sum()), "left blank")
    losses.note(
        "pairs without a date",
        int((pairs["start"] == "").sum()),
        "counted only with undated=include",
    )
    losses.note(
        "ends of ties, who agreed them, sources of single pairs", None, "not in such a list"
    )
    number = pairs.index.astype(str)
    return records(
        version,
        pairs.index,
        record_id="TWIN-" + number,
        date_text=pairs["start"],
        date_iso=date,
        lac_country_text=pairs["country"],
        lac_iso3=pairs["iso3"],
        lac_place_text=pairs["lac"],
        lac_level=level,
        lac_actor_text=pairs["lac"],
        china_actor_text=pairs["chinese"],
        china_place=place,
        china_actor_type=types,
        activity_type="twinning",
        description=pairs["lac"] + " and " + pairs["chinese"] + " are twin towns",
        source_type="encyclopedia",
        confidence="medium",
    )


def _is_unit(text: str, iso3: str, province: bool) -> bool:
    """A first-level unit: the text says so, or it names a unit and no town, or a unit whose partner
    is a province.
    """
    names, words = gaz.gazetteer(iso3), gaz.tokens(text.partition(",")[0])
    bare = " ".join(word for word in words if not gaz.is_generic(word))
    if _UNIT.search(text) or ("district" in words and bare in names.units):  # as in Suriname
        return True
    key = " ".join(words)
    return key in names.units and (province or key not in names.towns)


def _date(text: str) -> str:
    """The date of Wikidata (2011-05-12T00:00:00Z; 2011-01-01 for a year stays a day) or Wikipedia
    (a year).
    """
    day = text.partition("T")[0].removeprefix("+")
    if day and dates.fault(day) is None:
        return day
    return suggest.date(day)
