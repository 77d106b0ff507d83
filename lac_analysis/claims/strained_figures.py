"""Pictures of claim 9: the rate ratio by definition, recognition over time, and engagement around
the switches.
"""

import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.strained import AROUND

PICTURES = ("definitions", "recognition", "switches")
_GROUPS = {
    (False, False): "All states",
    (True, False): "States that recognise the PRC",
    (False, True): "All states, each compared with itself over time (no interval)",
}


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {
        "definitions": _definitions(finding),
        "recognition": _recognition(finding),
        "switches": _switches(finding),
    }


def _definitions(finding: Finding) -> Picture:
    table = finding.detail["definitions"]
    groups = [
        _GROUPS.get(key) for key in zip(table["prc_only"], table["country_effects"], strict=True)
    ]
    table = (
        table.assign(group=groups)
        .dropna(subset="group")
        .sort_values(["country_effects", "prc_only"], kind="stable")
    )
    known = table[~table["country_effects"] & ~table["prc_only"]].dropna(subset="ratio")
    above = int((known["ratio"] > 1).sum())
    figure = charts.forest(
        table,
        "name",
        "ratio",
        "low",
        "high",
        group="group",
        sesoi=finding.sesoi,
        title=f"Strained country-years have more local engagement by {above} of {len(known)} definitions",
        subtitle="Rate ratio of local engagements, strained against other country-years of the same year, with "
        f"{finding.level:.0%} interval, {words.window(finding)}",
        caption=words.caption(finding),
        axis="rate ratio (log scale)",
    )
    rows = "; ".join(
        f"{r.name} {show(r.ratio)} ({show(r.low)} to {show(r.high)})" for r in known.itertuples()
    )
    alt = f"Rate ratios with intervals by definition of strained relations. All states: {rows}."
    return Picture("definitions", figure, table, alt, finding.provenance())


def _recognition(finding: Finding) -> Picture:
    spells, events = finding.detail["recognition"], finding.detail["engagements"]
    switches = spells[(spells["recognises"] == "PRC") & (spells["from"] >= "2000")]
    figure = charts.timeline(
        spells,
        "from",
        "to",
        "country",
        "recognises",
        window=(2000, 2025),
        highlight="ROC",
        events=events,
        title=f"{len(switches)} countries turned from Taipei to Beijing between 2000 and 2025",
        subtitle="Whom a country recognises, and its recorded local engagements with Chinese actors (dots), "
        f"{words.SAMPLES[finding.parameters['collection']]}",
        caption=f"Source: the diplomatic record and {words.source(finding)}. {len(events)} dated local engagements.",
    )
    names = ", ".join(
        f"{name} {start[:4]}"
        for name, start in zip(switches["country"], switches["from"], strict=True)
    )
    alt = f"Timeline of recognition of the ROC and the PRC from 2000 to 2025. Switches to the PRC: {names}."
    drawn = spells[["country", "from", "to", "recognises"]].assign(kind="spell")
    dots = events.assign(**{"from": events["from"].dt.strftime("%Y-%m-%d")}, kind="engagement")
    data = pd.concat([drawn, dots.sort_values(["country", "from"])], ignore_index=True)
    return Picture("recognition", figure, data, alt, finding.provenance())


def _switches(finding: Finding) -> Picture:
    table = finding.detail["switches"]
    before, after = (
        table[table["time"].between(*span)] for span in ((AROUND[0], -1), (1, AROUND[-1]))
    )
    rates = [
        part["engagements"].sum() / max(part["country_years"].sum(), 1) for part in (before, after)
    ]
    figure = charts.event_study(
        table,
        "time",
        "rate",
        "low",
        "high",
        event="switch",
        title=f"Local engagements a year: {rates[0]:.1g} before a switch to Beijing, {rates[1]:.1g} after",
        subtitle="Local engagements a country and year around the switches from the ROC to the PRC in "
        f"{words.window(finding)}, with exact {finding.level:.0%} interval",
        caption=words.caption(finding),
        axis="years from the switch",
    )
    alt = (
        "Mean local engagements a country-year by years from the switch: "
        + "; ".join(f"{r.time} {show(r.rate)}" for r in table.itertuples())
        + "."
    )
    return Picture("switches", figure, table, alt, finding.provenance())
