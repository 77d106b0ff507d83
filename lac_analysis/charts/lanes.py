"""Time across, one lane a row: from a date on, steps of places, events above yearly bars."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme

_UNDATED = 3.2  # years of width of the column for what has no date


@theme.chart
def timeline(
    df: pd.DataFrame, row: str, since: str, *, events: pd.DataFrame, window: tuple[int, int],
    before: str, after: str, **words,
) -> Figure:  # fmt: skip
    """One bar a row, in colour from a date on, which is marked, and named at the right.

    Parameters
    ----------
    df : one row a bar; `since` is a timestamp, missing where the row never gets there: those come
        last.
    events : dots, with columns `row` and `since`.
    window : first and last whole year drawn.
    before, after : the state until that date and from it on, in words.
    """
    parts.need(df, row, since)
    first, last = window[0], window[1] + 1
    table = df.assign(since=decimal_years(df[since])).sort_values(["since", row])
    table = parts.first(table, words)
    at, turned = np.arange(len(table)), np.fmin(table["since"], last)
    page = theme.figure(0.23 * len(table) + 0.6, **words)
    ax = page.subplots()
    parts.rows(ax, [parts.short(name) for name in table[row]])
    bars = {"height": 0.62, "linewidth": 0, "zorder": 1}
    ax.barh(at, turned - first, left=first, color=theme.FAINT, **bars)
    ax.barh(at, last - turned, left=turned, color=theme.HIGHLIGHT, **bars)
    look = {"color": theme.INK, "linestyle": "none", "zorder": 4}
    ax.plot(table["since"], at, "D", markersize=4.5, **look)
    dots = decimal_years(events[since]), events[row].map(dict(zip(table[row], at, strict=True)))
    ax.plot(*dots, "o", markersize=2.6, alpha=0.7, markeredgewidth=0, **look)
    known = table["since"].notna().to_numpy()
    said = [f"{after} from {year:.0f}" for year in np.floor(table["since"][known])]
    said += [f"{before} throughout"] if not known.all() else []
    parts.right_column(ax, said, np.where(known, theme.HIGHLIGHT, theme.MUTED))
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.grid(True, axis="x")
    return page


@theme.chart
def ladders(
    df: pd.DataFrame, steps: tuple[str, ...], window: tuple[int, int], *,
    highlight: tuple[str, ...] = (), **words,
) -> Figure:  # fmt: skip
    """One small panel a place: a lane a step, the lowest first; a dot an act; a line through the
    first act of each step, in time. Acts without a date are counted in a grey column (n.d.).

    Parameters
    ----------
    df : columns place, note (a second line), step, date (timestamp or missing).
    steps : names of the lanes from below.
    window : first and last year.
    highlight : places in colour.
    """
    parts.need(df, "place", "note", "step", "date")
    places = parts.first(parts.names(df, "place"), words)
    columns = min(3, len(places))
    height = (0.72 + 0.22 * len(steps)) * -(-len(places) // columns) + 0.2
    page = theme.figure(height, **words)
    page.get_layout_engine().set(hspace=0.06, wspace=0.03)
    acts = df.assign(lane=df["step"].map(list(steps).index), at=decimal_years(df["date"]))
    for ax, place in zip(parts.grid(page, len(places), columns, share=True), places, strict=True):
        part = acts[acts["place"] == place]
        color = theme.HIGHLIGHT if place in highlight else theme.TIERS["state"]
        _acts(ax, part, color, window)
        firsts = part.dropna(subset="at").groupby("lane")["at"].min().sort_values(kind="stable")
        if len(firsts) > 1:
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


def _acts(ax: Axes, acts: pd.DataFrame, color: str, window: tuple[int, int]) -> None:
    """Dots, and in the grey column the number of acts without a date."""
    first, last = window[0], window[1] + 1
    undated = first - 0.2 - _UNDATED / 2
    ax.axvspan(first - _UNDATED, first - 0.4, color=theme.GRID, zorder=0, linewidth=0)
    for lane, part in acts.groupby("lane"):
        dates = part["at"].dropna()
        look = {"color": color, "ec": theme.PAPER, "lw": 0.5, "zorder": 3}
        ax.scatter(dates, [lane] * len(dates), s=26, **look)
        if n := len(part) - len(dates):
            place = {"ha": "center", "va": "center_baseline"}
            ax.text(undated, lane, str(n), size=8, color=color, **place)
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
    """Timestamps as years with decimals; missing is NaN."""
    dates = pd.to_datetime(dates)  # those of an empty table are of any type
    day = (dates.dt.day_of_year - 1) / (365 + dates.dt.is_leap_year)
    return (dates.dt.year + day).to_numpy(dtype=float)
