"""Pictures of the atlas: the map, the calendar, provinces by countries, and the ladders of places."""

import pandas as pd

from lac_analysis import charts, config
from lac_analysis.charts.map import SOURCE
from lac_analysis.charts.picture import Picture, message
from lac_analysis.panel import Selection
from lac_analysis.report import atlas
from lac_analysis.tables import Tables, source

PICTURES = ("map", "calendar", "matrix", "ladders")
_PLATFORMS = {
    "celac": "China-CELAC forums",
    "cpaffc_friendship": "CPAFFC conferences",
    "business": "business summits, fairs",
    "overseas_local": "one province's or city's",
    "other_forum": "other forums",
}


def pictures(tables: Tables, selection: Selection) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    provenance = {
        "claim": "atlas",
        "parameters": selection.__dict__ | {"drop_countries": list(selection.drop_countries)},
        "input_hash": tables.input_hash,
    }
    if atlas.engagements(tables, selection).empty:
        return {
            name: message(name, "no local engagement in this selection", provenance)
            for name in PICTURES
        }
    made = (_map, _calendar, _matrix, _ladders)
    return {
        name: draw(tables, selection, provenance) for name, draw in zip(PICTURES, made, strict=True)
    }


def _map(tables, selection, provenance) -> Picture:
    countries, units = atlas.by_country(tables, selection), atlas.units(tables, selection)
    total, shown = countries["engagements"].sum(), units["engagements"].sum()
    top = countries.sort_values("engagements", ascending=False, kind="stable").head(2)
    share = 100 * top["engagements"].sum() / total
    none = list(countries.loc[countries["engagements"] == 0, "country"])
    title = f"{top['country'].iloc[0]} and {top['country'].iloc[1]} hold {share:.0f} % of what was found"
    if 0 < len(none) <= 3:
        title += f"; nothing was found in {' or '.join(none)}"
    figure = charts.dot_map(
        countries,
        units,
        title=title,
        subtitle=f"Local engagements by country (shade) and first-level unit (dot), {_window(selection)} or undated",
        caption=f"{_caption(tables)} {total:,} local engagements; {shown:,} lie in one of {len(units)} units that the "
        f"source names, drawn at the unit's largest town. {SOURCE}",
    )
    ranked = ", ".join(
        f"{row.country} {row.engagements}"
        for row in countries.nlargest(6, "engagements").itertuples()
    )
    alt = f"Map of Latin America and the Caribbean: local engagements are most in {ranked}; none in {_listed(none)}."
    data = pd.concat(
        [
            countries.rename(columns={"iso3": "code", "country": "name"}).assign(drawn="shade"),
            units.rename(columns={"unit": "code"}).drop(columns="country").assign(drawn="dot"),
        ],
        ignore_index=True,
    )
    return Picture("map", figure, data, alt, provenance)


def _calendar(tables, selection, provenance) -> Picture:
    table = atlas.engagements(tables, selection)
    years = pd.RangeIndex(selection.window_start, selection.window_end + 1, name="year")
    table = table.assign(kind=table["activity_family"].replace("exchange", "visits and exchange"))
    kinds = table["kind"].value_counts(sort=True).index
    dated = table[table["in_window"] & table["year"].notna()]
    wide = pd.crosstab(dated["year"].astype("int64"), dated["kind"]).reindex(
        index=years, columns=kinds, fill_value=0
    )
    counts = wide.rename_axis("kind", axis=1).T.stack().rename("n").reset_index()
    undated = (table["kind"].value_counts() - wide.sum()).astype(int).to_dict()
    events = atlas.platform_events(tables, selection)
    lanes = events["platform_family"].map(_PLATFORMS).fillna(_PLATFORMS["other_forum"])
    events = events.assign(lane=lanes, date=events["date_start"])
    events = events.sort_values(
        "lane", key=lambda lanes: lanes.map(list(_PLATFORMS.values()).index), kind="stable"
    )
    switches = atlas.switches(tables, selection)
    switches = switches.assign(
        name=switches["country"] + " to " + switches["to"], highlight=switches["to"] == "ROC"
    )
    peak = wide.sum(axis=1).idxmax()
    inside = selection.window_start < config.REPORT_WINDOW[1] < selection.window_end
    figure = charts.calendar(
        counts, undated, events, switches,
        title=f"Records peak in {peak}; the commonest kind is {kinds[0]}",
        subtitle=f"Local engagements a year by kind, {_window(selection)}, with platform events and switches between "
        "the ROC and the PRC",
        caption=f"{_caption(tables)} {len(dated):,} local engagements dated to a year, "
        f"{len(table) - len(dated):,} without; {len(events)} acts at platforms, a tick each. The press on the web "
        "thickens after about 2014.",
        mark=(config.REPORT_WINDOW[1] + 1, "the report's period ends") if inside else None,
    )  # fmt: skip
    totals = ", ".join(f"{kind} {n}" for kind, n in wide.sum().items())
    alt = f"Yearly bars by kind: {totals}. Most in {peak}. Switches of recognition: {_listed(switches['name'])}."
    data = pd.concat(
        [
            counts.assign(drawn="bar"),
            events[["date", "lane", "platform", "country"]].assign(drawn="platform event"),
            switches[["date", "name", "iso3"]].assign(drawn="switch of recognition"),
        ],
        ignore_index=True,
    )
    return Picture("calendar", figure, data.assign(date=data["date"].dt.date), alt, provenance)


