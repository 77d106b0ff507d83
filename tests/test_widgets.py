"""The panel tests a claim again with what was chosen, by the library's own functions."""

import pytest

import lac_analysis as lac


@pytest.fixture(scope="module")
def panel(tables):
    return lac.controls("authority", tables)


def chosen(panel, name):
    return next(child for child in panel.children[:-1] if child.description == name)


def test_a_moved_slider_and_menu_give_the_finding_of_the_library(panel, tables):
    chosen(panel, "years").value = (2005, 2015)
    chosen(panel, "definition").value = "federal_cia"
    selection = lac.plan("authority").selection(window_start=2005, window_end=2015)
    wanted = lac.analyse("authority", tables, selection, definition="federal_cia")
    assert panel.result.to_dict() == wanted.to_dict()


def test_a_claim_that_cannot_be_tested_says_why(tables):
    panel = lac.controls("technology", tables)
    panel.update()
    assert panel.result.not_testable


def test_an_unknown_claim_or_choice_is_refused(tables):
    with pytest.raises(lac.InputError, match="authority"):
        lac.controls("autority", tables)
    with pytest.raises(lac.InputError, match="unknown option: 'definitoin'"):
        lac.controls("authority", tables, definitoin="federal")
