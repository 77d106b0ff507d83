"""Matplotlib's two renderers, for which a line of text is measured once: its size in points is the same in both."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import StringIO

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path


@lru_cache(4096)
def size(text: str, font: FontProperties) -> tuple[float, float, float]:
    """Width, height and descent of a line, in points."""
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)


class _Measured:
    def get_text_width_height_descent(self, s, prop, ismath):
        return tuple(map(self.points_to_pixels, size(s, prop)))


class _Agg(_Measured, RendererAgg):
    pass


class _SVG(_Measured, RendererSVG):
    pass


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
