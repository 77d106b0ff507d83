"""Pictures of the atlas: the map, the calendar, provinces by countries, ladders of places."""

import pandas as pd

from lac_analysis import charts, config
from lac_analysis.charts import Picture
from lac_analysis.charts.map import SOURCE
from lac_analysis.panel import Selection
from lac_analysis.report import atlas
from lac_analysis.report.picture import draw, drawn, window
from lac_analysis.tables import Tables

_NOTHING = "no local engagement in this selection"
_PLATFORMS = {
    "celac": "China-CELAC forums",
    "cpaffc_friendship": "CPAFFC conferences",
    "business": "business summits, fairs",
    "overseas_local": "one province's or city's",
    "other_forum": "other forums",
}


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


@drawn(_NOTHING)
def draw_calendar(years: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
    """Bars by year and kind, of `describe.by_year`, under platform events and switches of
    recognition.
    """
    counts = years.set_axis(["kind", "year", "n"], axis=1)
    counts["kind"] = counts["kind"].replace("exchange", "visits and exchange")
    totals = counts.groupby("kind", sort=False)["n"].sum()
    found = atlas.engagements(tables, selection)
    kinds = found["activity_family"].replace("exchange", "visits and exchange").value_counts()
    undated = kinds.sub(totals, fill_value=0).astype(int).to_dict()
    events = atlas.platform_events(tables, selection)
    lanes = events["platform_family"].map(_PLATFORMS).fillna(_PLATFORMS["other_forum"])
    events = events.assign(lane=lanes).rename(columns={"date_start": "date"})
    order = list(_PLATFORMS.values()).index
    events = events.sort_values("lane", key=lambda lane: lane.map(order), kind="stable")
    switches = atlas.switches(tables, selection)
    names = switches["country"] + " to " + switches["to"]
    switches = switches.assign(name=names, highlight=switches["to"] == "ROC")
    peak = counts.groupby("year")["n"].sum().idxmax()
    inside = selection.window_start < config.REPORT_WINDOW[1] < selection.window_end
    drawn_data = [
        counts.assign(drawn="bar"),
        events[["date", "lane", "platform", "country"]].assign(drawn="platform event"),
        switches[["date", "name", "iso3"]].assign(drawn="switch of recognition"),
    ]
    data = pd.concat(drawn_data, ignore_index=True)
    said = ", ".join(f"{kind} {n}" for kind, n in totals.items())
    return draw(
        tables, selection, "calendar", charts.calendar, counts, undated, events, switches,
        title=f"Records peak in {peak}; the commonest kind is {totals.index[0]}",
        subtitle=f"Local engagements a year by kind, {window(selection)}, with platform events and "
        "switches between the ROC and the PRC",
        caption=f"{totals.sum():,} local engagements dated to a year, {sum(undated.values()):,} "
        f"without; {len(events)} acts at platforms, a tick each. The press on the web thickens "
        "after about 2014.",
        alt=f"Yearly bars by kind: {said}. Most in {peak}. Switches of recognition: "
        f"{_listed(names)}.",
        mark=(config.REPORT_WINDOW[1] + 1, "the report's period ends") if inside else None,
        data=data.assign(date=data["date"].dt.date),
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


@drawn("no first-level unit with a step in this selection")
def draw_ladders(steps: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
    """The steps of places by date, of `atlas.ladders`, one panel a place."""
    first = steps.groupby(["admin1", "step"])["date_start"].min().unstack()
    both = first.reindex(columns=["twinning", "project"]).astype("datetime64[us]").dropna()
    before = int((both["twinning"] < both["project"]).sum())
    partner = "twinned with " + steps["partner"].where(steps["partner"] != "", "none recorded")
    acts = steps.assign(place=steps["unit"], note=partner, date=steps["date_start"])
    cases = acts.loc[acts["admin1"].isin(atlas.REPORT_CASES), "place"].unique()
    span = (selection.window_start, selection.window_end)
    return draw(
        tables, selection, "ladders", charts.ladders, acts, atlas.STEPS, span,
        title=f"Twinning came before the first project in {before} of the {len(both)} units where "
        "both are dated",
        subtitle="Visits, agreements, twinnings and projects by date in the report's two cases "
        "(coloured) and the units with most kinds of step; the line runs through the first of each",
        caption=f"{len(steps):,} local engagements in {len(first)} first-level units; the grey "
        "column counts acts without a certain year (n.d.). Municipalities count to their unit.",
        alt=f"Small panels of steps by year for {_listed(steps['unit'].unique())}.",
        highlight=tuple(cases),
        data=steps,
    )  # fmt: skip


def _listed(names) -> str:
    return ", ".join(names) or "no country"
