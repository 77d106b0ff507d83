"""Jackknifed trends against R, and planted growth."""

import numpy as np
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats.trend_jackknife import jackknife_trend, trend_ratio

YEARS = np.arange(2000, 2021)


@pytest.mark.parametrize("block", [1, 3])
def test_equals_r(reference_c, block):
    data = reference_c.table("yearly")
    runs = 21 // block
    for name, result in (
        ("trend", jackknife_trend(data["year"], data["count"], runs=runs)),
        ("ratio", trend_ratio(data["year"], data["count"], data["other"], runs=runs)),
    ):
        r = reference_c.of(f"{name}_{block}")
        assert np.log(result.estimate) == pytest.approx(r["log_ratio"], rel=1e-7)
        assert result.se == pytest.approx(r["se"], rel=1e-6)
        assert result.p == pytest.approx(r["p"], rel=1e-5)
        assert result.runs == runs


def test_exact_growth_has_no_error():
    result = jackknife_trend(range(2000, 2006), 2 ** np.arange(6))
    assert result.estimate == pytest.approx(2)
    assert result.interval == pytest.approx((2, 2))
    assert result.fitted == pytest.approx(2.0 ** np.arange(6))


def test_order_does_not_matter_and_ratios_turn_over():
    rng = np.random.default_rng(3)
    a, b = rng.poisson(5 * 1.1 ** (YEARS - 2000.0)), rng.poisson(20, 21)
    first, back = trend_ratio(YEARS, a, b), trend_ratio(YEARS[::-1], b[::-1], a[::-1])
    assert back.estimate == pytest.approx(1 / first.estimate)
    assert back.p == pytest.approx(first.p)
    assert trend_ratio(YEARS, a, a).estimate == 1
    alone = jackknife_trend(YEARS, a).estimate / jackknife_trend(YEARS, b).estimate
    assert first.estimate == pytest.approx(alone)


def test_no_trend_to_estimate():
    with pytest.raises(ValueError, match="no trend"):
        jackknife_trend([2000, 2001, 2002], [0, 0, 4])
    with pytest.raises(ValueError, match="no trend"):
        jackknife_trend([2000, 2001, 2002], [0, 0, 0])
    with pytest.raises(ValueError, match="needs three"):
        jackknife_trend([2000, 2001], [1, 2])
    with pytest.raises(InputError, match="more than once"):
        jackknife_trend([2000, 2000, 2002], [1, 2, 3])
    with pytest.raises(InputError, match="lengths differ"):
        jackknife_trend([2000, 2001, 2002], [1, 2])


def test_a_year_that_alone_bounds_the_trend_leaves_it_open():
    result = jackknife_trend(range(2000, 2006), [0, 0, 0, 0, 1, 9])
    assert np.isfinite(result.estimate)
    assert result.interval == (0, np.inf)
    assert result.p == 1


@pytest.mark.slow
def test_runs_of_years_keep_the_size_where_years_depend_on_each_other():
    rng = np.random.default_rng(11)
    rejected = {21: 0, 6: 0}
    for _ in range(300):
        noise = rng.normal(size=21)
        for year in range(1, 21):
            noise[year] = 0.4 * noise[year - 1] + 0.84**0.5 * noise[year]
        counts = rng.poisson(15 * np.exp(0.31 * noise))
        for runs in rejected:
            rejected[runs] += jackknife_trend(YEARS, counts, runs=runs).p < 0.05
    assert rejected[6] / 300 < 0.1  # about 0.06, give or take 0.014
    assert rejected[21] > 1.5 * rejected[6]
