"""The look of every picture: palette, type, and a page laid out with its words."""

import functools
import logging
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from numbers import Real
from pathlib import Path

import matplotlib
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import text_to_path
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from seaborn.utils import relative_luminance

from lac_analysis import files
from lac_analysis.errors import InputError, checked

INK, MUTED, CONTEXT = "#1d2730", "#56626c", "#8b97a0"  # text; lesser text; what is not highlighted
FAINT, GRID, PAPER = "#c3cacf", "#e3e7ea", "#ffffff"
HIGHLIGHT = "#b8430a"
POSITIVE, NEGATIVE = "#0b7285", "#9c1f5a"
BLUE = "#14375e"
# for groups with no role of their own; lightness falls and rises, so that neighbours also differ
# in grey
SEQUENCE = (HIGHLIGHT, BLUE, "#d9981e", "#0b7285", FAINT, "#7a5c99")
DASHED = (0, (4, 2))

WIDTH = 8.0  # inches
DPI = 200  # of the pictures kept
MARGIN = 0.22  # inches, around the page
_TALLEST = 100.0  # inches of drawing area: beyond, a PNG could not be made
_LEADING = 1.28  # line height over type size
_WORDS = files.read_yaml(Path(__file__).with_suffix(".yml"))
_INSTALLED = {font.name for font in fontManager.ttflist}
_FONTS = ["DejaVu Sans", *(name for name in _WORDS["chinese_fonts"] if name in _INSTALLED)]
# or each picture tells, in a notebook, that a Chinese font has no bold letters
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
_MISSING = "Glyph .* missing from font"  # what matplotlib warns of
_BOXES = "A box stands for a letter that no font here can show."

_STYLE = _WORDS["style"] | {
    "font.family": _FONTS,  # the first ships with matplotlib: Latin letters are the same everywhere
    "grid.color": GRID,
    **dict.fromkeys(("text.color", "ytick.labelcolor"), INK),
    **dict.fromkeys(("axes.labelcolor", "xtick.labelcolor"), MUTED),
    **dict.fromkeys(("axes.edgecolor", "xtick.color"), CONTEXT),
}


class NothingToDraw(InputError):
    """The table has no rows to draw."""


class Page(Figure):
    """A figure that shows itself in a notebook without pyplot, hence without global state."""

    def _repr_png_(self) -> tuple[bytes, dict]:
        width = round(self.get_figwidth() * 100)
        return render(self, "png", {"Software": None}), {"width": width}


@contextmanager
def style() -> Iterator[None]:
    """Context in which matplotlib has our settings and no others; the caller's come back after."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        sns.set_theme("paper", "ticks", palette=SEQUENCE, color_codes=False, rc=_STYLE)
        yield


@checked
def figure(height: Real, *, title: str, subtitle: str, caption: str, width: Real = WIDTH) -> Page:
    """Empty page with title, subtitle and caption, wrapped to the width and aligned left.

    height, width : of the drawing area, and of the page, in inches. The page grows with the words,
        so the drawing area does not shrink. Axes added are kept between subtitle and caption,
        labels included.
    """
    if not (height > 0 and 1 <= width <= _TALLEST):
        expected = f"a height above 0, and a width from 1 to {_TALLEST:.0f} inches"
        raise InputError("size of a page", value=[height, width], expected=expected)
    blocks = [  # text, look
        (title, {"size": 15.0, "weight": "bold", "color": INK}),
        (subtitle, {"size": 10.5, "weight": "normal", "color": MUTED}),
        (caption, {"size": 8.0, "weight": "normal", "color": MUTED}),
    ]
    blocks = [(_wrap(text, look, width - 2 * MARGIN), look) for text, look in blocks]
    above, between, below = (
        (len(lines) * look["size"] * _LEADING + 4) / 72 if lines else 0 for lines, look in blocks
    )
    body, bottom = min(height, _TALLEST), MARGIN + below + 0.06
    tall = MARGIN + above + between + 0.08 + body + bottom
    page = Page(figsize=(width, tall), dpi=DPI)
    tops = (tall - MARGIN, tall - MARGIN - above, MARGIN + below)
    for (lines, look), top in zip(blocks, tops, strict=True):
        place = {"va": "top", "linespacing": _LEADING - 0.1, "in_layout": False}
        page.text(MARGIN / width, top / tall, "\n".join(lines), **place, **look)
    inner = (MARGIN / width, bottom / tall, 1 - 2 * MARGIN / width, body / tall)
    page.set_layout_engine(ConstrainedLayoutEngine(rect=inner, w_pad=0.02, h_pad=0.02))
    return page


@checked
@contextmanager
def page(height: Real, **words) -> Iterator[Axes]:
    """Context in which to draw with seaborn or matplotlib on the axes given, on a page as `figure`
    makes it; its layout is fixed at the end. Axes on which nothing was drawn say so.
    """
    with style():
        axes = figure(height, **words).subplots()
        yield axes
        if len(axes.figure.axes) == 1 and not axes.has_data():
            axes.set_axis_off()
            said = {"ha": "center", "color": MUTED, "transform": axes.transAxes}
            axes.text(0.5, 0.5, "Nothing to draw: the table has no rows.", **said)
        _lay_out(axes.figure)


def chart(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorate a drawing function: it runs in our style, and its layout is then fixed, so that the
    picture does not depend on how often it was drawn, hence on a notebook's display. Letters that
    no font here has are boxes, and the caption says so.
    """

    @functools.wraps(draw)
    def drawn(*args, **options):
        with style(), _drawable(draw.__name__, f"what help(lac.charts.{draw.__name__}) says"):
            page = draw(*args, **options)
            if _lay_out(page) or options["caption"].endswith(_BOXES):
                return page
        return drawn(*args, **options | {"caption": f"{options['caption']} {_BOXES}"})

    drawn.__doc__ = f"{draw.__doc__}\n    words : title, subtitle and caption, each a text."
    return drawn


