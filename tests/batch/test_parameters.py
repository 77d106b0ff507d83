import json
import os

import pytest

from lac_analysis import files
from lac_analysis.batch import parameters, suite
from lac_analysis.errors import InputError

CELL = """window_start: int = 2000  # first year
window_end: int = 2020  # last year
collection: str = "protocol"  # which records; one of protocol | all
drop_countries: list[str] = []  # ISO3 codes to leave out
ratio: float = 1.5  # a ratio
deep: bool = False  # a switch
cutoffs: list[int] = []  # years
"""

FORMAT = {"nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def notebook(tmp_path):
    def write(*cells, name="n.ipynb"):
        path = tmp_path / name
        tagged = [
            {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": c} for c in cells
        ]
        path.write_text(
            json.dumps({"cells": tagged, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        )
        return path

    return write


@pytest.fixture
def declared(notebook):
    return parameters.declared(notebook(CELL))


def test_reads_names_types_defaults_help_and_choices(declared):
    assert list(declared) == [
        "window_start",
        "window_end",
        "collection",
        "drop_countries",
        "ratio",
        "deep",
        "cutoffs",
    ]
    assert declared["collection"].choices == ("protocol", "all")
    assert declared["drop_countries"].default == []
    assert declared["window_start"].help == "first year"


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("2005", "window_start", 2005),
        ("all", "collection", "all"),
        ("BRA,ARG", "drop_countries", ["BRA", "ARG"]),
        ("[BRA, 'ARG']", "drop_countries", ["BRA", "ARG"]),
        ("CHL", "drop_countries", ["CHL"]),
        ("", "drop_countries", []),
        ("2", "ratio", 2.0),
        ("true", "deep", True),
        ("2006", "cutoffs", [2006]),
        ("02010", "window_start", 2010),
        ("True", "deep", True),
        ("1e-3", "ratio", 0.001),
        ('["BRA"]', "drop_countries", ["BRA"]),
    ],
)
def test_text_of_the_command_line_becomes_the_declared_type(declared, text, name, value):
    got = parameters.check({name: text}, declared)[name]
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"window_strat": 2005}, "did you mean window_start"),
        ({"window_start": "soon"}, "window_start: 'soon'. Expected: int"),
        ({"window_start": 2005.5}, "Expected: int"),
        ({"window_start": True}, "Expected: int"),
        ({"collection": "most"}, "Expected: one of protocol, all"),
        ({"drop_countries": [1]}, "Expected: list"),
        ({"deep": "maybe"}, "Expected: bool"),
        ({"window_start": 2021}, "window the wrong way round"),
        ({"cutoffs": "x: ["}, "Expected: list"),
        ({"cutoffs": [[2006]]}, "Expected: list"),
        ({"ratio": "9" * 400}, "Expected: float"),
        ({"window_start": "33:25"}, "'33:25'. Expected: int"),
        ({"window_start": "0x7d0"}, "Expected: int"),
        ({"window_start": "2_000"}, "Expected: int"),
        ({"window_start": "２０００"}, "Expected: int"),
        ({"window_start": ""}, "Expected: int"),
        ({"ratio": "nan"}, "Expected: float"),
        ({"ratio": "1_0"}, "Expected: float"),
        ({"deep": "yes"}, "Expected: bool"),
        ({"drop_countries": "BRZ"}, "'BRZ'. Expected: ISO3 codes"),
        ({"drop_countries": "BRA,,PER"}, "''. Expected: ISO3 codes"),
        ({"window_start": 1969}, "a year from 1970 to 2026"),
    ],
)
def test_values_that_do_not_fit_are_refused(declared, values, message):
    with pytest.raises(InputError, match=message.replace("|", r"\|")):
        parameters.check(values, declared)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ((), "0 cells are tagged"),
        ((CELL, CELL), "2 cells are tagged"),
        (("window_start = 2000",), "name: type = value"),
        (("window_start: int = max(1, 2)",), "a literal"),
        (("window_start: int = (",), "a literal"),
        (("window_start: int | None = None",), "a type in the parameters cell: 'int | None'"),
    ],
)
def test_a_parameters_cell_that_cannot_be_read_is_refused(notebook, cells, message):
    with pytest.raises(InputError, match=message):
        parameters.declared(notebook(*cells))


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    for content in ("{", "[]", '{"cells": 3}'):
        path = tmp_path / "x.ipynb"
        path.write_text(content)
        with pytest.raises(InputError, match="not a Jupyter notebook"):
            parameters.declared(path)
    with pytest.raises(InputError, match="no such file"):
        parameters.declared(tmp_path / "absent.ipynb")


