"""The map of the region as shapes for an SVG, which the pages colour and link."""

from typing import NamedTuple

import numpy as np

from lac_analysis.charts import map as maps

WIDTH = 600  # of the drawing, in its own units
_SMALL = 9  # a country that is smaller than this, both ways, gets a mark at its middle


class Shape(NamedTuple):
    """A country's outline: `path` data, and the middle (x, y) of one too small to be hit."""

    path: str
    mark: tuple[float, float] | None


class Drawing(NamedTuple):
    """The map: its height, the shapes by ISO3 ('' holds the land of others), the part that is
    drawn again as x, y, width, height, and the countries in it.
    """

    height: float
    shapes: dict[str, Shape]
    part: tuple[float, float, float, float]
    inside: list[str]


def draw() -> Drawing:
    """The outlines of lac_boundaries.geojson in Lambert's azimuthal equal-area projection."""
    held = maps.project(*np.transpose(maps.REGION))
    corner = np.array([held[:, 0].min(), held[:, 1].max()])
    scale = WIDTH / np.ptp(held[:, 0])

    def place(points: np.ndarray) -> np.ndarray:
        """Units of the drawing, which count from the upper left corner, for Earth radii."""
        return np.round((points - corner) * [scale, -scale], 1)

    shapes, inside = {}, []
    left, top, right, bottom = _box(place(maps.project(*maps.ISLANDS)))
    for iso3, outlines in maps.outlines().items():
        rings = [place(ring) for outline in outlines for ring in outline.to_polygons()]
        path = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in ring) + "Z" for ring in rings)
        west, north, east, south = _box(np.vstack(rings))
        middle = ((west + east) / 2, (north + south) / 2)
        small = iso3 and max(east - west, south - north) < _SMALL
        shapes[iso3] = Shape(path, middle if small else None)
        if iso3 and left < middle[0] < right and top < middle[1] < bottom:
            inside.append(iso3)
    part = (left, top, right - left, bottom - top)
    return Drawing(np.ptp(held[:, 1]) * scale, shapes, part, inside)


def _box(points: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
