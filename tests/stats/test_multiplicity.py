"""Holm and Benjamini-Hochberg against R's p.adjust on the example of Benjamini and Hochberg (1995)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.stats.multiplicity import benjamini_hochberg, holm

P = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1,
]


@pytest.mark.parametrize(("name", "function"), [("holm", holm), ("bh", benjamini_hochberg)])
def test_equals_p_adjust(reference, name, function):
    p = {str(i): value for i, value in enumerate(P, 1)}
    adjusted = function(p)
    assert adjusted.to_dict() == pytest.approx(reference.of(name))
    assert list(adjusted.index) == list(p)


def test_a_test_that_could_not_be_run_still_counts_for_holm():
    adjusted = holm({"web": 0.01, "reach": None, "tiers": 0.02})
    assert adjusted["web"] == pytest.approx(0.03)
    assert adjusted["tiers"] == pytest.approx(0.04)
    assert np.isnan(adjusted["reach"])


def test_but_not_for_benjamini_hochberg():
    adjusted = benjamini_hochberg(pd.Series({"a": 0.01, "b": np.nan, "c": 0.04}))
    assert adjusted["a"] == pytest.approx(0.02)
    assert np.isnan(adjusted["b"])


@settings(max_examples=8, deadline=None)  # statsmodels collects garbage at each call
@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12), st.integers(0, 2**32 - 1))
def test_order_does_not_matter_and_holm_is_the_stricter(values, seed):
    p = {f"test {i}": value for i, value in enumerate(values)}
    names = list(np.random.default_rng(seed).permutation(list(p)))
    strict, lax = holm(p), benjamini_hochberg(p)
    for function, first in ((holm, strict), (benjamini_hochberg, lax)):
        pd.testing.assert_series_equal(
            function({name: p[name] for name in names}).reindex(first.index), first
        )
    known = strict.notna()
    assert (strict[known] >= lax[known] - 1e-12).all()
    assert (strict[known] <= 1).all()
