"""What plain papermill does not check, and a notebook's first line after its parameters does."""

import sys
import types

import pytest

from lac_analysis.errors import InputError, check_parameters, fits, nearest

CELL = """
year: int = 2000
ratio: float = 1.0
codes: list[str] = []
kind: str = 'a'
last: int | None = None
"""


@pytest.fixture
def variables(monkeypatch):
    """The variables of a notebook after its parameters cell."""
    module = types.ModuleType("notebook_of_a_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(CELL, module.__dict__)
    return module.__dict__


@pytest.mark.parametrize(
    ("injected", "expected"),
    [
        ({"year": "2005"}, "parameter year: '2005'. Expected: int"),
        ({"year": True}, "parameter year: True. Expected: int"),
        ({"ratio": "0.1"}, "parameter ratio: '0.1'. Expected: float"),
        ({"codes": "BRA"}, r"parameter codes: 'BRA'. Expected: list\[str\]"),
        ({"codes": [1]}, r"Expected: list\[str\]"),
        ({"last": 1.5}, r"Expected: int \| None"),
        ({"kind": "c"}, "parameter kind: 'c'. Expected: one of a, b"),
    ],
)
def test_injected_values_that_do_not_fit_are_refused(variables, injected, expected):
    variables.update(injected)
    with pytest.raises(InputError, match=expected):
        check_parameters(variables, kind=("a", "b"))


def test_injected_values_that_fit_pass(variables):
    variables.update(year=2005, ratio=1, codes=["BRA"], kind="b", last=3)
    check_parameters(variables, kind=("a", "b"))


def test_types_as_they_are_written():
    assert fits(1, "float") and fits([], "list") and fits([[1]], "list[list[int]]")
    assert not fits(1, "bool") and not fits([True], "list[int]") and not fits(None, "str")


def test_the_nearest_names_are_suggested_or_all():
    assert nearest("rum", ["run", "report", "lab"]) == "run"
    assert nearest("xyz", ["run", "lab"]) == "run, lab"


def test_a_notebook_shows_one_line(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_cell("import lac_analysis as lac; lac.Selection(collection='neutrall')")
    InteractiveShell.clear_instance()
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert len((said.out + said.err).strip().splitlines()) == 1
