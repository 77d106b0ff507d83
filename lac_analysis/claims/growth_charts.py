"""Pictures of claim 3: the trend, and the other tiers."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims.finding import Finding
from lac_analysis.claims.picture import draw, drawn

SERIES = {  # column: name, and source where it is not the project's own
    "engagements": ("Local engagements", ""),
    "twinnings": ("Twinnings among them", ""),
    "gcdf_projects": ("AidData projects", "AidData GCDF 3.0 (to 2021)."),
    "cgit_deals": ("CGIT deals", "China Global Investment Tracker (2005–2020)."),
}


@drawn
def draw_trend(finding: Finding) -> Picture:
    """Yearly counts with the fitted trend."""
    years = finding.detail["table"]["engagements"].reset_index().assign(series="local engagements")
    fitted = finding.detail["fitted"]
    doubt = "" if finding.low > 1 or finding.high < 1 else ", which could be chance"
    told = ", ".join(f"{row.year} {row.engagements}" for row in years.itertuples())
    return draw(
        finding, "trend", charts.series, years, "year", "engagements", "series", trend=fitted,
        title=f"Recorded local engagements {_pace(finding.estimate)}{doubt}",
        subtitle=f"Local engagements with a certain year, and trend with {finding.level:.0%} band",
        data=years.merge(fitted, left_on="year", right_on="x"),
        alt=f"Yearly local engagements with a trend that {_pace(finding.estimate)}: {told}.",
    )  # fmt: skip


@drawn
def draw_tiers(finding: Finding) -> Picture:
    """Each series as a percentage of its yearly mean, with its own trend."""
    years, trends = finding.detail["table"], finding.detail["trends"]
    shown = [column for column in SERIES if trends[column] is not None]
    parts, paces = [], []
    for column in shown:
        known, ratio = years[column].dropna(), trends[column].estimate
        span = "" if len(known) == len(years) else f" ({known.index[0]}–{known.index[-1]})"
        name = f"{SERIES[column][0]}{span}"
        label = f"{name}: {ratio - 1:+.0%} a year" if 0 < ratio < np.inf else name
        index = 100 * known / known.mean()
        parts.append(
            pd.DataFrame({"year": known.index, "count": known, "index": index, "series": label})
        )
        if column != "twinnings":
            paces.append(f"{name} {_pace(ratio)}")
    table = pd.concat(parts, ignore_index=True)
    sources = " ".join(SERIES[column][1] for column in shown if SERIES[column][1])
    return draw(
        finding, "tiers", charts.bar_small_multiples, table, "year", "index", "series", columns=2,
        highlight=(table["series"].iloc[0],), title=", ".join(paces),
        subtitle=f"Each series as a percentage of its yearly mean. {sources}",
        alt=f"Small bar charts a series, by year: {'; '.join(table['series'].unique())}.",
    )  # fmt: skip


def _pace(ratio: float) -> str:
    if not np.isfinite(ratio) or ratio == 0:
        return "began or ended within the window"
    if abs(ratio - 1) < 0.005:
        return "hardly changed"
    return f"{'grew' if ratio > 1 else 'fell'} {abs(ratio - 1):.0%} a year"
