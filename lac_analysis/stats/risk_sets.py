"""Whether members that become cases were exposed before more often than members like them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, exponentiate, wald
from lac_analysis.stats.exact import ConditionalFamily, of_independent_sum

FEWEST_SETS = 30  # with fewer informative sets the exact interval and p are the ones reported


@dataclass(frozen=True, kw_only=True)
class MatchedOddsRatio(Estimate):
    """Odds ratio of exposure, cases against the controls of their own risk sets.

    Attributes
    ----------
    estimate, interval, p : the odds ratio, against 1; two-sided. p is twice the smaller tail.
    n : number of cases.
    sets : number of risk sets.
    informative : sets with a case, a control, an exposed and an unexposed member; the others
        say nothing.
    exact : whether interval and p are the exact ones.
    interval_exact, p_exact : from the distribution of the number of exposed cases.
    interval_wald, p_wald : from the normal distribution; NaN where the odds ratio is 0 or infinite.
    """

    sets: int
    informative: int
    exact: bool
    interval_exact: tuple[float, float]
    p_exact: float
    interval_wald: tuple[float, float]
    p_wald: float


def risk_sets(members: pd.DataFrame, events: pd.DataFrame, *, years: int = 10) -> pd.DataFrame:
    """For each case the members of its stratum that are not yet cases, each exposed or not.

    Parameters
    ----------
    members : one row a member: member (unique), stratum, case_date (datetime; missing: never a
        case) and any covariates, which are carried along.
    events : one row an event: member and date (datetime; an undated event exposes nobody).
    years : an event exposes from its date for that long, the date itself left out. Give the end
        of an event's possible dates and the start of a case's to count only what is certain.

    Returns one row a member of a set: set (the case's member), member, case (1 for the case),
    exposed (0 or 1), at (the date of the set), stratum, case_date and covariates. A member is a
    control of many sets, and of none from the day that it is a case itself.
    Source: incidence density sampling, Prentice and Breslow (1978), Biometrika 65.
    Raises InputError for a member that comes twice, has no stratum, or is unknown.
    """
    _check_members(members, events)
    cases = members.loc[members["case_date"].notna(), ["member", "stratum", "case_date"]]
    cases = cases.set_axis(["set", "stratum", "at"], axis="columns")
    sets = cases.merge(members, on="stratum")
    is_case = sets["set"] == sets["member"]
    sets = sets[is_case | ~(sets["case_date"] <= sets["at"])]

    dated = sets[["set", "member", "at"]].merge(events[["member", "date"]], on="member")
    first_day = dated["at"] - pd.DateOffset(years=years)
    dated = dated[(dated["date"] < dated["at"]) & (dated["date"] >= first_day)]
    exposed = pd.MultiIndex.from_frame(sets[["set", "member"]]).isin(
        pd.MultiIndex.from_frame(dated[["set", "member"]])
    )
    sets = sets.assign(
        case=(sets["set"] == sets["member"]).astype(int), exposed=exposed.astype(int)
    )
    first = ["set", "member", "case", "exposed", "at", "stratum", "case_date"]
    others = [column for column in sets if column not in first]
    return sets[first + others].reset_index(drop=True)


def matched_odds_ratio(sets: pd.DataFrame, *, level: float = 0.95) -> MatchedOddsRatio:
    """Conditional logistic regression of being the case on being exposed, within sets.

    `sets` has one row a member of a set: set, case (0 or 1), exposed (0 or 1).

    The number of exposed cases is, given how many of each set are exposed and how many are cases, a
    sum of independent hypergeometric numbers. Its distribution gives the estimate (that of
    statsmodels' ConditionalLogit), the exact interval and the exact p; they are reported with fewer
    than 30 informative sets or where no exposed case, or no other, could have been (the odds ratio
    is then 0 or infinite).
    Source: Breslow and Day (1980), Statistical Methods in Cancer Research 1, ch. 7; Mehta and
    Patel (1995), Statist. Med. 14. Raises InputError for codes other than 0 and 1, ValueError
    without an informative set.
    """
    inputs.confidence(level)
    for column in ("case", "exposed"):
        _check_binary(sets[column], column)
    margins = sets.groupby("set", sort=False).agg(
        size=("case", "size"), cases=("case", "sum"), exposed=("exposed", "sum")
    )
    low = (margins["cases"] + margins["exposed"] - margins["size"]).clip(lower=0)
    high = margins[["cases", "exposed"]].min(axis=1)  # most exposed cases that the set could have
    informative = int((high > low).sum())
    if not informative:
        raise ValueError("no set has a case and a control that differ in exposure")
    family = _exposed_cases(margins, low.to_numpy(), high.to_numpy())
    found = family.infer(
        int((sets["case"] * sets["exposed"]).sum()), level, "exact", n=int(margins["cases"].sum())
    )
    by_wald, p_wald, finite = (np.nan, np.nan), np.nan, 0 < found.estimate < np.inf
    if finite:
        log_ratio = np.log(found.estimate)
        limits, p_wald = wald(log_ratio, _standard_error(family, log_ratio), np.inf, level)
        by_wald = tuple(exponentiate(limit) for limit in limits)
    exact = informative < FEWEST_SETS or not finite
    return MatchedOddsRatio(
        estimate=found.estimate,
        interval=found.interval if exact else by_wald,
        level=level,
        p=found.p if exact else p_wald,
        method="conditional logistic regression within risk sets, "
        + ("exact" if exact else "Wald"),
        n=found.n,
        sets=len(margins),
        informative=informative,
        exact=exact,
        interval_exact=found.interval,
        p_exact=found.p,
        interval_wald=by_wald,
        p_wald=p_wald,
    )


def _exposed_cases(margins: pd.DataFrame, low, high) -> ConditionalFamily:
    """Distribution of the number of exposed cases, whatever the odds ratio."""
    lengths = high - low + 1
    row = np.repeat(np.arange(len(margins)), lengths)
    value = low[row] + np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    size, cases, exposed = (margins[name].to_numpy()[row] for name in margins)
    log_weight = stats.hypergeom.logpmf(value, size, exposed, cases)
    return of_independent_sum(low, np.split(log_weight, np.cumsum(lengths)[:-1]))


def _standard_error(family: ConditionalFamily, log_ratio: float) -> float:
    """Of the log odds ratio: one over the root of the variance of the number of exposed cases."""
    chance = special.softmax(family.log_weight + log_ratio * family.support)
    mean = chance @ family.support
    return float((chance @ (family.support - mean) ** 2) ** -0.5)


def _check_members(members: pd.DataFrame, events: pd.DataFrame) -> None:
    twice = members["member"].duplicated()
    if twice.any():
        raise InputError(
            "a member comes more than once",
            column="member",
            value=members.loc[twice, "member"].iloc[0],
            expected="one row a member",
        )
    if members["stratum"].isna().any():
        raise InputError("missing stratum", column="stratum")
    unknown = ~events["member"].isin(members["member"])
    if unknown.any():
        raise InputError(
            "event of an unknown member",
            column="member",
            value=events.loc[unknown, "member"].iloc[0],
            expected="a member of `members`",
        )


def _check_binary(values: pd.Series, name: str) -> None:
    wrong = ~values.isin([0, 1])
    if wrong.any():
        raise InputError("not 0 or 1", column=name, value=values[wrong].iloc[0], expected="0 or 1")
