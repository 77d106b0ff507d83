"""Small parts that the charts share: number formats, axes, intervals with arrows, labels kept
apart."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from scipy.optimize import isotonic_regression

from lac_analysis.charts import theme
from lac_analysis.errors import InputError

MOST_ROWS = 80  # of one picture; what comes after is counted, not drawn
_LONGEST = 60  # letters of a label
# a bound further than this factor from every estimate is an arrow, or it would flatten the rest
_REACH = 30.0
_STEPS = (
    (1,),
    (1, 3),
    (1, 2, 5),
    (1, 1.5, 2, 3, 5, 7),
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
)


def need(table: pd.DataFrame, *columns: str | None) -> None:
    """InputError unless the table has those columns (None is skipped), NothingToDraw if no rows."""
    for column in columns:
        if column is not None and column not in table:
            expected = ", ".join(map(str, table.columns))
            raise InputError("no such column", column=column, expected=expected)
    if table.empty:
        raise theme.NothingToDraw("nothing to draw: the table has no rows")


def floats(table: pd.DataFrame, column: str) -> np.ndarray:
    """Column as an array of floats; missing is NaN. InputError if it holds text."""
    try:
        return table[column].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError("not numbers", column=column, expected="numbers, or missing") from error


def names(table: pd.DataFrame, column: str) -> list[str]:
    """Distinct group names in order of appearance. InputError if one is missing."""
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
    elif size >= 100:
        text = f"{size:,.0f}"
    elif size >= 10:
        text = f"{size:.1f}"
    else:
        text = f"{size:.2f}" if size >= 0.095 or size == 0 else f"{size:.2g}"
    return f"−{text}" if value < 0 else text


def numbers(values: np.ndarray) -> list[str]:
    """`number` of each, without decimals if all are whole (counts)."""
    finite = values[np.isfinite(values)]
    if (finite == np.round(finite)).all():
        whole = [f"{value:,.0f}".replace("-", "−") for value in values]
        return [
            text if np.isfinite(v) else number(v) for v, text in zip(values, whole, strict=True)
        ]
    return [number(value) for value in values]


def short(text: object, longest: int = _LONGEST) -> str:
    """A label, cut with an ellipsis where it is too long, on one line."""
    text = " ".join(str(text).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def fill(text: object, width: int) -> str:
    """A label on at most two lines."""
    return textwrap.fill(short(text, 2 * width), width)


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
    every = np.concatenate([core, bounds])
    start, end = every.min(), every.max()
    if log:
        margin = max((end / start) ** 0.04, 1.02)
        return (start / margin, end * margin) if end > start else (start / 2, end * 2)
    margin = 0.04 * (end - start) or max(abs(start), 1.0)
    return start - margin, end + margin


def usable(values: np.ndarray, *, log: bool) -> np.ndarray:
    """The values that an axis can hold: finite, and positive on a log axis."""
    values = np.asarray(values, dtype=float)
    return values[np.isfinite(values) & ((values > 0) | (not log))]


def scale(axis, span: tuple[float, float], *, log: bool) -> None:
    """Set the limits of an x or y axis, with few round ticks, in plain numbers."""
    axes, name = axis.axes, axis.axis_name
    if log:
        axes.set(**{f"{name}scale": "log"})
        axis.set_major_locator(FixedLocator(_log_ticks(*span)))
        axis.set_minor_locator(NullLocator())
    axes.set(**{f"{name}lim": span})
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))
    axis.grid(True)


def year_axis(axes: Axes, start: float, end: float) -> None:
    """Whole years on the x axis, at most nine of them named."""
    step = next((s for s in (1, 2, 5, 10, 20) if (end - start) / s <= 8), 50)
    first = int(np.ceil(start / step) * step)
    axes.set_xticks(np.arange(first, end + 1e-9, step))
    axes.xaxis.set_major_formatter("{x:.0f}")


def grid(page: Figure, panels: int, columns: int, *, share: bool = False) -> list[Axes]:
    """Axes for a number of panels, row by row; the places left over are empty."""
    columns = min(columns, panels)
    lines = -(-panels // columns)
    axes = page.subplots(lines, columns, squeeze=False, sharex=share, sharey=share).ravel()
    for spare in axes[panels:]:
        spare.remove()
    return list(axes[:panels])


def rows(axes: Axes, labels: list[str], *, bold=(), size: float = 9) -> None:
    """One row a label on the y axis, the first on top."""
    axes.set_yticks(range(len(labels)), labels, size=size)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    for row in bold:
        axes.get_yticklabels()[row].set_weight("bold")


def intervals(axes: Axes, at, low, high, span, colors, *, vertical=False, width=1.8) -> None:
    """Intervals as bars at positions `at`; a bound outside `span` ends in an arrow at the edge."""
    draw = axes.vlines if vertical else axes.hlines
    draw(at, np.clip(low, *span), np.clip(high, *span), colors=colors, linewidth=width, zorder=2)
    arrows = "v^" if vertical else "<>"
    outside = ((low < span[0], span[0], arrows[0]), (high > span[1], span[1], arrows[1]))
    for beyond, edge, arrow in outside:
        for i in np.flatnonzero(beyond):
            point = (at[i], edge) if vertical else (edge, at[i])
            axes.plot(*point, arrow, color=colors[i], markersize=5, clip_on=False, mew=0, zorder=3)


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
    """Positions moved as little as needed so that neighbours are at least `gap` apart; the order
    is kept. Least squares under order: isotonic regression of positions less their share of gaps.
    """
    positions = np.asarray(positions, dtype=float)
    if not positions.size:
        return positions
    order = np.argsort(positions, kind="stable")
    shares = gap * np.arange(positions.size)
    moved = np.empty_like(positions)
    moved[order] = isotonic_regression(positions[order] - shares).x + shares
    return moved


def end_labels(axes: Axes, points: dict[str, tuple[float, float]], colors: dict, height: float):
    """Name each line right of the axes at the height of its last point, kept apart; a thin line
    ties name and point. `height` of the axes in inches."""
    bottom, top = axes.get_ylim()
    placed = apart([y for _, y in points.values()], (top - bottom) * 0.17 / height)
    right = axes.set_xlim(axes.get_xlim())[1]  # the lines to the names must not widen the axis
    tie = {"linewidth": 0.7, "linestyle": ":", "clip_on": False, "zorder": 2}
    for (name, (x, y)), at in zip(points.items(), placed, strict=True):
        axes.plot([x, right], [y, at], color=colors[name], **tie)
        place = {"xytext": (3, 0), "textcoords": "offset points", "annotation_clip": False}
        text = axes.annotate(short(name, 30), (right, at), va="center_baseline", **place)
        text.set(color=theme.readable(colors[name]), size=9, weight="bold")


def _log_ticks(start: float, end: float) -> list[float]:
    decades = 10.0 ** np.arange(np.floor(np.log10(start)) - 1, np.ceil(np.log10(end)) + 1)
    best: list[float] = []
    for steps in _STEPS:
        ticks = sorted({float(f"{d * s:.6g}") for d in decades for s in steps})
        ticks = [tick for tick in ticks if start <= tick <= end]
        if len(ticks) > 7 and best:
            break
        best = ticks[:: -(-len(ticks) // 7)] if ticks else best
        if len(best) >= 4:
            break
    return best
