"""What no procedure accepts, and the entry that the message names."""

import numpy as np
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1, 2, -3], r"not a count \(entry 2\): -3.0"),
        ([1, -0.5], r"not a count \(entry 1\): -0.5"),
        ([0.5], r"not a count \(entry 0\)"),
        ([1, np.nan], r"missing or infinite \(entry 1\)"),
        ([np.inf], "missing or infinite"),
        (["a"], "not numbers"),
        ([[1], [1, 2]], "not numbers"),
        ([[1, 2], [3, 4]], "2 dimensions"),
    ],
)
def test_what_is_no_count_is_refused_with_its_entry(values, says):
    with pytest.raises(InputError, match=says):
        inputs.whole_numbers(values, "x")


def test_whole_numbers_are_taken_as_they_are():
    assert inputs.whole_numbers([0, 1.0, True, 7], "x").tolist() == [0, 1, 1, 7]


def test_labels_are_numbered_in_their_order_and_a_missing_one_is_named():
    assert inputs.labels(["b", "a", "b"], 3, "x").tolist() == [1, 0, 1]
    with pytest.raises(InputError, match=r"missing label \(entry 2\)"):
        inputs.labels(["b", "a", None], 3, "x")


def test_an_exposure_is_above_zero():
    assert inputs.exposures(None, 2).tolist() == [1, 1]
    with pytest.raises(InputError, match=r"positive \(entry 1\): 0.0"):
        inputs.exposures([1, 0], 2)
    with pytest.raises(InputError, match="lengths differ"):
        inputs.exposures([1, 1], 3)
