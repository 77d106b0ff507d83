"""AidData's Global Chinese (Official / Development) Finance data sets: project tables and admin-1
locations.

Versions are told apart by their columns: 1.0 (2017, project_id...), 2.0 (2021, AidData TUFF Project
ID; its geocoded
edition has links to GeoJSON), 3.0 (2023, AidData Record ID) and the admin-1 location table of 3.0
(shapeGroup...).
"""

import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.records import countries, dates
from lac_analysis.sources import agencies, read, suggest
from lac_analysis.sources.imported import Imported, Losses, records

# our name -> the columns that hold it, by version; of several, the first that the file has
_COLUMNS = {
    "id": ("AidData Record ID", "AidData TUFF Project ID", "project_id"),
    "recommended": ("Recommended For Aggregates", "recommended_for_aggregates", "active"),
    "umbrella": ("Umbrella", "umbrella"),
    "title": ("Title", "title", "project_title"),
    "status": ("Status", "status"),
    "year": ("Commitment Year", "year", "commitment_year"),
    "date": ("Commitment Date (MM/DD/YYYY)",),
    "flow": ("Flow Type", "flow"),
    "sector": ("Sector Name", "AidData Sector Name", "crs_sector_name", "aiddata_sector_name"),
    "funders": ("Funding Agencies", "funding_agency", "funding_agencies", "donor_agency"),
    "funder types": ("Funding Agencies Type",),
    "receivers": (
        "Direct Receiving Agencies",
        "Receiving Agencies",
        "recipient_agencies",
        "recipient_agency",
    ),
    "indirect": ("Indirect Receiving Agencies",),
    "implementers": ("Implementing Agencies", "implementing_agency", "implementing_agencies"),
    "recipient": ("Recipient", "recipients", "all_recipients", "recipient"),
}
_SIGNATURES = {
    "AidData GCDF 3.0, admin-1 locations": {"id", "shapeID", "shapeGroup", "shapeName"},
    "AidData GCDF 3.0, projects": {"AidData Record ID", "Recipient", "Commitment Year"},
    "AidData GCDF 2.0, geocoded projects": {
        "AidData TUFF Project ID",
        "Recipient",
        "viz_geojson_url",
    },
    "AidData GCDF 2.0, projects": {"AidData TUFF Project ID", "Recipient", "Commitment Year"},
    "AidData GCOF 1.0, projects": {"project_id", "year", "flow_class"},
}
WANTED = frozenset().union(*_SIGNATURES.values(), *_COLUMNS.values())

_GIFT = re.compile(r"\b(?:donat\w+|gifts?|hands? over|in-kind)\b", re.IGNORECASE)
_WORKS = re.compile(
    r"\b(?:construct\w*|build\w*|rehabilitat\w*|renovat\w*|road|bridge|stadium|housing|airport|port|dam|highway|"
    r"hospital project|repairs?|upgrad\w+)\b",
    re.IGNORECASE,
)
_CULTURE = re.compile(r"confucius|cultural cent|chinese language|scholarship", re.IGNORECASE)
_TRAINING = re.compile(r"\btraining|\bcourse|\bseminar|scholarship", re.IGNORECASE)
_MEDICAL = re.compile(
    r"medical|medicine|health|hospital|vaccin|ventilator|mask|COVID|ambulance", re.IGNORECASE
)
_TECHNOLOGY = re.compile(
    r"\bZTE\b|Huawei|telecom|surveill|safe city|ECU[- ]?911|\b911\b|satellit|\bsolar\b|photovolt|\bwind (?:farm|power)|"
    r"electric bus|fib(?:er|re)[- ]optic|broadband|e-government|\b[345]G\b",
    re.IGNORECASE,
)


def identify(columns: Collection[str]) -> str:
    """The version that the columns show; '' if they are not AidData's."""
    return next((version for version, needed in _SIGNATURES.items() if needed <= set(columns)), "")


def convert(path: Path, *, projects: Path | None = None) -> Imported:
    """Read a GCDF file.

    Parameters
    ----------
    path : any of the files above. projects : for a location file, the project file whose years,
        titles and agencies
        its projects have (same identifiers).

    Raises
    ------
    InputError : not such a file.
    """
    source, version = open_file(path)
    if version.endswith("locations"):
        from lac_analysis.sources import gcdf_locations

        return gcdf_locations.convert(source.frame, version, projects)
    if projects:
        raise InputError(
            "option --projects", value=version, expected="a location file to join the projects to"
        )
    losses = Losses()
    found = records_of(source.frame, version, losses)
    return Imported(version, len(source.frame), found, losses.table())


