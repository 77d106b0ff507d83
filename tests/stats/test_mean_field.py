import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.bipartite import swap_test
from lac_analysis.stats.mean_field import expected_multi_class_share


def network(seed, rows=150, cols=90, links=260, classes=5):
    """Links drawn with unequal weights, so that some rows and columns have many."""
    rng = np.random.default_rng(seed)
    weights = [1 / (1 + np.arange(n)) ** 0.6 for n in (rows, cols)]
    row, col = (rng.choice(len(w), links, p=w / w.sum()) for w in weights)
    row, col = np.unique(np.column_stack([row, col]), axis=0).T
    return row, col, rng.integers(classes, size=cols)


def degrees(row, col, kind):
    present, counts = np.unique(col, return_counts=True)
    return np.unique(row, return_counts=True)[1], counts, kind[present]


@pytest.mark.parametrize("seed", [1, 2])
def test_is_within_one_per_cent_of_the_mean_of_random_networks(seed):
    row, col, kind = network(seed)
    chain = swap_test(row, col, kind[col], draws=1_500, thin=4, seed=seed)
    assert expected_multi_class_share(*degrees(row, col, kind)) == pytest.approx(
        chain.null_mean, rel=0.01
    )


@given(st.lists(st.integers(1, 3), min_size=2, max_size=12))
def test_ends_of_the_scale(rows):
    columns = np.ones(sum(rows), dtype=int)
    assert expected_multi_class_share(rows, columns, np.zeros(len(columns))) == pytest.approx(0)
    each_its_own = expected_multi_class_share(rows, columns, np.arange(len(columns)))
    assert each_its_own == pytest.approx(np.mean(np.array(rows) >= 2))


def test_two_columns_of_two_are_of_one_class_with_known_probability():
    # one row holds 2 of 4 columns, each equally likely: 2 of the 6 pairs are of one class
    assert expected_multi_class_share(
        [2, 1, 1], [1, 1, 1, 1], ["a", "a", "b", "b"]
    ) == pytest.approx((4 / 6) / 3)


def test_degrees_must_be_counts():
    with pytest.raises(InputError):
        expected_multi_class_share([1.5], [1], ["a"])
    with pytest.raises(InputError):
        expected_multi_class_share([1], [1], ["a", "b"])
