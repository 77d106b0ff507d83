"""Each adapter tells its versions apart by content, reads levels of government, and says what is
lost; twin towns: test_twins.py.
"""

import pandas as pd
import pytest
from data_sets import CGIT, LOCATIONS, TOWNS, V1, V3, lost, made, table

import lac_analysis
from lac_analysis import cli
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.sources import adapters, agencies, check, imported, maps


@pytest.mark.parametrize(
    ("names", "level"),
    [
        ("Province of Jujuy", "admin1"),
        ("Gobierno de Bolivia|Gobernación de Tarija", "admin1"),
        ("Ministry of Health|Municipality of Lima", "municipal"),
        ("Prefeitura de Recife", "municipal"),
        ("San Jose Municipal Government", "municipal"),
        ("Ministry of Education|University of Chile", "other_local"),
        ("Princess Margaret Hospital (Dominica)", "other_local"),
        ("Ministry of Education of Peru", "national"),
        ("Government of Recife", ""),  # the name alone does not say of what
        ("Shanghai Municipal Government", ""),
        ("Chaoyang Hospital", ""),
        ("Qilu Hospital|Government of Dominica", ""),
        ("China Hospital Construction Group", ""),
        ("Minister of State for Sports", ""),
        ("Governor General of Belize", ""),
        ("Baha Mar Hospitality Ltd.", ""),
        ("Government of the Plurinational State of Bolivia", "national"),
        ("Gobierno del Estado Plurinacional de Bolivia", "national"),
        ("Universidad Mayor de San Andrés", "other_local"),
        ("Estado Mayor Conjunto", "national"),
        ("Secretaría de Estado en el Despacho de Salud", "national"),
        ("Secretaria de Estado da Saúde de São Paulo", "admin1"),
        ("Banco del Estado de Chile", ""),
        ("Office of the Governor-General of Grenada", ""),
        ("Council of State of Cuba", "national"),
        ("Gobierno Autónomo Descentralizado Municipal de Quito", "municipal"),
        ("Ministerio de Salud de la Provincia de Jujuy", "admin1"),
        ("Estado de Chile", ""),
        ("Governor of the Bank of Jamaica", ""),
        ("Gobierno del Estado de Jalisco", "admin1"),
        ("Gobierno Autónomo Departamental de Santa Cruz", "admin1"),
        ("Gobierno Autónomo Municipal de La Paz", "municipal"),
        ("Mayor of Kingston", "municipal"),
        ("Governor of Jujuy", "admin1"),
        ("Ministerio de Salud", "national"),
        ("Ministry of Health, Province of Buenos Aires", "admin1"),
        ("Estado de São Paulo", "admin1"),
        ("Secretaría de Educación del Estado de Sonora", "admin1"),
        ("Alcaldía Mayor de Bogotá", "municipal"),
        ("Gobierno de la Provincia de Pichincha", "admin1"),
        ("Consejo de Estado", "national"),
        ("Colegio Mayor", "other_local"),
        ("Plaza Mayor Medellín", ""),
        ("Estado de Guatemala", ""),
        ("State of Grenada", ""),
        ("State of Mexico", "admin1"),
        ("Government of Jujuy Province", "admin1"),
        ("Prefeitura de Sinop", "municipal"),
        ("Hospital Universitario Mayor Mederi", "other_local"),
        ("City of Knowledge Foundation", ""),
        ("Office of the Mayor of Quito", "municipal"),
        ("Mayor's Office of Quito", "municipal"),
        ("Tian Tan Hospital", ""),
        ("Secretaría de Gobernación", "national"),
        ("Ministra de la Gobernación", "national"),
        ("Comisión de Gobernación", ""),
        ("Gobierno Autónomo Descentralizado del Cantón Cuenca", "municipal"),
        ("GAD Cantonal de Cuenca", "municipal"),
        ("Gobierno Autónomo Descentralizado Parroquial Rural de Tumbaco", ""),
        ("Gobierno Autónomo Descentralizado Provincial de Azuay", "admin1"),
        ("Ministry of Finance|Government of Guayas", ""),
        ("Ministry of Finance|Government of Ecuador", "national"),
        ("Secretaría de Salud de la Gobernación de Boyacá", "admin1"),
        ("Secretaria de Estado de Educacion", ""),
        ("Secretaria de Estado de Educação", "admin1"),
        ("Intendencia Nacional de Bomberos", ""),
        ("Intendencia de Montevideo", "admin1"),
        ("Gobierno Autónomo de Bolivia", ""),
        ("Fire Department of the Municipality of Guayaquil", "municipal"),
        ("Ministry of the City of Buenos Aires", "municipal"),
        ("Ministry of Health|Clarendon Municipal Corporation", "municipal"),
        ("Ministry of Works|Sangre Grande Regional Corporation", "admin1"),
        ("Ministry of Health|Regional Democratic Council, Region 9", "admin1"),
        ("Ministerio de Salud|Prefectura de Pichincha", "admin1"),
        ("Prefectura Naval Argentina", ""),
        ("City of San Jose, Ministry of Culture", ""),
        ("Municipality of Alajuela and Ministry of Culture", ""),
        ("Ministry of Local Government, Region and Parish Affairs", "national"),
        ("Ministerio de Economía y Finanzas", "national"),
        ("Ministério da Educação|Secretaria Municipal de Educação", "municipal"),
        ("", ""),
    ],
)
def test_level_of_government(names, level):
    assert agencies.levels(pd.Series(["x", names]))["level"].tolist() == ["", level]


