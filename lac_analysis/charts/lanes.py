"""Time across, one lane a row: spells of states, acts of many kinds, steps of places."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

_UNDATED = 3.2  # years of width of the column for what has no date
_SHORT = 0.3  # years: a span of dates beyond it is a line


@theme.chart
def timeline(
    df: pd.DataFrame, start: str, end: str, row: str, state: str, *,
    title: str, subtitle: str, caption: str,
    window: tuple[int, int], highlight: str, events: pd.DataFrame | None = None,
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
    state. Raises InputError for what is no date.
    """
    parts.need(df, start, end, row, state)
    first, last = window[0], window[1] + 1
    spells = pd.DataFrame({
        "row": df[row].astype(str), "state": df[state].astype(str),
        "start": np.fmax(decimal_years(df[start]), first),
        "end": np.fmin(decimal_years(df[end]), last),
    })  # fmt: skip
    spells = spells[spells["start"] < spells["end"]]
    if spells.empty:
        raise theme.NothingToDraw("nothing to draw: no spell meets the window")
    spells = spells.sort_values(["row", "start"], kind="stable", ignore_index=True)
    same = spells["row"].eq(spells["row"].shift())
    switches = spells[same & spells["state"].ne(spells["state"].shift())]
    order = _row_order(spells, switches, highlight)[: parts.MOST_ROWS]
    place = {name: i for i, name in enumerate(order)}

    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 0.23 * len(order) + 0.6))
    ax = page.subplots()
    parts.rows(ax, [parts.short(name) for name in order])
    drawn = spells[spells["row"].isin(place)]
    color = np.where(drawn["state"] == highlight, theme.HIGHLIGHT, theme.FAINT)
    bars = {"left": drawn["start"], "height": 0.62, "color": color, "linewidth": 0, "zorder": 1}
    ax.barh(drawn["row"].map(place), drawn["end"] - drawn["start"], **bars)
    look = {"color": theme.INK, "linestyle": "none", "zorder": 4}
    ax.plot(switches["start"], switches["row"].map(place), "D", markersize=4.5, **look)
    if events is not None and len(events):
        parts.need(events, row, start)
        shown = events[events[row].isin(place)]
        dots = (decimal_years(shown[start]), shown[row].map(place))
        ax.plot(*dots, "o", markersize=2.6, alpha=0.7, markeredgewidth=0, **look)
    latest = drawn.drop_duplicates("row", keep="last").set_index("row")["state"]
    tint = [theme.HIGHLIGHT if latest[name] == highlight else theme.MUTED for name in order]
    parts.right_column(ax, _row_words(drawn, switches, order), tint)
    parts.year_axis(ax, first, last - 1)
    ax.set_xlim(first, last)
    ax.grid(True, axis="x")
    return page


