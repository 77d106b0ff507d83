"""Texts of records: each different one is looked at once, as names and dates repeat often."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import pandas as pd

# Shǎnxī is Shaanxi, whose tone alone tells it from Shānxī, Shanxi: a caron, or a breve for it
_SHAANXI = re.compile("(?i)(sh)a[\u030c\u0306](?=nxi)")


def apply(function: Callable, *columns: pd.Series) -> pd.Series:
    """`function` of each row's values, as objects; the index is that of the columns."""
    # a list, as pandas takes its time over each of Arrow's texts
    found = map(cache(function), *(column.tolist() for column in columns))
    return pd.Series(list(found), index=columns[0].index, dtype=object)


def without_accents(text: str) -> str:
    """The letters of a text without their marks, of one form each (NFKD)."""
    if text.isascii():  # most are, and are left as they are
        return text
    letters = unicodedata.normalize("NFKD", text)
    letters = _SHAANXI.sub(r"\1aa", letters)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
