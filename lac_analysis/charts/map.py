"""A map of the region: countries shaded, dots at places, the eastern Caribbean enlarged."""

import json
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from lac_analysis import config, files
from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

BOUNDARIES = config.RAW / "lac_boundaries.geojson"
SOURCE = "Boundaries: Natural Earth 1:50m (public domain)."
_CENTRE = (-72.0, -12.0)  # longitude and latitude of the projection's centre
REGION = ((-117.2, 32.5), (-34.6, -7.5), (-68.0, -56.0))  # points that the map must just hold
ISLANDS = ((-66.3, -55.5), (9.1, 18.9))  # the eastern Caribbean: west to east, south to north
_HEIGHT = 8.2  # inches, of the map
_NAMED_WEST = ("KNA", "VCT")  # islands whose name stands west of them
_PACIFIC = ("CHL", "PER", "ECU", "COL")  # countries with the sea, and room for names, in the west
_CLASSES = (1, 10, 30, 100)  # lowest count of each shade but the first, which is for none
_SHADES = ("#f3efe9", "#fbe3cd", "#f6c79d", "#eda36b", "#d97f45")
_NAMED = 9  # dots
_NO_CODE = theme.PAPER  # land of others
# so that names can be read on land
_HALO = [withStroke(linewidth=2.2, foreground=theme.PAPER, alpha=0.9)]


@theme.chart
def dot_map(countries: pd.DataFrame, dots: pd.DataFrame, **words) -> Figure:
    """Countries shaded by a count, dots whose area is a count, and an inset of the small islands
    with their numbers.

    countries : columns iso3, country, engagements: one row a country drawn in a shade.
    dots : columns name, country, longitude, latitude, engagements; the first are named. All lie in
        the region.

    Lambert's azimuthal equal-area projection (Snyder 1987, USGS Professional Paper 1395, ch. 24).
    """
    parts.need(countries, "iso3", "country", "engagements")
    parts.refuse_without(dots, "name", "country", "longitude", "latitude", "engagements")
    parts.names(countries, "iso3", once="iso3")
    for counts in (countries["engagements"], dots["engagements"]):
        parts.refuse_outside(counts, np.finfo(float).max, "finite counts, from 0 on")
    shades = np.searchsorted(_CLASSES, countries["engagements"], side="right")
    shade = {iso3: _SHADES[i] for iso3, i in zip(countries["iso3"], shades, strict=True)}
    page = theme.figure(_HEIGHT, **words)
    ax = page.subplots()
    held = project(*np.array(REGION).T)
    (west, south), (east, north) = held.min(axis=0) - 0.01, held.max(axis=0) + 0.01
    at = project(dots["longitude"], dots["latitude"])
    if not ((at >= (west, south)) & (at <= (east, north))).all():
        raise InputError("a dot outside the map", expected="degrees east and north, in the region")
    ax.set(xlim=(west, east), ylim=(south, north), aspect="equal")
    ax.set_axis_off()
    largest = max(dots["engagements"].max(), 1) if len(dots) else 1
    _draw(ax, shade, dots, largest)
    _names(ax, dots.head(_NAMED), largest)
    _inset(ax, countries, dots, shade, largest)
    _ranking(ax, countries)
    _key(ax, largest)
    return page


def project(longitude, latitude) -> np.ndarray:
    """Points of the map, n x 2, in Earth radii, for degrees; equal areas stay equal."""
    east = np.radians(np.asarray(longitude, float) - _CENTRE[0])
    north, middle = np.radians(np.asarray(latitude, float)), np.radians(_CENTRE[1])
    cosine = np.sin(middle) * np.sin(north) + np.cos(middle) * np.cos(north) * np.cos(east)
    scale = np.sqrt(2 / (1 + cosine))
    x = np.cos(north) * np.sin(east)
    y = np.cos(middle) * np.sin(north) - np.sin(middle) * np.cos(north) * np.cos(east)
    return np.column_stack([scale * x, scale * y])


@cache
def outlines() -> dict[str, list[Outline]]:
    """Projected outlines by ISO3; '' holds the land of others. Source: lac_boundaries.geojson."""
    files.require(BOUNDARIES)
    found: dict[str, list[Outline]] = {}
    for feature in json.loads(BOUNDARIES.read_text(encoding="utf-8"))["features"]:
        shapes = found.setdefault(feature["properties"]["iso3"], [])
        for polygon in feature["geometry"]["coordinates"]:
            rings = [Outline(project(*np.array(ring).T), closed=True) for ring in polygon]
            shapes.append(Outline.make_compound_path(*rings))
    return found


