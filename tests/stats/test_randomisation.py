from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from lac_analysis.errors import InputError
from lac_analysis.stats.randomisation import (
    interval_by_inversion,
    label_test,
    permutation_p,
    slope_test,
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


@pytest.mark.parametrize("case", EXPECTED.index[EXPECTED["low90"].notna()])
def test_interval_agrees_with_bisection_in_r(case):
    table, expected = TABLES[case], EXPECTED.loc[case]
    interval = interval_by_inversion(
        table["events"], table["exposure"], table["labelled"], level=0.9, seed=1
    )
    assert interval == pytest.approx((expected["low90"], expected["high90"]), rel=1e-6)


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


@given(tables())
def test_swapping_the_label_inverts_the_ratio_and_the_interval(table):
    events, exposure, labelled = table
    result, swapped = label_test(*table, seed=1), label_test(events, exposure, ~labelled, seed=1)
    assert swapped.p == result.p
    with np.errstate(divide="ignore"):
        assert swapped.statistic == pytest.approx(1 / np.float64(result.statistic))
        low, high = interval_by_inversion(*table, level=0.8, seed=1)
        inverse = interval_by_inversion(events, exposure, ~labelled, level=0.8, seed=1)
        assert inverse == pytest.approx((1 / np.float64(high), 1 / np.float64(low)))


@settings(max_examples=60)
@given(tables())
def test_interval_holds_the_ratios_that_are_not_rejected(table):
    events, exposure, labelled = table
    low, high = interval_by_inversion(*table, level=0.7, seed=1)

    def p(trial):
        return label_test(
            events, np.where(labelled, exposure * trial, exposure), labelled, seed=1
        ).p

    if 0 < label_test(*table, seed=1).statistic < np.inf:
        if low > 0:
            assert p(low * 1.001) > 0.3 - 1e-9 and p(low * 0.999) <= 0.3 + 1e-9
        if high < np.inf:
            assert p(high * 0.999) > 0.3 - 1e-9 and p(high * 1.001) <= 0.3 + 1e-9
    else:
        assert (low, high) == (0, np.inf)


def test_interval_is_unbounded_where_five_assignments_cannot_reject():
    assert interval_by_inversion([9, 1, 2, 1, 3], np.ones(5), [1, 0, 0, 0, 0], seed=1) == (
        0,
        np.inf,
    )


def test_sampling_approaches_the_exact_answer_and_repeats():
    table = TABLES["small6"]
    units = table["events"], table["exposure"], table["labelled"]
    sampled = label_test(*units, max_assignments=100, draws=40_000, seed=5)
    assert not sampled.exact and sampled.assignments == 40_000
    assert sampled.p == pytest.approx(EXPECTED.loc["small6", "p"], abs=0.005)
    assert sampled.p == label_test(*units, max_assignments=100, draws=40_000, seed=5).p
    interval = interval_by_inversion(*units, level=0.9, max_assignments=100, draws=40_000, seed=5)
    assert interval == pytest.approx(tuple(EXPECTED.loc["small6", ["low90", "high90"]]), rel=0.05)


def test_sampled_p_is_never_zero():
    events = np.r_[np.full(20, 50), np.zeros(40)]
    assert label_test(events, np.ones(60), events > 0, draws=999, seed=1).p == pytest.approx(
        2 / 1000
    )


def test_slope_is_spearmans():
    y, x = [3.0, 1, 4, 1, 5, 9, 2, 6], [2.0, 7, 1, 8, 2, 8, 1, 8]
    assert slope_test(y, x, draws=99, seed=1).statistic == pytest.approx(spearmanr(y, x).statistic)


def test_slope_p_of_a_monotone_series_is_that_of_one_order_in_all():
    # 6! orders, one of them perfect, one its mirror: two-sided 2/720
    result = slope_test(np.arange(6.0), np.exp(np.arange(6.0)), draws=50_000, seed=1)
    assert result.statistic == pytest.approx(1)
    assert result.p == pytest.approx(2 / 720, abs=0.001)


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


@pytest.mark.slow
def test_size_and_coverage_over_simulated_countries():
    # 20 units of unequal exposure, 5 labelled at random: the test keeps its level whatever the
    # counts' dispersion,
    # and the interval covers a true ratio of 2
    rng = np.random.default_rng(7)
    rejected, covered, runs = 0, 0, 3_000
    for _ in range(runs):
        exposure = rng.lognormal(0, 0.5, 20)
        labelled = np.isin(np.arange(20), rng.choice(20, 5, replace=False))
        rate = rng.gamma(2, 5, 20) * exposure
        rejected += label_test(rng.poisson(rate), exposure, labelled, seed=1).p <= 0.05
        low, high = interval_by_inversion(
            rng.poisson(np.where(labelled, 2 * rate, rate)), exposure, labelled, seed=1
        )
        covered += low <= 2 <= high
    assert rejected / runs == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / runs))
    assert covered / runs >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / runs)


def test_a_sampled_p_is_never_zero():
    assert slope_test(np.arange(12), np.arange(12), draws=99, seed=1).p == pytest.approx(2 / 100)
