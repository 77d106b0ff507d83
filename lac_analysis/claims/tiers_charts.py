"""Pictures of claim 10: volumes by year, ratios of later to earlier years, projects by country."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.tiers import VOLUMES, span


@drawn
def draw_volumes(finding: Finding) -> Picture:
    """Each series relative to its mean in the earlier period, so that both fit one axis."""
    late, early = _periods(finding)
    base = finding.detail["early"][list(VOLUMES)].mean().rename(VOLUMES)
    wide = finding.detail["yearly"][list(VOLUMES)].rename(columns=VOLUMES)
    table = wide.reset_index().melt("year", var_name="series", value_name="number")
    table["relative"] = table["number"] / table["series"].map(base).replace(0, np.nan)
    ratio = _ratio_table(finding).set_index("name")["estimate"]
    told = " and ".join(f"{name} ran at {show(ratio[name])} times" for name in VOLUMES.values())
    return draw(
        finding, "volumes", charts.series, table, "year", "relative", "series",
        mark=(finding.detail["late"].index[0] - 0.5, f"{late} begins"),
        title=f"In {late}, {told} their level of {early}",
        subtitle=f"Number a year relative to the mean of {early}", when=_window(finding),
        caption=_caption(finding),
        alt=f"Lines of AidData projects and CGIT deals by year. In {late}, {told} their level of "
        f"{early}.",
    )  # fmt: skip


@drawn
def draw_ratios(finding: Finding) -> Picture:
    """Every ratio of later to earlier years."""
    late, early = _periods(finding)
    table = _ratio_table(finding)
    fall = f"{1 - finding.null_value:.0%}"
    held = [
        name
        for name in VOLUMES.values()
        if table.loc[table["name"].str.startswith(name), "low"].min(skipna=False)
        > finding.null_value
    ]
    title = f"A fall of more than {fall} is not ruled out for the number of projects or of deals"
    if held:
        alone = " alone" if len(held) < len(VOLUMES) else ""
        title = (
            f"A fall of more than {fall} is ruled out for the number of {' and '.join(held)}{alone}"
        )
    told = "; ".join(
        f"{r.name} {show(r.estimate)} ({show(r.low)} to {show(r.high)})" for r in table.itertuples()
    )
    return draw(
        finding, "ratios", charts.forest, table, "name", "estimate", "low", "high", group="group",
        reference_name="no change", sesoi=finding.sesoi, title=title,
        subtitle=f"{late} against {early}, ratio of yearly rates, {finding.level:.0%} interval",
        when=_window(finding),
        caption=_caption(finding) + " Exact intervals; none for money, which a few loans decide.",
        axis="ratio (log scale)", alt=f"Ratios of {late} to {early} with intervals: {told}.",
    )  # fmt: skip


@drawn
def draw_countries(finding: Finding) -> Picture:
    """AidData projects a year by country in the two periods."""
    late, early = _periods(finding)
    table = finding.detail["countries"].pivot_table(
        index=["iso3", "country"], columns="late", values="gcdf_projects"
    )
    table = table.rename(columns={True: late, False: early}).reset_index()
    up, down = (table[late] > table[early]).sum(), (table[late] < table[early]).sum()
    most = ", ".join(table.nlargest(5, late)["country"])
    return draw(
        finding, "countries", charts.dot_plot, table, "country", late, second=early,
        title=f"AidData projects rose in {up} of {len(table)} countries and fell in {down}",
        subtitle=f"AidData projects a year, {late} (filled, number at the right), {early} (hollow)",
        when="", caption=_caption(finding) + " No project is recorded for a country at zero.",
        axis="AidData projects a year",
        alt=f"Dot plot of AidData projects a year by country in two periods. Up in {up}, down in "
        f"{down}. Most: {most}.",
    )  # fmt: skip


def _periods(finding: Finding) -> tuple[str, str]:
    return tuple(span(finding.detail[part].index) for part in ("late", "early"))


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
        "Source: AidData GCDF 3.0 (ODC-By 1.0), official finance, with COVID-19 donations in 2020; "
        "AEI China Global Investment Tracker (CGIT), Fall 2021, deals of about USD 100m and up; "
        f"CEIAS Who-Where-When 1.1. {finding.n_engagements:,} projects and deals compared."
    )
