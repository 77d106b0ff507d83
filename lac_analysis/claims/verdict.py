"""The verdict rule of claims.yml, for a finding and for simulated ones."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis import charts
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.plan import Plan
from lac_analysis.stats.proportions import proportion

_HELD = {True: "holds", False: "does not hold", None: "cannot be told"}

VERDICTS = tuple(charts.VERDICTS)


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
            f"{name.replace('_', ' ')}: {_HELD[held]}": bool(held)
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


def design(
    draws: Callable[[float, np.random.Generator], Iterable], plan: Plan, *, seed: int
) -> pd.DataFrame:
    """P(verdict | truth) on simulated data: `probabilities` at the truths of the plan.

    draws : gives estimate, p and upper limit of each data set simulated at a truth.
    """
    simulated = {}
    for number, truth in enumerate(plan.truths):
        rows = draws(truth, np.random.default_rng([seed, number]))
        simulated[truth] = pd.DataFrame(rows, columns=["estimate", "p", "high"])
    return probabilities(simulated, plan)


def exact_design(
    n: int, plan: Plan, *, scale: float = 1, alternative: str = "two-sided"
) -> pd.DataFrame:
    """P(verdict | truth) of the exact binomial test of k of n, by listing every outcome.

    scale : what the plan's values are, over the share k / n: n where the plan counts; its truths of
        more than all n are left out.
    """
    k, null = np.arange(n + 1), plan.null_value / scale
    tests = [proportion(int(i), n, null=null, alternative=alternative) for i in k]
    high = [scale * proportion(int(i), n, level=plan.level).interval[1] for i in k]
    listed = pd.DataFrame({"estimate": scale * k / n, "p": [t.p for t in tests], "high": high})
    truths = [truth for truth in plan.truths if truth <= scale]
    weights = {truth: stats.binom.pmf(k, n, truth / scale) for truth in truths}
    outcomes = {truth: listed.assign(weight=weight) for truth, weight in weights.items()}
    return probabilities(outcomes, plan)


def probabilities(outcomes: dict[float, pd.DataFrame], plan: Plan) -> pd.DataFrame:
    """How often each verdict comes out, by the truth behind the data: one row a truth.

    outcomes : truth -> one row a data set, with columns estimate, p and high, and its weight where
        they are not equally likely. Other claims are unknown here, so a p is significant where it
        passes Holm's strictest step, which makes 'supported' rarer than it is; specifications and
        conditions are taken to agree, which makes it more frequent.

    Columns truth, rejected (p below alpha, uncorrected), and one a verdict.
    """
    rows = []
    for truth, found in outcomes.items():
        verdicts = _verdicts(found, plan)
        columns = [found["p"] < plan.alpha, *(verdicts == name for name in VERDICTS[:-1])]
        shares = np.average(columns, axis=1, weights=found.get("weight"))
        names = ("truth", "rejected", *VERDICTS[:-1])
        rows.append(dict(zip(names, (truth, *shares.tolist()), strict=True)))
    return pd.DataFrame(rows)


def _verdicts(found: pd.DataFrame, plan: Plan) -> np.ndarray:
    """The verdict that the test alone gives at Holm's strictest step, row by row."""
    significant, above = found["p"] < plan.first_step, found["estimate"] > plan.null_value
    rules = {  # of which the first that holds counts
        "supported": significant & above & (found["estimate"] >= plan.sesoi),
        "partly supported": significant & above,
        "contradicted": significant & ~above,
        "not supported": found["high"] < plan.sesoi,
    }
    return np.select([*rules.values()], [*rules], "inconclusive")
