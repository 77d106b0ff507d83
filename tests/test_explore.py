"""What a reader asks of the engagements from a blank notebook."""

import numpy as np
import pandas as pd
import pytest

import lac_analysis as lac
from lac_analysis import explore
from lac_analysis.names import codes


def test_the_filters_keep_what_they_name(tables):
    every = lac.select(tables)
    for filters, holds in (
        ({"activity": "twinning"}, lambda t: t["activity"] == "twinning"),
        ({"activity": "donations"}, lambda t: t["activity_family"] == "donations"),
        (
            {"actor": ["diplomats", "party"]},
            lambda t: t["actor_family"].isin(["diplomats", "party"]),
        ),
        ({"tier": "company"}, lambda t: t["tier"] == "company"),
        ({"level": "municipal"}, lambda t: t["level"] == "municipal"),
        ({"countries": ["Brasil", "per"]}, lambda t: t["country"].isin(["BRA", "PER"])),
        ({"drop_countries": "BRA"}, lambda t: t["country"] != "BRA"),
        ({"province": "Guangdong"}, lambda t: t["china_admin1"] == "CN-GD"),
        ({"place": "SAO PAULO"}, lambda t: (t["admin1"] == "BR-SP") | (t["place"] == "São Paulo")),
        ({"window": (2010, 2015)}, lambda t: t["date_start"].ge("2010") & t["date_end"].lt("2016")),
    ):
        found = lac.select(tables, **filters)
        assert 0 < len(found) < len(every) and holds(found).all(), filters
        assert len(found) == holds(every).sum(), filters


@pytest.mark.parametrize("kind", [tuple, set, iter, np.array, pd.Series])
def test_codes_may_come_in_any_iterable(tables, kind):
    found = lac.select(tables, level=kind(["admin1", "national"]))
    assert set(found["level"]) == {"admin1", "national"}


@pytest.mark.parametrize("wrong", [[pd.NA], np.array("PER"), [["PER"]], np.array(3), "", []])
def test_what_is_no_name_is_one_line(tables, wrong, tmp_path):
    with pytest.raises(lac.InputError):
        lac.places(tables, countries=wrong)
    with pytest.raises(lac.InputError):
        lac.export(tmp_path / "x", tables, countries=wrong)
    with pytest.raises(lac.InputError):
        lac.export(tmp_path / "x", tables, formats=wrong)
    assert not list(tmp_path.iterdir())


def test_a_code_that_is_a_family_too_is_the_code(tables):
    found = [explore.select(tables, activity=code) for code in codes("activity")]
    assert [set(each["activity"]) for each in found] == [{c} for c in codes("activity")]
    assert sum(map(len, found)) == len(explore.select(tables))


def test_text_is_found_whatever_its_case_and_accents(tables):
    found = lac.select(tables, text="HUAWEI")
    assert len(found) == len(lac.select(tables, text="huáwei")) > 5
    assert lac.select(tables, text="Sanglobe")["n_records"].min() > 1  # in one of them, not kept
    curly = lac.select(tables, text="O’Higgins")
    assert len(curly) and curly.equals(lac.select(tables, text="O'Higgins"))
    assert not len(lac.select(tables, text="a text that no record holds"))
    assert len(lac.select(tables, text="Huawei\n")) == len(lac.select(tables, text="Huawei"))
    with pytest.raises(lac.InputError, match="not a text"):
        lac.select(tables, text="\ud800")
    for nothing in ("\u0301", "  "):
        with pytest.raises(lac.InputError, match="a text without a letter"):
            lac.select(tables, text=nothing)


def test_a_name_that_is_spelt_so_is_no_other(tables):
    assert set(lac.select(tables, place="Pará")["country"]) == {"BRA"}
    assert set(lac.select(tables, place="Para")["country"]) == {"SUR"}
    assert len(lac.select(tables, place="SAO PAULO")) == len(lac.select(tables, place="São Paulo"))


@pytest.mark.parametrize("filtered", ["countries", "drop_countries", "place", "activity"])
def test_a_byte_that_is_no_letter_is_no_name(tables, filtered):
    with pytest.raises(lac.InputError, match="letters that UTF-8 can write"):
        lac.select(tables, **{filtered: "Per\udcfa"})


def test_text_is_looked_for_where_nothing_is_left(tables):
    national = tables.replace(engagements=tables.engagements.query("level == 'national'"))
    assert lac.select(national, text="Jujuy").empty


def test_a_selection_gives_its_engagements(tables):
    selection = lac.Selection(2005, 2015, collection="protocol", drop_countries=("BRA",))
    found = lac.select(tables, selection)
    assert not found["planned"].any() and found["year"].dropna().between(2005, 2015).all()
    assert f"{len(found):,} local engagements" in selection.describe(tables)


def test_national_engagements_come_when_asked_for(tables):
    assert set(lac.select(tables, level="national")["level"]) == {"national"}
    assert "national" not in set(lac.select(tables)["level"])
    with pytest.raises(lac.InputError, match="local engagements alone"):
        lac.select(tables, lac.Selection(), level=["national"])


def test_no_country_dropped_is_no_filter(tables):
    assert len(lac.select(tables, drop_countries=[])) == len(lac.select(tables))