def _matrix(tables, selection, provenance) -> Picture:
    matrix = atlas.matrix(tables, selection)
    if matrix.empty:
        return message(
            "matrix", "no engagement in this selection names a Chinese province", provenance
        )
    pairs = int((matrix > 0).to_numpy().sum())
    top = matrix.sum(axis=1)
    largest = matrix.stack().idxmax()
    named = tables.countries.set_index("iso3").loc[largest[1], "country"]
    figure = charts.heatmap(
        matrix,
        title=f"{top.index[0]} comes first with {top.iloc[0]}; the closest pair is {largest[0]} and {named} "
        f"({matrix.loc[largest]})",
        subtitle=f"Local engagements by Chinese province (rows) and country (columns), {_window(selection)} or undated",
        caption=f"{_caption(tables)} {matrix.to_numpy().sum():,} local engagements whose Chinese province is known; "
        f"{pairs} pairs. Province queries named Argentina, Brazil, Chile, Mexico, Peru and Cuba, which raises "
        "their columns.",
    )
    alt = f"Matrix of {len(matrix)} Chinese provinces by {matrix.shape[1]} countries; most for {top.index[0]}, then "
    alt += f"{', '.join(top.index[1:4])}."
    return Picture("matrix", figure, matrix.reset_index(), alt, provenance)


def _ladders(tables, selection, provenance) -> Picture:
    table = atlas.ladders(tables, selection)
    if table.empty:
        return message("ladders", "no first-level unit with a step in this selection", provenance)
    first = table.groupby(["admin1", "step"])["date_start"].min().unstack()
    first = first.reindex(columns=list(atlas.STEPS)).astype(
        "datetime64[us]"
    )  # a step that nobody took is all missing
    both = first[["twinning", "project"]].dropna()
    before = int((both["twinning"] < both["project"]).sum())
    partner = table["partner"].where(table["partner"] != "", "no twinning recorded")
    drawn = table.assign(
        place=table["unit"], note="twinned with " + partner, date=table["date_start"]
    )
    drawn["note"] = drawn["note"].str.replace("twinned with no twinning", "no twinning")
    own = drawn.loc[drawn["admin1"].isin(atlas.REPORT_CASES), "place"].unique()
    figure = charts.ladders(
        drawn, atlas.STEPS, (selection.window_start, selection.window_end),
        title=f"Twinning came before the first project in {before} of the {len(both)} units where both are dated",
        subtitle="Visits, agreements, twinnings and projects by date in the report's two cases (coloured) and the "
        "units with most kinds of step; the line runs through the first of each",
        caption=f"{_caption(tables)} {len(table):,} local engagements in {first.shape[0]} first-level units; the grey "
        "column counts acts without a certain year (n.d.). Municipalities count to their unit.",
        highlight=tuple(own),
    )  # fmt: skip
    alt = f"Small panels of steps by year for {_listed(table['unit'].unique())}."
    return Picture("ladders", figure, table, alt, provenance)


def _caption(tables: Tables) -> str:
    return (
        f"Source: {source(tables.name)}{'' if tables.name else ', found by search, not counted'}."
    )


def _window(selection: Selection) -> str:
    return f"{selection.window_start}–{selection.window_end}"


def _listed(names) -> str:
    return ", ".join(names) or "no country"
