"""Pictures of claim 8: where engagements are, what other labels would show, and how the denominator
decides.
"""

import numpy as np
import pandas as pd

from lac_analysis.charts import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import words
from lac_analysis.claims.authority import DEFINITIONS, EXPOSURE_NAMES
from lac_analysis.claims.finding import Finding, say_p, show

PICTURES = ("countries", "randomisation", "exposures")


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    kind = DEFINITIONS[finding.parameters["definition"]][1]
    return {
        "countries": _countries(finding, kind),
        "randomisation": _randomisation(finding, kind),
        "exposures": _exposures(finding, kind),
    }


def _countries(finding: Finding, kind: str) -> Picture:
    table = finding.detail["table"].reset_index()[["iso3", "country", "engagements", "labelled"]]
    labelled = table["labelled"].to_numpy()
    share = table.loc[labelled, "engagements"].sum() / table["engagements"].sum()
    figure = charts.dot_plot(
        table,
        "country",
        "engagements",
        highlight=labelled,
        highlight_name=kind,
        title=f"{labelled.sum()} {kind} states hold {share:.0%} of recorded local engagements",
        subtitle=f"Local engagements by country, {words.window(finding)}",
        caption=words.caption(finding),
        axis="local engagements",
    )
    most = ", ".join(table.nlargest(5, "engagements")["country"])
    alt = f"Dot plot of local engagements by country; {kind} states hold {share:.0%}. Most: {most}."
    return Picture("countries", figure, table, alt, finding.provenance())


def _randomisation(finding: Finding, kind: str) -> Picture:
    tests = finding.detail["tests"]
    panels = [
        (EXPOSURE_NAMES[name], test.null, test.statistic, test.p)
        for name, (test, _, _) in tests.items()
    ]
    ratios = [ratio for _, _, ratio, _ in panels]
    turns = min(ratios) < 1 < max(ratios)
    figure = charts.null_distribution(
        panels,
        title=f"Whether {kind} states stand out depends on the denominator"
        if turns
        else f"{kind.capitalize()} states against every other set of as many countries",
        subtitle=f"Rate ratio, {kind} against other, under {len(panels[0][1]):,} assignments of the label, "
        f"{words.window(finding)}",
        caption=words.caption(finding),
        axis="rate ratio",
    )
    quantiles = np.linspace(0, 1, 201)
    drawn = pd.DataFrame(
        {"quantile": quantiles} | {n: np.quantile(null, quantiles) for n, null, _, _ in panels}
    )
    observed = "; ".join(f"{name} {show(ratio)} ({say_p(p)})" for name, _, ratio, p in panels)
    alt = f"Histograms of the rate ratio under other labels, one an exposure, with the observed ratio: {observed}."
    return Picture("randomisation", figure, drawn, alt, finding.provenance())


def _exposures(finding: Finding, kind: str) -> Picture:
    table = pd.DataFrame(
        [
            (EXPOSURE_NAMES[name], t.statistic, low, high, t.p)
            for name, (t, low, high) in finding.detail["tests"].items()
        ],
        columns=["exposure", "ratio", "low", "high", "p"],
    )
    highest, lowest = table.loc[table["ratio"].idxmax()], table.loc[table["ratio"].idxmin()]
    figure = charts.forest(
        table,
        "exposure",
        "ratio",
        "low",
        "high",
        sesoi=finding.sesoi,
        title=f"{kind.capitalize()} states have {show(highest['ratio'])} times the local engagement "
        f"{highest['exposure']}, {show(lowest['ratio'])} times {lowest['exposure']}",
        subtitle=f"Rate ratio of local engagements, {kind} against other countries, with {finding.level:.0%} interval, "
        f"{words.window(finding)}",
        caption=words.caption(finding),
        axis="rate ratio (log scale)",
    )
    rows = "; ".join(
        f"{r.exposure} {show(r.ratio)} ({show(r.low)} to {show(r.high)})"
        for r in table.itertuples()
    )
    return Picture(
        "exposures", figure, table, f"Rate ratios with intervals: {rows}.", finding.provenance()
    )
