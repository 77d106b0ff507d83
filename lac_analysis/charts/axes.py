"""Small parts that the charts share: number formats, axes, intervals with arrows, labels kept
apart.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import blended_transform_factory

from lac_analysis.charts import renderers, theme
from lac_analysis.errors import InputError

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
    """InputError unless the table has rows and those columns (None is skipped)."""
    for column in columns:
        if column is not None and column not in table:
            raise InputError(
                "no such column", column=column, expected=", ".join(map(str, table.columns))
            )
    if table.empty:
        raise InputError("nothing to draw: the table has no rows")


def floats(table: pd.DataFrame, column: str) -> np.ndarray:
    """Column as an array of floats; missing is NaN. InputError if it holds text."""
    try:
        return table[column].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError("not numbers", column=column, expected="numbers, or missing") from error


def names(table: pd.DataFrame, column: str) -> list[str]:
    """Distinct values of a column of group names, in order of appearance. InputError if one is
    missing.
    """
    if table[column].isna().any():
        raise InputError("a row belongs to no group", column=column, expected="a name in each row")
    return list(table[column].unique())


def number(value: float) -> str:
    """A number as a reader wants it: about three digits, thousands set apart, ∞ for infinity, – for
    missing.
    """
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
    whole = bool((finite == np.round(finite)).all())
    return [
        f"{v:,.0f}".replace("-", "−") if whole and np.isfinite(v) else number(v) for v in values
    ]


def limits(estimate, low, high, anchors=(), *, log: bool) -> tuple[float, float]:
    """Limits that hold every finite estimate and anchor, and the bounds (on a log axis, those not
    absurdly far).
    """
    usable = (lambda v: v[np.isfinite(v) & (v > 0)]) if log else (lambda v: v[np.isfinite(v)])
    core = usable(np.concatenate([np.ravel(estimate), np.ravel(anchors)]).astype(float))
    bounds = usable(np.concatenate([np.ravel(low), np.ravel(high)]).astype(float))
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


def scale(axis, span: tuple[float, float], *, log: bool) -> None:
    """Set the limits of an x or y axis, with few round ticks, in plain numbers."""
    axes, name = axis.axes, axis.axis_name
    if log:
        getattr(axes, f"set_{name}scale")("log")
        axis.set_major_locator(FixedLocator(_log_ticks(*span)))
        axis.set_minor_locator(NullLocator())
    getattr(axes, f"set_{name}lim")(*span)
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))
    axis.grid(True)


def year_axis(axes: Axes, start: float, end: float) -> None:
    """Whole years on the x axis, at most nine of them named."""
    step = next((s for s in (1, 2, 5, 10, 20) if (end - start) / s <= 8), 50)
    first = int(np.ceil(start / step) * step)
    axes.xaxis.set_major_locator(FixedLocator(np.arange(first, end + 1e-9, step)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def rows(axes: Axes, labels: list[str], *, bold=(), pad: float = 6, size: float = 9) -> list[Text]:
    """One row a label, the first on top. Returns the labels: plain texts, half the work of ticks
    nobody sees.
    """
    axes.set_yticks([])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    place, va, ha = axes.get_yaxis_text1_transform(pad)
    texts = [
        axes.text(0, row, text, transform=place, va=va, ha=ha, size=size)
        for row, text in enumerate(labels)
    ]
    for row in bold:
        texts[row].set_weight("bold")
    _widest_counts(texts)
    return texts


def intervals(
    axes: Axes, at, low, high, span, colors, *, vertical: bool = False, width: float = 1.8
) -> None:
    """Intervals as bars at positions `at`; a bound outside `span` (or infinite) ends in an arrow at
    the edge.
    """
    draw = axes.vlines if vertical else axes.hlines
    start, end = np.clip(low, *span), np.clip(high, *span)
    draw(at, start, end, colors=colors, linewidth=width, zorder=2, capstyle="butt")
    arrows = "v^" if vertical else "<>"
    for outside, edge, arrow in (
        (low < span[0], span[0], arrows[0]),
        (high > span[1], span[1], arrows[1]),
    ):
        for i in np.flatnonzero(outside):
            point = (at[i], edge) if vertical else (edge, at[i])
            axes.plot(
                *point,
                arrow,
                color=colors[i],
                markersize=5,
                clip_on=False,
                zorder=3,
                markeredgewidth=0,
            )


def bars(axes: Axes, x, y, width, height, color) -> None:
    """Rectangles from their lower left corners, as one artist; the axes' limits stay as they are."""
    x, y, width, height = np.broadcast_arrays(x, y, width, height)
    corners = np.stack([x, y, x + width, y, x + width, y + height, x, y + height], axis=-1).reshape(
        -1, 4, 2
    )
    axes.add_collection(PolyCollection(corners, facecolor=color, edgecolor="none"), autolim=False)


