"""The pages: which there are, and what each is given."""

from pathlib import Path

import jinja2
import pandas as pd
from PIL import Image

from lac_analysis import config, files
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import say_p, show, show_p
from lac_analysis.claims.verdict import VERDICTS
from lac_analysis.records import schema
from lac_analysis.report.site import executed, markdown
from lac_analysis.report.site.material import Material, Picture, Run
from lac_analysis.report.tables import Table
from lac_analysis.tables import Tables

_HERE = Path(__file__).parent
_ROBUSTNESS = ("90_specification_curve", "91_robustness")  # runs with pictures of every claim
_NAVIGATION = (
    ("index.html", "Findings"),
    ("11_atlas.html", "Atlas"),
    ("tables.html", "Tables"),
    ("data.html", "Data"),
    ("codebook.html", "Codebook"),
    ("methods.html", "Methods"),
    ("made.html", "How it was made"),
)


def picture_path(run: str, name: str) -> str:
    """Path of a picture within the site."""
    return f"figures/{run}/{name}.png"


def numbers_path(run: str, name: str) -> str:
    """Path of the numbers drawn in a picture within the site."""
    return f"figures/{run}/{name}.csv"


def provenance(material: Material, data: Tables) -> dict:
    """What made the site: hashes of inputs and code by run, without times: the same runs, the same
    bytes.
    """
    made = {}
    for name, run in material.runs.items():
        finding, manifest = run.finding, run.manifest
        made[name] = {
            "key": manifest.get("key", ""),
            "parameters": manifest.get("parameters", {}),
            "input_hash": finding.get("input_hash", ""),
            "code_hash": finding.get("code_hash", ""),
            "notebook_hash": files.sha256(config.NOTEBOOKS / f"{name}.ipynb"),
            "executed": run.executed,
        }
    versions = next(
        (run.manifest["versions"] for run in material.runs.values() if run.manifest), {}
    )
    return {"input_hash": data.input_hash, "plan_hash": files.sha256(config.CLAIMS_FILE), "versions": versions,
            "runs": made}  # fmt: skip


def render(
    material: Material, data: Tables, rows: pd.DataFrame, typeset: list[Table]
) -> dict[str, bytes]:
    """Every page of the site, and the pictures that only notebooks hold: path -> content."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"show": show, "show_p": show_p, "say_p": say_p, "sentence": _capital}
    environment.globals |= {
        "navigation": _NAVIGATION,
        "picture_path": picture_path,
        "numbers_path": numbers_path,
        "size": _size,
        "claims": list(plans.load().values()),
        "verdicts": VERDICTS,
    }
    written: dict[str, bytes] = {}

    def page(name: str, template: str, title: str, **given) -> None:
        text = environment.get_template(template).render(
            page=name, title=title, material=material, **given
        )
        written[name] = text.encode("utf-8")

    claims = {plan.notebook: plan for plan in plans.load().values()}
    verdicts = material.runs["99_verdicts"]
    first = next(iter(material.report.values()))
    later = next(iter(material.later.values()))
    others = [run for name, run in material.runs.items() if name not in claims]
    page("index.html", "index.html", "Findings", run=verdicts, windows=(first.window, later.window), others=others,
         counts=_counts(material))  # fmt: skip
    for name, run in material.runs.items():
        cells = executed.cells(run)
        page(
            f"{name}.html", "notebook.html", run.title, run=run, cells=cells, claim=claims.get(name)
        )
        for output in (output for cell in cells for output in cell.outputs if output.content):
            written[picture_path(name, output.name)] = output.content
    robustness = [material.runs[name] for name in _ROBUSTNESS if name in material.runs]
    order = [plan for plan in claims.values() if plan.notebook in material.runs]
    for i, plan in enumerate(order):
        run = material.runs[plan.notebook]
        panel = _panel(material, run, plan.id)
        own = [picture for picture in run.pictures if (run, picture) not in panel]
        page(
            f"{plan.id}.html", "claim.html", run.title, run=run, plan=plan, finding=material.report[plan.id],
            later=material.later[plan.id], panel=panel, pictures=own, robustness=robustness, limits=_limits(run),
            before=order[i - 1] if i else None, after=order[i + 1] if i + 1 < len(order) else None,
        )  # fmt: skip
    page("tables.html", "tables.html", "Tables", tables=typeset)
    page("data.html", "data.html", "Data", total=len(rows), choices=_choices(rows))
    page("codebook.html", "codebook.html", "Codebook", tables=list(schema.tables().values()),
         processed=_document("codebook.md"))  # fmt: skip
    page("methods.html", "text.html", "Methods", body=_document("methods.md"))
    page("made.html", "made.html", "How it was made", made=provenance(material, data))
    return written


def _panel(material: Material, run: Run, claim: str) -> list[tuple[Run, Picture]]:
    """The pictures of a claim's robustness: its specifications, and those of it in the runs about
    robustness.
    """
    named = {claim, f"influence_{claim}"}
    found = [(run, picture) for picture in run.pictures if picture.name == "specifications"]
    others = (material.runs[name] for name in _ROBUSTNESS if name in material.runs)
    return found + [
        (other, picture) for other in others for picture in other.pictures if picture.name in named
    ]


def _counts(material: Material) -> dict:
    """Numbers of the data notebook, where it was run."""
    return material.runs["00_data"].finding if "00_data" in material.runs else {}


def _choices(rows: pd.DataFrame) -> dict[str, list[str]]:
    return {
        name: sorted(set(rows[name]) - {""}) for name in ("country", "kind", "actor_kind", "level")
    }


def _limits(run: Run) -> str:
    """The part of a notebook that says what its test does not show, as HTML."""
    for cell in run.notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and "What this does not show" in source:
            return markdown.to_html(
                source[source.index("What this does not show") :].partition("\n")[2]
            )
    return ""


def _document(name: str) -> str:
    return markdown.to_html(files.require(config.ROOT / "docs" / name).read_text(encoding="utf-8"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _size(picture) -> tuple[int, int]:
    """Width and height at which a picture of double density is shown."""
    with Image.open(picture.file) as image:
        return image.width // 2, image.height // 2