def test_a_name_beside_a_ministry_that_no_rule_reads_is_told(tmp_path):
    columns = V1 | {"recipient_agency": ["Ministry of Health|Castries Constituency Council"] * 2}
    found, records = made("gcdf", columns, tmp_path)
    assert set(records["lac_level"]) == {"national"}
    assert lost(found, "names beside a national body whose level no rule tells") == len(records)
    assert "Castries Constituency Council" in found.losses["why"].str.cat()


@pytest.mark.parametrize(
    ("name", "stated", "kind"),
    [
        ("Export-Import Bank of China", "", "bank"),
        ("People's Bank of China (PBC)", "", "central_government"),
        ("Chinese Embassy", "", "embassy_consulate"),
        ("Hanban (Confucius Institute Headquarters)", "", "quasi_governmental"),
        ("Jiangsu Department of Commerce", "", "provincial_government"),
        # a city that is a province
        ("Chongqing Municipal Health Commission", "", "provincial_government"),
        ("Chengdu Municipal Government", "", "municipal_government"),
        ("China Harbour Engineering Co., Ltd.", "", "state_owned_enterprise"),
        ("Huawei Technologies", "", "private_company"),
        ("Sunshine Widget Works Co., Ltd.", "", "unknown"),
        ("Sunshine Widget Works Co., Ltd.", "State-owned Company", "state_owned_enterprise"),
        ("National People's Congress", "", "central_government"),
        ("Subei People's Hospital of Jiangsu Province", "", "unknown"),
        ("Hui'an County Government, Fujian", "", "municipal_government"),
        ("", "", "unknown"),
    ],
)
def test_type_of_the_chinese_actor(name, stated, kind):
    assert agencies.chinese_types(pd.Series([name]), pd.Series([stated])).tolist() == [kind]


def test_gcdf_workbook_3(tmp_path):
    found, records = made("gcdf", V3, tmp_path)
    assert found.version == "AidData GCDF 3.0, projects"
    assert list(records.index) == ["GCDF3-1", "GCDF3-2", "GCDF3-6"]
    assert records["lac_level"].tolist() == ["admin1", "other_local", "national"]
    assert records["date_iso"].tolist() == ["2017-05-16", "2015-05-31", "2012"]
    assert records["china_actor_type"].tolist() == [
        "bank",
        "private_company",
        "provincial_government",
    ]
    assert records["activity_type"].tolist() == ["loan_grant", "donation_other", "loan_grant"]
    assert records["technology"].tolist() == ["1", "0", "0"]
    assert records.loc["GCDF3-6", "description"].endswith("(planned)")
    assert lost(found, "projects of other countries") == 1
    assert lost(found, "recommended = no, or blank") == lost(found, "umbrella = yes") == 1


