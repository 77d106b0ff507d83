"""A chart of a finding, with what every such picture says: window and sample, source and n, what
made it."""

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import Picture
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding


def draw(
    finding: Finding, name: str, chart: Callable[..., Figure], *columns,
    title: str, subtitle: str, alt: str, window: str | None = None, caption: str | None = None,
    data: pd.DataFrame | None = None, **options,
) -> Picture:  # fmt: skip
    """Draw `chart(*columns, **options)` and keep it as the finding's picture `name`.

    Parameters
    ----------
    chart : a function of `charts`, such as `charts.dot_plot`.
    columns : what it takes first: the table, and the names of its columns.
    subtitle : the measure; the window and the sample are added to it, or `window` where given.
    caption : source and n of the finding's engagements where left out.
    alt : what the picture shows, for those who cannot see it.
    data : the numbers drawn, for the CSV; the table where left out.
    options : of the chart.
    """
    window = words.window(finding) if window is None else window
    figure = chart(
        *columns,
        title=title,
        subtitle=f"{subtitle}, {window}" if window else subtitle,
        caption=words.caption(finding) if caption is None else caption,
        **options,
    )
    return Picture(name, figure, columns[0] if data is None else data, alt, finding.provenance())
