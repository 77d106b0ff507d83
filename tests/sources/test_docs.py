"""The commands that docs/own_data.md shows do what it shows."""

import re

import pytest

from lac_analysis import cli, config

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
    assert [step[0].split()[0] for step in STEPS] == ["import", "check", "run"]
    for step in STEPS:
        does_what_it_shows(step, capsys)
