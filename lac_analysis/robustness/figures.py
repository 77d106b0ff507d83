"""Pictures of the robustness notebook: influence a claim, coders and dates here, the rest from
design_figures.
"""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import show
from lac_analysis.robustness.checks import Checks
from lac_analysis.robustness.design_figures import NOTHING, controls, power, tipping, yields
from lac_analysis.robustness.influence import DIMENSIONS

PICTURES = (
    "influence_web", "influence_not_new", "influence_growth", "influence_technology", "influence_platforms",
    "influence_twinning", "influence_reach", "influence_authority", "influence_strained", "influence_tiers",
    "agreement", "simex", "dates", "tipping", "yields", "power", "controls",
)  # fmt: skip


def pictures(checks: Checks) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    drawn = {f"influence_{name}": _influence(name, checks) for name in plans.load()}
    makers = (_agreement, _simex, _dates, tipping, yields, power, controls)
    return drawn | {
        name: make(checks) for name, make in zip(PICTURES[-len(makers) :], makers, strict=True)
    }


def _influence(claim: str, checks: Checks) -> Picture:
    name, entry = f"influence_{claim}", plans.load()[claim]
    table = checks.influence[checks.influence["claim"] == claim].drop(columns="claim")
    if not table["estimate"].notna().any():
        return message(name, _reason(checks, claim), checks.identity)
    full = float(table["full"].iloc[0])
    null = (
        entry.null_value
        if isinstance(entry.null_value, (int, float))
        else checks.findings[claim].null_value
    )
    extremes = table.loc[[table["estimate"].idxmin(), table["estimate"].idxmax()]]
    known = table["estimate"].dropna()
    turns = null is not None and ((known > null).any() and (known <= null).any())
    lowest, highest = (f"{show(r.estimate)} without {r.group}" for r in extremes.itertuples())
    figure = charts.strips(
        table.sort_values(
            "dimension",
            key=lambda c: c.map({d: i for i, d in enumerate(DIMENSIONS)}),
            kind="stable",
        ),
        "dimension",
        "estimate",
        "group",
        full=full,
        reference=null,
        log="ratio" in entry.unit,
        title=f"{claim.replace('_', ' ').capitalize()}: {'a' if turns else 'no'} group left out turns the sign",
        subtitle=f"{entry.unit[0].upper()}{entry.unit[1:]} without each country, website, query template or language "
        f"in turn; dashed, no effect; {checks.window}",
        caption="Source: AidData, CGIT."
        if claim == "tiers"
        else f"{checks.source} An engagement that another page or query attests stays.",
        axis=entry.unit,
    )
    alt = f"{entry.unit} {show(full)} with everything; from {lowest} to {highest}."
    return Picture(name, figure, table, alt, checks.identity)


def _agreement(checks: Checks) -> Picture:
    table = checks.reliability[checks.reliability["measure"] != "Krippendorff's alpha"]
    table = table[(table["measure"] != "coded alike") | table["what"].str.contains("technology")]
    rows = table.assign(
        row=np.where(table["measure"] == "Cohen's kappa", table["what"], table["measure"])
    )
    rows["group"] = np.where(
        table["what"] == "local events",
        "The same local events found",
        "The same code given (Cohen's kappa)",
    )
    rows.loc[rows["measure"] == "coded alike", "row"] = "technology or not, share coded alike"
    kappa = rows[rows["measure"] == "Cohen's kappa"]
    joint = rows[rows["measure"].str.startswith("found by both")].iloc[0]
    figure = charts.forest(
        rows,
        "row",
        "estimate",
        "low",
        "high",
        group="group",
        reference=0,
        reference_name="as by chance, or none",
        log=False,
        title=f"Coders agree on what an event is (kappa {kappa['estimate'].min():.2f} to "
        f"{kappa['estimate'].max():.2f}), less on which events there are ({joint['estimate']:.0%})",
        subtitle=f"Two coders, the second blind to the first, on 25 queries; {kappa['n'].max()} events found by both; "
        "95 % intervals",
        caption="Source: double_coded.csv of this project (CC BY 4.0). Krippendorff's alpha is in the table.",
        axis="kappa, or share",
    )
    words = "; ".join(f"{r.row} {show(r.estimate)}" for r in rows.itertuples())
    return Picture(
        "agreement",
        figure,
        checks.reliability,
        f"Agreement with intervals: {words}.",
        checks.identity,
    )


