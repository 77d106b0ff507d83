"""The verdict rule of claims.yml, for a finding and for simulated ones."""

import numpy as np
import pandas as pd

from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.plan import Plan

VERDICTS = (
    "supported",
    "partly supported",
    "inconclusive",
    "not supported",
    "contradicted",
    "not testable",
)


def judge(finding: Finding, plan: Plan) -> Finding:
    """The finding with its verdict and the reasons for it.

    Supported: significant on the claimed side, an estimate at or beyond the smallest effect of
    interest, specifications that agree and conditions that hold. Partly supported: significant on
    the claimed side, but one of the others fails. Contradicted: significant on the other side, and
    the specifications agree. Not supported: the interval ends short of the smallest effect of
    interest. Inconclusive: everything else. Significance is by Holm's p where it is known.
    """
    if finding.not_testable:
        return finding.replace(verdict="not testable", reasons=(finding.not_testable,))
    p = finding.p if finding.holm_p is None else finding.holm_p
    p_name = "p" if finding.holm_p is None else "Holm p"
    significant = p < plan.alpha
    above = finding.estimate > plan.null_value
    beyond = finding.estimate >= plan.sesoi
    share = finding.sign_share
    agree = share is not None and share >= plan.min_sign_share
    against = share is not None and 1 - share >= plan.min_sign_share
    short = finding.high is not None and finding.high < plan.sesoi
    checks = {
        f"{say_p(p, p_name)}, {'below' if significant else 'not below'} {plan.alpha}": significant,
        f"estimate {show(finding.estimate)}, {'at or beyond' if beyond else 'short of'} the "
        f"smallest effect of interest {show(plan.sesoi)}": beyond,
        f"{'no' if share is None else show(100 * share)} % of {finding.n_specifications} "
        "specifications on the claimed side": agree,
        **{
            f"{name.replace('_', ' ')}: {'holds' if held else 'does not hold'}": held
            for name, held in finding.conditions.items()
        },
    }
    if significant and above:
        verdict = "supported" if all(checks.values()) else "partly supported"
    elif significant and against:
        verdict = "contradicted"
    else:
        verdict = "not supported" if short else "inconclusive"
    limit = f"upper limit {show(finding.high)}, {'short of' if short else 'not short of'} it"
    return finding.replace(verdict=verdict, reasons=(*checks, limit))


def probabilities(simulated: dict[float, pd.DataFrame], plan: Plan) -> pd.DataFrame:
    """How often each verdict comes out, by the truth behind the data: one row a truth.

    simulated : truth -> one row a simulated data set, with columns estimate, p and high. The test
        alone decides: p is not corrected, and specifications and conditions are taken to agree.

    Columns truth, rejected (p below alpha), and one a verdict.
    """
    rows = []
    for truth, draws in simulated.items():
        shares = _verdicts(draws, plan).mean()
        rejected = float((draws["p"] < plan.alpha).mean())
        rows.append({"truth": truth, "rejected": rejected} | shares.to_dict())
    return pd.DataFrame(rows)


def weighted(outcomes: pd.DataFrame, weights: dict[float, np.ndarray], plan: Plan) -> pd.DataFrame:
    """As `probabilities`, where every outcome can be listed: its probability by truth."""
    verdicts = _verdicts(outcomes, plan).astype(float)
    rejected = (outcomes["p"] < plan.alpha).to_numpy()
    rows = [
        {"truth": truth, "rejected": float(weight @ rejected)}
        | {name: float(weight @ verdicts[name]) for name in verdicts}
        for truth, weight in weights.items()
    ]
    return pd.DataFrame(rows)


def _verdicts(draws: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """The verdict of each row by the test alone: one column of booleans a verdict."""
    significant, above = draws["p"] < plan.alpha, draws["estimate"] > plan.null_value
    verdict = np.select(
        [
            significant & above & (draws["estimate"] >= plan.sesoi),
            significant & above,
            significant & ~above,
            draws["high"] < plan.sesoi,
        ],
        ["supported", "partly supported", "contradicted", "not supported"],
        "inconclusive",
    )
    return pd.DataFrame({name: verdict == name for name in VERDICTS[:-1]})
