"""Pictures of the checks of notebook 91."""

import numpy as np
import pandas as pd

from lac_analysis import charts, claims
from lac_analysis.charts import Picture, message
from lac_analysis.claims.finding import Finding, show
from lac_analysis.robustness.coding import ENGAGEMENTS
from lac_analysis.robustness.picture import draw, drawn


@drawn
def draw_power(design: pd.DataFrame, made: dict) -> Picture:
    """P(verdict) of every claim's test, were the truth its smallest effect of interest.

    design : columns claim, truth, sesoi and one a verdict.
    """
    at_sesoi = design[np.isclose(design["truth"], design["sesoi"], rtol=1e-3)]
    table = at_sesoi.set_index("claim").drop(columns=["truth", "sesoi"]).rename(index=_name)
    told = "; ".join(f"{name} {share:.0%}" for name, share in table["supported"].items())
    most = int((table["supported"] > 0.5).sum())
    return draw(
        made,
        "power",
        charts.verdict_shares,
        table,
        title=f"At the smallest effect of interest {most} of {len(table)} tests would mostly say "
        "supported",
        subtitle="How often each verdict comes out on data simulated on the claim's design with "
        "that truth, by the test alone",
        data=design,
        alt=f"Bars of verdicts by claim; supported: {told}.",
    )


@drawn
def draw_controls(controls: pd.DataFrame, sizes: pd.DataFrame, made: dict) -> Picture:
    """p-values on labels that should not matter, against the uniform distribution."""
    size = sizes.set_index(["method", "labels"])
    panels = [
        (
            f"{method}: {labels}",
            part["p"].to_numpy(),
            f"{size['size'][method, labels]:.1%} at or below 0.05\n"
            f"median ratio {show(size['median_ratio'][method, labels])}",
        )
        for (method, labels), part in controls.groupby(["method", "labels"], sort=False)
    ]
    wrong = sizes[sizes["low"] > 0.05]
    title = "Where nothing is to be found, no test finds more than it should"
    if len(wrong):
        which = (f"{row.method}, {row.labels}" for row in wrong.itertuples())
        title = f"Where nothing is to be found, these find too much: {'; '.join(which)}"
    told = "; ".join(f"{r.method}, {r.labels} {r.size:.3f}" for r in sizes.itertuples(name="Row"))
    return draw(
        made,
        "controls",
        charts.uniform,
        panels,
        title=title,
        subtitle="p-values of two tests on labels that should not matter (uniform on the dashed "
        "line)",
        caption="Halves of the alphabet overlap, so that their p-values are not independent.",
        data=controls,
        alt=f"Sorted p-values of negative controls; share at or below 0.05: {told}.",
    )


def draw_influence(claim: str, left_out: pd.DataFrame, finding: Finding, made: dict) -> Picture:
    """A claim's estimate without each group, a line a dimension."""
    name, table = f"influence_{claim}", left_out[left_out["claim"] == claim]
    if not table["estimate"].notna().any():
        reason = finding.not_testable or "the selection cannot carry an estimate"
        return message(name, reason, made)
    unit, null = finding.unit, finding.null_value
    full, known = float(table["full"].iloc[0]), table["estimate"].dropna()
    turns = ((known > null) != (full > null)).any()
    low, high = (table.loc[table["estimate"].agg(end)] for end in ("idxmin", "idxmax"))
    return draw(
        made,
        name,
        charts.strips,
        table.drop(columns="claim"),
        *("dimension", "estimate", "group"),
        full=full,
        reference=null,
        log="ratio" in unit,
        title=f"{_name(claim).capitalize()}: {'a' if turns else 'no'} group left out turns it",
        subtitle=f"{unit[0].upper()}{unit[1:]} without each group in turn (dashed: no effect)",
        caption="An engagement that something else attests stays.",
        axis=unit,
        alt=f"{unit} {show(full)} with everything; from {show(low['estimate'])} without "
        f"{low['group']} to {show(high['estimate'])} without {high['group']}.",
    )


@drawn
def draw_agreement(reliability: pd.DataFrame, made: dict) -> Picture:
    """Agreement of two coders by code, in each round."""
    kappa = reliability[reliability["code"] != ENGAGEMENTS]["estimate"]
    told = "; ".join(f"{r.round}, {r.code} {show(r.estimate)}" for r in reliability.itertuples())
    return _forest(
        "agreement",
        reliability.rename(columns={"code": "row"}),
        made,
        group="round",
        reference=0,
        reference_name="as by chance, or none",
        log=False,
        title=f"Two coders agree with kappa {show(kappa.min())} to {show(kappa.max())}",
        subtitle="Cohen's kappa on the events that both found, and the share of events found by "
        "both; 95 % intervals",
        caption="No kappa where both coders use one code only.",
        data=reliability,
        axis="kappa, or share",
        alt=f"Agreement with intervals: {told}.",
    )


