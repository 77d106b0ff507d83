"""Agreement of coders: published examples, and R on the project's own double-coded records."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
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
    assert kappa.estimate == pytest.approx(r["kappa"])


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
    low, high = found.interval  # as far on either side, unless cut
    assert high == pytest.approx(min(1, 2 * found.estimate - low))
    other = agreement.cohen_kappa(second, first)
    assert other.interval == pytest.approx(found.interval) and other.p == pytest.approx(found.p)
    wider = agreement.cohen_kappa(first, second, level=0.99).interval
    assert wider[0] < found.interval[0]


def test_perfect_agreement_on_a_rare_code_is_not_certainty():
    codes = pd.Series(["0"] * 100 + ["1"] * 4)
    kappa = agreement.cohen_kappa(codes, codes)
    assert kappa.estimate == 1
    assert 0.2 < kappa.interval[0] < 0.6


def test_one_code_throughout_has_no_kappa_and_no_alpha():
    assert np.isnan(agreement.cohen_kappa(["a", "a"], ["a", "a"]).estimate)
