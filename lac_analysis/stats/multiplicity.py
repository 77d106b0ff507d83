"""Adjusting p-values for the number of tests."""

from collections.abc import Mapping

import pandas as pd
from statsmodels.stats.multitest import multipletests


def holm(p_values: Mapping | pd.Series) -> pd.Series:
    """Holm's adjusted p-values, in the order given.

    A missing p (None or NaN: a planned test that could not be run) stays missing and counts in the
    family as a p of 1, so that planning fewer tests is never rewarded. Source: Holm (1979), Scand.
    J. Statist. 6.
    """
    p = pd.Series(p_values, dtype=float)
    return _adjusted(p.fillna(1.0), "holm").where(p.notna())


def benjamini_hochberg(p_values: Mapping | pd.Series) -> pd.Series:
    """Benjamini and Hochberg's q-values, in the order given.

    Missing p-values stay missing and are left out of the family. Source: Benjamini and Hochberg
    (1995), JRSS B 57.
    """
    p = pd.Series(p_values, dtype=float)
    return _adjusted(p.dropna(), "fdr_bh").reindex(p.index)


def _adjusted(p: pd.Series, method: str) -> pd.Series:
    return p if p.empty else pd.Series(multipletests(p, method=method)[1], index=p.index)
