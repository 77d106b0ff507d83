"""What the verdicts say, in plain words, from the findings alone."""

import html

from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, show

GROUPS = {
    "These stand": ("supported",),
    "These stand in part": ("partly supported",),
    "These are ruled out": ("not supported", "contradicted"),
    "These cannot be told on these data": ("inconclusive", "not testable"),
}
_OFTEN = 0.8  # how often a test should say 'supported' to be called able to


def in_words(report: dict[str, Finding], later: dict[str, Finding]) -> str:
    """What stands, is ruled out or cannot be told, and what that would take, as Markdown."""
    lines = []
    for heading, members in GROUPS.items():
        names = [name for name, finding in report.items() if finding.verdict in members]
        if names:
            lines += [f"**{heading}.**\n", *(_line(report[n], later[n]) for n in names), ""]
    return "\n".join(lines)


def would_take(finding: Finding) -> str:
    """At which truth the test would have said 'supported' in 80 % of data sets simulated on this
    design; blank where the design was not simulated.
    """
    if not finding.design:
        return ""
    best = max(finding.design[::-1], key=lambda row: row["supported"])  # of equals, the last truth
    row = next((row for row in finding.design if row["supported"] >= _OFTEN), best)
    even = "With" if row["supported"] >= _OFTEN else "Even with"
    said = f"{row['supported']:.0%} of tests would say supported, at the strictest correction."
    return f"{even} a true {finding.unit} of {show(row['truth'])}, {said}"


def _line(finding: Finding, later: Finding) -> str:
    text = [f"- *{' '.join(plans.of(finding.claim).finding.split())}*"]
    if not finding.not_testable:
        estimate = f"{finding.unit[:1].upper()}{finding.unit[1:]} {show(finding.estimate)}"
        low, high = show(finding.low, finding.unit), show(finding.high, finding.unit)
        text.append(f"{estimate}{f' ({low} to {high})' if finding.low is not None else ''}.")
    reasons = html.escape("; ".join(finding.reasons), quote=False)
    text.append(f"{finding.verdict.capitalize()}: {reasons}.")
    if finding.verdict in ("inconclusive", "not testable"):
        text.append(would_take(finding))
    text.append(f"From {later.window[0]} to {later.window[1]}: {later.verdict}.")
    return " ".join(part for part in text if part)
