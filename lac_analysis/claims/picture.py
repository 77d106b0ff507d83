"""A chart of an analysis, with what every such picture says: window and sample, source and n, what
made it. The pictures of the data and of the checks are made with it, too.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from lac_analysis import charts, tables
from lac_analysis.charts import Picture, message
from lac_analysis.charts.theme import NothingToDraw
from lac_analysis.claims.finding import Finding, show
from lac_analysis.selection import sample_of

LOG = "search log of this project (CC BY 4.0)"
_VOLUMES = "AidData GCDF 3.0 (ODC-By 1.0), AEI China Global Investment Tracker"
# claim -> source and unit of what it counts in the stead of engagement records
_OTHERS = dict.fromkeys(("authority", "self_rule", "strained"), (LOG, "excerpts"))
_OTHERS["tiers"] = (_VOLUMES, "projects and deals")


@dataclass(frozen=True)
class Made:
    """What the pictures of one analysis have in common."""

    provenance: dict  # what made them: claim, parameters, hashes
    source: str  # of the numbers, which begins the caption
    when: str = ""  # window and sample, which end the subtitle; or blank


def draw(
    made: Finding | Made, name: str, chart: Callable[..., Figure], *columns,
    title: str, subtitle: str, alt: str, when: str | None = None, caption: str | None = None,
    note: str = "", data: pd.DataFrame | None = None, **options,
) -> Picture:  # fmt: skip
    """Draw `chart(*columns, **options)` and keep it as the picture `name`, or say why not.

    chart : a function of `charts`, such as `charts.dot_plot`.
    columns : what it takes first: the table, and the names of its columns.
    subtitle : the measure; the window and the sample are added to it, or `when` where given.
    caption : source and n where left out.   note : what follows it.
    alt : what the picture shows, for those who cannot see it.
    data : the numbers drawn, for the CSV; the table where left out.
    options : of the chart.
    """
    if isinstance(made, Finding):
        made, note = _of(made), f"{note} {made.otherwise()}".strip()
    when = made.when if when is None else when
    caption = made.source if caption is None else caption
    options |= {"subtitle": f"{subtitle}, {when}" if when else subtitle}
    try:
        figure = chart(*columns, title=title, caption=f"{caption} {note}".strip(), **options)
    except NothingToDraw as reason:
        return message(name, str(reason), made.provenance)
    return Picture(name, figure, columns[0] if data is None else data, alt, made.provenance)


def _of(finding: Finding) -> Made:
    start, end = finding.window
    when = f"{start}–{end}, {sample_of(finding.parameters)}".removesuffix(", ")
    _, unit = _OTHERS.get(finding.claim, ("", "local engagements"))
    places = f"{finding.n_places:,} places, " if finding.n_places else ""
    counted = f"{finding.n_engagements:,} {unit}, {places}{finding.n_countries} countries."
    return Made(finding.provenance(), f"Source: {source(finding)}; {counted}", when)


def source(finding: Finding) -> str:
    """What a caption calls the source of what the finding counts: of most claims, the records."""
    if "excerpts" in finding.parameters:  # of all years; a country's score and size are not
        start, end = finding.window
        return f"{LOG}; scores and sizes of {start}–{end}, or the last years known"
    if finding.claim in _OTHERS:
        return _OTHERS[finding.claim][0]
    return tables.source(finding.parameters.get("engagements", ""))


def or_message(told: Callable) -> Callable:
    """Decorate a function `draw_<name>(...)`: `told` gives, of its arguments, whether there is
    something to draw, and else the reason and the provenance of the message.
    """

    def decorate(function: Callable[..., Picture]) -> Callable[..., Picture]:
        @functools.wraps(function)
        def picture(*args, **options) -> Picture:
            something, *why = told(*args)
            if something:
                return function(*args, **options)
            return message(function.__name__.removeprefix("draw_"), *why)

        return picture

    return decorate


# of `draw_<name>(finding, ...)`
drawn = or_message(lambda finding, *_: (finding.detail, finding.not_testable, finding.provenance()))


@drawn
def draw_design(finding: Finding) -> Picture:
    """P(verdict | truth) on this design."""
    rows = pd.DataFrame(finding.design)
    marks = {finding.null_value: " (null value)", finding.sesoi: " (SESOI)"}
    names = [f"true {finding.unit} {show(t)}{marks.get(t, '')}" for t in rows["truth"]]
    table = rows.drop(columns=["truth", "rejected"]).set_axis(names)
    at_sesoi = table.iloc[rows["truth"].sub(finding.sesoi).abs().idxmin()]
    often = at_sesoi.idxmax()
    said = f"supported in {at_sesoi['supported']:.0%} of cases"
    said += f", {often} in {at_sesoi[often]:.0%}" if often != "supported" else ""
    told = "; ".join(f"{name} supported {row['supported']:.0%}" for name, row in table.iterrows())
    return draw(
        finding, "design", charts.verdict_shares, table,
        title=f"At the smallest effect of interest the test would say {said}",
        subtitle="How often each verdict comes out on data simulated on this design with a known "
        "truth, at the strictest step of Holm's correction, the plan's conditions taken to hold",
        when="", data=rows, alt=f"Bars of verdicts by truth: {told}.",
    )  # fmt: skip
