"""The engagements as the data page shows and hands them out."""

import json
import re

import pandas as pd

from lac_analysis.explore import unit_name
from lac_analysis.records.china import province_name
from lac_analysis.tables import Tables

_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_ACTIVITIES = {"visit to lac": "visit to LAC", "visit to china": "visit to China"}
_PLACE = ("admin1", "municipality", "lac_place_text", "country")
_LETTERS = {"day": 10, "month": 7, "year": 4}  # of an ISO date that are known


def rows(tables: Tables) -> pd.DataFrame:
    """One row an engagement, latest first: id, date (as precise as it is known: 2018, 2018-05 or
    2018-05-03), year, country, place, level, actor, actor_kind, province, kind, activity,
    description, confidence, sources (addresses, joined by spaces), iso3, place_id.

    All but `year` is text, blank where missing.
    """
    table = tables.engagements
    names = tables.countries.set_index("iso3")["country"]
    level = table["level"].astype("str").str.replace("_", " ")
    activity = table["activity"].str.replace("_", " ")
    found = pd.DataFrame(
        {
            "id": table["engagement_id"].str.removeprefix("E:"),
            "date": list(map(_date, table["date_start"], table["date_precision"].astype("str"))),
            "year": table["year"],
            "country": table["country"].map(names),
            "place": list(map(_place, *(table[column] for column in _PLACE))),
            "level": level.replace("admin1", "first-level unit"),
            "actor": table["china_actor_text"].fillna(""),
            "actor_kind": table["actor_family"],
            "province": table["china_admin1"].map(province_name, na_action="ignore").fillna(""),
            "kind": table["activity_family"],
            "activity": activity.replace(_ACTIVITIES),
            "description": table["description"].fillna(""),
            "confidence": table["confidence"].astype("str"),
            "sources": table["sources"].map(_addresses),
            "iso3": table["country"],
            "place_id": table["place_id"].fillna(""),
        }
    )
    return found.sort_values(["date", "id"], ascending=[False, True], ignore_index=True)


def script(table: pd.DataFrame, pages: dict[str, str]) -> str:
    """The rows, and the pages of places, as a script that sets one variable: a page opened from
    disk may load scripts, but no data files.
    """
    year = [None if pd.isna(year) else int(year) for year in table["year"]]
    values = table.astype("object").assign(year=pd.Series(year, table.index, dtype="object"))
    content = {"columns": list(table.columns), "rows": values.to_numpy().tolist(), "pages": pages}
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"const ENGAGEMENTS = {plain};\n"


def _date(day: pd.Timestamp, precision: str) -> str:
    known = pd.notna(day) and precision in _LETTERS
    return str(day.date())[: _LETTERS[precision]] if known else ""


def _place(admin1, municipality, written, country) -> str:
    unit = unit_name(admin1) if isinstance(admin1, str) else ""
    if isinstance(municipality, str):
        return f"{municipality}, {unit}" if unit and unit != municipality else municipality
    return unit or (written if isinstance(written, str) else "")


def _addresses(sources: str) -> str:
    """The web addresses among an engagement's sources; a title without an address is none."""
    parts = sources.split("; ") if isinstance(sources, str) else []
    return " ".join(part for part in parts if _ADDRESS.fullmatch(part))