@theme.chart
def ladders(
    df: pd.DataFrame, steps: tuple[str, ...], window: tuple[int, int], *,
    title: str, subtitle: str, caption: str,
    highlight: tuple[str, ...] = (), columns: int = 3, through_firsts: bool = True,
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
    places = parts.names(df, "place")[: parts.MOST_ROWS]
    columns = min(columns, len(places))
    height = (0.72 + 0.22 * len(steps)) * -(-len(places) // columns) + 0.2
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, height))
    page.get_layout_engine().set(hspace=0.06, wspace=0.03)
    ends = "end" if "end" in df else "date"
    acts = pd.DataFrame({
        "lane": df["step"].map(list(steps).index), "start": decimal_years(df["date"]),
        "end": decimal_years(df[ends]),
    })  # fmt: skip
    for ax, place in zip(parts.grid(page, len(places), columns, share=True), places, strict=True):
        part = acts[df["place"] == place]
        blue = theme.HIGHLIGHT if place in highlight else theme.TIERS["state"]
        colors = [theme.HIGHLIGHT if step in highlight else blue for step in steps]
        _acts(ax, part, colors, window[0])
        firsts = part.dropna().groupby("lane")["start"].min().sort_values(kind="stable")
        if through_firsts and len(firsts) > 1:
            line = {"color": blue, "linewidth": 1.1, "alpha": 0.55, "zorder": 2}
            ax.step(firsts, firsts.index, where="post", **line)
        ax.set_title(parts.short(place, 110 // columns), size=9, color=blue, pad=15)
        note = parts.short(df.loc[df["place"] == place, "note"].iloc[0], 132 // columns)
        beside = {"xycoords": "axes fraction", "textcoords": "offset points", "size": 7.5}
        ax.annotate(note, (0, 1), (0, 4), color=theme.MUTED, in_layout=False, **beside)
        ax.set_yticks(range(len(steps)), steps, size=8)
        ax.set_ylim(-0.5, len(steps) - 0.5)
        _ladder_years(ax, window)
        ax.grid(True, axis="y")
    return page


@theme.chart
def calendar(
    counts: pd.DataFrame, undated: dict[str, int], events: pd.DataFrame, switches: pd.DataFrame, *,
    title: str, subtitle: str, caption: str, mark: tuple[float, str] | None = None,
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
    kinds, lanes = parts.names(counts, "kind")[: parts.MOST_ROWS], list(events["lane"].unique())
    first, last = counts["year"].min(), counts["year"].max() + 1
    depth = _label_rows(switches, first, last)
    heights = [0.27 * (len(lanes) + 1 + max(depth, default=0)) + 0.1, *[0.52] * len(kinds)]
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, sum(heights) + 0.3))
    page.get_layout_engine().set(hspace=0, h_pad=0.01)
    grid = page.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _event_lanes(grid[0], lanes, events, switches, depth)
    top = max(counts["n"].max(), 1)
    for ax, kind in zip(grid[1:], kinds, strict=True):
        color = theme.HIGHLIGHT if kind == kinds[0] else theme.CONTEXT
        _year_bars(ax, counts[counts["kind"] == kind], undated.get(kind, 0), top, color)
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


def decimal_years(dates: pd.Series) -> np.ndarray:
    """Dates (timestamps, ISO dates or years) as years with decimals; blank or missing is NaN. A
    bare year or month counts from its first day. Raises InputError for what is no date."""
    text = dates.astype("object").where(dates.notna(), "").astype(str).str.strip()
    text = text.str.removesuffix(".0")
    parsed = pd.to_datetime(text.where(text != ""), format="ISO8601", errors="coerce")
    wrong = text[(text != "") & parsed.isna()]
    if len(wrong):
        expected = "YYYY, YYYY-MM or YYYY-MM-DD"
        raise InputError("not a date", column=dates.name, value=wrong.iloc[0], expected=expected)
    day = (parsed.dt.day_of_year - 1) / (365 + parsed.dt.is_leap_year)
    return (parsed.dt.year + day).to_numpy(dtype=float)


def _row_words(spells: pd.DataFrame, switches: pd.DataFrame, order: list[str]) -> list[str]:
    """What the row switched to and when; for the rows that never switch, the first of each state is
    named."""
    words, named = [], set()
    for name in order:
        changes = switches[switches["row"] == name]
        said = zip(changes["state"], changes["start"], strict=True)
        text = "; ".join(f"{state} from {int(when)}" for state, when in said)
        state = spells.loc[spells["row"] == name, "state"].iloc[0]
        if not text and state not in named:
            named.add(state)
            text = f"{state} throughout"
        words.append(parts.short(text))
    return words


def _row_order(spells: pd.DataFrame, switches: pd.DataFrame, highlight: str) -> list[str]:
    changed = list(dict.fromkeys(switches.sort_values(["start", "row"])["row"]))
    rest = spells.loc[~spells["row"].isin(changed), ["row", "state"]].drop_duplicates("row")
    rest = rest.assign(other=rest["state"] != highlight).sort_values(["other", "row"])
    return changed + rest["row"].tolist()


def _acts(ax: Axes, acts: pd.DataFrame, colors: list[str], first: int) -> None:
    """Dots, lines where the date is known less well, and numbers of what has no date at all."""
    ax.axvspan(first - _UNDATED, first - 0.4, color=theme.GRID, zorder=0, linewidth=0)
    for lane, part in acts.groupby("lane"):
        dated = part.dropna()
        exact = dated[dated["end"] - dated["start"] <= _SHORT]
        vague = dated.drop(exact.index)
        ax.hlines([lane] * len(vague), vague["start"], vague["end"], color=colors[lane])
        look = {"color": colors[lane], "edgecolor": theme.PAPER, "linewidth": 0.5}
        ax.scatter((exact["start"] + exact["end"]) / 2, [lane] * len(exact), s=26, zorder=3, **look)
        if len(part) > len(dated):
            place = {"ha": "center", "va": "center_baseline", "size": 8, "color": colors[lane]}
            ax.text(first - 0.2 - _UNDATED / 2, lane, str(len(part) - len(dated)), **place)


def _ladder_years(ax: Axes, window: tuple[int, int]) -> None:
    first, last = window[0], window[1] + 1
    ax.set_xlim(first - _UNDATED, last + 0.6)
    ax.tick_params(axis="x", labelbottom=True, labelsize=7.5, length=2)
    years = [year for year in range(first + 4, last + 1) if year % 10 == 5] or [last - 1]
    ax.set_xticks([first - 0.2 - _UNDATED / 2, *years], ["n.d.", *map(str, years)])


def _year_bars(ax: Axes, row: pd.DataFrame, undated: int, top: float, color: str) -> None:
    years, values = row["year"].to_numpy(float), row["n"].to_numpy(float)
    ax.bar(years + 0.5, values, width=0.86, color=color, linewidth=0)
    peak = int(np.argmax(values))
    if values[peak] > 0:
        above = (years[peak] + 0.5, values[peak] + 0.02 * top)
        ax.text(*above, f"{values[peak]:.0f}", ha="center", size=7.5)
    ax.set(ylim=(0, top * 1.22), yticks=[])
    name = parts.short(row["kind"].iloc[0], 30)
    ax.set_ylabel(name, rotation=0, ha="right", va="center", color=theme.INK, size=9)
    total = f"{values.sum():,.0f}" + (f" + {undated} undated" if undated else "")
    ax.text(1.01, 0.35, total, transform=ax.transAxes, size=8, color=theme.MUTED, va="center")
    ax.tick_params(axis="x", length=0)


def _event_lanes(ax: Axes, lanes: list[str], events, switches, depth: list[int]) -> None:
    rows = max(depth, default=0) + 1
    when = decimal_years(switches["date"])
    for at, x, row in zip(depth, when, switches.itertuples(), strict=True):
        color = theme.NEGATIVE if row.highlight else theme.POSITIVE
        ax.plot([x, x], [at, rows - 0.4], color=color, linewidth=0.8, alpha=0.6, zorder=1)
        ax.plot(x, at, "D" if row.highlight else "o", color=color, markersize=5, zorder=3)
        place = {"xytext": (5, 0), "textcoords": "offset points", "annotation_clip": False}
        text = ax.annotate(row.name, (x, at), va="center_baseline", size=7.5, **place)
        text.set(color=theme.readable(color), in_layout=False)
    for i, lane in enumerate(lanes):
        at = decimal_years(events.loc[events["lane"] == lane, "date"])
        ax.plot(at, np.full(len(at), rows + i), "|", color=theme.INK, ms=9.5, mew=1.3, zorder=3)
    names = ["switch of recognition", *(parts.short(lane, 30) for lane in lanes)]
    ax.set_yticks([(rows - 1) / 2, *range(rows, rows + len(lanes))], names)
    ax.set_ylim(rows + len(lanes) - 0.4, -0.7)
    ax.tick_params(axis="both", length=0, labelbottom=False, labelsize=8.5)


def _label_rows(switches: pd.DataFrame, first: float, last: float) -> list[int]:
    """A row for each name, the first in which it touches no other."""
    ends, rows = [], []
    per_letter = (last - first) * 0.0125  # years that a letter takes at this size
    for when, name in zip(decimal_years(switches["date"]), switches["name"], strict=True):
        row = next((i for i, used in enumerate(ends) if used < when), len(ends))
        ends[row : row + 1] = [when + (len(name) + 2) * per_letter]
        rows.append(row)
    return rows
