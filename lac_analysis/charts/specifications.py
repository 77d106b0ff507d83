"""The specification curve (Simonsohn, Simmons and Nelson 2020): all estimates above, the choices
behind them below."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme

# specifications, beyond which ticks would merge: then shades show how common an option is
_MANY = 600
_BINS = 100
_STICKS = 3000  # intervals drawn at the most, evenly over the curve: more than a page has dots


@theme.chart
def curve(
    df: pd.DataFrame, estimate: str, low: str, high: str, choices: list[str], primary: str, *,
    reference: float = 1, log: bool = True, sesoi: float | None = None,
    influence: pd.Series | None = None, **words,
) -> Figure:  # fmt: skip
    """Sorted estimates with intervals above, one tick a specification and choice below.

    Parameters
    ----------
    df : one row a specification; those without an estimate are left out and counted in the axis
        label.
    choices : columns, one an axis of choice; the options of each are drawn in order of first
        appearance.
    primary : column of booleans, true for the specification fixed in advance.
    sesoi : a second line, at the smallest effect of interest.
    influence : share of the variance that each choice explains, written beside its heading.
    words : title, subtitle, caption.
    """
    parts.need(df, estimate, low, high, primary, *choices)
    df = df.assign(**{name: df[name].astype(str) for name in choices})
    options = {name: list(df[name].unique()) for name in choices}
    kept = df[df[estimate].notna()].sort_values([estimate, *choices], kind="stable")
    parts.need(kept)
    values, lows, highs = parts.floats(kept, estimate, low, high)
    span = parts.limits(values, lows, highs, [reference], log=log)
    chosen = np.flatnonzero(kept[primary].to_numpy(dtype=bool))
    width = float(np.clip(300 / len(kept), 0.6, 3))

    below = 0.165 * (sum(map(len, options.values())) + len(choices)) + 0.1
    page = theme.figure(2.9 + below, **words)
    upper, lower = page.subplots(2, 1, sharex=True, height_ratios=[2.6, below])
    parts.scale(upper.yaxis, span, log=log)
    step = _estimates(upper, values, lows, highs, span, reference, width)
    _lines(upper, reference, sesoi, span)
    for i in chosen:
        upper.plot(i, np.clip(values[i], *span), "o", color=theme.HIGHLIGHT, markersize=7, zorder=5)
        name = f"primary {parts.number(values[i])}"
        text = upper.annotate(name, (i, 1), xycoords=upper.get_xaxis_transform(), va="bottom")
        text.set(ha="left" if i < len(kept) / 2 else "right", size=9, weight="bold")
        text.set_color(theme.HIGHLIGHT)
        for ax in (upper, lower):
            ax.axvline(i, color=theme.HIGHLIGHT, linewidth=1, zorder=1)
    upper.tick_params(axis="x", length=0, labelbottom=False)
    upper.spines["bottom"].set_visible(False)
    upper.set_xlim(-1, len(kept))

    _choice_matrix(lower, kept, options, chosen, width, influence)
    said = f"{len(kept):,} specifications, sorted"
    if np.isfinite(lows).any() or np.isfinite(highs).any():
        said += f"; darker where the interval leaves out {parts.number(reference)}"
        said += f" (one in {step} drawn)" if step > 1 else ""
    said += "; right: variance that a choice explains" if influence is not None else ""
    missing = len(df) - len(kept)
    said += f"; {missing:,} without an estimate left out" if missing else ""
    lower.set_xlabel(textwrap.fill(said, 70))
    return page


def _estimates(ax: Axes, values, lows, highs, span, reference: float, width: float) -> int:
    """Intervals, darker where they leave the reference out, and the estimates. Returns n where one
    in n intervals is drawn."""
    rank = np.arange(len(values))
    step = -(-len(values) // _STICKS)
    clear = (lows > reference) | (highs < reference)
    starts, ends = np.clip(lows, *span), np.clip(highs, *span)
    for mask, shade in ((~clear, "#cdd4d9"), (clear, "#8aa4bf")):
        mask = mask & (rank % step == 0)
        _sticks(ax, rank[mask], starts[mask], ends[mask], shade, width)
    mark = "-" if len(values) > _MANY else "."
    look = {"color": theme.INK, "markersize": 3, "linewidth": 2, "zorder": 3}
    ax.plot(rank, np.clip(values, *span), mark, **look)
    return step


def _lines(ax: Axes, reference: float, sesoi: float | None, span: tuple[float, float]) -> None:
    """Null and SESOI as lines, named at the right, their words apart."""
    lines = [(reference, "null", "-", "top")]
    if sesoi is not None and sesoi != reference and span[0] < sesoi < span[1]:
        lines.append((sesoi, "SESOI", theme.DASHED, "bottom"))
        if sesoi < reference:
            lines = [(reference, "null", "-", "bottom"), (sesoi, "SESOI", theme.DASHED, "top")]
    place = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points"}
    for value, name, dashes, side in lines:
        ax.axhline(value, color=theme.MUTED, linewidth=1, linestyle=dashes, zorder=2)
        words = f"{name} {parts.number(value)}"
        ax.annotate(words, (1, value), (4, 0), va=side, size=8, color=theme.MUTED, **place)


def _choice_matrix(ax: Axes, kept: pd.DataFrame, options: dict, chosen, width: float, influence):
    """A heading row for each choice, a row of ticks (of many specifications: shades) for each of
    its options."""
    listed = [(name, option) for name in options for option in [None, *options[name]]]
    heads = [row for row, (_, option) in enumerate(listed) if option is None]
    labels = [parts.short(name if option is None else option) for name, option in listed]
    parts.rows(ax, labels, bold=heads, size=7.5)
    among = np.array([kept[name].to_numpy() == option for name, option in listed])
    row, at = np.nonzero(among)
    if len(kept) > _MANY:
        _shades(ax, among)
    else:
        _sticks(ax, at, row - 0.33, row + 0.33, theme.MUTED, width)
    marked = np.isin(at, chosen)
    ax.plot(at[marked], row[marked], "s", color=theme.HIGHLIGHT, markersize=4, zorder=4)
    if influence is not None:
        shares = ["" if option else f"{100 * influence[name]:.0f} %" for name, option in listed]
        parts.right_column(ax, shares, [theme.INK] * len(listed))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)


def _shades(ax: Axes, among: np.ndarray) -> None:
    """Share of each stretch of the specifications (columns) that have the row's option, white
    (none) to dark (all)."""
    rows, n = among.shape
    starts = np.ceil(np.linspace(-0.5, n - 0.5, _BINS + 1)[:-1]).astype(int)
    share = np.add.reduceat(among, starts, axis=1, dtype=float) / np.diff(starts, append=n)
    edges = np.linspace(-0.5, n - 0.5, _BINS + 1)
    for row in range(rows):
        stretch = (edges, [row - 0.36, row + 0.36], share[row : row + 1])
        ax.pcolormesh(*stretch, cmap="Greys", vmin=0, vmax=1, zorder=0)


def _sticks(ax: Axes, x, start, end, color: str, width: float) -> None:
    """Vertical strokes as one path, which keeps an SVG of a thousand specifications small."""
    gap = np.full(len(x), np.nan)
    line = np.column_stack([x, x, gap]).ravel(), np.column_stack([start, end, gap]).ravel()
    ax.plot(*line, color=color, linewidth=width, solid_capstyle="butt", zorder=2)
