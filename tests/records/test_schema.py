"""The raw tables and their description hold together, and broken tables are refused with one clear
message.
"""

import contextlib

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import dates, schema

TABLES = sorted(schema.tables())
HEADER = "iso3,from,to,recognises,evidence\n"  # recognition, the smallest table


def described(table):
    return {field["name"]: field for field in schema.tables()[table]["schema"]["fields"]}


def raw(table):
    return pd.read_csv(config.RAW / f"{table}.csv", dtype=str, keep_default_na=False)


def refusal(tmp_path, content, table="recognition"):
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        schema.read_raw(path, table)
    assert "table.csv" in str(caught.value)
    return caught.value


def broken(tmp_path, table, column, value, position=3):
    """The refusal of a real table with one value changed."""
    rows = raw(table)
    rows.loc[position, column] = value
    return refusal(tmp_path, rows.to_csv(index=False), table)


@pytest.mark.parametrize("table", TABLES)
def test_real_table_passes_unchanged(table):
    read = schema.read_raw(config.RAW / f"{table}.csv", table)
    expected = raw(table)
    assert list(read.columns) == list(expected.columns) == list(described(table))
    for column in read:
        if pd.api.types.is_numeric_dtype(read[column]):
            pd.testing.assert_series_equal(
                read[column], pd.to_numeric(expected[column].replace("", None)), check_dtype=False
            )
        else:
            pd.testing.assert_series_equal(read[column], expected[column])


def test_every_csv_file_is_described():
    assert {path.stem for path in config.RAW.glob("*.csv")} == set(TABLES)
    assert [resource["path"] for resource in schema.tables().values()] == [
        f"{name}.csv" for name in schema.tables()
    ]


@pytest.mark.parametrize("table", TABLES)
def test_foreign_keys_hold(table):
    for link in schema.tables()[table]["schema"].get("foreignKeys", []):
        target = raw(link["reference"]["resource"])[link["reference"]["fields"]]
        values = raw(table)[link["fields"]]
        assert values[(values != "") & ~values.isin(target)].tolist() == []


@pytest.mark.parametrize("table", TABLES)
def test_one_column_keys_are_required_and_unique(table):
    key = schema.tables()[table]["schema"].get("primaryKey")
    if isinstance(key, str):
        constraints = described(table)[key]["constraints"]
        assert constraints["required"] and constraints["unique"]


def test_country_codes_are_those_of_config():
    assert described("countries")["iso3"]["constraints"]["enum"] == config.CELAC


def test_codes_of_both_coders_are_those_of_the_records():
    first = described("engagements")
    for column in ("lac_level", "china_actor_type", "activity_type"):
        for coder in (1, 2):
            second = described("double_coded")[f"{column}_{coder}"]
            assert second["constraints"]["enum"] == first[column]["constraints"]["enum"]


@pytest.mark.parametrize("table", ["countries", "country_year"])
def test_third_party_columns_name_source_and_licence(table):
    own = {"iso3", "country", "year"}
    lacking = [
        n
        for n, field in described(table).items()
        if n not in own and not {"source", "licence"} <= set(field)
    ]
    assert lacking == []


def test_types():
    years = schema.read_raw(config.RAW / "country_year.csv", "country_year")
    assert years["population"].dtype == "int64"
    assert years["gcdf_projects"].dtype == "float64"  # 2022 and 2023 are blank
    assert (schema.read_raw(config.RAW / "engagements.csv", "engagements").dtypes == "str").all()


