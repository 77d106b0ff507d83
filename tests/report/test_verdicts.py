"""The verdict table, Holm's family and the words: what is said follows from the findings."""

import math
import re

import pandas as pd
import pytest
from matplotlib.text import Text

from lac_analysis import charts, claims, files
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.plan import load
from lac_analysis.errors import InputError
from lac_analysis.report import verdict_words, verdicts
from lac_analysis.report.site import pages

DESIGN = tuple(
    {"truth": truth, "rejected": s, "supported": s}
    for truth, s in ((1.0, 0.03), (1.5, 0.2), (2.25, 0.6), (5.06, 0.95))
)


def finding(claim="authority", **changes):
    base = Finding(
        estimate=2.0, low=1.2, high=3.0, p=0.001, null_value=1.0, n_countries=33, n_places=9,
        n_engagements=99, claim=claim, unit="odds ratio", sesoi=1.5, window=(2000, 2020),
        sign_share=0.9, n_specifications=10, attainable=math.inf, design=DESIGN,
        verdict="supported",
    )  # fmt: skip
    return base.replace(**changes)


def words(**changes):
    judged = verdicts.judged({"authority": finding(**changes)})
    later = {"authority": finding(window=(2021, 2025), verdict="not testable")}
    return verdict_words.in_words(judged, later)


def test_holm_is_over_the_claims_that_can_be_tested():
    p = {"web": 0.01, "growth": 0.04, "reach": 0.03, "tiers": 0.5}
    findings = {name: finding(name, p=value) for name, value in p.items()}
    cannot = finding("twinning", p=0.001, not_testable="a minimum is not reached")
    judged = verdicts.judged(findings | {"twinning": cannot})
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.5), "holm")
    adjusted = [judged[name].holm_p for name in p]
    assert adjusted == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert judged["web"].verdict == "supported" and judged["growth"].verdict == "inconclusive"
    assert judged["twinning"].holm_p is None and judged["twinning"].verdict == "not testable"


def test_nothing_testable_is_no_error():
    judged = verdicts.judged({"web": finding("web", not_testable="no records")})
    assert judged["web"].verdict == "not testable"


def test_the_table_says_what_the_test_could_have_said():
    report = {"authority": finding(), "reach": finding("reach", design=())}
    later = {name: finding(name, estimate=None, p=None) for name in report}
    table = verdicts.table(report, later).set_index("claim")
    columns = ["number", "supported_no_effect", "supported_sesoi"]
    assert table.loc["authority", columns].tolist() == ["08", 0.03, 0.2]
    assert table.loc["reach", ["supported_no_effect", "supported_sesoi"]].isna().all()
    assert math.isinf(table.loc["authority", "attainable"])
    assert re.search("3 % +20 %", verdicts.as_text(table.reset_index()))


def test_q_is_benjamini_and_hochbergs_over_all_claims_and_leaves_out_what_has_no_p():
    p = [0.01, 0.02, 0.03, 0.5]
    first = (Result("a", p=p[1]), Result("none"), Result("nan", p=math.nan))
    second = (Result("b", p=p[0]), Result("c", p=p[3]), Result("d", p=p[2]))
    report = {"authority": finding(secondary=first), "strained": finding(secondary=second)}
    table = verdicts.secondary(report)
    assert table["analysis"].tolist() == ["b", "a", "d", "c"]
    # R: p.adjust(c(0.01, 0.02, 0.03, 0.5), "BH")
    assert table["q"].tolist() == pytest.approx([0.04, 0.04, 0.04, 0.5])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (1.7095, 0.4497, 2.7095)),  # log 2 / log 1.5, and so on
        ({"unit": "share", "null_value": 0.5, "sesoi": 1.0}, (3.0, 1.4, 5.0)),
        # against the smallest effect itself: from 0.5 to a ratio of one
        ({"null_value": 0.5, "sesoi": 0.5}, (2.0, 1.2630, 2.5850)),
        ({"estimate": None, "low": 0.0, "high": math.inf}, (math.nan, -math.inf, math.inf)),
    ],
)
def test_one_scale_for_all_claims(changes, expected):
    row = verdicts.standardised({"authority": finding(**changes)}).iloc[0]
    assert row[["estimate", "low", "high"]].tolist() == pytest.approx(
        expected, abs=1e-4, nan_ok=True
    )


@pytest.mark.parametrize(
    ("changes", "heading", "said"),
    [
        ({}, "These stand", "Supported: Holm p = 0.001, below 0.05; estimate 2, at or beyond"),
        (
            {"sign_share": 0.5},
            "These stand in part",
            "50 % of 10 specifications on the claimed side",
        ),
        ({"estimate": 1.2}, "These stand in part", "short of the smallest effect of interest 1.5"),
        ({"p": 0.3, "high": 1.4}, "These are ruled out", "upper limit 1.4, short of it"),
        (
            {"estimate": 0.5, "high": 0.9, "sign_share": 0.1},
            "These are ruled out",
            "Contradicted: Holm p = 0.001",
        ),
        ({"p": 0.3}, "These cannot be told on these data", "not short of it"),
        (
            {"not_testable": "no dates"},
            "These cannot be told on these data",
            "Not testable: no dates",
        ),
    ],
)
def test_each_finding_stands_under_one_heading_and_says_why(changes, heading, said):
    text = words(**changes)
    assert text.startswith(f"**{heading}.**") and text.count("**") == 2
    assert said in text and "From 2021 to 2025: not testable." in text


