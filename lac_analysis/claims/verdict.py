"""The verdict rules of claims.yml."""

from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.plan import Plan

VERDICTS = ("supported", "partly supported", "not supported", "contradicted", "not testable")


def judge(finding: Finding, plan: Plan) -> Finding:
    """The finding with its verdict and the reasons for it, by the rules at the head of claims.yml.

    Uses Holm's p where it is known, else the test's own.
    """
    if finding.not_testable:
        return finding.replace(verdict="not testable", reasons=(finding.not_testable,))
    p = finding.p if finding.holm_p is None else finding.holm_p
    p_name = "p" if finding.holm_p is None else "Holm p"
    significant = p < plan.alpha
    beyond = finding.estimate >= plan.sesoi
    signs = finding.sign_share is not None and finding.sign_share >= plan.min_sign_share
    against = finding.sign_share is not None and 1 - finding.sign_share >= plan.min_sign_share
    checks = {
        f"{say_p(p, p_name)}, {'below' if significant else 'not below'} {plan.alpha}": significant,
        f"estimate {show(finding.estimate)}, {'at or beyond' if beyond else 'short of'} the smallest effect of "
        f"interest {show(plan.sesoi)}": beyond,
        f"{show(100 * finding.sign_share) if finding.sign_share is not None else 'no'} % of "
        f"{finding.n_specifications} specifications on the claimed side": signs,
        **{f"{name.replace('_', ' ')}: {'holds' if held else 'does not hold'}": held
           for name, held in finding.conditions.items()},
    }  # fmt: skip
    if beyond and all(checks.values()):
        verdict = "supported"
    elif beyond:
        verdict = "partly supported"
    elif significant and finding.estimate < finding.null_value and against:
        verdict = "contradicted"
    else:
        verdict = "not supported"
    return finding.replace(verdict=verdict, reasons=tuple(checks))
