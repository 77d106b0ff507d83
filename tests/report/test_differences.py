import json

import pandas as pd
import pytest

from lac_analysis import charts
from lac_analysis.report.differences import compare

FINDING = {
    "claim": "x",
    "estimate": 0.25,
    "n": 3,
    "verdict": "supported",
    "input_hash": "a",
    "null": [1.0, None, 2.5],
}
TABLE = "country,ratio\nARG,1.5\nBRA,inf\n"


@pytest.fixture
def folders(tmp_path):
    """Two equal folders; `change` rewrites a file of the second. Returns (first, change)."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "01_x").mkdir(parents=True)
        (folder / "x.json").write_text(json.dumps(FINDING, indent=1))
        (folder / "01_x" / "table.csv").write_text(TABLE)
        (folder / "01_x" / "picture.png").write_bytes(b"picture")

    def change(name, content):
        path = second / name
        path.unlink() if content is None else path.write_bytes(content.encode())
        return compare(first, second)

    return first, change


def test_equal_folders_have_no_differences(folders):
    first, _ = folders
    result = compare(first, first)
    assert len(result.exact) == 3 and not result.close and not result.differences


@pytest.mark.parametrize(
    ("key", "value", "differs"),
    [
        ("estimate", 0.25 * (1 + 1e-9), False),
        ("estimate", 0.2501, True),
        ("estimate", None, True),
        ("n", 4, True),
        ("verdict", "not supported", True),
        ("input_hash", "b", False),  # inputs are compared on their own
        ("null", [1.0, None, 2.5 + 1e-12], False),
        ("null", [1.0, None, 2.6], True),
        ("null", [1.0, None], True),
        ("new", 1, True),
    ],
)
def test_numbers_agree_within_the_tolerance_and_words_exactly(folders, key, value, differs):
    result = folders[1]("x.json", json.dumps(FINDING | {key: value}, indent=1))
    assert ("x.json" in result.close) == (not differs)
    assert ("x.json" in result.differences) == differs
    if differs:
        assert result.differences["x.json"][0].startswith("line ")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("country,ratio\nARG,1.50000000001\nBRA,inf\n", ""),
        ("country,ratio\nARG,1.6\nBRA,inf\n", "line 2: expected ARG,1.5, got ARG,1.6"),
        ("country,ratio\nARG,1.5\nBRA,2\n", "line 3: expected BRA,inf, got BRA,2"),
        ("country,ratio\nARG,1.5\n", "expected 3 lines, got 2"),
        ("iso3,ratio\nARG,1.5\nBRA,inf\n", "line 1: expected country,ratio, got iso3,ratio"),
    ],
)
def test_tables_are_compared_line_by_line(folders, table, said):
    differences = folders[1]("01_x/table.csv", table).differences
    assert differences.get("01_x/table.csv", [""])[0] == said


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("# A\n\nratio 1.50000000001 (2 of 3)\n", ""),
        ("# A\n\nratio 1.6 (2 of 3)\n", "line 3"),
        ("# A\n\nratio 1.5 (3 of 3)\n", "line 3"),
        ("# A\n\nshare 1.5 (2 of 3)\n", "line 3"),
        ("# A\n", "expected 3 lines, got 1"),
    ],
)
def test_pages_are_compared_line_by_line(folders, text, where):
    first, change = folders
    (first / "x.md").write_text("# A\n\nratio 1.5 (2 of 3)\n")
    said = change("x.md", text).differences.get("x.md", [""])[0]
    assert said.partition(":")[0] == where


def _page(folder, value=3.5, **provenance):
    table = pd.DataFrame({"country": ["Peru", "Chile"], "n": [value, 8.0]})
    words = {"title": "A title", "subtitle": "n", "caption": "Source: made up."}
    figure = charts.dot_plot(table, "country", "n", **words)
    charts.Picture("p", figure, table, "Two dots.", provenance).save(folder)


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({"code_hash": "another"}, []),
        ({"value": 3.5000001}, []),
        ({"value": 3.7}, ["p.csv", "p.png", "p.svg"]),
    ],
)
def test_pictures_are_compared_by_what_is_drawn(tmp_path, change, differing):
    _page(tmp_path / "old", code_hash="one")
    _page(tmp_path / "new", **change)
    result = compare(tmp_path / "old", tmp_path / "new")
    assert sorted(result.differences) == differing
    assert len(list((tmp_path / "new").iterdir())) == 3


def test_a_picture_that_is_drawn_otherwise_lost_or_new_is_named(folders):
    change = folders[1]
    name = "01_x/picture.png"
    assert change(name, "other").differences[name] == ["the picture is drawn otherwise"]
    assert change(name, None).differences[name] == ["expected a file, got none"]
    new = change("01_x/new.svg", "<svg/>").differences["01_x/new.svg"]
    assert new == ["expected no such file, got one"]
