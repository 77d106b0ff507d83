"""The processed tables as a caller gets them."""

import numpy as np
import pandas as pd
import pytest

import lac_analysis as lac
from lac_analysis import config, panel, tables
from lac_analysis.claims import NotTestable, authority, plan, share
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.selection import Selection, chosen

SELECTION = Selection()
FUNCTIONS = {
    "chosen": lambda data: chosen(data, SELECTION),
    "countries": lambda data: panel.countries(data, SELECTION),
    "country_cells": lambda data: panel.country_cells(data, SELECTION),
    "years": lambda data: panel.years(data, SELECTION),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_the_panel_hands_out_can_be_changed_without_changing_a_later_result(data, name):
    before = FUNCTIONS[name](data).copy()
    table = FUNCTIONS[name](data)
    for column in table:
        table[column].array[:] = table[column].array[0]  # behind pandas' back
        table[column] = 1
    table.iloc[0, 0] = 2
    table.index.name = "changed"
    pd.testing.assert_frame_equal(FUNCTIONS[name](data), before)


def test_tables_can_be_changed_without_changing_those_of_the_next_caller(data):
    before = data.countries.copy()
    table = data.countries
    table["area_km2"].array[:] = 1
    table["population"] = 1
    table.loc[:, "iso3"] = "ARG"
    table.index.name = "changed"
    pd.testing.assert_frame_equal(data.countries, before)
    with pytest.raises(AttributeError):
        data.countries = table


def test_a_replaced_table_is_used_and_told_by_the_input_hash(data):
    few = data.engagements.head(300)
    one, same = data.replace(engagements=few), data.replace(engagements=few.copy())
    other = data.replace(engagements=few.assign(planned=True))
    assert len(one.engagements) == 300 and len(data.engagements) > 300
    assert one.input_hash == same.input_hash
    assert len({data.input_hash, one.input_hash, other.input_hash}) == 3
    assert data.replace(engagements=other.engagements).input_hash == other.input_hash
    fewer_people = data.replace(
        country_year=data.country_year.assign(population=1), engagements=few
    )
    assert panel.countries(fewer_people, SELECTION)["population"].eq(1).all()
    assert panel.countries(one, SELECTION)["population"].gt(1).all()
    with pytest.raises(InputError, match="engagements"):
        data.replace(engagement=few)
    for wrong in (5, few["year"], few.drop(columns="year")):
        with pytest.raises(InputError, match="table engagements lacks a column"):
            data.replace(engagements=wrong)
    with pytest.raises(InputError, match=r"engagements has str in a column.*Int64"):
        data.replace(engagements=few.assign(year=few["year"].astype("str")))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("date_start", "x"),
        ("country", [["BRA"]] * 3),
        ("country", 5),
        ("level", "province"),
        ("planned", "no"),
        ("planned", 1),
        ("prior_contact", None),
    ],
)
def test_a_column_of_another_type_or_of_unknown_codes_is_refused(data, column, values):
    few = data.engagements.head(3)
    with pytest.raises(InputError, match=f"column {column}: table engagements has .* in a column"):
        data.replace(engagements=few.assign(**{column: values}))
    for table in (few.assign(country=few["country"].astype("object")), few.head(0)):
        assert len(data.replace(engagements=table).engagements) == len(table)


def test_a_replacement_or_a_choice_that_is_none_is_one_message(data):
    entry = plan.of("reach")
    for call in (
        lambda: data.replace(3), lambda: entry.selection(2000), lambda: entry.choices("zzz"),
        lambda: entry.choices(["definition"]), lambda: SELECTION.replace(3),
        lambda: lac.Finding(claim="reach").replace(zz=1),
    ):  # fmt: skip
        with pytest.raises(InputError):
            call()
    assert entry.choices("undated")


