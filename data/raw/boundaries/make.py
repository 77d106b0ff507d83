"""Cut lac_boundaries.geojson out of world-atlas: see README.md beside this file for the two
commands.
"""

import json
import sys
from itertools import accumulate, pairwise
from pathlib import Path

import pycountry

from lac_analysis import config, files

BOX = (
    -120.0,
    -57.0,
    -28.0,
    24.0,
)  # west, south, east, north: other land that lies in it is kept, without a code
DECIMALS = 3  # degrees: about 100 m, finer than the source
OUT = config.RAW / "lac_boundaries.geojson"


def main(source: Path) -> None:
    """Write the boundaries found in `source`, the file countries-50m.json of world-atlas 2.0.2."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = [decode(arc, topology["transform"]) for arc in topology["arcs"]]
    features = []
    for country in topology["objects"]["countries"]["geometries"]:
        if "arcs" not in country:
            continue
        known = pycountry.countries.get(numeric=country.get("id", ""))
        iso3 = known.alpha_3 if known and known.alpha_3 in config.CELAC else ""
        parts = [country["arcs"]] if country["type"] == "Polygon" else country["arcs"]
        polygons = [[ring(indices, arcs) for indices in polygon] for polygon in parts]
        polygons = [polygon for polygon in polygons if iso3 or inside(polygon[0])]
        if polygons:
            geometry = {"type": "MultiPolygon", "coordinates": polygons}
            properties = {"iso3": iso3, "name": country["properties"]["name"]}
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    features.sort(
        key=lambda feature: (feature["properties"]["iso3"], feature["properties"]["name"])
    )
    missing = set(config.CELAC) - {feature["properties"]["iso3"] for feature in features}
    if missing:
        sys.exit(f"no boundary of {', '.join(sorted(missing))}")
    lines = ",\n".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features
    )
    files.write_text(OUT, f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n')


def decode(arc: list[list[int]], transform: dict) -> list[list[float]]:
    """Points of an arc in degrees: its integers are steps from point to point, scaled and shifted
    (TopoJSON 1.0).
    """
    return [
        [
            round(total * scale + shift, DECIMALS)
            for total, scale, shift in zip(point, *transform.values(), strict=True)
        ]
        for point in accumulate(
            arc, lambda at, step: [a + s for a, s in zip(at, step, strict=True)]
        )
    ]


def ring(indices: list[int], arcs: list[list[list[float]]]) -> list[list[float]]:
    """Points of a closed ring: arcs end to end, each without its first point; a negative index runs
    backwards.
    """
    points = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return [points[0]] + [point for before, point in pairwise(points) if point != before]


def inside(outline: list[list[float]]) -> bool:
    """Whether an outline lies in the box as a whole."""
    west, south, east, north = BOX
    return all(west <= x <= east and south <= y <= north for x, y in outline)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
