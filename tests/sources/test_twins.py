"""Lists of twin towns -> records: who counts, dates, and what is lost."""

import pandas as pd
import pytest
from data_sets import TOWNS, lost, made

import lac_analysis
from lac_analysis.errors import InputError
from lac_analysis.sources import adapters, imported


def test_what_is_twinned_with_hong_kong_is_a_town(tmp_path):
    towns = {"city1": ["Cusco"], "country1": "Peru", "city2": "Hong Kong", "country2": "Hong Kong"}
    _, records = made("twins", towns, tmp_path)
    assert records["lac_level"].tolist() == ["municipal"]


def test_a_date_that_is_not_read_is_told_of_a_pair_that_stands_twice(tmp_path):
    twice = {name: values * 2 for name, values in TOWNS.items() if isinstance(values, list)}
    found, records = made("twins", TOWNS | twice | {"start": ["", "May 1988"]}, tmp_path)
    assert len(records) == 1
    why = found.losses.set_index("what")["why"]["dates that cannot be read"]
    assert why == "left blank; 'May 1988' in row 3"


def test_of_two_dates_of_a_pair_the_finer_counts_and_another_is_told(tmp_path):
    towns = {"city1": ["Rosario", "Rosario", "Cusco", "Cusco"], "country1": ["Argentina"] * 2 + ["Peru"] * 2,
             "city2": "Chengdu", "country2": "China", "start": ["2005", "1997-06-02", "1998", "1998-05-12"]}  # fmt: skip
    found, records = made("twins", towns, tmp_path)
    assert records["date_iso"].tolist() == ["1997-06-02", "1998-05-12"]
    assert lost(found, "pairs listed again with another date") == 1


@pytest.mark.parametrize(
    ("dates", "kept"),
    [(("", "1998"), "1998"), (("2001-05-03", "2001"), "2001-05-03"),
     (("2001", "2001-05-03T00:00:00Z"), "2001-05-03"), (("1998", "1998"), "1998"),
     (("", ""), "")],
)  # fmt: skip
@pytest.mark.parametrize("other", ["year", "Since"])
def test_columns_of_one_meaning_are_one(tmp_path, dates, kept, other):
    _, records = made("twins", TOWNS | {"start": dates[0], other: dates[1]}, tmp_path)
    assert records["date_iso"].tolist() == [kept]


def test_twin_towns(tmp_path):
    pairs = [
        ("La Plata", "Argentina", "Chengdu", "People's Republic of China", ""),
        ("Chengdu", "China", "La Plata", "Argentina", "2018-01-31T00:00:00Z"),
        ("Jujuy", "Argentina", "Guizhou", "China", "2017"),
        ("State of Bahia", "Brazil", "Shandong", "PRC", "someday"),
        ("Taipei", "Republic of China", "Managua", "Nicaragua", "1990"),
        ("Paris", "France", "Beijing", "China", "1997"),
    ]
    columns = dict(
        zip(
            ("city1", "country1", "city2", "country2", "start"),
            zip(*pairs, strict=True),
            strict=True,
        )
    )
    found, records = made("twins", columns, tmp_path)
    assert records["lac_place_text"].tolist() == ["La Plata", "Jujuy", "State of Bahia"]
    assert records["lac_level"].tolist() == ["municipal", "admin1", "admin1"]
    assert (
        records["china_actor_type"].tolist()
        == ["municipal_government"] + ["provincial_government"] * 2
    )
    places = lac_analysis.load(tmp_path / "out.csv").records["china_admin1"]
    assert places.tolist() == ["CN-SC", "CN-GZ", "CN-SD"]
    assert records["date_iso"].tolist() == ["2018-01-31", "2017", ""]
    assert set(records["activity_type"]) == {"twinning"}
    assert lost(found, "pairs listed again") == 1
    assert lost(found, "pairs of other countries") == 2
    assert lost(found, "dates that cannot be read") == 1
    why = found.losses.set_index("what")["why"]["dates that cannot be read"]
    assert why == "left blank; 'someday' in row 5"


@pytest.mark.parametrize(
    ("names", "n", "lost_as"),
    [
        (
            ["China PR", "P. R. China", "China (PRC)", "P.R.C.", "Hong Kong", "Macau", "CN", "PRC",
             "RPC", "R. P. China", "R.P. China", "People’s Republic of China", "Kina, China", "中国",
             "República Popular de China", "República Popular Chinesa", "Volksrepublik China"],
            16,
            "pairs with a country left blank or not known",
        ),
        (["China", "CH", "Republic of China", "Taiwan", "Suiza", "Chile", "Rússia", "EE.UU."], 1,
         "pairs of other countries"),
    ],
)  # fmt: skip
def test_the_countries_of_twins_with_china(tmp_path, names, n, lost_as):
    towns = [f"Lima{i}" for i in range(len(names))]
    columns = {"city1": towns, "country1": "Perú", "city2": "Chengdu", "country2": names}
    found, records = made("twins", columns, tmp_path)
    assert (len(records), lost(found, lost_as)) == (n, len(names) - n)