def test_a_table_of_twin_columns_or_rows_or_of_another_region_is_refused(data):
    few = data.engagements.head(3)
    with pytest.raises(InputError, match="engagements lacks a column, or has it twice"):
        data.replace(engagements=pd.concat([few, few[["year"]]], axis=1))
    for name in ("engagements", "records", "countries", "country_year"):
        table = getattr(data, name)
        with pytest.raises(InputError, match=f"{name} has two rows of one key"):
            data.replace(**{name: pd.concat([table, table.head(1)])})
    zoned = few["date_start"].dt.tz_localize("UTC")
    with pytest.raises(InputError, match=r"date_start: table engagements has datetime64.*UTC"):
        data.replace(engagements=few.assign(date_start=zoned))
    with pytest.raises(InputError, match="column country: table engagements: 'XXX'"):
        data.replace(engagements=few.assign(country="XXX"))
    with pytest.raises(InputError, match=r"activity: table engagements: 'Twinning'.*twinning"):
        data.replace(engagements=few.assign(activity="Twinning"))


def test_a_country_or_a_province_that_is_unknown_is_refused_in_every_table(data):
    for name in ("countries", "country_year", "local_powers", "recognition", "strain_episodes"):
        table = getattr(data, name)
        more = pd.concat([table, table.head(1).assign(iso3="PRI")])
        with pytest.raises(InputError, match=f"table {name}, .*column iso3: .*'PRI'"):
            data.replace(**{name: more})
    few = data.engagements.head(3)
    with pytest.raises(InputError, match=r"column china_admin1: .*'Guangdong'"):
        data.replace(engagements=few.assign(china_admin1="Guangdong"))


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("countries", "federal", 7, "one of 0, 1"),
        ("countries", "latitude", 91.0, "33 or less"),
        ("country_year", "population", -5, "1 or more"),
        ("country_year", "year", 2000.5, "a whole number"),
        ("country_year", "year", np.nan, "a value"),
        ("country_year", "year", 200, "2000 or more"),
        ("search_log", "query_id", "", "a value"),
        ("country_year", "unga_agreement_china", 50.0, "1 or less"),
        ("country_year", "gdp_usd", np.inf, "number"),
        ("local_powers", "elected_admin1", "yes", "one of"),
        ("search_log", "results", 80, "8 or less"),
        ("place_pairs", "role", "Control", "twinned"),
        ("engagements", "platform_family", "CELAC", "celac"),
        ("engagements", "activity_family", "twinnings", "twinning"),
        ("engagements", "tier", None, "local"),
        ("engagements", "country", None, "ISO3"),
        ("engagements", "admin1", "Jujuy", "AR-"),
        ("engagements", "collection", "Protocol", "protocol"),
        ("records", "activity", "Twinning", "twinning"),
        ("records", "country", "PRI", "ISO3"),
    ],
)
def test_a_value_that_the_raw_tables_could_not_hold_is_refused(
    data, table, column, value, expected
):
    changed = getattr(data, table)
    changed[column] = changed[column].where(changed.index != 5, value)
    with pytest.raises(InputError, match=f"column {column}: .*{expected}") as told:
        data.replace(**{table: changed})
    assert f"table {table}" in str(told.value)


def test_every_table_can_stand_for_itself_and_years_and_queries_be_added(data):
    for name in data._frames:
        assert data.replace(**{name: getattr(data, name)}).input_hash == data.input_hash
        if name != "countries":  # of which there are all
            assert getattr(data.replace(**{name: getattr(data, name).head(0)}), name).empty
    later = data.country_year.query("year == 2023").assign(year=2024)
    cells = pd.concat([data.country_year, later])
    assert data.replace(country_year=cells).country_year["year"].max() == 2024
    more = data.search_log.head(1).assign(query_id="mine-1")
    log = pd.concat([data.search_log, more])
    assert data.replace(search_log=log).search_log["query_id"].iloc[-1] == "mine-1"
    with pytest.raises(InputError, match="search_log has two rows of one key"):
        data.replace(search_log=pd.concat([log, more]))


