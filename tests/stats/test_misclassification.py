"""Error rates from two coders: recovered where the assumption holds, worse where data are thin."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.stats.agreement import cohen_kappa, pair_table
from lac_analysis.stats.misclassification import at_most_disagreement, error_matrix


def _joint(shares, errors):
    """Expected table of two independent coders with these error rates."""
    return pd.DataFrame(errors.T @ np.diag(shares) @ errors * 1000)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_errors_that_keep_the_shares_are_recovered(share, reliability):
    shares = np.array([share, 1 - share])
    errors = reliability * np.eye(2) + (1 - reliability) * shares  # a wrong code is a random one
    assert error_matrix(_joint(shares, errors)).to_numpy() == pytest.approx(errors, abs=1e-9)


def test_three_codes_are_recovered():
    shares = np.array([0.5, 0.3, 0.2])
    moved = np.array(
        [[0, 0.03, 0.01], [0.03, 0, 0.02], [0.01, 0.02, 0]]
    )  # symmetric flows keep the shares
    errors = (moved + np.diag(shares - moved.sum(1))) / shares[:, None]
    assert error_matrix(_joint(shares, errors)).to_numpy() == pytest.approx(errors, abs=1e-9)


def test_a_binary_codes_reliability_is_the_root_of_kappa():
    table = pd.read_csv(config.RAW / "double_coded.csv", dtype=str, keep_default_na=False)
    table = table[table["found_by"] == "both"]
    first, second = (table[f"lac_level_{i}"] != "national" for i in (1, 2))
    matrix = error_matrix(pair_table(first, second)).to_numpy()
    assert np.trace(matrix) - 1 == pytest.approx(
        np.sqrt(cohen_kappa(first, second).estimate), abs=2e-4
    )
    assert matrix.sum(1) == pytest.approx([1, 1])


def test_no_disagreement_is_no_error_but_may_hide_some():
    pairs = pd.DataFrame([[138, 0], [0, 5]])
    assert error_matrix(pairs).to_numpy() == pytest.approx(np.eye(2))
    worst = at_most_disagreement(pairs)
    assert worst.to_numpy().sum() == pytest.approx(143)
    assert 1 - np.trace(worst) / 143 == pytest.approx(
        1 - 0.05 ** (1 / 143)
    )  # the exact limit of 0 in 143
    assert 0.5 < error_matrix(worst).loc[1, 1] < 0.95


def test_the_worst_case_keeps_the_kinds_of_disagreement():
    worst = at_most_disagreement(pd.DataFrame([[50, 6, 0], [2, 30, 0], [0, 0, 12]]))
    assert worst.loc[0, 1] / worst.loc[1, 0] == pytest.approx(3)
    assert worst.loc[0, 2] == 0
    assert worst.loc[0, 1] > 6


def test_coders_no_better_than_chance_are_refused():
    with pytest.raises(InputError, match="chance"):
        error_matrix(pd.DataFrame([[5, 10], [10, 5]]))
    with pytest.raises(InputError, match="neither"):
        error_matrix(pd.DataFrame([[5, 0], [0, 0]]))
