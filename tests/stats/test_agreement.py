"""Agreement of coders: published examples, and R on the project's own double-coded records."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.stats import agreement

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def pairs():
    table = pd.read_csv(config.RAW / "double_coded.csv", dtype=str, keep_default_na=False)
    return table[table["found_by"] == "both"]


@pytest.mark.parametrize("code", ["lac_level", "china_actor_type", "activity_type"])
def test_the_projects_coders_agree_as_r_says(pairs, code):
    r = pd.read_csv(REFERENCE / "robustness_results.csv")
    r = r[r["case"] == code].set_index("quantity")["value"]
    first, second = pairs[f"{code}_1"], pairs[f"{code}_2"]
    kappa = agreement.cohen_kappa(first, second)
    alpha = agreement.krippendorff_alpha(np.column_stack([first, second]), seed=1)
    assert kappa.estimate == pytest.approx(r["kappa"])
    assert alpha.estimate == pytest.approx(r["alpha"])
    assert alpha.interval == pytest.approx(kappa.interval, abs=0.03)


def test_krippendorffs_four_observers():
    """Krippendorff (2011), nominal data with missing codes: alpha 0.743."""
    codes = [
        "1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."
    ]  # fmt: skip
    table = pd.DataFrame([row.split() for row in codes]).T.replace(".", np.nan)
    found = agreement.krippendorff_alpha(table, seed=1)
    assert found.estimate == pytest.approx(0.743, abs=5e-4)
    assert found.n == 11  # one unit was coded once


def test_krippendorffs_two_observers():
    """Krippendorff (2011), binary data: alpha 0.095."""
    codes = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert agreement.krippendorff_alpha(np.transpose(codes), seed=1).estimate == pytest.approx(
        0.095, abs=5e-4
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_kappa_is_symmetric_and_what_its_definition_says(seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 3, 60)
    second = np.where(rng.random(60) < 0.6, first, rng.integers(0, 3, 60))
    found = agreement.cohen_kappa(first, second)
    chance = sum((first == code).mean() * (second == code).mean() for code in range(3))
    alike = (first == second).mean()
    assert found.estimate == pytest.approx((alike - chance) / (1 - chance))
    assert found.interval[0] < found.estimate < found.interval[1] <= 1
    other = agreement.cohen_kappa(second, first)
    assert other.interval == pytest.approx(found.interval) and other.p == pytest.approx(found.p)
    wider = agreement.cohen_kappa(first, second, level=0.99).interval
    assert wider[0] < found.interval[0]


def test_perfect_agreement_on_a_rare_code_is_not_certainty(pairs):
    kappa = agreement.cohen_kappa(pairs["technology_1"], pairs["technology_2"])
    assert kappa.estimate == 1
    assert 0.2 < kappa.interval[0] < 0.6
    assert agreement.percent_agreement(pairs["technology_1"], pairs["technology_2"]).estimate == 1


def test_one_code_throughout_has_no_kappa_and_no_alpha():
    assert np.isnan(agreement.cohen_kappa(["a", "a"], ["a", "a"]).estimate)
    assert np.isnan(agreement.krippendorff_alpha([["a", "a"], ["a", "a"]], seed=1).estimate)


def test_nothing_coded_twice_is_refused():
    with pytest.raises(InputError, match="both"):
        agreement.cohen_kappa(["a", None], [None, "a"])
    with pytest.raises(InputError, match="twice"):
        agreement.krippendorff_alpha([["a", None]], seed=1)
