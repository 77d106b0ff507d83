"""The engagements as the data page shows and hands them out."""

import json
import re

import pandas as pd

from lac_analysis import explore
from lac_analysis.report.site import places
from lac_analysis.tables import Tables

_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_LETTERS = {"day": 10, "month": 7, "year": 4}  # of an ISO date that are known


def rows(tables: Tables) -> pd.DataFrame:
    """One row an engagement, latest first: id, date (as precise as it is known: 2018, 2018-05 or
    2018-05-03), year, country, place, level, actor, actor_kind, province, kind, activity,
    description, confidence, sources (addresses, joined by spaces), iso3, place_id.

    All but `year` is text, blank where missing.
    """
    table = explore.named(tables.engagements)
    text = table.astype("str").fillna("")
    level = text["level"].str.replace("_", " ")
    unit = text["admin1_name"].where(text["municipality"] != "", "")
    unit = unit.where(unit != text["place"], "")
    place = text["place"].where(unit == "", text["place"] + ", " + unit)
    found = pd.DataFrame(
        {
            "id": text["engagement_id"].str.removeprefix("E:"),
            "date": list(map(_date, table["date_start"], text["date_precision"])),
            "year": table["year"],
            "country": text["country_name"],
            "place": place.where(place != "", text["lac_place_text"]),
            "level": level.replace("admin1", "first-level unit"),
            "actor": text["china_actor_text"],
            "actor_kind": text["actor_family"],
            "province": text["province"],
            "kind": text["activity_family"],
            "activity": text["activity_label"],
            "description": text["description"],
            "confidence": text["confidence"],
            "sources": text["sources"].map(
                lambda sources: " ".join(filter(_ADDRESS.fullmatch, sources.split("; ")))
            ),
            "iso3": text["country"],
            "place_id": text["place_id"],
        }
    )
    return found.sort_values(["date", "id"], ascending=[False, True], ignore_index=True)


def script(table: pd.DataFrame) -> str:
    """The rows, and the pages of places, as a script that sets one variable: a page opened from
    disk may load scripts, but no data files.
    """
    values = table.astype("object").where(table.notna(), None).to_numpy().tolist()
    pages = places.listed(table[table["level"] != "national"])["page"].to_dict()
    content = {"columns": list(table.columns), "rows": values, "pages": pages}
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"const ENGAGEMENTS = {plain};\n"


def _date(day: pd.Timestamp, precision: str) -> str:
    known = pd.notna(day) and precision in _LETTERS
    return str(day.date())[: _LETTERS[precision]] if known else ""
