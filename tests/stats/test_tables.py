"""Odds ratios and paired ratios against R's fisher.test and binom.test, and scipy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats.tables import mcnemar, odds_ratio


@pytest.mark.parametrize(
    ("case", "table", "rel"),
    [  # R solves for exact bounds with an absolute tolerance of 1e-4 only
        ("convictions", [[2, 10], [15, 3]], 4e-3),
        ("fisher_zero", [[0, 5], [4, 3]], 2e-4),
    ],
)
def test_equals_r(reference, case, table, rel):
    r, result = reference.of(case), odds_ratio(table)
    assert result.estimate == pytest.approx(r["estimate"], rel=2e-4)
    assert result.interval == pytest.approx((r["low"], r["high"]), rel=rel)


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
    swapped = odds_ratio(table[::-1])
    inverse = [
        1 / bound if bound > 0 else math.inf for bound in (result.estimate, *result.interval[::-1])
    ]
    assert [swapped.estimate, *swapped.interval] == pytest.approx(inverse, rel=1e-6)
    assert swapped.p == pytest.approx(result.p)


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
        (lambda: odds_ratio([[1, -2], [3, 4]]), InputError, "not a count"),
        (lambda: mcnemar(0, 0), ValueError, "no events"),
    ],
)
def test_bad_or_empty_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("shape", [(2, 3), (4, 2), (1, 2, 2)])
def test_tables_of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match="not two-by-two"):
        odds_ratio(np.ones(shape, dtype=int))


def test_discordant_pairs_are_counted():
    assert (mcnemar(3, 5).n, mcnemar(0, 4).n) == (8, 4)