def test_a_city_of_taiwan_is_not_chinas_whatever_the_country_is_called(tmp_path):
    columns = {"city1": ["Santos", "Hualien City", "Lima", "Cusco"],
               "country1": ["Brazil", "China", "Peru", "Peru"],
               "city2": ["Chiayi", "Lima", "台南市", "Ningbo"],
               "country2": ["China", "Peru", "China", "China"]}  # fmt: skip
    found, records = made("twins", columns, tmp_path)
    assert records["china_actor_text"].tolist() == ["Ningbo"]
    assert lost(found, "pairs of other countries") == 3


def test_a_unit_that_its_partner_alone_makes_one_is_told(tmp_path):
    """Puebla is a city and a state, Jilin a city and a province."""
    columns = {"city1": ["Puebla", "Puebla", "Puebla (state)"], "country1": "Mexico",
               "city2": ["Jilin", "Qingdao", "Hainan"], "country2": "China"}  # fmt: skip
    found, records = made("twins", columns, tmp_path)
    assert records["lac_level"].tolist() == ["admin1", "municipal", "admin1"]
    assert lost(found, "places called as their unit") == 1
    assert "'Puebla (Jilin)' in row 2" in found.losses["why"].str.cat()


@pytest.mark.parametrize("between", ["/", ", ", " + ", " – ", "\n", " and ", "; "])
def test_two_partners_are_told_whatever_parts_them(tmp_path, between):
    columns = {"city1": ["Salta", "Rosario"], "country1": "Argentina",
               "city2": [f"Wuhan{between}Changsha", "Xi'an, Shaanxi"], "country2": "China"}  # fmt: skip
    found = made("twins", columns, tmp_path)[0]
    assert lost(found, "pairs with several Chinese partners in one cell") == 1


def test_wikidata_s_first_of_january_is_told(tmp_path):
    columns = {"city1": ["Salta", "Rosario"], "country1": "Argentina", "city2": "Wuhan",
               "country2": "China", "start": ["1997-01-01T00:00:00Z", "1998-01-01"]}  # fmt: skip
    found, records = made("twins", columns, tmp_path)
    assert records["date_iso"].tolist() == ["1997-01-01", "1998-01-01"]
    assert lost(found, "dates of 1 January with a time") == 1


def test_a_district_is_a_unit_where_units_are_districts(tmp_path):
    columns = {"city1": ["Cusco District", "Cusco Province", "Belize District", "Cusco"],
               "country1": ["Peru", "Peru", "Belize", "Peru"],
               "city2": ["Xi'an", "Wuhan", "Yiwu", "Ningbo"], "country2": "China"}  # fmt: skip
    records = made("twins", columns, tmp_path)[1]
    assert records["lac_level"].tolist() == ["municipal", "municipal", "admin1", "municipal"]


def test_several_partners_in_a_cell_are_told(tmp_path):
    columns = {"city1": ["Corrientes", "Tulcán", "Lima"], "country1": ["Argentina", "Ecuador", "Peru"],
               "city2": ["Chengdu; Beijing", "Jiangxi and Hunan", "Xi'an, Shaanxi"],
               "country2": "China"}  # fmt: skip
    assert (
        lost(made("twins", columns, tmp_path)[0], "pairs with several Chinese partners in one cell")
        == 2
    )


def test_what_was_lost_is_told_where_nothing_is_left(tmp_path):
    source = tmp_path / "n.csv"
    source.write_text("city1,country1,city2,country2,start\nWuhan,China,,Peru,2004\n")
    with pytest.raises(
        InputError, match=r"no record .* \(pairs with a town left blank: left out\)"
    ):
        imported.write(adapters.convert("twins", source), tmp_path / "o.csv", source)


def test_a_country_that_is_blank_or_unknown_is_told(tmp_path):
    names = ["Guiana", "Granada", "Sta. Lucía", "Chine", "", "Panamá1", "", "Panamá1", "France"]
    others = ["China"] * 3 + ["Brésil"] + ["China"] * 2 + ["France"] + ["Xina"] + [""]
    towns = [f"Town{i}" for i in range(len(names))]
    columns = {"city1": towns, "country1": names, "city2": "Chengdu", "country2": others}
    found, records = made("twins", columns, tmp_path)
    assert records["lac_iso3"].tolist() == ["GUY", "GRD", "LCA", "BRA"]
    assert lost(found, "pairs of other countries") == 2
    why = found.losses.set_index("what").loc["pairs with a country left blank or not known", "why"]
    assert why == "left out; '' in row 6; 'Panamá1' in row 7 and 1 more; 'Xina' in row 9"
    assert why in (tmp_path / "out.losses.csv").read_text()
    more = pd.Series([f"Xina{i}" for i in range(45)])
    found.note("no_country", 45, more)
    assert found.noted[-1][2].endswith("; 'Xina39' in row 39; 5 values more")


def test_wikidata_labels_go_before_addresses(tmp_path):
    columns = {
        "city1": ["http://q/1"],
        "city1Label": ["Rosario"],
        "country1Label": ["Argentina"],
        "city2Label": ["Shanghai"],
        "country2Label": ["People's Republic of China"],
    }
    found, records = made("twins", columns, tmp_path)
    assert found.version == "list of twin towns without dates"
    assert records["lac_place_text"].tolist() == ["Rosario"]


