"""Leaving groups out, one at a time."""

import numpy as np
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats.influence import group_masks, leave_one_out

VALUES = np.array([1.0, 2, 3, 10])


def _mean(kept):
    return VALUES[kept].mean() if kept.any() else np.nan


def test_each_group_in_turn():
    found = leave_one_out(_mean, group_masks(["b", "a", "a", "c"]))
    assert found.full == 4
    assert found.table["group"].tolist() == ["a", "b", "c"]
    assert found.table["left_out"].tolist() == [2, 1, 1]
    assert found.table["estimate"].tolist() == [5.5, 5, 2]
    assert found.table["change"].tolist() == [1.5, 1, -2]
    lowest, highest = found.extremes()
    assert (lowest["group"], highest["group"]) == ("c", "a")


def test_groups_may_overlap_and_an_estimate_may_be_gone():
    masks = {"first query": [True, True, False, False], "all queries": [True] * 4}
    found = leave_one_out(_mean, masks)
    assert found.table["estimate"].tolist()[0] == 6.5
    assert np.isnan(found.table["estimate"][1])
    assert found.extremes()[0]["group"] == found.extremes()[1]["group"] == "first query"


def test_a_missing_label_belongs_to_no_group():
    masks = group_masks(["a", None, "b"])
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "a": [True, False, False],
        "b": [False, False, True],
    }


def test_unusable_groups_are_refused():
    with pytest.raises(InputError, match="length"):
        leave_one_out(_mean, {"a": [True], "b": [True, False]})
    with pytest.raises(InputError, match="length"):
        leave_one_out(_mean, {})
