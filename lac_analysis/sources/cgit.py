"""The China Global Investment Tracker (American Enterprise Institute): deals of about USD 100
million and more.
"""

import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.records import countries, dates
from lac_analysis.sources import agencies, read
from lac_analysis.sources.imported import Imported, Losses, records

_FIRMS = ("Investor", "Contractor", "Investor or Contractor")
WANTED = frozenset(
    {"Year", "Month", "Transaction Party", "Sector", "Subsector", "Country", "Region", *_FIRMS}
)
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december"]  # fmt: skip
_BUILT = {"Energy", "Transport", "Utilities", "Real estate", "Logistics"}
_TECHNOLOGY = re.compile(
    r"telecom|technology|alternative", re.IGNORECASE
)  # alternative energy: solar, wind


def identify(columns: Collection[str]) -> str:
    """The table that the columns show: investments, construction contracts, or both; '' if they are
    not CGIT's.
    """
    columns = {name.strip() for name in columns}
    if not {
        "Year",
        "Month",
        "Transaction Party",
        "Sector",
        "Country",
    } <= columns or not columns & set(_FIRMS):
        return ""
    if "Contractor" in columns:
        return "China Global Investment Tracker, construction contracts"
    if "Greenfield" in columns:
        return "China Global Investment Tracker, investments and contracts"
    return "China Global Investment Tracker, troubled transactions or an early edition"


def convert(path: Path) -> Imported:
    """Read a CGIT table (CSV or workbook). Raises InputError for another file."""
    source = read.table(path, WANTED)
    version = identify(source.frame.columns)
    if not version:
        raise InputError("not a table of the China Global Investment Tracker", file=Path(path).name,
                         value=",".join(source.frame.columns), expected=", ".join(sorted(WANTED)))  # fmt: skip
    losses = Losses()
    firm = next(name for name in _FIRMS if name in source.frame)
    table = source.frame.rename(columns={firm: "Firm"}).reindex(
        columns=[
            "Year",
            "Month",
            "Firm",
            "Share Size",
            "Transaction Party",
            "Sector",
            "Subsector",
            "Country",
            "Greenfield",
        ],
        fill_value="",
    )
    iso3 = countries.resolve(table["Country"])
    losses.note("deals in other countries, or regional", int(iso3.isna().sum()), "left out")
    table, iso3 = table[iso3.notna()], iso3[iso3.notna()]
    if "troubled" in version:
        losses.note("whether the deal went on", None, "no column for it")
    made = _records(table, iso3, version, losses)
    last = table["Year"].max() if len(table) else ""
    losses.note(
        "deals below about USD 100 million, and before 2005",
        None,
        f"the tracker has none; here until {last}",
    )
    return Imported(version, len(source.frame), made, losses.table())


def _records(table: pd.DataFrame, iso3: pd.Series, version: str, losses: Losses) -> pd.DataFrame:
    levels = [
        agencies.level(party, iso)
        for party, iso in zip(table["Transaction Party"], iso3, strict=True)
    ]
    level = pd.Series(
        [found.level or "national" for found in levels], index=table.index, dtype="str"
    )
    silent = sum(not found.level for found in levels)
    losses.note("level of government unknown", silent,
                "no party named, or a firm; coded national (company to state), so no claim counts it")  # fmt: skip
    types = table["Firm"].str.partition(",")[0].map(agencies.chinese_type)
    losses.note(
        "ownership of the firm unknown",
        int((types == "unknown").sum()),
        "not among the firms that we know",
    )
    date = _date(table)
    losses.note("no month", int((date.str.len() == 4).sum()), "dated to the year")
    losses.note(
        "amount, share, Belt and Road mark, first of several firms only", None, "no column for them"
    )
    owned = (table["Share Size"] != "") | table["Greenfield"].str.startswith("G")
    unclear = ~owned & table["Sector"].isin(_BUILT) & ("contracts" in version)
    losses.note(
        "investment or construction not told",
        int(unclear.sum()),
        "no share and not greenfield: infrastructure",
    )
    what = table["Sector"].str.cat(table["Subsector"], sep=" ").str.strip()
    technology = what.str.contains(_TECHNOLOGY)
    activity = pd.Series("investment_project", index=table.index)
    activity = activity.mask(
        unclear | ("construction contracts" in version), "infrastructure_project"
    )
    activity = activity.mask(what.str.contains("telecom", case=False), "technology_project")
    party = table["Transaction Party"]
    return records(
        version,
        table.index,
        record_id="CGIT-" + table["Year"] + "-" + table.index.astype(str),
        date_text=(table["Month"] + " " + table["Year"]).str.strip(),
        date_iso=date,
        lac_country_text=table["Country"],
        lac_iso3=iso3,
        lac_place_text=party.where(level != "national", ""),
        lac_level=level,
        lac_actor_text=party,
        china_actor_text=table["Firm"].str.replace(", ", "; ", regex=False),
        china_actor_type=types,
        activity_type=activity,
        technology=technology.map({True: "1", False: "0"}),
        description=table["Firm"]
        + ": "
        + what.str.lower()
        + (" with " + party).where(party != "", ""),
        source_type="think_tank",
    )


def _date(table: pd.DataFrame) -> pd.Series:
    month = (
        table["Month"]
        .str.casefold()
        .map({name: f"-{number:02d}" for number, name in enumerate(_MONTHS, start=1)})
    )
    date = table["Year"] + month.fillna("")
    return date.where(date.map(lambda text: dates.fault(text) is None), "")
