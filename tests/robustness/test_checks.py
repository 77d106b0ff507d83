"""The checks on data whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from lac_analysis import claims
from lac_analysis.claims import authority, plan, reach, share
from lac_analysis.claims.finding import Finding
from lac_analysis.robustness import (
    check_charts,
    coding,
    controls,
    dates,
    influence,
    picture,
)
from lac_analysis.selection import Selection

SELECTIONS = {name: entry.selection() for name, entry in plan.load().items()}
OPTIONS = {"definition": "federal", "excerpts": "all"}


def day(year):
    date = pd.Timestamp(year, 6, 1)
    return {"date_start": date, "date_end": date, "year": year}


def test_an_engagement_stays_where_something_else_attests_it(tables, made):
    first, second = tables.records["record_id"].iloc[:2]
    data = made(
        [
            {"country": "ARG", "record_ids": f"{first}", "templates": "N1", "coders": "M",
             "sources": "https://a.org/1"},
            {"country": "BRA", "record_ids": f"{first}; {second}", "templates": "N1 T2",
             "coders": "A M", "sources": "https://a.org/2; https://b.org/1"},
            {"country": "CHL", "record_ids": f"{second}", "templates": "N2 P1", "coders": "A",
             "sources": "https://www.b.org/1"},
        ]
    )  # fmt: skip
    parts = {(d, group): part for d, group, part in influence._without_each(data)}
    left = {key: set(part.engagements["country"]) for key, part in parts.items()}
    assert left["website", "a.org"] == {"BRA", "CHL"} and left["website", "b.org"] == {"ARG", "BRA"}
    assert left["coder", "coder M"] == {"BRA", "CHL"} and left["coder", "coder A"] == {"ARG", "BRA"}
    assert left["query template", "query N1"] == {"BRA", "CHL"}
    without = parts["query template", "query N2"].engagements.set_index("country")
    assert without["templates"].to_dict() == {"ARG": "N1", "BRA": "N1 T2", "CHL": "P1"}
    assert without["in_country_queries"].to_dict() == {"ARG": True, "BRA": True, "CHL": False}
    assert without["in_protocol"].all()


def test_excerpts_go_with_their_query_and_their_coder(counted):
    data = counted()
    parts = {(d, group): part for d, group, part in influence._without_each(data)}
    assert set(share.excerpts(parts["coder", "coder M"])["coder"]) == {"N", "O", "P"}
    part = share.excerpts(parts["query template", "query N3"])
    pd.testing.assert_frame_equal(part, share.excerpts(data, "without_N3"))


def test_leaving_a_country_out_is_the_claims_own_estimate_without_it(tables):
    selection, options = SELECTIONS["reach"], plan.of("reach").options
    found = influence.leave_out(tables, {"reach": selection})
    own = reach.estimate(tables, selection.replace(drop_countries=("BRA",)), **options)
    row = found[(found["dimension"] == "country") & (found["group"] == "BRA")]
    assert row["estimate"].item() == pytest.approx(own)
    summary = influence.summary(found, {"reach": Finding(null_value=0.5)})
    assert summary.loc["reach", "highest"].startswith(f"{found['estimate'].max():.3g}"[:4])


def test_reliability_is_that_of_the_codebook(tables):
    table = coding.reliability(tables).set_index(["round", "code"])
    assert table["alike"]["first two rounds", "level, four kinds"] == pytest.approx(0.87, abs=0.005)
    assert table["alike"]["third round", "level, four kinds"] == pytest.approx(0.86, abs=0.005)
    kappa = {"level, four kinds": 0.78, "type of Chinese actor": 0.93, "activity": 0.91}
    for code, value in kappa.items():
        assert table["estimate"]["third round", code] == pytest.approx(value, abs=0.005)


def test_coding_errors_are_taken_out_of_the_local_share(counted):
    """The naive ratio is the claim's own, and coders who err make the corrected one larger."""
    data = counted(ratio=5.0, seed=4, each=8)
    table = data.double_coded
    both = table[table["found_by"] == "both"].head(100).reset_index(drop=True)
    levels = np.where(np.arange(100) < 50, "municipal", "national")
    second = np.where(np.arange(100) % 10 == 0, levels[::-1], levels)  # one in ten otherwise
    both = both.assign(lac_level_1=levels, lac_level_2=second)
    found = coding.corrected(
        data.replace(double_coded=both), SELECTIONS, draws=30, seed=1
    ).set_index(["claim", "errors"])
    row = found.loc["authority", "as estimated"]
    own = share.estimate(
        authority.table(data, SELECTIONS["authority"], **OPTIONS), "log_population"
    )
    assert row["naive"] == pytest.approx(own, rel=1e-6)
    assert row["wrong"] == pytest.approx(0.053, abs=0.01)  # two coders, ten differ of a hundred
    assert row["estimate"] > 1.1 * row["naive"]
    assert found.loc["authority", "upper limit"]["wrong"] > row["wrong"]


