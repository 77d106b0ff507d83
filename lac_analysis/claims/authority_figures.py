"""Pictures of claim 8: where engagements are, what other labels would show, and how the denominator
decides."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.claims.authority import DEFINITIONS, EXPOSURE_NAMES
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.picture import draw

PICTURES = ("countries", "randomisation", "exposures")


def pictures(finding: Finding) -> dict[str, charts.Picture]:
    """One picture for each name in PICTURES."""
    kind = DEFINITIONS[finding.parameters["definition"]][1]
    made = (_countries, _randomisation, _exposures)
    return {name: make(finding, kind) for name, make in zip(PICTURES, made, strict=True)}


def _countries(finding: Finding, kind: str) -> charts.Picture:
    table = finding.detail["table"].reset_index()[["iso3", "country", "engagements", "labelled"]]
    labelled = table["labelled"].to_numpy()
    share = table.loc[labelled, "engagements"].sum() / table["engagements"].sum()
    most = ", ".join(table.nlargest(5, "engagements")["country"])
    return draw(
        finding, "countries", charts.dot_plot, table, "country", "engagements",
        highlight=labelled, highlight_name=kind, axis="local engagements",
        title=f"{labelled.sum()} {kind} states hold {share:.0%} of recorded local engagements",
        subtitle="Local engagements by country",
        alt=f"Dot plot of local engagements by country; {kind} states hold {share:.0%}. "
        f"Most: {most}.",
    )  # fmt: skip


def _randomisation(finding: Finding, kind: str) -> charts.Picture:
    panels = [
        (EXPOSURE_NAMES[name], test.null, test.statistic, test.p)
        for name, (test, _, _) in finding.detail["tests"].items()
    ]
    ratios = [ratio for _, _, ratio, _ in panels]
    title = f"{kind.capitalize()} states against every other set of as many countries"
    if min(ratios) < 1 < max(ratios):
        title = f"Whether {kind} states stand out depends on the denominator"
    at = np.linspace(0, 1, 201)
    quantiles = {name: np.quantile(null, at) for name, null, _, _ in panels}
    observed = "; ".join(f"{name} {show(ratio)} ({say_p(p)})" for name, _, ratio, p in panels)
    return draw(
        finding, "randomisation", charts.null_distribution, panels, axis="rate ratio",
        title=title,
        subtitle=f"Rate ratio, {kind} against other, under {len(panels[0][1]):,} assignments of "
        "the label",
        data=pd.DataFrame({"quantile": at} | quantiles),
        alt="Histograms of the rate ratio under other labels, one an exposure, with the observed "
        f"ratio: {observed}.",
    )  # fmt: skip


def _exposures(finding: Finding, kind: str) -> charts.Picture:
    rows = [
        (EXPOSURE_NAMES[name], test.ratio, low, high, test.p)
        for name, (test, low, high) in finding.detail["tests"].items()
    ]
    table = pd.DataFrame(rows, columns=["exposure", "ratio", "low", "high", "p"])
    high, low = table.loc[table["ratio"].idxmax()], table.loc[table["ratio"].idxmin()]
    said = "; ".join(
        f"{r.exposure} {show(r.ratio)} ({show(r.low)} to {show(r.high)})"
        for r in table.itertuples()
    )
    return draw(
        finding, "exposures", charts.forest, table, "exposure", "ratio", "low", "high",
        sesoi=finding.sesoi, axis="rate ratio (log scale)",
        title=f"{kind.capitalize()} states have {show(high['ratio'])} times the local engagement "
        f"{high['exposure']}, {show(low['ratio'])} times {low['exposure']}",
        subtitle=f"Rate ratio of local engagements, {kind} against other countries, with "
        f"{finding.level:.0%} interval",
        alt=f"Rate ratios with intervals: {said}.",
    )  # fmt: skip
