"""What no procedure accepts, and the entry that the message names."""

import numpy as np
import pytest

from lac_analysis.errors import InputError, one_of
from lac_analysis.stats.estimate import real_numbers


@pytest.mark.parametrize(
    ("values", "says"), [([1, np.nan], r"missing or infinite \(entry 1\)"), ([np.inf], "infinite")]
)
def test_what_is_no_number_is_refused_with_its_entry(values, says):
    with pytest.raises(InputError, match=says):
        real_numbers(values, "x")


def test_a_choice_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="unknown x: 'c'"):
        one_of("c", ("a", "b"), "x")
