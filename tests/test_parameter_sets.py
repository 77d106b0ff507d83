"""Every notebook, run through the batch engine as a user would, with other parameters than its own."""

import json

import pytest

from lac_analysis import claims, config
from lac_analysis.batch import jobs, parameters, suite
from lac_analysis.batch import run as runner
from lac_analysis.claims import plan

SETS = {
    "a short window": {"window_start": "2010", "window_end": "2014"},
    "protocol only, two countries dropped": {"collection": "protocol", "drop_countries": "BRA,ARG"},
}
EMPTY = {"window_start": "1970", "window_end": "1974"}
CLAIMS = plan.load()


def run(values, out):
    """Run every notebook of a claim, and that of the data. Returns each one's finding."""
    stems = ["00_data", "12_your_question", *(entry.notebook for entry in CLAIMS.values())]
    planned = jobs.plan([suite.find(stem) for stem in stems], values)
    assert runner.run_all(planned, out, workers=2) == 0
    return {
        job.notebook.stem: json.loads((out / job.name / "finding.json").read_text())
        for job in planned
    }


@pytest.mark.parametrize("values", SETS.values(), ids=SETS)
def test_every_notebook_runs_and_keeps_to_its_parameters(values, tmp_path, tables):
    findings = run(values, tmp_path)
    for name, entry in CLAIMS.items():
        finding = findings[entry.notebook]
        declared = parameters.declared(config.NOTEBOOKS / f"{entry.notebook}.ipynb")
        wanted = {
            k: sorted(v) if isinstance(v, list) else v
            for k, v in parameters.check(values, declared).items()
        }
        assert {key: finding["parameters"][key] for key in wanted} == wanted
        assert finding["verdict"] and bool(finding["not_testable"]) == (
            finding["verdict"] == "not testable"
        )
        if name in ("reach", "not_new"):  # the library says the same, in this process
            again = claims.analyse(name, tables, entry.selection().replace(**wanted))
            expected = json.loads(json.dumps(again.to_dict()))
            assert {key: finding[key] for key in expected} == expected


def test_an_empty_selection_gives_a_reason_and_no_number(tmp_path):
    findings = run(EMPTY, tmp_path)
    for entry in CLAIMS.values():
        finding = findings[entry.notebook]
        if "undated" in entry.options:  # an undated engagement may lie in any window
            continue
        assert finding["verdict"] == "not testable" and len(finding["not_testable"]) > 20
        assert finding["estimate"] is None and finding["p"] is None
    assert findings["00_data"]["in_selection"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("values", [*SETS.values(), EMPTY], ids=[*SETS, "nothing selected"])
@pytest.mark.parametrize(
    "stem",
    sorted(
        {path.stem for path in suite.every()} - {"00_data"} - {e.notebook for e in CLAIMS.values()}
    ),
)
def test_so_do_the_notebooks_that_gather(stem, values, tmp_path):
    assert runner.run_all(jobs.plan([suite.find(stem)], values), tmp_path, workers=2) == 0