def test_a_replaced_table_whose_dates_contradict_each_other_is_refused(data):
    dated = data.engagements.dropna(subset="year").head(3)
    moved = dated["date_end"] + pd.Timedelta(days=366)
    for changes in ({"year": dated["year"] + 1}, {"date_end": moved}, {"date_start": pd.NaT}):
        with pytest.raises(InputError, match=r"column year: table engagements.*year of date_start"):
            data.replace(engagements=dated.assign(**changes))
    swapped = dated.assign(date_start=dated["date_end"], date_end=dated["date_start"])
    wide = swapped[dated["date_start"] < dated["date_end"]]
    with pytest.raises(InputError, match=r"column date_end: table engagements.*no day before"):
        data.replace(engagements=wide)
    year = data.engagements["year"].iloc[:0]
    assert (
        data.replace(engagements=dated.assign(date_end=moved, year=year)).engagements.shape[0] == 3
    )
    for table, start, end in (("recognition", "from", "to"), ("strain_episodes", "start", "end")):
        spells = getattr(data, table)
        closed = spells[spells[end] != ""]
        wrong = closed.assign(**{start: closed[end], end: closed[start]})
        with pytest.raises(InputError, match=f"column {end}: table {table}.*before.*{start}"):
            data.replace(**{table: wrong})
        assert len(getattr(data.replace(**{table: closed}), table)) == len(closed)


def test_a_country_too_few_and_a_day_that_is_none_are_refused(data):
    with pytest.raises(InputError, match="table countries lacks BRA"):
        data.replace(countries=data.countries[data.countries["iso3"] != "BRA"])
    spells = data.recognition
    spells.loc[spells["from"] != "", "from"] = "10 Jan 1989"
    with pytest.raises(InputError, match=r"table recognition.*column from.*'10 Jan 1989'"):
        data.replace(recognition=spells)
    with pytest.raises(InputError, match="units has two rows of one key"):
        data.replace(units=pd.concat([data.units, data.units.head(1)]))


def test_a_country_whose_gdp_is_not_known_is_said(data):
    cells = data.country_year
    cells.loc[cells["iso3"] == "CUB", "gdp_usd"] = float("nan")
    few = data.replace(country_year=cells)
    selection = plan.of("authority").selection()
    countries = authority.table(few, selection, definition="federal", excerpts="all")
    with pytest.raises(NotTestable, match="a control is not known of CUB"):
        share.fit(countries, "log_gdp")
    assert share.estimate(countries, "log_gdp") == share.estimate(countries.drop("CUB"), "log_gdp")


def test_tables_are_shown_in_a_few_lines(data):
    assert len(repr(data)) < 1000 and f"{len(data.engagements)}" in repr(data)
    assert len(data._repr_html_()) < 4000
    named = tables.Tables({"engagements": data.engagements}, "", "<b>.csv")
    assert "<b>.csv" in repr(named)


def test_records_of_a_user_stand_in_for_ours_and_keep_the_bounds_of_those_that_are_ours():
    ours = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    bounded = schema.read_raw(config.RAW / "date_bounds.csv", "date_bounds")["record_id"].iloc[0]
    few = ours[ours["record_id"].eq(bounded) | (ours.index < 40)].reset_index(drop=True)
    loaded = tables.from_records(few, "mine.csv")
    assert loaded.name == "mine.csv" and len(loaded.records) == len(few)
    assert loaded.records.set_index("record_id").loc[bounded, "date_bounded"]
    moved = few.assign(source_url="https://example.org/other")
    again = tables.from_records(moved, "mine.csv")
    assert not again.records["date_bounded"].any()
    assert loaded.input_hash != again.input_hash != tables.load().input_hash


@pytest.fixture(scope="module")
def data():
    return tables.load()


CLAIMS = ("not_new", "reach", "tiers")


@pytest.mark.parametrize("claims", [CLAIMS, pytest.param(None, marks=pytest.mark.slow)])
def test_no_claim_changes_when_every_frame_was_changed(data, claims):
    claims = claims or list(plan.load())
    before = [lac.analyse(name, data, lac.plan(name).selection()).to_dict() for name in claims]
    handed_out = [getattr(data, name) for name in data._frames]
    handed_out += [lac.select(data), lac.places(data), lac.pairs(data)]
    handed_out += [FUNCTIONS[name](data) for name in FUNCTIONS]
    for table in handed_out:
        for column in table:
            table[column] = 1
    after = [lac.analyse(name, data, lac.plan(name).selection()).to_dict() for name in claims]
    assert after == before
