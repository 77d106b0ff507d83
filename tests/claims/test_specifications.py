"""What the picture of other choices holds is the plan's grid, and its primary one is the finding's."""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from lac_analysis import claims
from lac_analysis.claims import plan, specifications
from lac_analysis.selection import Selection


@pytest.mark.parametrize("name", ["not_new", "tiers"])
def test_the_primary_specification_is_marked_and_is_the_finding(tables, name):
    entry = plan.load()[name]
    finding = claims.analyse(name, tables, entry.selection())
    table = finding.specifications
    assert len(table) == math.prod(map(len, entry.axes.values()))
    primary = table[table["primary"]]
    assert primary["estimate"].tolist() == [pytest.approx(finding.estimate, rel=1e-9)]
    assert len(claims.draw_specifications(finding).data) == len(table)


def test_the_primary_is_not_marked_where_another_sample_is_chosen(tables):
    entry = plan.load()["tiers"]
    dropped = claims.analyse("tiers", tables, entry.selection(drop_countries=("BRA",)))
    assert dropped.specifications["primary"].sum() == 1
    entry = plan.load()["not_new"]
    table = claims.analyse("not_new", tables, entry.selection(collection="all"), before=2004)
    assert table.specifications["primary"].sum() == 1


def test_the_picture_of_a_run_with_own_choices_says_that_it_has_the_plans(tables):
    entry = plan.load()["reach"]
    for own, sample in (
        (False, {}), (True, {"at_least": 3}), (True, {"min_confidence": "medium"}),
        (True, {"collection": "all"}), (True, {"include_other_local": False}),
        (False, {"window_start": 2001}), (False, {"drop_countries": ["BRA"]}),
    ):  # fmt: skip
        options = {name: sample.pop(name) for name in ("at_least",) if name in sample}
        finding = claims.analyse("reach", tables, entry.selection(**sample), **options)
        page = claims.draw_specifications(finding).figure
        told = " ".join(" ".join(text.get_text() for text in page.findobj(Text)).split())
        assert ("the choices that the plan varies are the plan's" in told) is own, sample
        assert (f"{finding.n_engagements:,} local engagements" in told) is not own


@pytest.mark.parametrize(
    ("name", "years"),
    [("authority", "excerpts of all years"), ("not_new", "up to 2020"), ("reach", "2000–2020")],
)
def test_the_picture_tells_the_years_that_the_claim_counts(tables, name, years):
    finding = claims.analyse(name, tables, plan.load()[name].selection())
    page = claims.draw_specifications(finding).figure
    told = " ".join(" ".join(text.get_text() for text in page.findobj(Text)).split())
    assert f"around this selection, {years}" in told


@pytest.mark.parametrize("name", ["not_new", "reach"])
def test_a_collection_without_a_record_is_no_choice(tables, name):
    """A list of one's own, which no equal search found, may be supported."""
    none = {column: False for column in tables.engagements if column.startswith("in_")}
    own = tables.replace(engagements=tables.engagements.assign(**none))
    entry = plan.load()[name]
    finding = claims.analyse(name, own, entry.selection(collection="all"))
    varied = math.prod(map(len, (entry.axes | {"collection": [1]}).values()))
    assert finding.specifications["estimate"].notna().sum() == varied
    assert finding.specifications["primary"].sum() == 1 and finding.verdict == "supported"


def test_a_window_after_the_plans_bounds_keeps_the_bound_that_was_given(tables):
    """No year from 2006 on lies before 2004, 2005 or 2006: the curve has the user's own bound."""
    entry = plan.load()["not_new"]
    late = entry.selection(window_start=2006)
    finding = claims.analyse("not_new", tables, late, before=2012)
    varied = math.prod(map(len, entry.axes.values())) / len(entry.axes["before"])
    assert finding.n_specifications == varied and finding.sign_share == 1
    assert finding.specifications["primary"].sum() == 1
    primary = finding.specifications.query("primary")["estimate"].item()
    assert primary == finding.estimate and finding.verdict == "supported"
    early = claims.analyse("not_new", tables, entry.selection(window_start=2004), before=2012)
    assert set(early.specifications["before"]) == set(entry.axes["before"])


def test_every_axis_of_the_plan_has_a_name():
    axes = {axis for entry in plan.load().values() for axis in entry.axes}
    assert axes <= set(specifications.CHOICES)


def test_one_choice_that_decides_all_explains_all(tables):
    table = claims.analyse("tiers", tables, Selection()).specifications
    table = table.assign(estimate=np.where(table["years"] == 5, 0.9, 0.5))
    share = specifications.explained(claims.Finding(unit="share", specifications=table))
    assert share["years"] == pytest.approx(1) and abs(share["drop_countries"]) < 1e-9


def test_without_a_finding_the_picture_says_why():
    finding = claims.Finding(not_testable="no data", claim="reach")
    assert "no data" in claims.draw_specifications(finding).alt
    assert "no data" in claims.draw_design(finding).alt


def test_the_words_of_an_option_are_those_of_its_axis():
    table = pd.DataFrame({"at_least": [1, 2], "controls": ["1", "log_population"]})
    table = table.assign(estimate=[0.9, 0.8], primary=[True, False])
    finding = claims.Finding(unit="share", null_value=0.5, sesoi=0.8, specifications=table)
    lanes = claims.draw_specifications(finding).figure.axes[1].get_yticklabels()
    assert [lane.get_text() for lane in lanes] == [
        "fewest engagements", "1", "2", "controls", "none", "population",
    ]  # fmt: skip
