"""What the verdicts say, in plain words, from the findings alone."""

from lac_analysis.claims import plan as plans
from lac_analysis.claims import specification_figures
from lac_analysis.claims.finding import Finding, show

STANDS, DEPENDS, NOT_BORNE_OUT, OTHER_WAY, NOT_JUDGED = (
    "These stand",
    "These depend on how one measures",
    "These are not borne out",
    "These point the other way",
    "These cannot be judged on these data",
)
_ONE_GROUP = {
    "supported": STANDS,
    "partly supported": DEPENDS,
    "contradicted": OTHER_WAY,
    "not testable": NOT_JUDGED,
}


def group(finding: Finding) -> str:
    """Under which heading a finding belongs: by its verdict, and by whether the specifications
    agree.

    A claim that is not supported depends on how one measures where less than the plan's share of
    them (80 %) agree on
    the side of no effect, or on whether the smallest effect of interest is reached.
    """
    if finding.verdict in _ONE_GROUP:
        return _ONE_GROUP[finding.verdict]
    return NOT_BORNE_OUT if _divided_at(finding) is None else DEPENDS


def in_words(report: dict[str, Finding], later: dict[str, Finding]) -> str:
    """Which findings stand, which depend on how one measures, and which cannot be judged, as
    Markdown.
    """
    lines = []
    for heading in (STANDS, DEPENDS, NOT_BORNE_OUT, OTHER_WAY, NOT_JUDGED):
        names = [name for name, finding in report.items() if group(finding) == heading]
        if names:
            lines += [
                f"**{heading}.**\n",
                *(_line(report[name], later[name]) for name in names),
                "",
            ]
    return "\n".join(lines)


def _line(finding: Finding, later: Finding) -> str:
    plan = plans.load()[finding.claim]
    text = [f"- *{' '.join(plan.finding.split())}*"]
    if finding.not_testable:
        text.append(f"{_capital(finding.not_testable)}.")
    else:
        interval = (
            f" ({show(finding.low)} to {show(finding.high)})" if finding.low is not None else ""
        )
        text.append(
            f"{_capital(finding.unit)} {show(finding.estimate)}{interval}: {finding.verdict}."
        )
        text.append(f"{_capital('; '.join(finding.reasons))}.")
        text += [sentence for sentence in (_what_decides(finding), _blind(finding)) if sentence]
    text.append(f"From {later.window[0]} to {later.window[1]}: {later.verdict}.")
    return " ".join(text)


def _divided_at(finding: Finding) -> float | None:
    """The value, of no effect or else the smallest of interest, on whose side the specifications do
    not agree.
    """
    needed = plans.load()[finding.claim].min_sign_share
    table = finding.detail.get("specifications")
    estimates = None if table is None else table["estimate"].dropna()
    beyond = (
        (estimates >= finding.sesoi).mean() if estimates is not None and len(estimates) else None
    )
    for value, share in ((finding.null_value, finding.sign_share), (finding.sesoi, beyond)):
        if share is not None and 1 - needed < share < needed:
            return value
    return None


def _what_decides(finding: Finding) -> str:
    """Where the specifications disagree: the choice that explains most of them, and its options on
    either side.
    """
    value = None if finding.verdict == "supported" else _divided_at(finding)
    table = finding.detail.get("specifications")
    if table is None or value is None:
        return ""
    axes = [
        name
        for name in plans.load()[finding.claim].axes
        if name in table and table[name].nunique() > 1
    ]
    share = specification_figures.influence(table, axes, "ratio" in finding.unit)
    if not share.notna().any():
        return ""
    axis = share.idxmax()
    medians = table.groupby(axis, sort=False)["estimate"].median()
    at_null = value == finding.null_value
    reached = medians > value if at_null else medians >= value
    words = [
        ", ".join(specification_figures.option(str(option)) for option in medians.index[side])
        for side in (reached, ~reached)
    ]
    where = "on the claimed side" if at_null else f"at or beyond {show(value)}"
    text = (
        f"What decides is *{specification_figures.CHOICES[axis]}* ({share[axis]:.0%} of the variance of the "
        "specifications)"
    )
    return (
        f"{text}: their median is {where} with {words[0]}; not with {words[1]}."
        if all(words)
        else f"{text}."
    )


def _blind(finding: Finding) -> str:
    """Said of a test without a result that could not have found the smallest effect of interest."""
    p = finding.p if finding.holm_p is None else finding.holm_p
    smallest = finding.smallest_detectable
    if (
        p is None
        or smallest is None
        or p < plans.load()[finding.claim].alpha
        or not smallest > finding.sesoi
    ):
        return ""
    return (
        f"The test finds {show(smallest)} or more with 80 % power, so it could hardly have seen the smallest effect of "
        f"interest, {show(finding.sesoi)}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