@pytest.mark.parametrize(
    ("yes", "no"),
    [("TRUE", "FALSE"), ("1", "0"), ("y", "n"), ("Sí", "Não"), ("SIM", "0.0"), ("x", "nein"),
     ("1.0", "FAUX"), ("Wahr", "Falsch"), ("Oui", "Non")],
)  # fmt: skip
def test_yes_and_no_may_be_written_as_another_program_does(tmp_path, yes, no):
    flags = {name: [{"Yes": yes, "No": no}[v] for v in V3[name]] for name in list(V3)[1:3]}
    _, records = made("gcdf", V3 | flags, tmp_path)
    assert list(records.index) == ["GCDF3-1", "GCDF3-2", "GCDF3-6"]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("Recommended For Aggregates", "-", "Yes or No"),
        ("Umbrella", "perhaps", "Yes or No"),
        ("Commitment Year", "2015.5", "a year from 1970 to 2026, such as 2015"),
        ("Commitment Year", "1950", "a year from 1970 to 2026, such as 2015"),
        ("Commitment Year", "2031.0", "a year from 1970 to 2026, such as 2015"),
        *(
            ("Commitment Date (MM/DD/YYYY)", date, "a date that exists, month first: MM/DD/YYYY")
            for date in ("25/04/2016", "4/31/2016", "4-Mar-2015", "March 4, 2015", "42067",
                         "13-04-2015", "2015-05 to 2016-02", "2015 (estimated)", "2015.5",
                         "05/01/2015 - 06/01/2016")
        ),
    ],
)  # fmt: skip
def test_what_is_no_flag_no_year_and_no_date_is_refused(tmp_path, column, value, expected):
    with pytest.raises(InputError) as caught:
        made("gcdf", V3 | {column: [V3[column][0], value, *V3[column][2:]]}, tmp_path)
    said = f"t.csv, row 3, column {column}: unknown value: '{value}'. Expected: {expected}"
    assert str(caught.value) == said
    # of another country it does not matter
    made("gcdf", V3 | {column: [*V3[column][:4], value, V3[column][5]]}, tmp_path)


def test_what_is_blank_other_or_cancelled_in_gcdf_is_told(tmp_path):
    changed = {
        "Recommended For Aggregates": ["", "Yes", "Yes", "Yes", "Yes", "Yes"],
        "Umbrella": "No",
        "Commitment Date (MM/DD/YYYY)": ["", "5/13/2014", "", "", "", ""],
        "Status": ["Completion", "Completion", "Cancelado", "Pledge withdrawn", "Completion", ""],
    }
    found, records = made("gcdf", V3 | changed, tmp_path)
    assert records["date_iso"].tolist() == ["2014-05-13", "2015", "2012"]
    assert not records["description"].str.contains("planned").any()
    assert lost(found, "recommended = no, or blank") == lost(found, "status = cancelled") == 1
    why = found.losses.set_index("what")["why"]
    assert why["status not known"] == "kept as if under way; 'Pledge withdrawn' in row 5"
    other = why["commitment year other than that of the commitment date"]
    assert other == "dated by the date; '2015 beside 2014-05-13' in row 3"


def test_words_that_only_look_like_works_make_no_infrastructure(tmp_path):
    titles = ["capacity building", "meals in Port-au-Prince", "Belt and Road cooperation",
              "satellite towns (Linked to Project ID#911)", "peacebuilding", "building a port"]  # fmt: skip
    others = ["scanners for the Port Authority", "Belt & Road studies", "One Belt One Road",
              "Chinese Bridge contest", "road safety campaign", "building a road bridge"]  # fmt: skip
    columns = V3 | {"Title": others, "Flow Type": "Grant", "Sector Name": "", "Status": ""}
    columns |= {"Recommended For Aggregates": "Yes", "Umbrella": "No"}
    found = made("gcdf", columns, tmp_path)[1]
    works = found["activity_type"] == "infrastructure_project"
    assert set(found["description"][works]) == {"building a road bridge"}
    table = V3 | {"Title": titles, "Flow Type": "Grant", "Sector Name": "", "Status": "Completion"}
    table |= {"Recommended For Aggregates": "Yes", "Umbrella": "No"}
    records = made("gcdf", table, tmp_path)[1].set_index("description")
    assert (records["technology"] == "0").all()
    works = records["activity_type"] == "infrastructure_project"
    assert set(records.index[works]) == {"building a port"}


def test_words_that_only_look_like_health_or_technology_are_none(tmp_path):
    titles = ["gift for the hospitality school", "$911 million", "surveillance of dengue",
              "satellite clinics", "upgrading IT skills", "surveillance cameras"]  # fmt: skip
    table = V3 | {"Title": titles, "Flow Type": "Grant", "Sector Name": "", "Status": "Completion"}
    table |= {"Recommended For Aggregates": "Yes", "Umbrella": "No"}
    records = made("gcdf", table, tmp_path)[1].set_index("description")
    assert set(records.index[records["technology"] == "1"]) == {"surveillance cameras"}
    assert records.loc[titles[0], "activity_type"] == "donation_other"
    assert set(records["activity_type"][1:]) == {"loan_grant"}


