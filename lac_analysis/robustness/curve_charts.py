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
        note=f"{len(data) // len(panels):,} permutations.",
        alt=f"{what}, histograms of permuted curves with the observed one: {told}.",
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
