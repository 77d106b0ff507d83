"""Pictures of the claims on the local share."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.picture import draw, drawn

NOT_DATED = "excerpts of N1–N5, all years"


def caption(finding: Finding) -> str:
    return (
        f"Source: search log of this project (CC BY 4.0); {finding.n_engagements:,} excerpts, "
        f"{finding.n_countries} countries."
    )


@drawn
def draw_shares(finding: Finding, name: str) -> Picture:
    """Local share of every country, those with the label marked.

    name : what the marked countries are called.
    """
    table = finding.detail["table"].reset_index()
    told = table.assign(percent=100 * table["local_share"])
    marked = (table["label"] == 1).to_numpy()
    kinds = table.groupby(marked)[["local", "national"]].sum()
    share = kinds["local"] / kinds.sum(axis=1)
    return draw(
        finding, "shares", charts.dot_plot, told, "country", "percent", highlight=marked,
        highlight_name=name,
        title=f"Local are {share[True]:.0%} of the excerpts on {name} states, {share[False]:.0%} "
        "on others",
        subtitle="Excerpts that tell of a local engagement, of all that tell of one, by country",
        when=NOT_DATED, caption=caption(finding), axis="% local",
        alt=f"Dot plot of the local share of excerpts by country: {name} {share[True]:.0%}, "
        f"others {share[False]:.0%}.",
    )  # fmt: skip


@drawn
def draw_score(finding: Finding, name: str) -> Picture:
    """Local share of every country from the lowest to the highest score, with the fitted odds.

    name : what the score is called.
    """
    table = finding.detail["table"].reset_index().sort_values("label", ascending=False)
    told = table.assign(
        percent=100 * table["local_share"],
        row=table["country"] + table["label"].map(" ({:.2f})".format),
    )
    top = (table["label"] > table["label"].median()).to_numpy()
    kinds = table.groupby(top)[["local", "national"]].sum()
    share = kinds["local"] / kinds.sum(axis=1)
    return draw(
        finding, "shares", charts.dot_plot, told, "row", "percent", highlight=top,
        highlight_name="upper half",
        title=f"Local are {share[True]:.0%} of the excerpts in the upper half by {name}, "
        f"{share[False]:.0%} in the lower",
        subtitle="Excerpts that tell of a local engagement, of all that tell of one, by country; "
        "in brackets the score, in units of the contrast",
        when=NOT_DATED, caption=caption(finding), axis="% local",
        alt=f"Dot plot of the local share: {share[True]:.0%} in the upper half by {name}, "
        f"{share[False]:.0%} in the lower.",
    )  # fmt: skip


@drawn
def draw_chance(finding: Finding, name: str) -> Picture:
    """The studentised score under every other assignment of the label.

    name : what is compared, as in "federal against other countries".
    """
    test = finding.detail["test"]
    null = test.null[np.isfinite(test.null)]
    quantiles = np.linspace(0, 1, 201)
    data = pd.DataFrame({"quantile": quantiles, "score": np.quantile(null, quantiles)})
    return draw(
        finding, "chance", charts.null_distribution,
        [(name[0].upper() + name[1:], null, test.statistic, test.p)], log=False,
        title=f"{test.assignments:,} other assignments of the label: {say_p(test.p)}",
        subtitle="Score of the label in the binomial regression, studentised by country, when "
        "countries of the same size exchange it",
        when=NOT_DATED, caption=caption(finding), axis="studentised score", data=data,
        alt=f"Histogram of the score under other labels; observed {show(test.statistic)}, "
        f"{say_p(test.p)}.",
    )  # fmt: skip
