"""Matplotlib's two renderers, which share what takes long to find out of a line of text: its size
and its letters.

Left alone, both ask the font again for each letter of each text at each drawing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import StringIO

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import TextToPath, text_to_path


@lru_cache(4096)
def size(text: str, font: FontProperties) -> tuple[float, float, float]:
    """Width, height and descent of a line, in points."""
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)


@lru_cache(4096)
def _heights(font: FontProperties) -> tuple[float, float, float]:
    """Height above the base line, below it, and between lines, in points, as the font says."""
    file = get_font(findfont(font))
    table, units = file.get_sfnt_table("OS/2"), file.get_sfnt_table("head")["unitsPerEm"]
    scale = font.get_size_in_points() / units
    return (
        table["sTypoAscender"] * scale,
        -table["sTypoDescender"] * scale,
        table["sTypoLineGap"] * scale,
    )


class _Letters(TextToPath):
    """Lines of text, none of it mathematics, as letters and as outlines that are kept."""

    def get_glyphs_with_font(self, font, s, glyph_map=None, return_new_glyphs_only=False, **_):
        letters, outlines = _letters(font, s)
        known = glyph_map or {}
        new = {name: outline for name, outline in outlines.items() if name not in known}
        return letters, new if return_new_glyphs_only else known | new, []

    def get_text_path(self, prop, s, ismath=False, **_):
        return _outline(self._get_font(prop), s)


@lru_cache(4096)
def _letters(font: FT2Font, text: str) -> tuple[list[tuple], dict]:
    """Name, place and size of each letter of a line; and name -> outline."""
    letters, outlines, _ = text_to_path.get_glyphs_with_font(font, text)
    return letters, outlines


@lru_cache(4096)
def _outline(font: FT2Font, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Points and codes of a line."""
    letters, outlines = _letters(font, text)
    if not letters:  # an empty line between others
        return np.empty((0, 2)), np.empty(0)
    points = [outlines[name][0] + (x, y) for name, x, y, _ in letters]
    return np.concatenate(points), np.concatenate([outlines[name][1] for name, *_ in letters])


class _Texts:
    _LETTERS = _Letters()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._text2path = self._LETTERS

    def get_text_width_height_descent(self, s, prop, ismath):
        return tuple(map(self.points_to_pixels, size(s, prop)))

    def _get_font_height_metrics(
        self, prop
    ):  # matplotlib reads the font at each layout of a text if it is not there
        return tuple(map(self.points_to_pixels, _heights(prop)))


class _Agg(_Texts, RendererAgg):
    def draw_text(self, gc, *args, **kwargs):
        gc.set_snap(False)  # a dash is no rule, to be moved to whole pixels
        RendererBase.draw_text(self, gc, *args, **kwargs)  # as outlines


class _SVG(_Texts, RendererSVG):
    pass


class Canvas(FigureCanvasBase):
    """The canvas of a page on which nothing is drawn: the raster is made when it is needed, and not
    kept.
    """

    def get_renderer(self) -> RendererAgg:
        return _Agg(1, 1, self.figure.dpi)  # to measure with


def raster(page: Figure, dpi: float) -> np.ndarray:
    """The page as pixels, height x width x 4: red, green, blue, opacity."""
    with _resolution(page, dpi):
        renderer = _Agg(*page.canvas.get_width_height(), dpi)
        page.draw(renderer)
    return np.asarray(renderer.buffer_rgba())


def svg(page: Figure, *, image_dpi: float, metadata: dict) -> str:
    """The page as SVG, images in it at `image_dpi`; metadata as for matplotlib."""
    file = StringIO()
    with _resolution(page, 72):  # the unit of an SVG is a point
        renderer = _SVG(
            page.bbox.width, page.bbox.height, file, image_dpi=image_dpi, metadata=metadata
        )
        page.draw(renderer)
        renderer.finalize()
    return file.getvalue()


@contextmanager
def _resolution(page: Figure, dpi: float) -> Iterator[None]:
    own, page.dpi = page.dpi, dpi
    try:
        yield
    finally:
        page.dpi = own
