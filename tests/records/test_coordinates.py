"""A first-level unit lies where its largest town lies."""

import pandas as pd

from lac_analysis.records.coordinates import units

ROWS = [
    ("BRA", "BR-SP", "Campinas", "BR-SP/Campinas"),
    ("ARG", "AR-S", None, "AR-S"),
    ("ARG", "AR-S", "Rosario", "AR-S/Rosario"),
    ("BHS", None, "Nowhere", "BS/Nowhere"),
    ("CHL", None, None, None),
]


def test_units_and_what_is_not_known():
    columns = ["country", "admin1", "municipality", "place_id"]
    found = units(pd.DataFrame(ROWS, columns=columns, dtype="str")).set_index("unit")
    assert list(found.index) == ["AR-S", "BR-SP", "BS/Nowhere"]
    where = found[["latitude", "longitude"]].round(0).T.to_dict("list")
    assert where["AR-S"] == [-33, -61]  # of Rosario, the largest town of Santa Fe
    assert where["BR-SP"] == [-24, -47]  # of São Paulo, wherever in its state
    assert found.loc["BS/Nowhere", ["latitude", "longitude", "point"]].isna().all()
