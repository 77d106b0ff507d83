"""Pictures of the atlas: the map, and provinces by countries."""

import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.charts.map import SOURCE
from lac_analysis.panel import Selection
from lac_analysis.report import atlas
from lac_analysis.report.picture import draw, drawn, window
from lac_analysis.tables import Tables

_NOTHING = "no local engagement in this selection"


@drawn(_NOTHING)
def draw_map(units: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
    """Countries shaded by their engagements, and a dot for each of `atlas.units`."""
    countries = atlas.by_country(tables, selection)
    total, shown = countries["engagements"].sum(), units["engagements"].sum()
    most = countries.sort_values("engagements", ascending=False, kind="stable")
    top, share = most["country"].head(2).tolist(), most["engagements"].head(2).sum() / total
    none = list(countries.loc[countries["engagements"] == 0, "country"])
    nothing = f"; nothing was found in {' or '.join(none)}" if 0 < len(none) <= 3 else ""
    ranked = ", ".join(f"{row.country} {row.engagements}" for row in most.head(6).itertuples())
    shades = countries.rename(columns={"iso3": "code", "country": "name"}).assign(drawn="shade")
    dots = units.rename(columns={"unit": "code"}).drop(columns="country").assign(drawn="dot")
    return draw(
        tables, selection, "map", charts.dot_map, countries, units,
        title=f"{' and '.join(top)} hold {100 * share:.0f} % of what was found{nothing}",
        subtitle="Local engagements by country (shade) and first-level unit (dot), "
        f"{window(selection)} or undated",
        caption=f"{total:,} local engagements, found by search and not counted; {shown:,} lie in "
        f"one of {len(units)} units that the source names, drawn at the unit's largest town. "
        f"{SOURCE}",
        alt=f"Map of Latin America and the Caribbean: local engagements are most in {ranked}; "
        f"none in {_listed(none)}.",
        data=pd.concat([shades, dots], ignore_index=True),
    )  # fmt: skip


@drawn("no engagement in this selection names a Chinese province")
def draw_matrix(matrix: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
    """Chinese provinces by countries, of `atlas.matrix`."""
    by_province = matrix.sum(axis=1)
    province, iso3 = matrix.stack().idxmax()
    country = tables.countries.set_index("iso3").loc[iso3, "country"]
    return draw(
        tables, selection, "matrix", charts.heatmap, matrix,
        title=f"{by_province.index[0]} comes first with {by_province.iloc[0]}; the closest pair is "
        f"{province} and {country} ({matrix.loc[province, iso3]})",
        subtitle="Local engagements by Chinese province (rows) and country (columns), "
        f"{window(selection)} or undated",
        caption=f"{by_province.sum():,} local engagements whose Chinese province is known; "
        f"{(matrix > 0).to_numpy().sum()} pairs. Province queries named Argentina, Brazil, Chile, "
        "Mexico, Peru and Cuba, which raises their columns.",
        alt=f"Matrix of {len(matrix)} Chinese provinces by {matrix.shape[1]} countries; most for "
        f"{_listed(by_province.index[:4])}.",
        data=matrix.reset_index(),
    )  # fmt: skip


def _listed(names) -> str:
    return ", ".join(names) or "no country"
