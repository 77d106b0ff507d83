from lac_analysis.errors import InputError, nearest


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
