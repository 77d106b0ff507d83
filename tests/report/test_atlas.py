"""The atlas shows what the records hold, where it is, and nothing twice."""

import numpy as np
import pandas as pd
import pytest

from lac_analysis import config
from lac_analysis.charts import map as maps
from lac_analysis.records import schema
from lac_analysis.records.china import province_name
from lac_analysis.report import atlas
from lac_analysis.selection import Selection, chosen
from lac_analysis.tables import from_records

EARTH = 6371.007  # km, authalic radius
ALL = Selection(2000, 2025, collection="all")


def area(outline):
    """Shoelace area of a compound outline's rings in km2; holes run the other way."""
    total, start = 0.0, 0
    for end in [*np.flatnonzero(outline.codes == outline.MOVETO)[1:], len(outline.codes)]:
        x, y = outline.vertices[start:end].T
        total += (np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2
        start = end
    return abs(total) * EARTH**2


def test_every_country_has_an_outline_of_about_its_area(tables):
    """Areas of mledoze/countries, an independent source; 1:50m rounds coasts of small islands."""
    known = tables.countries.set_index("iso3")["area_km2"]
    drawn = pd.Series({iso3: sum(map(area, maps.outlines()[iso3])) for iso3 in config.CELAC})
    ratio = drawn / known.reindex(drawn.index)
    large = known.reindex(ratio.index) > 20_000
    assert ratio[large].drop("SUR").between(0.92, 1.02).all()
    assert 0.87 < ratio["SUR"] < 1  # Natural Earth draws the disputed south-west with Guyana
    assert ratio.between(0.8, 1.02).all()


def test_projection_keeps_its_centre_and_the_compass():
    centre, north, east = maps.project([-72, -72, -62], [-12, -2, -12])
    assert np.allclose(centre, 0)
    assert north[1] > 0 and abs(north[0]) < 1e-12
    assert east[0] > 0
    # ten degrees along a meridian through the centre: the chord 2 sin(5 degrees)
    assert north[1] == pytest.approx(2 * np.sin(np.radians(5)))


def test_units_count_each_located_engagement_once(tables):
    units, table = atlas.units(tables, ALL), chosen(tables, ALL, undated="include")
    assert units["unit"].is_unique
    counts = table.loc[table["admin1"].notna(), "admin1"].value_counts()
    shared = units.set_index("unit")["engagements"].reindex(counts.index).dropna()
    pd.testing.assert_series_equal(shared.astype("int64"), counts[shared.index], check_names=False)
    assert units["engagements"].sum() <= len(table)
    assert units["longitude"].between(-118, -34).all() and units["latitude"].between(-56, 33).all()


def test_countries_of_the_atlas_follow_the_selection(tables):
    all_of_them = atlas.by_country(tables, ALL)
    assert len(all_of_them) == 33
    assert all_of_them["engagements"].sum() == len(chosen(tables, ALL, undated="include"))
    without = atlas.by_country(tables, ALL.replace(drop_countries=["BRA"]))
    assert set(all_of_them["iso3"]) - set(without["iso3"]) == {"BRA"}


def test_matrix_holds_the_engagements_with_a_known_province(tables):
    matrix, table = atlas.matrix(tables, ALL), chosen(tables, ALL, undated="include")
    assert matrix.to_numpy().sum() == table["china_admin1"].notna().sum()
    here = table[(table["china_admin1"] == "CN-GZ") & (table["country"] == "ARG")]
    assert matrix.loc["Guizhou", "ARG"] == len(here) > 0


def test_province_names_are_the_usual_ones():
    assert [province_name(f"CN-{code}") for code in ("GZ", "NM", "XZ", "SN", "SX")] == [
        "Guizhou", "Inner Mongolia", "Tibet", "Shaanxi", "Shanxi",
    ]  # fmt: skip


def test_ladders_of_no_engagement_are_empty(tables):
    assert atlas.ladders(tables, ALL.replace(drop_countries=config.CELAC)).empty


def test_ladders_hold_the_cases_of_the_report(tables):
    steps = atlas.ladders(tables, ALL)
    assert steps["unit"].unique()[:2].tolist() == ["Jujuy", "Coquimbo"]
    twinnings = steps[steps["step"] == "twinning"]
    jujuy, coquimbo = (twinnings[twinnings["unit"] == name] for name in ("Jujuy", "Coquimbo"))
    assert jujuy["china"].tolist() == ["Guizhou"] and jujuy["date_start"].dt.year.tolist() == [2018]
    henan = coquimbo[coquimbo["china"] == "Henan"]
    assert len(henan) == 1 and henan["date_start"].isna().all()


def test_units_of_one_name_are_steps_of_two():
    """San José of Costa Rica and of Uruguay."""
    raw = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    told = {"record_id": ["u1", "u2"], "lac_iso3": ["CRI", "URY"], "lac_place_text": "San José"}
    told |= {"lac_admin1": "San José", "lac_country_text": "", "date_iso": "2010"}
    rows = raw[raw["activity_type"] == "twinning"].head(2).assign(**told)
    steps = atlas.ladders(from_records(rows, "mine.csv"), ALL)
    assert steps["unit"].tolist() == ["San José (CR-SJ)", "San José (UY-SJ)"]


def pictures(tables, selection):
    return [
        atlas.draw_map(atlas.units(tables, selection), tables, selection),
        atlas.draw_matrix(atlas.matrix(tables, selection), tables, selection),
    ]


def test_every_picture_is_drawn_and_one_without_records_says_so(tables):
    drawn = pictures(tables, ALL)
    assert [picture.name for picture in drawn] == ["map", "matrix"]
    assert all("No picture" not in picture.alt for picture in drawn)
    nothing = pictures(tables, ALL.replace(drop_countries=config.CELAC))
    assert all(picture.alt.startswith("No picture: no ") for picture in nothing)


def test_islands_that_lie_in_no_unit_are_a_map_without_dots():
    raw = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    rows = raw[raw["activity_type"] == "twinning"].head(2)
    told = {"record_id": ["u1", "u2"], "lac_iso3": "BHS", "lac_country_text": "", "lac_admin1": ""}
    islands = rows.assign(**told, lac_place_text=["Grand Bahama", "Andros"], date_iso="2010")
    drawn = pictures(from_records(islands, "mine.csv"), ALL)[0]
    words = " ".join(each.get_text() for each in drawn.figure.texts).replace("\n", " ")
    assert "Bahamas holds 100%" in words and "0 lie in one of 0 units" in words


def test_what_our_searches_asked_is_told_of_our_records_alone(tables):
    raw = schema.read_raw(config.RAW / "engagements.csv", "engagements").head(300)
    mine = from_records(raw.assign(record_id=[f"u{n}" for n in range(len(raw))]), "mine.csv")
    for searched, made_of in ((True, tables), (False, mine)):
        for picture in pictures(made_of, ALL):
            words = " ".join(each.get_text() for each in picture.figure.texts)
            assert ("Queries on provinces" in words) == searched
            assert "found by search" not in words or searched


def test_the_map_of_one_country_names_no_other(tables):
    selection = ALL.replace(
        drop_countries=[iso for iso in config.CELAC if iso not in ("BRA", "KNA")]
    )
    drawn = atlas.draw_map(atlas.units(tables, selection), tables, selection)
    words = [text.get_text() for text in drawn.figure.texts]
    assert words[0].replace("\n", " ").startswith("Brazil holds 100% of what was found"), words


def test_the_map_names_no_two_winners_of_three(tables, monkeypatch):
    counts = pd.DataFrame({"iso3": ["ARG", "BRA", "CHL"], "country": ["A", "B", "C"]})
    for engagements, said in (
        ([2, 2, 2], "3 countries, equally many each, hold 100% of"),
        ([4, 2, 2], "A holds 50% of"),
        ([2, 2, 1], "A and B hold 80% of"),
    ):
        table = counts.assign(engagements=engagements)
        monkeypatch.setattr(atlas, "by_country", lambda *_, table=table: table)
        drawn = atlas.draw_map(atlas.units(tables, ALL), tables, ALL)
        assert drawn.figure.texts[0].get_text().replace("\n", " ").startswith(said)


def test_a_title_names_no_winner_of_a_tie(tables):
    tied = pd.DataFrame(
        {"ARG": [2, 1], "CHL": [1, 2]}, index=pd.Index(["Anhui", "Hebei"], name="province")
    )
    drawn = atlas.draw_matrix(tied, tables, ALL)
    words = drawn.figure.texts[0].get_text().replace("\n", " ")
    assert words == "2 provinces come first with 3; 2 pairs are closest (2)"


@pytest.mark.parametrize("years", [(2003, 2004), (2020, 2020), (1970, 1970)])
def test_a_short_window_can_be_drawn(tables, years):
    assert len(pictures(tables, Selection(*years, collection="all"))) == 2
