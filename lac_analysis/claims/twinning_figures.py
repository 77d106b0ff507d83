"""Pictures of claim 6: what is known of each twinning, chance order within places, and the ladder
of engagement.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis import charts
from lac_analysis.charts import theme
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.place_names import place_name
from lac_analysis.claims.twinning import Events

PICTURES = ("known", "order", "ladder")
_KNOWN = {
    "record": "an earlier engagement is on record",
    "source": "the source says there was contact before",
    "possible": "a record may be earlier: dates overlap or are unknown",
    "silent": "no record can be earlier, the source is silent",
    "first": "the source says first contact",
}
_RUNGS = {  # from the bottom of the ladder, as the report tells it
    "memorandum": ["friendship_memorandum"],
    "twinning": ["twinning"],
    "visit or call": ["visit_to_lac", "visit_to_china", "diplomatic_call"],
    "agreement": ["cooperation_agreement"],
    "project": ["investment_project", "infrastructure_project", "technology_project", "loan_grant"],
}
_CASES = ("AR-Y", "CL-CO")  # Jujuy and Coquimbo, which the report tells of
_UNDATED_CASE = "A-0103"  # Coquimbo-Henan
_PLACES = 6


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {"known": _known(finding), "order": _order(finding), "ladder": _ladder(finding)}


def _known(finding: Finding) -> Picture:
    counts = finding.detail["known"].value_counts().reindex(list(_KNOWN), fill_value=0)
    table = pd.DataFrame({"state": list(_KNOWN.values()), "twinnings": counts.to_numpy()})
    earlier, unknown, n = (
        counts[["record", "source"]].sum(),
        counts[["possible", "silent"]].sum(),
        counts.sum(),
    )
    figure = charts.dot_plot(
        table,
        "state",
        "twinnings",
        highlight=np.isin(counts.index, ["record", "source"]),
        title=f"{earlier} of {n} twinnings are known to follow earlier engagement; for {unknown} the order is unknown",
        subtitle="First twinnings of a LAC place and a Chinese place, by what is known of earlier engagement of the "
        f"LAC place, {words.window(finding)}",
        caption=words.caption(finding),
        axis="twinnings",
    )
    rows = "; ".join(f"{row.state}: {row.twinnings}" for row in table.itertuples())
    return Picture(
        "known", figure, table, f"Dot plot of {n} twinnings. {rows}.", finding.provenance()
    )


def _order(finding: Finding) -> Picture:
    tests = finding.detail["tests"]
    main = next(iter(tests.values()))
    if np.count_nonzero(main.null) == 1:
        title = "No place has dated engagements whose order could tell"
    elif main.p >= 0.05:
        title = (
            f"Where twinnings stand among their places' engagements can be chance ({say_p(main.p)})"
        )
    else:
        side = "later" if main.share > main.expected else "earlier"
        title = f"Twinnings stand {side} among their places' engagements than chance would put them"
    panels = [
        (f"{name} ({test.focal} twinnings)", _values(test.null), test.share, test.p)
        for name, test in tests.items()
    ]
    figure = charts.null_distribution(
        panels,
        log=False,
        title=title,
        subtitle="Share of dated twinnings that follow other engagement of their place, if any of the place's dated "
        f"engagements could have been the twinning, {words.window(finding)}",
        caption=words.caption(finding),
        axis="share of twinnings",
    )
    drawn = pd.concat(
        pd.DataFrame(
            {
                "test": name,
                "share": np.arange(len(test.null)) / test.focal,
                "probability": test.null,
            }
        )
        for name, test in tests.items()
    )
    rows = "; ".join(
        f"{name} {show(test.share)} against {show(test.expected)} expected ({say_p(test.p)})"
        for name, test in tests.items()
    )
    alt = f"Distributions of the share under chance order, with the observed share: {rows}."
    return Picture("order", figure, drawn, alt, finding.provenance())


def _values(null: np.ndarray) -> np.ndarray:
    """A hundred thousand values distributed as the probabilities of 0, 1, .., n say, divided by n."""
    return np.repeat(np.arange(len(null)) / (len(null) - 1), np.round(null * 100_000).astype(int))


def _ladder(finding: Finding) -> Picture:
    found, countries = finding.detail["events"], finding.detail["countries"]
    table = rungs(found)
    shown = pd.concat([table[table["place_id"] == place] for place in _chosen_places(table)])
    names = [
        place_name(place, countries[iso])
        for place, iso in zip(shown["place_id"], shown["country"], strict=True)
    ]
    shown = shown.assign(place=names)
    n, after = projects_after(found)
    title = (
        f"In {after} of {n} places with a dated twinning and a dated project, the first project certainly came later"
        if n
        else "No place has both a dated twinning and a dated project"
    )
    undated = (
        found.unit
        & found.table["date_end"].isna()
        & found.table["record_ids"].str.contains(_UNDATED_CASE)
    )
    note = (
        f" Coquimbo–Henan, a case of the report, is attested without a date ({_UNDATED_CASE})."
        if undated.any()
        else ""
    )
    figure = _draw(
        shown,
        title=title,
        subtitle="Engagements of the report's cases (Jujuy and Coquimbo, where recorded) and of the twinned places "
        f"with most kinds. Lines: date known to a year or less well; hollow: undated. {_sample(finding)}",
        caption=words.caption(finding) + note,
    )
    alt = f"Dots by year and kind of engagement for {', '.join(shown['place'].unique())}. {title}."
    data = shown[["place", "rung", "date_start", "date_end"]]
    data = data.assign(**{c: data[c].dt.strftime("%Y-%m-%d") for c in ("date_start", "date_end")})
    return Picture("ladder", figure, data, alt, finding.provenance())


def _sample(finding: Finding) -> str:
    return f"All years, {words.SAMPLES[finding.parameters['collection']]}"


def rungs(found: Events) -> pd.DataFrame:
    """The engagements that stand on a rung of the ladder, at the cases and at places with a
    twinning of the window.
    """
    rung = {activity: name for name, activities in _RUNGS.items() for activity in activities}
    table = found.table.assign(rung=found.table["activity"].map(rung))
    at_places = np.isin(found.place, found.place[found.unit]) | table["place_id"].isin(_CASES)
    known = table["place_id"].notna() & table["rung"].notna()
    return table.loc[
        at_places & known,
        ["engagement_id", "country", "place_id", "rung", "date_start", "date_end"],
    ]


def projects_after(found: Events) -> tuple[int, int]:
    """Units' places with a twinning and a project of known year; those whose first project is
    certainly the later.
    """
    known = found.table["year"].notna().to_numpy() & np.isin(found.place, found.place[found.unit])
    twinning, project = (
        known & found.table["activity"].isin(_RUNGS[rung]).to_numpy()
        for rung in ("twinning", "project")
    )
    first_twinning = pd.Series(found.end[twinning]).groupby(found.place[twinning]).min()
    first_project = pd.Series(found.start[project]).groupby(found.place[project]).min()
    both = pd.concat([first_twinning, first_project], axis=1, keys=["twinning", "project"]).dropna()
    return len(both), int((both["project"] > both["twinning"]).sum())


def _chosen_places(table: pd.DataFrame) -> list[str]:
    """The report's cases, where recorded, then the places with most kinds of dated engagement, then
    most of it.
    """
    dated = table["rung"].where(table["date_start"].notna() & table["date_end"].notna())
    places = (
        table.assign(dated=dated)
        .groupby("place_id")
        .agg(kinds=("dated", "nunique"), n=("dated", "count"))
    )
    places = places.reset_index().assign(case=lambda places: places["place_id"].isin(_CASES))
    places = places.sort_values(
        ["case", "kinds", "n", "place_id"], ascending=[False, False, False, True]
    )
    return places["place_id"].head(_PLACES).tolist()


@theme.chart
def _draw(shown: pd.DataFrame, *, title: str, subtitle: str, caption: str) -> Figure:
    """One panel a place; rungs from bottom to top, years across; twinning in colour."""
    names = list(dict.fromkeys(shown["place"]))
    columns = min(2, len(names))
    grid_rows = -(-len(names) // columns)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 1.35 * grid_rows + 0.4))
    page.get_layout_engine().set(hspace=0.05)
    grid = page.subplots(grid_rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    start, end = (
        shown[c].dt.year + (shown[c].dt.day_of_year - 1) / 366 for c in ("date_start", "date_end")
    )
    dated = start.notna() & end.notna()
    first, last = (
        (int(start[dated].min() // 5 * 5), int(end[dated].max())) if dated.any() else (2000, 2020)
    )
    undated = first - 0.05 * (last - first + 1)
    for ax, name in zip(grid, names, strict=False):
        _panel(ax, shown[shown["place"] == name].assign(start=start.where(dated), end=end), undated)
        ax.set_title(name, loc="left", size=9, weight="bold", color=theme.INK)
        parts.year_axis(ax, first, last)
        ax.set_xlim(2 * undated - first, last + 1)
    for ax in grid[len(names) :]:
        ax.remove()
    return page


def _panel(ax: Axes, events: pd.DataFrame, undated: float) -> None:
    levels = list(_RUNGS)
    for row in events.itertuples():
        color = theme.HIGHLIGHT if row.rung == "twinning" else theme.TIERS["state"]
        at = levels.index(row.rung)
        if np.isnan(row.start):
            ax.plot(
                undated, at, "o", markersize=4.5, markeredgecolor=color, markerfacecolor=theme.PAPER
            )
        elif row.end - row.start > 0.3:
            ax.plot([row.start, row.end], [at, at], color=color, linewidth=1.8)
        else:
            ax.plot(
                (row.start + row.end) / 2,
                at,
                "o",
                color=color,
                markersize=4.5,
                alpha=0.75,
                markeredgewidth=0,
            )
    ax.set_yticks(range(len(levels)), levels, size=8)
    for label in ax.get_yticklabels():  # none where another panel carries them
        if label.get_text() == "twinning":
            label.set(color=theme.HIGHLIGHT, weight="bold")
    ax.set_ylim(-0.6, len(levels) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelbottom=True, labelsize=7.5)
    ax.grid(True, axis="both")
