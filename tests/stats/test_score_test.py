import numpy as np
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats.score_test import nb2_score_test, one_step


def test_agrees_with_glm_nb_of_r(reference_b):
    units, expected = reference_b.table("units"), reference_b.of("nb2")
    found = nb2_score_test(units["count"], units["label"], units["size"], units["stratum"], seed=1)
    assert found.estimate == pytest.approx(expected["ratio"], rel=1e-4)
    assert found.p == pytest.approx(expected["p"])


def test_counts_without_dispersion_are_poisson():
    label = np.tile([0.0, 1.0], 10)
    found = nb2_score_test(np.where(label == 1, 8, 4) + np.repeat([0, 1], 10), label, seed=1)
    assert found.estimate == pytest.approx(17 / 9, rel=1e-3) and found.p < 0.001


def test_statistic_does_not_depend_on_the_scale_of_label_or_residuals():
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(20), rng.normal(size=20)])
    weight, labels = rng.uniform(1, 5, 20), rng.normal(size=(7, 20))
    # residuals of a fit are orthogonal to the controls
    basis, _ = np.linalg.qr(design)
    residual = rng.normal(size=20)
    residual -= basis @ (basis.T @ residual)
    plain = one_step(labels, residual, weight, design)[1]
    scaled = one_step(3 * labels, residual, weight, design)[1]
    shifted = one_step(labels + 2 * design[:, 1], residual, weight, design)[1]
    assert scaled == pytest.approx(plain) and shifted == pytest.approx(plain)
    assert one_step(labels, -residual, weight, design)[1] == pytest.approx(-plain)
    assert np.isnan(one_step(design.T, residual, weight, design)[1]).all()


@pytest.mark.slow
def test_size_and_power():
    rng = np.random.default_rng(2)
    size, label = np.sort(rng.normal(0, 2, 33)), np.zeros(33)
    label[[5, 24, 27, 30, 32]] = 1
    rejected = {}
    for ratio in (1, 3):
        mean = np.exp(1.8 + 0.25 * size) * ratio**label
        p = [
            nb2_score_test(
                rng.poisson(mean * rng.gamma(2, 0.5, 33)), label, size, draws=999, seed=1
            ).p
            for _ in range(300)
        ]
        rejected[ratio] = np.mean(np.array(p) <= 0.05)
    assert rejected[1] < 0.09 and rejected[3] > 0.35


@pytest.mark.parametrize(("counts", "label"), [([0, 0, 0], [0, 1, 0]), ([1, 2, 3], [1, 1, 1])])
def test_bad_input_is_said(counts, label):
    with pytest.raises(InputError):
        nb2_score_test(counts, label, seed=1)