@pytest.mark.parametrize(
    "country",
    ["Peru Total", "Brazil, Peru", "Peru/Bolivia", "Perú y Bolivia", "秘鲁和智利", "Total"],
)
def test_a_row_of_no_one_country_is_told(tmp_path, country):
    """A subtotal of a spreadsheet, or several countries."""
    found, records = made("cgit", CGIT | {"Country": ["Brazil", country, "Kenya"]}, tmp_path)
    assert list(records.index) == ["CGIT-2019-2"]
    why = found.losses.set_index("what")["why"]
    assert why["deals in a country that is not known, or regional"] == (
        f"left out; '{country}' in row 3"
    )
    twins = {"city1": ["Cusco", "Arequipa"], "country1": ["Peru", country],
             "city2": ["Xi'an", "Beijing"], "country2": "China"}  # fmt: skip
    found, records = made("twins", twins, tmp_path)
    assert len(records) == lost(found, "pairs with a country left blank or not known") == 1


def test_a_month_that_is_not_read_is_told(tmp_path):
    found, records = made("cgit", CGIT | {"Month": ["marzo", "July", "July"]}, tmp_path)
    assert records["date_iso"].tolist() == ["2019", "2020-07"]
    why = found.losses.set_index("what")["why"]
    assert why["month not read"] == "dated to the year; 'marzo' in row 2"


def test_a_year_that_a_program_made_a_decimal_number_is_a_year(tmp_path):
    _, records = made("cgit", CGIT | {"Year": ["2019.0", "2020", "2020"]}, tmp_path)
    assert records["date_text"].str.endswith(("2019", "2020")).all()
    assert records.index.str.fullmatch(r"CGIT-20[12]\d-\d+").all()


def test_a_project_whose_id_a_program_made_a_decimal_number_is_one(tmp_path):
    with pytest.raises(InputError, match=r"row 2, column AidData Record ID: .* that stands once"):
        made("gcdf", V3 | {"AidData Record ID": ["1", "1.0", "3", "4", "5", "6"]}, tmp_path)


def test_a_deal_without_a_year_is_said_to_be_undated(tmp_path):
    found, records = made("cgit", CGIT | {"Year": ["", "2020", "2020"]}, tmp_path)
    assert records["date_iso"].tolist() == ["", "2020-07"]
    why = found.losses.set_index("what")["why"]
    assert why["no year"] == "undated; 'Brazil' in row 2"
    assert lost(found, "no day, the month at most") == 1


def test_the_right_sheet_of_a_workbook_is_read(tmp_path):
    with pd.ExcelWriter(tmp_path / "t.xlsx") as writer:
        pd.DataFrame({"About": ["this workbook"]}).to_excel(
            writer, sheet_name="README", index=False
        )
        table(V3 | {"Title": "donation of desks"}).to_excel(
            writer, sheet_name="GCDF_3.0", index=False
        )
    assert len(adapters.convert("gcdf", tmp_path / "t.xlsx").records) == 3


def test_formulas_in_titles_are_guarded_in_the_file(tmp_path):
    made("gcdf", V3, tmp_path)
    assert "'=cmd|" in (tmp_path / "out.csv").read_text()


def test_gcdf_workbook_1(tmp_path):
    found, records = made("gcdf", V1, tmp_path)
    assert found.version == "AidData GCOF 1.0, projects"
    assert records[["lac_level", "date_iso", "confidence"]].values.tolist() == [
        ["national", "2004", "low"]
    ]
    assert lost(found, "status = cancelled") == 1
    assert lost(found, "level of government unknown") == 1


@pytest.mark.parametrize(
    ("columns", "version"),
    [
        (
            ["AidData TUFF Project ID", "Recipient", "Commitment Year", "viz_geojson_url"],
            "2.0, geocoded",
        ),
        (["AidData TUFF Project ID", "Recipient", "Commitment Year"], "2.0, projects"),
        (["AidData Record ID", "Recipient", "Commitment Year"], "3.0, projects"),
        (["project_id", "title"], ""),
    ],
)
def test_versions_are_told_by_columns(columns, version):
    found = maps.identify("gcdf", columns)
    assert version in found and bool(version) == bool(found)


