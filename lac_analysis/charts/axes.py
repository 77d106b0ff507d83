"""Small parts that the charts share: number formats, axes, intervals with arrows, labels kept
apart."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from scipy.optimize import isotonic_regression

from lac_analysis.charts import theme
from lac_analysis.errors import InputError

_MOST_ROWS = 80  # of one picture
MOST_PANELS = 40
_LONGEST = 60  # letters of a label
# a bound further than this factor from every estimate is an arrow, or it would flatten the rest
_REACH = 30.0


def need(table: pd.DataFrame, *columns: str | None) -> None:
    """`refuse_without`, and NothingToDraw if there are no rows."""
    refuse_without(table, *columns)
    if table.empty:
        lacking = "rows" if len(table.columns) else "columns to draw"
        raise theme.NothingToDraw(f"nothing to draw: the table has no {lacking}")


def refuse_without(table: pd.DataFrame, *columns: str | None) -> None:
    """InputError unless the table has those columns; None is skipped."""
    for column in columns:
        if column is not None and column not in table:
            expected = ", ".join(map(str, table.columns))
            raise InputError("no such column", column=column, expected=expected)


def first(rows, words: dict, most: int = _MOST_ROWS):
    """The first rows (or panels) of a list or table, as many as a page holds; the caption among the
    page's words counts the others."""
    left = len(rows) - most
    if left > 0:
        words["caption"] += f" {left:,} further rows are not drawn."
    return rows[:most]


def floats(table: pd.DataFrame, *columns: str | None) -> list[np.ndarray]:
    """Columns as arrays of floats; missing is NaN, also a column that is None."""
    missing = np.full(len(table), np.nan)
    return [
        missing if column is None else table[column].to_numpy(dtype=float, na_value=np.nan)
        for column in columns
    ]


def refuse_outside(values, most: float, kind: str) -> None:
    """InputError for a number below 0 or above `most`, or a missing one, as no `kind` is."""
    values = np.ravel(np.asarray(values, dtype=float))
    if (wrong := values[~((values >= 0) & (values <= most))]).size:
        raise InputError("a number that cannot be drawn", value=wrong[0], expected=kind)


def flags(values, kind: str) -> np.ndarray:
    """Booleans as an array. InputError for anything else, a missing one too; `kind`: what is so."""
    values = np.asarray(values)
    if wrong := [value for value in values.ravel() if not isinstance(value, bool | np.bool_)]:
        raise InputError(f"{kind}: no boolean", value=wrong[0], expected="True or False")
    return values.astype(bool)


def names(table: pd.DataFrame, column: str, once: str | None = None) -> list[str]:
    """Distinct group names in order of appearance. InputError if one is missing, or has two rows of
    one value of `once`."""
    if once is not None and (again := table.duplicated([column, once])).any():
        value = table.loc[again, once].iloc[0]
        raise InputError("two rows of a group", column=once, value=value, expected="each once")
    if table[column].isna().any():
        raise InputError("a row belongs to no group", column=column, expected="a name in each row")
    return list(table[column].unique())


def number(value: float) -> str:
    """A number as a reader wants it: about three digits, thousands set apart, ∞, – for missing."""
    if np.isnan(value):
        return "–"
    size = abs(value)
    if np.isinf(value):
        text = "∞"
    elif size >= 100 or size == 0:
        text = f"{size:,.0f}"
    elif size >= 10:
        text = f"{size:.1f}"
    else:
        text = f"{size:.2f}" if size >= 0.095 else f"{size:.2g}"
    return f"−{text}" if value < 0 else text


def numbers(values: np.ndarray) -> list[str]:
    """`number` of each, without decimals if all are whole (counts)."""
    finite = values[np.isfinite(values)]
    if (finite == np.round(finite)).all():
        return [f"{v:,.0f}".replace("-", "−") if np.isfinite(v) else number(v) for v in values]
    return [number(value) for value in values]


def short(text: object, longest: int = _LONGEST) -> str:
    """A label on one line, cut with an ellipsis where it is too long."""
    text = " ".join(str(text).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def fill(text: object, width: int) -> str:
    """A label on at most about two lines."""
    return textwrap.fill(short(text, 2 * width), width)


def usable(values, *, log: bool) -> np.ndarray:
    """The values that an axis can hold: finite, and positive on a log axis."""
    values = np.asarray(values, dtype=float)
    return values[np.isfinite(values) & ((values > 0) | (not log))]


def limits(estimate, low, high, anchors=(), *, log: bool) -> tuple[float, float]:
    """Limits that hold every finite estimate and anchor, and the bounds (on a log axis, those not
    absurdly far)."""
    core = usable(np.append(estimate, anchors), log=log)
    bounds = usable(np.append(low, high), log=log)
    core = core if core.size else bounds
    if not core.size:
        return (0.5, 2.0) if log else (0.0, 1.0)
    if log:
        bounds = bounds[(bounds > core.min() / _REACH) & (bounds < core.max() * _REACH)]
    every = np.append(core, bounds)
    start, end = every.min(), every.max()
    if log:
        margin = max((end / start) ** 0.04, 1.02)
        return (start / margin, end * margin) if end > start else (start / 2, end * 2)
    margin = 0.04 * (end - start) or max(abs(start), 1.0)
    return start - margin, end + margin


def scale(axis, span: tuple[float, float], *, log: bool) -> None:
    """Set the limits of an x or y axis, with few round ticks, in plain numbers; on a log axis that
    spans less than a factor of four, in even steps.
    """
    name = axis.axis_name
    if log:
        axis.axes.set(**{f"{name}scale": "log"})
        factor = span[1] / span[0]
        steps = (1, 2, 5) if factor < 50 else (1, 3) if factor < 2000 else (1,)
        even = MaxNLocator(6, steps=[1, 2, 5, 10])
        axis.set_major_locator(even if factor < 4 else LogLocator(subs=steps, numticks=9))
        axis.set_minor_locator(NullLocator())
    axis.axes.set(**{f"{name}lim": span})
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))
    axis.grid(True)


