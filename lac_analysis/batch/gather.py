"""From the runs of a sweep to one tidy table, and small multiples of its estimates."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis import files
from lac_analysis.batch import cache
from lac_analysis.batch.sweep import Sweep
from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.charts.picture import Picture
from lac_analysis.claims.finding import show

_NUMBERS = ("estimate", "low", "high", "p", "null_value", "sesoi", "n_countries", "n_engagements")
_WORDS = ("claim", "unit", "verdict", "not_testable")
_ROW = 0.22  # inches


def save(sweep: Sweep, out: Path, key: str) -> Path:
    """Write the table and a picture for each notebook into `out/sweeps/<name of the file>`. Returns
    the folder.
    """
    folder = out / "sweeps" / sweep.file.stem
    whole = table(sweep, out)
    written = [files.write_csv(folder / "table.csv", whole)]
    for notebook, part in whole.groupby("notebook", sort=False):
        if part["estimate"].notna().any():
            axes = [name for _, labels in sweep.runs for name in labels]
            written += picture(
                part, list(dict.fromkeys(axes)), f"{sweep.file.stem}_{notebook}"
            ).save(folder)
    outputs = {path.name: cache.sha256(path) for path in written}
    files.write_json(
        folder / cache.MANIFEST, {"key": key, "runs": list(whole["run"]), "outputs": outputs}
    )
    return folder


def table(sweep: Sweep, out: Path) -> pd.DataFrame:
    """One row a run, in the sweep's order: notebook, what was varied, the numbers of its finding,
    and its folder.
    """
    rows = []
    for job, labels in sweep.runs:
        path = out / job.name / "finding.json"
        finding = files.read_json(path) if path.is_file() else {"not_testable": "the run failed"}
        row = {"notebook": job.notebook.stem} | labels
        row |= {name: finding.get(name, "") for name in _WORDS}
        row |= {name: _number(finding.get(name)) for name in _NUMBERS}
        rows.append(row | {"run": job.name})
    return pd.DataFrame(rows)


def picture(runs: pd.DataFrame, axes: list[str], name: str) -> Picture:
    """Small multiples of one notebook's runs: a panel for each value of the first axis, a row for
    the others.
    """
    panel, rows = axes[0] if axes else "notebook", axes[1:] or ["notebook"]
    data = runs.assign(label=runs[rows].astype(str).agg("; ".join, axis=1).str.replace("_", " "))
    known = data["estimate"].notna()
    null, unit, claim = (
        data.loc[known, column].iloc[0] for column in ("null_value", "unit", "claim")
    )
    above = int((data["estimate"] > null).sum())
    figure = _multiples(
        data, panel, null,
        title=f"{claim}: the estimate lies above {show(null)} in {above} of {known.sum()} runs",
        subtitle=f"{unit}, with interval, by {panel} (panels) and {', '.join(rows)} (rows)".replace("_", " "),
        caption=f"Line: no effect, {show(null)}. Orange: the whole interval lies on one side of it. One row a run of "
        f"{data['notebook'].iloc[0]}; {len(data) - known.sum()} without an estimate.",
    )  # fmt: skip
    lowest, highest = data["estimate"].min(), data["estimate"].max()
    alt = f"Small multiples of {known.sum()} estimates of the claim {claim}, from {show(lowest)} to {show(highest)}."
    drawn = data[["notebook", *axes, "estimate", "low", "high", "verdict"]]
    return Picture(name, figure, drawn, alt, {"runs": list(data["run"])})


@theme.chart
def _multiples(data: pd.DataFrame, panel: str, null: float, **words) -> Figure:
    labels, panels = list(dict.fromkeys(data["label"])), list(dict.fromkeys(data[panel]))
    columns = min(len(panels), 3)
    lines = -(-len(panels) // columns)
    log = null > 0 and (data["estimate"].dropna() > 0).all()
    values, low, high = parts.floats(data, "estimate", "low", "high")
    span = parts.limits(values, low, high, [null], log=log)
    page = theme.figure(lines * (_ROW * len(labels) + 0.7), **words)
    grid = page.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for ax in grid[len(panels) :]:
        ax.set_axis_off()
    for i, (ax, value) in enumerate(zip(grid, panels, strict=False)):
        parts.scale(ax.xaxis, span, log=log)
        parts.rows(ax, labels if i % columns == 0 else [""] * len(labels))
        ax.tick_params(axis="x", labelbottom=True)
        ax.set_title(
            str(value).replace("_", " "), size=9, loc="left", weight="bold", color=theme.INK
        )
        ax.axvline(null, color=theme.MUTED, linewidth=1)
        here = (data[panel] == value).to_numpy()
        at = data.loc[here, "label"].map(labels.index).to_numpy()
        parts.intervals(ax, at, low[here], high[here], span, [theme.CONTEXT] * len(at))
        clear = (low[here] > null) | (high[here] < null)
        ax.scatter(
            values[here], at, s=26, c=np.where(clear, theme.HIGHLIGHT, theme.MUTED), zorder=4
        )
    return page


def _number(value: object) -> float:
    """A number of a finding; text 'inf' is infinite, anything else missing."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
