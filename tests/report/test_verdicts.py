"""The secondary table and the words: what is said follows from the findings."""

import math

import numpy as np
import pandas as pd
import pytest

from lac_analysis import claims, tables
from lac_analysis.claims import plan
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.report import verdict_words, verdicts


def finding(claim="authority", **changes):
    base = Finding(
        estimate=2.0, low=1.2, high=3.0, interval_method="", p=0.001, p_method="", null_value=1.0, n_countries=33,
        n_places=9, n_engagements=99, claim=claim, unit="rate ratio", sesoi=1.5, window=(2000, 2020), sign_share=0.9,
        n_specifications=10, holm_p=0.01, verdict="supported", reasons=("Holm p = 0.01, below 0.05",),
    )  # fmt: skip
    return base.replace(**changes)


def test_q_is_benjamini_and_hochbergs_over_all_claims_and_leaves_out_what_has_no_p():
    p = [0.01, 0.02, 0.03, 0.5]
    report = {
        "authority": finding(
            secondary=(Result("a", p=p[1]), Result("none"), Result("nan", p=math.nan))
        ),
        "strained": finding(
            secondary=(Result("b", p=p[0]), Result("c", p=p[3]), Result("d", p=p[2]))
        ),
    }
    table = verdicts.secondary(report)
    assert table["analysis"].tolist() == ["b", "a", "d", "c"]
    # R: p.adjust(c(0.01, 0.02, 0.03, 0.5), "BH")
    assert table["q"].tolist() == pytest.approx([0.04, 0.04, 0.04, 0.5])


@pytest.mark.parametrize(
    ("changes", "heading"),
    [
        ({}, verdict_words.STANDS),
        ({"verdict": "partly supported"}, verdict_words.DEPENDS),
        ({"verdict": "contradicted"}, verdict_words.OTHER_WAY),
        ({"verdict": "not testable", "not_testable": "no dates"}, verdict_words.NOT_JUDGED),
        ({"verdict": "not supported", "sign_share": 0.5}, verdict_words.DEPENDS),
        ({"verdict": "not supported", "sign_share": 0.1}, verdict_words.NOT_BORNE_OUT),
        ({"verdict": "not supported", "sign_share": 0.81}, verdict_words.NOT_BORNE_OUT),
    ],
)
def test_each_finding_stands_under_one_heading(changes, heading):
    report = {"authority": finding(**changes)}
    text = verdict_words.in_words(
        report, {"authority": finding(window=(2021, 2025), verdict="not supported")}
    )
    assert text.startswith(f"**{heading}.**") and text.count("**") == 2
    assert "From 2021 to 2025: not supported." in text


def test_what_decides_is_the_choice_that_turns_the_sign():
    table = pd.DataFrame(
        {"exposure": ["none", "population"] * 4, "undated": ["exclude"] * 4 + ["include"] * 4}
    )
    table["estimate"] = np.where(table["exposure"] == "none", 2.0, 0.5) * np.linspace(1, 1.05, 8)
    report = finding(verdict="not supported", sign_share=0.5, detail={"specifications": table})
    text = verdict_words.in_words({"authority": report}, {"authority": report})
    assert (
        "What decides is *rate per*" in text
        and "on the claimed side with none; not with population" in text
    )


def test_where_only_the_smallest_effect_is_in_doubt_that_is_what_decides():
    table = pd.DataFrame({"undated": ["exclude", "include"] * 3, "estimate": [1.4, 1.6] * 3})
    report = finding(verdict="not supported", sign_share=1.0, detail={"specifications": table})
    assert verdict_words.group(report) == verdict_words.DEPENDS
    text = verdict_words.in_words({"authority": report}, {"authority": report})
    assert "at or beyond 1.5 with include; not with exclude" in text


def test_a_test_that_could_not_see_the_smallest_effect_says_so():
    blind = finding(verdict="not supported", holm_p=0.4, smallest_detectable=18.8)
    later = {"authority": blind}
    assert "could hardly have seen" in verdict_words.in_words({"authority": blind}, later)
    seen = blind.replace(smallest_detectable=1.3)
    assert "could hardly have seen" not in verdict_words.in_words({"authority": seen}, later)


def test_written_once_and_complete(tmp_path):
    data = tables.load()
    some = {
        name: claims.test(name, data, plan.load()[name].selection()) for name in ("reach", "tiers")
    }
    report = verdicts.correct(some)
    verdicts.save(report, report, {}, str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        "finding.json",
        "verdicts_table.csv",
        "secondary_table.csv",
    }
    written = pd.read_csv(tmp_path / "secondary_table.csv")
    assert (
        len(written) == len(verdicts.secondary(report)) > 5 and written["q"].is_monotonic_increasing
    )
