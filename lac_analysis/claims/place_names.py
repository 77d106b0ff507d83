"""Names of LAC places for readers."""

import pycountry


def place_name(place_id: str, country: str) -> str:
    """'La Plata, ARG' for 'AR-B/La Plata'; the unit's ISO 3166-2 name where no municipality is
    known.
    """
    unit, _, municipality = place_id.partition("/")
    if municipality:
        return f"{municipality}, {country}"
    subdivision = pycountry.subdivisions.get(code=unit)
    return f"{subdivision.name if subdivision else unit}, {country}"
