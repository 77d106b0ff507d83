"""The pages: the verdicts, every notebook as it was executed, the engagements, the words."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import jinja2
import nbformat
import pandas as pd
from nbconvert import HTMLExporter
from nbconvert.preprocessors.sanitize import SanitizeHTML
from traitlets.config import Config

from lac_analysis import config, files
from lac_analysis.batch import cache, parameters
from lac_analysis.charts import read_alt
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.plan import load
from lac_analysis.errors import InputError

VERDICTS = "99_verdicts"
_DOCUMENTS = ("glossary", "version_1")  # of docs/, where there is one
_NAVIGATION = {
    "index.html": "Findings",
    "11_atlas.html": "Atlas",
    "data.html": "Engagements",
    "glossary.html": "Words",
}
_TAGS = (
    "a", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "h1", "h2",
    "h3", "h4", "i", "li", "ol", "p", "pre", "span", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
)  # fmt: skip
_ATTRIBUTES = (
    {"*": ["class"], "a": ["href"]}
    | {cell: ["class", "colspan", "rowspan", "scope"] for cell in ("td", "th")}
    | {heading: ["id"] for heading in ("h1", "h2", "h3", "h4")}
)
_ANCHOR = re.compile('<a class="anchor-link"[^>]*>.*?</a>')
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """One run of a notebook.

    Attributes
    ----------
    name : of the notebook, such as 08_authority.
    title : its first heading.
    folder : of the run.
    notebook : as executed.
    finding, manifest : that the run left.
    """

    name: str
    title: str
    folder: Path
    notebook: nbformat.NotebookNode
    finding: dict
    manifest: dict


def runs(folder: Path) -> dict[str, Run]:
    """The runs of the suite by notebook. Raises InputError where the verdicts were not run yet."""
    found = {}
    for source in parameters.every():
        run = folder / source.stem
        if (run / source.name).is_file() and (run / files.FINDING).is_file():
            parameters.read(run / source.name)  # which tells what is no notebook
            notebook = nbformat.read(run / source.name, as_version=4)
            title = notebook.cells[0].source.partition("\n")[0].lstrip("# ")
            record = cache.finding(run), cache.read(run)
            found[source.stem] = Run(source.stem, title, run, notebook, *record)
    if VERDICTS not in found:
        problem = "there is nothing to report: the verdicts were not run yet"
        raise InputError(problem, file=folder, expected="run `lac reproduce` first")
    return found


def render(runs: dict[str, Run], rows: pd.DataFrame, made_of: dict) -> dict[str, bytes]:
    """Every page and picture of the site: path -> content.

    rows : the engagements (see engagements.rows).   made_of : hashes and versions.
    """
    report, later = (
        {claim: Finding.from_dict(content) for claim, content in found.items()}
        for found in (runs[VERDICTS].finding[window] for window in ("report", "out_of_sample"))
    )
    documents = {
        name: config.ROOT / "docs" / f"{name}.md"
        for name in _DOCUMENTS
        if (config.ROOT / "docs" / f"{name}.md").is_file()
    }
    known = {f"{name}.html" for name in (*runs, *documents)} | {"index.html", "data.html"}
    links = {name: words for name, words in _NAVIGATION.items() if name in known}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = show
    claims = {plan.notebook: plan for plan in load().values()}
    environment.globals |= {"claims": claims, "runs": runs, "report": report, "later": later}
    environment.globals |= {"navigation": links, "made_of": made_of}
    made: dict[str, bytes] = {}

    def page(name: str, template: str, title: str, **given) -> None:
        text = environment.get_template(template).render(page=name, title=title, **given)
        made[name] = text.encode("utf-8")

    made["figures/verdicts.png"] = (runs[VERDICTS].folder / "verdicts.png").read_bytes()
    alt = read_alt(runs[VERDICTS].folder / "verdicts.png")
    counts = runs["00_data"].finding if "00_data" in runs else {}
    missing = [path.stem for path in parameters.every() if path.stem not in runs]
    page("index.html", "index.html", "Findings", alt=alt, counts=counts, missing=missing)
    for name, run in runs.items():
        text, pictures = body(run.notebook, name, known)
        made |= pictures
        page(f"{name}.html", "notebook.html", run.title, body=text, claim=claims.get(name))
    for name, path in documents.items():
        cell = nbformat.v4.new_markdown_cell(path.read_text(encoding="utf-8"), id=name)
        text, _ = body(nbformat.v4.new_notebook(cells=[cell]), name, known)
        title = cell.source.partition("\n")[0].lstrip("# ")
        page(f"{name}.html", "notebook.html", title, body=text, claim=None)
    choices = {
        name: sorted(set(rows[name]) - {""}) for name in ("country", "kind", "actor_kind", "level")
    }
    page("data.html", "data.html", "Engagements", total=len(rows), choices=choices)
    return made


def body(notebook: nbformat.NotebookNode, name: str, known: set[str]) -> tuple[str, dict]:
    """A notebook as HTML without head, and its pictures: path -> content. Text is data: what is no
    table or prose is taken out.
    """
    settings = Config(
        ExtractOutputPreprocessor={"enabled": True},
        TagRemovePreprocessor={"enabled": True, "remove_cell_tags": {"injected-parameters"}},
    )
    exporter = HTMLExporter(
        config=settings,
        template_name="basic",
        sanitize_html=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("clean_html", _safe)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if "image/png" in output.get("data", {}):
            shown = output.setdefault("metadata", nbformat.NotebookNode()).setdefault(
                "image/png", {}
            )
            shown["alt"] = shown.get("alt") or "Picture drawn by the code above"
    where = {"unique_key": name, "output_files_dir": "figures"}
    text, resources = exporter.from_notebook_node(notebook, resources=where)
    text = _ANCHOR.sub("", text)  # which would give each heading an empty link to itself
    text = re.sub(r'(?<= href=")[^"]*', lambda link: _link(link[0], known), text)
    text = re.sub(r'(?<=<h[1-4] id=")[^"]*', lambda name: _slug(name[0]), text)
    # what scrolls sideways is reached by keyboard
    region = '<div tabindex="0" role="region" aria-label="Output" class="output_html'
    text = text.replace('<div class="output_html', region).replace("<pre>", '<pre tabindex="0">')
    return text, resources["outputs"]


def _safe(text: str) -> str:
    """HTML reduced to tables and prose: no script, style, handler or image, links by http only."""
    cleaner = SanitizeHTML(tags=list(_TAGS), attributes=_ATTRIBUTES, strip=True)
    return cleaner.sanitize_html_tags(_STYLE.sub("", str(text)))


def _link(target: str, known: set[str]) -> str:
    """A link to the web, to a page of the site or within a page; of any other file, to the first
    page.
    """
    if target.startswith(("http://", "https://")):
        return target
    file, sign, part = target.partition("#")
    page = f"{Path(file).stem}.html" if file else ""
    return f"{page if not file or page in known else 'index.html'}{sign}{_slug(part)}"


def _slug(heading: str) -> str:
    """The name of a heading in a link, as GitHub makes it."""
    return re.sub(r"[^\w-]", "", unquote(heading).lower().replace(" ", "-"))
