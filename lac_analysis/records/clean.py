"""Raw coded records -> one clean, typed, coded row a record, with a log of every value that changed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lac_analysis.records import china, coding, countries, dates, places
from lac_analysis.records.columns import Column, Table, constant

_CONFIDENCE = pd.CategoricalDtype(["low", "medium", "high"], ordered=True)
_OF_PLACE = ["lac_level", "lac_place_text", "lac_admin1", "lac_actor_text"]
_KEPT = [
    "record_id", "collection", "query_id", "lac_country_text", "lac_place_text", "lac_actor_text", "china_actor_text",
    "platform", "description", "source_title", "source_url", "source_type", "source_lang",
]  # fmt: skip


def clean_records(
    engagements: pd.DataFrame, date_bounds: pd.DataFrame, search_log: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Clean and code the records. Source: data/raw/engagements.csv, date_bounds.csv, search_log.csv.

    Returns
    -------
    records : one row for each raw record, in the same order: the raw identifiers and texts, dates as intervals, ISO
        country, place and Chinese province, harmonised codes, and the template of the query that found it.
    log : record_id, column, from, to, rule; one row for each value that cleaning changed.
    unresolved : record_id, column, value, reason; one row for each value that could not be resolved.

    Raises
    ------
    InputError : an impossible date or an unknown code.
    """
    raw = Table(engagements, pd.RangeIndex(len(engagements)))
    records, log, unresolved = clean_in_order(raw, date_bounds, search_log)
    return records, _sorted(log, ["record_id", "column"]), _sorted(unresolved, ["column", "record_id"])


def clean_in_order(
    raw: Table, date_bounds: pd.DataFrame, search_log: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """`clean_records`, with log and unresolved in the order of the records and, within a record, of the columns.

    raw : rows counted from 0.
    """
    date = dates.parse(raw, date_bounds)
    coded, changes = coding.code_with_changes(raw)
    place = places.resolve(Table({"country": raw["lac_iso3"]} | {name: raw[name] for name in _OF_PLACE}, raw.index))
    # a firm or an overseas association may carry the name of a province that it does not act for
    names_its_place = (coded["tier"] == "local") | (coded["actor_type"] == "university")
    province = china.province(raw["china_place"], raw["china_actor_text"], names_its_place)
    records = pd.DataFrame(
        {
            **{name: raw.text(name) for name in _KEPT},
            "country": raw.text("lac_iso3"),
            **date,
            "year": dates.year(date),
            **place,
            **province,
            **coded,
            "template": _template(raw["query_id"], search_log),
            "confidence": raw.text("confidence").astype(_CONFIDENCE),
        }
    )
    assert len(records) == len(raw)
    return records, _log(raw, records, changes), _unresolved(raw, records)


def _template(query: Column, search_log: pd.DataFrame) -> pd.Series:
    """Template of the query that found the record; blank for records of targeted reading."""
    template = search_log.set_index("query_id")["template"].reindex(query.texts).fillna("")
    return Column(query.codes, template.to_numpy(dtype=object)).series(query.index)


def _log(raw: Table, records: pd.DataFrame, recoded: pd.DataFrame) -> pd.DataFrame:
    def changed(column: str, before: str, after: pd.Series, rule: pd.Series) -> pd.DataFrame:
        before = raw.text(before).reindex(after.index)
        at = np.flatnonzero(after.notna().to_numpy() & (before != after).fillna(True).to_numpy())
        told = {"from": before.iloc[at], "to": after.iloc[at], "rule": rule.iloc[at]}
        return _rows(raw, after.index[at], {"column": column} | told)

    bounded = records[records["date_bounded"]]
    interval = (
        bounded["date_start"].dt.strftime("%Y-%m-%d").astype("str").fillna("")
        + "/"
        + bounded["date_end"].dt.strftime("%Y-%m-%d").astype("str").fillna("")
    )
    in_file = pd.Series("date_bounds.csv", index=bounded.index, dtype="str")
    return _in_order(
        [
            changed("admin1", "lac_admin1", records["admin1"], records["place_rule"]),
            changed("municipality", "lac_place_text", records["municipality"], records["place_rule"]),
            changed("china_admin1", "china_place", records["china_admin1"], records["china_rule"]),
            changed("date", "date_iso", interval, in_file),
            recoded,
        ]
    )


def _unresolved(raw: Table, records: pd.DataFrame) -> pd.DataFrame:
    def unknown(where: pd.Series, column: str, text: str, reason: str) -> pd.DataFrame:
        rows = raw.index[where]
        return _rows(raw, rows, {"column": column, "value": raw.text(text)[rows], "reason": reason})

    local = records["level"] != "national"
    conflict = countries.conflicts(raw["lac_country_text"], raw["lac_iso3"])
    reason = "text names " + conflict["resolved"] + ", coded " + conflict["coded"] + "; the code is kept"
    told = {"record_id": raw.text("record_id")[conflict.index], "column": "country", "value": conflict["country_text"]}
    return _in_order(
        [
            pd.DataFrame(told | {"reason": reason}),
            unknown(records["date_precision"] == "unknown", "date", "date_text", "no year given, no bound known"),
            unknown(local & records["admin1"].isna(), "admin1", "lac_place_text", "no first-level unit found"),
            unknown(
                (records["level"] == "municipal") & records["municipality"].isna(),
                "municipality",
                "lac_place_text",
                "no municipality found",
            ),
            unknown(
                (records["tier"] == "local") & records["china_admin1"].isna(),
                "china_admin1",
                "china_actor_text",
                "no Chinese province found",
            ),
        ]
    )


def _rows(raw: Table, rows: pd.Index, columns: dict[str, pd.Series | str]) -> pd.DataFrame:
    """These columns beside the identifiers of the records of these rows; a text stands for a column of it."""
    full = {
        name: constant(column, len(rows)).series(rows) if isinstance(column, str) else column
        for name, column in columns.items()
    }
    return pd.DataFrame({"record_id": raw.text("record_id").iloc[rows], **full})


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One table, in the order of the records and of `column`. Each part is about one column, in the records' order."""
    table = pd.concat(parts)
    column = pd.factorize(table["column"], sort=True)[0]
    return table.take(np.lexsort((column, table.index))).reset_index(drop=True)


def _sorted(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sorted by these text columns, stably; arrow does it faster than pandas."""
    keys = pa.table({name: pa.array(table[name], pa.string()) for name in by})
    return table.take(pc.sort_indices(keys, [(name, "ascending") for name in by])).reset_index(drop=True)
