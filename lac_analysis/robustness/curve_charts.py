"""Pictures of the specification curves: the joint tests, and what each choice explains."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.specification_charts import CHOICES
from lac_analysis.robustness.curves import explained
from lac_analysis.robustness.picture import draw
from lac_analysis.stats.curve import CurveTest


def draw_medians(joint: dict[str, CurveTest], made: dict, alpha: float = 0.05) -> Picture:
    """Median of each curve, beside the medians of curves with permuted labels."""
    panels = [
        (_name(name), np.exp(test.null[:, 0]), float(np.exp(test.median)), test.median_p)
        for name, test in joint.items()
    ]
    unusual = [_name(name) for name, test in joint.items() if test.median_p < alpha]
    title = "Taken together, the specifications are what chance labels give"
    if unusual:
        title = f"The whole curve of {' and '.join(unusual)} is unusual"
    return draw(
        made,
        "medians",
        charts.null_distribution,
        panels,
        title=title,
        subtitle="Median odds ratio over all specifications (one step from no effect), against "
        "curves whose labels countries of the same size exchange",
        caption=_permutations(joint),
        axis="median odds ratio of the curve",
        data=_long(panels),
        alt=_alt("median odds ratio", panels),
    )


def draw_significant(joint: dict[str, CurveTest], made: dict) -> Picture:
    """Share of each curve's specifications that are significant, beside permuted curves."""
    panels = [
        (_name(name), 100 * test.null[:, 2], 100 * test.significant_share, test.significant_p)
        for name, test in joint.items()
    ]
    told = "; ".join(f"{name} {value:.0f} %" for name, _, value, _ in panels)
    return draw(
        made,
        "significant",
        charts.null_distribution,
        panels,
        log=False,
        title=f"Specifications that are significant: {told}",
        subtitle="Per cent of the specifications that are significant by permutation on the side "
        "where most lie, against curves with permuted labels",
        caption=_permutations(joint),
        axis="per cent of the specifications",
        data=_long(panels),
        alt=_alt("per cent significant", panels),
    )


def draw_influence(findings: dict[str, Finding], made: dict) -> Picture:
    """What each choice explains of the variance of each claim's specifications."""
    shares = {name: explained(finding) for name, finding in findings.items()}
    shares = {name: share for name, share in shares.items() if share.notna().any()}
    matrix = (100 * pd.DataFrame(shares)).round()
    matrix = matrix.reindex([axis for axis in CHOICES if axis in matrix.index])
    told = [f"{_name(name)} {CHOICES[s.idxmax()]} {s.max():.0%}" for name, s in shares.items()]
    return draw(
        made,
        "influence",
        charts.heatmap,
        matrix.rename(index=CHOICES, columns=_name),
        title="Which choice moves which claim",
        subtitle="Per cent of the variance of a claim's specifications that each choice explains "
        "(– not a choice of it)",
        data=matrix.rename_axis("choice").reset_index(),
        alt=f"What explains most, by claim: {'; '.join(told)}.",
    )


def _name(claim: str) -> str:
    return claim.replace("_", "-")


def _long(panels: list) -> pd.DataFrame:
    """The permuted curves' values, by claim."""
    parts = [pd.DataFrame({"claim": name, "value": null}) for name, null, _, _ in panels]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _alt(what: str, panels: list) -> str:
    rows = "; ".join(f"{name} {show(value)} ({say_p(p)})" for name, _, value, p in panels)
    return f"Histograms of the {what} of permuted curves with the observed one: {rows}."


def _permutations(joint: dict[str, CurveTest]) -> str:
    return " ".join(f"{test.permutations:,} permutations." for test in list(joint.values())[:1])