def _draw(ax: Axes, shade: dict[str, str], dots: pd.DataFrame, largest: float) -> None:
    """The outlines that the axes show, in their countries' shades, and the dots."""
    for iso3, shapes in outlines().items():
        seen = [shape for shape in shapes if ax.viewLim.overlaps(shape.get_extents())]
        edge = theme.CONTEXT if iso3 in shade else theme.GRID
        look = {"facecolor": shade.get(iso3, _NO_CODE), "edgecolor": edge, "linewidth": 0.6}
        ax.add_collection(PathCollection(seen, zorder=1, **look))
    points = project(dots["longitude"], dots["latitude"])  # the largest first
    look = {"facecolor": theme.BLUE, "edgecolor": theme.PAPER, "linewidth": 0.5, "alpha": 0.85}
    ax.scatter(*points.T, s=_area(dots["engagements"], largest), zorder=3, **look)


def _area(count, largest: float):
    return 9 + 230 * np.asarray(count, float) / largest  # square points


def _name(ax: Axes, text: str, point, offset: float, size: float) -> None:
    """A name beside a point, right of it or, for a negative offset, left; in points."""
    name = ax.annotate(text, point, (offset, 0), textcoords="offset points", va="center", zorder=4)
    name.set(ha="left" if offset > 0 else "right", size=size, path_effects=_HALO)


def _names(ax: Axes, dots: pd.DataFrame, largest: float) -> None:
    """The largest dots' names: to the east of the dot where there is sea, else to the west; on the
    other side where a dot or a name is in the way. Measured in points, letters of common width.
    """
    points = project(dots["longitude"], dots["latitude"])
    places = points * 72 * _HEIGHT / ax.viewLim.height
    radius = np.sqrt(_area(dots["engagements"], largest) / np.pi)
    taken = [Bbox([at - r, at + r]) for at, r in zip(places, radius, strict=True)]
    for row, point, (x, y), r in zip(dots.itertuples(), points, places, radius + 2, strict=True):
        name = f"{parts.short(row.name, 30)} {row.engagements}"
        east = row.country not in _PACIFIC and row.longitude < -42
        for offset in (r, -r) if east else (-r, r):
            start, end = x + offset, x + offset + np.sign(offset) * 0.6 * 8 * len(name)
            box = Bbox.from_extents(min(start, end), y - 4, max(start, end), y + 4)
            if not box.count_overlaps(taken):
                break
        taken.append(box)
        _name(ax, name, point, offset, 8)


def _inset(ax: Axes, countries: pd.DataFrame, dots: pd.DataFrame, shade: dict, largest: float):
    (x0, y0), (x1, y1) = project(*ISLANDS)
    box = ax.inset_axes([0.69, 0.70, 0.31, 0.30])
    box.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", xticks=[], yticks=[])
    box.spines[:].set(visible=True, color=theme.CONTEXT, linewidth=0.8)
    _draw(box, shade, dots, largest)
    for row in countries.itertuples():
        corners = np.vstack([shape.vertices for shape in outlines()[row.iso3]])
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        if box.viewLim.contains(*middle):
            west_of = row.iso3 in _NAMED_WEST
            label = row.country.replace(" and the ", " & ").replace(" and ", " & ")
            label = label.replace(" & ", "\n& ") if west_of or row.iso3 == "TTO" else label
            _name(box, f"{label} {row.engagements}", middle, -9 if west_of else 9, 7.5)
    ax.indicate_inset_zoom(box, edgecolor=theme.CONTEXT, linewidth=0.8, alpha=1)


def _ranking(ax: Axes, countries: pd.DataFrame) -> None:
    """The countries with most, as bars with numbers, in the Pacific."""
    top = countries.sort_values(["engagements", "country"], ascending=[False, True]).head(10)
    axes = ax.inset_axes([0.09, 0.23, 0.24, 0.30])
    bars = axes.barh(range(len(top)), top["engagements"], color=theme.CONTEXT, height=0.66)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3, size=8)
    parts.rows(axes, top["country"].tolist(), size=8)
    axes.set(xlim=(0, max(top["engagements"].max(), 1) * 1.2), xticks=[])
    axes.spines[:].set_visible(False)
    axes.patch.set_facecolor(theme.PAPER)  # over islands far from land


def _key(ax: Axes, largest: float) -> None:
    bounds = ["none", *(f"{a}–{b - 1}" for a, b in pairwise(_CLASSES)), f"{_CLASSES[-1]}+"]
    shades = [Patch(facecolor=color, edgecolor=theme.CONTEXT, linewidth=0.5) for color in _SHADES]
    counts = [count for count in (1, 10, 25, 50) if count <= largest]
    dots = [
        ax.scatter([], [], s=_area(count, largest), color=theme.BLUE, edgecolor=theme.PAPER)
        for count in counts
    ]
    keys = {
        "Shade: engagements in the country": (0.06, shades, bounds),
        "Dot: engagements in the first-level unit": (0.0, dots, counts),
    }
    for title, (height, handles, labels) in keys.items():
        key = ax.legend(
            handles, labels, title=title, loc="lower left", bbox_to_anchor=(0, height), ncols=5,
            frameon=False, fontsize=7.5, title_fontsize=8, alignment="left", handlelength=1.6,
            columnspacing=1.2, borderpad=0,
        )  # fmt: skip
        key.get_title().set_color(theme.MUTED)
        ax.add_artist(key)
