"""The specification curve (Simonsohn, Simmons and Nelson 2020): all estimates above, the choices behind them below."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.figures import axes as parts
from lac_analysis.figures import theme


@theme.chart
def curve(
    df: pd.DataFrame, estimate: str, low: str, high: str, choices: list[str], primary: str, *,
    title: str, subtitle: str, caption: str, reference: float = 1, log: bool = True,
) -> Figure:  # fmt: skip
    """Sorted estimates with intervals above, one tick a specification and choice below.

    Parameters
    ----------
    df : one row a specification; those without an estimate are left out and counted in the axis label.
    choices : columns, one an axis of choice; the options of each are drawn in order of first appearance.
    primary : column of booleans, true for the specification fixed in advance.
    """
    parts.need(df, estimate, low, high, primary, *choices)
    df = df.assign(**{name: df[name].astype(str) for name in choices})
    options = [(name, option) for name in choices for option in df[name].unique()]
    kept = df[df[estimate].notna()].sort_values([estimate, *choices], kind="stable")
    parts.need(kept)
    values, lows, highs = (parts.floats(kept, column) for column in (estimate, low, high))
    span = parts.limits(values, lows, highs, [reference], log=log)
    shown = np.clip(values, *span)
    rank = np.arange(len(kept))
    chosen = np.flatnonzero(kept[primary].to_numpy(dtype=bool))

    below = 0.165 * (len(options) + len(choices)) + 0.1
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 2.9 + below))
    upper, lower = page.subplots(2, 1, sharex=True, height_ratios=[2.6, below])
    parts.scale(upper.yaxis, span, log=log)
    clear = (lows > reference) | (highs < reference)
    width = float(np.clip(300 / len(kept), 0.5, 3))
    for mask, shade in ((~clear, "#cdd4d9"), (clear, "#8aa4bf")):
        _sticks(upper, rank[mask], np.clip(lows[mask], *span), np.clip(highs[mask], *span), shade, width)
    upper.plot(rank, shown, ".", color=theme.INK, markersize=3, zorder=3)
    upper.axhline(reference, color=theme.MUTED, linewidth=1, zorder=2)
    for i in chosen:
        upper.plot(i, shown[i], "o", color=theme.HIGHLIGHT, markersize=7, zorder=5)
        text = upper.annotate(f"primary {parts.number(values[i])}", (i, 1), xycoords=("data", "axes fraction"))
        text.set(ha="left" if i < len(kept) / 2 else "right", va="bottom")
        text.set(size=9, weight="bold", color=theme.HIGHLIGHT)
        for ax in (upper, lower):
            ax.axvline(i, color=theme.HIGHLIGHT, linewidth=1, zorder=1)
    upper.tick_params(axis="x", length=0, labelbottom=False)
    upper.spines["bottom"].set_visible(False)
    upper.set_xlim(-1, len(kept))

    _choice_matrix(lower, kept, choices, options, rank, chosen, width)
    words = f"{len(kept):,} specifications, sorted; darker where the interval leaves out {reference:g}"
    missing = len(df) - len(kept)
    lower.set_xlabel(words + (f"; {missing:,} without an estimate left out" if missing else ""))
    return page


def _choice_matrix(ax: Axes, kept: pd.DataFrame, choices, options, rank, chosen, width: float) -> None:
    """A heading row for each choice, a row of ticks for each of its options."""
    labels, y, heads = [], {}, []
    for name in choices:
        heads.append(len(labels))
        labels.append(name)
        for option in (option for owner, option in options if owner == name):
            y[name, option] = len(labels)
            labels.append(str(option))
    parts.rows(ax, labels)
    ax.tick_params(axis="y", labelsize=7.5, pad=4)
    for (name, option), row in y.items():
        taken = kept[name].to_numpy() == option
        at = rank[taken]
        _sticks(ax, at, np.full(at.size, row - 0.33), np.full(at.size, row + 0.33), theme.MUTED, width)
        for i in np.intersect1d(at, chosen):
            ax.plot(i, row, "s", color=theme.HIGHLIGHT, markersize=4, zorder=4)
    for head in heads:
        ax.get_yticklabels()[head].set(weight="bold")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)


def _sticks(ax: Axes, x, start, end, color: str, width: float) -> None:
    """Vertical strokes as one path, which keeps an SVG of a thousand specifications small."""
    gap = np.full(len(x), np.nan)
    line = np.column_stack([x, x, gap]).ravel(), np.column_stack([start, end, gap]).ravel()
    ax.plot(*line, color=color, linewidth=width, solid_capstyle="butt", zorder=2)
