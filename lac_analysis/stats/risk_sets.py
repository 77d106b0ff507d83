"""Whether members that become cases were exposed before more often than members like them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import special, stats

from lac_analysis.errors import InputError
from lac_analysis.stats.estimate import Estimate, exponentiate, labels, wald
from lac_analysis.stats.exact import of_independent_sum

FEWEST_SETS = 30  # with fewer informative sets the exact interval and p are the ones reported


@dataclass(frozen=True, kw_only=True)
class MatchedOddsRatio(Estimate):
    """Odds ratio of exposure, cases against the controls of their own risk sets; n counts cases."""

    informative: int  # sets with a case, a control, an exposed and an unexposed member


def risk_sets(members: pd.DataFrame, events: pd.DataFrame, *, years: int = 10) -> pd.DataFrame:
    """For each case the members of its stratum that are not yet cases, each exposed or not.

    members : one row a member: member, stratum, case_date (datetime; missing: never a case).
    events : one row an event: member and date (datetime; an undated event exposes nobody).
    years : an event exposes from its date for that long, the date itself left out. Give the end
        of an event's possible dates and the start of a case's to count only what is certain.

    Returns one row a member of a set: set (the case's member), member, case (1 for the case),
    exposed (0 or 1), at (the date of the set), stratum. A member is a control of many sets, and of
    none from the day that it is a case itself.
    Source: incidence density sampling, Prentice and Breslow (1978), Biometrika 65. Raises
    InputError for a missing stratum, or a member in two rows.
    """
    labels(members["stratum"], "stratum")
    if (again := members["member"].duplicated()).any():
        raise InputError("a member has two rows", value=members["member"][again].iloc[0])
    cases = members.loc[members["case_date"].notna(), ["member", "stratum", "case_date"]]
    cases = cases.set_axis(["set", "stratum", "at"], axis="columns")
    sets = cases.merge(members, on="stratum")
    sets["case"] = (sets["set"] == sets["member"]).astype(int)
    sets = sets[(sets["case"] == 1) | ~(sets["case_date"] <= sets["at"])]

    dated = sets[["set", "member", "at"]].merge(events[["member", "date"]], on="member")
    first_day = dated["at"] - pd.DateOffset(years=years)
    dated = dated[(dated["date"] < dated["at"]) & (dated["date"] >= first_day)]
    exposed = pd.MultiIndex.from_frame(sets[["set", "member"]]).isin(
        pd.MultiIndex.from_frame(dated[["set", "member"]])
    )
    columns = ["set", "member", "case", "exposed", "at", "stratum"]
    return sets.assign(exposed=exposed.astype(int))[columns].reset_index(drop=True)


def matched_odds_ratio(sets: pd.DataFrame, *, level: float = 0.95) -> MatchedOddsRatio:
    """Conditional logistic regression of being the case on being exposed, within sets.

    `sets` has one row a member of a set: set, case (0 or 1), exposed (0 or 1).

    The number of exposed cases is, given how many of each set are exposed and how many are cases, a
    sum of independent hypergeometric numbers. Its distribution gives the estimate (that of
    statsmodels' ConditionalLogit), the exact interval and the exact p; they are reported with fewer
    than 30 informative sets or where no exposed case, or no other, could have been (the odds ratio
    is then 0 or infinite). Else interval and p are Wald's.
    Source: Breslow and Day (1980), Statistical Methods in Cancer Research 1, ch. 7; Mehta and
    Patel (1995), Statist. Med. 14. Raises InputError without an informative set, or
    where a value is missing.
    """
    for name in ("set", "case", "exposed"):
        labels(sets[name], name)
    by_set = sets.groupby("set", sort=False)
    size, (cases, exposed) = by_set.size(), by_set[["case", "exposed"]].sum().to_numpy().T
    sums = list(map(_exposed_cases, *(margin.tolist() for margin in (size, cases, exposed))))
    informative = sum(len(chances) > 1 for _, chances in sums)
    if not informative:
        raise InputError("no set has a case and a control that differ in exposure")
    family = of_independent_sum(*zip(*sums, strict=True))
    observed, n = int((sets["case"] * sets["exposed"]).sum()), int(cases.sum())
    exact = family.infer(observed, level, "exact", n)
    ratio, interval, p, way = exact.estimate, exact.interval, exact.p, "exact"
    if informative >= FEWEST_SETS and 0 < ratio < np.inf:
        # the error is one over the root of the variance of the number of exposed cases
        chance = special.softmax(family.log_weight + np.log(ratio) * family.support)
        error = (chance @ (family.support - chance @ family.support) ** 2) ** -0.5
        limits, p = wald(np.log(ratio), error, np.inf, level)
        interval, way = tuple(exponentiate(limit) for limit in limits), "Wald"
    method = f"conditional logistic regression within risk sets, {way}"
    return MatchedOddsRatio(
        estimate=ratio, interval=interval, p=p, method=method, n=n, informative=informative
    )


@lru_cache  # simulations ask for the same sets many times
def _exposed_cases(size: int, cases: int, exposed: int) -> tuple[int, np.ndarray]:
    """Least number of exposed cases that a set can have, and log probabilities from there on."""
    low, high = max(0, cases + exposed - size), min(cases, exposed)
    return low, stats.hypergeom.logpmf(np.arange(low, high + 1), size, exposed, cases)