@pytest.mark.parametrize(
    ("table", "column", "value", "says"),
    [
        ("engagements", "lac_iso3", "USA", "one of ATG"),
        ("engagements", "lac_iso3", "arg", "perhaps ARG"),
        ("engagements", "activity_type", "twining", "perhaps twinning"),
        ("engagements", "lac_level", "", "missing value"),
        ("engagements", "technology", "yes", "one of 0, 1"),
        ("engagements", "record_id", "A-0001", "appears once"),
        ("engagements", "date_iso", "2018-02-30", "date that exists"),
        ("engagements", "date_iso", "20O5", "YYYY"),
        ("engagements", "date_iso", "2027", "2026-11-30"),
        ("engagements", "source_url", "gobierno.gob.ar", "https"),
        ("search_log", "query_id", "A-Q001", "appears once"),
        ("search_log", "results", "-1", "0 or more"),
        ("double_coded", "found_by", "nobody", "both, first, second"),
        ("date_bounds", "not_after", "2015-06-31", "date that exists"),
        ("countries", "iso3", "PRI", "perhaps CRI"),
        ("countries", "federal", "2", "one of 0, 1"),
        ("countries", "latitude", "34", "33 or less"),
        ("country_year", "population", "many", "whole number"),
        ("country_year", "population", "9" * 30, "whole number"),
        ("country_year", "unga_agreement_china", "1.5", "1 or less"),
        ("recognition", "from", "2001-02-29", "date that exists"),
        ("strain_episodes", "start", "2018-13", "month that exists"),
        ("recognition", "to", "2026-12-01", "2026-11-30 or less"),
        ("countries", "bri_mou_date", "2026-12-01", "2026-11-30 or less"),
        ("strain_episodes", "end", "2026-12", "2026-11 or less"),
        ("local_powers", "source_url", "", "missing value"),
        ("strain_episodes", "breadth", "Narrow", "perhaps narrow"),
        ("local_powers", "confidence", "hgih", "perhaps high"),
        ("country_year", "unga_votes", "0", "1 or more"),
        ("countries", "n_admin1", "240", "60 or less"),
    ],
)
def test_a_broken_value_is_named(tmp_path, table, column, value, says):
    error = broken(tmp_path, table, column, value)
    assert (error.file, error.row, error.column, error.value) == ("table.csv", 5, column, value)
    assert says in str(error)


def test_no_date_is_after_the_day_on_which_collection_closed():
    of_dates = [f for t in TABLES for f in described(t).values() if f["type"] == "date"]
    assert {f["constraints"]["maximum"] for f in of_dates} == {str(dates.LAST_DAY)}


def test_country_and_year_are_a_key_together(tmp_path):
    error = broken(tmp_path, "country_year", "year", "2001")
    assert (error.row, error.column, error.value) == (5, "iso3, year", "ATG, 2001")


def test_the_first_problem_is_shown_and_the_others_are_counted(tmp_path):
    error = refusal(tmp_path, HEADER + "ARG,,,PRC,x\nARG,,1999,PCR,x\nBRA,,,,x\n")
    assert (error.row, error.column) == (3, "to")
    assert "and 2 more" in str(error)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (HEADER, "no rows"),
        ("iso3;from;to;recognises;evidence\nARG;;;PRC;x\n", "separated by commas"),
        ("iso3,from,to,recognises\nARG,,,PRC\n", "missing column"),
        (HEADER[:-1] + ",note\nARG,,,PRC,x,y\n", "column note"),
        (HEADER + "ARG,,,PRC,x,y\n", "more cells"),
        (HEADER + "ARG,,,PRC,x\nARG,,,PRC,x,y\n", "row 3"),
        (HEADER + 'ARG,,,PRC,"x\n', "every quote closed"),
        (HEADER + "ARG,,,PRC\n", "missing value"),
        (HEADER + "ARG,,,PRC,año\n", None),
        ((HEADER + "ARG,,,PRC,año\n").encode("latin-1"), "UTF-8"),
        (b"PK\x03\x04\xff\xfe\x00", "UTF-8"),
    ],
)
def test_files_that_are_not_the_table(tmp_path, content, says):
    if says is None:  # the same row in UTF-8 is fine
        (tmp_path / "table.csv").write_text(content, encoding="utf-8-sig")
        assert schema.read_raw(tmp_path / "table.csv", "recognition")["evidence"].tolist() == [
            "año"
        ]
    else:
        assert says in str(refusal(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        schema.read_raw(tmp_path / "none.csv", "recognition")


def test_columns_may_come_in_any_order(tmp_path):
    rows = raw("strain_episodes")
    rows[rows.columns[::-1]].to_csv(tmp_path / "table.csv", index=False)
    pd.testing.assert_frame_equal(schema.read_raw(tmp_path / "table.csv", "strain_episodes"), rows)


@settings(deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_cause_another_error(tmp_path_factory, content, with_header):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(HEADER.encode() + content if with_header else content)
    with contextlib.suppress(InputError):
        schema.read_raw(path, "recognition")


def test_memory_that_ends_is_no_malformed_table(tmp_path, monkeypatch):
    """pandas tells it as it tells a table that it cannot parse."""

    def ends(*args, **kwargs):
        raise pd.errors.ParserError("Error tokenizing data. C error: out of memory")

    (tmp_path / "table.csv").write_text(HEADER)
    monkeypatch.setattr(pd, "read_csv", ends)
    with pytest.raises(MemoryError):
        schema.read_raw(tmp_path / "table.csv", "recognition")
