import pytest

from lac_analysis import config
from lac_analysis.batch import code, notebook
from lac_analysis.errors import InputError


def files(name):
    return {
        path.relative_to(config.ROOT).as_posix() for path in code.reach(notebook.find(name)).files
    }


def test_a_claim_reaches_its_own_module_and_not_the_others():
    reached = files("authority")
    assert {
        "lac_analysis/claims/authority.py",
        "lac_analysis/claims/authority_figures.py",
    } <= reached
    assert not {name for name in reached if name.startswith("lac_analysis/claims/strained")}
    assert not {
        name for name in reached if name.startswith(("lac_analysis/batch/", "lac_analysis/cli"))
    }


def test_what_is_tested_by_id_in_a_loop_reaches_every_claim():
    reached = files("verdicts")
    claims = {path.name for path in (config.PACKAGE / "claims").glob("*.py")}
    assert {f"lac_analysis/claims/{name}" for name in claims} <= reached


def test_data_files_are_reached_by_name():
    assert {"claims.yml", "data/raw/engagements.csv", "data/raw/countries.csv"} <= files(
        "authority"
    )
    assert "claims.yml" not in files("data")


def test_what_a_function_of_ours_may_import_one_day_is_not_preloaded():
    modules = code.reach(notebook.find("verdicts")).modules
    assert {"lac_analysis.records.schema", "lac_analysis.claims.web", "IPython.display"} <= set(
        modules
    )
    assert not {name.split(".")[0] for name in modules} & {"pandera", "distributed", "openpyxl"}


def test_pictures_are_those_the_figure_modules_name():
    assert code.reach(notebook.find("authority")).pictures == (
        "countries",
        "exposures",
        "randomisation",
        "specifications",
    )


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("import lac_analysis.stats.holm", False),
        ("import lac_analysis.stats.exact", True),
        ("from lac_analysis.stats import exact as e", True),
        ("def f():\n    from lac_analysis.stats.exact import anything", True),
        ("from lac_analysis import stats", False),
        ("%matplotlib inline\n!ls\nfrom lac_analysis.stats import exact", True),
        ("from importlib import import_module\nimport_module(f'lac_analysis.claims.{x}')", True),
    ],
)
def test_ways_to_import(write_notebook, source, reached):
    found = code.reach(write_notebook("01_n", None, source)).files
    assert (config.PACKAGE / "stats" / "exact.py" in found) == reached


def test_a_cell_that_is_not_python_is_refused(write_notebook):
    with pytest.raises(InputError, match="a cell is not Python"):
        code.reach(write_notebook("01_n", None, "1 +"))
