"""Pictures of claim 6: earlier engagement of places that twin and of others, what is known of each
twinning, and the ladder of engagement.
"""

import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.stats.proportions import proportion

_KNOWN = {
    "record": "an earlier engagement is on record",
    "source": "the source says there was contact before",
    "possible": "a record may be earlier: dates overlap or are unknown",
    "silent": "no record can be earlier, the source is silent",
    "first": "the source says first contact",
}


@drawn
def draw_exposed(finding: Finding) -> Picture:
    """Share with an earlier engagement: places that twin, and places of the same sets."""
    sets = finding.detail["table"]
    rows = []
    for level in ("municipal", "admin1"):
        own = sets[sets["stratum"].str.endswith(level)]
        for case, who in ((1, "places that twin"), (0, "places not twinned by then")):
            exposed = own.loc[own["case"] == case, "exposed"]
            if len(exposed):
                share = proportion(int(exposed.sum()), len(exposed), level=finding.level)
                label = f"{who} ({int(exposed.sum())} of {len(exposed)})"
                rows.append(
                    (
                        f"{level.replace('admin1', 'first-level')}",
                        label,
                        share.estimate,
                        *share.interval,
                    )
                )
    table = pd.DataFrame(rows, columns=["level", "who", "share", "low", "high"])
    cases = sets.loc[sets["case"] == 1, "exposed"].mean()
    others = sets.loc[sets["case"] == 0, "exposed"].mean()
    told = "; ".join(f"{row.level} {row.who} {row.share:.0%}" for row in table.itertuples())
    return draw(
        finding, "exposed", charts.forest, table, "who", "share", "low", "high", group="level",
        reference=0, reference_name="none", log=False,
        title=f"{cases:.0%} of places had engagement before their twinning, {others:.0%} of places "
        "not twinned by then",
        subtitle=f"Share with an engagement in the {finding.parameters['years_before']} years "
        "before the day of the twinning, found by one query a place",
        axis="share of places", alt=f"Shares with an earlier engagement: {told}.",
    )  # fmt: skip


@drawn
def draw_known(finding: Finding) -> Picture:
    """What is known of contact before each twinning."""
    counts = finding.detail["known"]["known"].value_counts().reindex(list(_KNOWN), fill_value=0)
    table = pd.DataFrame({"state": list(_KNOWN.values()), "twinnings": counts.to_numpy()})
    earlier, unknown = counts[["record", "source"]].sum(), counts[["possible", "silent"]].sum()
    told = "; ".join(f"{row.state}: {row.twinnings}" for row in table.itertuples())
    return draw(
        finding, "known", charts.dot_plot, table, "state", "twinnings",
        highlight=counts.index.isin(["record", "source"]),
        title=f"{earlier} of {counts.sum()} twinnings are known to follow earlier engagement; for "
        f"{unknown} the order is unknown",
        subtitle="First twinnings of a LAC place and a Chinese place, by what is known of earlier "
        "engagement of the LAC place",
        axis="twinnings", alt=f"Dot plot of twinnings. {told}.",
    )  # fmt: skip


@drawn
def draw_after(finding: Finding) -> Picture:
    """The odds ratio before, and the rate ratio after a twinning."""
    rows = [("before: odds of engagement", finding.estimate, finding.low, finding.high)]
    rows += [
        (f"after: {r.name}", r.estimate, r.low, r.high)
        for r in finding.secondary
        if r.unit == "rate ratio"
    ]
    table = pd.DataFrame(rows, columns=["what", "ratio", "low", "high"])
    told = "; ".join(
        f"{r.what} {show(r.ratio)} ({show(r.low)} to {show(r.high)})" for r in table.itertuples()
    )
    return draw(
        finding, "after", charts.forest, table, "what", "ratio", "low", "high", sesoi=finding.sesoi,
        title=f"Before a twinning the odds of engagement are {show(finding.estimate)} times those "
        "of places like it",
        subtitle=f"Odds ratio before and rate ratio after, {finding.level:.0%} interval",
        axis="ratio (log scale)", alt=f"Ratios with intervals: {told}.",
    )  # fmt: skip
