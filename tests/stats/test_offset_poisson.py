"""After against before with a background: R's offset regression, placebo dates, planted ratios."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.offset_poisson import net_ratio, offset_ratio, windows


def monthly(ratio, *, seed, units=60, dated=20, rate=0.15, growth=1.0):
    """Counts of 120 months; the first `dated` units have a date and the ratio after it."""
    rng = np.random.default_rng(seed)
    expected = np.full((units, 120), rate) * growth ** (np.arange(120) / 12)
    dates = pd.Series(rng.integers(24, 96, dated), index=np.arange(dated)) + 1000
    for unit, date in dates.items():
        expected[unit, date - 999 : date - 999 + 24] *= ratio
    counts = pd.DataFrame(rng.poisson(expected), columns=np.arange(1000, 1120))
    return counts, dates, np.arange(dated, units)


def test_windows_count_each_side_without_the_month_itself():
    counts = pd.DataFrame([[1, 2, 4, 8, 16], [0, 1, 0, 1, 0]], index=["a", "b"])
    table = windows(counts, pd.Series({"a": 2}), months=2)
    assert table.loc["a"].to_dict() == {
        "date": 2, "before": 3, "after": 24, "background_before": 1, "background_after": 1,
    }  # fmt: skip


@pytest.mark.parametrize("date", [1, 3])
def test_months_that_are_not_counted_are_refused(date):
    counts = pd.DataFrame(np.ones((2, 5), int), index=["a", "b"])
    with pytest.raises(InputError, match="months from 0 to 4"):
        windows(counts, pd.Series({"a": date}), months=2)


def test_estimate_equals_r_with_offset(reference_c):
    units, r = reference_c.table("units"), reference_c.of("offset")
    background = units[["background_before", "background_after"]].to_numpy()
    # a unit pair for each row of R's table, years apart so that nobody is in another's background
    rows, dates, width = [], {}, 4
    for i, (before, after) in enumerate(units[["before", "after"]].to_numpy()):
        row, other = np.zeros((2, len(units) * width), int)
        row[[i * width, i * width + 2]] = before, after
        other[[i * width, i * width + 2]] = background[i]
        rows += [row, other]
        dates[2 * i] = i * width + 1
    counts = pd.DataFrame(rows)
    counts[len(counts.columns)] = 0
    result = offset_ratio(
        counts, pd.Series(dates), np.arange(1, 16, 2), months=1, fewest=1, draws=99, seed=1
    )
    assert np.log(result.estimate) == pytest.approx(r["log_ratio"], rel=1e-8)
    assert result.n == units[["before", "after"]].to_numpy().sum()


def test_growth_of_everybody_is_not_an_effect():
    found = [
        offset_ratio(*monthly(1.0, seed=seed, growth=1.5), draws=499, seed=1) for seed in range(20)
    ]
    assert np.mean([np.log(r.estimate) for r in found]) == pytest.approx(0, abs=0.1)
    raw = [windows(*monthly(1.0, seed=seed, growth=1.5)[:2]).sum() for seed in range(20)]
    assert sum(t["after"] for t in raw) > 1.5 * sum(t["before"] for t in raw)
    assert sum(r.p < 0.05 for r in found) <= 4


def test_a_planted_ratio_is_found_and_inside_the_interval():
    found = [offset_ratio(*monthly(2.0, seed=seed), draws=499, seed=1) for seed in range(20)]
    assert np.exp(np.mean([np.log(r.estimate) for r in found])) == pytest.approx(2, rel=0.1)
    assert sum(r.interval[0] <= 2 <= r.interval[1] for r in found) >= 17


@pytest.mark.parametrize("ratio", [0.3, 1.0, 1.5, 3.0])
def test_interval_and_p_agree(ratio):
    for seed in range(8):
        result = offset_ratio(*monthly(ratio, seed=seed), draws=199, seed=2)
        inside = result.interval[0] <= 1 <= result.interval[1]
        assert inside == (result.p > 0.05 + 1e-9)


def test_p_and_limits_by_brute_force():
    """From the definition of the score, a unit at a time."""
    counts, dates, placebo = monthly(1.5, seed=9, units=14, dated=6, rate=0.3)
    result = offset_ratio(counts, dates, placebo, fewest=1, draws=199, seed=3)
    region = counts.sum()

    def score(units, ratio=1.0):
        excess, squares, binomial = 0.0, 0.0, 0.0
        for unit, at in zip(units, dates, strict=True):
            own, others = counts.loc[unit], region - counts.loc[unit]
            (before, after), (early, late) = (
                (each.loc[at - 24 : at - 1].sum(), each.loc[at + 1 : at + 24].sum())
                for each in (own, others)
            )
            share = ratio * late / (ratio * late + early)
            difference = after - (before + after) * share
            excess, squares = excess + difference, squares + difference**2
            binomial += (before + after) * share * (1 - share)
        return excess / max(squares, binomial) ** 0.5

    chosen = np.random.default_rng(3).integers(0, len(placebo), (199, 6))
    null = np.array([score(placebo[row]) for row in chosen])

    def tails(ratio=1.0):
        observed = score(dates.index, ratio)
        return (1 + (null <= observed).sum()) / 200, (1 + (null >= observed).sum()) / 200

    assert result.p == pytest.approx(min(1, 2 * min(tails())))
    low, high = result.interval
    assert tails(low * 0.999)[1] <= 0.025 < tails(low * 1.001)[1]
    assert tails(high * 1.001)[0] <= 0.025 < tails(high * 0.999)[0]


def test_unit_with_one_and_one_counts():
    """statsmodels' ConditionalPoisson leaves it out."""
    counts = pd.DataFrame(np.ones((6, 5), int))
    result = offset_ratio(
        counts, pd.Series({0: 2, 1: 2}), [2, 3, 4, 5], months=2, fewest=2, draws=9, seed=1
    )
    assert result.estimate == pytest.approx(1)


