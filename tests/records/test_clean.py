"""The two tables that account for cleaning: what it changed, and what it could not resolve; on our
own records.
"""

import pandas as pd
import pytest

from lac_analysis import config
from lac_analysis.records import schema
from lac_analysis.records.clean import clean_records


def told(table: pd.DataFrame, column: str) -> list[str]:
    return sorted(table.loc[table["column"] == column, "record_id"])


@pytest.mark.parametrize(
    ("column", "unknown"),
    [
        ("date", lambda r: r["date_precision"] == "unknown"),
        ("admin1", lambda r: (r["level"] != "national") & r["admin1"].isna()),
        ("municipality", lambda r: (r["level"] == "municipal") & r["municipality"].isna()),
        ("china_admin1", lambda r: (r["tier"] == "local") & r["china_admin1"].isna()),
    ],
)
def test_every_record_with_something_unknown_is_listed_and_no_other(tables, column, unknown):
    expected = sorted(tables.records.loc[unknown(tables.records), "record_id"])
    assert told(tables.unresolved, column) == expected


@pytest.mark.parametrize("column", ["admin1", "municipality", "china_admin1"])
def test_the_log_holds_what_cleaning_changed_and_nothing_else(tables, column):
    log = tables.cleaning_log[tables.cleaning_log["column"] == column].set_index("record_id")
    records = tables.records.set_index("record_id")
    assert len(log) > 50 and log.index.is_unique and (log["from"] != log["to"]).all()
    assert (log["to"] == records.loc[log.index, column]).all()
    kept = records.loc[records[column].notna() & ~records.index.isin(log.index), column]
    if column == "municipality":  # as written in the record
        assert (kept == records.loc[kept.index, "lac_place_text"]).all()
    else:  # every one is a code that the record did not have
        assert kept.empty


def test_a_province_in_a_name_counts_only_for_those_who_act_for_it(tables):
    """'Guangdong' in a firm's or an association's name is no province; in a university's it is."""
    from_name = tables.records[
        tables.records["china_rule"].isin(["province name in actor", "city in actor"])
    ]
    assert len(from_name) > 50
    assert set(from_name.loc[from_name["actor_type"] != "university", "tier"]) == {"local"}
    assert (from_name["actor_type"] == "university").any()


def test_records_without_a_gap_leave_nothing_unresolved():
    names = ("engagements", "date_bounds", "search_log")
    raw, *others = (schema.read_raw(config.RAW / f"{name}.csv", name) for name in names)
    known = raw[raw["date_iso"].ne("") & raw["lac_level"].eq("national")].head(5)
    assert clean_records(known, *others)[2].empty