def test_towns_of_one_label_are_told_apart_by_their_identifiers(tmp_path):
    columns = {
        "city1": ["Q1", "Q2", "Q3", "Q3", "Q3"],
        "city1Label": ["Santa Cruz", "Santa Cruz", "Lima", "Lima", "Ciudad de los Reyes"],
        "country1Label": ["Peru"] * 5,
        "city2": ["http://q/Q9"] * 3 + ["http://q/Q10"] * 2,
        "city2Label": ["Suzhou"] * 5,
        "country2Label": ["China"] * 5,
        "start": ["2001", "2001", "2001-05-03T00:00:00Z", "2003", "2003"],
    }
    found, records = made("twins", columns, tmp_path)
    assert records["lac_place_text"].tolist() == ["Santa Cruz", "Santa Cruz", "Lima", "Lima"]
    assert records["date_iso"].tolist() == ["2001", "2001", "2001-05-03", "2003"]
    assert lost(found, "pairs listed again") == 1


@pytest.mark.parametrize("start", ["2011Then 2014", "2015.5", "2001 (or 2003)"])
def test_a_start_that_holds_more_than_a_date_is_told(start, tmp_path):
    columns = {"city1": ["Lima"], "country1": ["Peru"], "city2": ["Suzhou"], "country2": ["China"]}
    found, records = made("twins", columns | {"start": [start]}, tmp_path)
    assert records["date_iso"].tolist() == [""]
    assert lost(found, "dates that cannot be read") == 1


@pytest.mark.parametrize(
    ("town", "country", "level"),
    [("Rosario, Santa Fe Province", "Argentina", "municipal"),
     ("Toluca, Estado de México", "Mexico", "municipal"),
     ("Valparaíso, Valparaíso Region", "Chile", "municipal"),
     ("Provincia de Huancayo", "Peru", "municipal"),  # of the second level
     ("Valparaíso, Chile", "Chile", "admin1"), ("Estado de México", "Mexico", "admin1"),
     ("圣保罗州", "Brazil", "admin1"), ("Región de Valparaíso", "Chile", "admin1"),
     ("Province of La Rioja", "Argentina", "admin1"),
     ("La Rioja, La Rioja Province", "Argentina", "municipal"),
     ("São Paulo (state)", "Brazil", "admin1"), ("Salta, Provincia de", "Argentina", "admin1"),
     ("Gobernación de Antioquia", "Colombia", "admin1"), ("Jalisco", "Mexico", "admin1"),
     ("Intendencia de Canelones", "Uruguay", "admin1"), ("Bahia, Salvador", "Brazil", "municipal"),
     ("Gobierno Regional de Arequipa", "Peru", "admin1"), ("Pcia. de Salta", "Argentina", "admin1"),
     ("Gobierno Municipal de Córdoba", "Argentina", "municipal"),
     ("Ciudad de Salta", "Argentina", "municipal"),
     ("Prov. Buenos Aires", "Argentina", "admin1"), ("瓦尔帕莱索大区", "Chile", "admin1")],
)  # fmt: skip
def test_a_town_written_with_its_unit_is_the_town(tmp_path, town, country, level):
    columns = {"city1": [town], "country1": country, "city2": "Guangdong", "country2": "China"}
    _, records = made("twins", columns, tmp_path)
    assert records["lac_level"].tolist() == [level]
    found = lac_analysis.load(tmp_path / "out.csv").records
    assert found["municipality"].isna().tolist() == [level == "admin1"]


def test_a_state_that_a_small_town_is_called_like_is_twinned_with_shanghai(tmp_path):
    columns = {"city1": ["Jalisco", "Bahia", "Salta"], "country1": ["Mexico", "Brazil", "Argentina"],
               "city2": "Shanghai", "country2": "China"}  # fmt: skip
    _, records = made("twins", columns, tmp_path)
    assert records["lac_level"].tolist() == ["admin1", "admin1", "municipal"]


@pytest.mark.parametrize(
    ("chinese", "kind"),
    [("Hui'an County, Fujian Province", "municipal"), ("Yangshuo, Guangxi", "municipal"),
     ("Yangpu District, Shanghai", "municipal"), ("福建省惠安县", "municipal"),
     ("Fujian Province, China", "provincial"), ("China, Fujian", "provincial"),
     ("广西壮族自治区", "provincial"), ("Hong Kong Special Administrative Region", "provincial")],
)  # fmt: skip
def test_a_chinese_county_is_no_province(tmp_path, chinese, kind):
    columns = {"city1": ["Salta"], "country1": "Argentina", "city2": chinese, "country2": "China"}
    _, records = made("twins", columns, tmp_path)
    assert records["china_actor_type"].tolist() == [f"{kind}_government"]
    town = kind == "municipal" or chinese.startswith("Hong Kong")
    assert records["lac_level"].tolist() == ["municipal" if town else "admin1"]