def open_file(path: Path) -> tuple[read.Source, str]:
    """The table and the version that its columns show. Raises InputError for a file that is not
    AidData's.
    """
    source = read.table(path, WANTED)
    version = identify(source.frame.columns)
    if not version:
        raise InputError("not a file of AidData's GCDF", file=Path(path).name, value=",".join(source.frame.columns),
                         expected="the columns of one of: " + "; ".join(_SIGNATURES))  # fmt: skip
    return source, version


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns by our names, blank where the version has none."""
    have = {
        name: next((c for c in choices if c in frame), None) for name, choices in _COLUMNS.items()
    }
    return pd.DataFrame(
        {name: frame[c] if c else "" for name, c in have.items()}, index=frame.index
    )


def records_of(frame: pd.DataFrame, version: str, losses: Losses) -> pd.DataFrame:
    """A project table in our schema, without the projects that do not belong in counts."""
    table = named(frame)
    iso3 = countries.resolve(table["recipient"])
    several = table["recipient"].str.contains(r"[|;]")
    out = iso3.isna() | several
    losses.note("projects of other countries", int((iso3.isna() & ~several).sum()), "left out")
    losses.note(
        "projects of several countries",
        int((several & iso3.notna()).sum()),
        "left out: no single country",
    )
    for name, value, why in (
        ("recommended", "no", "left out: AidData does not recommend them for counts"),
        ("umbrella", "yes", "left out: umbrella agreements, whose projects stand on their own"),
        ("status", "cancelled", "left out: cancelled"),
    ):
        hit = (table[name].str.casefold() == value) & ~out
        losses.note(f"{name} = {value}", int(hit.sum()), why)
        out |= hit
    table, iso3 = table[~out], iso3[~out]
    return _records(table, iso3, version, losses)


def _records(table: pd.DataFrame, iso3: pd.Series, version: str, losses: Losses) -> pd.DataFrame:
    level = _levels(table, iso3, losses)
    pairs = zip(table["funders"], table["funder types"], strict=True)
    types = pd.Series(
        [agencies.chinese_type(*pair) for pair in pairs], index=table.index, dtype="str"
    )
    losses.note(
        "type of the Chinese actor unknown",
        int((types == "unknown").sum()),
        "no rule fits its name",
    )
    date = _date(table)
    losses.note(
        "no commitment date, the year at most",
        int((date.str.len() < 10).sum()),
        "dated to the year, or undated",
    )
    told = table["title"].str.cat(table["sector"], sep=" ")
    planned = table["status"].str.casefold().str.contains("pledge")
    losses.note("pledges", int(planned.sum()), "marked as planned, and not counted by the claims")
    losses.note(
        "amounts, terms, co-financing, narrative, start and completion dates",
        None,
        "no column for them",
    )
    local, by_title = level["level"] != "national", level["rule"].str.endswith("title")
    actor = (
        level["actor"]
        .where(level["actor"] != "", table["receivers"])
        .where(~by_title, table["title"])
    )
    activity = [
        _activity(*row) for row in table[["title", "flow", "sector"]].itertuples(index=False)
    ]
    return records(
        version,
        table.index,
        record_id=("GCDF" if "GCDF" in version else "GCOF")
        + re.search(r"\d", version)[0]
        + "-"
        + table["id"],
        date_text=date,
        date_iso=date,
        lac_country_text=table["recipient"],
        lac_iso3=iso3,
        lac_place_text=actor.where(local & ~by_title, ""),
        lac_level=level["level"],
        lac_actor_text=actor,
        china_actor_text=table["funders"].str.replace("|", "; ", regex=False),
        china_place=agencies.chinese_place(table["funders"], types),
        china_actor_type=types,
        activity_type=activity,
        technology=told.str.contains(_TECHNOLOGY).map({True: "1", False: "0"}),
        description=table["title"].replace("", "project without a title")
        + planned.map({True: " (planned)", False: ""}),
        confidence=(by_title | (level["rule"] == "")).map({True: "low", False: "medium"}),
    )


def _levels(table: pd.DataFrame, iso3: pd.Series, losses: Losses) -> pd.DataFrame:
    rows = []
    for receivers, indirect, implementers, title, iso in zip(
        table["receivers"],
        table["indirect"],
        table["implementers"],
        table["title"],
        iso3,
        strict=True,
    ):
        found = agencies.level(f"{receivers}|{indirect}|{implementers}", iso)
        rows.append(
            found if found.level else agencies.title_level(title)._replace(actor=found.actor)
        )
    level = pd.DataFrame(rows, columns=agencies.Level._fields, index=table.index, dtype="str")
    by_title = level["rule"].str.endswith("title") & (level["level"] != "national")
    losses.note(
        "level of government read from the title",
        int(by_title.sum()),
        "no agency's name tells it; low confidence",
    )
    unknown = level["level"] == ""
    losses.note("level of government unknown", int(unknown.sum()),
                "neither an agency's name nor the title tells it; coded national, so no claim counts them")  # fmt: skip
    return level.assign(level=level["level"].where(~unknown, "national"))


def _date(table: pd.DataFrame) -> pd.Series:
    """Commitment date, or year; blank where it cannot be read."""
    given = table["date"].map(
        lambda text: text if not text or dates.fault(text[:10]) is None else suggest.us_date(text)
    )
    year = table["year"].str.removesuffix(".0")
    year = year.where(year.map(lambda text: dates.fault(text) is None), "")
    return given.str[:10].where(given != "", year)


def _activity(title: str, flow: str, sector: str) -> str:
    flow, health = flow.casefold(), bool(_MEDICAL.search(f"{title} {sector}"))
    if _CULTURE.search(title) and "loan" not in flow:
        return "culture_education"
    if "scholarship" in flow or ("technical assistance" in flow and _TRAINING.search(title)):
        return "training"
    if "grant" in flow or "in-kind" in flow:
        if _GIFT.search(title):
            return "donation_health" if health else "donation_other"
        return "infrastructure_project" if _WORKS.search(title) else "loan_grant"
    return "other" if "technical assistance" in flow else "loan_grant"
