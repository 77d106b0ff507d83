"""Pictures of claim 6: earlier engagement of places that twin and of others, what is known of each
twinning, and the ladder of engagement.
"""

import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims.finding import Finding
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
    levels = {"municipal": "municipal", "admin1": "first-level"}
    rows = []
    for (level, case), own in sets.groupby([sets["stratum"].str[4:], "case"]):
        k, n = int(own["exposed"].sum()), len(own)
        share = proportion(k, n, level=finding.level)
        who = "places that twin" if case else "places not twinned by then"
        rows.append(
            (levels.get(level, level), f"{who} ({k} of {n})", share.estimate, *share.interval)
        )
    table = pd.DataFrame(rows[::-1], columns=["level", "who", "share", "low", "high"])
    shares = sets.groupby("case")["exposed"].mean().map("{:.0%}".format).reindex([0, 1])
    told = "; ".join(f"{row.level} {row.who} {row.share:.0%}" for row in table.itertuples())
    return draw(
        finding, "exposed", charts.forest, table, "who", "share", "low", "high", group="level",
        reference=0, reference_name="none", log=False,
        title=f"{shares[1]} of places had engagement before their twinning, {shares[0]} of places "
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