def test_all_events_after_has_a_lower_bound_only():
    counts, dates, placebo = monthly(1.0, seed=3)
    for unit, date in dates.items():
        counts.loc[unit, 1000:date] = 0
    result = offset_ratio(counts, dates, placebo, draws=499, seed=1)
    assert result.estimate == result.interval[1] == np.inf
    assert 1 < result.interval[0] < np.inf
    assert result.p == pytest.approx(2 / 500)


def test_a_unit_without_a_background_says_nothing():
    counts = pd.DataFrame(np.ones((6, 9), int))
    counts.loc[1:, :3] = 0
    with pytest.raises(InputError, match="0 units"):
        offset_ratio(counts, pd.Series({0: 4}), [2, 3], months=2, seed=1)


def test_same_input_same_result_and_the_input_is_left_alone():
    counts, dates, placebo = monthly(1.5, seed=5)
    before = counts.copy()
    first, again = (offset_ratio(counts, dates, placebo, draws=99, seed=4) for _ in range(2))
    assert (first.p, first.interval) == (again.p, again.interval)
    pd.testing.assert_frame_equal(counts, before)


UNITS = pd.DataFrame(
    {
        "before": [0, 1, 2, 0, 5, 3],
        "after": [3, 1, 4, 0, 6, 2],
        "background_before": [2, 3, 4, 5, 2, 6],
        "background_after": [2, 2, 3, 2, 5, 1],
    }
)


def test_the_ratio_equals_r_with_times_for_a_background(reference):
    r = reference.of("before_after")
    assert net_ratio(UNITS) == pytest.approx(r["estimate_glm"], rel=1e-6)
    assert net_ratio(UNITS) == pytest.approx(r["estimate_clogit"], rel=1e-6)


def test_the_ratio_is_that_of_poisson_with_unit_effects():
    units = UNITS.drop(index=3)
    X = pd.get_dummies(np.tile(range(5), 2)).astype(float).assign(after=np.repeat([0.0, 1.0], 5))
    y, time = (
        np.concatenate([units[f"{kind}before"], units[f"{kind}after"]])
        for kind in ("", "background_")
    )
    fit = sm.GLM(y, X, sm.families.Poisson(), exposure=time).fit(tol=1e-12)
    assert fit.params["after"] == pytest.approx(np.log(net_ratio(UNITS)))


many = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 9), st.integers(1, 9)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(many.filter(lambda rows: any(a + b > 0 for a, b, *_ in rows)))
def test_the_ratio_turns_over_with_time_and_order_and_unit_of_time_are_free(rows):
    table = pd.DataFrame(rows, columns=list(UNITS))
    names = {"before": "after", "after": "before"}
    names |= {f"background_{name}": f"background_{other}" for name, other in names.items()}
    ratio, back = net_ratio(table), net_ratio(table.rename(columns=names))
    if 0 < ratio < np.inf:
        assert back == pytest.approx(1 / ratio)
        months = {name: 12 * table[name] for name in ("background_before", "background_after")}
        assert net_ratio(table[::-1].assign(**months)) == pytest.approx(ratio)
    else:
        assert (ratio, back) in ((0, np.inf), (np.inf, 0))


def test_too_few_units():
    with pytest.raises(InputError, match="no events"):
        net_ratio(UNITS.assign(before=0, after=0))
    counts, dates, placebo = monthly(1.0, seed=1)
    with pytest.raises(InputError, match="are needed"):
        offset_ratio(counts, dates, placebo, fewest=21, seed=1)
    with pytest.raises(InputError, match="placebo"):
        offset_ratio(counts, dates, [], seed=1)
