"""How far the coder agrees with hand codes: measured on pages and coders that it has not seen."""

import coder_agreement as agreement  # of benchmarks/
import numpy as np
import pandas as pd
import pytest

from lac_analysis import config
from lac_analysis.coder import model
from lac_analysis.records import schema

RAW = schema.read_raw(config.RAW / "engagements.csv", "engagements")


@pytest.mark.parametrize("by", ["page", "coder"])
def test_every_record_is_left_out_once_and_no_page_is_on_both_sides(by):
    pages = RAW["source_url"]
    tested = []
    for learn, test in agreement.left_out(RAW, by):
        shared = set(pages.iloc[learn]) & set(pages.iloc[test])
        assert shared <= {""}
        tested.extend(test)
    assert sorted(tested) == list(range(len(RAW)))


def test_no_coder_is_on_both_sides():
    coder = RAW["record_id"].str.extract(r"^([A-Z]+)", expand=False)
    for learn, test in agreement.left_out(RAW, "coder"):
        assert not set(coder.iloc[learn]) & set(coder.iloc[test])


def copied(table: pd.DataFrame) -> pd.DataFrame:
    """A coder who copies the hand."""
    hand = table.assign(**model.hand_codes(table))
    return hand.assign(**{f"{name}_confidence": 1.0 for name in model.LEARNED})


def test_a_coder_that_copies_the_hand_agrees_fully():
    found = agreement.agreement(RAW, copied(RAW))
    assert found[["alike", "kappa", "from", "to"]].to_numpy() == pytest.approx(1)
    sure = agreement.calibration(RAW, copied(RAW))
    assert sure["alike"].eq(1).all() and sure["n"].eq(len(RAW)).all()


def test_a_coder_that_guesses_agrees_by_chance_alone():
    shuffled = copied(RAW).sample(frac=1, random_state=3).set_axis(RAW.index)
    found = agreement.agreement(RAW, shuffled)
    assert found["kappa"].abs().max() < 0.1
    assert (found["from"] < found["kappa"]).all() and (found["kappa"] < found["to"]).all()


def test_the_coder_is_far_from_chance_on_a_part_left_out():
    learn, test = agreement.left_out(RAW, "page")[0]
    learned = model.train(RAW.iloc[learn].reset_index(drop=True))
    texts = RAW.iloc[test]
    coded = agreement.code.code(texts[list(set(agreement.code.TEXT_COLUMNS) & set(RAW))], learned)
    kappa = agreement.agreement(texts, coded).set_index("code")["kappa"]
    least = {
        "china_actor_type": 0.7, "lac_level": 0.65, "activity_type": 0.55, "technology": 0.6,
        "lac_iso3": 0.98, "china_place": 0.85, "year": 0.9,
    }  # fmt: skip
    assert (kappa[list(least)] > pd.Series(least)).all(), kappa
    sure = agreement.calibration(texts, coded)
    gap = (sure["mean"] - sure["alike"]).abs()
    assert np.average(gap, weights=sure["n"]) < 0.08  # what it says of itself is about right


@pytest.mark.slow
def test_the_documented_tables_are_those_of_today():
    documented = (config.ROOT / "docs" / "coder.md").read_text(encoding="utf-8")
    assert agreement.as_markdown(RAW) in documented, (
        "run `python benchmarks/coder_agreement.py` and put its tables in docs/coder.md"
    )
