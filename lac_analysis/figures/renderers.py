"""Matplotlib's two renderers, for which a text is measured once: its size in points is the same in PNG and SVG."""

from functools import lru_cache
from io import StringIO

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
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


class Canvas(FigureCanvasAgg):
    """The canvas of a page; the renderer is kept as long as the page keeps its size."""

    _made: tuple | None = None

    def get_renderer(self) -> RendererAgg:
        wanted = (*self.get_width_height(), self.figure.dpi)
        if wanted != self._made:
            self.renderer, self._made = _Agg(*wanted), wanted
        return self.renderer


def svg(page: Figure, **options) -> str:
    """The page as SVG; `options` as for RendererSVG."""
    buffer, dpi = StringIO(), page.dpi
    page.dpi = 72  # the unit of an SVG is a point
    renderer = _SVG(page.bbox.width, page.bbox.height, buffer, image_dpi=dpi, **options)
    page.draw(renderer)
    renderer.finalize()
    page.dpi = dpi
    return buffer.getvalue()
