"""A chart of a finding, with what every such picture says: window and sample, source and n, what
made it."""

import functools
from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from lac_analysis import charts, tables
from lac_analysis.charts import Picture, message
from lac_analysis.claims.finding import Finding, show
from lac_analysis.panel import COLLECTIONS


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
    if when is None:
        start, end = finding.window
        when = f"{start}–{end}, {sample(finding)}".removesuffix(", ")
    caption = _caption(finding) if caption is None else caption
    subtitle = f"{subtitle}, {when}" if when else subtitle
    figure = chart(*columns, title=title, subtitle=subtitle, caption=caption, **options)
    return Picture(name, figure, columns[0] if data is None else data, alt, finding.provenance())


def sample(finding: Finding) -> str:
    """The records used, for a subtitle; blank for the choices of no claim."""
    return COLLECTIONS.get(finding.parameters.get("collection"), "")


def source(finding: Finding) -> str:
    """What a caption calls the records, the user's own file or the project's."""
    return tables.source(finding.parameters.get("engagements", ""))


def _caption(finding: Finding) -> str:
    if not finding.n_places:  # a claim on excerpts or volumes, which have no place
        return f"Source: {source(finding)}; {finding.n_countries} countries."
    return (
        f"Source: {source(finding)}; {finding.n_engagements:,} local engagements, "
        f"{finding.n_places:,} places, {finding.n_countries} countries."
    )


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
