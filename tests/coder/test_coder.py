"""Codes from texts: what an analyst would read in them, in four languages; and never more than they
say.
"""

import generated
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.coder.code import CODES, code
from lac_analysis.coder.rules import rule_book
from lac_analysis.errors import InputError


def coded(**texts) -> pd.Series:
    return code(pd.DataFrame([texts], dtype="str")).iloc[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Medellín in Colombia and Chongqing sign a sister-city agreement on 3 May 2019",
            {
                "lac_iso3": "COL",
                "activity_type": "twinning",
                "china_place": "Chongqing",
                "date_iso": "2019-05-03",
            },
        ),
        (
            "La ciudad argentina de Rosario firmó un acuerdo de hermanamiento con Shanghai el 4 de julio de 1997",
            {
                "lac_iso3": "ARG",
                "activity_type": "twinning",
                "lac_level": "municipal",
                "date_iso": "1997-07-04",
            },
        ),
        (
            "Província chinesa de Sichuan doa máscaras ao governador de Pernambuco, Brasil",
            {
                "lac_iso3": "BRA",
                "activity_type": "donation_health",
                "china_actor_type": "provincial_government",
            },
        ),
        (
            "2015年6月3日，广州市与智利瓦尔帕莱索签署友好城市协议",
            {
                "lac_iso3": "CHL",
                "activity_type": "twinning",
                "china_place": "Guangdong",
                "date_iso": "2015-06-03",
            },
        ),
        (
            "Huawei wins a contract to install surveillance cameras for the city of Guayaquil, Ecuador",
            {
                "activity_type": "technology_project",
                "technology": "1",
                "china_actor_type": "private_company",
            },
        ),
        (
            "Mayor of Lima visits Shenzhen",
            {"activity_type": "visit_to_china", "lac_level": "municipal"},
        ),
    ],
)
def test_a_sentence_is_coded_as_a_reader_would(text, expected):
    row = coded(text=text)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("text", ["", "Lorem ipsum dolor sit amet", "12345 !!!", "=1+1"])
def test_a_text_that_says_nothing_stays_unknown(text):
    row = coded(text=text)
    assert row[["lac_iso3", "lac_level", "activity_type", "china_actor_type"]].eq("unknown").all()
    assert row[["china_place", "date_iso", "lac_place_text", "platform"]].eq("").all()


def test_every_code_comes_with_its_rule_and_a_confidence():
    table = pd.concat(generated.engagements(500, 3))
    result = code(table)
    for name in CODES:
        told = ~result[name].isin(["", "unknown"])
        assert (result.loc[told, f"{name}_rule"] != "").all()
        assert result.loc[told, f"{name}_confidence"].isin(["high", "medium", "low"]).all()
        assert (result.loc[~told, f"{name}_confidence"] == "").all()


def test_generated_rows_give_back_their_truth():
    table = pd.concat(generated.engagements(3000, 11), ignore_index=True)
    result = code(table)
    for name in (
        "lac_iso3",
        "china_actor_type",
        "china_place",
        "activity_type",
        "technology",
        "date_iso",
    ):
        assert (result[name] == table[f"truth_{name}"]).all(), name


def test_a_chinese_surname_beside_a_given_name_is_no_province():
    assert coded(text="Wang Hainan met the mayor of Curitiba")["china_place"] == ""
    assert coded(text="Hainan delegation met the mayor of Curitiba")["china_place"] == "Hainan"


_RECORDS = pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)
_TEXTS = _RECORDS[
    [
        "description",
        "source_title",
        "china_actor_text",
        "lac_place_text",
        "lac_country_text",
        "date_text",
    ]
]
_CODED = code(_TEXTS)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, len(_RECORDS) - 1), min_size=1, max_size=40))
def test_a_row_depends_on_nothing_but_itself(rows):
    pd.testing.assert_frame_equal(code(_TEXTS.iloc[rows]), _CODED.iloc[rows])


def test_codes_are_always_among_those_of_the_codebook():
    allowed = {
        "lac_level": {"national", "admin1", "municipal", "other_local", "unknown"},
        "lac_iso3": {*config.CELAC, "unknown"},
        "technology": {"0", "1", "unknown"},
    }
    for name, values in allowed.items():
        assert set(_CODED[name]) <= values
    assert set(_CODED["activity_type"]) <= {*_RECORDS["activity_type"], "unknown"}
    assert set(_CODED["china_actor_type"]) <= {*_RECORDS["china_actor_type"]}


def test_a_table_without_text_is_refused():
    with pytest.raises(InputError, match="no text to code"):
        code(pd.DataFrame({"country": ["Peru"]}))


def test_a_rule_with_an_unknown_signal_is_refused(tmp_path):
    rule = "{rule: r, to: v, all: [b], confidence: low}"
    text = f"signals: {{a: [x]}}\npeoples: {{}}\nplatforms: {{p: [x]}}\ncodes: {{c: {{reads: [act], rules: [{rule}]}}}}"
    (tmp_path / "rules.yml").write_text(text)
    with pytest.raises(InputError, match="unknown signal"):
        rule_book(tmp_path / "rules.yml")
