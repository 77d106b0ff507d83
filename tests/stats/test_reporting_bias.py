"""Tipping points: what detection would have to do for the truth to be nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_analysis.stats.reporting_bias import tipping_point


def test_growth_of_eight_per_cent():
    tipping = tipping_point(1.08, (1.05, 1.11), 1.03)
    assert tipping["to_null"] == 1.08
    assert tipping["to_insignificance"] == 1.05
    assert tipping["to_sesoi"] == pytest.approx(1.08 / 1.03)


def test_a_fall_needs_detection_to_fall():
    assert tipping_point(0.9, (0.85, 0.95), 1.03)["to_insignificance"] == 0.95


def test_an_interval_that_holds_one_needs_nothing():
    assert tipping_point(1.4, (0.9, 2.2), 1.5)["to_insignificance"] == 1


@given(st.floats(0.01, 100), st.floats(1, 5), st.floats(1, 5), st.floats(0.5, 2))
def test_detection_at_the_tipping_point_leaves_nothing_and_swapping_inverts(ratio, down, up, sesoi):
    low, high = ratio / down, ratio * up
    tipping = tipping_point(ratio, (low, high), sesoi)
    assert ratio / tipping["to_null"] == pytest.approx(1)
    assert ratio / tipping["to_sesoi"] == pytest.approx(sesoi)
    corrected = low / tipping["to_insignificance"], high / tipping["to_insignificance"]
    assert corrected[0] <= 1 + 1e-9
    assert corrected[1] >= 1 - 1e-9
    swapped = tipping_point(1 / ratio, (1 / high, 1 / low), 1 / sesoi)
    assert swapped["to_insignificance"] == pytest.approx(1 / tipping["to_insignificance"])
    assert swapped["to_sesoi"] == pytest.approx(1 / tipping["to_sesoi"])
