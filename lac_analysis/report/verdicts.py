"""The ten findings together: Holm's correction, the verdicts, and one table of both windows."""

import hashlib
import math
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import claims, files
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, show, show_p
from lac_analysis.claims.verdict import judge
from lac_analysis.stats.multiplicity import benjamini_hochberg, holm
from lac_analysis.tables import Tables


def test_all(
    tables: Tables, window: tuple[int, int], *, seed: int | None = None, runs: str = "", **choices
) -> dict[str, Finding]:
    """Every claim's primary test in a window, judged with Holm's p over the ten.

    `choices` replace the plan's primary sample in every claim (collection, include_other_local,
    min_confidence,
    drop_countries); left out, each claim keeps its own. `runs` is a folder with the claims' own
    runs of the same values, from which the findings are read; blank, they are computed.
    """
    findings = {}
    for name, plan in plans.load().items():
        stored = Path(runs) / plan.notebook / files.FINDING
        if runs and stored.is_file():
            findings[name] = Finding.from_dict(files.read_json(stored))
            continue
        selection = plan.selection(window_start=window[0], window_end=window[1], **choices)
        findings[name] = claims.test(name, tables, selection, seed=seed)
    return correct(findings)


def correct(findings: dict[str, Finding]) -> dict[str, Finding]:
    """The findings with Holm's p over the family of primary tests, judged again.

    A claim that is not testable stays in the family and counts as p = 1, so that a missing datum
    helps no other claim.
    Source: Holm (1979), Scand. J. Statist. 6.
    """
    p = pd.Series(
        {name: np.nan if f.p is None or f.not_testable else f.p for name, f in findings.items()},
        dtype=float,
    )
    adjusted = holm(p)
    return {
        name: judge(
            f.replace(holm_p=None if f.not_testable else float(adjusted[name])), plans.load()[name]
        )
        for name, f in findings.items()
    }


def table(report: dict[str, Finding], later: dict[str, Finding]) -> pd.DataFrame:
    """One row a claim: estimate, interval, p, SESOI, smallest detectable effect, verdict, and the
    later window's.
    """
    rows = []
    for name, finding in report.items():
        other = later[name]
        rows.append(
            {
                "claim": name,
                "finding": " ".join(plans.load()[name].finding.split()),
                "unit": finding.unit,
                "estimate": finding.estimate,
                "low": finding.low,
                "high": finding.high,
                "p": finding.p,
                "holm_p": finding.holm_p,
                "sesoi": finding.sesoi,
                "smallest_detectable": finding.smallest_detectable,
                "sign_share": finding.sign_share,
                "verdict": finding.verdict,
                "later_estimate": other.estimate,
                "later_low": other.low,
                "later_high": other.high,
                "later_holm_p": other.holm_p,
                "later_verdict": other.verdict,
            }
        )
    return pd.DataFrame(rows)


def secondary(report: dict[str, Finding]) -> pd.DataFrame:
    """Every secondary analysis with a p, smallest q first: claim, analysis, estimate, low, high,
    unit, n, p, q.

    q is Benjamini and Hochberg's over all of them: of the analyses with q at or below 0.05, one in
    twenty is expected
    to be a false alarm, where the tests are independent or rise together.
    Source: Benjamini and Hochberg (1995), JRSS B 57; Benjamini and Yekutieli (2001), Ann. Statist.
    29, for dependence.
    """
    rows = [
        (name, r.name, r.estimate, r.low, r.high, r.unit, r.n, r.p)
        for name, finding in report.items()
        for r in finding.secondary
        if r.p is not None and not math.isnan(r.p)
    ]
    columns = ["claim", "analysis", "estimate", "low", "high", "unit", "n", "p"]
    found = pd.DataFrame(rows, columns=columns).astype({"n": "Int64"})
    found["q"] = benjamini_hochberg(found["p"])
    return found.sort_values(["q", "p"], kind="stable", ignore_index=True)


