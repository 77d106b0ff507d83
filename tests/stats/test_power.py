"""Powers that are known: that of a normal statistic, and that of no effect at all."""

import numpy as np
import pytest
from scipy.stats import norm

from lac_analysis.stats import power

EVENTS = np.array([4, 0, 7, 2, 9, 1, 3, 5, 2, 6, 0, 4])
EXPOSURE = np.linspace(1, 3, 12)


def test_what_a_normal_statistic_can_detect():
    null = np.append(2 * norm.ppf((np.arange(20_000) + 0.5) / 20_000), np.nan)
    assert power.detectable_from_null(null) == pytest.approx(2 * (1.959964 + 0.841621), rel=1e-3)
    assert power.detectable_from_null(null, alpha=0.1, power=0.9) == pytest.approx(2 * (1.644854 + 1.281552), rel=1e-3)


def test_the_label_test_rarely_rejects_without_an_effect_and_nearly_always_a_large_one():
    found = [power.label_power(EVENTS, EXPOSURE, 5, ratio, draws=500, seed=1) for ratio in (1, 3, 100)]
    assert found[0] <= 0.07 < found[1] < found[2] and found[2] > 0.8
    assert power.label_power(np.ones(12), np.ones(12), 5, 1, draws=200, seed=1) == 0  # all arrangements are alike


def test_the_history_test_rarely_rejects_without_an_effect_and_more_often_a_larger_one():
    rng = np.random.default_rng(3)
    events, label = rng.poisson(3, (14, 6)), (np.arange(14)[:, None] < 5) * np.ones((14, 6))
    found = [power.history_power(events, np.ones((14, 6)), label, ratio, designs=40, seed=1) for ratio in (1, 2, 8)]
    assert found[0] <= 0.15 and found[0] < found[1] <= found[2] and found[2] > 0.9


def test_a_two_sided_binomial_test_puts_half_of_alpha_above():
    assert power.binomial_detectable(40, 0.5, alternative="two-sided") == power.binomial_detectable(
        40, 0.5, alternative="greater", alpha=0.025
    )
    assert power.binomial_detectable(40, 0.5, alternative="two-sided") > power.binomial_detectable(
        40, 0.5, alternative="greater"
    )
