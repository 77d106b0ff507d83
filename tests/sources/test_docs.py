"""The commands that docs/own_data.md shows do what it shows, and its numbers are what comes out."""

import re

import pytest

from lac_analysis import claims, cli, config, tables
from lac_analysis.claims import plan
from lac_analysis.claims.finding import show
from lac_analysis.sources import adapters, imported

PAGE = (config.ROOT / "docs" / "own_data.md").read_text(encoding="utf-8")
STEPS = [
    block.splitlines() for block in re.findall(r"```console\n\$ lac (.*?)\n```", PAGE, re.DOTALL)
]
QUICK = ("import", "check")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def does_what_it_shows(step, capsys):
    command, *shown = step
    arguments = command.replace("docs/examples", str(config.ROOT / "docs" / "examples")).split()
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in shown if line not in said] == []


def test_the_quick_steps_of_the_example(folder, capsys):
    steps = [step for step in STEPS if step[0].split()[0] in QUICK]
    assert len(steps) == 2
    for step in steps:
        does_what_it_shows(step, capsys)


@pytest.mark.slow
def test_the_whole_example(folder, capsys):
    assert [step[0].split()[0] for step in STEPS] == ["import", "check", "run", "compare"]
    for step in STEPS:
        does_what_it_shows(step, capsys)
    assert {path.name for path in (folder / "comparison").iterdir()} >= {
        "coverage.csv", "overlap.csv", "matches.csv", "estimates.csv", "countries.png", "years.svg", "claims.png",
    }  # fmt: skip


def rows_of(name, path):
    """Rows of the table of AidData's projects: each claim on a table of records, 2000 to 2017."""
    data = tables.load(path)
    for claim in ("growth", "reach", "authority"):
        planned = plan.load()[claim]
        exposures = ["population", "none", "admin1"] if claim == "authority" else [None]
        for exposure in exposures:
            options = {"exposure": exposure} if exposure else {}
            finding = claims.test(
                claim, data, planned.selection(collection="all", window_end=2017), **options
            )
            what = claim + (f", exposure {exposure}" if exposure else "")
            yield (f"| {name} | {what} | {finding.n_engagements} | {show(finding.estimate)} | {show(finding.low)} to "
                   f"{show(finding.high)} | {finding.verdict} |")  # fmt: skip


@pytest.mark.slow
def test_the_table_of_aiddata_projects(external, tmp_path):
    projects, locations = (
        external("aiddata_gcdf_v2_geocoded.csv"),
        external("aiddata_gcdf_v3_adm1_locations.csv"),
    )
    for name, found in (("2.0", adapters.convert("gcdf", projects)),
                        ("3.0 with 2.0", adapters.convert("gcdf", locations, projects))):  # fmt: skip
        imported.write(found, tmp_path / "t.csv")
        for row in rows_of(name, tmp_path / "t.csv"):
            assert row in PAGE