@drawn
def draw_simex(simex: pd.DataFrame, made: dict) -> Picture:
    """Odds ratios as recorded, and corrected for coding errors."""
    table = simex[simex["estimate"].notna()]
    recorded = table.drop_duplicates(["claim", "sample"])
    recorded = recorded.assign(
        errors="as recorded", estimate=recorded["naive"], low=np.nan, high=np.nan
    )
    rows = pd.concat([recorded, table]).sort_values(["claim", "sample"], kind="stable")
    wrong = rows["wrong"].map("corrected, {:.1%} of codes wrong".format)
    rows = rows.assign(
        row=wrong.where(rows["errors"] != "as recorded", "as recorded"),
        head=rows["claim"].map(_name) + ": " + rows["sample"],
    )
    turned = table[(table["naive"] > 1) != (table["estimate"] > 1)]["claim"].unique()
    told = "; ".join(f"{r.head}, {r.row} {show(r.estimate)}" for r in rows.itertuples())
    return _forest(
        "simex",
        rows,
        made,
        group="head",
        title=f"Coding errors turn {' and '.join(map(_name, turned)) or 'no odds ratio'} round",
        subtitle="Odds ratios as recorded and corrected for coding errors (MC-SIMEX), at the error "
        "rate that two coders suggest and at its upper limit",
        caption="Intervals take excerpts, and engagements, as independent.",
        axis="odds ratio (log scale)",
        data=simex,
        alt=f"Odds ratios corrected for coding errors: {told}.",
    )


@drawn
def draw_dates(dates: pd.DataFrame, made: dict) -> Picture:
    """Ratios from known dates, with missing ones imputed, and between worst cases."""
    empty = {"low": np.nan, "high": np.nan}
    imputed = dates.dropna(subset="imputed")
    worst = dates.assign(low=dates["lowest"], high=dates["highest"])
    parts = [
        dates.assign(row="from known dates", estimate=dates["recorded"], **empty),
        imputed.assign(row="missing years imputed", estimate=imputed["imputed"]),
        worst.assign(row="worst cases", estimate=np.sqrt(worst["low"] * worst["high"])),
    ]
    rows = pd.concat(parts).sort_values("claim", kind="stable")
    turns = [_name(r.claim) for r in dates.itertuples() if r.lowest < 1 < r.highest]
    told = "; ".join(f"{r.claim} {show(r.lowest)} to {show(r.highest)}" for r in dates.itertuples())
    uncertain = "; ".join(f"{_name(r.claim)} {r.uncertain} of {r.n}" for r in dates.itertuples())
    return _forest(
        "dates",
        rows,
        made,
        group="claim",
        title=f"Missing dates could turn the sign of {' and '.join(turns) or 'no ratio'}",
        subtitle="Ratios with missing years imputed within place and activity (95 % interval), and "
        "as low and high as any dates could make them (a range, drawn with its middle)",
        caption=f"Dates not as exact as the claim needs: {uncertain}.",
        axis="ratio (log scale)",
        data=dates,
        alt=f"Ratios between worst cases: {told}.",
    )


@drawn
def draw_tipping(tipping: pd.DataFrame, made: dict) -> Picture:
    """How differently engagement would have to be found to erase each result."""
    words = {
        "to_null": "would explain all of it",
        "to_insignificance": "would bring the interval to no effect",
        "to_sesoi": "would leave the smallest effect of interest",
    }
    rows = tipping.drop(columns="estimate")
    rows = rows.melt(["claim", "compared"], list(words), "row", "estimate")
    order = {name: number for number, name in enumerate(claims.CLAIMS)}
    rows = rows.sort_values("claim", key=lambda names: names.map(order), kind="stable")
    rows = rows.assign(row=rows["row"].map(words), low=np.nan, high=np.nan)
    rows["head"] = rows["claim"].map(_name) + ": " + rows["compared"]
    told = "; ".join(f"{_name(r.claim)} {show(r.to_null)}" for r in tipping.itertuples())
    return _forest(
        "tipping",
        rows,
        made,
        group="head",
        reference_name="found alike",
        title=f"To explain each result, detection would have to differ by a factor of: {told}",
        subtitle="Ratio of detection that would explain each result (1: found alike, or nothing "
        "left to explain)",
        axis="ratio of detection (log scale)",
        data=tipping,
        alt=f"Detection ratios that would explain each: {told}.",
    )


def _forest(name: str, rows: pd.DataFrame, made: dict, **words) -> Picture:
    """A forest of the columns row, estimate, low and high."""
    columns = ("row", "estimate", "low", "high")
    return draw(made, name, charts.forest, rows, *columns, **words)


def _name(claim: str) -> str:
    return claim.replace("_", "-")
