"""The verdict picture: one row a claim."""

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.picture import source
from lac_analysis.report import verdicts

_NAMES = {
    "web": "A web of many actors",
    "not_new": "Not new",
    "growth": "Growing",
    "technology": "Technology increasingly",
    "platforms": "Platforms convene",
    "twinning": "Twinning follows engagement",
    "reach": "Reaches the whole region",
    "authority": "More where leaders have authority",
    "self_rule": "More where regions rule themselves",
    "strained": "More where relations are strained",
    "tiers": "National tiers stay extensive",
}


def draw_verdicts(report: dict[str, Finding]) -> Picture:
    """The standardised estimate of each claim, its interval and the verdict."""
    first = next(iter(report.values()))
    table = verdicts.standardised(report)
    numbers = table["claim"].map(lambda name: plans.of(name).number.lstrip("0"))
    named = table.assign(claim=numbers + " " + table["claim"].map(_NAMES))
    counts = table["verdict"].value_counts()
    found = [f"{counts[verdict]} {verdict}" for verdict in charts.VERDICTS if verdict in counts]
    figure = charts.verdict_picture(
        named,
        "claim",
        "estimate",
        "low",
        "high",
        "verdict",
        title=f"Of the report's {len(table)} findings: {', '.join(found)}",
        subtitle="Estimate and interval on one scale: 0 is no effect, 1 the smallest effect of "
        f"interest; ratios on the log scale; {first.window[0]}–{first.window[1]}",
        caption=f"Source: {source(first)}, AidData, CGIT. Verdicts by the rules of claims.yml, "
        "with Holm's correction over the claims that can be tested.",
        axis="estimate, in smallest effects of interest",
    )
    rows = "; ".join(f"{r.claim} {r.verdict} ({show(r.estimate)})" for r in named.itertuples())
    provenance = first.provenance() | {"claim": "verdicts"}
    return Picture("verdicts", figure, table, f"Verdict by claim: {rows}.", provenance)
