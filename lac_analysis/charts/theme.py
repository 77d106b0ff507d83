"""The look of every figure: palette, type, and a page with its title, subtitle and caption laid
out.
"""

import functools
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image
from PIL.PngImagePlugin import PngInfo, putchunk
from scipy.spatial.distance import cdist

from lac_analysis.charts import renderers
from lac_analysis.errors import InputError

INK, MUTED, CONTEXT, FAINT, GRID, PAPER = (
    "#1d2730",
    "#56626c",
    "#8b97a0",
    "#c3cacf",
    "#e3e7ea",
    "#ffffff",
)
HIGHLIGHT = "#b8430a"
POSITIVE, NEGATIVE = "#0b7285", "#9c1f5a"
TIERS = {"state": "#14375e", "company": "#d9981e", "local": HIGHLIGHT}
# for groups with no role of their own; lightness falls and rises, so that neighbours differ in grey
# too
SEQUENCE = (HIGHLIGHT, "#14375e", "#d9981e", "#0b7285", FAINT, "#7a5c99")

WIDTH = 8.0  # inches
DPI = 200  # of the pictures kept
MARGIN = 0.22  # inches, around the page
_TITLE, _SUBTITLE, _CAPTION = 15.0, 10.5, 8.0  # points
_LEADING = 1.28  # line height over type size
_WORD = re.compile(r"(?:\S|\u00a0)+")  # a line is not broken at a no-break space
_HEADER = 33  # bytes of a PNG before the place of its words

_STYLE = {
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same on each machine
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "text.hinting": "none",
    "axes.edgecolor": CONTEXT,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.8,
    "axes.titley": 1.0,  # where it would be put anyway, after a search of what lies below
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": CONTEXT,
    "ytick.color": CONTEXT,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "ytick.major.size": 0.0,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "path",  # letters as outlines: no font needed to see what we saw
    "svg.hashsalt": "lac_analysis",
}


class _Page(Figure):
    """A figure that shows itself in a notebook without pyplot, hence without global state."""

    picture: bytes | None = (
        None  # the last `png`, without words, as long as nobody changed or drew the page
    )

    def draw(self, renderer) -> None:
        self.picture = None
        super().draw(renderer)

    def _repr_png_(self) -> tuple[bytes, dict]:
        return png(self, {}), {"width": round(self.get_figwidth() * 100)}


def style() -> AbstractContextManager:
    """Context in which matplotlib has our settings and no others; the caller's come back
    afterwards.
    """
    return matplotlib.style.context(_STYLE, after_reset=True)


def figure(
    title: str, subtitle: str, caption: str, *, size: tuple[float, float] = (WIDTH, 4.2)
) -> Figure:
    """Empty page with title, subtitle and caption, wrapped to the width and aligned left.

    Parameters
    ----------
    size : width of the page and height of the drawing area, in inches. The page grows with the
        words, so the
        drawing area does not shrink.

    Axes added to the page are kept between subtitle and caption, labels included.
    """
    width, body = size
    page = _Page(figsize=(width, 1.0), dpi=DPI)
    renderers.Canvas(page)
    header = [(title, _TITLE, "bold", INK), (subtitle, _SUBTITLE, "normal", MUTED)]
    blocks = [
        (*block, _wrap(block, width)) for block in (*header, (caption, _CAPTION, "normal", MUTED))
    ]
    heights = [
        (len(lines) * points * _LEADING + 4) / 72 if lines else 0.0
        for _, points, _, _, lines in blocks
    ]
    top, bottom = MARGIN + heights[0] + heights[1] + 0.08, MARGIN + heights[2] + 0.06
    height = top + body + bottom
    page.set_size_inches(width, height)

    starts = (height - MARGIN, height - MARGIN - heights[0], MARGIN + heights[2])
    for (_, points, weight, color, lines), start in zip(blocks, starts, strict=True):
        text = page.text(
            MARGIN / width,
            start / height,
            "\n".join(lines),
            size=points,
            weight=weight,
            color=color,
        )
        text.set(va="top", ha="left", linespacing=_LEADING - 0.1, in_layout=False)
    inner = (MARGIN / width, bottom / height, 1 - 2 * MARGIN / width, body / height)
    page.set_layout_engine(ConstrainedLayoutEngine(rect=inner, w_pad=0.02, h_pad=0.02))
    return page


