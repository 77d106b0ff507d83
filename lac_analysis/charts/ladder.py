"""Steps of places over time, one small panel a place."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme

_UNDATED = 3.2  # years of width of the column for what has no date


@theme.chart
def ladders(
    df: pd.DataFrame, steps: tuple[str, ...], window: tuple[int, int], *, title: str, subtitle: str, caption: str,
    highlight: tuple[str, ...] = (), columns: int = 3,
) -> Figure:  # fmt: skip
    """One panel a place: a rung a step, the lowest first; a mark an act; a line from first to
    first, in time.

    Parameters
    ----------
    df : columns place, note (a second line), step, date (timestamp; missing goes into a column
        of its own).
    steps : names of the rungs from below. window : first and last year. highlight : places in
        colour.
    """
    parts.need(df, "place", "note", "step", "date")
    places = parts.names(df, "place")
    columns = min(columns, len(places))
    lines = -(-len(places) // columns)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 1.62 * lines + 0.2))
    page.get_layout_engine().set(hspace=0.06, wspace=0.03)
    grid = page.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
    first, last = window[0], window[1] + 1
    for ax, place in zip(grid, places, strict=False):
        part = df[df["place"] == place]
        color = theme.HIGHLIGHT if place in highlight else "#14375e"
        rung = part["step"].map(steps.index).to_numpy()
        when = (part["date"].dt.year + (part["date"].dt.day_of_year - 1) / 365.25).to_numpy(float)
        dated = ~np.isnan(when)
        ax.axvspan(first - _UNDATED, first - 0.4, color=theme.GRID, zorder=0, linewidth=0)
        starts = sorted(
            (when[dated & (rung == step)].min(), step) for step in np.unique(rung[dated])
        )
        if len(starts) > 1:
            ax.step(
                *zip(*starts, strict=True),
                where="post",
                color=color,
                linewidth=1.1,
                alpha=0.55,
                zorder=2,
            )
        ax.scatter(
            when[dated],
            rung[dated],
            s=26,
            color=color,
            edgecolor=theme.PAPER,
            linewidth=0.5,
            zorder=3,
        )
        for step in np.unique(rung[~dated]):
            n = int((rung[~dated] == step).sum())
            ax.text(
                first - 0.2 - _UNDATED / 2,
                step,
                str(n),
                ha="center",
                va="center_baseline",
                size=8,
                color=color,
            )
        ax.set_title(place, loc="left", size=9, weight="bold", color=theme.readable(color), pad=15)
        note = textwrap.shorten(str(part["note"].iloc[0]), 44, placeholder=" …")
        ax.annotate(note, (0, 1), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points", size=7.5,
                    color=theme.MUTED, annotation_clip=False, in_layout=False)  # fmt: skip
        ax.set_ylim(-0.5, len(steps) - 0.5)
        ax.set_xlim(first - _UNDATED, last + 0.6)
        ax.set_yticks(range(len(steps)), steps)
        ax.tick_params(axis="y", labelsize=8)
        ax.grid(True, axis="y")
        ax.tick_params(axis="x", labelbottom=True, labelsize=7.5, length=2)
        years = [year for year in range(first + 4, last + 1) if year % 10 == 5] or [last - 1]
        ax.set_xticks([first - 0.2 - _UNDATED / 2, *years], ["n.d.", *map(str, years)])
    for ax in grid[len(places) :]:
        ax.remove()
    return page
