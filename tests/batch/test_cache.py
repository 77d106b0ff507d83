import os
import shutil

import pytest

from lac_analysis import config
from lac_analysis.batch import cache, jobs, notebook

NAMES = ("data", "authority", "strained")


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """A copy of the project, and a function that gives the key of each of three runs in it."""
    shutil.copytree(
        config.PACKAGE, tmp_path / "lac_analysis", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(config.RAW, tmp_path / "data" / "raw")
    shutil.copytree(
        config.NOTEBOOKS,
        tmp_path / "notebooks",
        ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
    )
    for name in ("claims.yml", "uv.lock"):
        shutil.copy(config.ROOT / name, tmp_path)
    for name, path in {
        "ROOT": tmp_path, "PACKAGE": tmp_path / "lac_analysis", "RAW": tmp_path / "data" / "raw",
        "CLAIMS_FILE": tmp_path / "claims.yml", "CODEBOOK_FILE": tmp_path / "lac_analysis" / "records" / "codebook.yml",
    }.items():  # fmt: skip
        monkeypatch.setattr(config, name, path)

    def keys(**values):
        found = {}
        for name in NAMES:
            job = jobs.make(notebook.find(name, tmp_path / "notebooks"), values)
            found[name] = cache.key(job, cache.inputs(job))
        return found

    return keys


@pytest.mark.parametrize(
    ("file", "depend"),
    [
        ("notebooks/08_authority.ipynb", {"authority"}),
        ("lac_analysis/claims/authority.py", {"authority"}),
        ("lac_analysis/claims/strained_figures.py", {"strained"}),
        ("lac_analysis/claims/reach.py", set()),
        ("lac_analysis/report/describe.py", {"data"}),
        ("lac_analysis/claims/verdict.py", {"authority", "strained"}),
        ("lac_analysis/panel.py", set(NAMES)),
        ("lac_analysis/batch/suite.py", set()),
        ("lac_analysis/cli.py", set()),
        ("claims.yml", {"authority", "strained"}),
        ("data/raw/engagements.csv", set(NAMES)),
        ("data/raw/SOURCES.md", set()),
        ("uv.lock", set(NAMES)),
    ],
)
def test_an_edit_makes_stale_what_depends_on_it_and_nothing_else(keys, tmp_path, file, depend):
    before = keys()
    path = tmp_path / file
    content = path.read_bytes()
    # a space at the end changes the bytes, not the meaning
    path.write_bytes(content + b" \n" if not file.endswith(".ipynb") else content.rstrip() + b" \n")
    after = keys()
    assert {name for name in NAMES if before[name] != after[name]} == depend
    path.write_bytes(content)
    assert keys() == before


def test_touching_a_file_changes_nothing(keys, tmp_path):
    before = keys()
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    assert keys() == before


def test_a_parameter_is_part_of_the_key_and_its_default_is_not(keys):
    before = keys()
    assert keys(window_start=2000) == before
    assert not set(keys(window_start=2005).values()) & set(before.values())


def test_ones_own_table_takes_the_place_of_the_projects(keys, tmp_path):
    own = tmp_path / "mine.csv"
    own.write_text("a")
    before = keys(engagements=str(own))
    (config.RAW / "engagements.csv").write_text("b")
    assert keys(engagements=str(own)) == before
    own.write_text("c")
    assert not set(keys(engagements=str(own)).values()) & set(before.values())


def test_a_damaged_output_is_not_up_to_date(tmp_path):
    (tmp_path / "a.csv").write_text("1")
    manifest = tmp_path / cache.MANIFEST
    manifest.write_text(
        f'{{"key": "k", "outputs": {{"a.csv": "{cache.sha256(tmp_path / "a.csv")}"}}}}'
    )
    assert cache.up_to_date(tmp_path, "k") and not cache.up_to_date(tmp_path, "other")
    (tmp_path / "a.csv").write_text("22")
    assert not cache.up_to_date(tmp_path, "k")
    (tmp_path / "a.csv").unlink()
    assert not cache.up_to_date(tmp_path, "k")
    for broken in ("", "[]", "{}", '{"key": "k"}', '{"key": "k", "outputs": 3}'):
        manifest.write_text(broken)
        assert not cache.up_to_date(tmp_path, "k")