def grid(page: Figure, panels: int, columns: int, *, share: bool = False) -> list[Axes]:
    """Axes for a number of panels, row by row; the places left over are empty."""
    if not panels:
        raise theme.NothingToDraw("nothing to draw: no panels")
    columns = min(columns, panels)
    lines = -(-panels // columns)
    axes = page.subplots(lines, columns, squeeze=False, sharex=share, sharey=share).ravel()
    for spare in axes[panels:]:
        spare.remove()
    return list(axes[:panels])


def row_axes(page: Figure, labels: list[str], span, *, log=False, axis="", **looks) -> Axes:
    """Axes with a scale over `span`, named `axis`, and one row a label, as `rows` draws it."""
    axes = page.subplots()
    scale(axes.xaxis, span, log=log)
    rows(axes, labels, **looks)
    axes.set_xlabel(axis)
    return axes


def rows(axes: Axes, labels: list[str], *, bold=(), color=None, size: float = 9) -> None:
    """One row a label on the y axis, the first on top; those in `bold` in `color`."""
    axes.set_yticks(range(len(labels)), labels, size=size)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    for row in bold:
        axes.get_yticklabels()[row].set(weight="bold", color=color or theme.INK)


def intervals(axes: Axes, at, low, high, span, colors, *, width=1.8) -> None:
    """Intervals as bars in rows `at`; a bound outside `span` ends in an arrow at the edge."""
    bars = {"colors": colors, "linewidth": width, "zorder": 2}
    axes.hlines(at, np.clip(low, *span), np.clip(high, *span), **bars)
    look = {"markersize": 5, "clip_on": False, "mew": 0, "zorder": 3}
    for beyond, edge, arrow in ((low < span[0], span[0], "<"), (high > span[1], span[1], ">")):
        for i in np.flatnonzero(beyond):
            axes.plot(edge, at[i], arrow, color=colors[i], **look)


def reference(axes: Axes, value: float, label: str, *, after=True, dashed=False) -> None:
    """Vertical line across the axes, named above it, on its right (`after`) or left."""
    line = theme.DASHED if dashed else "-"
    axes.axvline(value, color=theme.MUTED, linewidth=1, linestyle=line, zorder=1)
    place = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points"}
    text = axes.annotate(label, (value, 1), xytext=(3 if after else -3, 3), **place)
    text.set(ha="left" if after else "right", va="bottom", size=8, color=theme.MUTED)


def right_column(axes: Axes, texts: list[str], colors) -> None:
    """A text right of the axes for each row of `rows`; empty ones are skipped."""
    place = {"transform": axes.get_yaxis_transform(), "va": "center_baseline", "size": 8.5}
    for row, text in enumerate(texts):
        if text:
            axes.text(1.02, row, text, color=colors[row], **place)


def apart(positions, gap: float) -> np.ndarray:
    """Positions moved as little as needed (least squares) so that neighbours are at least `gap`
    apart; the order is kept. Isotonic regression of the positions less their share of the gaps."""
    positions = np.asarray(positions, dtype=float)
    order = np.argsort(positions, kind="stable")
    shares = gap * np.arange(positions.size)
    moved = np.empty_like(positions)
    if positions.size:
        moved[order] = isotonic_regression(positions[order] - shares).x + shares
    return moved


def end_labels(axes: Axes, points: dict[str, tuple[float, float]], colors: dict, height: float):
    """Name each line right of the axes at the height of its last point, kept apart; a thin line
    ties name and point. `height` of the axes in inches."""
    bottom, top = axes.get_ylim()
    placed = apart([y for _, y in points.values()], (top - bottom) * 0.17 / height)
    right = axes.set_xlim(axes.get_xlim())[1]  # the lines to the names must not widen the axis
    tie = {"linewidth": 0.7, "linestyle": ":", "clip_on": False, "zorder": 2}
    place = {"xytext": (3, 0), "textcoords": "offset points", "annotation_clip": False}
    for (name, (x, y)), at in zip(points.items(), placed, strict=True):
        axes.plot([x, right], [y, at], color=colors[name], **tie)
        text = axes.annotate(short(name, 30), (right, at), va="center_baseline", **place)
        text.set(color=theme.readable(colors[name]), size=9, weight="bold")
