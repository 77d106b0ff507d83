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

    Attributes
    ----------
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
        """Write PNG, SVG and CSV into `folder`, atomically; alt text and provenance are inside
        both pictures. The same input gives the same bytes. Returns the paths, none of no figure.

        Raises InputError for a name that is no plain file name, a blank `alt`, or a `provenance`
        that JSON cannot hold, when nothing is written, and for a file that is there already.
        """
        if self.figure is None:
            return []
        if not _NAME.fullmatch(self.name):
            raise InputError("not a figure name", value=self.name, expected="letters, digits, -, _")
        alt = " ".join(_CONTROL.sub(" ", self.alt).split())
        if not alt:
            expected = "a sentence on what it shows"
            raise InputError(f"figure {self.name} has no alt text", expected=expected)
        try:
            origin = json.dumps(self.provenance, sort_keys=True, allow_nan=False)
        except (TypeError, ValueError) as error:
            reason = f"provenance of figure {self.name} cannot be written as JSON: {error}"
            raise InputError(reason) from None

        # both pictures are made before the first file is written
        words = {"Title": self.name, "Description": alt}
        png = theme.render(self.figure, "png", words | {"Provenance": origin, "Software": None})
        unsaid = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        svg = theme.render(self.figure, "svg", words | {"Source": origin} | unsaid).decode("utf-8")
        svg = svg.replace("<svg ", f'<svg role="img" aria-label={quoteattr(alt)} ', 1)
        folder = Path(folder)
        for ending in files.PARTS:
            files.claim_output(folder / f"{self.name}{ending}")
        return [
            files.write_bytes(folder / f"{self.name}.png", png),
            files.write_text(folder / f"{self.name}.svg", _CONTROL.sub(" ", svg)),
            files.write_csv(folder / f"{self.name}.csv", self.data),
        ]

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self.figure is None:
            return {"text/plain": self.alt}, {}
        png = theme.render(self.figure, "png", {"Software": None})
        shown = {"alt": self.alt, "width": round(self.figure.get_figwidth() * 100)}
        return {"image/png": png, "text/plain": self.alt}, {"image/png": shown}


Picture.__init__ = checked(Picture.__init__)


def side_by_side(*pictures: Picture) -> HTML:
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


def message(name: str, reason: str, provenance: dict) -> Picture:
    """What stands for a picture that cannot be drawn: a sentence that says why."""
    data = pd.DataFrame({"reason": [reason]})
    return Picture(name, None, data, f"No picture: {reason}.", provenance)


@checked
def read_alt(path: str | Path) -> str:
    """Alt text of a PNG that Picture.save made. InputError if the file holds none."""
    try:
        with Image.open(path) as image:
            return image.info["Description"]
    except (OSError, KeyError):
        raise InputError("no alt text inside", file=path, expected="a saved picture") from None
