from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.randomisation import (
    label_test,
    permutation_p,
)

REFERENCE = Path(__file__).parents[1] / "reference"
TABLES = dict(list(pd.read_csv(REFERENCE / "randomisation_label_input.csv").groupby("case")))
EXPECTED = pd.read_csv(REFERENCE / "randomisation_label_output.csv", index_col="case")


@st.composite
def tables(draw, smallest_exposure=0.1):
    n = draw(st.integers(3, 8))
    events = draw(st.lists(st.integers(0, 20), min_size=n, max_size=n).filter(any))
    exposure = draw(st.lists(st.floats(smallest_exposure, 50), min_size=n, max_size=n))
    k = draw(st.integers(1, n - 1))
    return (
        np.array(events, float),
        np.array(exposure),
        np.isin(np.arange(n), draw(st.permutations(range(n)))[:k]),
    )


def ratio_of(events, exposure, labelled):
    with np.errstate(divide="ignore"):
        return (
            events[labelled].sum()
            / exposure[labelled].sum()
            / (events[~labelled].sum() / exposure[~labelled].sum())
        )


def every_label(labelled):
    n, k = len(labelled), labelled.sum()
    return [np.isin(np.arange(n), chosen) for chosen in combinations(range(n), k)]


@pytest.mark.parametrize("case", TABLES)
def test_exact_distribution_agrees_with_r(case):
    table, expected = TABLES[case], EXPECTED.loc[case]
    units = table["events"], table["exposure"], table["labelled"]
    result = label_test(*units, seed=1)
    assert result.exact and result.assignments == len(result.null) == expected["assignments"]
    assert result.statistic == pytest.approx(expected["ratio"])
    assert result.p == pytest.approx(expected["p"])
    assert label_test(*units, alternative="greater", seed=1).p == pytest.approx(
        expected["p_greater"]
    )
    assert label_test(*units, alternative="less", seed=1).p == pytest.approx(expected["p_less"])


def test_lady_tasting_tea():
    # Fisher (1935): all four of eight cups named rightly, chance 1/70
    cups = [1, 1, 1, 1, 0, 0, 0, 0]
    result = label_test(cups, np.ones(8), cups, alternative="greater", seed=1)
    assert result.statistic == np.inf and result.p == pytest.approx(1 / 70)


@given(tables())
def test_null_is_every_assignment(table):
    result = label_test(*table, seed=1)
    brute = [ratio_of(table[0], table[1], label) for label in every_label(table[2])]
    np.testing.assert_allclose(np.sort(result.null), np.sort(brute), rtol=1e-9)
    assert 1 / len(brute) <= result.p <= 1


@given(tables(), st.floats(0.01, 100), st.randoms())
def test_p_ignores_units_of_measure_and_row_order(table, factor, random):
    events, exposure, labelled = table
    order = list(range(len(events)))
    random.shuffle(order)
    moved = label_test(events[order], exposure[order] * factor, labelled[order], seed=1)
    assert moved.p == label_test(*table, seed=1).p


def test_sampled_p_is_never_zero():
    events = np.r_[np.full(20, 50), np.zeros(40)]
    assert label_test(events, np.ones(60), events > 0, draws=999, seed=1).p == pytest.approx(
        2 / 1000
    )


@pytest.mark.parametrize(
    ("alternative", "exact", "expected"),
    [
        ("greater", True, 2 / 5),
        ("less", True, 4 / 5),
        ("two-sided", True, 4 / 5),
        ("greater", False, 3 / 6),
    ],
)
def test_p_counts_ties_and_the_observed(alternative, exact, expected):
    assert permutation_p(3, [1, 2, 4, 3 - 1e-15, 2.5], alternative, exact=exact) == pytest.approx(
        expected
    )


def test_p_takes_an_undefined_arrangement_as_extreme():
    assert permutation_p(9.0, [1, 2, 3, np.nan], "greater", exact=True) == 0.25
    assert permutation_p(-9.0, [1, 2, 3, np.nan], "less", exact=True) == 0.25


@pytest.mark.parametrize(
    ("events", "exposure", "labelled", "message"),
    [
        ([1, 2, 3], [0, 1, 1], [1, 0, 0], "no exposure"),
        ([0, 0, 0], [1, 1, 1], [1, 0, 0], "at least one event"),
        ([1, 2, 3], [1, 1, 1], [0, 0, 0], "both must occur"),
        ([1, 2, 3], [1, 1, 1], [1, 2, 0], "true or false"),
        ([1, np.nan, 3], [1, 1, 1], [1, 0, 0], "events must be one number"),
        ([1, -2, 3], [1, 1, 1], [1, 0, 0], "negative"),
        ([1, 2], [1, 1, 1], [1, 0, 0], "length"),
    ],
)
def test_bad_units_are_refused(events, exposure, labelled, message):
    with pytest.raises(InputError, match=message):
        label_test(events, exposure, labelled, seed=1)


def test_unknown_alternative_is_refused():
    with pytest.raises(InputError, match="unknown alternative"):
        permutation_p(1.0, [1.0], "both", exact=True)
