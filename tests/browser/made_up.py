"""What the tests of the site show: a project whose findings are made up, and records that mean
harm.
"""

import base64
import math
from pathlib import Path

import pandas as pd

from lac_analysis import charts, files
from lac_analysis.batch import notebook as notebooks
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.tables import Tables

HOSTILE = {
    "description": "<script>window.attacked = 1</script><img src=x onerror='window.attacked = 2'>",
    "china_actor_text": '=HYPERLINK("http://example.org";"click")',
    "lac_place_text": "</script><script>window.attacked = 3</script>",
    "sources": "javascript:window.attacked=4; https://example.org/\"onmouseover='window.attacked=4'",
}


def hostile(tables: Tables) -> Tables:
    """The tables with three latest engagements that would do harm if their text were not text."""
    table = tables.engagements.copy()
    latest = table.nlargest(3, "date_start").index
    for column, text in HOSTILE.items():
        table.loc[latest, column] = text
    table.loc[latest, ["admin1", "municipality"]] = None
    return tables.replace(engagements=table)


def project(root: Path) -> Path:
    """Write a folder as `lac reproduce` leaves it, with findings, pictures and outputs made up for
    the test.
    """
    for notebook in notebooks.every():
        run = root / "runs" / notebook.stem
        picture = _picture(f"What notebook {notebook.stem} shows")
        picture.save(run)
        if notebook.stem in {plan.notebook for plan in plans.load().values()}:
            _picture(f"Specifications of {notebook.stem}", "specifications").save(run)
            (run / "specifications.csv").write_text("estimate\n" + "1.5\n" * 40_000)
        if notebook.stem == "90_specification_curve":
            _picture("The curve of claim 8", "authority").save(run)
        content = notebooks.read(notebook)
        harm = HOSTILE["description"]
        code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        shown, metadata = picture._repr_mimebundle_()
        image = base64.b64encode(shown["image/png"]).decode()
        code[-1]["outputs"] = [
            {"output_type": "display_data", "data": {"image/png": image}, "metadata": metadata},
            {"output_type": "display_data", "data": {"image/png": image}, "metadata": {}},
            {"output_type": "display_data", "data": {"text/html": f"<table><tr><td>{harm}</td></tr></table>"}},
            {"output_type": "stream", "name": "stdout", "text": [harm]},
        ]  # fmt: skip
        files.write_json(run / notebook.name, content)
        finding = {"claim": notebook.stem, "input_hash": "a" * 64, "code_hash": "b" * 64}
        files.write_json(run / "finding.json", finding)
        versions = {"numpy": "2"}
        files.write_json(
            run / "manifest.json",
            {"parameters": {}, "versions": versions, "started": "2026-11-25T00:00:00Z"},
        )
    counts = {"records": 1467, "local_engagements": 958}
    files.write_json(
        root / "runs" / "00_data" / "finding.json",
        {"claim": "data", "input_hash": "a" * 64, **counts},
    )
    findings = {
        window: {name: _finding(plan, years).to_dict() for name, plan in plans.load().items()}
        for window, years in (("report", (2000, 2020)), ("out_of_sample", (2021, 2025)))
    }
    files.write_json(
        root / "runs" / "99_verdicts" / "finding.json", {"input_hash": "a" * 64, **findings}
    )
    return root


def _picture(title: str, name: str = "verdicts") -> Picture:
    table = pd.DataFrame({"country": ["Perú", "Chile"], "records": [41, 86]})
    words = {"title": title, "subtitle": "Made up for a test", "caption": "n = 2"}
    return Picture(
        name,
        charts.dot_plot(table, "country", "records", **words),
        table,
        f"{title}.",
        {"claim": "test"},
    )


def _finding(plan, window) -> Finding:
    if plan.id == "platforms":
        return Finding(
            None, None, None, "", None, "", None, 0, 0, 0, claim=plan.id, unit=plan.unit, window=window,
            sesoi=plan.sesoi, not_testable="a datum is missing", verdict="not testable",
            reasons=("a datum is missing",),
        )  # fmt: skip
    return Finding(
        1.5, 1.1, math.inf, "exact", 0.01, "exact test", 1.0, 33, 10, 1234, claim=plan.id, unit=plan.unit,
        window=window, sesoi=plan.sesoi, sign_share=0.9, n_specifications=12, holm_p=0.1,
        secondary=(Result("another <b>test</b>", 2.0, 1.0, 3.0, 0.2, "ratio", 12, "a note"),),
        verdict="partly supported", reasons=("Holm p = 0.1, not below 0.05",),
    )  # fmt: skip
