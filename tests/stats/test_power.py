"""Powers that are known: that of a normal statistic, and that of no effect at all."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest, norm

from lac_analysis.stats import power, spells
from lac_analysis.stats.randomisation import permutation_p

EVENTS = np.array([4, 0, 7, 2, 9, 1, 3, 5, 2, 6, 0, 4])
EXPOSURE = np.linspace(1, 3, 12)


def test_what_a_normal_statistic_can_detect():
    null = np.append(2 * norm.ppf((np.arange(20_000) + 0.5) / 20_000), np.nan)
    assert power.detectable_from_null(null) == pytest.approx(2 * (1.959964 + 0.841621), rel=1e-3)
    assert power.detectable_from_null(null, alpha=0.1, power=0.9) == pytest.approx(
        2 * (1.644854 + 1.281552), rel=1e-3
    )


def test_the_label_test_rarely_rejects_without_an_effect_and_nearly_always_a_large_one():
    found = [*map(power.label_power(EVENTS, EXPOSURE, 5, draws=500, seed=1), (1, 3, 100))]
    assert found[0] <= 0.07 < found[1] < found[2] and found[2] > 0.8
    assert (
        power.label_power(np.ones(12), np.ones(12), 5, draws=200, seed=1)(1) == 0
    )  # all arrangements are alike


def test_the_history_test_rarely_rejects_without_an_effect_and_more_often_a_larger_one():
    rng = np.random.default_rng(3)
    events, label = rng.poisson(3, (14, 6)), (np.arange(14)[:, None] < 5) * np.ones((14, 6))
    found = [
        *map(power.history_power(events, np.ones((14, 6)), label, designs=40, seed=1), (1, 2, 8))
    ]
    assert found[0] <= 0.15 and found[0] < found[1] <= found[2] and found[2] > 0.9


def test_a_two_sided_binomial_test_puts_half_of_alpha_above():
    assert power.binomial_detectable(40, 0.5, alternative="two-sided") == power.binomial_detectable(
        40, 0.5, alternative="greater", alpha=0.025
    )
    assert power.binomial_detectable(40, 0.5, alternative="two-sided") > power.binomial_detectable(
        40, 0.5, alternative="greater"
    )


def test_power_of_the_label_test_is_the_share_that_the_test_rejects():
    """Independent of how it is summed up: every design is planted and tested by itself."""
    found = power.label_power(EVENTS, EXPOSURE, 5, designs=30, draws=150, seed=4)(2.5)
    rng = np.random.default_rng(4)
    null, truth = (rng.random((n, 12)).argpartition(4, axis=1)[:, :5] for n in (150, 30))

    def ratio(events, inside):
        rest = np.setdiff1d(np.arange(12), inside)
        return (
            events[inside].sum()
            / EXPOSURE[inside].sum()
            / (events[rest].sum() / EXPOSURE[rest].sum())
        )

    rejected = 0
    for own in truth:
        events = np.where(np.isin(np.arange(12), own), 2.5, 1) * EVENTS
        others = [ratio(events, inside) for inside in null]
        rejected += permutation_p(ratio(events, own), others, exact=False) <= 0.05
    assert 0 < found < 1 and found == rejected / 30


@pytest.mark.parametrize("missing", [False, True])
def test_power_of_the_history_test_is_the_share_that_the_spell_test_rejects(missing):
    rng = np.random.default_rng(7)
    events, exposure = rng.poisson(0.8, (10, 5)), rng.uniform(1, 3, (10, 5))
    label = np.where(
        np.arange(10)[:, None] < 4, np.arange(5) > np.arange(10)[:, None] - 1, 0
    ).astype(float)
    if missing:
        label[:3, 0] = label[7, 3:] = np.nan
    found = power.history_power(events, exposure, label, designs=25, draws=99, seed=2)(4.0)
    rng = np.random.default_rng(2)
    orders = rng.permuted(np.tile(np.arange(10), (99, 1)), axis=1)
    rejected = 0
    for _ in range(25):
        given = label[rng.permutation(10)]
        planted = events * np.where(given == 1, 4.0, 1.0)
        own, *others = spells.log_rate_ratios(
            planted, exposure, given, np.vstack([np.arange(10), orders])
        )
        rejected += (
            not np.isnan(own) and permutation_p(np.exp(own), np.exp(others), exact=False) <= 0.05
        )
    assert 0 < found < 1 and found == rejected / 25


def test_the_binomial_test_has_the_power_at_the_share_it_names_and_not_just_below():
    share = power.binomial_detectable(30, 0.5, alternative="greater")

    def chance(truth):
        p = [binomtest(k, 30, 0.5, "greater").pvalue for k in range(31)]
        return binom.pmf(range(31), 30, truth)[np.array(p) <= 0.05].sum()

    assert chance(share) >= 0.8 > chance(share - 0.001)


def test_power_does_not_depend_on_whether_sums_are_kept(monkeypatch):
    label = (np.arange(10)[:, None] < 4) * np.ones((10, 5))
    events = np.random.default_rng(6).poisson(1.5, (10, 5))
    kept = power.history_power(events, np.ones((10, 5)), label, designs=23, draws=49, seed=3)
    monkeypatch.setattr(power, "_KEPT", 0)
    anew = power.history_power(events, np.ones((10, 5)), label, designs=23, draws=49, seed=3)
    assert (
        [kept(ratio) for ratio in (1, 3, 9)]
        == [anew(ratio) for ratio in (1, 3, 9)]
        == sorted(map(anew, (1, 3, 9)))
    )
