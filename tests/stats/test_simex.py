"""MC-SIMEX against an independent implementation in R and against simulated truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats.simex import mc_simex

REFERENCE = Path(__file__).parents[1] / "reference"
ERRORS = pd.DataFrame([[0.9, 0.1], [0.2, 0.8]])


def _poisson(y, exposure):
    """Log rate ratio of code 1 against code 0, and its variance."""

    def estimator(codes):
        # of two groups the maximum likelihood estimate has a closed form
        y_, per = np.asarray(y), np.asarray(exposure)
        inside, outside = codes @ y_, (1 - codes) @ y_
        rates = inside / (codes @ per), outside / ((1 - codes) @ per)
        return np.log(rates[0] / rates[1]), 1 / inside + 1 / outside

    return estimator


def _share(codes):
    """Share of code 1, and its variance."""
    share = codes.mean(axis=1)
    return share, share * (1 - share) / codes.shape[1]


def test_equals_r():
    r = pd.read_csv(REFERENCE / "robustness_results.csv")
    r = r[r["case"] == "simex"].set_index("quantity")["value"]
    data = pd.read_csv(REFERENCE / "robustness_simex.csv")
    found = mc_simex(
        data["recorded"], ERRORS, _poisson(data["y"], data["exposure"]), draws=1000, seed=1
    )
    assert found.naive == pytest.approx(r["naive"])
    assert found.estimate == pytest.approx(r["estimate"], abs=0.03)  # the two differ by their draws
    assert found.se == pytest.approx(r["se"], rel=0.05)


def test_without_errors_nothing_changes():
    codes = np.array([0, 1, 1, 0, 1])
    found = mc_simex(codes, pd.DataFrame(np.eye(2)), _share, seed=1)
    assert found.estimate == pytest.approx(found.naive) == 0.6
    assert found.se == pytest.approx(np.sqrt(0.6 * 0.4 / 5))


def test_codes_are_drawn_with_that_much_error():
    codes, drawn = np.repeat([0, 1], [700, 300]), []

    def estimator(simulated):
        drawn.append(simulated.mean())
        return _share(simulated)

    mc_simex(codes, ERRORS, estimator, lambdas=(1, 2), draws=400, seed=2)
    for mean, power in zip(drawn[1:], (1, 2), strict=True):
        expected = [0.7, 0.3] @ np.linalg.matrix_power(ERRORS.to_numpy(), power)
        assert mean == pytest.approx(expected[1], abs=0.003)


def test_codes_can_be_words_and_failures_are_left_out():
    labels = ["no", "yes"]
    errors = pd.DataFrame(ERRORS.to_numpy(), labels, labels)
    calls = []

    def sometimes(codes):
        calls.append(codes.shape)
        values = (codes == "yes").mean(axis=1)
        return np.where(values > 0.6, np.nan, values), None

    found = mc_simex(np.array(["yes", "no"] * 10), errors, sometimes, draws=50, seed=1)
    assert calls == [(1, 20)] + [(50, 20)] * 4
    assert np.isfinite(found.estimate)
    assert np.isnan(found.se)


def test_same_seed_same_result():
    codes = np.repeat([0, 1], [30, 20])
    one, other = (mc_simex(codes, ERRORS, _share, seed=3) for _ in range(2))
    assert one.estimate == other.estimate


@pytest.mark.slow
def test_simulated_truth_is_approached_and_covered():
    rng = np.random.default_rng(11)
    naive, corrected, covered = [], [], []
    for i in range(150):
        true = rng.random(600) < 0.4
        y = rng.poisson(np.exp(0.3 + 0.8 * true))
        recorded = np.where(rng.random(600) < np.where(true, 0.85, 0.1), 1, 0)
        errors = pd.DataFrame([[0.9, 0.1], [0.15, 0.85]])
        found = mc_simex(recorded, errors, _poisson(y, np.ones(600)), draws=60, seed=i)
        naive.append(found.naive)
        corrected.append(found.estimate)
        covered.append(found.interval[0] <= 0.8 <= found.interval[1])
    assert abs(np.mean(corrected) - 0.8) < 0.25 * abs(np.mean(naive) - 0.8)
    assert 0.88 <= np.mean(covered) <= 0.99


def test_unusable_input_is_refused():
    with pytest.raises(InputError, match="does not know"):
        mc_simex([0, 2], ERRORS, _share, seed=1)
    with pytest.raises(InputError, match="powers"):
        mc_simex([0, 1], pd.DataFrame([[0.4, 0.6], [0.6, 0.4]]), _share, seed=1)
    with pytest.raises(InputError, match="sum to 1"):
        mc_simex([0, 1], pd.DataFrame([[0.4, 0.4], [0.0, 1.0]]), _share, seed=1)


def test_the_message_names_the_code_and_the_row():
    y, exposure = np.array([1, 2, 3]), np.ones(3)
    with pytest.raises(InputError, match="does not know: 7"):
        mc_simex(np.array([0, 7, 1]), ERRORS, _poisson(y, exposure), seed=1)
    wrong = pd.DataFrame([[0.9, 0.1], [0.2, 0.7]], index=["a", "b"], columns=["a", "b"])
    with pytest.raises(InputError, match="does not sum to 1: 'b'"):
        mc_simex(np.array(["a", "b"]), wrong, _poisson(y, exposure), seed=1)


def test_the_interval_is_normal_around_the_estimate():
    rng = np.random.default_rng(5)
    codes, exposure = np.arange(60) % 2, np.ones(60)
    found = mc_simex(
        codes, ERRORS, _poisson(rng.poisson(2 + 2 * codes), exposure), seed=1, level=0.9
    )
    assert found.interval == pytest.approx(
        (found.estimate - 1.644854 * found.se, found.estimate + 1.644854 * found.se)
    )


@pytest.mark.parametrize(
    "cells",
    [[[0.9, 0.1], [np.nan, 0.8]], [[1.1, -0.1], [0.2, 0.8]]],
    ids=["a blank", "below nothing"],
)
def test_cells_that_are_no_probabilities_and_codes_that_differ_are_refused(cells):
    estimator = _poisson(np.array([1, 2]), np.ones(2))
    with pytest.raises(InputError, match="the same codes"):
        mc_simex(np.array([0, 1]), pd.DataFrame(cells), estimator, seed=1)
    with pytest.raises(InputError, match="the same codes"):
        mc_simex(np.array([0, 1]), ERRORS.set_axis([1, 2], axis=1), estimator, seed=1)