def test_gcdf_locations_are_one_record_a_project(tmp_path):
    found, records = made("gcdf_locations", LOCATIONS, tmp_path)
    assert records["lac_admin1"].tolist() == ["Jujuy; Salta", "Región Cusco", "Rio de Janeiro"]
    assert set(records["lac_level"]) == {"other_local"}
    assert lost(found, "locations in other countries") == 1
    assert lost(found, "locations of a project with several") == 1
    assert lost(found, "names with letters broken by a wrong encoding") == 1
    assert lost(found, "units that ISO 3166-2 calls otherwise") == 1
    loaded = lac_analysis.load(tmp_path / "out.csv").records["admin1"].tolist()
    assert loaded == ["AR-Y", "PE-CUS", "BR-RJ"]
    with pytest.raises(InputError, match="lac import gcdf_locations"):
        adapters.convert("gcdf", tmp_path / "t.csv")


def test_one_project_whose_number_is_written_in_two_ways_is_one(tmp_path):
    two_ways = ["1", "1.0", *LOCATIONS["id"][2:]]
    _, records = made("gcdf_locations", LOCATIONS | {"id": two_ways}, tmp_path)
    _, as_one = made("gcdf_locations", LOCATIONS, tmp_path)
    pd.testing.assert_frame_equal(records, as_one)


def test_countries_of_locations_are_read_as_those_of_the_others(tmp_path):
    names = ["BRA", "bra", "Brazil", "BR", "", "XXX", "Kenya"]
    sites = {"id": range(7), "shapeID": "9", "shapeGroup": names, "shapeName": "Bahia"}
    found, records = made("gcdf_locations", sites, tmp_path)
    assert records["lac_iso3"].tolist() == ["BRA"] * 4
    assert lost(found, "locations in other countries") == 1
    why = found.losses.set_index("what")["why"]["locations in a country that is not known"]
    assert why == "left out; '' in row 6; 'XXX' in row 7"


def test_what_names_nothing_is_no_record(tmp_path):
    sites = {"id": ["", "", "1", "2"], "shapeID": "9", "shapeGroup": "BRA",
             "shapeName": ["Bahia", "Ceará", "", "Bahia"]}  # fmt: skip
    found, records = made("gcdf_locations", sites, tmp_path)
    what = "locations without the id of a project, or the name of a unit"
    assert len(records) == 1 and lost(found, what) == 3
    towns = {"city1": ["-", "?", "Lima"], "country1": "Peru", "city2": "Chengdu",
             "country2": "China"}  # fmt: skip
    found, records = made("twins", towns, tmp_path)
    assert len(records) == 1 and lost(found, "pairs with a town left blank") == 2


def test_other_names_of_units_are_those_of_iso():
    import pycountry

    for iso3, names in maps.SAID["gcdf_locations"]["units"].items():
        alpha2 = pycountry.countries.get(alpha_3=iso3).alpha_2
        units = {unit.name for unit in pycountry.subdivisions.get(country_code=alpha2)}
        assert set(names.values()) <= units


def test_cgit(tmp_path):
    found, records = made("cgit", CGIT, tmp_path)
    assert found.version == "China Global Investment Tracker, investments and contracts"
    assert list(records.index) == ["CGIT-2019-2", "CGIT-2020-3"]
    assert records["lac_level"].tolist() == ["municipal", "national"]
    assert records["date_iso"].tolist() == ["2019-10", "2020-07"]
    assert records["china_actor_type"].tolist() == ["private_company", "state_owned_enterprise"]
    assert records["activity_type"].tolist() == ["investment_project", "infrastructure_project"]
    assert records["description"].tolist() == [
        "BYD: Transport Rail of $680 million with Municipality of Salvador",
        "China Communications Construction, Sinohydro: Transport Autos of $1,000 million",
    ]
    contracts = {
        {"Investor": "Contractor"}.get(name, name): values for name, values in CGIT.items()
    }
    assert made("cgit", contracts, tmp_path)[0].version.endswith("construction contracts")


def test_of_several_firms_of_a_deal_the_first_is_the_actor(tmp_path):
    firms = [
        "China Three Gorges, China Development Bank",
        "Shunde Rixin, China Minmetals",
        "Huawei",
    ]
    _, records = made("cgit", CGIT | {"Investor": firms, "Country": "Brazil"}, tmp_path)
    kinds = records["china_actor_type"].tolist()
    assert kinds == ["state_owned_enterprise", "unknown", "private_company"]


