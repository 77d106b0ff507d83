"""A function of texts, asked once of each different text: records repeat names and dates often."""

from collections.abc import Callable
from functools import cache

import pandas as pd


def apply(function: Callable, *columns: pd.Series) -> pd.Series:
    """`function` of each row's values, as objects; the index is that of the columns."""
    found = map(cache(function), *columns)
    return pd.Series(list(found), index=columns[0].index, dtype=object)
