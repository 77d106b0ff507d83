"""Pictures of the specification curves: the joint tests, and what each choice explains."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.picture import Made, draw
from lac_analysis.claims.specifications import CHOICES, explained
from lac_analysis.robustness.picture import drawn, hyphenated
from lac_analysis.stats.curve import CurveTest


@drawn
def draw_medians(joint: dict[str, CurveTest], made: Made) -> charts.Picture:
    """Median of each curve, beside the medians of curves with permuted labels."""
    panels = [
        (hyphenated(name), np.exp(test.null[:, 0]), float(np.exp(test.median)), test.median_p)
        for name, test in joint.items()
    ]
    unusual = [name for name, _, _, p in panels if p < 0.05]
    title = "Taken together, the specifications are what chance labels give"
    if unusual:
        title = f"The whole curve of {' and '.join(unusual)} is unusual"
    what = "Median odds ratio over all specifications (one step from no effect)"
    return _beside_permuted("medians", panels, what, made, title=title)


@drawn
def draw_significant(joint: dict[str, CurveTest], made: Made) -> charts.Picture:
    """Share of each curve's specifications that are significant, beside permuted curves."""
    panels = [
        (hyphenated(name), 100 * test.null[:, 1], 100 * test.significant_share, test.significant_p)
        for name, test in joint.items()
    ]
    told = "; ".join(f"{name} {value:.0f} %" for name, _, value, _ in panels)
    title = f"Specifications that are significant: {told}"
    what = "Per cent of specifications significant by permutation on the side where most lie"
    return _beside_permuted("significant", panels, what, made, title=title, log=False)


def _beside_permuted(name: str, panels: list, what: str, made: Made, **words) -> charts.Picture:
    """Panels of claim, values of the permuted curves, observed value and p."""
    rows = "; ".join(f"{claim} {show(value)} ({say_p(p)})" for claim, _, value, p in panels)
    values = [pd.DataFrame({"claim": claim, "value": null}) for claim, null, _, _ in panels]
    return draw(
        made, name, charts.null_distribution, panels, data=pd.concat(values, ignore_index=True),
        subtitle=f"{what}, against curves whose labels countries of the same size exchange",
        note=f"{len(values[0]):,} permutations.",
        alt=f"{what}, histograms of permuted curves with the observed one: {rows}.", **words,
    )  # fmt: skip


def draw_influence(findings: dict[str, Finding], made: Made) -> charts.Picture:
    """What each choice explains of the variance of each claim's specifications."""
    shares = {name: explained(finding) for name, finding in findings.items()}
    shares = {name: share for name, share in shares.items() if share.notna().any()}
    if not shares:
        return charts.message(
            "influence", "no claim has specifications that differ", made.provenance
        )
    matrix = (100 * pd.DataFrame(shares)).round()
    matrix = matrix.reindex([axis for axis in CHOICES if axis in matrix.index])
    told = [f"{hyphenated(name)} {CHOICES[s.idxmax()]} {s.max():.0%}" for name, s in shares.items()]
    return draw(
        made, "influence", charts.heatmap, matrix.rename(index=CHOICES, columns=hyphenated),
        data=matrix.rename_axis("choice").reset_index(), title="Which choice moves which claim",
        subtitle="Per cent of the variance of a claim's specifications that each choice explains "
        "(– not a choice of it)",
        alt=f"What explains most, by claim: {'; '.join(told)}.",
    )  # fmt: skip
