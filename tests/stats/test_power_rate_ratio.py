import numpy as np
import pytest

from lac_analysis.stats import power, rates


def test_agrees_with_repeating_the_test_itself():
    baseline, years_a, years_b, ratio = 30, 4, 5, 1.1
    rng = np.random.default_rng(1)
    b = rng.poisson(baseline, 400)
    a = rng.poisson(ratio * baseline * years_a / years_b, 400)
    found = [rates.rate_ratio(x, years_a, y, years_b, null=0.75, alternative="greater").p <= 0.05
             for x, y in zip(a, b, strict=True)]  # fmt: skip
    exact = power.rate_ratio_power(baseline, years_a, years_b, ratio, null=0.75)
    assert np.mean(found) == pytest.approx(exact, abs=3 * np.sqrt(exact * (1 - exact) / 400))


def test_size_stays_below_alpha_and_power_rises():
    powers = [
        power.rate_ratio_power(60, 5, 5, ratio, null=0.75) for ratio in (0.75, 0.9, 1.1, 1.5, 2.5)
    ]
    assert powers[0] <= 0.05
    assert powers == sorted(powers) and powers[-1] > 0.99
