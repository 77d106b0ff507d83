"""A picture: a figure with its numbers, its alt text and what made it, to show and to save."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
from IPython.display import HTML
from matplotlib.figure import Figure
from PIL import Image

from lac_analysis import files
from lac_analysis.charts import theme
from lac_analysis.errors import InputError, checked

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# what XML 1.0 cannot hold
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Picture:
    """A figure and what must be kept with it.

    name : of the files: letters, digits, `-` and `_`.
    figure : the page; None where there is nothing to draw, and `alt` says why.
    data : the numbers drawn.
    alt : what it shows, for those who cannot see it.
    provenance : what made it (claim, parameters, hashes); anything JSON can hold.
    """

    name: str
    figure: Figure | None = field(repr=False)
    data: pd.DataFrame = field(repr=False)
    alt: str
    provenance: dict = field(repr=False)

    @checked
    def save(self, folder: str | Path) -> list[Path]:
        """Write PNG, SVG and CSV into `folder`, atomically. Returns the paths, none of no figure.
        InputError, when nothing is written: as `parts`, or a file that is there already.
        """
        return files.write_all(Path(folder), self.parts())

    def parts(self) -> dict[str, bytes]:
        """PNG, SVG and CSV by their names, nothing of no figure; alt text and provenance are inside
        both pictures. The same input gives the same bytes. InputError: a name that is no plain file
        name, a blank `alt`, what JSON or CSV cannot hold, a figure that cannot be drawn.
        """
        if self.figure is None:
            return {}
        if not _NAME.fullmatch(self.name):
            raise InputError("not a figure name", value=self.name, expected="letters, digits, -, _")
        alt = " ".join(_CONTROL.sub(" ", self.alt).split())
        if not alt:
            expected = "a sentence on what it shows"
            raise InputError(f"figure {self.name} has no alt text", expected=expected)
        try:
            origin = json.dumps(self.provenance, sort_keys=True, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            reason = f"provenance of figure {self.name} cannot be written as JSON: {error}"
            raise InputError(reason) from None

        words = {"Title": self.name, "Description": alt}
        png = theme.render(self.figure, "png", words | {"Provenance": origin, "Software": None})
        unsaid = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        svg = theme.render(self.figure, "svg", words | {"Source": origin} | unsaid).decode("utf-8")
        svg = svg.replace("<svg ", f'<svg role="img" aria-label={quoteattr(alt)} ', 1)
        made = (png, _CONTROL.sub(" ", svg).encode("utf-8"), files.csv_bytes(self.data))
        names = (f"{self.name}{ending}" for ending in files.PARTS)
        return dict(zip(names, made, strict=True))

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self.figure is None:
            return {"text/plain": self.alt}, {}
        png = theme.render(self.figure, "png", {"Software": None})
        shown = {"alt": self.alt, "width": round(self.figure.get_figwidth() * 100)}
        return {"image/png": png, "text/plain": self.alt}, {"image/png": shown}


Picture.__init__ = checked(Picture.__init__)


@checked
def side_by_side(*pictures) -> HTML:
    """Pictures in a row of a notebook, in as many rows as the width asks for."""
    shown = []
    for picture in pictures:
        if not isinstance(picture, Picture):
            raise InputError("not a picture", value=picture, expected="a Picture")
        if picture.figure is None:
            shown.append(f'<p style="width:48%">{escape(picture.alt)}</p>')
            continue
        png = b64encode(theme.render(picture.figure, "png", {"Software": None})).decode()
        alt = quoteattr(picture.alt)
        shown.append(f'<img style="width:48%" alt={alt} src="data:image/png;base64,{png}">')
    return HTML(f'<div style="display:flex;flex-wrap:wrap;gap:2%">{"".join(shown)}</div>')


@checked
def message(name: str, reason: str, provenance: dict) -> Picture:
    """What stands for a picture that cannot be drawn: a sentence that says why. InputError without
    one.
    """
    if not reason.strip():
        raise InputError("no reason why nothing is drawn", expected="a sentence")
    data = pd.DataFrame({"reason": [reason]})
    return Picture(name, None, data, f"No picture: {reason}.", provenance)


@checked
def read_alt(path: str | Path) -> str:
    """Alt text of a PNG that Picture.save made. InputError if the file holds none."""
    try:
        with Image.open(files.require(path)) as image:
            return image.info["Description"]
    except (OSError, KeyError, ValueError, Image.DecompressionBombError):
        raise InputError("no alt text inside", file=path, expected="a saved picture") from None
