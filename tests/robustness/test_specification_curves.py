"""The curves of a selection keep to it, and every picture that is declared is made."""

import numpy as np
import pytest

from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.robustness import curve_figures, specification_curves


@pytest.fixture(scope="module")
def few(tables):
    return specification_curves.every(
        tables, Selection(2010, 2014), 3, seed=1, collection="protocol", include_other_local="true",
        min_confidence="low",
    )  # fmt: skip


def test_the_curves_keep_to_the_selection_and_to_the_options_asked_for(few):
    authority = few.by_claim["authority"].table
    assert len(authority) == 3 * 5 * 4 * 2 * 4  # dropped, exposure, definition, undated, estimator
    for curve in few.by_claim.values():
        if len(curve.table) and "collection" in curve.table:
            assert set(curve.table["collection"]) == {"protocol"} and set(
                curve.table["include_other_local"]
            ) == {True}
            assert "window_start" not in curve.table or set(curve.table["window_start"]) == {2010}


def test_a_claim_without_estimate_says_why_and_every_picture_is_made(few):
    assert few.by_claim["not_new"].reason and few.by_claim["tiers"].reason
    drawn = curve_figures.pictures(few)
    assert set(drawn) == set(curve_figures.PICTURES)
    assert "No picture" in drawn["tiers"].alt
    summary = specification_curves.summary(few).set_index("claim")
    assert summary["specifications"]["authority"] == 480
    assert summary["median_p"]["strained"] >= 1 / 4 and np.isnan(summary["median_p"]["growth"])


def test_no_scheduler_at_the_address_is_an_input_error(tables, monkeypatch):
    monkeypatch.setattr("lac_analysis.batch.run._PATIENCE", 0.3)
    with pytest.raises(InputError, match="no dask scheduler"):
        specification_curves.every(
            tables, Selection(2010, 2014), 2, seed=1, dask="tcp://127.0.0.1:1"
        )


def test_nothing_selected_gives_reasons_only(tables):
    found = specification_curves.every(tables, Selection(1970, 1974), 2, seed=1)
    assert found.by_claim["authority"].reason and found.by_claim["growth"].reason
    assert set(curve_figures.pictures(found)) == set(curve_figures.PICTURES)
