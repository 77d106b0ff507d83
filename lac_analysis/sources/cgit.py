"""The China Global Investment Tracker (American Enterprise Institute): deals of about USD 100
million and more.
"""

import calendar
from pathlib import Path

import pandas as pd

from lac_analysis.records import countries, dates
from lac_analysis.sources import agencies
from lac_analysis.sources.imported import Imported, Losses, coded, imported, open_table, records

_MONTHS = {name.casefold(): f"-{i:02d}" for i, name in enumerate(calendar.month_name) if name}
_BUILT = ["Energy", "Transport", "Utilities", "Real estate", "Logistics"]


def convert(path: Path, encoding: str = "") -> Imported:
    """Read a CGIT table (CSV or workbook). Raises InputError for another file."""
    version, whole = open_table("cgit", path, encoding)
    losses = Losses("cgit")
    iso3 = countries.resolve(whole["country"])
    losses.drop("elsewhere", iso3.isna().sum())
    table, iso3 = whole[iso3.notna()], iso3[iso3.notna()]
    if "troubled" in version:
        losses.note("troubled")
    made = _records(table, iso3, version, losses)
    losses.note("small", last=table["year"].max() if len(table) else "")
    return imported(version, len(whole), made, losses)


def _records(table: pd.DataFrame, iso3: pd.Series, version: str, losses: Losses) -> pd.DataFrame:
    found = [agencies.level(*row).level for row in zip(table["party"], iso3, strict=True)]
    level = pd.Series(found, index=table.index, dtype="str")
    losses.note("no_level", (level == "").sum())
    level = level.replace("", "national")
    types = table["firm"].str.partition(",")[0].map(agencies.chinese_type)
    losses.note("no_owner", (types == "unknown").sum())
    date = table["year"] + table["month"].str.casefold().map(_MONTHS).fillna("")
    date = date.where(date.map(lambda text: dates.fault(text) is None), "")
    losses.note("no_month", (date.str.len() == 4).sum())
    losses.note("columns")
    owned = (table["share"] != "") | table["greenfield"].str.startswith("G")
    unclear = ~owned & table["sector"].isin(_BUILT) & ("contracts" in version)
    losses.note("unclear", unclear.sum())
    party, what = table["party"], (table["sector"] + " " + table["subsector"]).str.strip()
    amount = (" of " + table["amount"] + " million").where(table["amount"] != "", "")
    with_whom = (" with " + party).where(party != "", "")
    told = {"told": what, "unclear": unclear.map({True: "yes", False: ""})}
    of_version = pd.Series(version, index=table.index)
    activity = coded("cgit", "activity", **told, version=of_version)
    made = table.assign(
        record_id="CGIT-" + table["year"] + "-" + table.index.astype(str),
        date_text=(table["month"] + " " + table["year"]).str.strip(),
        date_iso=date,
        iso3=iso3,
        lac_place_text=party.where(level != "national", ""),
        lac_level=level,
        china_actor_text=table["firm"].str.replace(", ", "; ", regex=False),
        china_actor_type=types,
        activity_type=activity,
        technology=coded("cgit", "technology", told=what),
        description=table["firm"] + ": " + what.str.lower() + amount + with_whom,
    )
    return records("cgit", version, made)
