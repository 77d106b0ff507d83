"""The held-out third is the one fixed before the rules were written."""

import hashlib

import pandas as pd

from lac_analysis import config
from lac_analysis.coder.split import held_out


def test_the_split_of_our_records_has_not_moved():
    ids = pd.read_csv(config.RAW / "engagements.csv", dtype=str, usecols=["record_id"])["record_id"]
    kept = sorted(ids[held_out(ids)])
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()
    assert (len(ids), len(kept), digest[:16]) == (1467, 478, "c6d6db48d46e7f23")


def test_a_record_keeps_its_side_whatever_stands_beside_it():
    ids = pd.Series([f"Z-{i}" for i in range(3000)], index=range(5, 3005))
    whole = held_out(ids)
    assert abs(whole.mean() - 1 / 3) < 0.03
    pd.testing.assert_series_equal(held_out(ids[::-1]).sort_index(), whole)
