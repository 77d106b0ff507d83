"""What the verdicts say, in plain words, from the findings alone."""

import html

from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, say_p, show

GROUPS = {
    "These stand": ("supported",),
    "These stand in part": ("partly supported",),
    "These are ruled out": ("not supported", "contradicted"),
    "These cannot be told on these data": ("inconclusive", "not testable"),
}
_OFTEN = 0.8  # how often a test should say 'supported' to be called able to


def in_words(report: dict[str, Finding], later: dict[str, Finding]) -> str:
    """Which findings stand, which are ruled out, which cannot be told and what that would take, as
    Markdown.
    """
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
    enough = [row for row in finding.design if row["supported"] >= _OFTEN]
    if enough:
        row = enough[0]
        start = f"With a true {finding.unit} of {show(row['truth'])}"
        return f"{start} this test would have said supported in {row['supported']:.0%} of cases."
    row = max(finding.design, key=lambda row: row["supported"])
    start = f"Even with a true {finding.unit} of {show(row['truth'])}"
    return f"{start} this test would have said supported in only {row['supported']:.0%} of cases."


def _line(finding: Finding, later: Finding) -> str:
    text = [f"- *{' '.join(plans.of(finding.claim).finding.split())}*"]
    if finding.not_testable:
        text.append(f"Not testable: {html.escape(finding.not_testable, quote=False)}.")
    else:
        interval = f" ({show(finding.low)} to {show(finding.high)})"
        estimate = f"{_capital(finding.unit)} {show(finding.estimate)}"
        text.append(f"{estimate}{interval if finding.low is not None else ''}: {finding.verdict}.")
        text.append(_why(finding))
    if finding.verdict in ("inconclusive", "not testable"):
        text.append(would_take(finding))
    text.append(f"From {later.window[0]} to {later.window[1]}: {later.verdict}.")
    return " ".join(part for part in text if part)


def _why(finding: Finding) -> str:
    p = finding.p if finding.holm_p is None else finding.holm_p
    said = say_p(p, "p" if finding.holm_p is None else "Holm p")
    smallest = f"the smallest effect of interest, {show(finding.sesoi)}"
    if finding.verdict == "supported":
        return f"{said}, and {finding.sign_share:.0%} of the specifications agree."
    if finding.verdict == "partly supported":
        return f"{said}, but {'; '.join(_lacks(finding))}."
    if finding.verdict == "not supported":
        return f"The interval ends short of {smallest}."
    if finding.verdict == "contradicted":
        other = 1 - finding.sign_share
        return f"{said} on the other side, and {other:.0%} of the specifications lie there."
    return f"{said}; the interval reaches {smallest}, so that it is not ruled out."


def _lacks(finding: Finding) -> list[str]:
    """What a finding on the claimed side lacks to be supported."""
    plan, share = plans.of(finding.claim), finding.sign_share
    lacks = []
    if finding.estimate < finding.sesoi:
        lacks.append(
            f"the estimate is short of the smallest effect of interest, {show(plan.sesoi)}"
        )
    if share is None or share < plan.min_sign_share:
        agree = "none could be estimated" if share is None else f"only {share:.0%} agree"
        lacks.append(f"of the specifications {agree}")
    for name, held in finding.conditions.items():
        if not held:
            lacks.append(f"it does not hold that {_condition(plan, name)}")
    return lacks


def _condition(plan: plans.Plan, name: str) -> str:
    return " ".join(plan.must_also_hold.get(name, name.replace("_", " ")).split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
