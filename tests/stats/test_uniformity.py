"""Negative controls: uniform p-values pass, others do not; the package's own test has its size."""

import numpy as np
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats.randomisation import label_test
from lac_analysis.stats.uniformity import uniformity


def test_uniform_passes_and_skewed_does_not():
    p = (np.arange(500) + 0.5) / 500
    even, skewed = uniformity(p), uniformity(p**2)
    assert even.ks_p > 0.9
    assert even.size.estimate == 0.05
    assert skewed.ks_p < 1e-6
    assert skewed.size.interval[0] > 0.05


def test_labels_that_do_not_matter_have_uniform_p_values():
    rng = np.random.default_rng(9)
    p = []
    for seed in range(200):
        events, labelled = rng.gamma(2, size=24), rng.permutation(np.arange(24) < 8)
        p.append(
            label_test(events, np.ones(24), labelled, max_assignments=1, draws=999, seed=seed).p
        )
    found = uniformity(p)
    assert found.ks_p > 0.001
    assert found.size.interval[0] <= 0.05 <= found.size.interval[1]


def test_what_is_no_p_value_is_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        uniformity([0.1, 1.1])
    with pytest.raises(InputError, match="needed"):
        uniformity([])
