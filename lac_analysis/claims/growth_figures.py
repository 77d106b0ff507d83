"""Pictures of claim 3: the trend, the other tiers beside it, and how much of it detection could
explain.
"""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, show

PICTURES = ("trend", "tiers", "detection")
SERIES = {  # column: name, and source where it is not the project's own
    "engagements": ("Local engagements", ""),
    "twinnings": ("Twinnings among them", ""),
    "gcdf_projects": ("AidData projects", "AidData GCDF 3.0 (to 2021)."),
    "cgit_deals": ("CGIT deals", "China Global Investment Tracker (2005–2020)."),
}
DETECTION = (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)  # growth a year


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {"trend": _trend(finding), "tiers": _tiers(finding), "detection": _detection(finding)}


def _trend(finding: Finding) -> Picture:
    yearly, fitted = finding.detail["yearly"], finding.detail["fitted"]
    table = pd.DataFrame(
        {
            "year": yearly.index,
            "engagements": yearly["engagements"].to_numpy(),
            "series": "local engagements",
        }
    )
    doubt = "" if finding.low > 1 or finding.high < 1 else ", which could be chance"
    figure = charts.series(
        table,
        "year",
        "engagements",
        "series",
        trend=fitted,
        title=f"Recorded local engagements {_pace(finding.estimate)}{doubt}",
        subtitle=f"Local engagements with a certain year, and trend with {finding.level:.0%} band, "
        f"{words.window(finding)}",
        caption=words.caption(finding),
    )
    counts = ", ".join(f"{year} {count}" for year, count in yearly["engagements"].items())
    alt = f"Line of yearly local engagements with a fitted trend that {_pace(finding.estimate)}: {counts}."
    return Picture(
        "trend",
        figure,
        table.merge(fitted, left_on="year", right_on="x"),
        alt,
        finding.provenance(),
    )


def _tiers(finding: Finding) -> Picture:
    yearly, trends = finding.detail["yearly"], finding.detail["trends"]
    shown = [column for column in SERIES if trends[column] is not None]
    parts, paces = [], []
    for column in shown:
        known, ratio = yearly[column].dropna(), trends[column].estimate
        years = "" if len(known) == len(yearly) else f" ({known.index[0]}–{known.index[-1]})"
        name = f"{SERIES[column][0]}{years}"
        label = f"{name}: {ratio - 1:+.0%} a year" if 0 < ratio < np.inf else name
        indexed = 100 * known / known.mean()
        parts.append(
            pd.DataFrame({"year": known.index, "count": known, "index": indexed, "series": label})
        )
        if column != "twinnings":
            paces.append(f"{name} {_pace(ratio)}")
    table = pd.concat(parts, ignore_index=True)
    figure = charts.bar_small_multiples(
        table,
        "year",
        "index",
        "series",
        columns=2,
        highlight=(table["series"].iloc[0],),
        title=", ".join(paces),
        subtitle=f"Each series as a percentage of its yearly mean, {words.window(finding)}; a missing series does not "
        "cover five years of the window, or has no events in it",
        caption=" ".join(
            [words.caption(finding), *(SERIES[column][1] for column in shown if SERIES[column][1])]
        ),
    )
    alt = f"Small bar charts a series, by year: {'; '.join(table['series'].unique())}."
    return Picture("tiers", figure, table, alt, finding.provenance())


def _detection(finding: Finding) -> Picture:
    table = pd.DataFrame({"detection": DETECTION})
    table["label"] = [f"{growth:.0%} a year" for growth in DETECTION]
    for column in ("estimate", "low", "high"):
        table[column] = getattr(finding, column) / (1 + table["detection"])
    figure = charts.forest(
        table,
        "label",
        "estimate",
        "low",
        "high",
        sesoi=finding.sesoi,
        title=_tipping_title(finding),
        subtitle="Yearly rate ratio of local engagements that remains, by how fast the chance of finding an engagement "
        f"grew (rows), with {finding.level:.0%} interval, {words.window(finding)}",
        caption=words.caption(finding),
        axis="rate ratio a year (log scale)",
    )
    rows = "; ".join(
        f"{r.label} {show(r.estimate)} ({show(r.low)} to {show(r.high)})"
        for r in table.itertuples()
    )
    alt = f"Rate ratio that remains by yearly growth of detection: {rows}."
    return Picture("detection", figure, table, alt, finding.provenance())


def _tipping_title(finding: Finding) -> str:
    if finding.estimate <= 1:
        return "No growth in the records that better detection would have to explain"
    erase = f"Detection would have to grow {_percent(finding.estimate)} a year to explain the whole trend"
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
