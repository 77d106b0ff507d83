"""The records as an atlas: where they lie, between which provinces and countries, and how places
climb; tables, and pictures of them.
"""

from pathlib import Path

import pandas as pd

from lac_analysis import charts, files
from lac_analysis.charts.map import SOURCE
from lac_analysis.claims.picture import draw, or_message
from lac_analysis.names import unit_name
from lac_analysis.records import china
from lac_analysis.report.describe import drawn, leading, made, ordered, provenance, window
from lac_analysis.selection import Selection, chosen
from lac_analysis.tables import Tables

_STEPS, _LADDER_COLUMNS, _NAMED = files.read_yaml(Path(__file__).with_suffix(".yml")).values()
STEPS = tuple(_STEPS)
_STEP_OF = {activity: step for step, found in _STEPS.items() for activity in found}
# the report's own cases: Jujuy with Guizhou, Coquimbo with Henan
REPORT_CASES = ("AR-Y", "CL-CO")
_CASES = 12


def by_country(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a country that was not dropped: iso3, country, engagements (local ones that happened
    in the window or, undated, may have; as in every table here).
    """
    found = chosen(tables, selection, undated="include")["country"].value_counts()
    names = tables.countries[["iso3", "country"]]
    table = names[~names["iso3"].isin(selection.drop_countries)].reset_index(drop=True)
    return table.assign(engagements=table["iso3"].map(found).fillna(0).astype("int64"))


def units(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a first-level unit with engagements at any local level, most first; towns where no
    unit is known.

    Columns: unit (ISO 3166-2, or the place's own key), name, country (ISO3), latitude, longitude,
    engagements. A unit stands at its largest town. Places that cannot be located are left out.
    """
    table = chosen(tables, selection, undated="include")
    key = table["admin1"].fillna(table["place_id"])
    found = tables.units[tables.units["point"].notna()]
    counts = found["unit"].map(key.value_counts()).astype("float")
    found = found.assign(engagements=counts).dropna(subset="engagements")
    found = found.astype({"engagements": "int64"})
    found["name"] = found["unit"].map(unit_name)
    found = found.sort_values(["engagements", "unit"], ascending=[False, True], ignore_index=True)
    return found[["unit", "name", "country", "latitude", "longitude", "engagements"]]


def matrix(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Engagements by Chinese province, where known (rows), and country (ISO3), largest first."""
    table = chosen(tables, selection, undated="include")
    table = table[table["china_admin1"].notna()]
    provinces = table["china_admin1"].map(china.province_name)
    return ordered(pd.crosstab(provinces, table["country"])).rename_axis("province")


def ladders(tables: Tables, selection: Selection) -> pd.DataFrame:
    """The steps (see STEPS) of the report's own cases and of the first-level units with most kinds
    of step, then most steps. One row a step, by unit as chosen, then by date.

    Columns: admin1, unit (its name, with the code where two have it), step, date_start (missing
    where the year is not certain), date (month, or the year where no more is known), activity,
    china (province of the act), description, source.
    """
    table = chosen(tables, selection, undated="include")
    to_month = table["date_start"].dt.to_period("M") == table["date_end"].dt.to_period("M")
    table = table.assign(
        step=pd.Categorical(table["activity"].map(_STEP_OF), STEPS[::-1], ordered=True),
        china=table["china_admin1"].map(china.province_name, na_action="ignore"),
        date_start=table["date_start"].where(table["year"].notna()),
        date=table["date_start"].dt.strftime("%Y-%m").where(to_month, table["year"].astype("str")),
        source=table["source_url"],
    ).dropna(subset=["step", "admin1"])
    kinds = table.groupby("admin1").agg(kinds=("step", "nunique"), steps=("step", "size"))
    kinds["case"] = kinds.index.isin(REPORT_CASES)
    ranked = kinds.reset_index().sort_values(
        ["case", "kinds", "steps", "admin1"], ascending=[False, False, False, True]
    )
    order = ranked["admin1"].head(_CASES).tolist()
    table = table[table["admin1"].isin(order)]
    names = pd.Series(map(unit_name, order), order)
    names = names.where(~names.duplicated(keep=False), names + " (" + names.index + ")")
    table = table.assign(rank=table["admin1"].map(order.index), unit=table["admin1"].map(names))
    table = table.sort_values(["rank", "date_start", "engagement_id"], ignore_index=True)
    return table[_LADDER_COLUMNS]


@or_message(lambda _units, *made_of: (by_country(*made_of)["engagements"].sum(),
            "no local engagement is in this selection", provenance(*made_of)))  # fmt: skip
def draw_map(units: pd.DataFrame, tables: Tables, selection: Selection) -> charts.Picture:
    """Countries shaded by their engagements, and a dot for each of `atlas.units`."""
    countries = by_country(tables, selection)
    total, shown = countries["engagements"].sum(), units["engagements"].sum()
    most = countries[countries["engagements"] > 0]
    most = most.sort_values("engagements", ascending=False, kind="stable")
    counts = most.set_index("country")["engagements"]
    top = counts[counts >= counts.head(2).min()]
    top = counts[counts == counts.max()] if len(top) > 2 else top  # of equals, none or all
    named = f"{len(top)} countries, equally many each," * (len(top) > 2) or " and ".join(top.index)
    one = "s" if len(top) == 1 else ""
    none = list(countries.loc[countries["engagements"] == 0, "country"])
    nothing = f"; nothing was found in {' or '.join(none)}" if 0 < len(none) <= 3 else ""
    ranked = ", ".join(f"{row.country} {row.engagements}" for row in most.head(6).itertuples())
    how = "" if tables.name else ", found by search and not counted"
    shades = countries.rename(columns={"iso3": "code", "country": "name"}).assign(drawn="shade")
    dots = units.rename(columns={"unit": "code"}).drop(columns="country").assign(drawn="dot")
    return draw(
        made(tables, selection), "map", charts.dot_map, countries, units,
        title=f"{named} hold{one} {top.sum() / total:.0%} of what was found{nothing}",
        subtitle="Local engagements by country (shade) and first-level unit (dot), "
        f"{window(selection)} or undated",
        note=f"{total:,} local engagements{how}; {shown:,} lie in one of {len(units)} units that "
        f"the source names, drawn at the unit's largest town.{_asked(tables)} {SOURCE}",
        alt=f"Map of Latin America and the Caribbean: local engagements are most in {ranked}; "
        f"none in {', '.join(none) or 'no country'}.",
        data=pd.concat([shades, dots], ignore_index=True),
    )  # fmt: skip


def _asked(tables: Tables) -> str:
    """What our searches asked, for a note; blank for a user's records."""
    return "" if tables.name else f" {_NAMED}"


@drawn("no engagement in this selection names a Chinese province")
def draw_matrix(matrix: pd.DataFrame, tables: Tables, selection: Selection) -> charts.Picture:
    """Chinese provinces by countries, of `atlas.matrix`."""
    by_province = matrix.sum(axis=1)
    pairs = matrix.rename(columns=tables.countries.set_index("iso3")["country"]).stack()
    pairs.index = pairs.index.map(" and ".join)
    first, closest = leading(by_province, "provinces"), leading(pairs, "pairs")
    come = "comes" if first in matrix.index else "come"
    close = f"the closest pair is {closest}" if closest in pairs.index else f"{closest} are closest"
    return draw(
        made(tables, selection), "matrix", charts.heatmap, matrix,
        title=f"{first} {come} first with {by_province.max()}; {close} ({pairs.max()})",
        subtitle="Local engagements by Chinese province (rows) and country (columns), "
        f"{window(selection)} or undated",
        note=f"{by_province.sum():,} local engagements whose Chinese province is known; "
        f"{(matrix > 0).to_numpy().sum()} pairs.{_asked(tables)}",
        alt=f"Matrix of {len(matrix)} Chinese provinces by {matrix.shape[1]} countries; most for "
        f"{', '.join(by_province.index[:4])}.",
        data=matrix.reset_index(),
    )  # fmt: skip