def test_a_text_is_not_found_over_the_border_of_two_columns(tables):
    row = tables.engagements.query("level == 'municipal' and not planned").iloc[0]
    over = f"{row['description'][-9:]} {row['china_actor_text'][:9]}"
    assert len(over) > 12 and lac.select(tables, text=over).empty
    assert lac.select(tables, text="\0").empty


@pytest.mark.parametrize(
    ("filters", "suggested"),
    [
        ({"activity": "twining"}, "twinning"),
        ({"actor": "embasy_consulate"}, "embassy_consulate"),
        ({"countries": "Brazzil"}, "Brazil"),
        ({"place": "Sao Paolo"}, "São Paulo"),
        ({"province": "Guangdon"}, "Guangdong"),
        ({"window": (2020, 2000)}, "the first no later"),
        ({"window": (2015,)}, "first and last year"),
        ({"window": 2015}, "first and last year"),
        ({"window": ("2000", "2010")}, "a whole number"),
        ({"window": (2000.5, 2010)}, "a whole number"),
        ({"countries": 76}, "Iterable"),
        ({"place": [None]}, "a text, or a list of texts"),
        ({"text": 5}, "str"),
        ({"contry": "BRA"}, "countries"),
        ({"countries": ()}, "nothing is named"),
        ({"text": ""}, "a text without a letter"),
        (
            {"selection": lac.Selection(), "level": ["admin1", "national"]},
            "local engagements alone",
        ),
        ({"countries": "Brazil, Peru"}, "unknown country: 'Brazil, Peru'"),
        ({"countries": "not Brazil"}, "unknown country"),
        ({"countries": "Jamaica Plain"}, "unknown country"),
        ({"countries": []}, "nothing is named"),
        ({"countries": pd.Index([])}, "nothing is named"),
        ({"activity": []}, "nothing is named"),
        ({"province": ""}, "nothing is named"),
    ],
)
def test_a_misspelt_value_is_refused_with_the_nearest(tables, filters, suggested):
    with pytest.raises(lac.InputError, match=suggested):
        lac.select(tables, **filters)


def test_names_stand_beside_codes_and_codes_are_in_order(tables):
    found = lac.select(tables)
    paulista = found[found["admin1"] == "BR-SP"].iloc[0]
    assert paulista["admin1_name"] == "São Paulo" and paulista["country_name"] == "Brazil"
    assert set(found.loc[found["activity"] == "visit_to_lac", "activity_label"]) == {"visit to LAC"}
    assert list(found["level"].cat.categories) == ["national", "admin1", "municipal", "other_local"]
    assert found["activity"].notna().all() and found["actor_family"].notna().all()
    for code, name in (("china_admin1", "province"), ("admin1", "admin1_name")):
        assert (found[code].isna() == found[name].isna()).all()
        assert found.columns.get_loc(name) == found.columns.get_loc(code) + 1
    few = ["country", "country_name", "place", "level"]
    assert list(found.columns[2:6]) == few  # what tells most stands first
    by_label = lac.select(tables, activity="visit to LAC")
    assert set(by_label["activity"]) == {"visit_to_lac"}


def test_places_and_pairs_count_the_engagements_that_have_them(tables):
    found = lac.select(tables, countries="Chile")
    places, pairs = lac.places(tables, countries="Chile"), lac.pairs(tables, countries="Chile")
    assert places["engagements"].sum() == found["place_id"].notna().sum()
    assert (
        pairs["engagements"].sum() == (found["place_id"].notna() & found["province"].notna()).sum()
    )
    assert places["place_id"].is_unique and places["engagements"].is_monotonic_decreasing
    one = places.iloc[0]
    own = found[found["place_id"] == one["place_id"]]
    assert one["twinnings"] == (own["activity"] == "twinning").sum()
    assert one["first_year"] == own["year"].min() and -57 < one["latitude"] < -17


def test_no_filter_leaves_something_or_an_empty_table_of_the_same_columns(tables):
    nothing = {"text": "a text that no record holds"}
    for function in (lac.select, lac.places, lac.pairs):
        assert list(function(tables, **nothing)) == list(function(tables))


@pytest.mark.parametrize("name", ["select", "places", "pairs", "countries", "years"])
def test_what_is_handed_out_can_be_changed_without_changing_a_later_result(tables, name):
    given = (tables, lac.Selection()) if name in ("countries", "years") else (tables,)
    table = getattr(lac, name)(*given)
    before = table.copy()
    for column in table:
        table[column] = np.nan
    pd.testing.assert_frame_equal(getattr(lac, name)(*given), before)


def test_every_code_has_words(tables):
    for column in ("level", "activity", "activity_family", "actor_type", "actor_family", "tier"):
        assert set(tables.engagements[column].dropna()) <= set(codes(column))


def test_a_place_of_no_unit_and_no_town_has_one_name(tables):
    """Grand Bahama is named as a town by some records and as a unit, which it is not, by others."""
    named = lac.places(tables)
    assert named["place_id"].is_unique and named["place"].notna().all()
    at = named["place_id"] == "BS/Grand Bahama"
    found = lac.select(tables, place="Grand Bahama")
    assert named.loc[at, "engagements"].tolist() == [len(found)] == [7]
