from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from lac_analysis.errors import InputError
from lac_analysis.stats.assignments import assignments, invert, strata, tails
from lac_analysis.stats.estimate import two_sided_p


def test_strata_are_thirds_by_rank_with_ties_in_the_order_given():
    assert strata([5, 1, 9, 7, 3, 2]).tolist() == [1, 0, 2, 2, 1, 0]
    assert strata([3, 1, 2], k=3).tolist() == [2, 0, 1]
    assert strata([1, 1, 1, 1], k=2).tolist() == [0, 0, 1, 1]
    assert np.bincount(strata(range(33))).tolist() == [11, 11, 11]
    assert np.bincount(strata(range(8))).tolist() == [3, 3, 2]


def test_the_federal_label_has_3630_assignments():
    groups = np.repeat([0, 1, 2], 11)
    label = np.zeros(33)
    label[[3, 22, 25, 30, 32]] = 1
    table, exact = assignments(label, groups, seed=1)
    assert exact and table.shape == (3630, 33)
    assert len(np.unique(table, axis=0)) == 3630
    sums = np.column_stack([table[:, groups == group].sum(axis=1) for group in range(3)])
    assert (sums == [1, 0, 4]).all()
    assert (table == label).all(axis=1).sum() == 1


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.5]), min_size=2, max_size=6),
    st.lists(st.integers(0, 1), min_size=6, max_size=6),
)
def test_all_distinct_permutations_within_strata(score, groups):
    groups = groups[: len(score)]
    expected = {
        order
        for order in permutations(score)
        if all(
            sorted(v for v, g in zip(order, groups, strict=True) if g == group)
            == sorted(v for v, g in zip(score, groups, strict=True) if g == group)
            for group in (0, 1)
        )
    }
    if len(expected) == 1:
        with pytest.raises(InputError, match="nothing to permute"):
            assignments(score, groups, seed=1)
        return
    table, exact = assignments(score, groups, seed=1)
    assert exact and sorted(map(tuple, table.tolist())) == sorted(expected)


def test_drawn_permutations_keep_strata_and_seed():
    score, groups = np.arange(12.0), np.repeat([0, 1], 6)
    table, exact = assignments(score, groups, max_exact=10, draws=500, seed=4)
    assert not exact and table.shape == (500, 12)
    assert (np.sort(table, axis=1) == score).all() and (table[:, :6] < 6).all()
    again, _ = assignments(score, groups, max_exact=10, draws=500, seed=4)
    other, _ = assignments(score, groups, max_exact=10, draws=500, seed=5)
    assert (table == again).all() and not (table == other).all()
    # each score is as often in each place of its stratum
    assert abs(table[:, 0].mean() - 2.5) < 0.25


def test_tails_count_ties_and_undefined_statistics_on_both_sides():
    null = np.array([-1.0, 0.0, 1.0, np.nan])
    assert tails(null, 1.0, exact=True) == (1.0, 0.5)
    assert tails(null, 1.0 + 1e-12, exact=True) == (1.0, 0.5)
    assert tails(null[:3], 2.0, exact=False) == (1.0, 0.25)
    assert two_sided_p(1.0, 0.25) == 0.5 and two_sided_p(0.6, 0.7) == 1.0


def test_a_difference_of_means_by_every_label_equals_scipy():
    rng = np.random.default_rng(5)
    y, label = rng.normal(size=10), np.repeat([1.0, 0.0], [4, 6])
    table, exact = assignments(label, seed=1)
    null = table @ y / 4 - (1 - table) @ y / 6
    result = permutation_test((y[:4], y[4:]), lambda a, b: a.mean() - b.mean(), n_resamples=np.inf)
    assert exact and len(null) == 210
    assert two_sided_p(*tails(null, label @ y / 4 - (1 - label) @ y / 6, exact=True)) == (
        pytest.approx(result.pvalue)
    )


def test_inversion_finds_where_the_tail_crosses():
    low, high = invert(
        lambda effect: (0.5 - 0.2 * (effect - 1), 0.5 + 0.1 * (effect - 1)), 1.0, level=0.8
    )
    assert (low, high) == pytest.approx((-3, 3), abs=1e-5)
    assert invert(lambda effect: (0.5, 0.5), 0.0, level=0.95) == (-np.inf, np.inf)


@pytest.mark.parametrize(
    "call",
    [
        lambda: strata([1.0, np.nan]),
        lambda: strata([1.0], k=2),
        lambda: assignments([0, 1, np.nan], seed=1),
        lambda: assignments([0, 1], ["a", "b"], seed=1),
    ],
)
def test_what_cannot_be_permuted_is_said(call):
    with pytest.raises(InputError):
        call()