def chart(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorate a drawing function: it runs in our style, and its layout is then fixed.

    A fixed layout makes the picture independent of how often it was drawn, hence of a notebook's
    display.
    Raises InputError for a text the page cannot show.
    """

    @functools.wraps(draw)
    def drawn(*args, **kwargs):
        with style(), _faultless():
            page = draw(*args, **kwargs)
            _lay_out(page)
        return page

    return drawn


def _lay_out(page: Figure) -> None:
    axes = page.axes
    for axis in (axis for ax in axes for axis in (ax.xaxis, ax.yaxis) if not axis.label.get_text()):
        axis.set_label_coords(
            0, 0
        )  # or a place beyond all ticks is looked for, again and again, for no words
    if axes:
        page.get_layout_engine().execute(page)
    page.set_layout_engine("none")
    for (
        ax
    ) in axes:  # the layout's last bits differ from run to run, and with them a pixel now and then
        ax.set_position([round(edge, 5) for edge in ax.get_position(original=True).bounds])


@contextmanager
def _faultless() -> Iterator[None]:
    """What matplotlib warns of, a missing letter or labels that leave no room, is an InputError."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        try:
            yield
        except UserWarning as warning:
            expected = "shorter labels, in Latin letters"
            raise InputError(f"the figure cannot be drawn: {warning}", expected=expected) from None


def png(page: Figure, metadata: dict) -> bytes:
    """The page as PNG at `DPI` in 256 colours (a third of the size), with text `metadata`, no date
    and no program.
    """
    picture = None if page.stale else getattr(page, "picture", None)
    if picture is None:
        buffer = BytesIO()
        with style(), _faultless():
            image = _in_256_colours(renderers.raster(page, DPI))
        image.save(
            buffer, "png", dpi=(DPI, DPI), compress_level=4
        )  # a third less work, 6 % more bytes
        picture = buffer.getvalue()
        if isinstance(page, _Page):  # showing and saving it need one drawing
            page.picture, page.stale = picture, False
    words = PngInfo()
    for name, text in metadata.items():
        words.add_itxt(name, text)
    chunks = BytesIO()
    for kind, data, *_ in words.chunks:
        putchunk(chunks, kind, data)
    return picture[:_HEADER] + chunks.getvalue() + picture[_HEADER:]


def _in_256_colours(raster: np.ndarray) -> Image.Image:
    """The commonest half of the palette is exact, so that areas keep their colour; the other half
    stands for the blends
    at edges. raster : (height, width, 4) RGBA, opaque."""
    pixels = raster.view(np.uint32).ravel()
    starts = np.append(
        0, np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    )  # of runs of one colour: most is paper
    lengths = np.diff(starts, append=len(pixels))
    code, found = pd.factorize(pixels[starts])
    order = np.argsort(-np.bincount(code, lengths), kind="stable")
    colours = found.view(np.uint8).reshape(-1, 4)[:, :3]
    exact, blends = colours[order[:128]], colours[order[128:]]
    if len(blends):
        image = Image.fromarray(blends[None]).quantize(128, method=Image.Quantize.MAXCOVERAGE)
        exact = np.vstack([exact, np.reshape(image.getpalette(), (-1, 3))])
    nearest = cdist(colours, exact, "sqeuclidean").argmin(axis=1).astype(np.uint8)
    image = Image.fromarray(np.repeat(nearest[code], lengths).reshape(raster.shape[:2]))
    image.putpalette(exact.astype(np.uint8).tobytes())
    return image


def colors(groups: Iterable[str], highlight: Iterable[str] = ()) -> dict[str, str]:
    """Colour of each group: tiers have their own; else the highlighted stand out from grey; else a
    short sequence.
    """
    groups, highlight = list(groups), list(highlight)
    unknown = set(highlight) - set(groups)
    if unknown:
        raise InputError(
            "no such group to highlight", value=min(unknown), expected=", ".join(groups)
        )
    if set(groups) <= set(TIERS):
        return {group: TIERS[group] for group in groups}
    named = highlight or groups
    if len(named) > len(SEQUENCE):
        raise InputError(
            "too many groups to tell apart by colour", value=len(named), expected="highlight a few"
        )
    return dict.fromkeys(groups, CONTEXT) | dict(zip(named, SEQUENCE, strict=False))


def contrast(color: str, other: str = PAPER) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(color), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(color: str) -> str:
    """The colour, darkened until small text in it can be read on white (contrast 4.5)."""
    while contrast(color) < 4.5:
        color = to_hex([0.95 * part for part in to_rgb(color)])
    return color


def _luminance(color: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(color)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _wrap(block: tuple, width: float) -> list[str]:
    text, points, weight, _ = block
    font = FontProperties(family=_STYLE["font.family"], size=points, weight=weight)
    room = (width - 2 * MARGIN) * 72

    @functools.cache
    def about(word: str) -> float:
        return renderers.size(word, font)[0]

    space = about("n n") - about("nn")

    def fits(line: str) -> bool:
        words = _WORD.findall(line)
        estimate = sum(map(about, words)) + space * (
            len(words) - 1
        )  # but for what letters do to their neighbours
        if abs(estimate - room) > 0.03 * room:
            return estimate < room
        return about(line) <= room

    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _WORD.findall(paragraph):
            joined = f"{line} {word}".strip()
            if fits(joined):
                line = joined
                continue
            lines += [line] if line else []
            while not fits(word):  # a long address: cut it where the line is full
                cut = next(i for i in range(len(word), 0, -1) if fits(word[:i]))
                lines, word = [*lines, word[:cut]], word[cut:]
            line = word
        lines += [line] if line else []
    return lines
