"""Charts of estimates with intervals, one row each: dot plot, forest, verdicts."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

# verdict -> colour, colour of an area, marker, how much of the marker is filled: told apart without
# colour, too
VERDICTS = {
    "supported": (theme.POSITIVE, theme.POSITIVE, "o", "full"),
    "partly supported": (theme.POSITIVE, "#8cc3cc", "o", "left"),
    "inconclusive": ("#8a6a00", "#f0dca0", "D", "none"),
    "not supported": (theme.MUTED, theme.FAINT, "o", "none"),
    "contradicted": (theme.NEGATIVE, theme.NEGATIVE, "X", "full"),
    "not testable": (theme.MUTED, theme.GRID, "_", "full"),
}


@theme.chart
def dot_plot(
    df: pd.DataFrame, label: str, value: str, *, by: str | None = None, second: str | None = None,
    highlight: np.ndarray | None = None, highlight_name: str = "", axis: str = "", **words,
) -> Figure:  # fmt: skip
    """Sorted dots, largest on top, with the numbers at the right; rows without a value come last
    as "no data".

    df : one row a dot; `label` names it, `value` is a number or missing.
    by : column of numbers to sort by instead of `value`.
    second : column with a second value, a hollow dot tied to the first; named after the column.
    highlight : booleans, one a row, for the rows to stand out as `highlight_name`; a Series goes by
        its index.
    """
    parts.need(df, label, value, by, second)
    if isinstance(highlight, pd.Series):
        highlight = highlight.reindex(df.index)
    chosen = False if highlight is None else parts.flags(highlight, "highlight")
    table = df.assign(chosen=chosen)
    # missing values are sorted last
    sorting, missing = parts.floats(df, by or value)[0], np.isnan(parts.floats(df, value)[0])
    order = np.lexsort((df[label].astype(str), -sorting, missing))
    table = parts.first(table.iloc[order], words)
    values, others = parts.floats(table, value, second)
    chosen, at = table["chosen"].to_numpy(), np.arange(len(table))
    tint = np.where(chosen, theme.HIGHLIGHT, theme.CONTEXT)

    page = theme.figure(0.25 * len(table) + 0.6, **words)
    start, end = parts.limits(np.append(values, others), [], [], anchors=[0], log=False)
    span = (0 if start > -0.05 * end else start, end)
    labels = [parts.short(text) for text in table[label]]
    looks = {"bold": np.flatnonzero(chosen), "color": theme.HIGHLIGHT}
    ax = parts.row_axes(page, labels, span, axis=axis, **looks)
    ax.set_xlim(right=ax.xaxis.get_major_locator().tick_values(*span)[-1])  # a tick beyond all dots
    ax.tick_params(axis="x", length=0)
    ax.spines["bottom"].set_visible(False)
    if second is not None:
        ax.hlines(at, values, others, colors=tint, linewidth=1, zorder=2)
        hollow = {"facecolors": theme.PAPER, "edgecolors": tint, "linewidths": 1.4}
        ax.scatter(others, at, s=34, zorder=3, clip_on=False, label=second, **hollow)
    ax.scatter(values, at, s=34, c=tint, zorder=4, clip_on=False, label=value)
    if second is not None:
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 2, "borderaxespad": 0.2}
        look = {"frameon": False, "fontsize": 8, "labelcolor": theme.MUTED, "handletextpad": 0.1}
        ax.legend(reverse=True, **place, **look)

    shown = ["no data" if text == "–" else text for text in parts.numbers(values)]
    if highlight_name and chosen.any():
        shown[np.argmax(chosen)] += f"  {highlight_name}"
    parts.right_column(ax, shown, np.where(chosen, theme.HIGHLIGHT, theme.MUTED))
    return page


@theme.chart
def forest(
    df: pd.DataFrame, label: str, estimate: str, low: str, high: str, *,
    expected: tuple[str, str] | None = None, reference: float = 1,
    reference_name: str = "no effect", log: bool = True, group: str | None = None, axis: str = "",
    **words,
) -> Figure:  # fmt: skip
    """Estimates with intervals in the order given, numbers at the right, and a line of reference.

    expected : two columns with the bounds, row by row, of what no effect would give on this
        design: a grey band behind the row.
    reference_name : what the line at `reference` is called.
    group : column; its values head the rows that share them, in order of first appearance.

    Infinite bounds, and zero on a log axis, are arrows; a missing estimate reads "not estimable".
    """
    band = expected or (None, None)
    parts.need(df, label, estimate, low, high, group, *band)
    if group is not None:
        df = pd.concat([df[df[group] == name] for name in parts.names(df, group)])
    df = parts.first(df, words)
    values, lows, highs, *bands = parts.floats(df, estimate, low, high, *band)
    labels, heads = [parts.fill(text, 40) for text in df[label]], []
    if group is not None:
        starts = np.flatnonzero(~df.duplicated(group))
        heads = starts + np.arange(len(starts))
        for row, head in zip(heads, df[group].iloc[starts], strict=True):
            labels.insert(row, parts.short(head))
    at = np.delete(np.arange(len(labels)), heads)

    page = theme.figure(_height(labels) + (0.75 if expected is None else 0.95), **words)
    span = parts.limits(values, lows, highs, np.append(reference, bands), log=log)
    ax = parts.row_axes(page, labels, span, log=log, axis=axis, bold=heads)
    parts.reference(ax, reference, f"{reference_name}: {reference:.4g}", after=False)
    if expected is not None:
        start, end = np.clip(bands, *span)
        ax.barh(at, end - start, left=start, height=0.6, color=theme.FAINT, alpha=0.7, zorder=1.5)
        place = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
        look = {"size": 8, "color": theme.MUTED}
        ax.annotate("grey: no effect on this design", (1, 1), (0, 15), **look, **place)
    parts.intervals(ax, at, lows, highs, span, [theme.BLUE] * len(df))
    inside = (values >= span[0]) & (values <= span[1])
    ax.scatter(values[inside], at[inside], s=36, color=theme.BLUE, marker="s", zorder=4)
    texts = [""] * len(labels)
    for row, *numbers in zip(at, values, lows, highs, strict=True):
        value, start, end = map(parts.number, numbers)
        interval = "" if start == end == "–" else f" ({start} to {end})"
        texts[row] = "not estimable" if value == "–" else value + interval
    parts.right_column(ax, texts, [theme.INK] * len(texts))
    return page


@theme.chart
def verdict_picture(
    df: pd.DataFrame, claim: str, estimate: str, low: str, high: str, verdict: str, *,
    axis: str = "", **words,
) -> Figure:  # fmt: skip
    """One row a claim: standardised estimate with its interval, and the verdict as word, symbol
    and colour.

    estimate, low, high : columns on one scale for all claims: 0 is no effect and 1 the smallest
        effect of interest.
    verdict : column with one of `VERDICTS`. InputError for another word.
    """
    parts.need(df, claim, estimate, low, high, verdict)
    unknown = df.loc[~df[verdict].isin(VERDICTS), verdict]
    if len(unknown):
        known = ", ".join(VERDICTS)
        raise InputError("unknown verdict", column=verdict, value=unknown.iloc[0], expected=known)
    values, lows, highs = parts.floats(df, estimate, low, high)
    labels = [parts.fill(text, 38) for text in df[claim]]

    page = theme.figure(_height(labels) + 0.12 * len(labels) + 0.75, **words)
    span = parts.limits(values, lows, highs, [0, 1], log=False)
    ax = parts.row_axes(page, labels, span, axis=axis)
    parts.reference(ax, 0, "no effect: 0", after=False)
    parts.reference(ax, 1, "smallest effect of interest: 1", dashed=True)
    tint = [VERDICTS[word][0] for word in df[verdict]]
    parts.intervals(ax, np.arange(len(df)), lows, highs, span, tint, width=2.4)
    right = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    text = {"va": "center_baseline", "weight": "bold"}
    room = -span[0] > 0.12 * (span[1] - span[0])  # else it would cover the claim's name
    for row, (value, word) in enumerate(zip(values, df[verdict], strict=True)):
        ax.plot(value, row, zorder=4, **_mark(word) | {"markersize": 6.5})
        ax.plot(1.05, row, **right, **_mark(word))
        ax.text(1.085, row, word, color=tint[row], **text, **right)
        if np.isnan(value):
            white = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 2}
            side = "center" if room else "left"
            none = ax.text(0, row, "no estimate", ha=side, va="center_baseline")
            none.set(size=8.5, color=theme.MUTED, bbox=white)
    return page


def _mark(verdict: str) -> dict:
    color, _, marker, filled = VERDICTS[verdict]
    look = {"marker": marker, "color": color, "markersize": 9, "linestyle": "none"}
    look |= {"markeredgewidth": 2.4 if marker == "_" else 1.6, "markeredgecolor": color}
    if filled == "none":
        return look | {"markerfacecolor": theme.PAPER}
    return look | {"fillstyle": filled, "markerfacecoloralt": theme.PAPER}


def _height(labels: list[str]) -> float:
    """Of rows that all have room for the label with most lines, in inches."""
    return len(labels) * (0.13 + 0.15 * max(text.count("\n") + 1 for text in labels))