def test_of_both_sheets_of_cgit_each_row_tells_whether_it_is_a_contract(tmp_path):
    both = {"Investor": ["BYD", "", "Huawei"], "Contractor": ["", "Sinohydro", ""]}
    found, records = made("cgit", CGIT | both | {"Sector": "Energy"}, tmp_path)
    assert found.version.endswith("investments beside contracts")
    assert records["china_actor_text"].tolist() == ["BYD", "Sinohydro"]
    assert records["activity_type"].tolist() == ["investment_project", "infrastructure_project"]


def test_an_early_edition_without_marks_goes_by_sector(tmp_path):
    early = {name: CGIT[name] for name in ("Year", "Month", "Investor", "Transaction Party")}
    early |= {"Sector": ["Transport", "Metals", "Energy"], "Country": "Peru"}
    found, records = made("cgit", early, tmp_path)
    assert found.version.endswith("early edition")
    kinds = ["infrastructure_project", "investment_project", "infrastructure_project"]
    assert records["activity_type"].tolist() == kinds


def test_a_word_for_a_blank_is_one_and_is_told(tmp_path):
    """R writes NA, and a sheet a dash; a share makes an investment of a contract."""
    plain, expected = made("cgit", CGIT | {"Share Size": ["", "", "50%"]}, tmp_path)
    assert plain.noted[-1][0] != "read as blank"
    found, records = made("cgit", CGIT | {"Share Size": ["NA", "-", "50%"]}, tmp_path)
    pd.testing.assert_frame_equal(records, expected)
    said = "'NA' in 1 of Share Size, '-' in 1 of Share Size"
    assert ("read as blank", None, said) in found.noted
    _, records = made("cgit", CGIT | {"Share Size": ["0%", "", "50%"]}, tmp_path)
    pd.testing.assert_frame_equal(records, expected)


@pytest.mark.parametrize(
    ("kind", "columns", "said"),
    [
        ("twins", TOWNS | {"start": "2001", "since": "1998"}, "'1998' beside '2001' in row 2"),
        ("cgit", CGIT | {"Contractor": ["BYD", "Sinohydro", ""]},
         "'Sinohydro' beside 'China Communications Construction, Sinohydro' in row 3"),
    ],
)  # fmt: skip
def test_columns_of_one_meaning_that_differ_are_told(tmp_path, kind, columns, said):
    found, _ = made(kind, columns, tmp_path)
    assert ("beside the first column of a meaning", None, said) in found.noted


@pytest.mark.parametrize(
    ("kind", "columns", "said"),
    [
        ("cgit", CGIT | {"year": CGIT["Year"]}, "t.csv: two columns of one name: 'Year, year'"),
        ("gcdf", V3 | {"title": ""}, "t.csv: two columns of one name: 'Title, title'"),
    ],
)
def test_two_columns_of_one_name_are_refused(tmp_path, kind, columns, said):
    with pytest.raises(InputError) as caught:
        made(kind, columns, tmp_path)
    assert said in str(caught.value)


def test_columns_that_are_not_read_are_told(tmp_path):
    found, _ = made("cgit", CGIT | {"region": ""}, tmp_path)
    assert found.noted[-1] == ("columns not read", None, "Region, BRI, region")
    found, _ = made("twins", TOWNS | {f"x{i}": "" for i in range(23)}, tmp_path)
    assert found.noted[-1][2].endswith(", x18, x19 and 3 more")
    assert "x19 and 3 more" in (tmp_path / "out.losses.csv").read_text()


def test_blank_rows_and_pledges_without_a_title_are_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "city1,country1,city2,country2\nCusco,Peru,Wuhan,China\n,,,\nPuno,Peru,Jinan,China\n"
    )
    assert ("blank rows", None, "row 3") in adapters.convert("twins", path).noted
    _, records = made("gcdf", V3 | {"Title": "", "Status": "Pipeline: Pledge"}, tmp_path)
    assert set(records["description"]) == {"project without a title (planned)"}


