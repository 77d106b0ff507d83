"""CONTRIBUTING.md, done block by block in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from lac_analysis import config, files

GUIDE = config.ROOT / "CONTRIBUTING.md"
BLOCK = re.compile(
    r"<!-- (new file|add to the end of|run) ?(\S*) -->\n```(\w+)\n(.*?)```", re.DOTALL
)
COPIED = ("lac_analysis", "notebooks", "data/raw", "claims.yml", "uv.lock", "pyproject.toml")


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """Follow the guide; what its commands printed, one text a `run` block."""
    project = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source, target = config.ROOT / name, project / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    command = project / "bin" / "lac"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lac_analysis.cli "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {
        "PYTHONPATH": str(project), "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    printed = []
    for action, name, language, text in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if action == "run":
            run = [sys.executable, "-c", text] if language == "python" else ["sh", "-e", "-c", text]
            done = subprocess.run(run, cwd=project, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
            printed.append(done.stdout + done.stderr)
        else:
            path = project / name
            assert path.exists() == (action != "new file")
            path.write_text(
                (path.read_text(encoding="utf-8") if path.exists() else "") + text, encoding="utf-8"
            )
    return project, printed


@pytest.mark.slow
def test_a_record_is_added(output):
    assert "2,801 records" in output[1][0]


@pytest.mark.slow
def test_a_covariate_stands_beside_the_counts(output):
    assert re.search(r"landlocked.*\n0 +\d+.*\n1 +\d+", output[1][2])


@pytest.mark.slow
def test_a_claim_runs_with_its_plan_and_its_pictures(output):
    runs = output[0] / "runs"
    findings = [files.read_json(path) for path in sorted(runs.glob("13_donations*/finding.json"))]
    assert sorted(finding["parameters"]["at_least"] for finding in findings) == [1, 2]
    assert all(0 < finding["estimate"] < 1 and finding["verdict"] for finding in findings)
    assert len(list(runs.glob("13_donations*/countries.png"))) == 2
