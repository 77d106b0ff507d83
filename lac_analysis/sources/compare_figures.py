"""Pictures of a comparison: engagements by country, by year, and each claim's estimate."""

import pandas as pd
import pycountry

from lac_analysis import charts
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims.finding import show
from lac_analysis.report import verdicts
from lac_analysis.sources.compare import Comparison

PICTURES = ("countries", "years", "claims")


def pictures(comparison: Comparison) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {
        "countries": _countries(comparison),
        "years": _years(comparison),
        "claims": _claims(comparison),
    }


def _countries(comparison: Comparison) -> Picture:
    a, b = comparison.names
    table = comparison.coverage[comparison.coverage["by"] == "country"]
    names = [
        pycountry.countries.get(alpha_3=code).name.partition(",")[0] for code in table["value"]
    ]
    table = pd.DataFrame({"of the 33": names, a: table["a"].to_numpy(), b: table["b"].to_numpy()})
    reached = [(table[name] > 0).sum() for name in (a, b)]
    figure = charts.dot_plot(
        table,
        "of the 33",
        a,
        second=b,
        title=f"Countries with a local engagement, of 33: {_short(a)} {reached[0]}, {_short(b)} {reached[1]}",
        subtitle=f"Local engagements of any date, by country: {a} (filled, number at the right) and {b} (hollow)",
        caption=_caption(comparison),
        axis="local engagements",
    )
    alt = f"Dot plot of local engagements by country: {a} in {reached[0]} countries, {b} in {reached[1]}."
    return Picture("countries", figure, table, alt, _provenance(comparison))


def _years(comparison: Comparison) -> Picture:
    table = comparison.coverage[
        (comparison.coverage["by"] == "year") & (comparison.coverage["value"] != "not certain")
    ]
    years = table["value"].astype(float).astype("int64")
    span = range(max(int(years.min()), 1995), int(years.max()) + 1)
    counts = table.set_index(years)[["a", "b"]].reindex(span, fill_value=0).astype("float64")
    for side in counts:  # a list has no line before its first and after its last engagement
        found = counts.index[counts[side] > 0]
        counts[side] = counts[side].where(
            (counts.index >= found.min()) & (counts.index <= found.max())
        )
    parts = [
        pd.DataFrame({"year": list(span), "engagements": counts[side].to_numpy(), "list": name})
        for side, name in zip("ab", comparison.names, strict=True)
    ]
    long = pd.concat(parts, ignore_index=True)
    peaks = [counts[side].idxmax() for side in "ab"]
    a, b = comparison.names
    figure = charts.series(
        long,
        "year",
        "engagements",
        "list",
        title=f"Year with most local engagements: {_short(a)} {peaks[0]}, {_short(b)} {peaks[1]}",
        subtitle="Local engagements with a certain year, by year, from 1995",
        caption=_caption(comparison),
    )
    alt = f"Two lines, local engagements by year; {a} peaks in {peaks[0]}, {b} in {peaks[1]}."
    return Picture("years", figure, long, alt, _provenance(comparison))


def _claims(comparison: Comparison) -> Picture:
    parts = []
    for side, name in enumerate(comparison.names):
        scaled = verdicts.standardised(
            {claim: pair[side] for claim, pair in comparison.findings.items()}
        )
        parts.append(scaled.assign(list=name))
    table = pd.concat(parts).sort_values(
        "claim", kind="stable", key=lambda c: c.map(list(comparison.findings).index)
    )
    known = table.dropna(subset="estimate")
    if known.empty:
        return message("claims", "no claim can be tested on either", _provenance(comparison))
    wide = table.pivot(index="claim", columns="list", values="estimate").dropna()
    agree = int(((wide.iloc[:, 0] > 0) == (wide.iloc[:, 1] > 0)).sum())
    start, end = comparison.window
    figure = charts.forest(
        table,
        "list",
        "estimate",
        "low",
        "high",
        reference=0,
        sesoi=1,
        log=False,
        group="claim",
        title=f"Both estimates lie on one side of no effect for {agree} of the {len(wide)} claims testable on both",
        subtitle=f"Estimate and interval on one scale, {start}–{end}: 0 no effect, 1 the smallest effect of interest",
        caption=_caption(comparison),
        axis="estimate, in smallest effects of interest",
    )
    rows = "; ".join(f"{r.claim} {r.list} {show(r.estimate)}" for r in known.itertuples())
    return Picture(
        "claims",
        figure,
        table,
        f"Standardised estimates by claim and list: {rows}.",
        _provenance(comparison),
    )


def _caption(comparison: Comparison) -> str:
    n = comparison.overlap[["a", "b", "both"]].sum()
    a, b = comparison.names
    return f"{a}: {n['a']:,} local engagements; {b}: {n['b']:,}; {n['both']:,} in both, by record linkage."


def _short(name: str) -> str:
    return name if len(name) <= 24 else name[:21] + "..."


def _provenance(comparison: Comparison) -> dict:
    hashes = [finding.input_hash for finding in next(iter(comparison.findings.values()))]
    return {
        "compared": list(comparison.names),
        "window": list(comparison.window),
        "input_hashes": hashes,
    }
