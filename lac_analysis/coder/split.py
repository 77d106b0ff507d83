"""Which records the rules of the coder were written on, and which are kept to measure it.

The split was fixed, and committed, before any rule was written. It depends on the record's
identifier alone.
"""

import hashlib

import pandas as pd

_SEED = 20201201
_PARTS = 3


def held_out(record_id: pd.Series) -> pd.Series:
    """Whether each record belongs to the third that no rule was written on.

    Parameters
    ----------
    record_id : identifiers of data/raw/engagements.csv.

    Returns
    -------
    Series of bool, named `held_out`, on the same index: SHA-256 of seed and identifier, modulo 3,
    is 0.
    """
    digests = (hashlib.sha256(f"{_SEED}:{text}".encode()).digest() for text in record_id)
    third = [int.from_bytes(digest[:8], "big") % _PARTS == 0 for digest in digests]
    return pd.Series(third, index=record_id.index, name="held_out", dtype=bool)
