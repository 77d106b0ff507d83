"""An executed notebook as Markdown: what a visitor reads without installing anything."""

import re
from contextlib import suppress
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter
from nbconvert.preprocessors.sanitize import SanitizeHTML
from traitlets.config import Config

from lac_analysis import files
from lac_analysis.charts import read_alt
from lac_analysis.errors import InputError

UNNAMED = "Picture drawn by the code above"
_TAGS, _ATTRIBUTES = files.read_yaml(Path(__file__).with_suffix(".yml")).values()
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
_SPECIAL = re.compile(r"([\\\[\]<>*_`])")  # in Markdown


def markdown(run: Path) -> tuple[str, dict[str, bytes]]:
    """The executed notebook in the folder `run` as Markdown, for docs/notebooks.

    Pictures are links to figures/. Those that the run saved are there; the others come with the
    text: file name -> content. What it drew from records is data: no markup but of tables and
    prose is kept. The cell with a run's own parameters, which names a folder of the machine, and
    warnings are left out.
    """
    path = next(run.glob("*.ipynb"))
    notebook = nbformat.read(path, as_version=4)
    figures = f"../../figures/{path.stem}"
    saved = _saved(run)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            # its links as they are from docs/notebooks
            text = re.sub(r"\]\(([\w-]+)\.ipynb", r"](\1.md", cell.source)
            text = re.sub(r"\]\(\.\./(?!docs/)", "](../../", text)
            cell.source = text.replace("](../docs/", "](../")
            continue
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in (output for output in cell.outputs if "data" in output):
            alt = " ".join(output.get("metadata", {}).get("image/png", {}).get("alt", "").split())
            if alt in saved:
                said = _SPECIAL.sub(r"\\\1", alt)
                output.data = {"text/markdown": f"![{said}]({figures}/{saved[alt]})"}
            elif "text/html" in output.data:
                # one block within Markdown: no blank line and none that is indented, a row of a
                # table is a line, and no class names a style that is not there
                html = re.sub(' class="[^"]*"', "", safe(output.data["text/html"]))
                html = "\n".join(filter(None, map(str.strip, html.splitlines())))
                output.data = {"text/html": re.sub(r"\n(?=<t[dh]\b|</tr>)", "", html)}
            elif "text/markdown" in output.data:
                text = safe(output.data["text/markdown"])
                # what was \\< is an entity now, which needs no backslash
                output.data = {"text/markdown": re.sub(r"\\(?=&[lg]t;)", "", text)}
    injected = {"enabled": True, "remove_cell_tags": {"injected-parameters"}}
    exporter = MarkdownExporter(config=Config(TagRemovePreprocessor=injected))
    named = {"unique_key": path.stem, "output_files_dir": figures}
    text, resources = exporter.from_notebook_node(notebook, resources=named)
    text = re.sub(r"\n{3,}", "\n\n", text.replace("![png](", f"![{UNNAMED}](")).strip() + "\n"
    return text, {Path(name).name: made for name, made in resources["outputs"].items()}


def safe(text: str, **also: list[str]) -> str:
    """HTML reduced to tables and prose: no script, style, handler or image, links by http only.

    also : further tags, each with the attributes that it may have, or a function that tells.
    """
    cleaner = SanitizeHTML(tags=[*_TAGS, *also], attributes=_ATTRIBUTES | also, strip=True)
    return cleaner.sanitize_html_tags(_STYLE.sub("", text))


def _saved(run: Path) -> dict[str, str]:
    """The pictures that a run saved: alt text -> file name."""
    found = {}
    for path in sorted(run.glob("*.png")):
        with suppress(InputError):  # a picture that the library did not draw
            found[read_alt(path)] = path.name
    return found
