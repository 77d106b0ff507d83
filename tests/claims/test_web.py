from dataclasses import replace

import pandas as pd
import pytest

from lac_analysis import claims
from lac_analysis.claims import plan, specifications, web
from lac_analysis.claims.finding import NotTestable
from lac_analysis.panel import Selection

PLAN = plan.load()["web"]
PRIMARY = PLAN.selection()
TYPES = {"two_or_more": "actor_type"}
TIER_OF = {
    "municipal_government": "local", "provincial_government": "local", "party": "local", "private_company": "company",
    "state_owned_enterprise": "company", "embassy_consulate": "state", "unknown": "unknown",
}  # fmt: skip


def of(tables, rows):
    """Tables whose engagements are (place, actor type, Chinese city, Chinese province, actor name[,
    date]).
    """
    columns = ["place_id", "actor_type", "china_city", "china_admin1", "actor_name"]
    table = pd.DataFrame([row[:5] for row in rows], columns=columns, dtype="str")
    date = pd.to_datetime(pd.Series([row[5] if len(row) > 5 else "2010-06-01" for row in rows]))
    table = table.assign(
        tier=table["actor_type"].map(TIER_OF), country="ARG", level="municipal", planned=False, date_start=date,
        date_end=date, confidence=pd.Categorical(["high"] * len(rows), ["low", "medium", "high"], ordered=True),
    )  # fmt: skip
    return tables.replace(engagements=table)


GUANGZHOU = ("municipal_government", "Guangzhou", "CN-GD", None)
HUAWEI = ("private_company", None, None, "Huawei")
BYD = ("private_company", None, None, "BYD")


def links_of(tables, rows):
    return web.network(of(tables, rows), PRIMARY)


def test_a_small_network(tables):
    rows = [
        ("A", *GUANGZHOU),
        ("A", *HUAWEI),
        ("B", *HUAWEI),
        ("B", *BYD),
        ("C", *HUAWEI),
        ("C", *HUAWEI),
        ("D", *BYD),
    ]
    finding = web.test(of(tables, rows), PRIMARY, seed=1, **TYPES)
    assert finding.detail["tests"]["actor_type"].observed == 1 / 4  # A alone meets two types
    assert (finding.n_places, finding.n_engagements) == (4, 7)
    assert finding.estimate == pytest.approx(finding.detail["tests"]["actor_type"].ratio)
    assert finding.low <= finding.estimate <= finding.high


@pytest.mark.parametrize(
    ("first", "second", "actors"),
    [
        (GUANGZHOU, GUANGZHOU, 1),
        (GUANGZHOU, ("party", "Guangzhou", "CN-GD", None), 2),
        (GUANGZHOU, ("municipal_government", "Shenzhen", "CN-GD", None), 2),
        # a governor who comes with a mayor acts for the province
        (
            ("provincial_government", "Shenzhen", "CN-GD", None),
            ("provincial_government", None, "CN-GD", None),
            1,
        ),
        (HUAWEI, BYD, 2),
        (
            ("embassy_consulate", None, None, "Embassy in ARG"),
            ("embassy_consulate", None, None, "Embassy in BRA"),
            2,
        ),
        # ownership coded in two ways is one company
        (("state_owned_enterprise", None, None, "ZTE"), ("private_company", None, None, "ZTE"), 1),
        # a local government that a merged record also names a company for is the government
        (GUANGZHOU, ("municipal_government", "Guangzhou", "CN-GD", "Huawei"), 1),
    ],
)
def test_who_is_one_actor(tables, first, second, actors):
    links = links_of(tables, [("A", *first), ("A", *second)])
    assert len(links) == actors
    assert links["engagements"].sum() == 2
    assert (links.groupby("actor")["actor_type"].nunique() == 1).all()


def test_engagements_without_actor_or_place_are_left_out_and_counted(tables):
    rows = [("A", *GUANGZHOU), ("A", *HUAWEI), ("B", *BYD), ("B", *GUANGZHOU), ("C", *HUAWEI)]
    unknown = [
        ("A", "unknown", None, "CN-GD", None),
        ("A", "private_company", None, None, None),
        (None, *HUAWEI),
    ]
    finding = web.test(of(tables, rows + unknown), PRIMARY, seed=1, **TYPES)
    assert finding.n_engagements == len(rows)
    left_out = next(r for r in finding.secondary if r.name == "engagements left out")
    assert (left_out.estimate, left_out.n) == (3, 8)
    assert left_out.note.startswith("2 without an identifiable Chinese actor, 1 ")


def test_only_the_window_counts(tables):
    inside = [("A", *GUANGZHOU), ("A", *HUAWEI)]
    outside = [("B", *HUAWEI, "1999-12-31"), ("B", *BYD, "2021-01-01")]
    pd.testing.assert_frame_equal(links_of(tables, inside + outside), links_of(tables, inside))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no local engagement with a known place"),
        ([("A", *GUANGZHOU), ("B", *HUAWEI)], "no locality with two or more identifiable"),
        ([("A", *BYD), ("A", *HUAWEI)], "two or more types"),
        ([("A", *GUANGZHOU), ("A", *HUAWEI)], "numbers of partners fix"),
    ],
)
def test_what_cannot_be_tested_is_said(tables, rows, reason):
    with pytest.raises(NotTestable, match=reason):
        web.test(of(tables, rows), PRIMARY, seed=1, **TYPES)


def test_the_quick_estimate_is_that_of_the_test(tables):
    finding = web.test(tables, PRIMARY, seed=1, **TYPES)
    assert set(finding.conditions) == set(PLAN.must_also_hold)
    for two_or_more, test in finding.detail["tests"].items():
        assert web.estimate(tables, PRIMARY, two_or_more=two_or_more) == pytest.approx(
            test.ratio, rel=0.01
        )
        assert abs(test.mixing.autocorrelation[0]) < 0.15
    moved = next(r for r in finding.secondary if r.name.startswith("share of the links"))
    assert moved.estimate > 0.9


def test_order_of_the_engagements_does_not_matter(tables):
    shuffled = tables.replace(engagements=tables.engagements.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(web.network(shuffled, PRIMARY), web.network(tables, PRIMARY))


def test_dropping_a_country_without_engagements_changes_nothing(tables):
    early = PRIMARY.replace(window_end=2012)
    absent = sorted(set(tables.countries["iso3"]) - set(web.network(tables, early)["country"]))
    same = web.estimate(tables, early.replace(drop_countries=absent), **TYPES)
    assert absent and same == web.estimate(tables, early, **TYPES)


def test_every_specification_is_an_estimate_or_not_testable(tables):
    short = replace(PLAN, axes=PLAN.axes | {"window_start": [2010], "drop_countries": [[]]})
    curve = specifications.estimates(web.estimate, tables, short, PRIMARY, TYPES)
    assert len(curve) == 3 * 2 * 2 * 2
    assert (curve["estimate"].dropna() > 0).all() and curve["estimate"].notna().any()


def test_an_empty_selection_has_pictures_that_say_so(tables):
    finding = claims.test("web", tables, Selection(1970, 1971), **TYPES)
    assert finding.verdict == "not testable"
    assert all(
        "no local engagement" in picture.alt for picture in claims.pictures(finding).values()
    )
