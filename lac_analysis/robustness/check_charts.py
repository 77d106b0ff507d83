"""Pictures of the joint tests of notebook 90, and of the checks of 91."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.claims.finding import Finding, excerpts, say_p, show
from lac_analysis.claims.picture import LOG, Made, draw, source
from lac_analysis.robustness.influence import summary
from lac_analysis.robustness.picture import drawn, hyphenated
from lac_analysis.stats.curve import CurveTest


@drawn
def draw_medians(joint: dict[str, CurveTest], made: Made) -> charts.Picture:
    """Median of each curve, beside the medians of curves with permuted labels."""
    medians = {hyphenated(name): np.exp(test.null[:, 0]) for name, test in joint.items()}
    panels = [
        (name, null, float(np.exp(test.median)), test.median_p)
        for (name, null), test in zip(medians.items(), joint.values(), strict=True)
    ]
    unusual = [f"{name} ({p:.2g})" for name, _, _, p in panels if p < 0.05]
    title = f"p is below 0.05 in {len(unusual)} of {len(panels)} joint tests"
    title += f": {' and '.join(unusual)}" if unusual else ""
    what = "Median odds ratio over all specifications (one step from no effect)"
    told = "; ".join(f"{name} {show(value)} ({say_p(p)})" for name, _, value, p in panels)
    data = pd.DataFrame(medians).melt(var_name="claim")
    return draw(
        made, "medians", charts.null_distribution, panels, data=data, title=title,
        subtitle=f"{what}, against curves whose labels countries of the same size exchange",
        when=excerpts(made.provenance["parameters"]),
        caption=f"Source: {LOG}; {len(data) // len(panels):,} permutations.",
        alt=f"{what}, histograms of permuted curves with the observed one: {told}.",
    )  # fmt: skip


@drawn
def draw_power(design: pd.DataFrame, made: Made) -> charts.Picture:
    """P(verdict) of every claim's test, were the truth its smallest effect of interest.

    design : columns claim, truth, sesoi, rejected and one a verdict.
    """
    at_sesoi = design[np.isclose(design["truth"], design["sesoi"], rtol=1e-3)]
    table = at_sesoi.set_index("claim").drop(columns=["truth", "sesoi", "rejected"])
    table = table.rename(index=hyphenated)
    told = "; ".join(f"{name} {share:.0%}" for name, share in table["supported"].items())
    most = int((table["supported"] >= 0.5).sum())
    return draw(
        made, "power", charts.verdict_shares, table, data=design,
        title=f"At the smallest effect of interest {most} of {len(table)} tests would say "
        "supported in half of the cases or more",
        subtitle="How often each verdict comes out on data simulated on the claim's design with "
        "that truth, at the strictest step of Holm's correction, conditions taken to hold",
        alt=f"Bars of verdicts by claim; supported: {told}.",
    )  # fmt: skip


@drawn
def draw_controls(controls: pd.DataFrame, sizes: pd.DataFrame, made: Made) -> charts.Picture:
    """p-values on labels that should not matter, against the uniform distribution."""
    size = sizes.set_index(["method", "labels"])
    panels = []
    for (method, labels), part in controls.groupby(["method", "labels"], sort=False):
        share, ratio = size.loc[(method, labels), ["size", "median_ratio"]]
        remark = f"{share:.1%} at or below 0.05\nmedian ratio {show(ratio)}"
        panels.append((f"{method}: {labels}", part["p"].to_numpy(), remark))
    wrong = sizes[sizes["low"] > 0.05]
    title = "Where nothing is to be found, no test finds more than it should"
    if len(wrong):
        which = "; ".join(wrong["method"] + ", " + wrong["labels"])
        title = f"Where nothing is to be found, these find too much: {which}"
    told = "; ".join(f"{r.method}, {r.labels} {r.size:.3f}" for r in sizes.itertuples(name="Row"))
    return draw(
        made, "controls", charts.uniform, panels, data=controls, title=title,
        subtitle="p-values of two tests on labels that should not matter (uniform on the dashed "
        "line)",
        alt=f"Sorted p-values of negative controls; share at or below 0.05: {told}.",
    )  # fmt: skip


def draw_influence(
    claim: str, left_out: pd.DataFrame, finding: Finding, made: Made
) -> charts.Picture:
    """A claim's estimate without each group, a line a dimension."""
    name, table = f"influence_{claim}", left_out[left_out["claim"] == claim]
    if not table["estimate"].notna().any():
        reason = finding.not_testable or "the selection cannot carry an estimate"
        return charts.message(name, reason, made.provenance)
    unit, full = finding.unit, float(table["full"].iloc[0])
    told = summary(table, {claim: finding}).loc[claim]
    turned, crossed = told["turned by"], told["across the SESOI"]
    turns = f"leaving out {turned} turns it" if turned else "no group left out turns it"
    takes = f"leaving out {crossed} takes" if crossed else "none takes"
    lost = table["estimate"].isna().sum()
    note = f"Without {lost} of {len(table)} groups nothing can be estimated." * bool(lost)
    when = finding.counted()
    if "excerpts" not in finding.parameters:
        when = f"{finding.period()}, {when}".removesuffix(", ")
        if claim != "tiers":
            note = f"An engagement that something else attests stays. {note}"
    return draw(
        made, name, charts.strips, table.drop(columns="claim"), "dimension", "estimate", "group",
        full=full, reference=finding.null_value, log="ratio" in unit, axis=unit,
        title=f"{hyphenated(claim).capitalize()}: {turns}; {takes} it across the smallest effect "
        "of interest",
        subtitle=f"{unit[0].upper()}{unit[1:]} without each group in turn (dashed: "
        f"{show(finding.null_value)}, the null value)",
        when=when, caption=f"Source: {source(finding)}.", note=note,
        alt=f"{unit} {show(full)} with everything; from {told['lowest']} to {told['highest']}.",
    )  # fmt: skip


@drawn
def draw_dates(dates: pd.DataFrame, made: Made) -> charts.Picture:
    """Ratios from known dates, with missing ones imputed, and between worst cases."""
    imputed = dates.dropna(subset="imputed")
    worst = dates.assign(low=dates["lowest"], high=dates["highest"])
    parts = [
        dates.assign(row="from known dates", estimate=dates["recorded"], low=np.nan, high=np.nan),
        imputed.assign(row="missing years imputed", estimate=imputed["imputed"]),
        worst.assign(row="worst cases", estimate=np.sqrt(worst["low"] * worst["high"])),
    ]
    rows = pd.concat(parts).sort_values("claim", kind="stable")
    turns = [hyphenated(r.claim) for r in dates.itertuples() if r.lowest < 1 < r.highest]
    listed = " and ".join(", ".join(turns).rsplit(", ", 1))  # one, two and three
    told = "; ".join(f"{r.claim} {show(r.lowest)} to {show(r.highest)}" for r in dates.itertuples())
    loose = "; ".join(f"{hyphenated(r.claim)} {r.uncertain} of {r.n}" for r in dates.itertuples())
    return draw(
        made, "dates", charts.forest, rows, "row", "estimate", "low", "high", group="claim",
        data=dates, axis="ratio (log scale)",
        title=f"Missing dates could turn the sign of {listed or 'no ratio'}",
        subtitle="Ratios with missing years imputed within place and activity (95% interval), and "
        "as low and high as any dates could make them (a range, drawn with its middle)",
        note=f"Dates not as exact as the claim needs: {loose}.",
        alt=f"Ratios between worst cases: {told}.",
    )  # fmt: skip
