import os
import re
from pathlib import Path

import pandas as pd
import pytest

from lac_analysis import config, files
from lac_analysis.batch import suite, sweep
from lac_analysis.errors import InputError

PARAMETERS = (
    "window_start: int = 2000  # first\nwindow_end: int = 2020  # last\ndrop: list[str] = []  # codes\n"
    "kind: str = 'a'  # one of a | b\noutput: str = ''  # folder"
)
FINDING = (
    "import json, pathlib\n"
    "if window_start == 2010 and kind == 'b': raise ValueError('no such case')\n"
    "estimate = None if kind == 'b' else (window_end - 2000) / 10\n"
    "finding = {'claim': 'c', 'unit': 'ratio', 'estimate': estimate, 'low': estimate and estimate / 2, 'high': 'inf',\n"
    "           'p': 0.2, 'null_value': 1, 'sesoi': 1.5, 'verdict': '=1+1', 'n_countries': 33, 'n_engagements': 7}\n"
    "pathlib.Path(output, 'finding.json').write_text(json.dumps(finding))"
)


@pytest.fixture
def written(write_notebook, tmp_path):
    """Write a sweep over one notebook with four parameters. Returns its path."""
    path = write_notebook("01_n", PARAMETERS, FINDING)

    def write(text):
        file = tmp_path / "mine.yml"
        file.write_text(f"notebooks: [{path}]\n{text}")
        return file

    return write


def points(file, **values):
    return [(job.values, labels) for job, labels in sweep.read(file, values).runs]


def test_the_example_of_the_docs_is_a_sweep(tmp_path):
    page = (config.ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    file = tmp_path / "example.yml"
    file.write_text(re.search(r"```yaml\n(.*?)```", page, re.DOTALL).group(1), encoding="utf-8")
    assert len(sweep.read(file, {}).runs) == 8


def test_a_grid_is_every_combination_and_zipped_lists_advance_together(written):
    file = written(
        "zip: {window_start: [2000, 2010], window_end: [2020, 2025]}\ngrid: {kind: [a, b], drop: [[], [BRA]]}"
    )
    found = points(file)
    assert len(found) == 2 * 2 * 2
    assert found[0] == ({}, {"window_start, window_end": "2000–2020", "kind": "a", "drop": "none"})
    last = {"window_start": 2010, "window_end": 2025, "drop": ["BRA"], "kind": "b"}
    assert found[-1] == (
        last,
        {"window_start, window_end": "2010–2025", "kind": "b", "drop": "BRA"},
    )


def test_groups_are_named_and_global_parameters_can_be_replaced_from_outside(written):
    file = written(
        "parameters: {window_start: 2001}\ngroups: {whole: {}, no Brazil: {drop: [BRA]}}"
    )
    whole, no_brazil = points(file)
    assert whole == ({"window_start": 2001}, {"group": "whole"})
    assert no_brazil == ({"window_start": 2001, "drop": ["BRA"]}, {"group": "no Brazil"})
    assert [values["window_start"] for values, _ in points(file, window_start=2005)] == [2005, 2005]


def test_a_parameter_is_set_or_varied(written):
    file = written("grid: {kind: [a, b]}")
    with pytest.raises(InputError, match="set and varied: 'kind'"):
        sweep.read(file, {"kind": "b"})
    assert len(sweep.read(file, {}, {"kind": "b"}).runs) == 2
    with pytest.raises(InputError, match="set and varied: 'kind'"):
        sweep.read(written("parameters: {kind: a}\ngroups: {b: {kind: b}}"))


@pytest.mark.parametrize("name", ["high", "p", "claim", "run", "group"])
def test_a_parameter_called_as_a_column_of_the_table_is_not_varied(write_notebook, tmp_path, name):
    notebook = write_notebook("01_mine", f"{name}: int = 1\noutput: str = ''")
    file = tmp_path / "s.yml"
    file.write_text(f"notebooks: [{notebook}]\ngrid: {{{name}: [1, 2]}}")
    with pytest.raises(InputError, match=f"called as a column of the table: '{name}'"):
        sweep.read(file)
    file.write_text(f"notebooks: [{notebook}]\nparameters: {{{name}: 2}}")
    assert len(sweep.read(file).runs) == 1


def test_two_groups_of_one_run_keep_their_names(written):
    found = sweep.read(written("groups: {the plan: {}, from 2000: {window_start: 2000}}"))
    assert [labels["group"] for _, labels in found.runs] == ["the plan", "from 2000"]
    assert len(found.jobs) == 1


def test_a_run_is_not_called_after_what_its_notebook_does_not_take(tmp_path):
    file = tmp_path / "mine.yml"
    file.write_text(
        "notebooks: [authority, reach]\ngrid: {definition: [federal, federal_cia], seed: [1]}"
    )
    by_notebook = {}
    for job, labels in sweep.read(file).runs:
        by_notebook.setdefault(job.notebook.stem, []).append(labels.get("definition"))
    assert by_notebook == {"08_authority": ["federal", "federal_cia"], "07_reach": [None]}


def test_the_same_run_is_there_once(written):
    assert len(points(written("grid: {kind: [a, a, b]}"))) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grid: {kinds: [a]}", "did you mean kind"),
        ("grid: {kind: [c]}", "one of a, b"),
        ("grid: {kind: a}", "a list of values"),
        ("grid: {window_start: [2021]}", "wrong way round"),
        ("zip: {window_start: [2000], window_end: [2020, 2021]}", "differ in length"),
        ("grid: {kind: [a]}\nzip: {kind: [b]}", "varied twice"),
        ("groups: {one: 3}", "parameter: value"),
        ("gird: {kind: [a]}", "not a sweep"),
        (f"grid: {{window_start: {list(range(101))}, window_end: {list(range(2000, 2100))}}}", "too many"),
        ("grid: {kind: [", "not a YAML file"),
        ("grid: {kind: [!!python/object/apply:os.getcwd []]}", "not a YAML file"),
        ("grid: {window_start: [0x7d0]}", "Expected: int"),
        ("grid: {window_start: [33:25]}", "Expected: int"),
    ],
)  # fmt: skip
def test_what_is_no_sweep_is_refused(written, text, message):
    with pytest.raises(InputError, match=message):
        sweep.read(written(text))


