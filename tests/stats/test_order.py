from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.order import order_test

NaT = np.datetime64("NaT")


@st.composite
def events(draw):
    n = draw(st.integers(2, 9))
    place = draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    first = draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))
    length = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    unknown = draw(st.lists(st.booleans(), min_size=2 * n, max_size=2 * n))
    focal = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(any)))
    start = np.datetime64("2001-01-01") + np.array(first)
    end = start + np.array(length)
    start[np.array(unknown[:n])] = NaT
    end[np.array(unknown[n:])] = NaT
    return np.array(place), start, end, focal


def brute_share(place, start, end, focal):
    preceded = [
        any(place[j] == place[i] and not focal[j] and end[j] < start[i] for j in range(len(place)))
        for i in np.flatnonzero(focal)
    ]
    return np.mean(preceded)


def brute_null(place, start, end, focal):
    choices = []
    for name in np.unique(place):
        members = np.flatnonzero(place == name)
        choices.append(list(combinations(members, int(focal[members].sum()))))
    for choice in product(*choices):
        label = np.zeros(len(place), dtype=bool)
        label[[i for part in choice for i in part]] = True
        yield brute_share(place, start, end, label)


def known_case():
    """Two places, one focal event each: in a, last of three; in b, first of two."""
    place = ["a", "a", "a", "b", "b"]
    days = ["2001-01-01", "2002-01-01", "2003-01-01", "2001-05-01", "2004-01-01"]
    return place, days, days, [False, False, True, True, False]


def test_known_case_is_poisson_binomial():
    result = order_test(*known_case(), alternative="greater", seed=1)
    assert result.exact and result.focal == 2 and result.share == 0.5
    # any of a's three is preceded with chance 2/3, any of b's two with chance 1/2
    np.testing.assert_allclose(result.null, [1 / 6, 1 / 2, 1 / 3])
    assert result.expected == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert result.p == pytest.approx(5 / 6)


@settings(max_examples=60, deadline=None)
@given(events())
def test_share_expectation_and_null_agree_with_enumeration(table):
    result, null = order_test(*table, draws=4_000, seed=1), np.array(list(brute_null(*table)))
    assert result.share == pytest.approx(brute_share(*table))
    assert result.expected == pytest.approx(null.mean())
    enumerated = np.bincount(
        np.rint(null * result.focal).astype(int), minlength=result.focal + 1
    ) / len(null)
    np.testing.assert_allclose(result.null, enumerated, atol=1e-9 if result.exact else 0.05)


@settings(max_examples=40, deadline=None)
@given(events(), st.randoms())
def test_event_order_does_not_matter(table, random):
    order = list(range(len(table[0])))
    random.shuffle(order)
    moved = [np.asarray(column)[order] for column in table]
    first, second = order_test(*table, draws=300, seed=1), order_test(*moved, draws=300, seed=1)
    assert first.p == second.p and (first.null == second.null).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"focal": [False, False]}, "at least one"),
        ({"place": ["a", ""]}, "no place"),
        ({"end": ["2000-01-01", "2002-01-01"]}, "ends before"),
        ({"focal": [True]}, "length"),
    ],
)
def test_bad_events_are_refused(change, message):
    table = {
        "place": ["a", "a"], "start": ["2001-01-01", "2002-01-01"], "end": ["2001-01-01", "2002-01-01"],
        "focal": [False, True],
    }  # fmt: skip
    with pytest.raises(InputError, match=message):
        order_test(**(table | change), seed=1)


@pytest.mark.slow
def test_size_when_order_is_chance():
    rng = np.random.default_rng(4)
    runs, rejected = 1_000, 0
    for seed in range(runs):
        place = rng.integers(0, 25, 120)
        day = np.datetime64("2000-01-01") + rng.integers(0, 5_000, 120)
        rejected += (
            order_test(place, day, day, rng.random(120) < 0.3, draws=499, seed=seed).p <= 0.05
        )
    assert rejected / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
