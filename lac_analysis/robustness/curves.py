"""The specification curves of all claims, and joint tests of those on the local share."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import rankdata

from lac_analysis import claims
from lac_analysis.claims import plan, specifications
from lac_analysis.claims.finding import Finding
from lac_analysis.claims.plan import NotTestable
from lac_analysis.claims.specifications import CHOICES, explained
from lac_analysis.selection import Selection
from lac_analysis.stats.assignments import assignments, strata
from lac_analysis.stats.curve import CurveTest, joint_test
from lac_analysis.stats.score_test import one_step, with_constant
from lac_analysis.tables import Tables

JOINT = ("authority", "self_rule", "strained")  # the claims on the local share
KINDS = ["local", "national"]


@dataclass(frozen=True, eq=False)
class NullFit:
    """One specification, fitted without its label: a row or entry a country."""

    label: pd.Series  # label or score, by ISO3
    size: pd.Series  # log population, by ISO3
    residual: np.ndarray  # local excerpts less those expected without the label
    weight: np.ndarray  # binomial variance of the local excerpts
    design: np.ndarray  # constant and controls


def null_fits(claim: str, tables: Tables, selection: Selection) -> list[NullFit]:
    """Every specification of a claim on the local share that can be estimated, without its label.

    Raises NotTestable where there is none.
    """
    planned, module = plan.of(claim), claims.CLAIMS[claim]
    found = {}
    for specification in specifications.every(planned, selection, planned.options):
        options = dict(specification.options)
        controls = options.pop("controls")
        countries = module.table(tables, specification.selection, **options)
        if countries["label"].nunique() > 1 and countries[KINDS].sum().all():
            found[tuple(specification.choices.items())] = null_fit(countries, controls)
    if not found:
        raise NotTestable("no specification of the plan can be estimated in this selection")
    return list(found.values())


def null_fit(countries: pd.DataFrame, controls: str) -> NullFit:
    """The fit of the local share of these countries on the controls alone."""
    columns = None if controls == "1" else countries[controls.split(" + ")]
    design, kinds = with_constant(columns, len(countries)), countries[KINDS]
    share = sm.GLM(kinds, design, family=sm.families.Binomial()).fit().mu
    total = kinds.sum(axis=1).to_numpy()
    residual, weight = kinds["local"].to_numpy() - total * share, total * share * (1 - share)
    return NullFit(countries["label"], countries["log_population"], residual, weight, design)


def orders(fits: list[NullFit], permutations: int, *, seed: int) -> pd.DataFrame:
    """Whose label each country (a column each, by ISO3) gets: the number of that country's column;
    its own in the first row, then one row a permutation among countries of the same third by
    population.
    """
    size = pd.concat([fit.size for fit in fits]).groupby(level=0).mean()
    own = np.arange(len(size))
    others, _ = assignments(own, strata(size), max_exact=0, draws=permutations, seed=seed)
    return pd.DataFrame(np.vstack([own, others]).astype(int), columns=size.index)


def permuted(fits: list[NullFit], exchanged: pd.DataFrame) -> CurveTest:
    """The curve against those of permuted labels, on the log scale: all specifications get the
    labels of the same `exchanged` countries (of `orders`), so that they stay as alike as they are.

    The estimate of a specification is one Newton step from the fit without its label, for the data
    as for the permutations: near the full one, and on this side of it where the effect is large.
    Its p is the rank of its studentised score among all, twice the smaller tail.
    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    steps = [
        one_step(_labels(fit.label, exchanged), fit.residual, fit.weight, fit.design)
        for fit in fits
    ]
    estimates, scores = (np.column_stack(parts) for parts in zip(*steps, strict=True))
    scores = np.nan_to_num(scores.round(9))  # equal labels are ties, whatever their rounding
    p = 2 * np.minimum(rankdata(scores, "max", axis=0), rankdata(-scores, "max", axis=0))
    p = np.minimum(1, p / len(scores))
    return joint_test(estimates, p)


def _labels(label: pd.Series, exchanged: pd.DataFrame) -> np.ndarray:
    """The label of each row of `exchanged`, (rows, n). A country that would get the label of one
    without a label (left out, unknown) gets that which the other one would have got, and so on:
    the permutation of the countries left.
    """
    whose = exchanged.to_numpy()
    known = exchanged.columns.isin(label.index)
    donor = whose[:, exchanged.columns.get_indexer(label.index)]
    while not known[donor].all():
        donor = np.where(known[donor], donor, np.take_along_axis(whose, donor, axis=1))
    return label.reindex(exchanged.columns).to_numpy()[donor]


def summary(findings: dict[str, Finding], joint: dict[str, CurveTest]) -> pd.DataFrame:
    """One row a claim: specifications (with an estimate), above_no_effect (their share), at_sesoi
    (the share at or beyond the smallest effect of interest), median, lowest, highest, explains_most
    (the choice that explains most of their variance), explains (how much), and of the joint tests
    median_p, significant (share of the specifications that are, on the side where most lie),
    significant_p.
    """
    rows = []
    for name, finding in findings.items():
        row = {"claim": name, "specifications": 0}
        if finding.specifications is not None:
            known = finding.specifications["estimate"].dropna()
            share = explained(finding)
            row |= {"specifications": len(known), "above_no_effect": finding.sign_share}
            row["at_sesoi"] = (known >= finding.sesoi).mean()
            row |= {"median": known.median(), "lowest": known.min(), "highest": known.max()}
            if share.notna().any():
                row |= {"explains_most": CHOICES[share.idxmax()], "explains": share.max()}
        if name in joint:
            test = joint[name]
            row |= {"median_p": test.median_p, "significant": test.significant_share}
            row |= {"significant_p": test.significant_p}
        rows.append(row)
    return pd.DataFrame(rows)
