"""Charts of many values on one line: an estimate without each group, and p-values that should be
uniform.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme


@theme.chart
def strips(
    df: pd.DataFrame, row: str, value: str, name: str, *, title: str, subtitle: str, caption: str, full: float,
    reference: float | None = None, log: bool = False, axis: str = "",
) -> Figure:  # fmt: skip
    """One line of dots a `row`: the estimate without each group; the lowest and the highest are
    named at the right.

    Parameters
    ----------
    full : the estimate with everything, a vertical line.   reference : of no effect, another
        line where it is in view.

    A value that a log axis cannot hold (0, infinity) stands at its edge.
    """
    parts.need(df, row, value, name)
    df = df[df[value].notna()]
    parts.need(df)
    rows = parts.names(df, row)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 0.42 * len(rows) + 0.7))
    ax = page.subplots()
    values = parts.floats(df, value)
    near = [] if reference is None else [reference]
    span = parts.limits(np.append(values, full), [], [], near, log=log)
    parts.scale(ax.xaxis, span, log=log)
    parts.rows(ax, rows)
    parts.reference(ax, full, f"with everything {parts.number(full)}")
    if reference is not None:
        ax.axvline(reference, color=theme.MUTED, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    words = []
    for i, group in enumerate(rows):
        part = df[df[row] == group].sort_values([value, name], kind="stable")
        at = np.clip(parts.floats(part, value), *span)
        ax.plot(
            at,
            np.full(len(at), i),
            "|",
            color=theme.MUTED,
            markersize=13,
            markeredgewidth=1.2,
            alpha=0.7,
        )
        ends = part.iloc[[0, -1]]
        ax.plot(at[[0, -1]], [i, i], "|", color=theme.HIGHLIGHT, markersize=15, markeredgewidth=2.2)
        shown = [
            f"{parts.number(v)} without {n}"
            for v, n in zip(parts.floats(ends, value), ends[name], strict=True)
        ]
        words.append("no change" if np.ptp(at) == 0 and at[0] == full else "\n".join(shown))
    parts.right_column(ax, words, [theme.INK] * len(rows))
    ax.set_xlabel(axis)
    return page


@theme.chart
def uniform(
    panels: list[tuple[str, np.ndarray, str]], *, title: str, subtitle: str, caption: str
) -> Figure:  # fmt: skip
    """Sorted p-values against the quantiles of the uniform distribution, a panel each: name,
    p-values, words.
    """
    columns = min(2, len(panels))
    grid_rows = -(-len(panels) // columns)
    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 2.3 * grid_rows + 0.4))
    grid = page.subplots(grid_rows, columns, squeeze=False).ravel()
    for ax, (name, p, words) in zip(grid, panels, strict=False):
        p = np.sort(np.asarray(p, dtype=float))
        ax.plot([0, 1], [0, 1], color=theme.MUTED, linewidth=1, linestyle=(0, (4, 2)))
        ax.plot((np.arange(len(p)) + 0.5) / len(p), p, ".", color=theme.HIGHLIGHT, markersize=4)
        ax.axhline(0.05, color=theme.MUTED, linewidth=0.8)
        ax.set_title(name, loc="left", size=9.5, weight="bold", color=theme.INK)
        ax.text(0.03, 0.95, words, transform=ax.transAxes, va="top", size=8.5, color=theme.INK)
        for axis in (ax.xaxis, ax.yaxis):
            parts.scale(axis, (0, 1), log=False)
        ax.set_xlabel("quantile of the uniform distribution")
        ax.set_ylabel("p")
    for ax in grid[len(panels) :]:
        ax.remove()
    return page