@contextmanager
def _drawable(name: str, expected: str) -> Iterator[None]:
    """Let what matplotlib and pandas raise of values that cannot be drawn be an InputError."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, MemoryError) as e:
        said = str(e).partition("\n")[0]  # without the signature of what was called
        problem = f"{name} cannot draw this ({type(e).__name__}: {said})"
        raise InputError(problem, expected=expected) from e


def _lay_out(page: Figure) -> bool:
    """Fix the layout; whether the fonts have every letter."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", _MISSING)
        page.draw_without_rendering()
    page.set_layout_engine("none")
    for axes in page.axes:  # the last bits of the layout differ from run to run
        axes.set_position([round(edge, 5) for edge in axes.get_position(original=True).bounds])
    return not any("missing from font" in str(warning.message) for warning in caught)


def render(page: Figure, kind: str, metadata: dict) -> bytes:
    """The page as `kind`, png or svg, with `metadata` as matplotlib takes them. A PNG has 256
    colours of its own choice: a third of the size, and no shade is off by more than an eye can see.
    """
    buffer = BytesIO()
    with style(), _drawable(kind, "a page of a usual size"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", _MISSING)  # the caption says so
        page.savefig(buffer, format=kind, dpi=DPI, metadata=metadata)
    if kind != "png":
        return buffer.getvalue()
    known, small = PngInfo(), BytesIO()
    with Image.open(buffer) as image:
        for name, text in image.text.items():
            known.add_text(name, text)
        how = {"method": Image.Quantize.MAXCOVERAGE, "dither": Image.Dither.NONE}
        few = image.convert("RGB").quantize(256, **how)
        few.save(small, "PNG", pnginfo=known, dpi=(DPI, DPI))
    return small.getvalue()


def colors(groups: Iterable[str]) -> dict[str, str]:
    """Colour of each group: the first six stand out from grey."""
    groups = list(groups)
    return dict.fromkeys(groups, CONTEXT) | dict(zip(groups, SEQUENCE, strict=False))


def ink_on(color) -> str:
    """Black or white, whichever is read more easily on a colour."""
    return INK if relative_luminance(color) > 0.22 else PAPER


def readable(color: str) -> str:
    """The colour, darkened until small text in it can be read on white (WCAG 2.2: contrast 4.5)."""
    while relative_luminance(color) > 1.05 / 4.5 - 0.05:
        color = to_hex([0.95 * part for part in to_rgb(color)])
    return color


def _wrap(text: str, look: dict, room: float) -> list[str]:
    """Lines of at most `room` inches: the most letters a line with which every line fits."""
    font = FontProperties(family=_FONTS, size=look["size"], weight=look["weight"])

    @functools.cache
    def inches(line: str) -> float:
        return text_to_path.get_text_width_height_descent(line, font, False)[0] / 72

    lines = []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _MISSING)
        for paragraph in filter(None, text.split("\n")):
            letters = int(len(paragraph) * min(1, 1.2 * room / max(inches(paragraph), 0.1)))
            while any(inches(line) > room for line in textwrap.wrap(paragraph, letters + 1)):
                letters -= 1
            lines += textwrap.wrap(paragraph, letters + 1)
    return lines
