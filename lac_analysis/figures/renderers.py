"""Matplotlib's two renderers, which share what takes long to find out of a line of text: its size and its letters.

Left alone, both ask the font again for each letter of each text at each drawing. Texts are opaque and not clipped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from io import StringIO

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

_EM = text_to_path.FONT_SCALE  # units of an outline in the size of the font
_COMMANDS = {Path.MOVETO: ("M", 2), Path.LINETO: ("L", 2), Path.CURVE3: ("Q", 4), Path.CURVE4: ("C", 6),
             Path.CLOSEPOLY: ("Z", 0)}  # fmt: skip


@lru_cache(4096)
def size(text: str, font: FontProperties) -> tuple[float, float, float]:
    """Width, height and descent of a line, in points."""
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)


@lru_cache(4096)
def _letters(text: str, file: str) -> list[tuple[str, np.ndarray]]:
    """Name and place of each letter of a line; afterwards `_outlines` of the font has them."""
    font = get_font(file)
    font.set_size(_EM, text_to_path.DPI)
    found, _, _ = text_to_path.get_glyphs_with_font(font, text, glyph_map=_outlines(file))
    return [(name, np.array([x, y])) for name, x, y, _ in found]


@cache
def _outlines(file: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Points and codes of the letters of a font that were met so far, by name."""
    return {}


@cache
def _commands(file: str, name: str) -> str:
    """The outline of a letter in the language of SVG."""
    steps = ((*_COMMANDS[code], points) for points, code in Path(*_outlines(file)[name]).iter_segments(simplify=False))
    return "".join(letter + " ".join(f"{number:g}" for number in points[:n]) for letter, n, points in steps)


class _Texts:
    def get_text_width_height_descent(self, s, prop, ismath):
        return tuple(map(self.points_to_pixels, size(s, prop)))


class _Agg(_Texts, RendererAgg):
    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        file = findfont(prop)
        letters, outlines = _letters(s, file), _outlines(file)
        if not letters:  # an empty line between others
            return
        points = np.concatenate([outlines[name][0] + place for name, place in letters])
        codes = np.concatenate([outlines[name][1] for name, _ in letters])
        scale = self.points_to_pixels(prop.get_size_in_points() / _EM)
        place = Affine2D().scale(scale).rotate_deg(angle).translate(x, self.height - y)
        gc.set_linewidth(0)
        gc.set_snap(False)
        self.draw_path(gc, Path(points, codes), place, gc.get_rgb())


class _SVG(_Texts, RendererSVG):
    def __init__(self, width: float, height: float, file: StringIO, **options):
        super().__init__(width, height, file, **options)
        self._file, self._defined = file, set()

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        file = findfont(prop)
        letters, scale = _letters(s, file), prop.get_size_in_points() / _EM
        place = f"translate({x:.3f} {y:.3f}) rotate({0 - angle:g}) scale({scale:g} {-scale:g})"
        self.writer.start("g", transform=place, fill=to_hex(gc.get_rgb()))
        self.writer.comment(s)  # which also ends the tag: from here on the file can be written to
        for name, (along, up) in letters:
            if name not in self._defined:
                self._defined.add(name)
                self._file.write(f'<defs><path id="{name}" d="{_commands(file, name)}"/></defs>\n')
            self._file.write(f'<use xlink:href="#{name}" x="{along:.2f}" y="{up:.2f}"/>\n')
        self.writer.end("g")


class Canvas(FigureCanvasBase):
    """The canvas of a page on which nothing is drawn: the raster is made when it is needed, and not kept."""

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
        renderer = _SVG(page.bbox.width, page.bbox.height, file, image_dpi=image_dpi, metadata=metadata)
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
