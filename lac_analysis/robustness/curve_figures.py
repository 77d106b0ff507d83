"""Pictures of the specification curves: one a claim, the joint tests, and what each choice
explains.
"""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims import plan as plans
from lac_analysis.claims import specification_figures, specifications
from lac_analysis.claims.finding import say_p, show
from lac_analysis.robustness.specification_curves import ClaimCurve, Curves

PICTURES = (
    "web", "not_new", "growth", "technology", "platforms", "twinning", "reach", "authority", "strained", "tiers",
    "medians", "significant", "influence",
)  # fmt: skip
_TIERS = "Source: AidData, China Global Investment Tracker."


def pictures(found: Curves) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    drawn = {name: _curve(name, curve, found) for name, curve in found.by_claim.items()}
    joint = {name: curve for name, curve in found.by_claim.items() if curve.test}
    drawn["medians"] = _medians(joint, found)
    drawn["significant"] = _significant(joint, found)
    drawn["influence"] = _influence(found)
    return drawn


def _curve(name: str, curve: ClaimCurve, found: Curves) -> Picture:
    if curve.reason:
        return message(name, curve.reason, found.identity)
    claim = plans.load()[name]
    share, n = specifications.sign_share(curve.table, curve.null_value)
    title = specification_figures.headline(share, n)
    if curve.test:
        title = f"{share:.0%} of {n:,} specifications lie above 1; {_joint_words(curve)}"
    return specification_figures.draw(
        name,
        curve.table,
        null_value=curve.null_value,
        sesoi=claim.sesoi,
        unit=claim.unit,
        title=title,
        subtitle=f"Claim {claim.number}, {name.replace('_', ' ')}. {claim.unit[0].upper()}{claim.unit[1:]} in every "
        f"specification of the plan, {_window(found)}",
        caption=_TIERS if name == "tiers" else found.source,
        provenance=found.identity,
    )


def _joint_words(curve: ClaimCurve) -> str:
    joint = f"joint {say_p(curve.test.median_p)}".replace(" ", "\u00a0")  # stays on one line
    return f"median {show(float(np.exp(curve.test.median)))}, {joint}"


def _medians(joint: dict[str, ClaimCurve], found: Curves) -> Picture:
    if not joint:
        return message(
            "medians", "neither curve can be estimated in this selection", found.identity
        )
    panels = [
        (name, np.exp(curve.test.null[:, 0]), float(np.exp(curve.test.median)), curve.test.median_p)
        for name, curve in joint.items()
    ]
    unusual = [
        name for name, curve in joint.items() if curve.test.median_p < plans.load()[name].alpha
    ]
    figure = charts.null_distribution(
        panels,
        title=f"The whole curve of {' and '.join(unusual)} is unusual"
        if unusual
        else f"Taken together, the specifications of {' and '.join(joint)} are what chance labels give",
        subtitle="Median ratio over all specifications, against the medians of curves with labels permuted among "
        f"countries; {_window(found)}",
        caption=f"{found.source} {_permutations(joint)}",
        axis="median ratio of the curve",
    )
    return Picture(
        "medians", figure, _nulls(joint, 0, np.exp), _alt("median ratio", panels), found.identity
    )


def _significant(joint: dict[str, ClaimCurve], found: Curves) -> Picture:
    if not joint:
        return message(
            "significant", "neither curve can be estimated in this selection", found.identity
        )
    panels = [
        (
            name,
            100 * curve.test.null[:, 2],
            100 * curve.test.significant_share,
            curve.test.significant_p,
        )
        for name, curve in joint.items()
    ]
    words = [f"{curve.test.significant_share:.0%} of {name}'s" for name, curve in joint.items()]
    figure = charts.null_distribution(
        panels,
        title=f"{' and '.join(words)} specifications are significant by their own models",
        subtitle="Per cent of the specifications that are significant on the side where most lie, against curves with "
        f"labels permuted among countries; {_window(found)}",
        caption=f"{found.source} {_permutations(joint)} By each specification's own model, which takes countries as "
        "independent draws.",
        log=False,
        axis="per cent of the specifications",
    )
    data = _nulls(joint, 2, lambda values: 100 * values)
    return Picture(
        "significant", figure, data, _alt("per cent significant", panels), found.identity
    )


def _influence(found: Curves) -> Picture:
    shares = {
        name: curve.influence
        for name, curve in found.by_claim.items()
        if curve.influence.notna().any()
    }
    if not shares:
        return message("influence", "no claim has specifications that differ", found.identity)
    axes = [
        axis
        for axis in specification_figures.CHOICES
        if any(axis in share for share in shares.values())
    ]
    matrix = (100 * pd.DataFrame(shares).reindex(axes)).round()
    figure = charts.heatmap(
        matrix.rename(
            index=specification_figures.CHOICES, columns=lambda name: name.replace("_", " ")
        ),
        title="Which choice moves which claim",
        subtitle="Per cent of the variance of a claim's specifications that each choice explains; – not a choice of it",
        caption=found.source,
    )
    most = "; ".join(
        f"{name} {specification_figures.CHOICES[share.idxmax()]} {share.max():.0%}"
        for name, share in shares.items()
    )
    data = matrix.rename_axis("choice").reset_index()
    return Picture(
        "influence", figure, data, f"What explains most, by claim: {most}.", found.identity
    )


def _nulls(joint: dict[str, ClaimCurve], column: int, scale) -> pd.DataFrame:
    """The permuted curves' summaries, long: claim, value."""
    return pd.concat(
        [
            pd.DataFrame({"claim": name, "value": scale(curve.test.null[:, column])})
            for name, curve in joint.items()
        ],
        ignore_index=True,
    )


def _alt(what: str, panels: list) -> str:
    rows = "; ".join(f"{name} {show(value)} ({say_p(p)})" for name, _, value, p in panels)
    return f"Histograms of the {what} of permuted curves with the observed one: {rows}."


def _permutations(joint: dict[str, ClaimCurve]) -> str:
    return f"{next(iter(joint.values())).test.permutations:,} permutations."


def _window(found: Curves) -> str:
    return f"{found.window[0]}–{found.window[1]}"
