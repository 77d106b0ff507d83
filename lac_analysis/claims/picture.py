"""A chart of a finding, with what every such picture says: window and sample, source and n, what
made it."""

import functools
from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis import charts
from lac_analysis.charts import Picture, message
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, show


def draw(
    finding: Finding, name: str, chart: Callable[..., Figure], *columns,
    title: str, subtitle: str, alt: str, when: str | None = None, caption: str | None = None,
    data: pd.DataFrame | None = None, **options,
) -> Picture:  # fmt: skip
    """Draw `chart(*columns, **options)` and keep it as the finding's picture `name`.

    Parameters
    ----------
    chart : a function of `charts`, such as `charts.dot_plot`.
    columns : what it takes first: the table, and the names of its columns.
    subtitle : the measure; the window and the sample are added to it, or `when` where given.
    caption : source and n of the finding's engagements where left out.
    alt : what the picture shows, for those who cannot see it.
    data : the numbers drawn, for the CSV; the table where left out.
    options : of the chart.
    """
    when = words.window(finding) if when is None else when
    figure = chart(
        *columns,
        title=title,
        subtitle=f"{subtitle}, {when}" if when else subtitle,
        caption=words.caption(finding) if caption is None else caption,
        **options,
    )
    return Picture(name, figure, columns[0] if data is None else data, alt, finding.provenance())


def drawn(function: Callable[..., Picture]) -> Callable[..., Picture]:
    """Decorate a function `draw_<name>(finding, ...)`: where the finding holds nothing to draw, its
    picture says why.
    """

    @functools.wraps(function)
    def picture(finding: Finding, *args, **options) -> Picture:
        if finding.detail:
            return function(finding, *args, **options)
        name = function.__name__.removeprefix("draw_")
        return message(name, finding.not_testable, finding.provenance())

    return picture


def draw_forest(finding: Finding, name: str, table: pd.DataFrame, **options) -> Picture:
    """Estimates with intervals, beside the smallest effect of interest.

    table : columns for the name, the estimate, and the limits, in this order.
    options : of `draw` and `charts.forest`.
    """
    rows = table.itertuples(index=False, name=None)
    told = "; ".join(
        f"{what} {show(value)} ({show(low)} to {show(high)})" for what, value, low, high in rows
    )
    return draw(
        finding, name, charts.forest, table, *table.columns,
        **{"sesoi": finding.sesoi, "alt": f"Estimates with intervals: {told}."} | options,
    )  # fmt: skip


def draw_null(finding: Finding, what: str, *, title: str, subtitle: str, **options) -> Picture:
    """Where the statistic of the finding's test stands among those that chance gives."""
    test = finding.detail["test"]
    null = test.null[np.isfinite(test.null)]
    quantiles = np.linspace(0, 1, 201)
    data = pd.DataFrame({"quantile": quantiles, "score": np.quantile(null, quantiles)})
    return draw(
        finding, "chance", charts.null_distribution, [(what, null, test.statistic, test.p)],
        log=False, title=title, subtitle=subtitle, axis="studentised score", data=data,
        alt=f"Histogram of the studentised score by chance; observed {show(test.statistic)}, "
        f"p = {test.p:.2g}.", **options,
    )  # fmt: skip


@drawn
def draw_design(finding: Finding) -> Picture:
    """P(verdict | truth) on this design."""
    rows = pd.DataFrame(finding.design)
    marks = {finding.null_value: " (no effect)", finding.sesoi: " (SESOI)"}
    names = [f"true {finding.unit} {show(t)}{marks.get(t, '')}" for t in rows["truth"]]
    table = rows.drop(columns=["truth", "rejected"]).set_axis(names)
    often = table.iloc[rows["truth"].sub(finding.sesoi).abs().idxmin()].idxmax()
    told = "; ".join(f"{name} supported {row['supported']:.0%}" for name, row in table.iterrows())
    return draw(
        finding, "design", charts.verdict_shares, table,
        title=f"At the smallest effect of interest the test would say {often} most often",
        subtitle="How often each verdict comes out on data simulated on this design with a known "
        "truth, by the test alone",
        when="", data=rows, alt=f"Bars of verdicts by truth: {told}.",
    )  # fmt: skip