@pytest.mark.parametrize("kind", ["gcdf", "twins"])
def test_a_file_of_another_kind_is_named_and_nothing_is_written(kind, tmp_path, capsys):
    table(CGIT).to_csv(tmp_path / "t.csv", index=False)
    assert cli.main(["import", kind, str(tmp_path / "t.csv"), "-o", str(tmp_path / "out.csv")]) == 2
    assert f"not {kind} but cgit: China Global Investment Tracker" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_the_command_writes_records_and_losses(tmp_path, capsys):
    table(CGIT).to_csv(tmp_path / "t.csv", index=False, encoding="latin-1")
    out = tmp_path / "out.csv"
    assert cli.main(["import", "cgit", str(tmp_path / "t.csv"), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "China Global Investment Tracker" in said and "lost on the way" in said
    losses = pd.read_csv(tmp_path / "out.losses.csv")
    assert losses.loc[losses["what"] == "deals in other countries", "rows"].tolist() == [1]
    for arguments in (
        ["import", "cgit", "x.csv", "-o", str(out)],
        ["import", "sipri", str(out), "-o", str(out)],
        ["import", "cgit", str(tmp_path / "t.csv"), "-o", str(tmp_path / "out.xlsx")],
    ):
        assert cli.main(arguments) == 2


def test_output_that_cannot_be_written_is_one_message(tmp_path, capsys):
    table(CGIT).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "out.csv").mkdir()
    assert (
        cli.main(["import", "cgit", str(tmp_path / "t.csv"), "-o", str(tmp_path / "out.csv")]) == 2
    )
    assert "is not replaced" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "t.csv"]


@pytest.mark.parametrize(
    ("kind", "columns"),
    [("gcdf", V3 | {"Recipient": "Kenya"}), ("gcdf_locations", LOCATIONS | {"shapeGroup": "KEN"}),
     ("cgit", CGIT | {"Country": "Kenya"})],
)  # fmt: skip
def test_a_file_of_other_countries_alone_is_refused(tmp_path, kind, columns):
    with pytest.raises(InputError, match="no record of the 33 countries"):
        made(kind, columns, tmp_path)


def test_the_file_that_is_read_is_not_overwritten(tmp_path, capsys):
    table(CGIT).to_csv(tmp_path / "t.csv", index=False)
    before = (tmp_path / "t.csv").read_bytes()
    assert cli.main(["import", "cgit", str(tmp_path / "t.csv"), "-o", str(tmp_path / "t.csv")]) == 2
    assert (tmp_path / "t.csv").read_bytes() == before


def test_check_names_the_data_set_it_was_given(tmp_path, capsys):
    table(V3).to_csv(tmp_path / "t.csv", index=False)
    assert cli.main(["check", str(tmp_path / "t.csv")]) == 2
    assert (
        "it looks like AidData GCDF 3.0, projects. Expected: lac import gcdf"
        in capsys.readouterr().out
    )


def test_real_gcdf_2(external, tmp_path):
    found = adapters.convert("gcdf", external("aiddata_gcdf_v2_geocoded.csv"))
    assert found.version == "AidData GCDF 2.0, geocoded projects"
    assert found.n_rows == 3325
    assert (
        len(found.records) + lost(found, "recommended = no, or blank") == 457
    )  # as the folder's README counts them
    assert schema.problems(found.records.reset_index(drop=True), "engagements").empty


def test_real_gcdf_3_locations(external, tmp_path):
    found = adapters.convert("gcdf_locations", external("aiddata_gcdf_v3_adm1_locations.csv"))
    unknown = lost(found, "locations in a country that is not known")  # numbers: disputed areas
    assert found.n_rows - lost(found, "locations in other countries") - unknown == 1618
    # every first-level unit is resolved
    path = tmp_path / "out.csv"
    imported.write(found, path, tmp_path / "other.csv")
    notes = check.check(path).notes
    units = notes.loc[notes["column"] == "lac_admin1", ["problem", "value"]].values.tolist()
    assert units == [["as Magallanes is read", "Región de Magallanes y Antártica Chilena"]]


def test_real_cgit(external):
    found = adapters.convert("cgit", external("cgit_2021_fall.csv"))
    assert (found.n_rows, len(found.records)) == (3752, 311)


def test_a_province_of_gcdf_locations_is_no_town_that_is_called_so(tmp_path):
    sites = {"id": range(4), "shapeID": "9", "shapeGroup": ["ECU", "MEX", "ARG", "COL"],
             "shapeName": ["Napo", "Hidalgo", "Jujuy", "Antioquia"]}  # fmt: skip
    made("gcdf_locations", sites, tmp_path)
    loaded = lac_analysis.load(tmp_path / "out.csv").records
    assert loaded["place_id"].tolist() == ["EC-N", "MX-HID", "AR-Y", "CO-ANT"]
