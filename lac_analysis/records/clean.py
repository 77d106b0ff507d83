"""Raw coded records -> one clean, typed, coded row a record, with a log of every value that
changed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lac_analysis.records import china, coding, countries, dates, places
from lac_analysis.records.columns import Column, Table, constant, encode, joined

_CONFIDENCE = pd.CategoricalDtype(["low", "medium", "high"], ordered=True)
_OF_PLACE = ["lac_level", "lac_place_text", "lac_admin1", "lac_actor_text"]
_KEPT = [
    "record_id", "collection", "query_id", "lac_country_text", "lac_place_text", "lac_actor_text", "china_actor_text",
    "platform", "description", "source_title", "source_url", "source_type", "source_lang",
]  # fmt: skip


def clean_records(
    engagements: pd.DataFrame, date_bounds: pd.DataFrame, search_log: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Clean and code the records. Source: data/raw/engagements.csv, date_bounds.csv,
    search_log.csv.

    Returns
    -------
    records : one row for each raw record, in the same order: the raw identifiers and texts,
        dates as intervals, ISO
        country, place and Chinese province, harmonised codes, and the template of the query that
        found it.
    log : record_id, column, from, to, rule; one row for each value that cleaning changed.
    unresolved : record_id, column, value, reason; one row for each value that could not be
        resolved.

    Raises
    ------
    InputError : an impossible date or an unknown code.
    """
    raw = Table(engagements, pd.RangeIndex(len(engagements)))
    records, log, unresolved = clean_in_order(raw, date_bounds, search_log)
    return (
        records,
        _sorted(log, ["record_id", "column"]),
        _sorted(unresolved, ["column", "record_id"]),
    )


def clean_in_order(
    raw: Table, date_bounds: pd.DataFrame, search_log: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """`clean_records`, with log and unresolved in the order of the records and, within a record, of
    the columns.

    raw : rows counted from 0.
    """
    date = dates.parse(raw, date_bounds)
    coded, changes = coding.code_with_changes(raw)
    located = places.resolve_alike(
        Table({"country": raw["lac_iso3"]} | {name: raw[name] for name in _OF_PLACE}, raw.index)
    )
    # a firm or an overseas association may carry the name of a province that it does not act for
    names_its_place = (coded["tier"] == "local") | (coded["actor_type"] == "university")
    province = china.province_alike(raw["china_place"], raw["china_actor_text"], names_its_place)
    place_of_each, province_of_each = (
        table.take(number).set_axis(raw.index) for number, table in (located, province)
    )
    records = pd.DataFrame(
        {
            **{name: raw.text(name) for name in _KEPT},
            "country": raw.text("lac_iso3"),
            **date,
            "year": dates.year(date),
            **place_of_each,
            **province_of_each,
            **coded,
            "template": _template(raw["query_id"], search_log),
            "confidence": raw.text("confidence").astype(_CONFIDENCE),
        }
    )
    assert len(records) == len(raw)
    log = [
        _changed(raw, "lac_admin1", "admin1", *located, "place_rule"),
        _changed(raw, "lac_place_text", "municipality", *located, "place_rule"),
        _changed(raw, "china_place", "china_admin1", *province, "china_rule"),
        _bounded(raw, date),
        _Told(
            changes.index.to_numpy(),
            {name: encode(changes[name]) for name in ("column", "from", "to", "rule")},
        ),
    ]
    return records, _in_order(raw, log), _in_order(raw, _unresolved(raw, records))


def _template(query: Column, search_log: pd.DataFrame) -> pd.Series:
    """Template of the query that found the record; blank for records of targeted reading."""
    template = search_log.set_index("query_id")["template"].reindex(query.texts).fillna("")
    return Column(query.codes, template.to_numpy(dtype=object)).series(query.index)


@dataclass(frozen=True, eq=False)
class _Told:
    """What is told about values. Attributes: rows of the records, ascending within a column; what
    is told of each.
    """

    rows: np.ndarray
    columns: dict[str, Column]


def _told(rows: np.ndarray, **columns: Column | str) -> _Told:
    """One text stands for a column of it."""
    return _Told(
        rows,
        {name: constant(c, len(rows)) if isinstance(c, str) else c for name, c in columns.items()},
    )


def _changed(
    raw: Table, before: str, after: str, number: np.ndarray, table: pd.DataFrame, rule: str
) -> _Told:
    """The rows whose raw value is not the one of the table. Rows of one number hold the same raw
    value.
    """
    row = np.empty(len(table), dtype=np.int64)
    row[number] = np.arange(len(number))
    old = raw[before].texts[raw[before].codes[row]]
    new, rules = (table[name].to_numpy(dtype=object) for name in (after, rule))
    rows = np.flatnonzero((table[after].notna().to_numpy() & (old != new))[number])
    columns = {"from": old, "to": new, "rule": rules}
    return _told(
        rows, column=after, **{name: Column(number[rows], texts) for name, texts in columns.items()}
    )


def _bounded(raw: Table, date: pd.DataFrame) -> _Told:
    """The dates that bounds changed."""
    bounded = date[date["date_bounded"]]
    first, last = (
        bounded[name].dt.strftime("%Y-%m-%d").astype("str").fillna("")
        for name in ("date_start", "date_end")
    )
    rows, interval = bounded.index.to_numpy(), encode(first + "/" + last)
    return _told(
        rows,
        column="date",
        **{"from": raw["date_iso"].only(rows), "to": interval},
        rule="date_bounds.csv",
    )


def _unresolved(raw: Table, records: pd.DataFrame) -> list[_Told]:
    def unknown(where: pd.Series, column: str, text: str, reason: str) -> _Told:
        rows = np.flatnonzero(where)
        return _told(rows, column=column, value=raw[text].only(rows), reason=reason)

    local = records["level"] != "national"
    conflict = countries.conflicts(raw["lac_country_text"], raw["lac_iso3"])
    reason = (
        "text names " + conflict["resolved"] + ", coded " + conflict["coded"] + "; the code is kept"
    )
    named = encode(conflict["country_text"])
    return [
        _told(conflict.index.to_numpy(), column="country", value=named, reason=encode(reason)),
        unknown(
            records["date_precision"] == "unknown",
            "date",
            "date_text",
            "no year given, no bound known",
        ),
        unknown(
            local & records["admin1"].isna(),
            "admin1",
            "lac_place_text",
            "no first-level unit found",
        ),
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


def _in_order(raw: Table, parts: list[_Told]) -> pd.DataFrame:
    """One table beside the identifiers of the records, in their order and that of `column`."""
    rows = np.concatenate([part.rows for part in parts])
    columns = {name: joined([part.columns[name] for part in parts]) for name in parts[0].columns}
    rank = pd.factorize(columns["column"].texts, sort=True)[0]
    order = np.lexsort((rank[columns["column"].codes], rows))
    ids = raw.text("record_id").iloc[rows[order]].reset_index(drop=True)
    return pd.DataFrame(
        {"record_id": ids} | {name: c.take(order).series(ids.index) for name, c in columns.items()}
    )


def _sorted(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sorted by these text columns, stably; arrow does it faster than pandas."""
    keys = pa.table({name: pa.array(table[name], pa.string()) for name in by})
    return table.take(pc.sort_indices(keys, [(name, "ascending") for name in by])).reset_index(
        drop=True
    )
