"""Pictures of what the tests and the search can see: power, controls, detection."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims.finding import show
from lac_analysis.robustness.checks import Checks

NOTHING = "the selection cannot carry it"


def tipping(checks: Checks) -> Picture:
    """How differently engagement would have to be found to explain a result, beside what queries
    found.
    """
    table = checks.tipping
    if table.empty:
        return message("tipping", NOTHING, checks.identity)
    seen = checks.yields.set_index("group")["estimate"]
    observed = {
        "authority": ("federal", "not federal"),
        "strained": ("recognised the ROC at some time", "never did"),
    }
    rows = []
    for r in table.itertuples():
        head = f"{r.claim}: {r.compared}"
        rows.append((head, "would explain all of it", r.to_null, np.nan, np.nan))
        rows.append((head, "would make it insignificant", r.to_insignificance, np.nan, np.nan))
        rows.append(
            (head, "would leave the smallest effect of interest", r.to_sesoi, np.nan, np.nan)
        )
        if r.claim in observed:
            first, second = observed[r.claim]
            rows.append(
                (
                    head,
                    "records a query found, as coded",
                    seen[first] / seen[second],
                    np.nan,
                    np.nan,
                )
            )
    shown = pd.DataFrame(rows, columns=["group", "row", "estimate", "low", "high"])
    growth = table[table["claim"] == "growth"]
    title = "How differently would engagement have to be found?"
    if len(growth):
        title = f"Only detection that grows {growth['to_null'].iloc[0] - 1:.0%} a year would explain the growth away"
    figure = charts.forest(
        shown,
        "row",
        "estimate",
        "low",
        "high",
        group="group",
        reference_name="found alike",
        title=title,
        subtitle="Ratio of detection (found in the first group against the second) that would explain each result; "
        f"1: found alike; {checks.window}",
        caption=f"{checks.source} 'Records a query found' holds real differences too, and eight excerpts a query cap "
        "it.",
        axis="ratio of detection (log scale)",
    )
    words = "; ".join(f"{r.claim} {show(r.to_null)}" for r in table.itertuples())
    return Picture(
        "tipping",
        figure,
        table,
        f"Detection ratios that would explain each: {words}.",
        checks.identity,
    )


def yields(checks: Checks) -> Picture:
    """Records coded per query, by group of countries and by template."""
    table = checks.yields
    heads = {
        "authority": "Federal states",
        "strained": "Recognition of the ROC",
        "language": "Official language",
        "template": "Query template",
    }
    figure = charts.forest(
        table.assign(dimension=table["dimension"].map(heads)),
        "group",
        "estimate",
        "low",
        "high",
        group="dimension",
        reference=_mean_yield(table),
        reference_name="mean of all queries",
        log=False,
        title="What nine equal queries found depends on whom and what one asks about",
        subtitle="Records coded per query, with exact Poisson intervals; the line is the mean",
        caption="Source: search_log.csv of this project (CC BY 4.0). Each query returned eight excerpts.",
        axis="records per query",
    )
    best = table.loc[table["estimate"].idxmax()]
    alt = f"Records per query by group; most, {show(best['estimate'])}, for {best['group']}."
    return Picture("yields", figure, table, alt, checks.identity)


def power(checks: Checks) -> Picture:
    """Power of the simulated tests by planted effect."""
    table = checks.power
    if table.empty:
        return message("power", NOTHING, checks.identity)
    at_one = {
        name: float(np.interp(1, part["in_sesoi"], part["power"]))
        for name, part in table.groupby("claim", sort=False)
    }
    weak = [f"{name} {value:.0%}" for name, value in at_one.items()]
    figure = charts.series(
        table,
        "in_sesoi",
        "power",
        "claim",
        mark=(1, "smallest effect of interest"),
        title=f"Chance to find the smallest effect of interest: {', '.join(weak)}",
        subtitle="Share of simulated data sets on the observed design in which the test is significant at 0.05, by the "
        "planted effect (log ratio, in smallest effects of interest)",
        caption=f"{checks.source} At 0 the curve is the size of the test, which should be 0.05.",
    )
    return Picture(
        "power",
        figure,
        table,
        f"Power curves; at the smallest effect: {', '.join(weak)}.",
        checks.identity,
    )


def controls(checks: Checks) -> Picture:
    """p-values on labels that should not matter, against the uniform distribution."""
    if checks.controls.empty:
        return message("controls", NOTHING, checks.identity)
    sizes = checks.uniform.set_index("control")
    panels = [
        (name, part["p"].to_numpy(), f"{sizes['size'][name]:.1%} at or below 0.05")
        for name, part in checks.controls.groupby("control", sort=False)
    ]
    wrong = sizes.index[sizes["low"] > 0.05]
    figure = charts.uniform(
        panels,
        title=f"Where nothing is to be found, {len(wrong)} of {len(sizes)} controls find too much: {'; '.join(wrong)}"
        if len(wrong)
        else "Where nothing is to be found, the tests find nothing more often than they should",
        subtitle="p-values of the suite's own tests on labels that should not matter; uniform on the dashed line",
        caption=f"{checks.source} Alphabetical halves overlap, so that their p-values are not independent.",
    )
    words = "; ".join(f"{name} {share:.3f}" for name, share in sizes["size"].items())
    alt = f"Sorted p-values of negative controls; share at or below 0.05: {words}."
    return Picture("controls", figure, checks.controls, alt, checks.identity)


def _mean_yield(table: pd.DataFrame) -> float:
    templates = table[table["dimension"] == "template"]
    return float(templates["records"].sum() / templates["queries"].sum())
