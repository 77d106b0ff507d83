"""The exact trend test against R, complete permutation, and Fisher's test as its two-class case."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats.cochran_armitage import cochran_armitage


def test_exact_results_equal_complete_enumeration_in_r(reference):
    r = reference.of("exact_trend")
    test = cochran_armitage([0, 2, 2, 5], [5, 6, 4, 7], [0, 1, 3, 4])
    assert test.estimate == pytest.approx(r["estimate"], rel=1e-8)
    assert test.p == pytest.approx(2 * r["p_greater"], rel=1e-8)
    assert test.interval == pytest.approx((r["low"], r["high"]), rel=1e-8)


def test_p_is_that_of_all_permutations_of_the_outcomes():
    years = np.array([2001, 2001, 2004, 2005, 2005, 2005, 2009, 2010])
    outcome = np.array([0, 0, 1, 0, 1, 0, 1, 1])
    classes, inverse = np.unique(years, return_inverse=True)
    yes, trials = np.bincount(inverse, outcome), np.bincount(inverse)
    sums = np.array([years[list(chosen)].sum() for chosen in combinations(range(8), 4)])
    tails = (sums >= years @ outcome).mean(), (sums <= years @ outcome).mean()
    assert cochran_armitage(yes, trials, classes).p == pytest.approx(2 * min(tails))


def test_two_classes_are_fishers_exact_test_one_sided_and_its_odds_ratio():
    test, table = cochran_armitage([3, 9], [12, 13], [0, 1]), [[9, 4], [3, 9]]
    fisher = stats.contingency.odds_ratio(table)
    assert test.estimate == pytest.approx(fisher.statistic)
    assert test.interval == pytest.approx(tuple(fisher.confidence_interval()))
    narrow = cochran_armitage([3, 9], [12, 13], [0, 1], level=0.8).interval
    assert narrow == pytest.approx(tuple(fisher.confidence_interval(0.8)))
    tails = [stats.fisher_exact(table, side).pvalue for side in ("less", "greater")]
    assert test.p == pytest.approx(2 * min(tails))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=5).filter(
        lambda rows: (
            sum(a for a, _ in rows) > 0
            and sum(b for _, b in rows) > 0
            and all(a + b > 0 for a, b in rows)
        )
    )
)
def test_invariants(rows):
    yes, no = np.array(rows).T
    scores = np.arange(len(rows)) * 3
    test = cochran_armitage(yes, yes + no, scores)
    assert 0 < test.p <= 1
    assert test.interval[0] <= test.estimate <= test.interval[1]
    shifted = cochran_armitage(yes, yes + no, 2000 + scores)
    assert (shifted.p, shifted.estimate) == (pytest.approx(test.p), pytest.approx(test.estimate))
    opposite = cochran_armitage(no, yes + no, scores)
    assert opposite.p == pytest.approx(test.p)
    if 0 < test.estimate < np.inf:
        assert opposite.estimate == pytest.approx(1 / test.estimate)


def test_all_successes_last_gives_an_unbounded_odds_ratio():
    test = cochran_armitage([0, 0, 4], [5, 5, 4], [2000, 2001, 2002])
    assert test.estimate == np.inf
    assert test.interval[1] == np.inf
    assert test.p == pytest.approx(2 / 1001)  # one of the C(14, 4) ways


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 0], [2, 2], [0, 1]), "do not vary"),
        (([1], [2], [0]), "do not vary"),
        (([1, 1], [2, 2000], [0, 1]), "too many"),
    ],
)
def test_what_cannot_be_tested_is_said(arguments, message):
    with pytest.raises(InputError, match=message):
        cochran_armitage(*arguments)


@pytest.mark.slow
def test_never_rejects_more_often_than_its_level():
    rng = np.random.default_rng(11)
    trials = np.array([2, 3, 5, 6, 8, 9, 12])
    p = []
    for _ in range(2000):
        successes = rng.binomial(trials, 0.3)
        if 0 < successes.sum() < trials.sum():
            test = cochran_armitage(successes, trials, np.arange(7))
            p.append(test.p)
    assert (np.array(p) < 0.05).mean() < 0.05 + 0.012  # Monte Carlo error
