from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats import histories
from lac_analysis.stats.randomisation import interval_by_inversion, label_test, permutation_p
from lac_analysis.stats.spells import drawn_tests, log_rate_ratios, spell_test

REFERENCE = Path(__file__).parents[1] / "reference"
PANELS = {
    case: tuple(
        rows.pivot(index="unit", columns="period", values=v).to_numpy()
        for v in ("events", "exposure", "label")
    )
    for case, rows in pd.read_csv(REFERENCE / "randomisation_spell_input.csv").groupby("case")
}
EXPECTED = pd.read_csv(REFERENCE / "randomisation_spell_output.csv")


def random_panel(seed, units=7, periods=6, effect=0.5):
    rng = np.random.default_rng(seed)
    begin, length = rng.integers(0, periods, units), rng.integers(0, periods, units)
    period = np.arange(periods)
    label = ((period >= begin[:, None]) & (period < (begin + length)[:, None])).astype(float)
    exposure = rng.lognormal(0, 1, label.shape)
    return rng.poisson(3 * exposure * np.exp(effect * label)).astype(float), exposure, label


def glm_log_ratio(events, exposure, label, unit_effects):
    units, periods = label.shape
    dummies = [np.tile(np.eye(periods), (units, 1))] + [
        np.repeat(np.eye(units), periods, 0)[:, 1:]
    ] * unit_effects
    seen = ~np.isnan(label.ravel())
    design = np.column_stack([label.ravel(), *dummies])[seen]
    offset = np.log(exposure.ravel()[seen])
    return (
        sm.GLM(events.ravel()[seen], design, sm.families.Poisson(), offset=offset)
        .fit(tol=1e-12)
        .params[0]
    )


@pytest.mark.parametrize(
    "row", list(EXPECTED.itertuples()), ids=lambda row: f"{row.case}-{row.unit_effects}"
)
def test_estimate_and_exact_p_agree_with_r(row):
    result = spell_test(*PANELS[row.case], unit_effects=bool(row.unit_effects), draws=200, seed=1)
    assert np.log(result.ratio) == pytest.approx(row.log_ratio, abs=1e-7)
    if np.isfinite(row.p):
        assert result.exact and result.p == pytest.approx(row.p)


@pytest.mark.parametrize("unit_effects", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_estimate_is_the_glm_with_dummies(seed, unit_effects):
    events, exposure, label = random_panel(seed)
    label[0, 0] = np.nan
    result = spell_test(events, exposure, label, unit_effects=unit_effects, draws=9, seed=1)
    assert np.log(result.ratio) == pytest.approx(
        glm_log_ratio(events, exposure, label, unit_effects), abs=1e-6
    )


@pytest.mark.parametrize("unit_effects", [False, True])
def test_null_refits_the_glm_for_every_arrangement(unit_effects):
    events, exposure, label = random_panel(11, units=4, periods=5)
    label[1, 2] = np.nan  # the hole moves with its history
    result = spell_test(events, exposure, label, unit_effects=unit_effects, draws=24, seed=1)
    brute = [
        glm_log_ratio(events, exposure, label[list(order)], unit_effects)
        for order in {
            tuple(np.nan_to_num(label[list(o)], nan=9).ravel()): o for o in permutations(range(4))
        }.values()
    ]
    np.testing.assert_allclose(np.sort(result.null), np.sort(brute), atol=1e-6)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_one_period_is_the_label_test(seed):
    events, exposure, label = random_panel(seed, periods=1)
    label[:3, 0], label[3:, 0] = 1, 0
    events[[0, 4], 0] += 1  # events on both sides
    units = events[:, 0], exposure[:, 0], label[:, 0]
    result, expected = spell_test(events, exposure, label, seed=1), label_test(*units, seed=1)
    assert (result.ratio, result.p, result.arrangements) == pytest.approx(
        (expected.statistic, expected.p, 35)
    )
    interval = spell_test(events, exposure, label, level=0.8, seed=1).interval
    assert interval == pytest.approx(interval_by_inversion(*units, level=0.8, seed=1), rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.randoms())
def test_result_ignores_unit_order_and_period_scale(seed, unit_effects, random):
    panel = random_panel(seed, units=4)
    if not 0 < panel[2].mean() < 1:
        return
    try:
        result = spell_test(*panel, unit_effects=unit_effects, draws=24, seed=1)
    except InputError:  # this draw of labels identifies nothing
        return
    order = list(range(4))
    random.shuffle(order)
    events, exposure, label = (table[order] for table in panel)
    moved = spell_test(
        events, exposure * np.arange(1, 7), label, unit_effects=unit_effects, draws=24, seed=1
    )
    assert (moved.ratio, moved.p) == pytest.approx((result.ratio, result.p))


def test_interval_holds_the_ratios_that_are_not_rejected():
    events, exposure, label = random_panel(3, units=5, periods=6)
    low, high = spell_test(events, exposure, label, level=0.8, seed=1).interval

    def p(trial):
        return spell_test(events, np.where(label == 1, exposure * trial, exposure), label, seed=1).p

    assert 0 < low < high < np.inf
    assert p(low * 1.001) > 0.2 >= p(low * 0.999)
    assert p(high * 0.999) > 0.2 >= p(high * 1.001)


@pytest.mark.parametrize("unit_effects", [False, True])
def test_all_events_on_one_side(unit_effects):
    events, exposure, label = random_panel(5)
    nowhere = spell_test(
        np.where(label == 1, 0, events),
        exposure,
        label,
        unit_effects=unit_effects,
        draws=99,
        seed=1,
    )
    everywhere = spell_test(
        np.where(label == 1, events, 0),
        exposure,
        label,
        unit_effects=unit_effects,
        draws=99,
        seed=1,
    )
    assert (nowhere.ratio, everywhere.ratio) == (0, np.inf)
    assert nowhere.p >= 0.01 and everywhere.p >= 0.01
    if not unit_effects:
        assert nowhere.interval == everywhere.interval == (0, np.inf)


def test_a_missing_exposure_drops_the_cell():
    events, exposure, label = random_panel(6)
    missing = exposure.copy()
    missing[2, 3] = np.nan
    without = exposure.copy()
    events[2, 3], without[2, 3] = 0, 0
    results = [spell_test(events, table, label, draws=99, seed=1) for table in (missing, without)]
    assert (results[0].ratio, results[0].p) == (results[1].ratio, results[1].p)


def test_few_distinct_histories_are_enumerated_once_each():
    events, exposure, _ = random_panel(8, units=20)
    label = np.zeros((20, 6))
    label[4, 2:] = 1
    result = spell_test(events, exposure, label, seed=1)
    assert result.exact and result.arrangements == 20 and result.p >= 1 / 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e, x, z: (e, x, z * 0), "identify"),
        (lambda e, x, z: (e, x, z + 0.5), "1, 0 or missing"),
        (lambda e, x, z: (e, x[:, 1:], z), "one shape"),
        (lambda e, x, z: (e + 1, x * 0, z), "no exposure"),
        (lambda e, x, z: (-e - 1, x, z), "negative"),
    ],
)
def test_bad_panels_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        spell_test(*change(*random_panel(1)), draws=9, seed=1)


