from numbers import Integral

import numpy as np
import pytest

import lac_analysis as lac
from lac_analysis.errors import InputError, checked, nearest


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


def test_a_message_is_one_line_whatever_is_in_it():
    error = InputError("wrong\nhere", file="a\x1b.csv", row=3, column="x", value="y" * 500)
    assert str(error).startswith("a\\x1b.csv, row 3, column x: wrong\\nhere: 'yyy")
    assert len(str(error)) < 150 and str(error).isprintable()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda tables: lac.load(5), "parameter engagements: 5"),
        (lambda tables: lac.load(None), "parameter engagements"),
        (lambda tables: lac.load([]), "parameter engagements"),
        (lambda tables: lac.Selection(drop_countries=None), "parameter drop_countries"),
        (lambda tables: lac.Selection(windw_start=2005), "windw_start.*Expected: window_start"),
        (lambda tables: lac.Selection(2000, 2020, ["all"]), "parameter collection"),
        (lambda tables: lac.Selection("2000"), "parameter window_start: '2000'"),
        *(
            (
                lambda tables, year=year: lac.select(tables, window=(2000, year)),
                f"^parameter window_end: {year!r}. Expected: a whole number$",
            )
            for year in (None, "2000", 2000.0)
        ),
        (lambda tables: lac.Selection(include_other_local="no"), "include_other_local: 'no'"),
        (lambda tables: lac.select(tables, unknown=1), "unknown"),
        (lambda tables: lac.places(tables, contry="BRA"), "contry.*Expected: countries"),
        (lambda tables: lac.select("data"), "parameter tables: 'data'. Expected: Tables"),
        (lambda tables: lac.pairs(tables, 2005), "parameter selection: 2005"),
        (lambda tables: lac.countries(), "countries: missing a required argument: 'tables'"),
        (lambda tables: lac.years(tables, {}), "parameter selection"),
        (lambda tables: lac.plan(5), "parameter claim: 5"),
        (lambda tables: lac.plan("growth").check(None), "parameter options: None"),
        (lambda tables: lac.plan("growth").options_from("2000"), "parameter first_year: '2000'"),
        (lambda tables: lac.plan("growth").require("years", "3", ""), "parameter found: '3'"),
        (lambda tables: lac.Finding.of(0.5, None), "parameter test: 0.5"),
        (lambda tables: lac.export("", tables), "the name of a folder"),
        (lambda tables: lac.export("x", tables, formats=[None]), "parameter formats"),
        (lambda tables: lac.analyse("reach", tables, at_least=None), "parameter at_least"),
        (lambda tables: lac.analyse("reach", tables, at_least=[1]), "parameter at_least"),
        (lambda tables: lac.analyse("reach", tables, at_least=0), "parameter at_least"),
        (lambda tables: lac.analyse("reach", tables, undated=True), "parameter undated: True"),
        (lambda tables: lac.analyse("reach", tables, seed=True), "parameter seed: True"),
        (lambda tables: lac.analyse("web", tables, drawn=2.5), "parameter drawn: 2.5"),
        (lambda tables: lac.analyse("authority", tables, controls=None), "parameter controls"),
        (lambda tables: lac.analyse(5), "missing a required argument: 'tables'"),
        (lambda tables: lac.analyse(["growth"], tables, lac.Selection()), "parameter claim"),
        (lambda tables: lac.analyse("growth", tables, lac.Selection(), seed="1"), "parameter seed"),
        (lambda tables: lac.export(None, tables), "parameter folder"),
        (lambda tables: lac.check_parameters([]), "parameter variables"),
    ],
)
def test_a_wrong_argument_of_the_interface_is_one_line(tables, call, says):
    with pytest.raises(InputError, match=says):
        call(tables)


def test_a_number_without_end_is_told():
    for value in (10**5000, [-(10**5000)]):
        assert "bits" in str(InputError("wrong", value=value))
    with pytest.raises(InputError, match="parameter window_end"):
        lac.Selection(2000, 10**5000)


def test_an_argument_that_fits_is_passed_on():
    @checked
    def function(number: Integral, words: str | list = "", *, more=None, **others):
        """Words."""
        return number, words, more, others

    assert function(np.int64(3), ["a"], more=object, x=1)[:2] == (3, ["a"])
    assert function.__doc__ == "Words."
