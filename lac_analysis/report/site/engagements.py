"""The engagements as the data page shows and hands them out."""

import json

import pandas as pd

from lac_analysis.names import named
from lac_analysis.report import export
from lac_analysis.report.site import places
from lac_analysis.tables import Tables

_LETTERS = {"day": 10, "month": 7, "year": 4}  # of an ISO date that are known
_SHOWN = [
    "engagement_id", "date", "year", "country", "country_name", "place_id", "place", "where",
    "level", "china_actor_text", "actor_family", "province", "activity_family", "activity_label",
    "description", "confidence", "sources", "planned",
]  # fmt: skip


def rows(tables: Tables) -> pd.DataFrame:
    """One row an engagement, latest first, with the ids, names and values of the export: its
    columns and `planned` (not known to have happened; not in the export). For the pages: date (as
    precise as it is known: 2018, 2018-05 or 2018-05-03) and where (the place and its unit, or the
    record's own words). Texts are blank where missing.
    """
    table = named(tables.engagements)
    texts = table.select_dtypes(["str", "object", "category"])
    table[texts.columns] = texts.astype("str").fillna("")
    unit = table["admin1_name"].where(table["municipality"] != "", "")
    unit = unit.where(unit != table["place"], "")
    place = table["place"].where(unit == "", table["place"] + ", " + unit)
    found = table[[*export.COLUMNS, "planned"]].assign(
        date=list(map(_date, table["date_start"], table["date_precision"])),
        where=place.where(place != "", table["lac_place_text"]),
    )
    return found.sort_values(["date", "engagement_id"], ascending=[False, True], ignore_index=True)


def script(table: pd.DataFrame) -> str:
    """The rows, and the pages of places, as a script that sets one variable: a page opened from
    disk may load scripts, but no data files.
    """
    shown = table[_SHOWN].astype("object")
    values = shown.where(shown.notna(), None).to_numpy().tolist()
    pages = places.listed(places.local(table))["page"].to_dict()
    content = {"columns": _SHOWN, "rows": values, "pages": pages}
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"const ENGAGEMENTS = {plain};\n"


def _date(day: pd.Timestamp, precision: str) -> str:
    known = pd.notna(day) and precision in _LETTERS
    return str(day.date())[: _LETTERS[precision]] if known else ""
