"""Stacked horizontal bars: parts of a whole, or counts of several kinds, one row each."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.charts.estimates import VERDICTS
from lac_analysis.errors import InputError

_HATCH = "////"


@theme.chart
def stacked_bars(
    wide: pd.DataFrame, *, fills: dict[str, str] | None = None, hatched: str = "",
    share: bool = False, axis: str = "", **words,
) -> Figure:  # fmt: skip
    """One bar a row, its parts named above the first bar and numbered inside where there is room.

    wide : index: names of the rows, the first on top; columns: the parts, from the left; counts,
        or probabilities from 0 to 1; missing counts as 0.
    fills : colour of each part; by default a sequence of at most six.
    hatched : a part that is told from others without its colour, too.
    share : the numbers are probabilities, written as per cent; else counts, with their total at the
        right.
    """
    parts.need(wide)
    wide = parts.first(wide, words).fillna(0)
    tint = fills or theme.colors(wide.columns)
    total = wide.sum(axis=1)
    page = theme.figure(0.3 * len(wide) + 0.8, **words)
    most = 1 if share else max(total.max(), 1)
    kind = "probabilities, of which a row has 1 in all" if share else "finite counts, from 0 on"
    limit = 1 + 1e-6 if share else np.finfo(float).max
    parts.refuse_outside(np.append(wide, total), limit, kind)
    labels = [parts.short(name) for name in wide.index]
    ax = parts.row_axes(page, labels, (0, most), axis=axis)
    left, look = 0, {"height": 0.74, "edgecolor": theme.PAPER, "linewidth": 0.8}
    for name in wide.columns:
        look["hatch"] = _HATCH if name == hatched else None
        bars = ax.barh(range(len(wide)), wide[name], left=left, color=tint[name], **look)
        left = left + wide[name].to_numpy()
        texts = wide[name].map("{:.0%}".format)
        if not share:
            texts = pd.Series(parts.numbers(wide[name].to_numpy(float)), wide.index)
        texts = texts.where(wide[name] >= 0.055 * most, "")  # where there is room
        label = {"size": 8, "color": theme.ink_on(tint[name])}
        if name == hatched:
            label["bbox"] = {"facecolor": tint[name], "edgecolor": "none", "pad": 1}
        ax.bar_label(bars, texts, label_type="center", **label)
    if share:
        ax.xaxis.set_major_formatter("{x:.0%}")
    else:
        parts.right_column(ax, parts.numbers(total.to_numpy(float)), [theme.MUTED] * len(wide))
    named = [name for name in wide.columns if wide[name].any()]
    white = {"edgecolor": theme.PAPER, "linewidth": 0}
    squares = [
        Patch(facecolor=tint[name], hatch=_HATCH if name == hatched else None, **white)
        for name in named
    ]
    place = {"loc": "lower right", "bbox_to_anchor": (1, 1), "ncols": 6, "borderaxespad": 0.2}
    look = {"frameon": False, "fontsize": 8, "handlelength": 1, "columnspacing": 1.2}
    ax.legend(squares, [parts.short(name, 30) for name in named], **place, **look)
    return page


@theme.chart
def verdict_shares(table: pd.DataFrame, *, axis="probability of the verdict", **words) -> Figure:
    """What the verdict rule would say, were the truth known: P(verdict | truth), one bar a truth.
    table : index: the truths ("no effect", "SESOI", ...), the first on top; columns: verdicts, in
        any order; probabilities. InputError for what is no verdict.
    """
    if other := [str(name) for name in table if name not in VERDICTS]:
        raise InputError("unknown verdict", value=other[0], expected=", ".join(VERDICTS))
    wide = table[[name for name in VERDICTS if name in table]]
    fills = {name: fill for name, (_, fill, *_) in VERDICTS.items()}
    return stacked_bars(wide, fills=fills, hatched="contradicted", share=True, axis=axis, **words)
