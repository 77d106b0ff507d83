"""Names of units and towns, as texts of several languages have them."""

import pycountry
import pytest

from lac_analysis.records import gazetteer


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("City of Salta", "Salta"),
        ("Municipio de Córdoba", "Cordoba"),
        ("Province of Jujuy", "Jujuy"),
        ("Ciudad Guayana", "Guayana"),
        ("City", "City"),
        ("Salta", "Salta"),
        ("利马市", "利马"),
    ],
)
def test_a_name_alone(text, bare):
    assert gazetteer.bare_name(text) == bare


def test_units_of_the_dominican_republic_are_its_provinces():
    codes = {code for codes in gazetteer.gazetteer("DOM").units.values() for code in codes}
    assert len(codes) > 30
    assert all(pycountry.subdivisions.get(code=code).parent_code for code in codes)


def test_codes_of_airports_are_no_towns():
    towns = gazetteer.gazetteer("BRA").towns
    assert "recife" in towns and "rec" not in towns and "gru" not in towns


def test_a_chinese_name_of_a_unit_is_the_towns_of_that_name_too_unless_it_says_province():
    names = gazetteer.gazetteer("NIC")
    assert "马 那 瓜" in names.units and names.towns["马 那 瓜"][0].name == "Managua"
    for country in ("ARG", "PER", "CUB"):
        names = gazetteer.gazetteer(country)
        called = {name for name in names.units if name.endswith((" 省", " 州"))}
        assert called and called.isdisjoint(names.towns)
