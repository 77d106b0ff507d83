"""The verdict rule of claims.yml on hand-made findings, and the finding as it is kept and shown."""

import json
import math

import pandas as pd
import pytest

from lac_analysis import config, files
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, Result, show
from lac_analysis.claims.plan import load
from lac_analysis.errors import InputError

PLAN = load()["authority"]  # null 1, SESOI 1.5, alpha 0.05, four fifths must agree


def finding(**changes):
    base = Finding(
        estimate=2.0, low=1.2, high=3.0, p=0.001, null_value=1.0, n_countries=33, n_places=9,
        n_engagements=99, claim="authority", unit="odds ratio", sesoi=1.5, window=(2000, 2020),
        parameters={"seed": 1}, sign_share=0.9, n_specifications=10,
    )  # fmt: skip
    return base.replace(**changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "supported"),
        ({"estimate": 1.5}, "supported"),  # at the smallest effect of interest
        ({"sign_share": 0.8}, "supported"),
        ({"conditions": {"also": True}}, "supported"),
        ({"estimate": 1.49}, "partly supported"),
        ({"sign_share": 0.79}, "partly supported"),
        ({"sign_share": None}, "partly supported"),
        ({"conditions": {"also": True, "and": False}}, "partly supported"),
        ({"p": 0.05}, "inconclusive"),  # not below alpha; the interval reaches 1.5
        ({"holm_p": 0.06}, "inconclusive"),  # Holm's p counts, where it is known
        ({"p": 0.2, "holm_p": 0.04}, "supported"),
        ({"p": 0.2, "estimate": 1.1, "high": 1.5}, "inconclusive"),
        ({"p": 0.2, "estimate": 1.1, "high": 1.49}, "not supported"),
        ({"p": 0.2, "high": None}, "inconclusive"),  # nothing bounds it above
        ({"estimate": 0.5, "high": 0.9, "sign_share": 0.2}, "contradicted"),
        ({"estimate": 0.5, "high": 0.9, "sign_share": 0.21}, "not supported"),
        ({"estimate": 0.5, "high": 0.9, "sign_share": None}, "not supported"),
        ({"estimate": 0.5, "high": 1.6, "sign_share": 0.5}, "inconclusive"),
        ({"not_testable": "12 countries; the plan asks for 20"}, "not testable"),
    ],
)
def test_the_rule_of_the_plan(changes, expected):
    judged = verdict.judge(finding(**changes), PLAN)
    assert judged.verdict == expected
    assert judged.reasons


def test_probabilities_of_the_verdicts_are_counted_by_truth():
    draws = pd.DataFrame(
        {
            "estimate": [2.0, 1.2, 0.5, 1.1, 1.1],
            "p": [0.001, 0.001, 0.001, 0.01, 0.5],
            "high": [3.0, 1.4, 0.9, 1.4, 1.6],
        }
    )
    row = verdict.probabilities({1.5: draws}, PLAN).iloc[0]
    assert row["truth"] == 1.5 and row["rejected"] == 0.8
    assert (row[list(verdict.VERDICTS[:-1])] == 0.2).all()


def test_a_finding_survives_json(tmp_path):
    before = finding(
        high=math.inf,
        secondary=(Result("s", 1 / 3, low=0.0, high=math.inf),),
        attainable=math.inf,
        design=({"truth": 1.0, "rejected": 0.05, "supported": 0.04},),
    )
    files.save(before.to_dict(), [], tmp_path)
    after = Finding.from_dict(json.loads((tmp_path / "finding.json").read_text()))
    assert after.high == math.inf and after.secondary[0].estimate == pytest.approx(1 / 3, abs=1e-9)
    assert after.to_dict() == before.to_dict()


def test_text_from_data_is_no_markup_where_it_is_shown():
    shown = finding(not_testable="<script>alert(1)</script> *x*")._repr_markdown_()
    assert "\\<script\\>" in shown and "\\*x\\*" in shown


def test_numbers_for_readers():
    shown = [show(x) for x in (None, math.nan, math.inf, 1234.5, 999.7, 0.123456, 3.0)]
    assert shown == ["–", "–", "∞", "1,234", "1,000", "0.123", "3"]
    assert [show(6.73, "countries"), show(12.0, "countries"), show(2006.0, "year")] == [
        "6.7", "12", "2006",
    ]  # fmt: skip


def test_the_plan_names_eleven_claims_with_a_test_and_specifications_each():
    plans = load()
    assert list(plans) == [
        "web", "not_new", "growth", "technology", "platforms", "twinning", "reach", "authority",
        "self_rule", "strained", "tiers",
    ]  # fmt: skip
    for p in plans.values():
        assert p.test and p.estimand and p.sesoi
        assert math.prod(map(len, p.axes.values())) >= 10


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ("sesoi: 0.85", "sesoi: '0,85'"),
        ("{places: 30}", "{places: many}"),
        ("truths: [0.7,", "truths: [low,"),
        ("alpha: 0.05", "alpha: five"),
        ("level: 0.95", "level: 0.9"),
        ('number: "01"', "numbre: 1"),
    ],
)
def test_a_plan_with_a_value_of_another_type_is_one_message(tmp_path, was, is_now):
    text = config.CLAIMS_FILE.read_text()
    path = tmp_path / "claims.yml"
    path.write_text(text.replace(was, is_now, 1))
    with pytest.raises(InputError, match=r"claims\.yml: a name or a value is missing or wrong"):
        load(path)


def test_a_plan_that_is_not_there_is_one_message(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "claims.yml")


def test_a_choice_that_a_sample_has_not_is_refused():
    assert PLAN.selection(window_start=2005).window_start == 2005
    with pytest.raises(InputError, match=r"windowstart.\. Expected: window_start"):
        PLAN.selection(windowstart=2005)


def test_a_finding_of_nothing_is_shown_and_none_is_one_line():
    assert "–" in repr(Finding())
    with pytest.raises(InputError, match="a finding"):
        Finding.from_dict(Finding(estimate=1.0, low=0.5, high=2.0).to_dict() | {"p": [1]})
    whole = Finding(estimate=1.0, low=0.5, high=2.0, p=0.5).to_dict()
    odd = ({"window": [2000]}, {"parameters": None}, {"design": [1]}, {"reasons": "no list"})
    for wrong in ({}, {"secondary": [{"nam": 1}]}, [], *(whole | each for each in odd)):
        with pytest.raises(
            InputError, match=r"a finding: (a name or a value is missing|parameter )"
        ):
            Finding.from_dict(wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("estimate", "2"),
        ("p", "x"),
        ("level", "95"),
        ("n_countries", "many"),
        ("window", 2005),
        ("window", (2000,)),
        ("secondary", (1, 2)),
        ("design", (1,)),
        ("parameters", None),
    ],
)
def test_a_finding_of_other_types_is_refused_before_it_is_shown(name, value):
    with pytest.raises(InputError, match=f"parameter {name}.*Expected"):
        Finding(**{name: value})
