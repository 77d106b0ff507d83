"""Time across, one lane a row: from a date on, steps of places."""

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


def decimal_years(dates: pd.Series) -> np.ndarray:
    """Timestamps as years with decimals; missing is NaN."""
    dates = pd.to_datetime(dates)  # those of an empty table are of any type
    day = (dates.dt.day_of_year - 1) / (365 + dates.dt.is_leap_year)
    return (dates.dt.year + day).to_numpy(dtype=float)
