"""The specification curve (Simonsohn, Simmons and Nelson 2020): all estimates above, the choices
behind them below."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme

_STRETCHES = 300  # of the sorted specifications at most, each as high as an option is common


@theme.chart
def curve(
    df: pd.DataFrame, estimate: str, choices: list[str], primary: str, *, influence: pd.Series,
    sesoi: float, reference: float = 1, log: bool = True, **words,
) -> Figure:  # fmt: skip
    """Sorted estimates above; below, a lane a choice, dark where it is made.

    df : one row a specification; those without an estimate are left out and counted in the axis
        label.
    choices : columns, one an axis of choice; the options of each are drawn in order of first
        appearance.
    primary : column of booleans, true for the specification fixed in advance.
    sesoi : a second line, at the smallest effect of interest.
    influence : share of the variance that each choice explains, written beside its heading.
    """
    parts.need(df, estimate, primary, *choices)
    df = df.assign(**{name: df[name].astype(str) for name in choices})
    listed = [(name, option) for name in choices for option in [None, *df[name].unique()]]
    listed = parts.first(listed, words)
    kept = df[df[estimate].notna()]
    parts.need(kept)
    parts.refuse_without(influence.to_frame().T, *choices)
    # rounded: of equal estimates the choices decide, not the last bits
    kept = kept.assign(**{estimate: parts.floats(kept, estimate)[0].round(10)})
    kept = kept.sort_values([estimate, *choices], kind="stable")
    values = kept[estimate].to_numpy()
    span = parts.limits(values, [], [], [reference], log=log)
    said = parts.numbers(np.append(values, [reference, sesoi]))
    chosen = np.flatnonzero(parts.flags(kept[primary], primary))

    below = 0.165 * len(listed) + 0.1
    page = theme.figure(2.9 + below, **words)
    upper, lower = page.subplots(2, 1, sharex=True, height_ratios=[2.6, below])
    parts.scale(upper.yaxis, span, log=log)
    mark = "-" if len(values) > 2 * _STRETCHES else "."
    upper.plot(np.clip(values, *span), mark, color=theme.INK, markersize=3, linewidth=2, zorder=3)
    _lines(upper, reference, sesoi, said[-2:], span)
    for i in chosen:
        look = {"color": theme.HIGHLIGHT, "zorder": 5}
        upper.plot(i, np.clip(values[i], *span), "o", markersize=7, **look)
        look |= {"xycoords": upper.get_xaxis_transform()}
        text = upper.annotate(f"primary {said[i]}", (i, 1), **look)
        side = "left" if i < len(kept) / 2 else "right"
        text.set(ha=side, va="bottom", size=9, weight="bold")
        for ax in (upper, lower):
            ax.axvline(i, color=theme.HIGHLIGHT, linewidth=1, zorder=1)
    upper.tick_params(axis="x", length=0, labelbottom=False)
    upper.spines["bottom"].set_visible(False)
    upper.set_xlim(-1, len(kept))

    _choices(lower, kept, listed, chosen, influence)
    told = f"{len(kept):,} specifications, sorted; right: variance that a choice explains"
    missing = len(df) - len(kept)
    told += f"; {missing:,} without an estimate left out" if missing else ""
    lower.set_xlabel(textwrap.fill(told, 70))
    return page


def _lines(ax: Axes, reference: float, sesoi: float, said: list[str], span) -> None:
    """Null and SESOI as lines, named at the right with the numbers `said`, their words apart."""
    above = sesoi >= reference
    lines = [(reference, f"null {said[0]}", "-", "top" if above else "bottom")]
    if sesoi != reference and span[0] < sesoi < span[1]:
        lines.append((sesoi, f"SESOI {said[1]}", theme.DASHED, "bottom" if above else "top"))
    place = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points"}
    for value, name, dashes, side in lines:
        ax.axhline(value, color=theme.MUTED, linewidth=1, linestyle=dashes, zorder=2)
        ax.annotate(name, (1, value), (4, 0), va=side, size=8, color=theme.MUTED, **place)


def _choices(ax: Axes, kept: pd.DataFrame, listed: list[tuple], chosen, influence) -> None:
    """A heading for each choice, and a lane for each of its options: the share of each stretch of
    the specifications that have it, as height (all: the whole lane)."""
    heads = [row for row, (_, option) in enumerate(listed) if option is None]
    labels = [parts.short(name if option is None else option) for name, option in listed]
    parts.rows(ax, labels, bold=heads, size=7.5)
    n, stretches = len(kept), min(len(kept), _STRETCHES)
    edges = np.linspace(0, n, stretches + 1).astype(int)
    look = {"fill": True, "color": theme.INK, "alpha": 0.75, "linewidth": 0}
    for row, (name, option) in enumerate(listed):
        if option is not None:
            among = kept[name].to_numpy() == option
            share = np.add.reduceat(among, edges[:-1], dtype=float) / np.diff(edges)
            ax.stairs(row + 0.36 - 0.72 * share, edges - 0.5, baseline=row + 0.36, **look)
            marked = chosen[among[chosen]]
            ax.plot(marked, [row] * len(marked), "s", color=theme.HIGHLIGHT, markersize=4, zorder=4)
    shares = ["" if option else f"{influence[name]:.0%}" for name, option in listed]
    shares = [share.replace("nan%", "–") for share in shares]  # nothing varies
    parts.right_column(ax, shares, [theme.INK] * len(listed))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
