import json

import pandas as pd
import pytest

from lac_analysis import claims, config, files
from lac_analysis.claims import NotTestable, not_new, plan, reach, strained, tiers
from lac_analysis.claims.finding import Finding
from lac_analysis.errors import InputError
from lac_analysis.selection import Selection


def test_names_of_what_was_counted_end_with_the_window(tables):
    finding = claims.analyse("not_new", tables, plan.of("not_new").selection(window_end=2003))
    names = [result.name for result in finding.secondary]
    assert any(name.endswith("2000-2003") for name in names)
    assert any(name.endswith("before 2004") for name in names)
    early = plan.of("not_new").selection(window_start=1980)
    names = [r.name for r in claims.analyse("not_new", tables, early, before=1995).secondary]
    assert any(name.endswith("before 1995") for name in names)
    assert not any("2000-" in name for name in names)  # no span that ends before it starts


def test_reach_counts_countries_once_and_leaves_out_what_was_only_planned(made):
    data = made(
        [
            {"country": "BRA"}, {"country": "BRA"}, {"country": "KNA"},
            {"country": "ARG", "level": "national"}, {"country": "CHL", "planned": True},
            {"country": "PER", "date": "2021-01-01"}, {"country": "MEX", "date": ""},
        ]
    )  # fmt: skip
    assert reach.estimate(data, Selection(), undated="exclude", at_least=1) == 2 / 33
    assert reach.estimate(data, Selection(), undated="include", at_least=1) == 3 / 33
    assert reach.estimate(data, Selection(), undated="exclude", at_least=2) == 1 / 33


def test_reach_judges_small_states_too(made):
    large = [iso for iso in config.CELAC if iso not in ("ATG", "BHS", "BRB", "DMA", "GRD", "KNA")]
    finding = claims.analyse("reach", made([{"country": iso} for iso in large]), Selection())
    assert finding.estimate == 27 / 33 and not finding.conditions["small_states_reached"]
    assert finding.verdict == "partly supported"
    everywhere = claims.analyse(
        "reach", made([{"country": iso} for iso in config.CELAC]), Selection()
    )
    assert everywhere.conditions["small_states_reached"] and everywhere.estimate == 1
    assert everywhere.attainable == 1


def test_reach_needs_countries(made):
    selection = Selection(drop_countries=tuple(config.CELAC[:20]))
    finding = claims.analyse("reach", made([{"country": config.CELAC[-1]}]), selection)
    assert finding.verdict == "not testable" and "13 countries" in finding.not_testable


def test_not_new_counts_what_certainly_was_before(made):
    data = made(
        [
            {"country": "BRA", "date": "2004-12-31"}, {"country": "CHL", "date": "1985-06-01"},
            {"country": "ARG", "date": ("2005-06-01", "2006-06-01")},
            {"country": "PER", "date": "2006-01-01"},
        ]
    )  # fmt: skip
    options = {"before": 2006, "exclude_report_dates": False}
    assert not_new.estimate(data, Selection(), **options) == 2
    table = not_new.table(data, Selection(), exclude_report_dates=False)
    assert table.loc["ARG", "last"] == pd.Timestamp(2006, 6, 1) and len(table) == 33
    with pytest.raises(NotTestable, match="no year before"):
        not_new.estimate(data, Selection(window_start=2010), **options)
    with pytest.raises(NotTestable, match="no local engagement"):  # not 0 countries
        not_new.estimate(data, Selection(window_start=1970, window_end=1980), **options)


def test_not_new_against_the_binomial(made):
    data = made([{"country": iso, "date": "2001-01-01"} for iso in config.CELAC[:11]])
    finding = claims.analyse("not_new", data, Selection())
    # R: binom.test(11, 33, 5/33, "greater")$p.value; binom.test(11, 33)$conf.int * 33
    assert finding.p == pytest.approx(0.00732, abs=5e-5)
    assert (finding.low, finding.high) == pytest.approx((5.929, 17.1), abs=0.05)
    assert finding.attainable == 33 and finding.verdict == "supported"


