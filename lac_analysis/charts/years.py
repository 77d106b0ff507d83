"""Charts over years: series with a trend, shares, small multiples, event study."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

_BODY = 3.6  # inches
_MARKERS = "os^Dvp"  # lines stay apart without colour


@theme.chart
def series(
    df: pd.DataFrame, x: str, y: str, group: str, *, title: str, subtitle: str, caption: str,
    highlight: tuple[str, ...] = (), trend: pd.DataFrame | None = None, mark: tuple[float, str] | None = None,
) -> Figure:  # fmt: skip
    """Yearly lines, each named at its end; a missing value breaks the line.

    Parameters
    ----------
    highlight : groups to colour and name; the others are grey and unnamed. Needed beyond six
        groups.
    trend : columns x, fitted, low, high: a fitted line with its band.
    mark : year and words of a vertical line.
    """
    parts.need(df, x, y, group)
    tint = theme.colors(parts.names(df, group), highlight)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, _BODY))
    ax = page.subplots()
    ends, every = {}, parts.floats(df, y)
    bottom, top = np.fmin.reduce(every, initial=0), np.fmax.reduce(every)
    for name, part in df.sort_values(x, kind="stable").groupby(group, sort=False):
        named = not highlight or name in highlight
        years, values = parts.floats(part, x), parts.floats(part, y)
        ax.plot(
            years,
            values,
            color=tint[name],
            linewidth=2.2 if named else 0.7,
            zorder=3 if named else 2,
        )
        known = np.flatnonzero(~np.isnan(values))
        if named and known.size:
            ax.plot(
                years[known],
                values[known],
                _MARKERS[len(ends)],
                color=tint[name],
                markersize=4.5,
                zorder=3,
            )
            ends[name] = (years[known[-1]], values[known[-1]])
    if trend is not None:
        parts.need(trend, "x", "fitted", "low", "high")
        ax.fill_between(
            trend["x"],
            trend["low"],
            trend["high"],
            color=theme.INK,
            alpha=0.12,
            linewidth=0,
            zorder=1,
        )
        ax.plot(
            trend["x"],
            trend["fitted"],
            color=theme.INK,
            linewidth=1.4,
            linestyle=(0, (4, 2)),
            zorder=4,
        )
        last = trend.sort_values("x").iloc[-1]
        top = max(top, min(trend["high"].max(), 2 * top))  # a wild band must not flatten the lines
        ends["trend"], tint["trend"] = (last["x"], last["fitted"]), theme.INK
    parts.scale(ax.yaxis, (bottom, top * 1.06 if top > 0 else 1), log=False)
    parts.year_axis(ax, df[x].min(), df[x].max())
    ax.margins(x=0.02)
    if mark is not None:
        parts.reference(ax, *mark, after=mark[0] <= (df[x].min() + df[x].max()) / 2, dashed=True)
    parts.end_labels(ax, ends, tint, _BODY - 0.5)
    return page


@theme.chart
def stacked_share(
    df: pd.DataFrame, x: str, y: str, group: str, *, title: str, subtitle: str, caption: str
) -> Figure:
    """Share of each group within each `x` as stacked bars, in order of first appearance from the
    bottom.

    The total of each bar stands above it; a bar without a total is left out, not drawn as zero.
    """
    parts.need(df, x, y, group)
    names = parts.names(df, group)
    wide = df.pivot_table(index=x, columns=group, values=y, aggfunc="sum", fill_value=0)[names]
    totals = wide.sum(axis=1)
    shares = wide[totals > 0].div(totals[totals > 0], axis=0) * 100
    if shares.empty:
        raise InputError("nothing to draw: every total is zero", column=y)
    tint = theme.colors(names)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, _BODY))
    ax = page.subplots()
    years, floor, ends = shares.index.to_numpy(dtype=float), np.zeros(len(shares)), {}
    for name in names:
        ax.bar(
            years,
            shares[name],
            bottom=floor,
            width=0.86,
            color=tint[name],
            edgecolor=theme.PAPER,
            linewidth=0.6,
        )
        ends[name] = (years[-1], floor[-1] + shares[name].iloc[-1] / 2)
        floor = floor + shares[name].to_numpy()
    parts.scale(ax.yaxis, (0, 100), log=False)
    ax.yaxis.set_major_formatter("{x:.0f}%")
    ax.grid(False)
    parts.year_axis(ax, years[0], years[-1])
    ax.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    for year, total in totals[totals > 0].items():
        text = ax.annotate(f"{total:,.0f}", (year, 100), xytext=(0, 2), textcoords="offset points")
        text.set(ha="center", va="bottom", size=7, color=theme.MUTED)
    parts.end_labels(ax, ends, tint, _BODY - 0.5)
    return page


@theme.chart
def bar_small_multiples(
    df: pd.DataFrame, x: str, y: str, group: str, *, title: str, subtitle: str, caption: str,
    columns: int = 4, highlight: tuple[str, ...] = (),
) -> Figure:  # fmt: skip
    """One small panel of yearly bars a group, on shared axes, in order of first appearance.
    Highlighted in colour.
    """
    parts.need(df, x, y, group)
    names = parts.names(df, group)
    columns = min(columns, len(names))
    grid_rows = -(-len(names) // columns)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 1.2 * grid_rows + 0.35))
    page.get_layout_engine().set(hspace=0.04)
    grid = page.subplots(grid_rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    first, last, top = df[x].min(), df[x].max(), df[y].max()
    for ax, name in zip(grid, names, strict=False):
        part = df[df[group] == name]
        color = theme.HIGHLIGHT if name in highlight else theme.CONTEXT
        parts.bars(ax, parts.floats(part, x) - 0.425, 0, 0.85, parts.floats(part, y), color)
        ink = theme.readable(color) if highlight else theme.INK
        ax.set_title(
            textwrap.fill(name, 80 // columns), loc="left", size=8.5, weight="bold", color=ink
        )
        parts.scale(ax.yaxis, (0, top * 1.05 if top > 0 else 1), log=False)
        ax.locator_params(axis="y", nbins=3, integer=True)
        ax.tick_params(axis="x", length=2, labelbottom=True, labelsize=7.5)
        ax.tick_params(axis="y", labelsize=7.5)
        ax.set_xticks([first, last], [f"{first:.0f}", f"{last:.0f}" if last > first else ""])
        for tick, side in zip(ax.get_xticklabels(), ("left", "right"), strict=True):
            tick.set_ha(side)
        ax.set_xlim(first - 0.8, last + 0.8)
    for ax in grid[len(names) :]:
        ax.remove()
    return page


@theme.chart
def event_study(
    df: pd.DataFrame, time: str, estimate: str, low: str, high: str, *, title: str, subtitle: str, caption: str,
    reference: float = 0, log: bool = False, event: str = "event", axis: str = "",
) -> Figure:  # fmt: skip
    """Estimates by time from the event, before in grey and after in colour; hollow where there is
    no interval.

    `event` names the line between times -1 and 0.
    """
    parts.need(df, time, estimate, low, high)
    df = df.sort_values(time, kind="stable")
    when, values, lows, highs = (parts.floats(df, column) for column in (time, estimate, low, high))
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, _BODY))
    ax = page.subplots()
    span = parts.limits(values, lows, highs, [reference], log=log)
    parts.scale(ax.yaxis, span, log=log)
    tint = np.where(when < 0, theme.CONTEXT, theme.HIGHLIGHT)
    parts.intervals(ax, when, lows, highs, span, tint, vertical=True)
    base = np.isnan(lows) | (lows == highs)
    inside = (values >= span[0]) & (values <= span[1])
    fill = np.where(base, theme.PAPER, tint)
    ax.scatter(
        when[inside], values[inside], s=42, c=fill[inside], edgecolors=tint[inside], zorder=4
    )
    ax.axhline(reference, color=theme.MUTED, linewidth=1)
    parts.reference(ax, -0.5, event, dashed=True)
    ax.set_xlim(when.min() - 0.7, when.max() + 0.7)
    ax.set_xticks(when, [f"{t:+.0f}".replace("-", "−") if t else "0" for t in when])
    ax.set_xlabel(axis)
    return page
