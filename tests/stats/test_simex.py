"""Error rates from two coders, recovered; MC-SIMEX against an independent implementation in R and against simulated truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.stats.agreement import cohen_kappa, pair_table
from lac_analysis.stats.simex import at_most_disagreement, error_matrix, mc_simex

REFERENCE = Path(__file__).parents[1] / "reference"
ERRORS = pd.DataFrame([[0.9, 0.1], [0.2, 0.8]])


def _poisson(y, exposure):
    """Log rate ratio of code 1 against code 0."""
    y, exposure = np.asarray(y), np.asarray(exposure)

    def estimator(codes):
        # of two groups the maximum likelihood estimate has a closed form
        inside, outside = codes @ y, (1 - codes) @ y
        return np.log(inside / (codes @ exposure) / (outside / ((1 - codes) @ exposure)))

    return estimator


def _share(codes):
    """Share of code 1."""
    return codes.mean(axis=1)


def test_equals_r():
    r = pd.read_csv(REFERENCE / "robustness_results.csv")
    r = r[r["case"] == "simex"].set_index("quantity")["value"]
    data = pd.read_csv(REFERENCE / "robustness_simex.csv")
    found = mc_simex(
        data["recorded"].to_numpy(),
        ERRORS,
        _poisson(data["y"], data["exposure"]),
        draws=1000,
        seed=1,
    )
    assert found.naive == pytest.approx(r["naive"])
    assert found.estimate == pytest.approx(r["estimate"], abs=0.03)  # the two differ by their draws


def test_without_errors_nothing_changes():
    codes = np.array([0, 1, 1, 0, 1])
    found = mc_simex(codes, pd.DataFrame(np.eye(2)), _share, seed=1)
    assert found.estimate == pytest.approx(found.naive) == 0.6


def test_codes_are_drawn_with_that_much_error():
    codes, drawn = np.repeat([0, 1], [700, 300]), []

    def estimator(simulated):
        drawn.append(simulated.mean())
        return _share(simulated)

    mc_simex(codes, ERRORS, estimator, draws=400, seed=2)
    for mean, power in ((drawn[2], 1), (drawn[4], 2)):  # of 0, 0.5, 1, 1.5 and 2
        expected = [0.7, 0.3] @ np.linalg.matrix_power(ERRORS.to_numpy(), power)
        assert mean == pytest.approx(expected[1], abs=0.003)


def test_codes_can_be_words_and_failures_are_left_out():
    labels = ["no", "yes"]
    errors = pd.DataFrame(ERRORS.to_numpy(), labels, labels)

    def sometimes(codes):
        share = _share(codes == "yes")
        return np.where(share > 0.6, np.nan, share)

    found = mc_simex(np.array(["yes", "no"] * 10), errors, sometimes, draws=50, seed=1)
    assert np.isfinite(found.estimate)
    never = lambda codes: np.full(len(codes), np.nan)  # noqa: E731
    with pytest.raises(InputError, match="no estimate"):
        mc_simex(np.array(["yes", "no"] * 10), errors, never, draws=5, seed=1)


def test_same_seed_same_result():
    codes = np.repeat([0, 1], [30, 20])
    one, other = (mc_simex(codes, ERRORS, _share, seed=3) for _ in range(2))
    assert one.estimate == other.estimate


@pytest.mark.slow
def test_simulated_truth_is_approached():
    rng = np.random.default_rng(11)
    naive, corrected = [], []
    for i in range(150):
        true = rng.random(600) < 0.4
        y = rng.poisson(np.exp(0.3 + 0.8 * true))
        recorded = np.where(rng.random(600) < np.where(true, 0.85, 0.1), 1, 0)
        errors = pd.DataFrame([[0.9, 0.1], [0.15, 0.85]])
        found = mc_simex(recorded, errors, _poisson(y, np.ones(600)), draws=60, seed=i)
        naive.append(found.naive)
        corrected.append(found.estimate)
    assert abs(np.mean(corrected) - 0.8) < 0.25 * abs(np.mean(naive) - 0.8)


def _joint(shares, errors):
    """Expected table of two independent coders with these error rates."""
    return pd.DataFrame(errors.T @ np.diag(shares) @ errors * 1000)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_errors_that_keep_the_shares_are_recovered(share, reliability):
    shares = np.array([share, 1 - share])
    errors = reliability * np.eye(2) + (1 - reliability) * shares  # a wrong code is a random one
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
    # the exact limit of 0 in 143
    assert 1 - np.trace(worst) / 143 == pytest.approx(1 - 0.05 ** (1 / 143))
    assert 0.5 < error_matrix(worst).loc[1, 1] < 0.95


def test_the_worst_case_keeps_the_kinds_of_disagreement():
    worst = at_most_disagreement(pd.DataFrame([[50, 6], [2, 30]]))
    assert worst.loc[0, 1] / worst.loc[1, 0] == pytest.approx(3)
    assert worst.loc[0, 1] > 6


def test_coders_no_better_than_chance_are_refused():
    with pytest.raises(InputError, match="chance"):
        error_matrix(pd.DataFrame([[5, 10], [10, 5]]))
