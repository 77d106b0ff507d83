"""What no procedure accepts, and the entry that the message names."""

import numpy as np
import pandas as pd
import pytest

from lac_analysis.errors import InputError, one_of
from lac_analysis.stats.estimate import labels, real_numbers
from lac_analysis.stats.rarefaction import mixing
from lac_analysis.stats.risk_sets import risk_sets
from lac_analysis.stats.share_trend import share_trend


@pytest.mark.parametrize(
    ("values", "says"), [([1, np.nan], r"missing or infinite \(entry 1\)"), ([np.inf], "infinite")]
)
def test_what_is_no_number_is_refused_with_its_entry(values, says):
    with pytest.raises(InputError, match=says):
        real_numbers(values, "x")


def test_a_missing_label_is_refused_with_its_entry():
    with pytest.raises(InputError, match=r"column groups: missing \(entry 1\)"):
        labels(["a", None, np.nan], "groups")
    with pytest.raises(InputError, match="groups"):
        share_trend([0, 1, 0, 1], [1, 2, 3, 4], ["a", None, "b", "b"])
    members = pd.DataFrame({"member": list("ab"), "stratum": ["x", None], "case_date": pd.NaT})
    with pytest.raises(InputError, match="stratum"):
        risk_sets(members, pd.DataFrame({"member": [], "date": []}))
    table = pd.DataFrame({"group": "g", "unit": list("aabb"), "kind": ["x", None, "x", "y"]})
    with pytest.raises(InputError, match="kind"):
        mixing(table, k=2, draws=9, seed=0)


def test_a_choice_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="unknown x: 'c'"):
        one_of("c", ("a", "b"), "x")
