"""Keep a figure: PNG, SVG and the numbers drawn, with alt text and provenance inside the pictures."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from lac_analysis import files
from lac_analysis.charts import renderers, theme
from lac_analysis.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_CONTROL = re.compile(
    r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # what XML 1.0 cannot hold
# matplotlib's names are hashes of positions to the last bit, and the last bits of a layout are not
# the same every time
_ID = re.compile(r'((?:\bid="|#)[a-zA-Z])([0-9a-f]{10})(?=["\)])')
_SVG = "{http://www.w3.org/2000/svg}"


def save_figure(
    fig: Figure, folder: Path, name: str, *, data: pd.DataFrame, alt: str, provenance: dict
) -> list[Path]:
    """Write `name`.png, `name`.svg and `name`.csv to `folder`, atomically; the same input gives the
    same bytes.

    Parameters
    ----------
    name : letters, digits, `-` and `_`.
    data : the numbers drawn.
    alt : what the picture shows, for those who cannot see it.
    provenance : what made it (claim, parameters, input hash, code hash); anything JSON can hold.

    Returns the three paths. Raises InputError for a name that is no plain file name, a blank `alt`
    or a
    `provenance` that JSON cannot hold.
    """
    if not _NAME.fullmatch(name):
        raise InputError("not a figure name", value=name, expected="letters, digits, - and _")
    alt = " ".join(_CONTROL.sub(" ", alt).split())
    if not alt:
        raise InputError(f"figure {name} has no alt text", expected="a sentence on what it shows")
    try:
        origin = json.dumps(provenance, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"provenance of figure {name} cannot be written as JSON: {error}"
        ) from None

    # both pictures are made before the first file is written
    png = theme.png(fig, {"Title": name, "Description": alt, "Provenance": origin})
    svg = _svg(fig, name, alt, origin)
    folder = Path(folder)
    return [
        files.write_bytes(folder / f"{name}.png", png),
        files.write_text(folder / f"{name}.svg", svg),
        files.write_csv(folder / f"{name}.csv", data),
    ]


def read_provenance(path: Path) -> dict:
    """What made the picture, from the PNG or SVG itself. InputError if the file holds no
    provenance.
    """
    return _kept(path)[1]


def read_alt(path: Path) -> str:
    """Alt text of a PNG or SVG made by `save_figure`. InputError if the file holds none."""
    return _kept(path)[0]


def _svg(fig: Figure, name: str, alt: str, origin: str) -> str:
    with theme.style():
        svg = renderers.svg(
            fig, image_dpi=theme.DPI, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    words = (
        f' role="img" aria-labelledby="{name}-title {name}-desc">\n <title id="{name}-title">{name}</title>\n'
        f' <desc id="{name}-desc">{escape(alt)}</desc>\n <metadata id="provenance">{escape(origin)}</metadata>\n'
    )
    numbers: dict[str, int] = {}
    drawn = _ID.sub(lambda found: f"{found[1]}{numbers.setdefault(found[2], len(numbers))}", svg)
    start, opening, rest = re.split(r"(<svg [^>]*)>\n?", drawn, maxsplit=1)
    return start + opening + words + rest


def _kept(path: Path) -> tuple[str, dict]:
    path = Path(path)
    try:
        if path.suffix == ".svg":
            root = ElementTree.parse(path).getroot()
            alt, origin = (
                root.find(f"{_SVG}desc").text,
                root.find(f"{_SVG}metadata[@id='provenance']").text,
            )
        else:
            with Image.open(path) as image:
                alt, origin = image.text["Description"], image.text["Provenance"]
        return alt, json.loads(origin)
    except (OSError, ElementTree.ParseError, AttributeError, KeyError, ValueError) as error:
        raise InputError(
            "no provenance inside", file=path, expected="a PNG or SVG made by save_figure"
        ) from error
