"""The findings together: Holm's correction, the verdicts, and one table of both windows."""

import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import charts, files
from lac_analysis.charts import Picture
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, show, show_p
from lac_analysis.claims.picture import Made, draw, source
from lac_analysis.claims.verdict import judge
from lac_analysis.selection import sample_of_several
from lac_analysis.stats.multiplicity import benjamini_hochberg, holm

_NUMBERS = ("unit", "estimate", "low", "high", "p", "holm_p", "sesoi", "attainable")
_LATER = ("estimate", "low", "high", "p", "holm_p", "verdict")
_NAMES = files.read_yaml(Path(__file__).with_suffix(".yml"))


def judged(findings: dict[str, Finding]) -> dict[str, Finding]:
    """The findings with Holm's p over the primary tests, and the verdicts that follow from it.

    A claim that is not testable is no test: it leaves the family.
    Source: Holm (1979), Scand. J. Statist. 6.
    """
    p = {name: f.p for name, f in findings.items() if not f.not_testable}
    adjusted = holm(p)
    return {
        name: judge(f.replace(holm_p=float(adjusted[name]) if name in p else None), plans.of(name))
        for name, f in findings.items()
    }


def supported_at(finding: Finding) -> tuple[float, float]:
    """How often 'supported' would come out, by `finding.design`: at no effect, and at the smallest
    effect of interest. NaN where the design was not simulated.
    """
    shares = {row["truth"]: row["supported"] for row in finding.design}
    ends = (finding.null_value, finding.sesoi)
    near = ([s for t, s in shares.items() if math.isclose(t, end, rel_tol=1e-3)] for end in ends)
    return tuple(next(iter(found), math.nan) for found in near)


def table(report: dict[str, Finding], later: dict[str, Finding]) -> pd.DataFrame:
    """One row a claim, in the order of the report, with both windows.

    Columns claim, number, finding (its words), verdict, unit, estimate, low, high, p, holm_p,
    sesoi, attainable (largest estimate that the data could give), supported_no_effect and
    supported_sesoi (probability of the verdict 'supported' if the truth were no effect, or the
    smallest effect of interest), and later_estimate, later_low, later_high, later_p,
    later_holm_p, later_verdict of the later window.
    """
    rows = []
    for name, finding in report.items():
        plan, after = plans.of(name), later[name]
        none, sesoi = supported_at(finding)
        rows.append(
            {"claim": name, "number": plan.number, "finding": " ".join(plan.finding.split())}
            | {"verdict": finding.verdict}
            | {column: getattr(finding, column) for column in _NUMBERS}
            | {"supported_no_effect": none, "supported_sesoi": sesoi}
            | {f"later_{column}": getattr(after, column) for column in _LATER}
        )
    return pd.DataFrame(rows)


def secondary(report: dict[str, Finding]) -> pd.DataFrame:
    """Every secondary analysis with a p, smallest q first: claim, analysis, estimate, low, high,
    unit, n, p, q.

    q is Benjamini and Hochberg's over all of them: of the analyses with q at or below 0.05, one in
    twenty is expected to be a false alarm, where the tests are independent or rise together.
    Source: Benjamini and Hochberg (1995), JRSS B 57; Benjamini and Yekutieli (2001), Ann. Statist.
    29, for dependence.
    """
    rows = [{"claim": name} | asdict(r) for name, f in report.items() for r in f.secondary]
    columns = ["claim", "name", "estimate", "low", "high", "unit", "n", "p"]
    found = pd.DataFrame(rows, columns=columns).astype({"n": "Int64", "p": float})
    found = found.dropna(subset="p").rename(columns={"name": "analysis"})
    found["q"] = benjamini_hochberg(found["p"])
    return found.sort_values(["q", "p"], kind="stable", ignore_index=True)


