"""Odds ratios and paired ratios against R's fisher.test, mantelhaen.test and binom.test, and scipy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats.tables import exact_common_odds_ratio, mantel_haenszel, mcnemar, odds_ratio

# Penicillin given to rabbits at once or delayed, five doses (Mantel and Haenszel's own example in
# R's mantelhaen.test)
RABBITS = [[[0, 6], [0, 5]], [[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]], [[2, 0], [5, 0]]]
# Admissions to six departments of Berkeley in 1973 by sex (Bickel, Hammel and O'Connell 1975; R's
# UCBAdmissions)
BERKELEY = [
    [[512, 89], [313, 19]],
    [[353, 17], [207, 8]],
    [[120, 202], [205, 391]],
    [[138, 131], [279, 244]],
    [[53, 94], [138, 299]],
    [[22, 24], [351, 317]],
]


@pytest.mark.parametrize(
    ("case", "function", "data", "rel"),
    [  # R solves for exact bounds with an absolute tolerance of 1e-4 only
        ("convictions", odds_ratio, [[2, 10], [15, 3]], 4e-3),
        ("fisher_zero", odds_ratio, [[0, 5], [4, 3]], 2e-4),
        ("rabbits", mantel_haenszel, RABBITS, 1e-9),
        ("rabbits_exact", exact_common_odds_ratio, RABBITS, 4e-3),
        ("berkeley", mantel_haenszel, BERKELEY, 1e-9),
        ("berkeley_exact", exact_common_odds_ratio, BERKELEY, 2e-4),
    ],
)
def test_equals_r(reference, case, function, data, rel):
    r, result = reference.of(case), function(data)
    assert result.estimate == pytest.approx(r["estimate"], rel=min(rel, 2e-4))
    assert result.interval == pytest.approx((r["low"], r["high"]), rel=rel)
    if function is mantel_haenszel:  # R orders the outcomes of its exact tests by likelihood
        assert result.p == pytest.approx(r["p"], rel=1e-7)


cells = st.integers(0, 25)
tables = st.lists(cells, min_size=4, max_size=4).map(lambda c: np.array(c).reshape(2, 2))


def informative(table):
    return (table.sum(axis=0) > 0).all() and (table.sum(axis=1) > 0).all()


@settings(max_examples=40, deadline=None)
@given(tables.filter(informative))
def test_equals_scipy_and_swapping_rows_inverts(table):
    result = odds_ratio(table)
    theirs = stats.contingency.odds_ratio(table)
    assert result.estimate == pytest.approx(theirs.statistic, rel=1e-6)
    assert result.interval == pytest.approx(tuple(theirs.confidence_interval()), rel=1e-6)
    tails = [stats.fisher_exact(table, side).pvalue for side in ("less", "greater")]
    assert result.p == pytest.approx(min(1, 2 * min(tails)))
    stratum = exact_common_odds_ratio([table])
    assert (stratum.estimate, stratum.p) == pytest.approx((result.estimate, result.p), rel=1e-6)
    swapped = odds_ratio(table[::-1])
    inverse = [
        1 / bound if bound > 0 else math.inf for bound in (result.estimate, *result.interval[::-1])
    ]
    assert [swapped.estimate, *swapped.interval] == pytest.approx(inverse, rel=1e-6)
    assert swapped.p == pytest.approx(result.p)


@settings(max_examples=25, deadline=None)
@given(st.lists(tables.filter(informative), min_size=2, max_size=4))
def test_order_of_strata_and_empty_strata_do_not_matter(strata):
    for function in (exact_common_odds_ratio, mantel_haenszel):
        result = function(np.array(strata))
        other = function(np.array([*strata[::-1], [[3, 0], [4, 0]]]))
        assert other.estimate == pytest.approx(result.estimate)
        assert other.p == pytest.approx(result.p)
        assert other.strata == result.strata == len(strata)
        assert 0 < result.p <= 1


def test_zero_odds_ratio_over_strata():
    tables = [[[0, 4], [3, 2]], [[0, 2], [2, 2]]]
    assert exact_common_odds_ratio(tables).interval[0] == 0
    result = mantel_haenszel(tables)
    assert result.estimate == 0
    assert np.isnan(result.interval).all()


def test_mcnemar_equals_r_on_approval_ratings(reference):
    r, result = reference.of("approval"), mcnemar(150, 86)  # Agresti (1990), p. 350
    assert result.estimate == pytest.approx(150 / 86)
    assert result.interval == pytest.approx((r["low"], r["high"]), rel=1e-8)
    assert result.p == pytest.approx(r["p"])


@given(st.integers(0, 60), st.integers(1, 60))
def test_mcnemar_inverts_when_the_pairs_swap(first, second):
    result, swapped = mcnemar(first, second), mcnemar(second, first)
    assert swapped.p == pytest.approx(result.p)
    assert swapped.interval[0] == pytest.approx(1 / result.interval[1])
    assert 0 < result.p <= 1


def test_mcnemar_with_one_kind_only():
    result = mcnemar(5, 0)
    assert result.estimate == math.inf
    assert result.p == pytest.approx(2 / 32)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: odds_ratio([[1, 2], [0, 0]]), ValueError, "empty"),
        (lambda: odds_ratio([1, 2, 3, 4]), InputError, "not two-by-two"),
        (lambda: mantel_haenszel([[[1, 2], [0, 0]]]), ValueError, "empty"),
        (lambda: odds_ratio([[1, -2], [3, 4]]), InputError, "not a count"),
        (lambda: mcnemar(0, 0), ValueError, "no discordant"),
    ],
)
def test_bad_or_empty_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_tables_of_another_shape_are_refused():
    for shape in [(2, 3), (4, 3, 2), (4, 2), (1, 2, 2, 2)]:
        with pytest.raises(InputError, match="not two-by-two"):
            mantel_haenszel(np.ones(shape, dtype=int))


def test_discordant_pairs_are_counted():
    assert (mcnemar(3, 5).n, mcnemar(0, 4).n) == (8, 4)
