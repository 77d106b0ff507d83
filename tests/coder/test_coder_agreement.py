"""The agreement on the held-out third: the measures are right, and docs/coder.md shows those of
today.
"""

import pandas as pd
import pytest

from lac_analysis import config
from lac_analysis.coder import agreement, agreement_text
from lac_analysis.coder.split import held_out
from lac_analysis.errors import InputError
from lac_analysis.records import schema

RAW = schema.read_raw(config.RAW / "engagements.csv", "engagements")
MEASURED = agreement.agreement(RAW)


def test_the_documented_tables_are_those_of_today():
    documented = (config.ROOT / "docs" / "coder.md").read_text(encoding="utf-8")
    assert agreement_text.as_markdown(MEASURED) in documented, (
        "run `lac agreement` and put its tables in docs/coder.md"
    )


def test_only_held_out_records_are_measured():
    country = MEASURED.codes.query("code == 'country'")
    assert country["n"].eq(held_out(RAW["record_id"]).sum()).all()


def test_precision_and_recall_follow_from_the_confusion_matrix():
    for code, table in MEASURED.confusion.items():
        whole = MEASURED.classes["input"].eq("all text columns") & MEASURED.classes["code"].eq(code)
        rows = MEASURED.classes[whole].set_index("class")
        for name in set(table.index) & set(table.columns):
            assert rows.loc[name, "precision"] == pytest.approx(
                table.loc[name, name] / table[name].sum()
            )
            assert rows.loc[name, "recall"] == pytest.approx(
                table.loc[name, name] / table.loc[name].sum()
            )


def test_a_coder_that_copies_the_hand_would_agree_fully(monkeypatch):
    hand = RAW[held_out(RAW["record_id"])].reset_index(drop=True)
    names = set(agreement._SOURCE.values())
    copied = pd.DataFrame({n: hand[n] for n in names} | {f"{n}_confidence": "high" for n in names})
    monkeypatch.setattr(agreement, "INPUTS", {"title alone": ("source_title",)})
    monkeypatch.setattr(
        agreement, "code", lambda table: copied.assign(lac_admin1=hand["lac_admin1"])
    )
    codes = agreement.agreement(RAW).codes
    assert codes["kappa"].to_numpy() == pytest.approx(1)
    assert codes["precision"].to_numpy() == pytest.approx(1)


def test_the_coder_is_far_from_chance_where_the_docs_say_it_can_be_used():
    kappa = MEASURED.codes.query("input == 'all text columns'").set_index("code")["kappa"]
    assert (
        kappa[["country", "actor_type", "technology", "admin1", "china_admin1", "year"]] > 0.8
    ).all()


def test_records_of_which_none_is_held_out_are_refused():
    with pytest.raises(InputError, match="no record is held out"):
        agreement.agreement(RAW[~held_out(RAW["record_id"])])
