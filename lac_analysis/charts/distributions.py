"""Charts of distributions: randomisation nulls, Lorenz curves, a matrix of counts."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm, to_hex
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

_BINS = 60
_PANEL = 1.75  # inches


@theme.chart
def null_distribution(
    panels: list[tuple[str, np.ndarray, float, float]], *, title: str, subtitle: str, caption: str,
    log: bool = True, axis: str = "",
) -> Figure:  # fmt: skip
    """Small multiples of randomisation distributions, each with the observed value and its p.

    Parameters
    ----------
    panels : name, null values (any number), observed value, p. All panels share the x axis.
    log : ratios on a log axis; zeros and infinities are counted at its edges and said.
    """
    if not panels:
        raise InputError("nothing to draw: no panels")
    nulls = [np.asarray(null, dtype=float) for _, null, _, _ in panels]
    observed = np.array([value for _, _, value, _ in panels], dtype=float)
    columns = min(2, len(panels))
    grid_rows = -(-len(panels) // columns)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, _PANEL * grid_rows + 0.4))
    grid = page.subplots(grid_rows, columns, squeeze=False).ravel()
    edges = [
        np.quantile(v, [0.0005, 0.9995], method="nearest")
        for v in map(_usable(log), nulls)
        if v.size
    ]
    span = parts.limits(np.ravel(edges), [], [], observed, log=log)
    page.get_layout_engine().set(hspace=0.08)
    for ax, (name, _, value, p), null in zip(grid, panels, nulls, strict=False):
        _histogram(ax, null, span, log)
        _observed(ax, value, p, span, log)
        parts.scale(ax.xaxis, span, log=log)
        ax.grid(False)
        ax.set_yticks([])
        ax.set_title(name, loc="left", size=9.5, weight="bold", color=theme.INK)
    for ax in grid[len(panels) :]:
        ax.remove()
    for ax in grid[max(0, len(panels) - columns) : len(panels)]:
        ax.set_xlabel(axis)
    return page


@theme.chart
def lorenz(
    df: pd.DataFrame, x: str, y: str, group: str, *, title: str, subtitle: str, caption: str
) -> Figure:
    """Lorenz curves: cumulative share `y` over cumulative share `x`, both from 0 to 1, one curve a
    group.
    """
    parts.need(df, x, y, group)
    names = parts.names(df, group)
    tint = theme.colors(names)
    page = theme.figure(title, subtitle, caption, size=(5.6, 4.9))
    ax = page.subplots()
    ax.plot([0, 1], [0, 1], color=theme.MUTED, linewidth=1, linestyle=(0, (4, 2)))
    ax.text(
        0.22,
        0.24,
        "equal shares",
        rotation=45,
        rotation_mode="anchor",
        ha="center",
        size=8.5,
        color=theme.MUTED,
    )
    curves = {}
    for name in names:
        curve = df[df[group] == name].sort_values([x, y])
        across, up = parts.floats(curve, x), parts.floats(curve, y)
        ax.plot(across, up, color=tint[name], linewidth=2.2, zorder=3)
        curves[name] = (across, up)
    for axis in (ax.xaxis, ax.yaxis):
        parts.scale(axis, (0, 1), log=False)
        axis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.set_aspect("equal")
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    _name_curves(ax, curves, tint)
    return page


@theme.chart
def heatmap(matrix: pd.DataFrame, *, title: str, subtitle: str, caption: str) -> Figure:
    """Matrix of counts (index: rows, columns: columns), each number printed in its cell; zero is a
    blank cell.

    A missing number is a small dash. The shade follows the square root, so that small counts show.
    """
    if matrix.empty:
        raise InputError("nothing to draw: the matrix is empty")
    values = matrix.to_numpy(dtype=float, na_value=np.nan)
    height, width = values.shape
    page = theme.figure(
        title, subtitle, caption, size=(max(5.0, 0.31 * width + 2.2), 0.23 * height + 0.6)
    )
    ax = page.subplots()
    shades = LinearSegmentedColormap.from_list(
        "counts", ["#f6f3ef", "#f0a673", theme.HIGHLIGHT, "#5c2206"]
    )
    norm = PowerNorm(0.5, vmin=0, vmax=max(1.0, np.nanmax(values, initial=0)))
    edges = np.arange(width + 1) - 0.5, np.arange(height + 1) - 0.5
    ax.pcolormesh(*edges, values, cmap=shades, norm=norm, edgecolors=theme.PAPER, linewidth=1)
    texts = parts.numbers(values.ravel())
    for i, (value, text) in enumerate(zip(values.ravel(), texts, strict=True)):
        if value != 0:
            shade = theme.PAPER if np.isnan(value) else to_hex(shades(norm(value)))
            ink = (
                theme.INK
                if theme.contrast(theme.INK, shade) > theme.contrast(theme.PAPER, shade)
                else theme.PAPER
            )
            cell = ax.text(i % width, i // width, text, size=7.5, color=ink)
            cell.set(ha="center", va="center", in_layout=False)
    parts.rows(ax, list(matrix.index.astype(str)), pad=3.5, size=8)
    names = matrix.columns.astype(str)
    place, va, ha = ax.get_xaxis_text2_transform(3.5)
    for column, name in enumerate(names):
        turn = 0 if names.str.len().max() <= 3 else 90
        ax.text(column, 1, name, transform=place, va=va, ha=ha, size=8, rotation=turn)
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    return page


def _usable(log: bool):
    return lambda values: values[np.isfinite(values) & (values > 0 if log else True)]


def _histogram(ax: Axes, null: np.ndarray, span: tuple[float, float], log: bool) -> None:
    inside = _usable(log)(null)
    bins = np.geomspace(*span, _BINS + 1) if log else np.linspace(*span, _BINS + 1)
    counts, _ = np.histogram(inside, bins)
    ax.stairs(counts, bins, fill=True, color=theme.CONTEXT)
    ax.set_ylim(0, max(counts.max(), 1) * 1.5)
    for outside, place, side in ((null < span[0], 0.0, "left"), (null > span[1], 1.0, "right")):
        share = outside.mean() if null.size else 0
        if share >= 0.001:
            words = f"← {share:.1%} lower" if side == "left" else f"{share:.1%} higher →"
            text = ax.text(place, 0.04, words, transform=ax.transAxes, ha=side, size=7.5)
            text.set(
                color=theme.MUTED,
                bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.8},
            )


def _observed(ax: Axes, value: float, p: float, span: tuple[float, float], log: bool) -> None:
    words = "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
    at = np.clip(value, *span)
    middle = np.sqrt(span[0] * span[1]) if log else sum(span) / 2
    ax.axvline(at, ymax=0.94, color=theme.HIGHLIGHT, linewidth=2)
    text = ax.annotate(
        f"observed {parts.number(value)}\n{words}", (at, 0.95), xycoords=("data", "axes fraction")
    )
    text.set(
        ha="left" if at < middle else "right",
        va="top",
        size=8.5,
        weight="bold",
        color=theme.HIGHLIGHT,
    )
    text.set(position=(5 if at < middle else -5, 0), anncoords="offset points")


def _name_curves(
    ax: Axes, curves: dict[str, tuple[np.ndarray, np.ndarray]], tint: dict[str, str]
) -> None:
    """Names in the empty half, the most equal curve on top, each tied to its curve by a thin line."""
    equal_first = sorted(curves, key=lambda name: -np.interp(0.5, *curves[name]))
    for i, name in enumerate(equal_first):
        height = 0.72 - 0.08 * i
        across, up = curves[name]
        x = np.interp(height, up, across)
        ax.plot(
            [height - 0.06, x],
            [height, height],
            color=tint[name],
            linewidth=0.8,
            linestyle=":",
            zorder=2,
        )
        ax.plot(x, height, "o", color=tint[name], markersize=4, zorder=4)
        text = ax.text(
            height - 0.07, height, name, size=9, weight="bold", color=theme.readable(tint[name])
        )
        text.set(ha="right", va="center_baseline")