def test_a_sweep_that_is_not_there_or_names_no_notebook(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        sweep.read(tmp_path / "absent.yml")
    file = tmp_path / "wrong.yml"
    file.write_text("notebooks: [autority]")
    with pytest.raises(InputError, match="authority"):
        sweep.read(file)


@pytest.mark.parametrize(("name", "runs"), [("strained_windows", 12), ("authority_controls", 18)])
def test_the_sweeps_of_the_project_can_be_read(name, runs):
    found = sweep.read(config.ROOT / "sweeps" / f"{name}.yml")
    assert len(found.runs) == runs
    assert {job.notebook for job in found.jobs} == {suite.find(name.partition("_")[0])}


def test_the_table_has_no_number_of_an_older_run_of_what_fails(written, write_notebook, tmp_path):
    file, out = written("grid: {kind: [a]}"), tmp_path / "runs"
    assert sweep.run(sweep.read(file), out) == 0
    write_notebook("01_n", PARAMETERS, "raise ValueError('of late')", FINDING)
    assert sweep.run(sweep.read(file), out) == 1
    assert next(out.glob("01_n*/finding.json")).is_file()  # the older run stays
    table = pd.read_csv(out / "sweeps" / "mine" / "table.csv")
    assert table["not_testable"].tolist() == ["the run failed"] and table["estimate"].isna().all()


def test_a_sweep_leaves_one_table_and_is_run_once(written, tmp_path):
    file, out = written("grid: {window_start: [2000, 2010], kind: [a, b]}"), tmp_path / "runs"
    assert (
        sweep.run(sweep.read(file), out, workers=2) == 1
    )  # one run fails, the others are gathered
    folder = out / "sweeps" / "mine"
    table = pd.read_csv(folder / "table.csv")
    assert (
        list(table["window_start"]) == [2000, 2000, 2010, 2010]
        and list(table["kind"]) == ["a", "b"] * 2
    )
    assert list(table["not_testable"] == "the run failed") == [False, False, False, True]
    assert list(table["estimate"].dropna()) == [2, 2] and pd.isna(table["estimate"][1])
    assert set(table["verdict"][:3]) == {"'=1+1"}  # a spreadsheet would compute it
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "table.csv"}

    before = {path: path.read_bytes() for path in folder.iterdir()}
    finding = next(out.glob("01_n@window_start=2010*")) / "finding.json"
    finding.unlink()  # it is run again
    assert sweep.run(sweep.read(file), out) == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("make", [os.mkfifo, Path.touch, lambda path: path.symlink_to(".")])
def test_what_stands_where_the_tables_go_is_found_before_the_runs(written, tmp_path, make):
    file, out = written("grid: {kind: [a]}"), tmp_path / "runs"
    out.mkdir()
    make(out / "sweeps")
    with pytest.raises(InputError, match="sweeps: lac did not write this"):
        sweep.run(sweep.read(file), out)
    assert [path.name for path in out.iterdir()] == ["sweeps"]


def test_another_sweep_of_the_same_name_does_not_replace_its_table(written, tmp_path):
    file, out = written("grid: {kind: [a]}"), tmp_path / "runs"
    sweep.run(sweep.read(file), out)
    other = tmp_path / "other" / file.name
    other.parent.mkdir()
    other.write_text(file.read_text().replace("[a]", "[b]"))
    with pytest.raises(InputError, match="the table of another sweep"):
        sweep.run(sweep.read(other), out)


def test_runs_are_counted_before_they_are_made_and_a_notebook_is_read_once(tmp_path, monkeypatch):
    reads, real = [], files.json.loads
    monkeypatch.setattr(files.json, "loads", lambda text: reads.append(1) or real(text))
    suite._read.cache_clear()
    file = tmp_path / "many.yml"
    numbers = ", ".join(f"+{n}" for n in range(300))
    file.write_text(f"notebooks: [authority, authority]\ngrid: {{seed: [{numbers}]}}")
    assert len(sweep.read(file).runs) == 300
    assert len(reads) == 1
    every = len(suite.every())
    file.write_text(f"grid: {{seed: [{', '.join(map(str, range(10_000 // every + 1)))}, x]}}")
    with pytest.raises(InputError, match="too many runs"):
        sweep.read(file)


def test_of_many_names_one_that_stands_twice_is_told_at_once(tmp_path):
    """Counted one by one, they took minutes."""
    names = [f" a{n}: {{}}" for n in range(80_000)]
    (tmp_path / "a.yml").write_text("\n".join(["groups:", *names, names[-1]]))
    with pytest.raises(InputError, match="a79999 stands twice"):
        sweep.read(tmp_path / "a.yml")