def _simex(checks: Checks) -> Picture:
    table = checks.simex[checks.simex["estimate"].notna() & (checks.simex["claim"] != "twinning")]
    if table.empty:
        return message("simex", NOTHING, checks.identity)
    recorded = table.drop_duplicates("claim").assign(
        errors="as recorded", estimate=lambda t: t["naive"], wrong=0.0
    )
    rows = pd.concat([recorded.assign(low=np.nan, high=np.nan), table])
    rows = rows.sort_values("claim", key=lambda c: c.map(list(plans.load()).index), kind="stable")
    rows["row"] = [
        r.errors if r.errors == "as recorded" else f"corrected, {r.wrong:.1%} of codes wrong"
        for r in rows.itertuples()
    ]
    rows["group"] = rows["claim"] + " (" + rows["code"] + " of the record)"
    moved = (np.log(table["estimate"] / table["naive"])).abs()
    worst = table.loc[moved.idxmax()]
    figure = charts.forest(
        rows,
        "row",
        "estimate",
        "low",
        "high",
        group="group",
        title=f"Coding errors move {worst['claim']} most: {show(worst['naive'])} becomes {show(worst['estimate'])}",
        subtitle="Ratios as recorded and corrected for coding errors (MC-SIMEX), at the error rate that two coders "
        f"suggest and at its upper limit; {checks.window}",
        caption=f"{checks.source} Intervals hold only what the model of each ratio knows.",
        axis="ratio (log scale)",
    )
    words = "; ".join(f"{r.claim} {r.errors} {show(r.estimate)}" for r in table.itertuples())
    return Picture(
        "simex",
        figure,
        checks.simex,
        f"Ratios corrected for coding errors: {words}.",
        checks.identity,
    )


def _dates(checks: Checks) -> Picture:
    table = checks.dates
    if table.empty:
        return message("dates", NOTHING, checks.identity)
    rows = [
        (r.claim, label, *values)
        for r in table.itertuples()
        for label, values in (
            ("certain dates only", (r.recorded, np.nan, np.nan)),
            ("missing years imputed", (r.estimate, r.low, r.high)),
            ("worst case, lowest", (r.lowest, np.nan, np.nan)),
            ("worst case, highest", (r.highest, np.nan, np.nan)),
        )
    ]
    shown = pd.DataFrame(rows, columns=["claim", "row", "estimate", "low", "high"])
    turns = [r.claim for r in table.itertuples() if r.lowest < 1 < r.highest]
    figure = charts.forest(
        shown,
        "row",
        "estimate",
        "low",
        "high",
        group="claim",
        title=f"Missing dates could turn the sign of {' and '.join(turns)}" if turns
        else "Missing dates could not turn a sign",
        subtitle="Ratios with missing years imputed within place and activity (95 % interval), and as low and high as "
        f"any dates could make them; {checks.window}",
        caption=f"{checks.source} {table['undated'].iloc[0]} of {table['n'].iloc[0]} engagements have no certain year.",
        axis="ratio (log scale)",
    )  # fmt: skip
    words = "; ".join(
        f"{r.claim} {show(r.lowest)} to {show(r.highest)}" for r in table.itertuples()
    )
    return Picture("dates", figure, table, f"Ratios between worst cases: {words}.", checks.identity)


def _reason(checks: Checks, claim: str) -> str:
    finding = checks.findings[claim]
    return finding.not_testable or NOTHING
