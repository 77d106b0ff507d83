"""Charts of many values: null distributions, p-values, an estimate without each group, counts."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

_BINS = 60
_MOST_CELLS = 2_500  # of a matrix: each is a text, drawn in milliseconds
_P = "p-values from 0 to 1"
_FROM_LIGHT = ["#f6f3ef", "#f0a673", theme.HIGHLIGHT, "#5c2206"]
_SHADES = LinearSegmentedColormap.from_list("counts", _FROM_LIGHT)


@theme.chart
def null_distribution(
    panels: list[tuple[str, np.ndarray, float, float]], *, log: bool = True, axis: str = "", **words
) -> Figure:
    """Small multiples of randomisation distributions, each with the observed value and its p.

    panels : name, null values (any number), observed value, p. All panels share the x axis.
    log : ratios on a log axis; zeros and infinities are counted at its edges and said.
    """
    panels = parts.first(panels, words, parts.MOST_PANELS)
    nulls = [np.asarray(null, dtype=float) for _, null, _, _ in panels]
    observed = [value for _, _, value, _ in panels]
    parts.refuse_outside([p for *_, p in panels if not np.isnan(p)], 1, _P)
    usable = [parts.usable(null, log=log) for null in nulls]
    edges = [np.quantile(v, [0.0005, 0.9995], method="nearest") for v in usable if v.size]
    span = parts.limits(np.ravel(edges), [], [], observed, log=log)
    page = theme.figure(1.75 * -(-len(panels) // 2) + 0.4, **words)
    page.get_layout_engine().set(hspace=0.08)
    grid = parts.grid(page, len(panels), columns=2)
    for ax, (name, _, value, p), null, inside in zip(grid, panels, nulls, usable, strict=True):
        parts.scale(ax.xaxis, span, log=log)
        ax.grid(False)
        bins = {"bins": _BINS, "binrange": np.log10(span) if log else span}
        look = {"element": "step", "linewidth": 0, "alpha": 1, "color": theme.CONTEXT}
        sns.histplot(x=inside, ax=ax, **bins, **look)
        ax.set(ylim=(0, ax.get_ylim()[1] * 1.4), yticks=[], ylabel="")
        _say_outside(ax, null, span)
        _observed(ax, value, p, span, log)
        ax.set_title(parts.short(name))
    for ax in grid[-2:]:
        ax.set_xlabel(axis)
    return page


@theme.chart
def uniform(panels: list[tuple[str, np.ndarray, str]], **words) -> Figure:
    """Share of p-values at or below each value, uniform on the dashed line, a panel each: name,
    p-values, remark."""
    panels = parts.first(panels, words, parts.MOST_PANELS)
    for _, values, _ in panels:
        known = np.asarray(values, dtype=float)
        parts.refuse_outside(known[~np.isnan(known)], 1, _P)
    page = theme.figure(2.3 * -(-len(panels) // 2) + 0.4, **words)
    for ax, (name, p, remark) in zip(parts.grid(page, len(panels), 2), panels, strict=True):
        ax.plot([0, 1], [0, 1], color=theme.MUTED, linewidth=1, linestyle=theme.DASHED)
        sns.ecdfplot(x=np.asarray(p, dtype=float), color=theme.HIGHLIGHT, linewidth=1.6, ax=ax)
        ax.axvline(0.05, color=theme.MUTED, linewidth=0.8)
        ax.set_title(parts.short(name))
        ax.text(0.08, 0.95, remark, transform=ax.transAxes, va="top", size=8.5)
        for side in (ax.xaxis, ax.yaxis):
            parts.scale(side, (0, 1), log=False)
        ax.set(xlabel="p", ylabel="share at or below p")
    return page


@theme.chart
def strips(
    df: pd.DataFrame, row: str, value: str, name: str, *, full: float, reference: float,
    log: bool = False, axis: str = "", **words,
) -> Figure:  # fmt: skip
    """One line of ticks a `row`: the estimate without each group; the lowest and the highest are
    named at the right where their numbers differ.

    full : the estimate with everything, a vertical line.
    reference : value of no effect, another line where it is in view.

    A value that a log axis cannot hold (0, infinity) stands at its edge.
    """
    parts.need(df, row, value, name)
    df = df[df[value].notna()]
    parts.need(df)
    rows = parts.names(df, row)
    span = parts.limits(df[value], [], [], [full, reference], log=log)
    page = theme.figure(0.42 * len(rows) + 0.7, **words)
    ax = parts.row_axes(page, [parts.short(text) for text in rows], span, log=log, axis=axis)
    *numbers, everything = parts.numbers(np.append(df[value], full))
    df = df.assign(said=numbers)
    parts.reference(ax, full, f"with everything {everything}")
    ax.axvline(reference, color=theme.MUTED, linewidth=1, linestyle=theme.DASHED, zorder=1)
    said = []
    for i, group in enumerate(rows):
        part = df[df[row] == group].sort_values([value, name], kind="stable")
        at = np.clip(part[value].to_numpy(dtype=float), *span)
        ax.plot(at, np.full(len(at), i), "|", color=theme.MUTED, ms=13, mew=1.2, alpha=0.7)
        ax.plot(at[[0, -1]], [i, i], "|", color=theme.HIGHLIGHT, ms=15, mew=2.2)
        ends = part.iloc[[0, -1]]
        texts = ends["said"] + " without " + ends[name].map(lambda text: parts.short(text, 30))
        alike = ends["said"].nunique() == 1
        said.append(f"{ends['said'].iloc[0]} without any one" if alike else "\n".join(texts))
    parts.right_column(ax, said, [theme.INK] * len(rows))
    return page


@theme.chart
def heatmap(matrix: pd.DataFrame, **words) -> Figure:
    """Matrix of counts (index: rows, columns: columns), each number printed in its cell; zero or
    an unknown is a blank cell. The shade follows the square root, so that small counts show.
    """
    parts.need(matrix)
    values = matrix.fillna(0).to_numpy(dtype=float)
    parts.refuse_outside(values, np.finfo(float).max, "finite counts, from 0 on")
    height, width = values.shape
    if values.size > _MOST_CELLS:
        raise InputError(f"{height} x {width} cells", expected=f"{_MOST_CELLS:,} at most")
    columns = [parts.short(name, 30) for name in matrix.columns]
    turn = 0 if max(map(len, columns)) <= 3 else 90
    named = 0.07 * max(map(len, columns)) if turn else 0  # inches that upright names take
    tall, wide = max(0.23 * height + 0.6, 0.12 * height + named + 0.4), 0.31 * width + 2.2
    page = theme.figure(tall, width=np.clip(wide, 5, 40), **words)
    ax = page.subplots()
    texts = np.where(values == 0, "", np.reshape(parts.numbers(values.ravel()), values.shape))
    norm = PowerNorm(0.5, vmin=0, vmax=max(1.0, values.max()))
    # with labels of its own seaborn lays the page out in gigabytes; they are set below
    look = {"cbar": False, "linewidths": 1, "xticklabels": False, "yticklabels": False}
    look |= {"cmap": _SHADES, "norm": norm, "annot_kws": {"size": 7.5}}
    sns.heatmap(values, ax=ax, annot=texts, fmt="", **look)
    for text, value in zip(ax.texts, values.ravel(), strict=True):
        text.set_color(theme.ink_on(_SHADES(norm(value))))
    rows = [parts.short(name) for name in matrix.index]
    ax.set_yticks(np.arange(height) + 0.5, rows, size=8, rotation=0)
    ax.set_xticks(np.arange(width) + 0.5, columns, size=8, rotation=turn, color=theme.INK)
    ax.tick_params(axis="x", top=False, labeltop=True, bottom=False, labelbottom=False)
    ax.spines[:].set_visible(False)
    return page


def _say_outside(ax: Axes, null: np.ndarray, span: tuple[float, float]) -> None:
    shares = (np.mean(null < span[0]), np.mean(null > span[1])) if null.size else (0, 0)
    said = (f"← {shares[0]:.1%} lower", f"{shares[1]:.1%} higher →")
    for place in (0, 1):
        if shares[place] >= 0.001:
            text = ax.text(place, 0.04, said[place], transform=ax.transAxes, size=7.5)
            white = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.8}
            text.set(ha="right" if place else "left", color=theme.MUTED, bbox=white)


def _observed(ax: Axes, value: float, p: float, span: tuple[float, float], log: bool) -> None:
    said = "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
    said = "no p" if np.isnan(p) else said
    at = np.clip(value, *span)
    left = at < (np.sqrt(span[0] * span[1]) if log else sum(span) / 2)
    ax.axvline(at, ymax=0.94, color=theme.HIGHLIGHT, linewidth=2)
    place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    look = {"va": "top", "size": 8.5, "weight": "bold", "color": theme.HIGHLIGHT}
    words = f"observed {parts.number(value)}\n{said}"
    text = ax.annotate(words, (at, 0.95), (5 if left else -5, 0), **place, **look)
    text.set_ha("left" if left else "right")
