"""The specification curve (Simonsohn, Simmons and Nelson 2020): all estimates above, the choices
behind them below.
"""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme

_BESIDE = {
    "xycoords": ("axes fraction", "data"), "xytext": (4, 0), "textcoords": "offset points", "size": 8,
    "color": theme.MUTED,
}  # fmt: skip
# specifications, beyond which ticks would merge into bands: then shades show how common an option
# is
_MANY = 600
_BINS = 100
_STICKS = 3000  # intervals drawn at the most, evenly over the curve: more than a page has dots


@theme.chart
def curve(
    df: pd.DataFrame, estimate: str, low: str, high: str, choices: list[str], primary: str, *,
    title: str, subtitle: str, caption: str, reference: float = 1, log: bool = True, sesoi: float | None = None,
    influence: pd.Series | None = None,
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
    width = float(np.clip(300 / len(kept), 0.6, 3))
    step = -(-len(kept) // _STICKS)
    for mask, shade in ((~clear, "#cdd4d9"), (clear, "#8aa4bf")):
        mask = mask & (rank % step == 0)
        _sticks(
            upper, rank[mask], np.clip(lows[mask], *span), np.clip(highs[mask], *span), shade, width
        )
    upper.plot(
        rank,
        shown,
        "-" if len(kept) > _MANY else ".",
        color=theme.INK,
        markersize=3,
        linewidth=2,
        zorder=3,
    )
    upper.axhline(reference, color=theme.MUTED, linewidth=1, zorder=2)
    sides = (
        ("top", "bottom") if sesoi is None or sesoi >= reference else ("bottom", "top")
    )  # words apart
    upper.annotate(f"null {parts.number(reference)}", (1, reference), va=sides[0], **_BESIDE)
    if sesoi is not None and sesoi != reference and span[0] < sesoi < span[1]:
        upper.axhline(sesoi, color=theme.MUTED, linewidth=1, linestyle=(0, (4, 2)), zorder=2)
        upper.annotate(f"SESOI {parts.number(sesoi)}", (1, sesoi), va=sides[1], **_BESIDE)
    for i in chosen:
        upper.plot(i, shown[i], "o", color=theme.HIGHLIGHT, markersize=7, zorder=5)
        text = upper.annotate(
            f"primary {parts.number(values[i])}", (i, 1), xycoords=("data", "axes fraction")
        )
        text.set(ha="left" if i < len(kept) / 2 else "right", va="bottom")
        text.set(size=9, weight="bold", color=theme.HIGHLIGHT)
        for ax in (upper, lower):
            ax.axvline(i, color=theme.HIGHLIGHT, linewidth=1, zorder=1)
    upper.tick_params(axis="x", length=0, labelbottom=False)
    upper.spines["bottom"].set_visible(False)
    upper.set_xlim(-1, len(kept))

    _choice_matrix(lower, kept, choices, options, chosen, width, influence)
    words = f"{len(kept):,} specifications, sorted"
    if np.isfinite(lows).any() or np.isfinite(highs).any():
        words += f"; darker where the interval leaves out {parts.number(reference)}"
        words += f" (one in {step} drawn)" if step > 1 else ""
    words += "; right: variance that a choice explains" if influence is not None else ""
    missing = len(df) - len(kept)
    words += f"; {missing:,} without an estimate left out" if missing else ""
    lower.set_xlabel(textwrap.fill(words, 70))
    return page


def _choice_matrix(
    ax: Axes, kept: pd.DataFrame, choices, options, chosen, width: float, influence
) -> None:
    """A heading row for each choice, a row of ticks (of many specifications: shades) for each of
    its options.
    """
    listed = [
        (name, option)
        for name in choices
        for option in [None, *(o for owner, o in options if owner == name)]
    ]
    heads = [row for row, (_, option) in enumerate(listed) if option is None]
    parts.rows(
        ax,
        [name if option is None else option for name, option in listed],
        bold=heads,
        pad=4,
        size=7.5,
    )
    among = np.array([kept[name].to_numpy() == option for name, option in listed])
    row, at = np.nonzero(among)
    if len(kept) > _MANY:
        _shades(ax, among)
    else:
        _sticks(ax, at, row - 0.33, row + 0.33, theme.MUTED, width, snap=True)
    marked = np.isin(at, chosen)
    ax.plot(at[marked], row[marked], "s", color=theme.HIGHLIGHT, markersize=4, zorder=4)
    if influence is not None:
        shares = ["" if option else f"{100 * influence[name]:.0f} %" for name, option in listed]
        parts.right_column(ax, shares, [theme.INK] * len(listed))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)


def _shades(ax: Axes, among: np.ndarray) -> None:
    """Share of each stretch of the specifications (columns) that have the row's option, white
    (none) to dark (all).
    """
    rows, n = among.shape
    starts = np.ceil(np.linspace(-0.5, n - 0.5, _BINS + 1)[:-1]).astype(int)
    share = np.add.reduceat(among, starts, axis=1, dtype=float) / np.diff(starts, append=n)
    stripes = share[:, None] * (np.arange(25) < 18)[:, None]  # of a row's 25 lines, 7 are white
    limits = ax.get_xlim(), ax.get_ylim()
    ax.imshow(
        stripes.reshape(-1, _BINS), extent=(-0.5, n - 0.5, rows - 0.36, -0.36), aspect="auto", cmap="Greys", vmin=0,
        vmax=1, interpolation="nearest", zorder=0,
    )  # fmt: skip
    ax.set(xlim=limits[0], ylim=limits[1])


def _sticks(ax: Axes, x, start, end, color: str, width: float, snap: bool | None = None) -> None:
    """Vertical strokes as one path, which keeps an SVG of a thousand specifications small. `snap`
    to whole pixels.
    """
    gap = np.full(len(x), np.nan)
    line = np.column_stack([x, x, gap]).ravel(), np.column_stack([start, end, gap]).ravel()
    ax.plot(*line, color=color, linewidth=width, solid_capstyle="butt", zorder=2, snap=snap)
