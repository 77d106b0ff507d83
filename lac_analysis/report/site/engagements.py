"""The engagements as the data page shows and hands them out."""

import json
import re

import pandas as pd

from lac_analysis.records.china import province_name
from lac_analysis.report.atlas import unit_name
from lac_analysis.tables import Tables

_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_ACTIVITIES = {"visit to lac": "visit to LAC", "visit to china": "visit to China"}
_PLACE = ("admin1", "municipality", "lac_place_text", "country")
COLUMNS = (
    "id", "date", "year", "country", "place", "level", "actor", "actor_kind", "province", "kind", "activity",
    "description", "confidence", "sources",
)  # fmt: skip


def rows(tables: Tables) -> pd.DataFrame:
    """One row an engagement, latest first, with the columns in COLUMNS; all text, blank where
    missing, but year.

    `date` is as precise as the records are: 2018, 2018-05 or 2018-05-03. `sources` holds addresses,
    joined by spaces.
    """
    table = tables.engagements
    names = tables.countries.set_index("iso3")["country"]
    precision = table["date_precision"].astype("str").map({"day": 10, "month": 7, "year": 4})
    dates = [
        str(day.date())[: int(length)] if pd.notna(length) and pd.notna(day) else ""
        for day, length in zip(table["date_start"], precision, strict=True)
    ]
    text = table[["china_actor_text", "description"]].fillna("")
    found = pd.DataFrame(
        {
            "id": table["engagement_id"].str.removeprefix("E:"),
            "date": dates,
            "year": table["year"],
            "country": table["country"].map(names),
            "place": [_place(*row) for row in zip(*(table[c] for c in _PLACE), strict=True)],
            "level": table["level"]
            .astype("str")
            .str.replace("_", " ")
            .replace("admin1", "first-level unit"),
            "actor": text["china_actor_text"],
            "actor_kind": table["actor_family"],
            "province": table["china_admin1"].map(province_name, na_action="ignore").fillna(""),
            "kind": table["activity_family"],
            "activity": table["activity"].str.replace("_", " ").replace(_ACTIVITIES),
            "description": text["description"],
            "confidence": table["confidence"].astype("str"),
            "sources": table["sources"].map(_addresses),
        }
    )
    return found.sort_values(["date", "id"], ascending=[False, True], ignore_index=True)


def script(table: pd.DataFrame) -> str:
    """The rows as a script that sets one variable: a page opened from disk may load scripts, but no
    data files.
    """
    year = table["year"].astype("object").where(table["year"].notna(), None)
    values = table.assign(year=year)[list(COLUMNS)].to_numpy(dtype=object).tolist()
    content = {
        "columns": COLUMNS,
        "rows": [[int(v) if isinstance(v, int) else v for v in row] for row in values],
    }
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"const ENGAGEMENTS = {plain};\n"


def _place(admin1, municipality, written, country) -> str:
    unit = unit_name(admin1, country) if isinstance(admin1, str) else ""
    if isinstance(municipality, str):
        return f"{municipality}, {unit}" if unit and unit != municipality else municipality
    return unit or (written if isinstance(written, str) else "")


def _addresses(sources: str) -> str:
    """The web addresses among an engagement's sources; a title without an address is none."""
    parts = sources.split("; ") if isinstance(sources, str) else []
    return " ".join(part for part in parts if _ADDRESS.fullmatch(part))