def test_no_truth_of_more_countries_than_are_left(tables):
    eight = ("BLZ", "GTM", "SLV", "HND", "NIC", "CRI", "PAN", "MEX")
    selection = plan.of("not_new").selection(drop_countries=tuple({*config.CELAC} - {*eight}))
    finding = claims.analyse("not_new", tables, selection)
    assert [row["truth"] for row in finding.design] == [5, 6, 8]
    assert pd.DataFrame(finding.design).notna().all(axis=None)
    kept = json.loads(json.dumps(files.to_json_values(finding.to_dict())))
    assert [row["truth"] for row in Finding.from_dict(kept).design] == [5, 6, 8]


def test_tiers_takes_the_smaller_ratio_and_the_larger_p(tables):
    planned = plan.load()["tiers"]
    late, early = tiers.table(tables, planned.selection(), years=5, without_2020=False)
    assert list(late.index) == list(range(2016, 2021)) and list(early.index) == list(
        range(2011, 2016)
    )
    ratios = tiers.ratios(late, early, planned)
    finding = claims.analyse("tiers", tables, planned.selection())
    assert finding.estimate == min(ratio.estimate for ratio in ratios.values())
    assert finding.p == max(ratio.p for ratio in ratios.values())
    visits = next(result for result in finding.secondary if "visit" in result.name)
    assert visits.note == "7 of 165 country-years against 16 of 165"
    assert visits.low < 7 * 149 / (158 * 16) < visits.high and 0.05 < visits.p < 0.2
    # version 1's numbers, and an auditor's p of 30 November 2026, recomputed independently then
    assert finding.estimate == pytest.approx(1.262, abs=5e-4)
    assert (finding.low, finding.high) == pytest.approx((0.846, 1.88), abs=5e-3)
    assert finding.p == pytest.approx(0.008505413, abs=1e-8)
    exact = next(
        result for result in finding.secondary if result.name == "CGIT deals, as if Poisson"
    )
    assert (exact.low, exact.high) == pytest.approx((0.967, 1.65), abs=5e-3)


def test_tiers_needs_events_in_both_periods(tables):
    planned = plan.load()["tiers"]
    late, early = tiers.table(tables, planned.selection(), years=5, without_2020=False)
    with pytest.raises(NotTestable, match="no CGIT deals in 2011–2015"):
        tiers.ratios(late, early.assign(cgit_deals=0), planned)


def test_tiers_says_which_years_are_missing(tables):
    finding = claims.analyse("tiers", tables, Selection(window_start=2021, window_end=2025))
    assert finding.verdict == "not testable" and "AidData" in finding.not_testable


@pytest.mark.parametrize("value", [7, 1, "no"])
def test_an_option_that_is_true_or_false_takes_nothing_else(tables, value):
    with pytest.raises(InputError, match=r"without_2020: .* Expected: true or false"):
        claims.analyse("tiers", tables, without_2020=value)
    with pytest.raises(InputError, match=r"years: True. Expected: a whole number from"):
        claims.analyse("tiers", tables, years=True)


@pytest.mark.parametrize(
    ("window", "switched"),
    [
        ((2005, 2020), "GRD"),
        ((2007, 2020), "CRI"),
        ((2017, 2020), "PAN"),
        ((2021, 2025), "NIC"),
        ((2023, 2025), "HND"),
    ],
)
def test_a_country_that_turned_within_the_first_year_did_not_recognise_beijing_throughout(
    tables, window, switched
):
    selection = Selection(*window)
    countries = reach.table(tables, selection, undated="include", at_least=1)
    assert countries.loc[switched, "recognition"] == reach.TAIPEI
    assert not strained.recognises_prc(tables, selection, "throughout")[switched]
    after = Selection(window[0] + 1, window[1])
    assert strained.recognises_prc(tables, after, "throughout")[switched]


def test_what_both_searches_miss_is_counted_as_the_claim_counts(tables):
    selection = plan.of("reach").selection(window_start=2021, window_end=2025)
    for undated in ("include", "exclude"):
        finding = claims.analyse("reach", tables, selection, undated=undated)
        chapman = next(r for r in finding.secondary if "Chapman" in r.name)
        assert (chapman.estimate >= 31) == (undated == "include")


def test_without_the_searches_what_they_miss_is_not_known(tables):
    other = tables.engagements.assign(in_neutral=False)
    found = claims.analyse("reach", tables.replace(engagements=other), Selection(collection="all"))
    chapman = next(r for r in found.secondary if "Chapman" in r.name)
    assert (chapman.estimate, chapman.note) == (None, "neither search found an engagement")
