"""Stacked horizontal bars: parts of a whole, or counts of several kinds, one row each."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.charts.estimates import VERDICTS

# each verdict's fill: its family's colour, paler where it says less
_VERDICT_FILLS = {
    "supported": theme.POSITIVE,
    "partly supported": "#8cc3cc",
    "inconclusive": "#f0dca0",
    "not supported": theme.FAINT,
    "contradicted": theme.NEGATIVE,
    "not testable": theme.GRID,
}
_FOUND = ("#14375e", theme.HIGHLIGHT, "#d9981e")  # by one search, both, the other


@theme.chart
def stacked_bars(
    wide: pd.DataFrame, *, fills: dict[str, str] | None = None, share: bool = False,
    axis: str = "", **words,
) -> Figure:  # fmt: skip
    """One bar a row, its parts named above the first bar and numbered inside where there is room.

    Parameters
    ----------
    wide : index: names of the rows, the first on top; columns: the parts, from the left; counts,
        or probabilities from 0 to 1; missing counts as 0.
    fills : colour of each part; by default a sequence of at most six.
    share : the numbers are probabilities, written as per cent; else counts, with their total at the
        right.
    words : title, subtitle, caption.
    """
    parts.need(wide)
    wide = wide.iloc[: parts.MOST_ROWS].fillna(0)
    tint = fills or theme.colors(wide.columns)
    total = wide.sum(axis=1)
    page = theme.figure(0.3 * len(wide) + 0.8, **words)
    ax = page.subplots()
    colors = [tint[name] for name in wide.columns]
    look = {"width": 0.74, "edgecolor": theme.PAPER, "linewidth": 0.8, "legend": False}
    wide.plot.barh(stacked=True, ax=ax, color=colors, **look)
    most = max(total.max(), 1) if not share else 1
    parts.scale(ax.xaxis, (0, most * (1 if share else 1.02)), log=False)
    if share:
        ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    parts.rows(ax, [parts.short(name) for name in wide.index])
    ax.set(xlabel=axis, ylabel="")
    for name, bars in zip(wide.columns, ax.containers, strict=True):
        numbers = [f"{n:.0%}" if share else f"{n:,.0f}" for n in wide[name]]
        numbers = [
            text if n >= 0.055 * most else "" for text, n in zip(numbers, wide[name], strict=True)
        ]
        ax.bar_label(bars, numbers, label_type="center", size=8, color=theme.ink_on(tint[name]))
    if not share:
        parts.right_column(ax, parts.numbers(total.to_numpy(float)), [theme.MUTED] * len(wide))
    _key(ax, tint, [name for name in wide.columns if wide[name].any()])
    return page


def verdict_shares(table: pd.DataFrame, *, axis="probability of the verdict", **words) -> Figure:
    """What the verdict rule would say, were the truth known: P(verdict | truth), one bar a truth.

    table : index: the truths ("no effect", "SESOI", ...), the first on top; columns: verdicts, in
        any order; probabilities.
    words : title, subtitle, caption.
    """
    wide = table.reindex(columns=[name for name in VERDICTS if name in table])
    return stacked_bars(wide, fills=_VERDICT_FILLS, share=True, axis=axis, **words)


def found_by(
    df: pd.DataFrame, row: str, one: str, both: str, other: str, *, axis: str = "", **words
) -> Figure:
    """Counts found by one search only, by both, and by the other only: one bar a `row`, the longest
    on top.

    df : one row a bar; `one`, `both` and `other` are columns of counts and the words of the key.
    words : title, subtitle, caption.
    """
    parts.need(df, row, one, both, other)
    wide = df.set_index(row)[[one, both, other]]
    order = wide.sum(axis=1).sort_values(ascending=False, kind="stable").index
    fills = dict(zip((one, both, other), _FOUND, strict=True))
    return stacked_bars(wide.loc[order], fills=fills, axis=axis, **words)


def _key(ax: Axes, tint: dict[str, str], names: list[str]) -> None:
    """Names of the parts above the bars, each with its colour."""
    squares = [ax.barh([0], [0], color=tint[name]) for name in names]
    labels = [parts.short(name, 30) for name in names]
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": min(len(names), 4)}
    look = {"frameon": False, "fontsize": 8.5, "handlelength": 1, "columnspacing": 1.4}
    ax.legend(squares, labels, borderaxespad=0.2, labelcolor=theme.INK, **place, **look)
