"""Pictures of claim 3: the trend, the other tiers, and how much detection could explain."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.picture import draw, drawn

SERIES = {  # column: name, and source where it is not the project's own
    "engagements": ("Local engagements", ""),
    "twinnings": ("Twinnings among them", ""),
    "gcdf_projects": ("AidData projects", "AidData GCDF 3.0 (to 2021)."),
    "cgit_deals": ("CGIT deals", "China Global Investment Tracker (2005–2020)."),
}
DETECTION = (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)  # growth a year


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


@drawn
def draw_detection(finding: Finding) -> Picture:
    """What is left of the trend if the chance of finding an engagement grew."""
    table = pd.DataFrame({"detection": DETECTION})
    table["label"] = [f"{growth:.0%} a year" for growth in DETECTION]
    for column in ("estimate", "low", "high"):
        table[column] = getattr(finding, column) / (1 + table["detection"])
    told = "; ".join(
        f"{r.label} {show(r.estimate)} ({show(r.low)} to {show(r.high)})"
        for r in table.itertuples()
    )
    return draw(
        finding, "detection", charts.forest, table, "label", "estimate", "low", "high",
        sesoi=finding.sesoi, title=_tipping_title(finding),
        subtitle="Yearly rate ratio that remains, by how fast the chance of finding an engagement "
        f"grew (rows), {finding.level:.0%} interval",
        axis="rate ratio a year (log scale)",
        alt=f"Rate ratio that remains by yearly growth of detection: {told}.",
    )  # fmt: skip


def _tipping_title(finding: Finding) -> str:
    if finding.estimate <= 1:
        return "No growth in the records that better detection would have to explain"
    erase = f"Searches would have to get {_percent(finding.estimate)} better a year to explain it"
    if finding.low <= 1:
        return f"{erase}; chance could explain it, too"
    return f"{erase}, {_percent(finding.low)} to leave it uncertain"


def _pace(ratio: float) -> str:
    if not np.isfinite(ratio) or ratio == 0:
        return "began or ended within the window"
    if abs(ratio - 1) < 0.005:
        return "hardly changed"
    return f"{'grew' if ratio > 1 else 'fell'} {abs(ratio - 1):.0%} a year"


def _percent(ratio: float) -> str:
    growth = 100 * (ratio - 1)
    return f"{growth:.0f}%" if growth >= 9.5 else f"{growth:.2g}%"
