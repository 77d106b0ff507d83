"""Pictures of claim 4: the technologies by year, how the query decides the share, and every odds
ratio.
"""

import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import plan as plans
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.technology import TEMPLATES
from lac_analysis.stats.proportions import proportion

PICTURES = ("kinds", "queries", "odds")
OTHER, NO_TECHNOLOGY = "other technology", "no technology"
KINDS = ("surveillance", "telecom", "energy", "transport", "space", OTHER, NO_TECHNOLOGY)
QUERIES = {
    "T1": "T1 twinning",
    "T2": "T2 governors, mayors, delegations",
    "T3": "T3 the ambassador and mayors",
    "T4": "T4 Huawei, ZTE, Hikvision, Dahua",
    "T5": "T5 company investment",
    "T6": "T6 twinning, in the local language",
    "T7": "T7 camera makers, in the local language",
    "T8": "T8 BYD, Yutong, solar",
    "T9": "T9 COVID-19 donations",
    "P1": "P1 sister cities, by province",
    "P2": "P2 sister cities, in Chinese",
    "P3": "P3 delegations, by province",
    "": "no equal-effort query",
}


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {"kinds": _kinds(finding), "queries": _queries(finding), "odds": _odds(finding)}


def _kinds(finding: Finding) -> Picture:
    events = finding.detail["events"]
    kind = (
        events["technology_kind"]
        .replace("other", OTHER)
        .where(events["technology"] == 1, NO_TECHNOLOGY)
    )
    known = {name: n for name in KINDS if (n := (kind == name).sum())}
    years = pd.RangeIndex(finding.window[0], finding.window[1] + 1, name="year")
    table = pd.crosstab(events["year"], kind).reindex(years, fill_value=0)
    table = (
        table[list(known)]
        .melt(ignore_index=False, var_name="kind", value_name="engagements")
        .reset_index()
    )
    title = f"{_share(events)} company-led local engagements are about technology"
    figure = charts.bar_small_multiples(
        table,
        "year",
        "engagements",
        "kind",
        columns=3,
        highlight=tuple(name for name in known if name != NO_TECHNOLOGY),
        title=title,
        subtitle=f"Number a year of company-led local engagements {TEMPLATES[finding.detail['templates']]}, by kind of "
        f"technology, {words.window(finding)}",
        caption=words.caption(finding),
    )
    counted = ", ".join(f"{name} {n}" for name, n in known.items())
    return Picture(
        "kinds",
        figure,
        table,
        f"Small bar charts a kind, by year. {title}: {counted}.",
        finding.provenance(),
    )


def _queries(finding: Finding) -> Picture:
    samples, vendors = (
        finding.detail["samples"],
        plans.load()["technology"].entry["vendor_templates"],
    )
    every = samples["any"]
    found = every.assign(template=every["templates"].str.findall(r"[TPN]\d")).explode("template")
    counts = found.groupby("template")["technology"].agg(["sum", "size"])
    shares = [
        proportion(about, n, level=finding.level) for about, n in counts.itertuples(index=False)
    ]
    table = pd.DataFrame(
        {
            "query": [f"{QUERIES.get(code, code)} ({n})" for code, n in counts["size"].items()],
            "share": [100 * share.estimate for share in shares],
            "low": [100 * share.interval[0] for share in shares],
            "high": [100 * share.interval[1] for share in shares],
            "engagements": counts["size"].to_numpy(),
            "names_vendors": counts.index.isin(vendors),
        }
    )
    told = [name for name in ("neutral", "vendor") if len(samples[name])] or ["any"]
    parts = [f"{_share(samples[name])} {TEMPLATES[name]}" for name in told]
    figure = charts.dot_plot(
        table,
        "query",
        "share",
        low="low",
        high="high",
        highlight=table["names_vendors"].to_numpy(),
        highlight_name="names vendors",
        title=f"Technology: {', '.join(parts)}",
        subtitle="Share of company-led local engagements about technology by the query that found them, with "
        f"{finding.level:.0%} interval; in brackets their number, where one may be found by several queries; "
        f"{words.window(finding)}",
        caption=words.caption(_of(finding, every)),
        axis="% about technology",
    )
    rows = "; ".join(f"{r.query} {r.share:.0f} %" for r in table.itertuples())
    return Picture(
        "queries", figure, table, f"Share about technology by query: {rows}.", finding.provenance()
    )


def _odds(finding: Finding) -> Picture:
    table = pd.DataFrame([(r.name, r.estimate, r.low, r.high, r.p) for r in finding.secondary])
    table.columns = ["analysis", "odds_ratio", "low", "high", "p"]
    table[["analysis", "of"]] = [name.split(", ", 1) for name in table["analysis"]]
    interval = f"({show(finding.low)} to {show(finding.high)})"
    figure = charts.forest(
        table,
        "analysis",
        "odds_ratio",
        "low",
        "high",
        sesoi=finding.sesoi,
        group="of",
        title="The records cannot carry a trend in technology"
        if finding.not_testable
        else f"In ten years the odds of technology are multiplied by {show(finding.estimate)} {interval}",
        subtitle="Odds ratio that a company-led local engagement is about technology, over ten years by what found it, "
        f"and against national ones, with {finding.level:.0%} interval, {words.window(finding)}",
        caption=words.caption(_of(finding, finding.detail["samples"]["any"])),
        axis="odds ratio (log scale)",
    )
    rows = "; ".join(f"{r.analysis}, {r.of} {show(r.odds_ratio)}" for r in table.itertuples())
    return Picture(
        "odds", figure, table, f"Odds ratios with intervals: {rows}.", finding.provenance()
    )


def _share(events: pd.DataFrame) -> str:
    return f"{events['technology'].sum()} of {len(events)}"


def _of(finding: Finding, events: pd.DataFrame) -> Finding:
    """The finding with the numbers of other engagements, for a caption."""
    return finding.replace(
        n_engagements=len(events),
        n_places=events["place_id"].nunique(),
        n_countries=events["country"].nunique(),
    )
