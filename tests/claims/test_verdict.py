import math

import pytest

from lac_analysis import claims, files
from lac_analysis.claims import plan, verdict
from lac_analysis.claims.finding import Finding, Result, show

PLAN = plan.load()["authority"]  # null 1, SESOI 1.5


def finding(**changes):
    base = Finding(
        estimate=2.0, low=1.2, high=3.0, interval_method="", p=0.001, p_method="", null_value=1.0, n_countries=33,
        n_places=9, n_engagements=99, claim="authority", unit="rate ratio", sesoi=1.5, window=(2000, 2020),
        parameters={"seed": 1}, sign_share=0.9, n_specifications=10,
    )  # fmt: skip
    return base.replace(**changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "supported"),
        ({"estimate": 1.5}, "supported"),
        ({"holm_p": 0.06}, "partly supported"),
        ({"sign_share": 0.79}, "partly supported"),
        ({"sign_share": None}, "partly supported"),
        ({"conditions": {"also": False}}, "partly supported"),
        ({"conditions": {"also": True}}, "supported"),
        ({"estimate": 1.4}, "not supported"),
        ({"estimate": 0.5, "sign_share": 0.2}, "contradicted"),
        ({"estimate": 0.5, "sign_share": 0.4}, "not supported"),
        ({"estimate": 0.5, "sign_share": 0.2, "p": 0.05}, "not supported"),
        ({"not_testable": "no trade data after 2014"}, "not testable"),
    ],
)
def test_the_rules_of_the_plan(changes, expected):
    judged = verdict.judge(finding(**changes), PLAN)
    assert judged.verdict == expected
    assert judged.reasons


def test_a_finding_survives_json(tmp_path):
    before = finding(high=math.inf, secondary=(Result("s", 1 / 3, low=0.0, high=math.inf),))
    import json

    files.save(before.to_dict(), {}, tmp_path)
    after = Finding.from_dict(json.loads((tmp_path / "finding.json").read_text()))
    assert after.high == math.inf and after.secondary[0].estimate == pytest.approx(1 / 3, abs=1e-10)
    assert after.to_dict() == before.to_dict()


def test_text_from_data_is_escaped_where_it_is_shown():
    shown = finding(secondary=(Result("<script>alert(1)</script>"),))._repr_html_()
    assert "<script>" not in shown


def test_numbers_for_readers():
    assert [show(x) for x in (None, math.nan, math.inf, 1234.5, 0.123456, 3.0)] == [
        "–",
        "–",
        "∞",
        "1,234",
        "0.123",
        "3",
    ]


def test_the_plan_names_ten_claims_with_a_rule_each():
    plans = plan.load()
    assert list(plans) == [
        "web", "not_new", "growth", "technology", "platforms", "twinning", "reach", "authority", "strained", "tiers",
    ]  # fmt: skip
    assert [p.number for p in plans.values()] == list(range(1, 11))
    for p in plans.values():
        assert p.test and p.estimand and p.sesoi
        assert len(p.specifications()) >= 10
    assert claims.code_hash("web") != claims.code_hash("reach")
