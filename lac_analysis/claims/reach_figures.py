"""Pictures of claim 7: who is reached and how much was found there, how many of which kind, and
rates per head.
"""

import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, show
from lac_analysis.stats.rates import rate_interval

PICTURES = ("countries", "shares", "rates")


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {"countries": _countries(finding), "shares": _shares(finding), "rates": _rates(finding)}


def _countries(finding: Finding) -> Picture:
    table = finding.detail["table"].reset_index()[
        ["iso3", "country", "engagements", "query_records", "small", "reached"]
    ]
    table = table.rename(
        columns={"engagements": "local engagements", "query_records": "records of its queries"}
    )
    small = table["small"].to_numpy()
    figure = charts.dot_plot(
        table,
        "country",
        "local engagements",
        second="records of its queries",
        highlight=small,
        highlight_name="small states",
        title=f"{table['reached'].sum()} of {len(table)} countries have {_reached(finding)}, "
        f"{table.loc[small, 'reached'].sum()} of the {small.sum()} small states among them",
        subtitle=f"Local engagements, {words.window(finding)} (filled, number at the right), and records of any level "
        "and year that the country's own nine queries gave (hollow): where those are few, zero may be lack of coverage",
        caption=words.caption(finding),
        axis="number",
    )
    missed = ", ".join(table.loc[~table["reached"], "country"]) or "none"
    alt = f"Dot plot of local engagements by country, and of the records that its queries gave. Not reached: {missed}."
    return Picture("countries", figure, table, alt, finding.provenance())


def _shares(finding: Finding) -> Picture:
    table = finding.detail["shares"]
    label = [f"{row.states} ({row.reached} of {row.n})" for row in table.itertuples()]
    share = table.set_index("states")["share"]
    parts = [
        f"{share[kind]:.0%} of {kind}"
        for kind in ("small states", "larger states")
        if kind in share
    ]
    figure = charts.forest(
        table.assign(label=label),
        "label",
        "share",
        "low",
        "high",
        reference=finding.null_value,
        sesoi=finding.sesoi,
        log=False,
        title=f"{' and '.join(parts)} have {_reached(finding)}",
        subtitle=f"Share of countries reached, with exact {finding.level:.0%} interval, {words.window(finding)}",
        caption=words.caption(finding) + " Small: fewer than 1.5 million people.",
        axis="share of countries",
    )
    rows = "; ".join(
        f"{r.states} {show(r.share)} ({show(r.low)} to {show(r.high)})" for r in table.itertuples()
    )
    return Picture(
        "shares", figure, table, f"Shares reached with intervals: {rows}.", finding.provenance()
    )


def _rates(finding: Finding) -> Picture:
    table = finding.detail["table"].reset_index()
    if table["person_years"].isna().all():
        return message("rates", "no population figures for these years", finding.provenance())
    small, millions = table["small"].to_numpy(), table["person_years"] / 1e6
    bounds = [
        rate_interval(n, per, level=finding.level)
        for n, per in zip(table["engagements"], millions, strict=True)
    ]
    table = pd.DataFrame(
        {"country": table["country"], "small": small, "engagements": table["engagements"],
         "million_person_years": millions, "rate": table["engagements"] / millions,
         "low": [low for low, _ in bounds], "high": [high for _, high in bounds]}
    )  # fmt: skip
    total = table.groupby("small")[["engagements", "million_person_years"]].sum(min_count=1)
    rate = total["engagements"] / total["million_person_years"]
    kinds = {"small": rate.get(True), "larger": rate.get(False)}
    said = ", ".join(
        f"{show(value)} in {kind} states" for kind, value in kinds.items() if value is not None
    )
    figure = charts.dot_plot(
        table,
        "country",
        "rate",
        low="low",
        high="high",
        highlight=small,
        highlight_name="small states",
        title=f"Recorded local engagements a year per million people: {said}",
        subtitle=f"By country, with exact {finding.level:.0%} interval, {words.window(finding)}. Each country had "
        "the same nine queries, which raises the rate where people are few",
        caption=words.caption(finding) + " Small: fewer than 1.5 million people.",
        axis="local engagements a year per million people",
    )
    alt = f"Dot plot of local engagements a year per million people by country. Overall {said}."
    return Picture("rates", figure, table, alt, finding.provenance())


def _reached(finding: Finding) -> str:
    least = finding.parameters["at_least"]
    return (
        "a recorded local engagement"
        if least == 1
        else f"{least} or more recorded local engagements"
    )
