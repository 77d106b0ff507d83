"""Markdown to HTML without scripts: raw HTML is escaped, formulas become inline SVG, links keep to
http and files.
"""

import html
import re

from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors.sanitize import SanitizeHTML

_SIZE = 12.0  # units a letter's size in the drawing
_COMMANDS = {
    Path.MOVETO: "M",
    Path.LINETO: "L",
    Path.CURVE3: "Q",
    Path.CURVE4: "C",
    Path.CLOSEPOLY: "Z",
}
_SYNONYMS = {
    r"\text": r"\mathrm",
    r"\frac": r"\dfrac",
    r"\ge": r"\geq",
    r"\le": r"\leq",
    r"\bigl": "",
    r"\bigr": "",
}
_SYNONYM = re.compile("|".join(rf"{re.escape(name)}(?![a-z])" for name in _SYNONYMS))
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
_PAGES = {
    "methods.md": "methods.html",
    "codebook.md": "codebook.html",
    "../README.md": "index.html",
}
_TAGS = (
    "a", "b", "br", "caption", "code", "details", "div", "em", "h3", "h4", "i", "li", "ol", "p", "pre", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
)  # fmt: skip
_ATTRIBUTES = {"td": ["colspan", "rowspan"], "th": ["colspan", "rowspan", "scope"]}


class _Renderer(IPythonRenderer):
    def inline_math(self, body: str) -> str:
        return formula(body)

    def block_math(self, body: str) -> str:
        return f'<p class="formula">{formula(body)}</p>'

    def heading(self, text: str, level: int, **attributes) -> str:
        slug = re.sub(
            r"[^a-z0-9]+", "-", html.unescape(re.sub(r"<[^>]+>", "", text)).lower()
        ).strip("-")
        return f'<h{level} id="{slug}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link within the page, to a document that has a page here, or to the web; of any other
        the text.
        """
        name, sign, part = url.partition("#")
        if name in _PAGES:
            url = f"{_PAGES[name]}{sign}{part}"
        elif name and not url.startswith(("http://", "https://")):
            return text
        return f'<a href="{html.escape(url)}">{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return html.escape(text)  # a picture from elsewhere would be a request

    def table(self, text: str) -> str:
        return scrollable(f"<table>{text}</table>", "Table")


def to_html(text: str) -> str:
    """HTML of a Markdown text that need not be trusted."""
    renderer = _Renderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer).render(text)


def safe(text: str) -> str:
    """HTML of a notebook's output, reduced to tables and plain text: no script, style, handler,
    address or image.
    """
    cleaner = SanitizeHTML(tags=list(_TAGS), attributes=_ATTRIBUTES, strip=True)
    return cleaner.sanitize_html_tags(_STYLE.sub("", text))


def scrollable(inner: str, label: str) -> str:
    """A block that scrolls sideways on a narrow screen, also by keyboard."""
    return f'<div class="wide" role="region" aria-label="{html.escape(label)}" tabindex="0">{inner}</div>'


def formula(tex: str) -> str:
    """A formula as inline SVG in the colour of the text, with its TeX as name; as code where it
    cannot be drawn.

    Drawn by matplotlib's mathtext, which knows a large part of TeX's mathematics.
    """
    tex = " ".join(tex.split())
    name = html.escape(tex, quote=True)
    known = _SYNONYM.sub(lambda match: _SYNONYMS[match[0]], tex)
    try:
        drawn = TextPath(
            (0, 0), f"${known}$", size=_SIZE, prop=FontProperties(family="DejaVu Sans")
        )
    except (ValueError, RuntimeError):
        return f"<code>{name}</code>"
    box = drawn.get_extents()
    parts = []
    for points, code in drawn.iter_segments(simplify=False):
        numbers = (points.reshape(-1, 2) * [1, -1]).ravel() if code != Path.CLOSEPOLY else ()
        parts.append(_COMMANDS[code] + " ".join(f"{number:.2f}" for number in numbers))
    top, bottom = box.y1 + 0.5, min(box.y0, 0) - 0.5
    width, height = (box.x1 + 1) / _SIZE, (top - bottom) / _SIZE
    return (
        f'<svg class="math" role="img" aria-label="{name}" viewBox="0 {-top:.2f} {box.x1 + 1:.2f} {top - bottom:.2f}" '
        f'style="width:{width:.2f}em;height:{height:.2f}em;vertical-align:{bottom / _SIZE:.2f}em">'
        f'<path d="{"".join(parts)}"/></svg>'
    )
