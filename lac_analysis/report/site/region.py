"""The map of the region as shapes for an SVG, which the pages colour and link."""

import numpy as np

from lac_analysis.charts import map as maps

WIDTH = 600  # of the drawing, in its own units
_SMALL = 9  # a country that is smaller than this, both ways, gets a mark at its middle


def draw() -> dict:
    """The outlines of lac_boundaries.geojson in Lambert's azimuthal equal-area projection.

    Keys: height; shapes, by ISO3 ('' holds the land of others), each with its `path` data and, of
    one too small to be hit, its middle (x, y) as `mark`; part, which is drawn again (x, y, width,
    height); and inside, the countries in it.
    """
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
        shapes[iso3] = {"path": path, "mark": middle if small else None}
        if iso3 and left < middle[0] < right and top < middle[1] < bottom:
            inside.append(iso3)
    part, height = (left, top, right - left, bottom - top), np.ptp(held[:, 1]) * scale
    return {"height": height, "shapes": shapes, "part": part, "inside": inside}


def _box(points: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
