"""Codes from texts: what an analyst would read in them, in four languages; and never more than they
say.
"""

import os
import pickle

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.coder import model
from lac_analysis.coder.code import CODES, TEXT_COLUMNS, code, code_texts
from lac_analysis.coder.model import LEARNED
from lac_analysis.errors import InputError
from lac_analysis.records import schema


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
            "La ciudad argentina de Rosario firmó un acuerdo de hermanamiento con Shanghai "
            "el 4 de julio de 1997",
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
            "Huawei wins a contract to install surveillance cameras for the city of "
            "Guayaquil, Ecuador",
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
    assert row[["lac_iso3", *LEARNED]].eq("unknown").all()
    assert row[["china_place", "date_iso", "lac_place_text", "platform"]].eq("").all()


def test_who_acted_does_not_tell_what_was_done():
    row = coded(text="=1+1", china_actor_text="Huawei", lac_place_text="City of Lima")
    assert row["china_actor_type"] == "private_company" and row["lac_level"] == "municipal"
    assert row[["activity_type", "technology"]].eq("unknown").all()


def test_a_title_alone_tells_the_act():
    title = "Mayor of Lima visits Shenzhen"
    assert coded(source_title=title).equals(coded(text=title))
    assert coded(source_title=title, description=" ").equals(coded(text=title))


def test_every_code_comes_with_its_rule_and_a_confidence():
    for name in CODES:
        told = ~_CODED[name].isin(["", "unknown"]) | _CODED[f"{name}_rule"].ne("")
        assert (_CODED.loc[told, f"{name}_rule"] != "").all()
        sure = _CODED[f"{name}_confidence"]
        if name in LEARNED:
            assert sure[told].between(0, 1, inclusive="right").all()
            assert sure[~told].eq(0).all()
        else:
            assert sure[told].isin(["high", "medium", "low"]).all()
            assert sure[~told].eq("").all()


@pytest.mark.parametrize(
    ("text", "iso3", "sure"),
    [
        ("Delegación de la antigua capital china visita Cusco", "unknown", ""),
        ("Productores de chile de Zacatecas exportan a China", "unknown", ""),
        ("Guizhou chili sauce maker signs accord", "unknown", ""),
        ("En el ecuador de su mandato, el alcalde viajó a Shanghái", "unknown", ""),
        ("la república de Chile firma un acuerdo", "CHL", "medium"),
        ("mayor of quito, ecuador, visits chengdu", "ECU", "medium"),
        ("Governador recebe comitiva chinesa em Salvador", "SLV", "low"),
        ("萨尔瓦多市市长访问广州", "unknown", ""),
        ("El alcalde de Trinidad visita Chengdu", "TTO", "low"),
        ("Mayor of Grenada, Mississippi meets a Chinese delegation", "GRD", "low"),
        ("A Chinese firm in Cuba, New Mexico", "CUB", "low"),
        ("El Salvador's mayor visits Xi'an", "SLV", "medium"),
        ("上海地铁集团访问秘鲁", "PER", "medium"),
        ("青海地震捐款", "unknown", ""),
        ("沿海地带代表团", "unknown", ""),
        ("海地市长访问上海", "HTI", "medium"),
        ("Delegation from Chengdu visits Uruguayana", "unknown", ""),
        ("University of Columbia and Tsinghua", "unknown", ""),
        ("Dredging of the Uruguay River by CCCC", "unknown", ""),
        ("rio Uruguai, dragagem da CCCC", "unknown", ""),
        ("Delegación uruguaya visita Chengdu", "URY", "medium"),
        ("Salvador, capital of Bahia, Brazil, hosts Beijing delegation", "BRA", "low"),
        ("Hospital Salvador Allende in Valparaíso, Chile", "CHL", "low"),
        ("Chile pepper firm from Guizhou", "unknown", ""),
    ],
)
def test_a_country_is_not_a_common_word_nor_a_town_of_that_name(text, iso3, sure):
    row = coded(text=text)
    assert (row["lac_iso3"], row["lac_iso3_confidence"]) == (iso3, sure)


