"""Our renderers against matplotlib's own, which ask the font for every letter at every drawing."""

from io import StringIO

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG

from lac_analysis.charts import renderers, theme

WORDS = [
    "Twinning – Córdoba",
    "São Paulo, 1.5 to 27 %",
    "two\n\nlines, one empty",
    " ",
    "$5 and μ",
    "Fi fi ffl –––",
]


@pytest.fixture
def page():
    with theme.style():
        page = theme.figure("A title – of a page", "What it shows, and where", "Source: none.")
        for i, words in enumerate(WORDS * 3):
            weight = ("normal", "bold")[i % 2]
            page.text(
                0.1 + 0.0317 * i,
                0.2 + 0.0371 * i,
                words,
                rotation=(0, 90, 33)[i % 3],
                weight=weight,
                size=7 + i,
            )
        yield page


def test_the_svg_is_matplotlibs_own(page):
    ours, file = renderers.svg(page, image_dpi=200, metadata={"Date": None}), StringIO()
    page.dpi = 72
    theirs = RendererSVG(
        page.bbox.width, page.bbox.height, file, image_dpi=200, metadata={"Date": None}
    )
    page.draw(theirs)
    theirs.finalize()
    assert ours == file.getvalue()
    page.dpi = 200
    assert (
        renderers.svg(page, image_dpi=200, metadata={"Date": None}) == ours
    )  # and again, from what was kept


def test_the_letters_of_the_raster_look_like_matplotlibs_own(page):
    theirs = RendererAgg(*page.canvas.get_width_height(), 200)
    page.draw(theirs)
    change = renderers.raster(page, 200).astype(int) - np.asarray(theirs.buffer_rgba())
    ink = (np.asarray(theirs.buffer_rgba())[..., :3] < 250).any(axis=2).sum()
    assert ink > 20_000 and (abs(change) > 100).any(axis=2).sum() < 0.02 * ink
    assert abs(change[..., :3].sum()) < 0.01 * ink * 3 * 255  # neither bolder nor lighter


def test_a_dash_is_as_thick_wherever_it_stands():
    with theme.style():
        page = theme.figure("", "", "", size=(4, 4))
        for i in range(40):
            page.text(0.02 + i * 0.0241, 0.05 + i * 0.0233, "–", size=9)
        drawn = renderers.raster(page, 200)[..., :3]
    rows = 255 * 3 - drawn.sum(axis=2, dtype=int)
    first = np.flatnonzero(rows.any(axis=0))
    dashes = np.split(first, np.flatnonzero(np.diff(first) > 1) + 1)
    ink = np.array([rows[:, dash].sum() for dash in dashes])
    assert len(dashes) == 40 and ink.max() < 1.05 * ink.min()


@pytest.mark.parametrize("before", range(20, 60))
def test_a_line_is_not_broken_at_a_no_break_space(before):
    title = theme.figure("x " * before + "joint p\u00a0=\u00a00.67", "", "").texts[0].get_text()
    assert "p\u00a0=\u00a00.67" in title and max(map(len, title.split("\n"))) < 80
