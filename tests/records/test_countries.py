import gettext

import pandas as pd
import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.records import countries

CATALOGUES = ("ar", "de", "es", "fr", "ja", "nl", "pt", "pt_BR", "ru", "zh_CN", "zh_HK", "zh_TW")


@pytest.fixture(scope="module")
def raw():
    return pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)


def resolve_one(text):
    found = countries.resolve(pd.Series([text], dtype="str"))[0]
    return None if pd.isna(found) else found


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("Columbia", "COL"),
        ("St. Vincent", "VCT"),
        ("Saint-Vincent-et-les-Grenadines", "VCT"),
        ("Trinidad", "TTO"),
        ("The Bahamas", "BHS"),
        ("República Dominicana", "DOM"),
        ("Dominican Rep.", "DOM"),
        ("多米尼加共和国", "DOM"),
        ("多明尼加共和國", "DOM"),
        ("Commonwealth of Dominica", "DMA"),
        ("Dominica", "DMA"),
        ("多米尼克", "DMA"),
        ("Brasilien", "BRA"),
        ("チリ共和国", "CHL"),
        ("Salvador", "SLV"),
        ("Antigua & Barbuda", "ATG"),
        ("Venezuela (Bolivarian Republic of)", "VEN"),
        ("mexico", "MEX"),
        ("HT", "HTI"),
        ("kna", "KNA"),
        ("S. Vicente e Granadinas", "VCT"),
        ("Ste-Lucie", "LCA"),
    ],
)
def test_names_that_occur(text, iso3):
    assert resolve_one(text) == iso3


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("Argentina (and 24 other LAC countries)", "ARG"),
        ("古巴、阿根廷", "CUB"),
        ("墨西哥、阿根廷等拉美國家", "MEX"),
        ("Salvador (also Jamaica, Uruguay, Ecuador)", "SLV"),
        ("烏拉圭 / Uruguay", "URY"),
        ("(玛雅文明; 墨西哥)", "MEX"),
        ("Panama City, Panama", "PAN"),
        ("San Salvador, El Salvador", "SLV"),
    ],
)
def test_the_first_country_named_counts(text, iso3):
    assert resolve_one(text) == iso3


@pytest.mark.parametrize(
    "text",
    [
        "Mexico City", "Peru, Nebraska", "墨西哥城", "Granada", "Guiana", "French Guyana", "法属圭亚那", "New Mexico", "British Columbia",
        "Spain", "China", "Brazilian", "San Salvador", "上海地区", "内蒙古巴彦淖尔", "古巴比伦展览", "合理智利用水资源", "Haitian International of Ningbo", "the Panama Papers", "Uruguay Round", "Dominica Republic", "Salvador, Bahia", "Salvador, Brasil", "Salvador (BA)", "萨尔瓦多市", "and", "", " ",
    ],
)  # fmt: skip
def test_what_is_not_a_country_of_the_region(text):
    assert resolve_one(text) is None


def test_every_country_of_the_world_in_ten_languages():
    """Members get their code, all others none. Granada (es, pt) and Guiana (pt) are ambiguous and
    get none.
    """
    names, expected = [], []
    catalogues = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[c]) for c in CATALOGUES
    ]
    for country in pycountry.countries:
        english = {
            getattr(country, field, country.name)
            for field in ("name", "official_name", "common_name")
        }
        translated = {c.gettext(name) for c in catalogues for name in english}
        for name in sorted((english | translated) - {"Granada", "Guiana"}):
            names.append(name)
            expected.append(country.alpha_3 if country.alpha_3 in config.CELAC else None)
    found = countries.resolve(pd.Series(names))
    assert len(names) > 2000
    pd.testing.assert_series_equal(found, pd.Series(expected, dtype="str", name="iso3"))


def test_the_table_is_consistent():
    table = pd.read_csv(countries._NAMES_FILE, dtype=str, keep_default_na=False)
    assert set(table["iso3"]) == {*config.CELAC, ""}
    meanings = table.groupby(table["name"].map(countries._normalise))["iso3"].nunique()
    assert meanings.max() == 1


def test_conflicts_of_the_real_table(raw):
    found = countries.conflicts(raw["lac_country_text"], raw["lac_iso3"])
    assert list(found.columns) == ["country_text", "resolved", "coded"]
    # a page calls San Francisco de Macoris, a Dominican city, a city of 'Dominica'
    latin = found[found["country_text"] == "Dominica"]
    assert raw.loc[latin.index, "record_id"].tolist() == ["C-0045", "D-0054"]
    assert set(latin["coded"]) == {"DOM"}
    assert set(found["country_text"]) <= {"Dominica", "多米尼加"}


def test_countries_beside_the_coded_one():
    names = ["El Salvador (Brazil)", "Peru, Chile and Peru", "Brazil", "Peru, Brazil", None]
    names = pd.Series(names, index=[5, 4, 3, 2, 1], dtype="str")
    iso3 = pd.Series(["SLV", "PER", "BRA", "BRA", "PER"], index=names.index)
    # the last but one names Peru first: that is a conflict
    assert countries.beside(names, iso3).to_dict() == {5: "BRA", 4: "CHL"}
    assert countries.beside(names.iloc[:0], iso3.iloc[:0]).empty


def test_only_the_blank_of_the_real_table_is_unresolved(raw):
    text = raw["lac_country_text"]
    assert set(text[countries.resolve(text).isna()]) == {
        "",
        "Brazilian",
    }  # a coder's slip; lac_iso3 tells


def test_codes_are_names_alone_and_not_in_texts():
    assert countries.by_name("per") == countries.by_name("Perú") == "PER"
    assert countries.by_name("in Peru") == countries.by_name("XYZ") == ""
    names = countries.names()
    assert not names["name"].isin(["PER", "PE"]).any() and "Peru" in set(names["name"])


def test_index_and_missing_values_are_kept():
    names = pd.Series(["Peru", None, "Chile", "Peru"], index=[7, 7, 2, 1], dtype="str")
    expected = pd.Series(["PER", None, "CHL", "PER"], index=[7, 7, 2, 1], dtype="str", name="iso3")
    pd.testing.assert_series_equal(countries.resolve(names), expected)
    assert countries.resolve(names.iloc[:0]).empty
    assert countries.resolve(pd.Series([None, None], dtype="str")).isna().all()


@given(
    st.lists(
        st.sampled_from(["Peru", "PERÚ", " peru ", "秘魯", "Chile", "Spain", "Cuba (and Haiti)"]),
        min_size=1,
    )
)
def test_row_order_does_not_matter(texts):
    names = pd.Series(texts, dtype="str")
    pd.testing.assert_series_equal(countries.resolve(names)[::-1], countries.resolve(names[::-1]))


@given(st.text(max_size=40))
def test_any_text_gives_a_member_or_nothing(text):
    assert resolve_one(text) in {*config.CELAC, None}