def test_a_label_that_never_changes_is_not_identified_with_unit_effects():
    events, exposure, label = random_panel(1)
    label[:] = (np.arange(7) < 3)[:, None]
    with pytest.raises(InputError, match="identify"):
        spell_test(events, exposure, label, unit_effects=True, draws=9, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("unit_effects", [False, True])
def test_size_with_lasting_unit_differences(unit_effects):
    # units differ in level for good: cell-level p-values would be far too small, these are not
    rng = np.random.default_rng(9)
    runs, rejected = 1_000, 0
    for seed in range(runs):
        _, exposure, label = random_panel(seed, units=12, periods=8)
        events = rng.poisson(exposure * rng.gamma(1, 3, (12, 1)))
        rejected += (
            spell_test(events, exposure, label, unit_effects=unit_effects, draws=199, seed=seed).p
            <= 0.05
        )
    assert rejected / runs == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / runs))


@pytest.mark.slow
def test_coverage_of_a_true_ratio():
    runs, covered = 1_000, 0
    for seed in range(runs):
        low, high = spell_test(*random_panel(seed, 12, 8, np.log(2)), draws=199, seed=seed).interval
        covered += low <= 2 <= high
    assert covered / runs >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / runs)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_drawn_tests_are_those_of_fitted_arrangements(seed):
    """Sparse panels, missing labels and no events at all among them."""
    rng = np.random.default_rng(seed)
    panels = []
    for _ in range(4):
        events, exposure = rng.poisson(rng.choice([0, 0.2, 2]), (7, 4)), rng.uniform(0.5, 2, (7, 4))
        panels.append((events, exposure, rng.choice([0, 1, np.nan], (7, 4), p=[0.6, 0.3, 0.1])))
    orders = np.vstack([np.arange(7), rng.permuted(np.tile(np.arange(7), (39, 1)), axis=1)])
    sums = np.stack(
        [histories.sums(label, [y, per], orders) for y, per, label in panels],
        axis=3,
    )
    found, p = drawn_tests(sums[:, 0], sums[:, 1])
    for i, panel in enumerate(panels):
        own, *others = log_rate_ratios(*panel, orders)
        assert found[i] == pytest.approx(own, nan_ok=True)
        assert p[i] == (
            1 if np.isnan(own) else permutation_p(np.exp(own), np.exp(others), exact=False)
        )
