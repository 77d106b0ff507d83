"""Rarefied diversity against vegan::rarefy, brute force over draws, and full mixing."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.rarefaction import mixing, pair_mixing, rarefied


def engagements(rows):
    return pd.DataFrame(rows, columns=["group", "unit", "kind"])


def mixed(seed, units=60, groups=6, own=None):
    """Units of 1 to 8 engagements; kinds from the group's pool, or all of one kind a unit (own)."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit in range(units):
        pool = np.roll([0.4, 0.3, 0.2, 0.1], unit % groups)
        fixed = rng.choice(4, p=pool)
        for _ in range(rng.integers(1, 9)):
            rows.append((unit % groups, unit, fixed if own else rng.choice(4, p=pool)))
    return engagements(rows)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_equals_vegan(reference_c, k):
    r = list(reference_c.of(f"rarefied_{k}").values())
    assert rarefied(reference_c.table("kinds").to_numpy(), k) == pytest.approx(r)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=4), st.integers(2, 3))
def test_rarefied_is_the_mean_over_all_subsets(counts, k):
    drawn = [kind for kind, number in enumerate(counts) for _ in range(number)]
    found = rarefied(np.array([counts]), k)[0]
    if len(drawn) < k:
        assert np.isnan(found)
    else:
        subsets = [len(set(chosen)) for chosen in combinations(drawn, k)]
        assert found == pytest.approx(np.mean(subsets))


def test_expected_is_the_mean_over_draws_from_different_units():
    table = engagements(
        [("g", u, kind) for u, kinds in enumerate(("aab", "abc", "c", "bb")) for kind in kinds]
    )
    seen = [
        len(set(kinds))
        for three in combinations(("aab", "abc", "c", "bb"), 3)
        for kinds in product(*three)
    ]
    result = mixing(table, seed=1)
    assert result.expected == pytest.approx(np.mean(seen))
    assert result.observed == pytest.approx((2 + 3) / 2)
    assert result.estimate == pytest.approx(result.observed / result.expected)
    assert result.largest == pytest.approx(3 / result.expected)


def test_pairs_of_actors_by_hand():
    """Unit 0 has actors p (a), q (b); unit 1 has p (a), r (a); unit 2 has s (b)."""
    rows = [("g", 0, "p", "a"), ("g", 0, "p", "a"), ("g", 0, "q", "b"), ("g", 1, "p", "a"),
            ("g", 1, "r", "a"), ("g", 2, "s", "b")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["group", "unit", "actor", "kind"])
    result = pair_mixing(table, seed=1)
    assert result.observed == pytest.approx(1 / 2)
    # pairs of different units and actors: p-r, q-p, q-r, p-s, q-s, p-s, r-s; same kind: p-r, q-s
    assert result.expected == pytest.approx(5 / 7)


def test_full_mixing_gives_one_and_one_patron_a_unit_gives_little():
    full = [mixing(mixed(seed), draws=199, seed=1) for seed in range(40)]
    assert np.mean([r.estimate for r in full]) == pytest.approx(1, abs=0.01)
    assert sum(r.interval[0] <= 1 <= r.interval[1] for r in full) >= 34
    assert all(r.p < 0.05 for r in full)  # against 0.85
    patron = mixing(mixed(1, own=True), seed=1)
    assert patron.observed == pytest.approx(1)
    assert patron.interval[1] < 0.85


def test_interval_by_brute_force():
    """A bootstrap of units, each ratio less the one found over its own linearised error."""
    result = mixing(mixed(4), draws=199, seed=7)
    pairs = list(zip(result.units["observed"], result.units["expected"], strict=True))

    def ratio_and_error(chosen):
        n, mean = len(chosen), sum(e for _, e in chosen) / len(chosen)
        ratio = sum(o for o, _ in chosen) / n / mean
        return ratio, (sum((o - ratio * e) ** 2 for o, e in chosen) / (n * (n - 1))) ** 0.5 / mean

    ratio, error = ratio_and_error(pairs)
    drawn = np.random.default_rng(7).integers(0, len(pairs), (199, len(pairs)))
    again = [ratio_and_error([pairs[i] for i in row]) for row in drawn]
    t = sorted((other - ratio) / its_error for other, its_error in again)
    assert result.interval == pytest.approx((ratio - t[-5] * error, ratio - t[4] * error))


def test_p_inverts_the_interval():
    for seed in range(10):
        result = mixing(mixed(seed), seed=1)
        just_outside = mixing(mixed(seed), null_ratio=result.interval[0] - 1e-6, seed=1)
        inside = mixing(mixed(seed), null_ratio=result.interval[0] + 1e-6, seed=1)
        assert just_outside.p <= 0.05 < inside.p


def test_neither_order_nor_names_matter():
    table = mixed(3)
    shuffled = table.sample(frac=1, random_state=1)
    renamed = shuffled.assign(kind=[f"kind {3 - k}" for k in shuffled["kind"]])
    first, again = mixing(table, seed=2), mixing(renamed, seed=2)
    assert again.estimate == pytest.approx(first.estimate)
    assert again.interval == pytest.approx(first.interval)


def test_a_group_of_one_unit_is_set_aside():
    table = pd.concat([mixed(1), engagements([("alone", "only", k) for k in (0, 0, 1)])])
    result = mixing(table, seed=1)
    assert result.set_aside == 1
    assert result.estimate == pytest.approx(mixing(mixed(1), seed=1).estimate)


def test_one_unit_compares_with_nothing():
    with pytest.raises(InputError, match="units to compare"):
        mixing(engagements([("g", "u", "a")] * 3), seed=1)
