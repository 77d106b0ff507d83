"""Time across, one lane a row: spells of states, steps of places, events above yearly bars."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme

_UNDATED = 3.2  # years of width of the column for what has no date
_SHORT = 0.3  # years: a span of dates beyond it is a line


@theme.chart
def timeline(
    df: pd.DataFrame, start: str, end: str, row: str, state: str, *, window: tuple[int, int],
    highlight: str, events: pd.DataFrame | None = None, **words,
) -> Figure:  # fmt: skip
    """Spells as bars, one lane each `row`; changes of state inside the window are marked and named
    at the right.

    Parameters
    ----------
    df : one row a spell; `start` and `end` are ISO dates or years, blank or missing for open.
    window : first and last whole year drawn.
    highlight : the state in colour; other states are grey.
    events : dots, with columns `row` and `start`.

    Rows that change come first, by date of their first change; then those always in the highlighted
    state. Raises ValueError for what is no date.
    """
    parts.need(df, start, end, row, state)
    first, last = window[0], window[1] + 1
    spells = pd.DataFrame({"row": df[row].astype(str), "state": df[state].astype(str)})
    spells["start"] = np.fmax(decimal_years(df[start]), first)
    spells["end"] = np.fmin(decimal_years(df[end]), last)
    spells = spells[spells["start"] < spells["end"]].sort_values(["row", "start"], kind="stable")
    parts.need(spells)
    same = spells["row"].eq(spells["row"].shift())
    switches = spells[same & spells["state"].ne(spells["state"].shift())]
    said = parts.first(_in_words(spells, switches, highlight), words)
    place = pd.Series(range(len(said)), index=said.index)

    page = theme.figure(0.23 * len(said) + 0.6, **words)
    ax = page.subplots()
    parts.rows(ax, [parts.short(name) for name in said.index])
    drawn = spells[spells["row"].isin(said.index)]
    color = np.where(drawn["state"] == highlight, theme.HIGHLIGHT, theme.FAINT)
    bars = {"left": drawn["start"], "height": 0.62, "color": color, "linewidth": 0, "zorder": 1}
    ax.barh(drawn["row"].map(place), drawn["end"] - drawn["start"], **bars)
    look = {"color": theme.INK, "linestyle": "none", "zorder": 4}
    ax.plot(switches["start"], switches["row"].map(place), "D", markersize=4.5, **look)
    if events is not None and len(events):
        dots = (decimal_years(events[start]), events[row].map(place))
        ax.plot(*dots, "o", markersize=2.6, alpha=0.7, markeredgewidth=0, **look)
    latest = drawn.drop_duplicates("row", keep="last").set_index("row")["state"][said.index]
    tint = np.where(latest == highlight, theme.HIGHLIGHT, theme.MUTED)
    parts.right_column(ax, [parts.short(text) for text in said], tint)
    parts.year_axis(ax, first, last - 1)
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(True, axis="x")
    return page


def _in_words(spells: pd.DataFrame, switches: pd.DataFrame, highlight: str) -> pd.Series:
    """What each row switched to and when; of the rows that never switch, the first of each state is
    named. In the order of the rows."""
    rows = spells.drop_duplicates("row").set_index("row")[["state"]]
    rows = rows.assign(switch=switches.groupby("row")["start"].min())
    rows = rows.assign(other=rows["state"] != highlight).rename_axis("row")
    rows = rows.sort_values(["switch", "other", "row"])
    turns = switches["state"] + " from " + switches["start"].astype(int).astype(str)
    turns = turns.groupby(switches["row"]).agg("; ".join)
    steady = rows.loc[rows["switch"].isna(), "state"].drop_duplicates() + " throughout"
    return pd.concat([turns, steady]).reindex(rows.index, fill_value="")


@theme.chart
def ladders(
    df: pd.DataFrame, steps: tuple[str, ...], window: tuple[int, int], *,
    highlight: tuple[str, ...] = (), columns: int = 3, through_firsts: bool = True, **words,
) -> Figure:  # fmt: skip
    """One small panel a place: a lane a step, the lowest first; a mark an act; acts without a date
    are counted in a grey column of their own (n.d.).

    Parameters
    ----------
    df : columns place, note (a second line), step, date (timestamp or missing) and, where dates
        are known less well, end: then a line from `date` to `end` stands for the act.
    steps : names of the lanes from below.
    window : first and last year.
    highlight : places, or steps, in colour.
    through_firsts : a line through the first act of each step, in time.
    """
    parts.need(df, "place", "note", "step", "date")
    places = parts.first(parts.names(df, "place"), words)
    columns = min(columns, len(places))
    height = (0.72 + 0.22 * len(steps)) * -(-len(places) // columns) + 0.2
    page = theme.figure(height, **words)
    page.get_layout_engine().set(hspace=0.06, wspace=0.03)
    acts = df.assign(lane=df["step"].map(list(steps).index), start=decimal_years(df["date"]))
    acts["end"] = decimal_years(df["end"]) if "end" in df else acts["start"]
    for ax, place in zip(parts.grid(page, len(places), columns, share=True), places, strict=True):
        part = acts[acts["place"] == place]
        color = theme.HIGHLIGHT if place in highlight else theme.TIERS["state"]
        _acts(ax, part, [theme.HIGHLIGHT if step in highlight else color for step in steps], window)
        firsts = part.dropna(subset=["start", "end"]).groupby("lane")["start"].min()
        firsts = firsts.sort_values(kind="stable")
        if through_firsts and len(firsts) > 1:
            look = {"color": color, "linewidth": 1.1, "alpha": 0.55, "zorder": 2}
            ax.step(firsts, firsts.index, where="post", **look)
        note = parts.short(part["note"].iloc[0], 114 // columns)
        ax.set_title(parts.short(place, 76 // columns), size=9, color=color, pad=15 if note else 6)
        beside = {"xycoords": "axes fraction", "textcoords": "offset points", "size": 7.5}
        ax.annotate(note, (0, 1), (0, 4), color=theme.MUTED, in_layout=False, **beside)
        ax.set_yticks(range(len(steps)), steps, size=8)
        ax.set_ylim(-0.5, len(steps) - 0.5)
        ax.grid(True, axis="y")
    return page


def _acts(ax: Axes, acts: pd.DataFrame, colors: list[str], window: tuple[int, int]) -> None:
    """Dots, lines where the date is known less well, and numbers of what has no date at all."""
    first, last = window[0], window[1] + 1
    undated = first - 0.2 - _UNDATED / 2
    ax.axvspan(first - _UNDATED, first - 0.4, color=theme.GRID, zorder=0, linewidth=0)
    for lane, part in acts.groupby("lane"):
        look = {"color": colors[lane]}
        dated = part.dropna(subset=["start", "end"])
        vague = dated[dated["end"] - dated["start"] > _SHORT]
        ax.hlines([lane] * len(vague), vague["start"], vague["end"], **look)
        exact = dated.drop(vague.index)[["start", "end"]].mean(axis=1)
        ax.scatter(exact, [lane] * len(exact), s=26, ec=theme.PAPER, lw=0.5, zorder=3, **look)
        if n := len(part) - len(dated):
            ax.text(undated, lane, str(n), ha="center", va="center_baseline", size=8, **look)
    ax.set_xlim(first - _UNDATED, last + 0.6)
    ax.tick_params(axis="x", labelbottom=True, labelsize=7.5, length=2)
    years = [year for year in range(first + 4, last + 1) if year % 10 == 5] or [last - 1]
    ax.set_xticks([undated, *years], ["n.d.", *map(str, years)])


@theme.chart
def calendar(
    counts: pd.DataFrame, undated: dict[str, int], events: pd.DataFrame, switches: pd.DataFrame, *,
    mark: tuple[float, str] | None = None, **words,
) -> Figure:  # fmt: skip
    """Bars by year for each kind; above them switches, named, and a lane of events for each sort.

    Parameters
    ----------
    counts : columns year, kind, n; all years of the window, kinds in the order of drawing. One
        scale for all rows.
    undated : kind -> count without a year, written at the right.
    events : columns date (timestamp) and lane.
    switches : columns date, name, highlight (bool).
    mark : year and words of a vertical line.
    """
    parts.need(counts, "year", "kind", "n")
    kinds, lanes = parts.names(counts, "kind"), parts.names(events, "lane")
    first, last = counts["year"].min(), counts["year"].max() + 1
    above = 0.22 * (len(lanes) + max(len(switches), 1)) + 0.2
    page = theme.figure(above + 0.52 * len(kinds) + 0.3, **words)
    page.get_layout_engine().set(hspace=0, h_pad=0.01)
    heights = [above, *[0.52] * len(kinds)]
    grid = page.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _event_lanes(grid[0], lanes, events, switches)
    for ax, kind in zip(grid[1:], kinds, strict=True):
        color = theme.HIGHLIGHT if kind == kinds[0] else theme.CONTEXT
        years, values = parts.floats(counts[counts["kind"] == kind], "year", "n")
        bars = ax.bar(years + 0.5, values, width=0.86, color=color, linewidth=0)
        peak = [f"{v:.0f}" if i == np.argmax(values) and v else "" for i, v in enumerate(values)]
        ax.bar_label(bars, peak, size=7.5)
        ax.set(ylim=(0, max(counts["n"].max(), 1) * 1.22), yticks=[])
        name = {"rotation": 0, "ha": "right", "va": "center", "color": theme.INK, "size": 9}
        ax.set_ylabel(parts.short(kind, 30), **name)
        total = f"{values.sum():,.0f}"
        total += f" + {undated[kind]} undated" if undated.get(kind) else ""
        ax.text(1.01, 0.35, total, transform=ax.transAxes, size=8, color=theme.MUTED, va="center")
        ax.tick_params(axis="x", length=0)
    for ax in grid:
        ax.grid(True, axis="x")
        ax.spines["bottom"].set_visible(ax is not grid[0])
        if mark is not None:
            ax.axvline(mark[0], color=theme.MUTED, linewidth=1, linestyle=theme.DASHED)
    if mark is not None:
        parts.reference(grid[0], *mark, after=mark[0] <= (first + last) / 2, dashed=True)
    parts.year_axis(grid[-1], first, last)
    grid[-1].set_xlim(first, last)
    return page


def _event_lanes(ax: Axes, lanes: list[str], events: pd.DataFrame, switches: pd.DataFrame) -> None:
    """A row for each switch, named, and a row of ticks for each lane."""
    rows = max(len(switches), 1)
    place = {"xytext": (5, 0), "textcoords": "offset points", "annotation_clip": False}
    when = decimal_years(switches["date"])
    for at, (x, row) in enumerate(zip(when, switches.itertuples(), strict=True)):
        color = theme.NEGATIVE if row.highlight else theme.POSITIVE
        ax.plot(x, at, "D" if row.highlight else "o", color=color, markersize=5, zorder=3)
        text = ax.annotate(row.name, (x, at), va="center_baseline", size=7.5, **place)
        text.set(color=theme.readable(color), in_layout=False)
    for i, lane in enumerate(lanes):
        at = decimal_years(events.loc[events["lane"] == lane, "date"])
        ax.plot(at, np.full(len(at), rows + i), "|", color=theme.INK, ms=9.5, mew=1.3, zorder=3)
    names = ["switch of recognition", *(parts.short(lane, 30) for lane in lanes)]
    ax.set_yticks([(rows - 1) / 2, *range(rows, rows + len(lanes))], names)
    ax.set_ylim(rows + len(lanes) - 0.4, -0.7)
    ax.tick_params(axis="both", length=0, labelbottom=False, labelsize=8.5)


def decimal_years(dates: pd.Series) -> np.ndarray:
    """Dates (timestamps, ISO dates or years) as years with decimals; blank or missing is NaN. A
    bare year or month counts from its first day. Raises ValueError for what is no date."""
    text = dates.astype("object").where(dates.notna(), "").astype(str).str.strip()
    text = text.str.removesuffix(".0")
    parsed = pd.to_datetime(text.where(text != ""), format="ISO8601")
    day = (parsed.dt.day_of_year - 1) / (365 + parsed.dt.is_leap_year)
    return (parsed.dt.year + day).to_numpy(dtype=float)