@pytest.mark.parametrize(
    ("column", "text", "code", "sure"),
    [
        ("date_text", "31 de enero de 2018", "2018-01-31", "high"),
        ("date_text", "signed 31 de enero de 2018", "2018-01-31", "medium"),
        ("lac_country_text", "República de Chile", "CHL", "high"),
        ("lac_country_text", "荷属圭亚那", "GUY", "medium"),
        ("lac_country_text", "Costa Rica (Mato Grosso do Sul)", "CRI", "medium"),
        ("china_actor_text", "Guangdong Province", "Guangdong", "medium"),
    ],
)
def test_only_a_column_that_says_nothing_else_is_sure(column, text, code, sure):
    name = {"date_text": "date_iso", "lac_country_text": "lac_iso3"}.get(column, "china_place")
    row = coded(**{"text": "A gift.", column: text})
    assert (row[name], row[f"{name}_confidence"]) == (code, sure)


def test_the_order_of_the_columns_does_not_matter():
    row = {
        "text": "In March 2007 the governor of Jujuy met Hunan.",
        "description": "A gift to Cusco.",
    }
    pd.testing.assert_series_equal(coded(**row), coded(**dict(reversed(row.items()))))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Macau Forum supports Brazil", ""),
        ("Empresa de Macau visita Fortaleza, Brasil", "Fortaleza"),
    ],
)
def test_what_is_read_as_chinas_is_no_town_of_the_region(text, place):
    row = coded(text=text)
    assert (row["lac_iso3"], row["lac_place_text"]) == ("BRA", place)


def test_of_several_countries_in_a_cell_the_first_is_a_guess():
    row = code(pd.DataFrame({"text": ["A visit"], "lac_country_text": ["Peru and Chile"]})).iloc[0]
    assert row["lac_iso3"] == "PER" and row["lac_iso3_confidence"] == "low"


def test_the_rule_names_what_a_reader_would_point_to():
    row = coded(text="Huawei wins a contract to install surveillance cameras for Guayaquil")
    assert "act:private_firm" in row["china_actor_type_rule"]
    assert "act:technology_product" in row["activity_type_rule"]
    assert "act:technology_product" in row["technology_rule"]


def test_the_names_of_actors_decide_their_type():
    actors = pd.DataFrame({"china_actor_text": ["Huawei", "Chinese ambassador", "PowerChina"]})
    result = code(actors.assign(text="gives masks to a hospital"))
    expected = ["private_company", "embassy_consulate", "state_owned_enterprise"]
    assert result["china_actor_type"].tolist() == expected


@pytest.mark.parametrize(
    "actor",
    ["Embassy of China", "Chinese Embassy in Peru", "embajador chino", "Embajada de China en Lima",
     "embaixador da China", "中国驻巴西使馆", "Consulate General of China in Recife"],
)  # fmt: skip
def test_a_diplomat_alone_is_the_embassy(actor):
    assert coded(text="Masks for a hospital", china_actor_text=actor)["china_actor_type"] == (
        "embassy_consulate"
    )


def test_a_diplomat_beside_another_actor_does_not_decide():
    row = coded(text="Masks for a hospital", china_actor_text="Huawei; Chinese ambassador")
    assert row["china_actor_type"] == "private_company"


def test_a_chinese_surname_beside_a_given_name_is_no_province():
    assert coded(text="Wang Hainan met the mayor of Curitiba")["china_place"] == ""
    assert coded(text="Hainan delegation met the mayor of Curitiba")["china_place"] == "Hainan"


def test_a_code_that_a_row_has_is_kept():
    table = pd.DataFrame(
        {"text": ["Mayor of Lima visits Shenzhen"] * 2, "lac_level": ["admin1", ""], "note": "n"},
        index=[7, 3],
    )
    result = code_texts(table)
    assert result.index.tolist() == [7, 3]
    assert result["lac_level"].tolist() == ["admin1", "municipal"]
    assert result["lac_level_rule"].iloc[0] == "as given"
    assert result["lac_level_confidence"].iloc[0] == 1
    assert result["note"].eq("n").all() and list(result.columns[:2]) == ["text", "note"]


_TEXTS = pd.read_csv(
    config.RAW / "engagements.csv",
    dtype=str,
    keep_default_na=False,
    usecols=lambda column: column in TEXT_COLUMNS,
    nrows=300,
)
_CODED = code(_TEXTS)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, len(_TEXTS) - 1), min_size=1, max_size=40))
def test_a_row_depends_on_nothing_but_itself(rows):
    pd.testing.assert_frame_equal(code(_TEXTS.iloc[rows]), _CODED.iloc[rows])


