"""Charts over years: series with a trend, small multiples, states that begin at a date."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from pandas.api import types

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError, one_of

_BODY = 3.6  # inches
_MARKERS = "os^Dvp"  # lines stay apart without colour


@theme.chart
def series(
    df: pd.DataFrame, x: str, y: str, group: str, *, trend: pd.DataFrame | None = None,
    mark: tuple[float, str] | None = None, **words,
) -> Figure:  # fmt: skip
    """Yearly lines, six at most, named at their end. A missing value breaks the line, a
    year without a row does not.

    trend : columns x, fitted, low, high: a fitted line with its band.
    mark : year and words of a vertical line.
    """
    parts.need(df, x, y, group)
    tint = theme.colors(parts.names(df, group, once=x))
    page = theme.figure(_BODY, **words)
    ax = page.subplots()
    every, ends = parts.floats(df, y)[0], {}
    bottom, top = np.nanmin(every, initial=0), np.nanmax(every, initial=0)
    # seaborn's lineplot would draw on through a missing year
    for name, part in df.sort_values(x, kind="stable").groupby(group, sort=False):
        years, values = parts.floats(part, x, y)
        marker = {"marker": _MARKERS[len(ends) % 6], "markersize": 4.5, "markeredgewidth": 0}
        ax.plot(years, values, color=tint[name], linewidth=2.2, zorder=3, **marker)
        for last in np.flatnonzero(~np.isnan(values))[-1:]:
            ends[name] = (years[last], values[last])
    if trend is not None:
        parts.need(trend, "x", "fitted", "low", "high")
        band = {"color": theme.INK, "alpha": 0.12, "linewidth": 0, "zorder": 1}
        ax.fill_between(trend["x"], trend["low"], trend["high"], **band)
        look = {"color": theme.INK, "linewidth": 1.4, "linestyle": theme.DASHED, "zorder": 4}
        ax.plot(trend["x"], trend["fitted"], **look)
        last = trend.sort_values("x").iloc[-1]
        top = max(top, min(trend["high"].max(), 2 * top))  # a wild band must not flatten the lines
        ends["trend"], tint["trend"] = (last["x"], last["fitted"]), theme.INK
    parts.scale(ax.yaxis, (bottom, top * 1.06 if top > 0 else 1), log=False)
    start, end = df[x].min(), df[x].max()  # whole years, at most nine of them named
    ticks = MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]).tick_values(start, end)
    ax.set_xticks([tick for tick in ticks if start <= tick <= end and tick == int(tick)])
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.margins(x=0.02)
    if mark is not None:
        parts.reference(ax, *mark, after=mark[0] <= (start + end) / 2, dashed=True)
    parts.end_labels(ax, ends, tint, _BODY - 0.5)
    return page


@theme.chart
def bar_small_multiples(
    df: pd.DataFrame, x: str, y: str, group: str, *, highlight: tuple[str, ...] = (), **words
) -> Figure:
    """One small panel of yearly bars a group, on shared axes, in order of first appearance; the
    highlighted in colour. A year without a row has no bar."""
    parts.need(df, x, y, group)
    names = parts.names(df, group, once=x)
    for name in highlight:
        one_of(name, names, "group")
    names = parts.first(names, words, parts.MOST_PANELS)
    columns = min(4, len(names))
    page = theme.figure(1.2 * -(-len(names) // columns) + 0.35, **words)
    page.get_layout_engine().set(hspace=0.04)
    first, last = df[x].min(), df[x].max()
    bottom, top = min(df[y].min(), 0) * 1.05, max(df[y].max(), 0) * 1.05
    for ax, name in zip(parts.grid(page, len(names), columns, share=True), names, strict=True):
        years, values = parts.floats(df[df[group] == name], x, y)
        color = theme.HIGHLIGHT if name in highlight else theme.CONTEXT
        # seaborn's barplot would widen the bars of a group without neighbouring years
        ax.bar(years, values, width=0.85, color=color, linewidth=0)
        ink = theme.readable(color) if highlight else theme.INK
        ax.set_title(parts.fill(name, 80 // columns), size=8.5, color=ink)
        parts.scale(ax.yaxis, (bottom, top if top > bottom else 1), log=False)
        ax.locator_params(axis="y", nbins=3, integer=True)
        ax.tick_params(axis="x", length=2, labelbottom=True, labelsize=7.5)
        ax.tick_params(axis="y", labelsize=7.5)
        ax.set_xticks([first, last], [f"{first:.0f}", f"{last:.0f}" if last > first else ""])
        for tick, side in zip(ax.get_xticklabels(), ("left", "right"), strict=True):
            tick.set_ha(side)
        ax.set_xlim(first - 0.8, last + 0.8)
    return page


@theme.chart
def timeline(
    df: pd.DataFrame, row: str, since: str, *, events: pd.DataFrame, window: tuple[int, int],
    before: str, after: str, **words,
) -> Figure:  # fmt: skip
    """One bar a row, in colour from a date on, which is marked, and named at the right.

    df : one row a bar; `since` is a timestamp, missing where the row never gets there: those come
        last.
    events : dots, with columns `row` and `since`.
    window : first and last whole year drawn.
    before, after : the state until that date and from it on, in words.
    """
    parts.need(df, row, since)
    parts.refuse_without(events, row, since)
    if len(unknown := events.loc[~events[row].isin(df[row]), row]):
        expected = "a row of the table"
        raise InputError("an event of no row", column=row, value=unknown.iloc[0], expected=expected)
    first, last = window[0], window[1] + 1
    table = df.assign(since=_decimal_years(df[since])).sort_values(["since", row])
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
    dots = _decimal_years(events[since]), events[row].map(dict(zip(table[row], at, strict=True)))
    white = {"markerfacecolor": theme.PAPER, "markeredgewidth": 0.5}
    ax.plot(*dots, "o", markersize=3.4, **look, **white)
    known = table["since"].notna().to_numpy()
    said = [f"{after} from {year:.0f}" for year in np.floor(table["since"][known])]
    said += [f"{before} throughout"] * int((~known).sum())
    parts.right_column(ax, said, np.where(known, theme.HIGHLIGHT, theme.MUTED))
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.grid(True, axis="x")
    return page


def _decimal_years(dates: pd.Series) -> np.ndarray:
    """Timestamps as years with decimals; missing is NaN."""
    if types.is_numeric_dtype(dates) and dates.notna().any():
        expected = "timestamps, such as of pandas.to_datetime"
        raise InputError("dates that are numbers", column=str(dates.name), expected=expected)
    dates = pd.to_datetime(dates)  # those of an empty table are of any type
    day = (dates.dt.day_of_year - 1) / (365 + dates.dt.is_leap_year)
    return (dates.dt.year + day).to_numpy(dtype=float)