def test_known_dates_leave_nothing_to_bound_or_to_impute(made):
    countries = ["ARG", "BRA", "CHL", "PER", "MEX", "VEN"]
    data = made([{"country": c, **day(2000 + i)} for c in countries for i in range(0, 20, 3)])
    row = dates._growth(data, Selection(collection="all"), 4, 1)
    assert row["uncertain"] == 0 and row["imputed"] == pytest.approx(row["recorded"], rel=1e-9)
    assert row["lowest"] == row["highest"] == pytest.approx(row["recorded"])


def test_worst_cases_hold_what_is_recorded(tables):
    table = dates.completed(tables, SELECTIONS, draws=3, seed=1)
    assert set(table["claim"]) == {"growth", "platforms", "twinning"}
    assert (table["lowest"] <= table["recorded"]).all()
    assert (table["recorded"] <= table["highest"]).all()
    for name in ("platforms", "twinning"):
        own = claims.CLAIMS[name].estimate(tables, SELECTIONS[name], **plan.of(name).options)
        assert table.set_index("claim")["recorded"][name] == pytest.approx(own)


def test_places_whose_only_engagement_is_a_platform_event_have_no_ratio(made):
    event = {"country": "ARG", "activity": "platform_event", "is_platform_event": True}
    with pytest.raises(claims.CANNOT):  # which `completed` skips, as it does not a TypeError
        dates._platforms(made([event | day(2010)]), Selection(collection="all"))


def test_the_local_share_bears_labels_that_go_with_size_and_a_rate_per_head_does_not(counted, made):
    """As many engagements in every country, whatever its size: what a capped search gives."""
    isos = sorted(authority.table(counted(), SELECTIONS["authority"], **OPTIONS).index)
    log = counted(ratio=1.0, seed=5).search_log
    data = made([{"country": iso, **day(2010)} for iso in isos for _ in range(4)])
    data = data.replace(engagements=data.engagements.assign(in_neutral=True), search_log=log)
    p = controls.negative(data, SELECTIONS["authority"], tests=100, seed=1)
    sizes = controls.sizes(p).set_index(["method", "labels"])
    thirds = "labels within thirds"
    assert sizes.loc[(controls.SHARE, thirds), "median_ratio"] == pytest.approx(1, abs=0.15)
    assert sizes.loc[(controls.SHARE, thirds), "low"] < 0.05
    assert sizes.loc[(controls.PER_HEAD, thirds), "median_ratio"] < 0.6
    assert sizes.loc[(controls.PER_HEAD, thirds), "low"] > 0.05


def test_every_picture_is_drawn_and_where_there_is_nothing_says_so(counted, tables):
    made_from = picture.made_from("x", tables, window_start=2000, window_end=2020)
    data = counted(seed=7)
    selections = {name: SELECTIONS[name] for name in ("authority", "reach")}
    left_out = influence.leave_out(data, selections)
    finding = Finding(unit="odds ratio", null_value=1.0, estimate=1.1)
    drawn = check_charts.draw_influence("authority", left_out, finding, made_from)
    assert "with everything" in drawn.alt
    of_log = finding.replace(parameters={"excerpts": "all", "min_confidence": "high"})
    drawn = check_charts.draw_influence("authority", left_out, of_log, made_from)
    words = " ".join(each.get_text() for each in drawn.figure.texts).replace("\n", " ")
    assert "excerpts of equal searches, all years" in words and "confidence" not in words
    some = left_out.assign(estimate=left_out["estimate"].where(left_out["dimension"] != "coder"))
    lost = some[some["claim"] == "authority"]["estimate"].isna()
    assert 0 < lost.sum() < len(lost)
    drawn = check_charts.draw_influence("authority", some, finding, made_from)
    words = " ".join(each.get_text() for each in drawn.figure.texts).replace("\n", " ")
    assert f"Without {lost.sum()} of {len(lost)} groups nothing can be estimated" in words
    nothing = Finding(not_testable="too few")
    assert "too few" in check_charts.draw_influence("web", left_out, nothing, made_from).alt

    missing = dates.completed(data, SELECTIONS, draws=2, seed=1)
    p = controls.negative(data, SELECTIONS["authority"], tests=4, seed=1)
    design = pd.DataFrame(
        {"claim": "authority", "truth": [1.0, 1.5], "sesoi": 1.5, "rejected": 0.05,
         "supported": [0.02, 0.3], "inconclusive": [0.98, 0.7]}
    )  # fmt: skip
    for draw, *content in (
        (check_charts.draw_power, design),
        (check_charts.draw_controls, p, controls.sizes(p)),
        (check_charts.draw_dates, missing),
    ):
        assert "No picture" not in draw(*content, made_from).alt
        empty = [table.iloc[:0] for table in content]
        assert "No picture" in draw(*empty, made_from).alt


def test_nothing_selected_leaves_empty_tables(tables):
    empty = {name: chosen.replace(window_start=1970, window_end=1974)
             for name, chosen in SELECTIONS.items()}  # fmt: skip
    assert controls.negative(tables, empty["authority"], tests=2, seed=1).empty
    assert dates.completed(tables, empty, draws=2, seed=1).empty
    assert coding.corrected(tables, empty, draws=2, seed=1).empty
