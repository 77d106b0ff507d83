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
_OTHER_CASES = 10
_LADDER_COLUMNS = (
    "admin1", "unit", "partner", "step", "date_start", "activity", "china", "description", "source",
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

    Columns: admin1, unit (its name), partner (provinces it twinned with), step, date_start (missing
    where the year is not certain), activity, china (province of the act), description, source.
    """
    table = engagements(tables, selection)
    table = table.assign(step=table["activity"].map(_STEP_OF))
    table = table[table["step"].notna() & table["admin1"].notna()]
    table["date_start"] = table["date_start"].where(table["year"].notna())
    kinds = table.groupby("admin1").agg(kinds=("step", "nunique"), steps=("step", "size"))
    ranked = kinds.reset_index().sort_values(
        ["kinds", "steps", "admin1"], ascending=[False, False, True]
    )["admin1"]
    own = [unit for unit in REPORT_CASES if unit in set(ranked)]
    order = own + [unit for unit in ranked if unit not in own][:_OTHER_CASES]
    table = table[table["admin1"].isin(order)]
    table = table.assign(rank=table["admin1"].map(order.index))
    table = table.sort_values(["rank", "date_start", "engagement_id"], ignore_index=True)
    twinned = table[table["step"] == "twinning"].groupby("admin1")["china_admin1"].agg(_provinces)
    named = table.assign(
        unit=table["admin1"].map(unit_name),
        partner=table["admin1"].map(twinned).fillna(""),
        china=table["china_admin1"].map(china.province_name, na_action="ignore"),
        source=table["source_url"],
    )
    return named[list(_LADDER_COLUMNS)]


def _provinces(codes: pd.Series) -> str:
    names = codes.dropna().map(china.province_name).value_counts()
    return ", ".join(sorted(names.index, key=lambda name: (-names[name], name)))