def standardised(report: dict[str, Finding]) -> pd.DataFrame:
    """Estimates on one scale: 0 is the null value, 1 the smallest effect of interest; ratios on the
    log scale. Where the test is against the smallest effect of interest itself, 1 is a ratio of 1.

    Columns claim, estimate, low, high, verdict; infinite where a ratio is 0 or infinite, NaN where
    there is none.
    """
    rows = []
    for name, finding in report.items():
        null, sesoi = finding.null_value, finding.sesoi
        ends = [null, 1.0 if null == sesoi else sesoi]
        values = np.array([*ends, finding.estimate, finding.low, finding.high], dtype=float)
        if "ratio" in finding.unit:
            with np.errstate(divide="ignore"):
                values = np.log(values)
        scaled = (values[2:] - values[0]) / (values[1] - values[0])
        rows.append((name, *scaled, finding.verdict))
    return pd.DataFrame(rows, columns=["claim", "estimate", "low", "high", "verdict"])


def draw_verdicts(report: dict[str, Finding]) -> Picture:
    """The standardised estimate of each claim, its interval and the verdict."""
    first = next(iter(report.values()))
    table = standardised(report)
    against = [" *" if f.null_value == f.sesoi else "" for f in report.values()]
    numbers = table["claim"].map(lambda name: plans.of(name).number)
    named = table.assign(claim=numbers + " " + table["claim"].map(_NAMES) + against)
    counts = table["verdict"].value_counts()
    found = [f"{counts[verdict]} {verdict}" for verdict in charts.VERDICTS if verdict in counts]
    rows = "; ".join(f"{r.claim} {r.verdict} ({show(r.estimate)})" for r in named.itertuples())
    made_of = first.provenance() | {"claim": "verdicts"}
    every = [f.parameters for f in report.values()]
    shared = {k: v for k, v in every[0].items() if all(each.get(k) == v for each in every)}
    logged = any("excerpts" in f.parameters and not f.not_testable for f in report.values())
    said = f"Source: {source(first)};{' search log;' * logged} AidData; CGIT."
    return draw(
        Made(made_of, said, sample_of_several(shared)), "verdicts",
        charts.verdict_picture, named, *table.columns, data=table,
        title=f"Of {len(table)} tests: {', '.join(found)}",
        subtitle="Estimate and interval on one scale: 0 is no effect, 1 the smallest effect of "
        f"interest; ratios on the log scale; {first.window[0]}–{first.window[1]}",
        note="* Tested against the smallest effect of interest itself: 0 is that effect, and 1 a "
        "ratio of 1. Verdicts by the rules of claims.yml, with Holm's correction over the claims "
        "that can be tested.",
        axis="estimate, in smallest effects of interest", alt=f"Verdict by claim: {rows}.",
    )  # fmt: skip


def as_text(verdicts: pd.DataFrame) -> str:
    """The table for a terminal, one line a claim."""
    numbers = {"estimate": "estimate", "from": "low", "to": "high", "SESOI": "sesoi"}
    table = pd.DataFrame({"claim": verdicts["claim"]})
    table = table.assign(**{name: verdicts[column].map(show) for name, column in numbers.items()})
    table["Holm p"] = verdicts["holm_p"].map(show_p)
    table["if none"] = verdicts["supported_no_effect"].map(_percent)
    table["if SESOI"] = verdicts["supported_sesoi"].map(_percent)
    table["verdict"], table["later verdict"] = verdicts["verdict"], verdicts["later_verdict"]
    return (
        f"{table.to_string(index=False)}\nif none, if SESOI: how often 'supported' comes out "
        "if the truth is no effect, or the smallest effect of interest"
    )


def save(
    report: dict[str, Finding], later: dict[str, Finding], pictures: list[Picture], folder: str
) -> None:
    """Write finding.json (every finding of both windows), the pictures, verdicts_table.csv and
    secondary_table.csv; nothing where `folder` is blank.
    """
    first = next(iter(report.values()))
    content = {
        "claim": "verdicts",
        "input_hash": first.input_hash,
        "code_hash": first.code_hash,
        "report": {name: finding.to_dict() for name, finding in report.items()},
        "out_of_sample": {name: finding.to_dict() for name, finding in later.items()},
    }
    tables = {"verdicts_table.csv": table(report, later), "secondary_table.csv": secondary(report)}
    files.save(content, pictures, folder, tables)


def _percent(share: float) -> str:
    return "–" if pd.isna(share) else f"{100 * share:.0f} %"
