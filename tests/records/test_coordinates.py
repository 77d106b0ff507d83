"""A town lies where GeoNames has it, and its unit where its largest town lies."""

import numpy as np
import pandas as pd

from lac_analysis.records.coordinates import locate

ROWS = [
    ("ARG", "AR-S", "Rosario"),
    ("ARG", "AR-S", None),
    ("ARG", "AR-S", "Nowhere"),
    ("ARG", None, "Rosario"),
    ("ARG", None, None),
    ("BRA", "BR-SP", "Campinas"),
    ("BRA", "BR-SP", None),
]


def test_towns_units_and_what_is_not_known():
    places = pd.DataFrame(
        ROWS, columns=["country", "admin1", "municipality"], index=list("abcdefg")
    )
    found = locate(places)
    assert found.index.tolist() == list("abcdefg")
    assert found["point"].fillna("").tolist() == ["town", "unit", "unit", "", "", "town", "unit"]
    where = dict(
        zip(found.index, found[["latitude", "longitude"]].round(0).to_numpy().tolist(), strict=True)
    )
    assert (
        where["a"] == where["b"] == where["c"] == [-33, -61]
    )  # Rosario is the largest town of Santa Fe
    assert where["f"] == [-23, -47] and where["g"] == [
        -24,
        -47,
    ]  # Campinas, and São Paulo for its state
    assert np.isnan(found.loc[["d", "e"], ["latitude", "longitude"]].to_numpy()).all()
