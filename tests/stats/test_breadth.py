"""Breadth of classes: rarefaction by complete enumeration, and a permutation test that keeps its
size.
"""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.breadth import rarefied_breadth

CLASSES = np.array(list("aabbccddeeeeee"))
FOCAL = np.array(
    [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0], dtype=bool
)  # a, b, c, d, e against aabcd...


def test_larger_group_is_rarefied_as_all_its_subsets_say():
    result = rarefied_breadth(CLASSES, FOCAL, draws=99, seed=1)
    subsets = [len(set(chosen)) for chosen in combinations(CLASSES[~FOCAL], 5)]
    assert result.focal == pytest.approx(5)
    assert result.other == pytest.approx(np.mean(subsets))
    assert result.estimate == pytest.approx(5 / np.mean(subsets))


def test_p_approaches_that_of_all_relabellings():
    classes, focal = np.array(list("aabbccdd")), np.array([1, 0, 1, 0, 1, 0, 0, 0], dtype=bool)
    ratios = []
    for chosen in combinations(range(8), 3):
        label = np.isin(np.arange(8), chosen)
        ratios.append(rarefied_breadth(classes, label, draws=1, seed=1).estimate)
    ratios = np.array(ratios)
    seen = rarefied_breadth(classes, focal, draws=19999, seed=1)
    exact = min(
        1, 2 * min((ratios >= seen.estimate - 1e-9).mean(), (ratios <= seen.estimate + 1e-9).mean())
    )
    assert seen.p == pytest.approx(exact, abs=0.02)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), min_size=4, max_size=30),
    st.randoms(),
)
def test_row_order_and_swapping_groups(rows, random):
    classes, focal = np.array([c for c, _ in rows]), np.array([f for _, f in rows])
    if focal.all() or not focal.any():
        return
    order = list(range(len(rows)))
    random.shuffle(order)
    result = rarefied_breadth(classes, focal, draws=99, seed=2)
    assert rarefied_breadth(classes[order], focal[order], draws=99, seed=2).p == result.p
    assert rarefied_breadth(classes, ~focal, draws=99, seed=2).estimate == pytest.approx(
        1 / result.estimate
    )
    assert 2 / 100 <= result.p <= 1


@pytest.mark.parametrize(
    ("classes", "focal", "error", "message"),
    [
        (["a", "b"], np.array([True, True]), ValueError, "no events"),
        (["a", "b"], np.array([1, 0]), InputError, "not true or false"),
        (["a", None], np.array([True, False]), InputError, "missing label"),
        (["a"], np.array([True, False]), InputError, "lengths differ"),
    ],
)
def test_bad_or_empty_input_is_named(classes, focal, error, message):
    with pytest.raises(error, match=message):
        rarefied_breadth(classes, focal, seed=1)


@pytest.mark.slow
def test_keeps_its_size_when_the_label_is_random():
    rng = np.random.default_rng(23)
    classes = rng.choice(15, 80, p=np.arange(1, 16) / 120)
    rejected = 0
    for seed in range(1000):
        focal = np.zeros(80, dtype=bool)
        focal[rng.choice(80, 20, replace=False)] = True
        rejected += rarefied_breadth(classes, focal, draws=499, seed=seed).p <= 0.05
    assert rejected / 1000 < 0.07


def test_both_few_and_many_classes_are_found_and_the_null_interval_holds_what_it_says():
    classes = np.repeat(np.arange(10), 10)
    few = rarefied_breadth(classes, classes == 0, draws=999, seed=1)
    many = rarefied_breadth(
        np.append(classes, [0] * 50),
        np.append(np.arange(100) % 10 == 0, [False] * 50),
        draws=999,
        seed=1,
    )
    assert few.estimate < few.null_interval[0] < few.null_interval[1] and few.p == pytest.approx(
        0.002
    )
    assert many.null_interval[1] < many.estimate and many.p < 0.05
