import numpy as np
import pandas as pd
import pytest

from lac_analysis.errors import InputError
from lac_analysis.stats.detection import detection


def events_of(counts):
    """One row an event, from n_a, n_b and m of each unit."""
    rows = []
    for unit, n_a, n_b, m in counts[["n_a", "n_b", "m"]].itertuples():
        rows += [(unit, True, True)] * m
        rows += [(unit, True, False)] * (n_a - m)
        rows += [(unit, False, True)] * (n_b - m)
    return pd.DataFrame(rows, columns=["unit", "found_a", "found_b"])


def searches(rng, units, events, detected):
    """What two independent searches find of `events` (n,), each with probability `detected`."""
    pieces = []
    for unit, number, p in zip(units.index, events, detected, strict=True):
        hits = rng.random((number, 2)) < p
        hits = hits[hits.any(axis=1)]
        pieces.append(pd.DataFrame({"unit": unit, "found_a": hits[:, 0], "found_b": hits[:, 1]}))
    return pd.concat(pieces, ignore_index=True)


@pytest.fixture
def counts():
    return pd.DataFrame(
        {"n_a": [10, 6, 8, 3], "n_b": [12, 5, 9, 0], "m": [4, 3, 2, 0], "size": [1.0, 2, 3, 4]},
        index=["w", "x", "y", "z"],
    )


def test_ridge_agrees_with_a_general_optimiser_in_r(reference_b):
    table = reference_b.table("found")
    result = detection(events_of(table), table, ["size"]).units
    for search in ("p_a", "p_b"):
        expected = np.array(list(reference_b.of(search).values()))
        assert result[search].to_numpy() == pytest.approx(expected, abs=1e-5)


def test_counts_and_chapman_by_hand(counts):
    result = detection(events_of(counts), counts, ["size"])
    units = result.units
    assert units[["n_a", "n_b", "m"]].astype(int).equals(counts[["n_a", "n_b", "m"]])
    assert units["found"].tolist() == [18, 8, 15, 3]
    assert units["chapman"].tolist() == pytest.approx([11 * 13 / 5 - 1, 9.5, 29, 3])
    known = units.drop(index="z")  # of z one search found nothing
    assert (known["low"] >= known["found"]).all() and (known["high"] >= known["chapman"]).all()
    assert units.loc["z", ["low", "high"]].isna().all()
    assert result.total == pytest.approx(27.6 + 9.5 + 29 + 3)
    assert result.total_low < result.total < result.total_high
    assert units["p_found"].between(units[["p_a", "p_b"]].max(axis=1), 1).all()


def test_limits_by_hand():
    """Seber's variance 88 x 15 x 80 x 7 / (64 x 9) = 1283.3, of the 70 that both searches missed."""
    counts = pd.DataFrame({"n_a": [87], "n_b": [14], "m": [7]}, index=["w"])
    found = detection(events_of(counts), counts, [])
    assert found.units.loc["w", "chapman"] == pytest.approx(164)
    assert found.units.loc["w", ["low", "high"]].tolist() == pytest.approx(
        [121.1992, 274.1526], abs=1e-3
    )
    assert [found.total_low, found.total_high] == pytest.approx([121.1992, 274.1526], abs=1e-3)


def test_pooling_goes_from_the_covariates_alone_to_each_unit_alone(counts):
    events, units = events_of(counts), counts.drop(index="z")
    events = events[events["unit"] != "z"]
    together = detection(events, units, [], pooling=0.01).units
    assert together["p_a"].std() < 1e-3
    assert together["p_a"].iloc[0] == pytest.approx(9 / 26, abs=0.01)
    alone = detection(events, units, [], pooling=20).units
    assert alone["p_a"].iloc[1] > 0.5 > alone["p_a"].iloc[2] and alone["p_a"].std() > 0.15


def test_a_missed_link_is_a_lost_match(counts):
    events = events_of(counts)
    linked, missed = (detection(events, counts, ["size"], recall=r) for r in (1.0, 0.8))
    assert missed.units["matched"].tolist() == pytest.approx([5, 3.75, 2.5, 0])
    assert (missed.units["found"] <= linked.units["found"]).all()
    assert missed.total < linked.total
    assert (missed.units["p_found"].sum()) > linked.units["p_found"].sum()
    # never more matches than the smaller search found
    floor = detection(events, counts, ["size"], recall=0.3).units
    assert (floor["matched"] <= floor[["n_a", "n_b"]].min(axis=1)).all()


def test_recall_repairs_totals_on_simulated_events():
    rng = np.random.default_rng(1)
    units = pd.DataFrame({"size": np.zeros(40)}, index=range(40))
    events = searches(rng, units, np.full(40, 50), np.full(40, 0.5))
    both = events["found_a"] & events["found_b"]
    lost = both & (rng.random(len(events)) < 0.25)
    split = pd.concat(
        [
            events[~lost],
            events[lost].assign(found_a=True, found_b=False),
            events[lost].assign(found_a=False, found_b=True),
        ]
    )
    assert detection(split, units, []).total > 2400
    assert detection(split, units, [], recall=0.75).total == pytest.approx(2000, rel=0.05)


def test_units_without_events_get_what_their_covariates_say(counts):
    events = events_of(counts)
    units = pd.concat([counts, pd.DataFrame({"size": [2.0]}, index=["empty"])])
    result = detection(events, units, ["size"]).units
    assert result.loc["empty", "found"] == 0 and 0 < result.loc["empty", "p_found"] < 1


def test_a_category_without_a_match_keeps_some_detection(counts):
    units = counts.assign(language=["es", "es", "pt", "en"])
    found = detection(events_of(counts), units, ["language", "size"]).units.loc["z", "p_found"]
    assert 0.01 < found < 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e, u: (e[~(e["found_a"] & e["found_b"])], u), "both"),
        (lambda e, u: (e, u.assign(size=[1, 2, 3, np.nan])), "missing"),
    ],
)
def test_what_cannot_be_fitted_is_said(counts, change, message):
    events, units = change(events_of(counts), counts)
    with pytest.raises(InputError, match=message):
        detection(events, units, ["size"])
