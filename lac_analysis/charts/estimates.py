"""Charts of estimates with intervals, one row each: dot plot, forest, verdicts."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

_ROW = 0.25  # inches
# verdict -> colour, marker, how much of the marker is filled: told apart without colour, too
VERDICTS = {
    "supported": (theme.POSITIVE, "o", "full"),
    "partly supported": (theme.POSITIVE, "o", "left"),
    "inconclusive": ("#8a6a00", "D", "none"),
    "not supported": (theme.MUTED, "o", "none"),
    "contradicted": (theme.NEGATIVE, "X", "full"),
    "not testable": (theme.MUTED, "_", "full"),
}


@theme.chart
def dot_plot(
    df: pd.DataFrame, label: str, value: str, *, title: str, subtitle: str, caption: str,
    low: str | None = None, high: str | None = None, second: str | None = None,
    highlight: np.ndarray | None = None, highlight_name: str = "", axis: str = "",
) -> Figure:  # fmt: skip
    """Sorted dots, largest on top, with the numbers at the right; rows without a value come last
    as "no data".

    Parameters
    ----------
    df : one row a dot; `label` names it, `value` is a number or missing.
    low, high : columns with the bounds of an interval; infinite bounds are arrows.
    second : column with a second value, a hollow dot tied to the first; named after the column.
    highlight : booleans, one a row, for the rows to stand out as `highlight_name`.
    """
    parts.need(df, label, value, low, high, second)
    chosen = np.zeros(len(df), bool) if highlight is None else np.asarray(highlight, dtype=bool)
    if chosen.shape != (len(df),):
        expected = f"{len(df)} booleans"
        raise InputError(
            "highlight does not match the table", value=chosen.shape, expected=expected
        )
    order = np.lexsort((df[label].astype(str), -parts.floats(df, value)))  # NaN sorts last
    order, axis = _first(order, axis)
    table, chosen = df.iloc[order], chosen[order]
    values = parts.floats(table, value)
    bounds = [values if column is None else parts.floats(table, column) for column in (low, high)]
    others = values if second is None else parts.floats(table, second)
    tint = np.where(chosen, theme.HIGHLIGHT, theme.CONTEXT)

    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, _ROW * len(table) + 0.6))
    ax = page.subplots()
    span = parts.limits(np.append(values, others), *bounds, anchors=[0], log=False)
    parts.scale(ax.xaxis, (0 if span[0] > -0.05 * span[1] else span[0], span[1]), log=False)
    parts.rows(ax, [parts.short(text) for text in table[label]], bold=np.flatnonzero(chosen))
    ax.set_xlabel(axis)
    ax.tick_params(axis="x", length=0)
    ax.spines["bottom"].set_visible(False)
    at = np.arange(len(table))
    parts.intervals(ax, at, *bounds, ax.get_xlim(), tint)
    if second is not None:
        ax.hlines(at, values, others, colors=tint, linewidth=1, zorder=2)
        hollow = {"facecolors": theme.PAPER, "edgecolors": tint, "linewidths": 1.4}
        ax.scatter(others, at, s=34, zorder=3, clip_on=False, **hollow)
        _name_pair(ax, value, second, values, others)
    ax.scatter(values, at, s=34, c=tint, zorder=4, clip_on=False)

    shown = parts.numbers(values)
    shown = ["no data" if np.isnan(v) else text for v, text in zip(values, shown, strict=True)]
    if highlight_name and chosen.any():
        shown[np.argmax(chosen)] += f"  {highlight_name}"
    parts.right_column(ax, shown, np.where(chosen, theme.HIGHLIGHT, theme.MUTED))
    for row in np.flatnonzero(chosen):
        ax.get_yticklabels()[row].set_color(theme.HIGHLIGHT)
    return page


@theme.chart
def forest(
    df: pd.DataFrame, label: str, estimate: str, low: str, high: str, *,
    title: str, subtitle: str, caption: str,
    expected: tuple[str, str] | None = None, expected_name: str = "no effect on this design",
    reference: float = 1, reference_name: str = "no effect", sesoi: float | None = None,
    log: bool = True, group: str | None = None, axis: str = "",
) -> Figure:  # fmt: skip
    """Estimates with intervals in the order given, numbers at the right, reference and SESOI lines
    named.

    Parameters
    ----------
    expected : two columns with the bounds, row by row, of what no effect would give on this
        design: a grey band behind the row, named `expected_name` above the first.
    reference_name : what the line at `reference` is called.
    group : column; its values head the rows that share them, in order of first appearance.

    Infinite bounds, and zero on a log axis, are arrows; a missing estimate reads "not estimable".
    """
    band = expected or (None, None)
    parts.need(df, label, estimate, low, high, group, *band)
    if group is not None:
        df = pd.concat([part for _, part in df.groupby(group, sort=False)])
    kept, axis = _first(np.arange(len(df)), axis)
    df = df.iloc[kept]
    values, lows, highs = (parts.floats(df, column) for column in (estimate, low, high))
    labels, at, heads = _grouped_rows(df, label, group)

    height = _row_height(labels) * len(labels) + (0.75 if expected is None else 0.95)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, height))
    ax = page.subplots()
    lines = [reference] if sesoi is None else [reference, sesoi]
    bands = np.array([parts.floats(df, column) for column in band if column])
    span = parts.limits(values, lows, highs, np.append(lines, bands), log=log)
    parts.scale(ax.xaxis, span, log=log)
    parts.rows(ax, labels, bold=heads)
    ax.set_xlabel(axis)
    _reference_and_sesoi(ax, reference, sesoi, reference_name)
    if expected is not None:
        start, end = np.clip(bands, *span)
        ax.barh(at, end - start, left=start, height=0.62, color=theme.FAINT, alpha=0.7, zorder=1.5)
        words = f"grey: {expected_name}"
        ax.annotate(words, (1, 1), xycoords="axes fraction", xytext=(0, 15), size=8, ha="right",
                    textcoords="offset points", color=theme.MUTED)  # fmt: skip
    blue = theme.TIERS["state"]
    parts.intervals(ax, at, lows, highs, span, [blue] * len(df))
    inside = (values >= span[0]) & (values <= span[1])
    ax.scatter(values[inside], at[inside], s=36, color=blue, marker="s", zorder=4)
    texts = [""] * len(labels)
    for row, value, *bounds in zip(at, values, lows, highs, strict=True):
        start, end = map(parts.number, bounds)
        interval = "" if np.isnan(bounds).all() else f" ({start} to {end})"
        texts[row] = "not estimable" if np.isnan(value) else parts.number(value) + interval
    parts.right_column(ax, texts, [theme.INK] * len(texts))
    return page


@theme.chart
def verdict_picture(
    df: pd.DataFrame, claim: str, estimate: str, low: str, high: str, verdict: str, *,
    title: str, subtitle: str, caption: str, reference: float = 0, sesoi: float = 1, axis: str = "",
) -> Figure:  # fmt: skip
    """One row a claim: standardised estimate with its interval, and the verdict as word, symbol
    and colour.

    Parameters
    ----------
    estimate, low, high : columns on one scale for all claims; by default 0 is no effect and 1 the
        smallest effect of interest.
    verdict : column with one of `VERDICTS`.
    """
    parts.need(df, claim, estimate, low, high, verdict)
    unknown = df.loc[~df[verdict].isin(VERDICTS), verdict]
    if len(unknown):
        words = ", ".join(VERDICTS)
        raise InputError("unknown verdict", column=verdict, value=unknown.iloc[0], expected=words)
    values, lows, highs = (parts.floats(df, column) for column in (estimate, low, high))
    labels = [parts.fill(text, 38) for text in df[claim]]

    height = (_row_height(labels) + 0.12) * len(labels) + 0.75
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, height))
    ax = page.subplots()
    span = parts.limits(values, lows, highs, [reference, sesoi], log=False)
    parts.scale(ax.xaxis, span, log=False)
    parts.rows(ax, labels)
    ax.set_xlabel(axis)
    _reference_and_sesoi(ax, reference, sesoi)
    tint = [VERDICTS[word][0] for word in df[verdict]]
    parts.intervals(ax, np.arange(len(df)), lows, highs, span, tint, width=2.4)
    right = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    for row, (value, word) in enumerate(zip(values, df[verdict], strict=True)):
        look = _mark(word)
        ax.plot(value, row, zorder=4, **look)
        ax.plot(1.05, row, **right, **look)
        words = {"va": "center_baseline", "color": tint[row], "weight": "bold"}
        ax.text(1.085, row, word, **words, **right)
        if np.isnan(value):
            place = {"ha": "center", "va": "center_baseline", "size": 8.5, "color": theme.MUTED}
            text = ax.text(reference, row, "no estimate", **place)
            text.set_bbox({"facecolor": theme.PAPER, "edgecolor": "none", "pad": 2})
    return page


def _mark(verdict: str) -> dict:
    color, marker, filled = VERDICTS[verdict]
    look = {"marker": marker, "color": color, "markersize": 9, "linestyle": "none"}
    look |= {"markeredgewidth": 2.4 if marker == "_" else 1.6, "markeredgecolor": color}
    if filled == "none":
        return look | {"markerfacecolor": theme.PAPER}
    return look | {"fillstyle": filled, "markerfacecoloralt": theme.PAPER}


def _reference_and_sesoi(ax: Axes, reference: float, sesoi: float | None, name="no effect") -> None:
    """Both lines, their names on opposite sides so that they cannot meet."""
    before = sesoi is not None and sesoi < reference
    parts.reference(ax, reference, f"{name}: {reference:.4g}", after=before)
    if sesoi is not None:
        text = f"smallest effect of interest: {sesoi:g}"
        parts.reference(ax, sesoi, text, after=not before, dashed=True)


def _first(order: np.ndarray, axis: str) -> tuple[np.ndarray, str]:
    """The rows that are drawn, and the words under the axis, with what is left out."""
    left = len(order) - parts.MOST_ROWS
    if left <= 0:
        return order, axis
    return order[: parts.MOST_ROWS], f"{axis}; {left:,} further rows not drawn".removeprefix("; ")


def _grouped_rows(df: pd.DataFrame, label: str, group: str | None):
    """Row labels with a heading before each group, the rows of the estimates and of the headings."""
    labels, at, heads, current = [], [], [], None
    groups = df[group] if group else [None] * len(df)
    for text, head in zip(df[label], groups, strict=True):
        if group and head != current:
            heads.append(len(labels))
            labels.append(parts.short(head))
            current = head
        at.append(len(labels))
        labels.append(parts.fill(text, 40))
    return labels, np.array(at), heads


def _row_height(labels: list[str]) -> float:
    return 0.13 + 0.15 * max(text.count("\n") + 1 for text in labels)


def _name_pair(ax: Axes, value: str, second: str, values: np.ndarray, others: np.ndarray) -> None:
    """Name both dots above the first row that has both."""
    both = np.flatnonzero(~np.isnan(values) & ~np.isnan(others))
    if not both.size:
        return
    row = both[0]
    left_first = values[row] <= others[row]
    for name, x, left in ((value, values[row], left_first), (second, others[row], not left_first)):
        place = {"xytext": (-3 if left else 3, 6), "textcoords": "offset points"}
        text = ax.annotate(name, (x, row), **place)
        text.set(ha="right" if left else "left", va="bottom", size=8, color=theme.MUTED)