def test_what_a_notebook_needs_is_said_in_its_metadata(tmp_path):
    path = tmp_path / "n.ipynb"
    for metadata, found in (({}, {}), ({"lac": {"needs": "claims"}}, {"needs": "claims"})):
        path.write_text(json.dumps({"cells": [], "metadata": metadata, **FORMAT}))
        assert suite.said(path) == found
    path.write_text(json.dumps({"cells": [], "metadata": {"lac": {"needs": "all"}}, **FORMAT}))
    with pytest.raises(InputError, match="metadata of the notebook for lac"):
        suite.said(path)


@pytest.mark.parametrize("kind", ["pipe", "endless", "large"])
def test_what_is_no_regular_file_or_too_large_is_refused_at_once(tmp_path, monkeypatch, kind):
    path = tmp_path / "n.ipynb"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    else:
        path.write_text("{}" * 10)
        monkeypatch.setattr(files, "_LARGEST", 10)
    with pytest.raises(InputError, match=r"n.ipynb: (not a regular file|not a Jupyter notebook)"):
        parameters.declared(path)


def test_a_notebook_that_was_edited_is_read_again(tmp_path, notebook):
    path = notebook("x: int = 1")
    assert parameters.declared(path)["x"].default == 1
    path.write_text(path.read_text().replace("x: int = 1", "x: int = 20"))
    assert parameters.declared(path)["x"].default == 20


# -- what plain papermill does not check, and a notebook's first line after its parameters does -----


@pytest.mark.parametrize(
    ("injected", "message"),
    [
        ({"window_start": "2005"}, "parameter window_start: '2005'. Expected: int"),
        ({"window_start": True}, "parameter window_start: True. Expected: int"),
        ({"ratio": "0.1"}, "parameter ratio: '0.1'. Expected: float"),
        ({"drop_countries": "BRA"}, r"parameter drop_countries: 'BRA'. Expected: list\[str\]"),
        ({"drop_countries": [1]}, r"Expected: list\[str\]"),
        ({"drop_countries": ["BRZ"]}, "'BRZ'. Expected: ISO3 codes"),
        ({"cutoffs": [1.5]}, r"Expected: list\[int\]"),
        ({"collection": "most"}, "parameter collection: 'most'. Expected: one of protocol, all"),
        ({"window_start": 2021}, "window the wrong way round"),
        ({"window_start": -(10**5000)}, "parameter window_start"),
    ],
)
def test_values_set_by_papermill_that_do_not_fit_are_refused(injected, message):
    variables = {"In": ["", "import os", CELL, "# Parameters\nwindow_start = 1\n"]}
    exec(CELL, variables)
    parameters.check_parameters(variables)
    variables |= {"window_start": 2005, "ratio": 1, "drop_countries": ["BRA"], "cutoffs": [3]}
    parameters.check_parameters(variables)
    with pytest.raises(InputError, match=message):
        parameters.check_parameters(variables | injected)


def test_says_which_values_are_not_those_of_the_cell(capsys):
    cell = 'years: int = 3  # a\nkind: str = "x"  # b\nengagements: str = ""  # c\noutput: str = ""  # d'
    variables = {"In": [cell, ""], "years": 3, "kind": "x", "engagements": "", "output": "/tmp/out"}
    parameters.check_parameters(variables)
    assert capsys.readouterr().out == ""
    parameters.check_parameters(variables | {"years": 5, "engagements": "/home/me/mine.csv"})
    told = capsys.readouterr().out
    assert "years = 5, engagements from a table of your own." in told
    assert "/home/me" not in told and "kind" not in told


def test_a_name_that_papermill_passes_and_no_cell_declares_is_refused():
    variables = {"In": [CELL, "# Parameters\nwindow_start = 2005\nwindowstart = 2005\n"]}
    exec(CELL, variables)
    with pytest.raises(InputError, match="unknown parameter: 'windowstart'"):
        parameters.check_parameters(variables)


def test_cells_that_are_none_and_a_parameter_that_was_deleted():
    parameters.check_parameters({"In": [1, None, ["x"]]})
    with pytest.raises(InputError, match=r"parameter x. Expected: int"):
        parameters.check_parameters({"In": ["x: int = 1  # a"]})


def test_types_as_they_are_written():
    def fits(value, kind):
        return parameters.accepts(parameters.Parameter("x", kind, value, ""), value)

    assert fits(1, "float") and fits([], "list[str]") and fits([1], "list[int]")
    assert not fits(1, "bool") and not fits([True], "list[int]") and not fits(None, "str")
