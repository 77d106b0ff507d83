"""Pictures of the claims on the local share."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.selection import left_out


@drawn
def draw_shares(finding: Finding, name: str) -> charts.Picture:
    """Local share of every country: those with the label marked, or the upper half by the score.

    name : what the label, or the score, is called.
    """
    table = finding.detail["table"].reset_index()
    graded = not table["label"].isin([0, 1]).all()
    table = table.assign(percent=100 * table["local_share"], row=table["country"])
    marked = (table["label"] == 1).to_numpy()
    if graded:
        marked = (table["label"] > table["label"].median()).to_numpy()
        table["row"] += table["label"].map(" {:.2f}".format)
    kinds = table.groupby(marked)[["local", "national"]].sum()
    share = (kinds["local"] / kinds.sum(axis=1)).reindex([True, False]).map("{:.0%}".format)
    such = f"states with {name}" if " " in name else f"{name} states"  # "federal" is a word
    told = f"{share[True]} of the excerpts on {such} are local, {share[False]} on others"
    if graded:
        told = f"{name[0].upper()}{name[1:]}: of the excerpts on the upper half of states "
        told += f"{share[True]} are local, on the lower {share[False]}"
    if not marked.any():
        told = f"{name[0].upper()}{name[1:]}: half of the states or more have the highest score"
    by_score = ", sorted by its score, in units of the contrast" if graded else ""
    return draw(
        finding, "shares", charts.dot_plot, table, "row", "percent", highlight=marked,
        by="label" if graded else None, highlight_name="upper half" if graded else name, title=told,
        subtitle="Excerpts that tell of a local engagement, of all that tell of one, by country"
        + by_score,
        when=_when(finding), axis="% local",
        alt=f"Dot plot of the local share of excerpts by country: {told}.",
    )  # fmt: skip


@drawn
def draw_chance(finding: Finding, name: str) -> charts.Picture:
    """Where the studentised score stands among those of every other assignment of the label.

    name : what the label, or the score, is called.
    """
    test = finding.detail["test"]
    null = test.null[np.isfinite(test.null)]
    quantiles = np.linspace(0, 1, 201)
    return draw(
        finding, "chance", charts.null_distribution,
        [(name[0].upper() + name[1:], null, test.statistic, test.p)],
        log=False, axis="studentised score",
        title=f"{say_p(test.p)} among {test.assignments:,} assignments of the label",
        subtitle="Score of the label in the binomial regression, studentised by country, when "
        "countries of the same size exchange it",
        when=_when(finding),
        data=pd.DataFrame({"quantile": quantiles, "score": np.quantile(null, quantiles)}),
        alt=f"Histogram of the studentised score by chance; observed {show(test.statistic)}, "
        f"p = {test.p:.2g}.",
    )  # fmt: skip


def _when(finding: Finding) -> str:
    """Which excerpts are counted."""
    query = finding.parameters["excerpts"].partition("without_")[2]
    queries = f"N1–N5 without {query}" if query else "N1–N5"
    return f"excerpts of {queries}, all years, {left_out(finding.parameters)}".removesuffix(", ")