def test_an_empty_table_gives_an_empty_table():
    assert list(code(_TEXTS.head(0)).columns) == list(_CODED.columns)


def test_codes_are_always_among_those_of_the_codebook():
    assert set(_CODED["technology"]) <= {"0", "1", "unknown"}
    for name in ("lac_level", "activity_type", "china_actor_type", "lac_iso3"):
        assert set(_CODED[name]) <= {*schema.allowed("engagements", name), "unknown"}
    assert set(_CODED["china_place"]) <= {*schema.allowed("engagements", "china_place"), ""}


def test_a_table_without_text_is_refused():
    with pytest.raises(InputError, match="no text to code"):
        code(pd.DataFrame({"country": ["Peru"]}))


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Learning from few records, into an empty folder; counts how often."""
    learnt = []

    def train(table):
        learnt.append(len(table))
        return real(table.iloc[::5].reset_index(drop=True))

    real = model.train
    monkeypatch.setattr(model, "train", train)
    monkeypatch.setattr(config, "PROCESSED", tmp_path)
    model.trained.cache_clear()
    yield learnt
    model.trained.cache_clear()


def again() -> pd.DataFrame:
    """What another process would get."""
    model.trained.cache_clear()
    return code(_TEXTS.head(20), model.trained())


def test_what_is_learnt_is_kept_and_the_same_every_time(few, tmp_path):
    first = again()
    kept = (tmp_path / "coder_model.pickle").read_bytes()
    pd.testing.assert_frame_equal(again(), first)
    assert len(few) == 1
    (tmp_path / "coder_model.pickle").unlink()
    pd.testing.assert_frame_equal(again(), first)
    assert len(few) == 2
    assert (tmp_path / "coder_model.pickle").read_bytes() == kept


class _Harm:
    def __reduce__(self):
        return (pytest.fail, ("a file that we did not write was unpickled",))


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "empty"])
def test_a_kept_file_that_is_not_ours_is_ignored(few, tmp_path, damage):
    first = again()
    path = tmp_path / "coder_model.pickle"
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[:-1],
            "changed": content[:-10] + b"x" + content[-9:],
            "foreign": bytes(32) + pickle.dumps(_Harm()),
            "empty": b"",
        }[damage]
    )
    pd.testing.assert_frame_equal(again(), first)
    assert len(few) == 2 and path.read_bytes() == content


def test_a_link_in_its_place_is_left_alone(few, tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "coder_model.pickle").symlink_to(tmp_path / "theirs")
    again()
    assert (tmp_path / "coder_model.pickle").is_symlink()
    assert (tmp_path / "theirs").read_text() == "theirs" and len(few) == 1


def test_a_pipe_in_its_place_is_left_alone_and_not_waited_for(few, tmp_path):
    os.mkfifo(tmp_path / "coder_model.pickle")
    again()
    assert (tmp_path / "coder_model.pickle").is_fifo() and len(few) == 1


def test_a_folder_that_cannot_be_written_does_no_harm(few, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "PROCESSED", tmp_path / "file")
    (tmp_path / "file").touch()
    assert len(again()) == 20


def test_a_rule_or_a_confidence_of_ones_own_is_not_replaced():
    coded = code_texts(pd.DataFrame({"text": ["Tianjin gave ten ambulances to Rosario."]}))
    with pytest.raises(InputError, match="_rule: lac code makes it"):
        code_texts(coded)


@pytest.mark.parametrize(
    ("plain", "sign"), [(" ", "\u00a0"), ("Ch", "C\u00adh"), ("-", "\u2011"), ("'", "\u02bc")]
)
def test_signs_of_other_programs_give_the_same_codes(plain, sign):
    act = (
        "Chengdu and the Provincia de Salta became sister cities; China's mayor came on 2015-03-02"
    )
    one, other = (code(pd.DataFrame({"text": [text]})) for text in (act, act.replace(plain, sign)))
    pd.testing.assert_frame_equal(one, other)
    assert one["activity_type"].tolist() == ["twinning"] and one["date_iso"].tolist() == [
        "2015-03-02"
    ]
