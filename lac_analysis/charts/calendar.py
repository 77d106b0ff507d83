"""Yearly counts one row a kind, under lanes of named events, all on one axis of time."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme

_ROW, _LANE = 0.52, 0.27  # inches


@theme.chart
def calendar(
    counts: pd.DataFrame, undated: dict[str, int], events: pd.DataFrame, switches: pd.DataFrame, *, title: str,
    subtitle: str, caption: str, mark: tuple[float, str] | None = None,
) -> Figure:  # fmt: skip
    """Bars by year for each kind; above them switches, named, and a lane of events for each sort.

    Parameters
    ----------
    counts : columns year, kind, n; all years of the window, kinds in the order of drawing. One
        scale for all rows.
    undated : kind -> count without a year, written at the right.
    events : columns date (timestamp) and lane. switches : columns date, name, highlight (bool).
    mark : year and words of a vertical line.
    """
    parts.need(counts, "year", "kind", "n")
    kinds, lanes = parts.names(counts, "kind"), list(dict.fromkeys(events["lane"]))
    first, last = counts["year"].min(), counts["year"].max() + 1
    depth = _label_rows(switches, first, last)
    heights = [_LANE * (len(lanes) + 1 + max(depth, default=0)) + 0.1, *[_ROW] * len(kinds)]
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, sum(heights) + 0.3))
    page.get_layout_engine().set(hspace=0, h_pad=0.01)
    grid = page.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _lanes(grid[0], lanes, events, switches, depth)
    top = max(counts["n"].max(), 1)
    for ax, kind in zip(grid[1:], kinds, strict=True):
        row = counts[counts["kind"] == kind]
        years, values = row["year"].to_numpy(float), row["n"].to_numpy(float)
        parts.bars(
            ax,
            years + 0.07,
            0,
            0.86,
            values,
            theme.HIGHLIGHT if kind == kinds[0] else theme.CONTEXT,
        )
        peak = int(np.argmax(values))
        if values[peak] > 0:
            ax.text(
                years[peak] + 0.5,
                values[peak] + 0.02 * top,
                f"{values[peak]:.0f}",
                ha="center",
                size=7.5,
            )
        ax.set(ylim=(0, top * 1.22), yticks=[])
        ax.set_ylabel(kind, rotation=0, ha="right", va="center", color=theme.INK, size=9)
        total = f"{values.sum():,.0f}" + (
            f" + {undated[kind]} undated" if undated.get(kind) else ""
        )
        ax.text(1.01, 0.35, total, transform=ax.transAxes, size=8, color=theme.MUTED, va="center")
        ax.tick_params(axis="x", length=0)
    for ax in grid:
        ax.grid(True, axis="x")
        ax.spines["bottom"].set_visible(ax is not grid[0])
        if mark is not None:
            ax.axvline(mark[0], color=theme.MUTED, linewidth=1, linestyle=(0, (4, 2)))
    if mark is not None:
        parts.reference(grid[0], *mark, after=mark[0] <= (first + last) / 2, dashed=True)
    parts.year_axis(grid[-1], first, last)
    grid[-1].set_xlim(first, last)
    return page


def _lanes(
    ax, lanes: list[str], events: pd.DataFrame, switches: pd.DataFrame, depth: list[int]
) -> None:
    rows = max(depth, default=0) + 1
    for at, row in zip(depth, switches.itertuples(), strict=True):
        color = theme.NEGATIVE if row.highlight else theme.POSITIVE
        when = _years(pd.Series([row.date]))[0]
        ax.plot([when, when], [at, rows - 0.4], color=color, linewidth=0.8, alpha=0.6, zorder=1)
        ax.plot(when, at, "D" if row.highlight else "o", color=color, markersize=5, zorder=3)
        text = ax.annotate(
            row.name, (when, at), xytext=(5, 0), textcoords="offset points", annotation_clip=False
        )
        text.set(va="center_baseline", size=7.5, color=theme.readable(color), in_layout=False)
    for i, lane in enumerate(lanes):
        when = _years(events.loc[events["lane"] == lane, "date"])
        ax.scatter(
            when,
            np.full(len(when), rows + i),
            marker="|",
            s=90,
            color=theme.INK,
            linewidth=1.3,
            zorder=3,
        )
    names = ["switch of recognition", *lanes]
    ax.set_yticks([(rows - 1) / 2, *range(rows, rows + len(lanes))], names)
    ax.set_ylim(rows + len(lanes) - 0.4, -0.7)
    ax.tick_params(axis="both", length=0, labelbottom=False, labelsize=8.5)


def _label_rows(switches: pd.DataFrame, first: float, last: float) -> list[int]:
    """A row for each name, the first in which it touches no other."""
    ends, rows = [], []
    per_letter = (last - first) * 0.0125  # years that a letter takes at this size
    for when, name in zip(_years(switches["date"]), switches["name"], strict=True):
        row = next((i for i, used in enumerate(ends) if used < when), len(ends))
        ends[row : row + 1] = [when + (len(name) + 2) * per_letter]
        rows.append(row)
    return rows


def _years(dates: pd.Series) -> np.ndarray:
    dates = pd.to_datetime(dates)
    return (dates.dt.year + (dates.dt.day_of_year - 1) / 365.25).to_numpy(float)
