"""The records as an atlas: where they lie, when, between which provinces and countries, and how
places climb.
"""

import pandas as pd

from lac_analysis import panel
from lac_analysis.explore import unit_name
from lac_analysis.panel import Selection
from lac_analysis.records import china
from lac_analysis.report.describe import ordered
from lac_analysis.tables import Tables

STEPS = ("visit", "agreement", "twinning", "project")  # from contact to contract
_STEP_OF = {
    "visit_to_lac": "visit",
    "visit_to_china": "visit",
    "diplomatic_call": "visit",
    "friendship_memorandum": "agreement",
    "cooperation_agreement": "agreement",
    "twinning": "twinning",
    "investment_project": "project",
    "infrastructure_project": "project",
    "technology_project": "project",
}
# the report's own cases: Jujuy with Guizhou, Coquimbo with Henan
REPORT_CASES = ("AR-Y", "CL-CO")
_CASES = 12
_LADDER_COLUMNS = (
    "admin1", "unit", "step", "date_start", "activity", "china", "description", "source",
)  # fmt: skip


def engagements(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Local engagements that happened in the window or may have: an undated one may have happened
    in any.
    """
    table = panel.chosen(tables, selection, any_date=True)
    return table[panel.possible(table, selection)]


def by_country(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a country that was not dropped: iso3, country, engagements."""
    found = engagements(tables, selection)["country"].value_counts()
    names = tables.countries[["iso3", "country"]]
    table = names[~names["iso3"].isin(selection.drop_countries)].reset_index(drop=True)
    return table.assign(engagements=table["iso3"].map(found).fillna(0).astype("int64"))


def units(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a first-level unit with engagements at any local level, most first; towns where no
    unit is known.

    Columns: unit (ISO 3166-2, or the place's own key), name, country (ISO3), latitude, longitude,
    engagements. A unit stands at its largest town. Places that cannot be located are left out.
    """
    table = engagements(tables, selection)
    key = table["admin1"].fillna(table["place_id"])
    found = tables.units[tables.units["point"].notna()]
    counts = found["unit"].map(key.value_counts()).astype("float")
    found = found.assign(engagements=counts).dropna(subset="engagements")
    found = found.astype({"engagements": "int64"})
    found["name"] = found["unit"].map(unit_name)
    found = found.sort_values(["engagements", "unit"], ascending=[False, True], ignore_index=True)
    return found[["unit", "name", "country", "latitude", "longitude", "engagements"]]


def matrix(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Engagements with a known Chinese province: provinces in rows, countries (ISO3) in columns,
    the largest first.
    """
    table = engagements(tables, selection)
    table = table[table["china_admin1"].notna()]
    provinces = table["china_admin1"].map(china.province_name)
    return ordered(pd.crosstab(provinces, table["country"])).rename_axis("province")


def ladders(tables: Tables, selection: Selection) -> pd.DataFrame:
    """The steps (see STEPS) of the report's own cases and of the first-level units with most kinds
    of step, then most steps. One row a step, by unit as chosen, then by date.

    Columns: admin1, unit (its name), step, date_start (missing where the year is not certain),
    activity, china (province of the act), description, source.
    """
    table = engagements(tables, selection)
    table = table.assign(
        step=pd.Categorical(table["activity"].map(_STEP_OF), STEPS[::-1], ordered=True),
        unit=table["admin1"].map(unit_name, na_action="ignore"),
        china=table["china_admin1"].map(china.province_name, na_action="ignore"),
        date_start=table["date_start"].where(table["year"].notna()),
        source=table["source_url"],
    ).dropna(subset=["step", "admin1"])
    kinds = table.groupby("admin1").agg(kinds=("step", "nunique"), steps=("step", "size"))
    kinds["case"] = kinds.index.isin(REPORT_CASES)
    ranked = kinds.reset_index().sort_values(
        ["case", "kinds", "steps", "admin1"], ascending=[False, False, False, True]
    )
    order = ranked["admin1"].head(_CASES).tolist()
    table = table[table["admin1"].isin(order)]
    table = table.assign(rank=table["admin1"].map(order.index))
    table = table.sort_values(["rank", "date_start", "engagement_id"], ignore_index=True)
    return table[list(_LADDER_COLUMNS)]
