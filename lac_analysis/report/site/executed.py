"""An executed notebook as the body of a page."""

import base64
import hashlib
import html
from dataclasses import dataclass

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from lac_analysis.report.site import markdown
from lac_analysis.report.site.material import Run, picture_alt

_LONGEST = 20_000  # characters of a text output


@dataclass(frozen=True)
class Cell:
    """Attributes: kind (prose or code), html (of the prose, or the code), outputs (parts of a code
    cell's output).
    """

    kind: str
    html: str
    outputs: tuple["Output", ...] = ()


@dataclass(frozen=True)
class Output:
    """Attributes: kind (picture, table, text or html), html; for a picture name, alt, and content
    if it is not one of
    the run's own."""

    kind: str
    html: str = ""
    name: str = ""
    alt: str = ""
    content: bytes = b""


def cells(run: Run) -> list[Cell]:
    """The notebook's cells, each ready for the page. Text of outputs is data: it is escaped or
    sanitised.
    """
    pictures = {picture.alt: picture.name for picture in run.pictures}
    found = []
    for cell in run.notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            found.append(Cell("prose", markdown.to_html(source)))
        elif cell["cell_type"] == "code" and "injected-parameters" not in cell.get(
            "metadata", {}
        ).get("tags", []):
            code = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
            outputs = (_output(output, pictures) for output in cell.get("outputs", []))
            found.append(Cell("code", code, tuple(output for output in outputs if output)))
    return found


def _output(output: dict, pictures: dict[str, str]) -> Output | None:
    if output["output_type"] == "stream":
        return _text("".join(output["text"]))
    if output["output_type"] == "error":
        return _text(f"{output.get('ename', '')}: {output.get('evalue', '')}")
    data = {
        kind: "".join(value) if isinstance(value, list) else value
        for kind, value in output["data"].items()
    }
    if "image/png" in data:
        alt = picture_alt(output)
        if alt in pictures:
            return Output("picture", name=pictures[alt], alt=alt)
        content = base64.b64decode(data["image/png"])
        return Output(
            "picture", name=hashlib.sha256(content).hexdigest()[:12], alt="", content=content
        )
    if "text/html" in data:
        inner = markdown.safe(data["text/html"])
        return Output("table" if "<table" in inner else "html", inner)
    if "text/markdown" in data:
        return Output("html", markdown.to_html(data["text/markdown"]))
    return _text(data.get("text/plain", ""))


def _text(text: str) -> Output | None:
    return Output("text", html.escape(text[:_LONGEST])) if text.strip() else None
