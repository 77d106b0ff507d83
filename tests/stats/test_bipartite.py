from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from lac_analysis.config import RAW
from lac_analysis.errors import InputError
from lac_analysis.stats.bipartite import multi_class_share, swap_test, swap_tests

SMALL = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 0]], dtype=bool)


def links(matrix):
    row, col = np.nonzero(matrix)
    return row, col, col % 2


def matrix_number(incidence, _):
    return float(incidence.ravel() @ (2.0 ** np.arange(incidence.size)))


def test_share_of_a_known_network():
    incidence = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 1], [1, 1, 1]], dtype=bool)
    assert multi_class_share(incidence, np.array([0, 0, 1])) == 0.5
    assert multi_class_share(incidence, np.array([0, 1, 2])) == 0.75


def test_draws_are_uniform_over_all_matrices_with_these_degrees():
    rows, cols = SMALL.sum(1), SMALL.sum(0)
    cells = np.array(list(product([0, 1], repeat=SMALL.size))).reshape(-1, *SMALL.shape)
    possible = [
        matrix_number(m, None)
        for m in cells[((cells.sum(2) == rows) & (cells.sum(1) == cols)).all(1)].astype(bool)
    ]
    result = swap_test(*links(SMALL), matrix_number, draws=8_000, thin=8, seed=1)
    seen = pd.Series(result.null).value_counts()
    assert set(seen.index) == set(possible) and len(possible) == 24
    assert chisquare(seen.to_numpy()).pvalue > 0.01


def test_rows_trade_within_their_group_only():
    # three rows of SMALL above two others: every network of the one meets every network of the
    # other, equally often
    matrix = np.zeros((5, 4), dtype=bool)
    matrix[[0, 1, 3]], matrix[[2, 4]] = SMALL[[0, 1, 2]], SMALL[[0, 2]]
    group = np.array(["a", "a", "b", "a", "b"])
    row, col, classes = links(matrix)
    cells = np.array(list(product([0, 1], repeat=matrix.size)), dtype=bool).reshape(
        -1, *matrix.shape
    )
    cells = cells[(cells.sum(2) == matrix.sum(1)).all(1)]
    for rows in ([0, 1, 3], [2, 4]):
        cells = cells[(cells[:, rows].sum(1) == matrix[rows].sum(0)).all(1)]
    result = swap_tests(
        row, col, {"": classes}, matrix_number, within=group[row], draws=4_000, thin=8, seed=1
    )[""]
    seen = pd.Series(result.null).value_counts()
    assert set(seen.index) == {matrix_number(m, None) for m in cells} and len(cells) > 10
    assert chisquare(seen.to_numpy()).pvalue > 0.01


def test_a_row_of_two_groups_is_refused():
    with pytest.raises(InputError, match="two groups"):
        swap_tests(["a", "a"], ["x", "y"], {"": ["k", "l"]}, within=["1", "2"], draws=5, seed=1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 6)), min_size=1, max_size=30, unique=True)
)
def test_every_degree_is_kept_and_link_order_does_not_matter(pairs):
    row, col = np.array(pairs).T
    matrices = []

    def keep(incidence, _):
        matrices.append(incidence.copy())
        return incidence[0].sum() + incidence[:, 0].argmax()

    result = swap_test(row, col, col % 3, keep, draws=20, thin=2, seed=1)
    for matrix in matrices:
        assert (matrix.sum(0) == matrices[0].sum(0)).all() and (
            matrix.sum(1) == matrices[0].sum(1)
        ).all()
    back = swap_test(row[::-1], col[::-1], col[::-1] % 3, keep, draws=20, thin=2, seed=1)
    assert (back.null == result.null).all() and back.p == result.p


def test_specialised_rows_stand_out_and_the_chain_mixes():
    # 30 rows that each take actors of one class only: far fewer mixed rows than the degrees would
    # give
    rng = np.random.default_rng(0)
    row = np.repeat(np.arange(30), 4)
    col = (row % 3) * 20 + rng.integers(0, 20, len(row))
    result = swap_test(row, col, col // 20, draws=500, seed=1)
    assert result.observed == 0 and result.ratio == 0 and result.null_mean > 0.8
    assert result.p == pytest.approx(2 / 501)
    assert (
        len(result.mixing.changed) == 550
        and result.mixing.burn_in == 50
        and len(result.null) == 500
    )
    assert result.mixing.changed[50:].mean() > 0.9
    assert abs(result.mixing.autocorrelation[0]) < 0.15


def test_a_network_that_cannot_change_gives_p_one():
    result = swap_test(
        ["a", "a", "b", "b"], ["x", "y", "x", "y"], ["k", "l", "k", "l"], draws=20, seed=1
    )
    assert (result.observed, result.ratio, result.p) == (1, 1, 1)
    assert (result.mixing.changed == 0).all() and (result.mixing.autocorrelation == 0).all()


def test_repeated_links_count_once():
    once = swap_test(["a", "b", "b"], ["x", "x", "y"], ["k", "k", "l"], draws=20, seed=1)
    twice = swap_test(
        ["a", "b", "b", "a"], ["x", "x", "y", "x"], ["k", "k", "l", "k"], draws=20, seed=1
    )
    assert once.observed == twice.observed and (once.null == twice.null).all()


def test_real_places_and_actors():
    # a place's links are to the actors its local records name; the share is recomputed with pandas
    table = pd.read_csv(RAW / "engagements.csv", dtype=str, keep_default_na=False)
    table = table[
        (table["lac_level"] != "national")
        & (table["lac_place_text"] != "")
        & (table["china_actor_text"] != "")
    ]
    actor = table["china_actor_text"] + " | " + table["china_actor_type"]
    result = swap_test(
        table["lac_place_text"], actor, table["china_actor_type"], draws=100, thin=5, seed=1
    )
    types = table.groupby("lac_place_text")["china_actor_type"].nunique()
    assert result.observed == pytest.approx((types >= 2).mean())
    assert 0.5 < result.ratio < 1.5


@pytest.mark.parametrize(
    ("rows", "cols", "classes", "message"),
    [
        (["a", "b"], ["x", "x"], ["k", "l"], "two classes"),
        (["a", "a"], ["x", "x"], ["k", "l"], "two classes"),
        (["a", None], ["x", "y"], ["k", "l"], "both ends"),
        ([], [], [], "at least one link"),
    ],
)
def test_bad_links_are_refused(rows, cols, classes, message):
    with pytest.raises(InputError, match=message):
        swap_test(rows, cols, classes, draws=5, seed=1)
