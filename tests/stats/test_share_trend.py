"""Logistic trend with controls against R with hand-made covariances."""

import numpy as np
import pandas as pd
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats.share_trend import share_trend


def test_equals_r(reference_c):
    data, r = reference_c.table("events"), reference_c.of("share")
    result = share_trend(data["technology"], data["year"], data["group"], data[["search"]])
    assert np.log(result.estimate) == pytest.approx(r["log_ratio"], rel=1e-6)
    assert result.p == pytest.approx(r["p"], rel=1e-5)
    assert result.n == 120 and "10 groups" in result.method
    assert list(result.coefficients.index) == ["constant", "time", "search"]


def test_equals_leaving_out_each_country_in_r(reference):
    company, r = reference.table("company"), reference.of("logistic_trend")
    trend = share_trend(company["technology"], company["year"], company["iso3"])
    assert trend.estimate == pytest.approx(r["estimate"], rel=1e-6)
    assert trend.interval == pytest.approx((r["low_crv3"], r["high_crv3"]), rel=1e-5)
    by_year = share_trend(company["technology"], company["year"], company["iso3"], per=1)
    assert by_year.estimate**10 == pytest.approx(trend.estimate)


@pytest.mark.slow
def test_keeps_its_size_with_twenty_unequal_countries():
    rng = np.random.default_rng(9)
    groups = np.repeat(np.arange(20), np.arange(2, 22))
    rejected, runs = 0, 400
    for _ in range(runs):
        time = rng.integers(2000, 2021, len(groups))
        share = 1 / (1 + np.exp(-rng.normal(0, 0.7, 20)[groups]))
        outcome = (rng.random(len(groups)) < share).astype(int)
        rejected += share_trend(outcome, time, groups).p < 0.05
    assert rejected / runs < 0.08


def test_a_control_takes_away_what_it_explains():
    """The second search finds later events and more technology: no trend within a search."""
    rng = np.random.default_rng(2)
    search = rng.integers(0, 2, 4000)
    year = 2000 + 10 * search + rng.integers(0, 10, 4000)
    outcome = (rng.random(4000) < np.where(search == 1, 0.7, 0.3)).astype(int)
    group = rng.integers(0, 12, 4000)
    alone = share_trend(outcome, year, group)
    within = share_trend(outcome, year, group, pd.DataFrame({"search": search}))
    assert alone.interval[0] > 2
    assert within.interval[0] < 1 < within.interval[1]


def test_time_back_to_front_and_rows_in_another_order():
    rng = np.random.default_rng(4)
    year, group = rng.integers(2000, 2021, 150), rng.integers(0, 8, 150)
    outcome = rng.integers(0, 2, 150)
    first, back = share_trend(outcome, year, group), share_trend(outcome, -year, group)
    assert back.estimate == pytest.approx(1 / first.estimate)
    assert back.p == pytest.approx(first.p)
    order = rng.permutation(150)
    assert share_trend(outcome[order], year[order], group[order]).p == pytest.approx(first.p)


def test_no_trend_to_estimate():
    with pytest.raises(InputError, match="no trend"):
        share_trend([0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6], list("abcabc"))
    with pytest.raises(InputError, match="no trend"):
        share_trend([0, 1, 0, 1], [1, 1, 1, 1], list("abab"))
    with pytest.raises(InputError, match="one group"):
        share_trend([0, 1, 0, 1], [1, 2, 3, 4], list("aaaa"))


def test_a_group_without_which_there_is_no_estimate_leaves_no_interval():
    outcome, year = [0, 0, 0, 1, 1, 1, 1, 0], [1, 2, 3, 4, 5, 6, 2, 5]
    result = share_trend(outcome, year, list("aabbaacc"))
    assert np.isfinite(result.estimate)
    assert np.isnan(result.p)