def test_what_cannot_be_told_says_what_it_would_take():
    assert "With a true odds ratio of 5.06, 95% of tests would say supported" in words(p=0.3)
    weak = words(p=0.3, design=DESIGN[:3])
    assert "Even with a true odds ratio of 2.25" in weak and "60% of tests" in weak
    never = tuple(row | {"supported": 0.0} for row in DESIGN)  # 0 % at no effect says nothing
    said = "Even with a true odds ratio of 5.06, 0% of tests would say supported"
    assert said in words(p=0.3, design=never)
    assert "would say" not in words(p=0.3, design=()) and "would say" not in words()


def test_a_condition_that_fails_is_told():
    report = verdicts.judged({"web": finding("web", conditions={"two_types": False})})
    assert "two types: does not hold" in verdict_words.in_words(report, report)


def test_text_of_a_users_table_stays_text():
    assert "&lt;img" in words(not_testable="<img src=x>")


def test_the_picture_has_a_row_and_a_mark_a_claim():
    each = dict(zip(claims.CLAIMS, [*charts.VERDICTS] * 2, strict=False))
    report = {name: finding(name, verdict=verdict) for name, verdict in each.items()}
    picture = verdicts.draw_verdicts(report)
    assert picture.data["verdict"].tolist() == list(each.values()) and len(each) == 11
    assert "8b More where regions rule themselves" in picture.alt


def test_the_picture_names_a_sample_where_records_are_counted():
    sample = {"min_confidence": "high", "drop_countries": ["BRA"]}
    report = {name: finding(name, parameters=sample) for name in ("reach", "authority", "tiers")}
    page = verdicts.draw_verdicts(report).figure
    told = " ".join(" ".join(text.get_text() for text in page.findobj(Text)).split())
    assert "high confidence or more where records are counted, without BRA" in told


def test_written_once_and_complete(tmp_path):
    secondary = (Result("a", 2.0, p=0.02), Result("b", 3.0, p=0.01))
    report = verdicts.judged({name: finding(name, secondary=secondary) for name in claims.CLAIMS})
    verdicts.save(report, report, [], str(tmp_path))
    names = {"finding.json", "verdicts_table.csv", "secondary_table.csv"}
    assert {path.name for path in tmp_path.iterdir()} == names
    written = pd.read_csv(tmp_path / "secondary_table.csv")
    assert len(written) == 22 and written["q"].is_monotonic_increasing
    table = pd.read_csv(tmp_path / "verdicts_table.csv", dtype={"number": str})
    assert table["number"].tolist()[7:9] == ["08", "08b"]


@pytest.fixture
def stored(tables, tmp_path):
    """A folder of runs with a finding of every claim, of the plan's choices and this code."""
    for name, plan in load().items():
        selection = plan.selection()
        chosen = selection.__dict__ | plan.options_from(2000) | {"seed": plan.seed}
        hashes = {"input_hash": tables.input_hash, "code_hash": files.code_hash()}
        kept = finding(name, parameters=chosen, **hashes)
        files.save(kept.to_dict(), [], tmp_path / plan.notebook)
    return str(tmp_path)


def test_findings_are_read_of_runs_of_just_these_choices_and_else_computed(
    tables, stored, monkeypatch
):
    monkeypatch.setattr(claims, "analyse", lambda name, *_, **__: finding(name, verdict="computed"))

    def verdicts_of(window=(2000, 2020), **choices):
        found = claims.findings(tables, window, runs=stored, **choices)
        return {f.verdict for f in found.values()}

    assert verdicts_of() == {"supported"}
    assert verdicts_of(include_other_local=True, drop_countries=[]) == {"supported"}
    assert verdicts_of(min_confidence="medium") == {"computed"}
    assert verdicts_of(seed=1) == {"computed"}
    monkeypatch.setattr(files, "code_hash", lambda: "other code")
    assert verdicts_of() == {"computed"}


def test_a_claim_without_a_second_test_has_none_after_the_report(tables, monkeypatch):
    """Excerpts carry no dates: what was tested once is not tested again on the same excerpts."""
    monkeypatch.setattr(claims, "analyse", lambda name, *_, **__: finding(name))
    later = claims.findings(tables, (2021, 2025))
    none = {name for name, f in later.items() if f.verdict == "not testable"}
    assert none == {"authority", "self_rule", "strained"}
    assert "excerpts carry no dates" in later["strained"].not_testable


@pytest.mark.parametrize("finding", [{}, {"report": None}, {"report": {"authority": {"old": 1}}}])
def test_verdicts_of_another_version_are_one_message(tmp_path, finding):
    run = pages.Run(tmp_path, "", {}, finding, {})
    with pytest.raises(InputError, match="the verdicts are of another version"):
        pages.render({pages.VERDICTS: run}, pd.DataFrame(), {})


def test_the_later_window_is_out_of_sample_whenever_it_begins(tables):
    """Undated engagements are left out there, and what has no second test is not tested."""
    found = claims.findings(tables, (2017, 2025), later=True)
    assert found["reach"].parameters["undated"] == "exclude"
    assert found["authority"].verdict == "not testable"


def test_a_later_window_of_ones_own_is_tested_where_it_can_be(tables, monkeypatch):
    known = {name: load()[name] for name in ("tiers", "not_new")}
    monkeypatch.setattr(claims.plans, "load", lambda: known)
    own = claims.findings(tables, (2003, 2020), later=True)
    assert {found.verdict for found in own.values()} == {"supported"}
    planned = claims.findings(tables, (2021, 2025), later=True)
    assert "window from 2021" in planned["not_new"].not_testable
    assert "AidData projects are known for" in planned["tiers"].not_testable
