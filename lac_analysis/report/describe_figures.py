"""Pictures of the data: by year, by country, by actor and activity, and what is undated."""

import pandas as pd

from lac_analysis import charts, panel
from lac_analysis.charts.picture import Picture, message
from lac_analysis.panel import Selection
from lac_analysis.report import describe
from lac_analysis.tables import Tables, source

PICTURES = ("years", "countries", "actors", "undated")


def pictures(tables: Tables, selection: Selection) -> dict[str, Picture]:
    """One picture for each name in PICTURES; where the selection is empty, each says so."""
    provenance = {
        "claim": "data",
        "parameters": selection.__dict__ | {"drop_countries": list(selection.drop_countries)},
        "input_hash": tables.input_hash,
    }
    caption = f"Source: {source(tables.name)}."
    if panel.chosen(tables, selection).empty:
        return {
            name: message(name, "no local engagement in the selection", provenance)
            for name in PICTURES
        }
    made = (_years, _countries, _actors, _undated)
    return {
        name: draw(tables, selection, caption, provenance)
        for name, draw in zip(PICTURES, made, strict=True)
    }


def _years(tables, selection, caption, provenance) -> Picture:
    table = describe.by_year(tables, selection, "activity_family")
    totals = table.groupby("activity_family", sort=False)["engagements"].sum()
    if totals.empty:
        return message(
            "years", "no local engagement of the selection has a certain year", provenance
        )
    figure = charts.bar_small_multiples(
        table,
        "year",
        "engagements",
        "activity_family",
        highlight=tuple(totals.index[:1]),
        title=f"The commonest kind of dated local engagement: {totals.index[0]}",
        subtitle=f"Local engagements a year by kind of activity, {_window(selection)}",
        caption=f"{caption} {totals.sum():,} local engagements dated to a year.",
    )
    alt = "Yearly bars by activity: " + ", ".join(f"{name} {n}" for name, n in totals.items()) + "."
    return Picture("years", figure, table, alt, provenance)


def _countries(tables, selection, caption, provenance) -> Picture:
    table = describe.yield_by_country(tables)
    table = table[~table["iso3"].isin(selection.drop_countries)]
    none = table.loc[table["engagements"] == 0, "country"]
    named = f"; none in {', '.join(none)}" if 0 < len(none) <= 3 else ""
    found = len(table) - len(none)
    figure = charts.dot_plot(
        table.rename(columns={"engagements": "local engagements", "records": "records coded"}),
        "country",
        "local engagements",
        second="records coded",
        title=f"Nine equal queries found local engagements in {found} of {len(table)} countries{named}",
        subtitle="Distinct local engagements of any date found by a country's and others' queries, and all records "
        "coded from the country's own nine queries",
        caption=f"{caption} A query returned at most eight excerpts.",
        axis="number",
    )
    alt = "Dot plot by country of local engagements found by country queries and of records coded."
    return Picture("countries", figure, table, alt, provenance)


def _actors(tables, selection, caption, provenance) -> Picture:
    table = panel.chosen(tables, selection)
    matrix = pd.crosstab(table["actor_family"], table["activity_family"])
    matrix = matrix.loc[
        matrix.sum(axis=1).sort_values(ascending=False, kind="stable").index,
        matrix.sum().sort_values(ascending=False, kind="stable").index,
    ]
    figure = charts.heatmap(
        matrix,
        title=f"Who does what: {matrix.index[0]} actors come first",
        subtitle=f"Local engagements by Chinese actor and activity, {_window(selection)}",
        caption=f"{caption} {len(table):,} local engagements.",
    )
    alt = f"Matrix of Chinese actors by activity; most engagements are by {matrix.index[0]} actors."
    return Picture("actors", figure, matrix.reset_index(), alt, provenance)


def _undated(tables, selection, caption, provenance) -> Picture:
    table = describe.counts(tables, selection, "activity").reset_index()
    table = table[table["engagements"] >= 5].assign(
        share=lambda t: 100 * t["undated"] / t["engagements"]
    )
    if table.empty:
        return message(
            "undated", "no activity has five local engagements in the selection", provenance
        )
    worst = table.loc[table["share"].idxmax()]
    figure = charts.dot_plot(
        table.assign(activity=table["activity"].str.replace("_", " ")),
        "activity",
        "share",
        title=f"{worst['share']:.0f} % of {worst['activity'].replace('_', ' ')} records have no certain year",
        subtitle="Share of local engagements without a certain year, by activity (activities with five or more)",
        caption=f"{caption} {int(table['engagements'].sum()):,} local engagements.",
        axis="per cent",
    )
    alt = f"Dot plot of the undated share by activity, highest for {worst['activity'].replace('_', ' ')}."
    return Picture("undated", figure, table, alt, provenance)


def _window(selection: Selection) -> str:
    return f"{selection.window_start}–{selection.window_end}"
