"""The verdict picture."""

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.words import source
from lac_analysis.report import verdicts

PICTURES = ("verdicts",)
_TITLES = {
    "web": "1 A web of many actors",
    "not_new": "2 Not new",
    "growth": "3 Growing",
    "technology": "4 Technology increasingly",
    "platforms": "5 Platforms convene",
    "twinning": "6 Twinning follows engagement",
    "reach": "7 Reaches the whole region",
    "authority": "8 More where leaders have authority",
    "strained": "9 More where relations are strained",
    "tiers": "10 National tiers stay extensive",
}


def pictures(report: dict[str, Finding]) -> dict[str, Picture]:
    """One row a claim: the standardised estimate, its interval and the verdict."""
    table = verdicts.standardised(report)
    table["claim"] = table["claim"].map(_TITLES)
    counts = table["verdict"].value_counts()
    first = next(iter(report.values()))
    found = counts.reindex(charts.VERDICTS).dropna().astype(int)
    words = ", ".join(f"{n} {verdict}" for verdict, n in found.items())
    figure = charts.verdict_picture(
        table,
        "claim",
        "estimate",
        "low",
        "high",
        "verdict",
        title=f"Of the report's ten findings: {words}",
        subtitle="Estimate and interval on one scale: 0 is no effect, 1 the smallest effect of interest; ratios on the "
        f"log scale; {first.window[0]}–{first.window[1]}",
        caption=f"Source: {source(first)}, AidData, CGIT. Verdicts by the rules of claims.yml, with Holm's correction "
        "over the ten tests.",
        axis="estimate, in smallest effects of interest",
    )
    rows = "; ".join(f"{r.claim} {r.verdict} ({show(r.estimate)})" for r in table.itertuples())
    data = verdicts.standardised(report)
    return {
        "verdicts": Picture(
            "verdicts",
            figure,
            data,
            f"Verdict by claim: {rows}.",
            first.provenance() | {"claim": "verdicts"},
        )
    }