def standardised(report: dict[str, Finding]) -> pd.DataFrame:
    """Estimates on one scale: 0 is the null value, 1 the smallest effect of interest; ratios on the
    log scale.

    Columns claim, estimate, low, high, verdict; infinite where a ratio is 0 or infinite, NaN where
    there is none.
    """
    rows = []
    for name, finding in report.items():
        log = "ratio" in finding.unit
        null, sesoi = finding.null_value, finding.sesoi
        if (
            null is not None and null == sesoi
        ):  # a test against the SESOI itself: no effect is a ratio of one
            null, sesoi = sesoi, 1.0
        values = [
            _scaled(v, null, sesoi, log) for v in (finding.estimate, finding.low, finding.high)
        ]
        rows.append((name, *values, finding.verdict))
    return pd.DataFrame(rows, columns=["claim", "estimate", "low", "high", "verdict"])


def as_text(verdicts: pd.DataFrame) -> str:
    """The table for a terminal, two lines a claim."""
    lines = [
        f"{'claim':<11}{'estimate':>10}  {'interval':<19}{'Holm p':>9}{'SESOI':>7}{'detect.':>9}  {'verdict':<17}"
        f"{'later':>8}  later verdict"
    ]
    for row in verdicts.itertuples():
        interval = (
            "–" if row.low is None or pd.isna(row.low) else f"{show(row.low)} to {show(row.high)}"
        )
        lines.append(
            f"{row.claim:<11}{show(row.estimate):>10}  {interval:<19}{show_p(row.holm_p):>9}{show(row.sesoi):>7}"
            f"{show(row.smallest_detectable):>9}  {row.verdict:<17}{show(row.later_estimate):>8}  {row.later_verdict}"
        )
    lines.append("detect.: smallest effect that the test finds with 80 % power; later: 2021-2025")
    return "\n".join(lines)


def as_markdown(verdicts: pd.DataFrame) -> str:
    """The table for the README: the report's finding, the estimate with its interval, both
    verdicts.
    """
    lines = [
        "| The report's finding | Estimate (95 % interval) | 2000–2020 | 2021–2025 |",
        "|---|---|---|---|",
    ]
    for row in verdicts.itertuples():
        known = not pd.isna(row.estimate)
        estimate = (
            f"{row.unit} {show(row.estimate)} ({show(row.low)} to {show(row.high)})"
            if known
            else "–"
        )
        lines.append(f"| {row.finding} | {estimate} | {row.verdict} | {row.later_verdict} |")
    return "\n".join(lines)


def save(
    report: dict[str, Finding], later: dict[str, Finding], pictures: dict, folder: str
) -> None:
    """Write finding.json (every finding of both windows), the pictures, verdicts_table.csv and
    secondary_table.csv.

    Nothing is written where `folder` is blank.
    """
    first = next(iter(report.values()))
    content = {
        "claim": "verdicts",
        "input_hash": first.input_hash,
        "code_hash": code_hash(report),
        "report": {name: finding.to_dict() for name, finding in report.items()},
        "out_of_sample": {name: finding.to_dict() for name, finding in later.items()},
    }
    files.save(content, pictures, folder)
    if folder:
        files.write_csv(Path(folder) / "verdicts_table.csv", table(report, later))
        files.write_csv(Path(folder) / "secondary_table.csv", secondary(report))


def code_hash(report: dict[str, Finding]) -> str:
    """SHA-256 over the code hashes of all claims."""
    return hashlib.sha256(
        "".join(finding.code_hash for finding in report.values()).encode()
    ).hexdigest()


def _scaled(value: float | None, null: float | None, sesoi: float, log: bool) -> float:
    if value is None or null is None or math.isnan(value):
        return math.nan
    if log:
        value = math.log(value) if value > 0 else -math.inf
        null, sesoi = math.log(null), math.log(sesoi)
    return (value - null) / (sesoi - null)
