"""Risk sets against R's survival::clogit and complete enumeration, and a simulated truth."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.discrete.conditional_models import ConditionalLogit

from lac_analysis.errors import InputError
from lac_analysis.stats.risk_sets import matched_odds_ratio, risk_sets


def members(rows):
    table = pd.DataFrame(rows, columns=["member", "stratum", "case_date"])
    return table.assign(case_date=pd.to_datetime(table["case_date"]))


def events(rows):
    table = pd.DataFrame(rows, columns=["member", "date"])
    return table.assign(date=pd.to_datetime(table["date"]))


FOUR = [("a", "x", "2010-05-01"), ("b", "x", "2015-01-01"), ("c", "x", None), ("d", "y", None)]


def test_controls_are_those_of_the_stratum_not_yet_cases():
    sets = risk_sets(members(FOUR), events([]))
    found = {name: list(rows["member"]) for name, rows in sets.groupby("set")}
    assert found == {"a": ["a", "b", "c"], "b": ["b", "c"]}
    assert (sets.loc[sets["case"] == 1, "member"] == ["a", "b"]).all()


def test_a_member_that_became_a_case_on_the_same_day_is_no_control():
    same = [("a", "x", "2010-05-01"), ("b", "x", "2010-05-01"), ("c", "x", None)]
    assert len(risk_sets(members(same), events([]))) == 4


def test_only_events_in_the_years_before_expose():
    dates = [("a", "2010-05-01"), ("b", "2000-05-01"), ("c", "2000-04-30"), ("c", None)]
    sets = risk_sets(members(FOUR), events(dates)).set_index(["set", "member"])["exposed"]
    assert sets["a"].to_dict() == {"a": 0, "b": 1, "c": 0}
    assert sets["b"].to_dict() == {"b": 0, "c": 0}
    wider = risk_sets(members(FOUR), events(dates), years=11).set_index(["set", "member"])
    assert wider.loc[("a", "c"), "exposed"] == 1


def test_equals_clogit(reference_c):
    sets, r = reference_c.table("sets"), reference_c.of("risk_sets_plain")
    result = matched_odds_ratio(sets)
    assert np.log(result.estimate) == pytest.approx(r["log_ratio"], rel=1e-8)
    assert result.informative >= 30 and result.method.endswith("Wald")
    assert result.p == pytest.approx(r["p"], rel=1e-6)
    half = np.log(result.interval[1] / result.estimate)
    assert half == pytest.approx(1.959963985 * r["se"], rel=1e-8)
    assert result.n == 40


def test_equals_statsmodels(reference_c):
    sets = reference_c.table("sets")
    model = ConditionalLogit(sets["case"], sets[["exposed"]].astype(float), groups=sets["set"])
    fit = model.fit(disp=0, method="newton", maxiter=100)
    assert np.log(matched_odds_ratio(sets).estimate) == pytest.approx(fit.params.iloc[0], rel=1e-8)


def test_equals_multiplied_out_margins(reference_c):
    sets, r = reference_c.table("sets"), reference_c.of("risk_sets_exact")
    result = matched_odds_ratio(sets[sets["set"] <= 12])
    assert result.method.endswith("exact")
    assert result.estimate == pytest.approx(r["estimate"], rel=1e-8)
    assert result.interval == pytest.approx((r["low"], r["high"]), rel=1e-8)
    assert result.p == pytest.approx(r["p"], rel=1e-10)


one_set = st.tuples(st.integers(2, 4), st.integers(1, 2), st.integers(0, 15)).filter(
    lambda s: s[1] < s[0]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(one_set, min_size=1, max_size=4))
def test_p_is_that_of_every_assignment_of_cases_within_sets(rows):
    """Some sets have two cases."""
    table, choices = [], []
    for number, (size, cases, pattern) in enumerate(rows):
        exposed = [(pattern >> i) & 1 for i in range(size)]
        table += [(number, int(i < cases), exposed[i]) for i in range(size)]
        masks = [m for m in product((0, 1), repeat=size) if sum(m) == cases]
        choices.append([sum(a * b for a, b in zip(m, exposed, strict=True)) for m in masks])
    sets = pd.DataFrame(table, columns=["set", "case", "exposed"])
    null = np.array([sum(one) for one in product(*choices)])
    if np.ptp(null) == 0:
        with pytest.raises(InputError, match="differ in exposure"):
            matched_odds_ratio(sets)
        return
    observed = (sets["case"] * sets["exposed"]).sum()
    result = matched_odds_ratio(sets)
    tail = min((null >= observed).mean(), (null <= observed).mean())
    assert result.p == pytest.approx(min(1, 2 * tail))
    assert result.interval[0] <= result.estimate <= result.interval[1]
    again = matched_odds_ratio(sets.assign(exposed=1 - sets["exposed"]))
    assert again.p == pytest.approx(result.p)
    if 0 < result.estimate < np.inf:
        assert again.estimate == pytest.approx(1 / result.estimate)


def test_separated_sets_have_a_lower_bound_only():
    sets = pd.DataFrame({"set": np.repeat(range(40), 2), "case": [1, 0] * 40})
    result = matched_odds_ratio(sets.assign(exposed=sets["case"]))
    assert result.method.endswith("exact")
    assert result.estimate == result.interval[1] == np.inf
    assert result.p == pytest.approx(2 * 0.5**40)


def test_finds_a_planted_odds_ratio():
    rng = np.random.default_rng(7)
    size = 6
    found = []
    for _ in range(20):
        exposed = (rng.random((100, size)) < 0.3).astype(int)
        weight = np.where(exposed, 3.0, 1.0)
        chosen = (weight.cumsum(axis=1) < rng.random((100, 1)) * weight.sum(axis=1)[:, None]).sum(1)
        case = (np.arange(size) == chosen[:, None]).astype(int)
        sets = {
            "set": np.repeat(range(100), size),
            "case": case.ravel(),
            "exposed": exposed.ravel(),
        }
        found.append(matched_odds_ratio(pd.DataFrame(sets)))
    assert np.exp(np.mean([np.log(r.estimate) for r in found])) == pytest.approx(3, rel=0.12)
    assert sum(r.interval[0] <= 3 <= r.interval[1] for r in found) >= 17


def test_nobody_is_a_case():
    sets = risk_sets(members([("a", "x", None), ("b", "x", None)]), events([("a", "2001-01-01")]))
    assert len(sets) == 0
    with pytest.raises(InputError, match="differ in exposure"):
        matched_odds_ratio(sets)
