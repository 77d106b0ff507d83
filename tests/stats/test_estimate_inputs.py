"""What no procedure accepts, and the entry that the message names."""

import numpy as np
import pandas as pd
import pytest

from lac_analysis.errors import InputError, one_of
from lac_analysis.stats.agreement import cohen_kappa, pair_table
from lac_analysis.stats.cochran_armitage import cochran_armitage
from lac_analysis.stats.detection import detection
from lac_analysis.stats.estimate import labels, real_numbers, wald
from lac_analysis.stats.history_score import history_score
from lac_analysis.stats.imputation import impute_years
from lac_analysis.stats.local_share import local_share
from lac_analysis.stats.offset_poisson import offset_ratio, windows
from lac_analysis.stats.rarefaction import mixing
from lac_analysis.stats.rates import rate_ratio
from lac_analysis.stats.risk_sets import matched_odds_ratio, risk_sets
from lac_analysis.stats.share_trend import share_trend
from lac_analysis.stats.simex import at_most_disagreement, error_matrix, mc_simex


@pytest.mark.parametrize(
    ("values", "says"), [([1, np.nan], r"missing or infinite \(entry 1\)"), ([np.inf], "infinite")]
)
def test_what_is_no_number_is_refused_with_its_entry(values, says):
    with pytest.raises(InputError, match=says):
        real_numbers(values, "x")


def test_a_missing_label_is_refused_with_its_entry():
    with pytest.raises(InputError, match=r"column groups: missing \(entry 1\)"):
        labels(["a", None, np.nan], "groups")
    with pytest.raises(InputError, match="groups"):
        share_trend([0, 1, 0, 1], [1, 2, 3, 4], ["a", None, "b", "b"])
    members = pd.DataFrame({"member": list("ab"), "stratum": ["x", None], "case_date": pd.NaT})
    with pytest.raises(InputError, match="stratum"):
        risk_sets(members, pd.DataFrame({"member": [], "date": []}))
    table = pd.DataFrame({"group": "g", "unit": list("aabb"), "kind": ["x", None, "x", "y"]})
    with pytest.raises(InputError, match="kind"):
        mixing(table, k=2, draws=9, seed=0)


COUNTS, OTHER, LABEL = [3, 4, 2, 5, 1, 6, 2, 3], [2, 3, 4, 1, 5, 2, 3, 2], [1, 0, 0, 1, 0, 0, 1, 0]


@pytest.mark.parametrize("groups", [[0, 0, 0, 0, 1, 1, np.nan, 1], [0, 0, 0, 0, 1, 1]])
def test_groups_that_are_missing_or_too_few_are_refused(groups):
    with pytest.raises(InputError, match="groups"):
        local_share(COUNTS, OTHER, LABEL, groups=groups, seed=1)
    events, history = np.ones((8, 3)), np.eye(8, 3)
    with pytest.raises(InputError, match="groups"):
        history_score(events, history, np.ones((8, 3, 1)), groups, draws=9, seed=1)


def test_groups_may_be_a_list_of_texts():
    rng = np.random.default_rng(0)
    label = np.zeros((20, 10))
    label[:10, 5:] = 1
    given = rng.poisson(3 + 6 * label), label, np.ones((20, 10, 1))
    texts = ["large", "small"] * 10
    both = (
        history_score(*given, groups, draws=99, seed=1).p for groups in (texts, np.array(texts))
    )
    assert len({*both}) == 1 and history_score(*given, texts, draws=99, seed=1).p < 0.05


def test_a_missing_count_is_no_share():
    with pytest.raises(InputError, match="column local"):
        local_share([np.nan, *COUNTS[1:]], OTHER, LABEL, seed=1)


def test_units_of_detection_are_those_of_its_events():
    events = pd.DataFrame({"unit": list("aaabbbcc"), "found_a": [1, 1, 0, 1, 1, 0, 1, 1],
                           "found_b": [1, 0, 1, 1, 0, 1, 1, 0]})  # fmt: skip
    assert detection(events, pd.DataFrame(index=list("abc")), []).total == pytest.approx(9)
    for units, said in (("ab", "an event of no unit: 'c'"), ("abcc", "two rows: 'c'")):
        with pytest.raises(InputError, match=said):
            detection(events, pd.DataFrame(index=list(units)), [])
    for flags in ([1, 1, np.nan, 1, 1, 0, 1, 1], ["no", *"1101101"]):
        events["found_a"] = flags
        with pytest.raises(InputError, match="found_a"):
            detection(events, pd.DataFrame(index=list("abc")), [])


def test_a_unit_without_counts_is_refused():
    counts = pd.DataFrame([[1] * 60, [9] * 60], index=["Lima", "Cusco"])
    with pytest.raises(InputError, match="without counts: 'Lina'"):
        windows(counts, pd.Series({"Lina": 30}))
    with pytest.raises(InputError, match="without counts: 'Cuzco'"):
        offset_ratio(counts, pd.Series({"Lima": 30}), ["Cuzco"], fewest=1, draws=9, seed=0)


@pytest.mark.parametrize("column", ["set", "case", "exposed"])
def test_a_missing_value_of_a_matched_set_is_refused(column):
    sets = pd.DataFrame({"set": [1, 1, 2, 2], "case": [1, 0, 1, 0], "exposed": [1, 0, 0, 1]})
    with pytest.raises(InputError, match=column):
        matched_odds_ratio(sets.astype(float).assign(**{column: [1, 0, np.nan, 1]}))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: wald(1, 1, 9, 95), "level: no level: 95"),
        (lambda: cohen_kappa([*"aab"], [*"aba"], level=0), "level"),
        (lambda: cochran_armitage([3, 9], [12, 13], [0, 1], level=1.5), "level"),
        (lambda: at_most_disagreement(pair_table([*"aab"], [*"aba"]), level=95), "level"),
        (lambda: cohen_kappa(["a", np.nan, "b"], ["a", "a", "b"]), r"first: missing \(entry 1\)"),
        (lambda: pair_table([*"ab"], [*"aab"]), "second: 3 labels. Expected: 2"),
        (lambda: impute_years([2010, 2012], [2011, 2009], [], draws=2, seed=1), "high.*: 2009"),
        (lambda: mc_simex(np.array(["a", "c"]), ERRORS, len, draws=9, seed=1), "codes.*: 'c'"),
        (lambda: risk_sets(TWICE, pd.DataFrame({"member": [], "date": []})), "two rows: 'a'"),
    ],
)
def test_what_a_procedure_cannot_use_is_refused(call, says):
    with pytest.raises(InputError, match=says):
        call()


ERRORS = error_matrix(pair_table([*"aaaabbbb"], [*"aaabbbbb"]))
TWICE = pd.DataFrame({"member": list("aba"), "stratum": "x", "case_date": pd.NaT})


def test_small_integers_of_numpy_are_counted_without_overflow():
    many = rate_ratio(np.int16(900), np.int16(400), np.int16(300), np.int16(400))
    assert many == rate_ratio(900, 400, 300, 400)
    with pytest.raises(TypeError):
        rate_ratio(1.5, 1, 2, 1)


def test_a_choice_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="unknown x: 'c'"):
        one_of("c", ("a", "b"), "x")