def reference(
    axes: Axes, value: float, label: str, *, after: bool = True, dashed: bool = False
) -> None:
    """Vertical line across the axes, named above it, on its right (`after`) or left."""
    axes.axvline(
        value, color=theme.MUTED, linewidth=1, linestyle=(0, (4, 2)) if dashed else "-", zorder=1
    )
    above = blended_transform_factory(axes.transData, axes.transAxes)
    text = axes.annotate(
        label,
        (value, 1),
        xycoords=above,
        xytext=(3 if after else -3, 3),
        textcoords="offset points",
    )
    text.set(ha="left" if after else "right", va="bottom", size=8, color=theme.MUTED)


def right_column(axes: Axes, texts: list[str], colors) -> None:
    """A text right of the axes for each row of `rows`; empty ones are skipped."""
    place = {"transform": axes.get_yaxis_transform(), "va": "center_baseline", "size": 8.5}
    drawn = [
        axes.text(1.02, row, text, color=colors[row], **place)
        for row, text in enumerate(texts)
        if text
    ]
    _widest_counts(drawn)


def _widest_counts(column: list[Text]) -> None:
    """The layout measures the widest text of a column only: none but this can need more room."""

    def width(text: Text) -> float:
        font = text.get_fontproperties().copy()  # theirs may change
        return max(renderers.size(line, font)[0] for line in text.get_text().split("\n"))

    widest = max(column, key=width, default=None)
    for text in column:
        text.set_in_layout(text is widest)


def apart(positions, gap: float) -> np.ndarray:
    """Positions moved as little as needed so that neighbours are at least `gap` apart; the order is
    kept.

    Least squares under order: pool adjacent violators on positions less their share of the gaps.
    """
    positions = np.asarray(positions, dtype=float)
    order = np.argsort(positions, kind="stable")
    blocks: list[list[float]] = []  # sum, count
    for value in positions[order] - gap * np.arange(positions.size):
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + count]
    level = (
        np.concatenate([[total / count] * int(count) for total, count in blocks])
        if blocks
        else np.empty(0)
    )
    moved = np.empty_like(positions)
    moved[order] = level + gap * np.arange(positions.size)
    return moved


def end_labels(
    axes: Axes, points: dict[str, tuple[float, float]], colors: dict[str, str], height: float
) -> None:
    """Name each line right of the axes at the height of its last point, kept apart; a thin line
    ties name and point.

    `height` of the axes in inches.
    """
    bottom, top = axes.get_ylim()
    placed = apart([y for _, y in points.values()], (top - bottom) * 0.17 / height)
    right = axes.set_xlim(axes.get_xlim())[1]  # the lines to the names must not widen the axis
    for (name, (x, y)), at in zip(points.items(), placed, strict=True):
        axes.plot(
            [x, right],
            [y, at],
            color=colors[name],
            linewidth=0.7,
            linestyle=":",
            clip_on=False,
            zorder=2,
        )
        text = axes.annotate(
            name, (right, at), xytext=(3, 0), textcoords="offset points", annotation_clip=False
        )
        text.set(va="center_baseline", color=theme.readable(colors[name]), size=9, weight="bold")


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
