"""The panel of other choices: what it holds is the plan's grid, and the primary specification is
the finding's own.
"""

import numpy as np
import pytest

from lac_analysis import claims, tables
from lac_analysis.claims import plan, specification_figures
from lac_analysis.panel import Selection


@pytest.fixture(scope="module")
def data():
    return tables.load()


@pytest.mark.parametrize("name", ["not_new", "reach", "tiers"])
def test_the_primary_specification_is_marked_and_is_the_finding(data, name):
    entry = plan.load()[name]
    finding = claims.test(name, data, entry.selection())
    drawn = claims.pictures(finding)["specifications"]
    assert len(drawn.data) == len(entry.specifications())
    primary = drawn.data[drawn.data["primary"]]
    assert primary["estimate"].tolist() == [pytest.approx(finding.estimate, rel=1e-5)]


def test_the_primary_is_not_marked_where_another_sample_is_chosen_but_stays_where_a_country_is_dropped(
    data,
):
    dropped = claims.test("reach", data, Selection(drop_countries=("BRA",)))
    assert dropped.detail["specifications"]["primary"].sum() == 1
    entry = plan.load()["growth"]
    table = claims.test("growth", data, entry.selection(window_start=2005)).detail["specifications"]
    assert "window_start" not in table and table["primary"].sum() == 1


def test_a_claim_without_estimates_says_so(data):
    finding = claims.test("platforms", data, plan.load()["platforms"].selection())
    assert finding.detail["specifications"]["estimate"].isna().all()
    assert "no specification" in claims.pictures(finding)["specifications"].alt


def test_every_axis_of_the_plan_has_a_name():
    assert {axis for entry in plan.load().values() for axis in entry.axes} <= set(
        specification_figures.CHOICES
    )


def test_one_choice_that_decides_all_explains_all(data):
    table = claims.test("reach", data, Selection()).detail["specifications"]
    table = table.assign(estimate=np.where(table["undated"] == "include", 0.9, 0.5))
    share = specification_figures.influence(table, ["undated", "collection", "at_least"], log=False)
    assert share["undated"] == pytest.approx(1) and share.drop("undated").abs().max() < 1e-9


@pytest.mark.parametrize("name", ["not_new", "twinning", "reach", "tiers"])
def test_the_interval_of_the_primary_specification_is_that_of_the_test(data, name):
    finding = claims.test(name, data, plan.load()[name].selection())
    table = finding.detail["specifications"]
    primary = table[table["primary"]].iloc[0]
    assert (primary["low"], primary["high"]) == (
        pytest.approx(finding.low),
        pytest.approx(finding.high),
    )
    known = table.dropna(subset="estimate")
    assert (known["low"] <= known["estimate"] + 1e-12).all() and (
        known["estimate"] <= known["high"] + 1e-12
    ).all()
