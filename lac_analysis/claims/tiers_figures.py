"""Pictures of claim 10: volumes by year, the ratios of later to earlier years, and projects by
country.
"""

from dataclasses import asdict

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.tiers import VOLUMES

PICTURES = ("volumes", "ratios", "countries")


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    late, early = (
        f"{part.index[0]}–{part.index[-1]}"
        for part in (finding.detail["late"], finding.detail["early"])
    )
    return {
        "volumes": _volumes(finding, late, early),
        "ratios": _ratios(finding, late, early),
        "countries": _countries(finding, late, early),
    }


def _volumes(finding: Finding, late: str, early: str) -> Picture:
    """Each series relative to its mean in the earlier period, so that both fit one axis."""
    base = finding.detail["early"][list(VOLUMES)].mean()
    wide = finding.detail["yearly"][list(VOLUMES)]
    table = (
        wide.rename(columns=VOLUMES)
        .reset_index()
        .melt("year", var_name="series", value_name="number")
    )
    table["relative"] = table["number"] / table["series"].map(base.rename(VOLUMES)).replace(
        0, np.nan
    )
    ratio = _ratio_table(finding).set_index("name")["estimate"]
    said = " and ".join(f"{name} ran at {show(ratio[name])} times" for name in VOLUMES.values())
    figure = charts.series(
        table,
        "year",
        "relative",
        "series",
        mark=(finding.detail["late"].index[0] - 0.5, f"{late} begins"),
        title=f"In {late}, {said} their level of {early}",
        subtitle=f"Number a year relative to the mean of {early}, {_window(finding)}",
        caption=_caption(finding),
    )
    alt = f"Lines of AidData projects and CGIT deals by year. In {late}, {said} their level of {early}."
    return Picture("volumes", figure, table, alt, finding.provenance())


def _ratios(finding: Finding, late: str, early: str) -> Picture:
    table = _ratio_table(finding)
    lowest = {
        name: table.loc[table["name"].str.startswith(name), "low"].min(skipna=False)
        for name in VOLUMES.values()
    }
    held = [name for name, low in lowest.items() if low > finding.null_value]
    title = f"A fall of more than {1 - finding.null_value:.0%} is ruled out for the number of {' and of '.join(held)}"
    if not held:
        title = f"A fall of more than {1 - finding.null_value:.0%} in the number of projects or of deals is not ruled out"
    elif len(held) < len(VOLUMES):
        title += " alone"
    figure = charts.forest(
        table,
        "name",
        "estimate",
        "low",
        "high",
        group="group",
        sesoi=finding.sesoi,
        title=title,
        subtitle=f"{late} against {early}, ratio of yearly rates with {finding.level:.0%} interval, {_window(finding)}",
        caption=_caption(finding) + " Exact intervals for counts; countries resampled for money.",
        axis="ratio (log scale)",
    )
    rows = "; ".join(
        f"{r.name} {show(r.estimate)} ({show(r.low)} to {show(r.high)})" for r in table.itertuples()
    )
    return Picture(
        "ratios",
        figure,
        table,
        f"Ratios of {late} to {early} with intervals: {rows}.",
        finding.provenance(),
    )


def _countries(finding: Finding, late: str, early: str) -> Picture:
    table = finding.detail["countries"].pivot_table(
        index=["iso3", "country"], columns="late", values="gcdf_projects"
    )
    table = table.rename(columns={True: late, False: early}).reset_index()
    up, down = (table[late] > table[early]).sum(), (table[late] < table[early]).sum()
    figure = charts.dot_plot(
        table,
        "country",
        late,
        second=early,
        title=f"AidData projects rose in {up} of {len(table)} countries and fell in {down}, {early} to {late}",
        subtitle=f"AidData projects a year, {late} (filled, number at the right) and {early} (hollow)",
        caption=_caption(finding) + " No project is recorded for a country at zero.",
        axis="AidData projects a year",
    )
    most = ", ".join(table.nlargest(5, late)["country"])
    alt = f"Dot plot of AidData projects a year by country in two periods. Up in {up}, down in {down}. Most: {most}."
    return Picture("countries", figure, table, alt, finding.provenance())


def _ratio_table(finding: Finding) -> pd.DataFrame:
    rows = [
        {"group": group} | asdict(result)
        for group, part in finding.detail["ratios"].items()
        for result in part
    ]
    return pd.DataFrame(rows)[["group", "name", "estimate", "low", "high", "note"]]


def _window(finding: Finding) -> str:
    return f"{finding.window[0]}–{finding.window[1]}, {finding.n_countries} countries"


def _caption(finding: Finding) -> str:
    return (
        "Source: AidData GCDF 3.0 (ODC-By 1.0), official finance, with COVID-19 donations in 2020; AEI China Global "
        "Investment Tracker (CGIT), Fall 2021, deals of about USD 100m and up; CEIAS Who-Where-When 1.1. "
        f"{finding.n_engagements:,} projects and deals compared."
    )
