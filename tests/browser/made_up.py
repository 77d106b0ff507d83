"""What the tests of the site show: a project whose findings are made up, and records that mean
harm.
"""

import base64
import math
from pathlib import Path

import pandas as pd

from lac_analysis import charts, files, manifests
from lac_analysis.batch import cache, suite
from lac_analysis.charts.picture import Picture
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.plan import load
from lac_analysis.tables import Tables

HOSTILE = {
    "description": "<script>window.attacked = 1</script><img src=x onerror='window.attacked = 2'>",
    "china_actor_text": '=HYPERLINK("http://example.org";"click")',
    "lac_place_text": "</script><script>window.attacked = 3</script>",
    "sources": "javascript:window.attacked=4; https://example.org/\"onmouseover='window.attacked=4'",
}
# of the tables of claims: two countries each
LINES = {
    "02_not_new": {
        "iso3": ["BRA", "KNA"], "first": ["1986-01-01", ""], "last": ["1986-12-31", "2007-06-30"],
    },
    "07_reach": {
        "iso3": ["BRA", "KNA"], "local engagements": [52, 1], "reached": [True, False],
        "small": [False, True], "recognition": ["Beijing throughout", "Taipei in some year"],
        "records of its queries": [97, 9],
    },
    "08_authority": {
        "iso3": ["BRA", "KNA"], "local": [33, 1], "national": [7, 3],
        "local_share": [0.825, 0.25], "label": [1.0, 0.0],
    },
}  # fmt: skip


def hostile(tables: Tables) -> Tables:
    """The tables with three latest engagements that would do harm if their text were not text."""
    table = tables.engagements.copy()
    latest = table[~table["planned"]].nlargest(3, "date_start").index
    for column, text in HOSTILE.items():
        table.loc[latest, column] = text
    table.loc[latest, ["admin1", "municipality"]] = None
    return tables.replace(engagements=table)


def project(root: Path) -> Path:
    """Write a folder of runs as `lac reproduce` leaves them, with findings and outputs made up."""
    for notebook in suite.every():
        run = root / "runs" / notebook.stem
        picture = _picture(f"What notebook {notebook.stem} shows")
        picture.save(run)
        content = suite.read(notebook)
        harm = HOSTILE["description"]
        code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        shown, metadata = picture._repr_mimebundle_()
        image = {"image/png": base64.b64encode(shown["image/png"]).decode()}
        table = f"<style>a{{}}</style><table><tr><td onclick='x()'>{harm}</td></tr></table>"
        code[-1]["outputs"] = [
            {"output_type": "display_data", "data": image, "metadata": metadata},
            {"output_type": "display_data", "data": image, "metadata": {}},
            {"output_type": "display_data", "data": {"text/html": table}, "metadata": {}},
            {"output_type": "display_data", "data": {"text/markdown": harm}, "metadata": {}},
            {"output_type": "stream", "name": "stdout", "text": [harm]},
        ]
        files.write_json(run / notebook.name, content)
        counts = {"records": 1467, "local_engagements": 958}
        if notebook.stem != "99_verdicts":
            files.write_json(run / "finding.json", {"claim": notebook.stem, **counts})
    for notebook, line in LINES.items():
        files.write_csv(root / "runs" / notebook / "countries.csv", pd.DataFrame(line))
    findings = {
        window: {name: _finding(plan, years).to_dict() for name, plan in load().items()}
        for window, years in (("report", (2000, 2020)), ("out_of_sample", (2021, 2025)))
    }
    files.write_json(root / "runs" / "99_verdicts" / "finding.json", findings)
    for run in (root / "runs").iterdir():
        outputs = {path.name: cache.sha256(path) for path in run.iterdir()}
        made_of = {"key": run.name, "versions": {"numpy": "2"}, "outputs": outputs}
        manifests.write(run / "manifest.json", made_of)
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
    named = {"claim": plan.id, "unit": plan.unit, "window": window, "sesoi": plan.sesoi}
    if plan.id == "platforms":
        missing = "a datum is missing"
        return Finding(not_testable=missing, verdict="not testable", reasons=(missing,), **named)
    return Finding(
        estimate=1.5, low=1.1, high=math.inf, p=0.01, holm_p=0.1, null_value=1.0, n_countries=33,
        n_places=10, n_engagements=1234, sign_share=0.9, n_specifications=12,
        secondary=(Result("another <b>test</b>", 2.0, 1.0, 3.0, 0.2, "ratio", 12, "a note"),),
        verdict="partly supported", reasons=("Holm p = 0.1, not below 0.05",), **named,
    )  # fmt: skip
