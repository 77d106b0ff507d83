"""Raw coded records -> one clean, typed, coded row a record, with a log of every value that changed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lac_analysis.records import china, coding, countries, dates, places

_CONFIDENCE = pd.CategoricalDtype(["low", "medium", "high"], ordered=True)
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
    raw = engagements.reset_index(drop=True)
    date = dates.parse(raw, date_bounds)
    coded, changes = coding.code_with_changes(raw)
    place = places.resolve(
        raw[["lac_iso3", "lac_level", "lac_place_text", "lac_admin1", "lac_actor_text"]].rename(
            columns={"lac_iso3": "country"}
        )
    )
    # a firm or an overseas association may carry the name of a province that it does not act for
    names_its_place = (coded["tier"] == "local") | (coded["actor_type"] == "university")
    province = china.province(raw["china_place"], raw["china_actor_text"], names_its_place)
    records = pd.concat(
        [
            raw[_KEPT],
            raw["lac_iso3"].rename("country"),
            date,
            dates.year(date).rename("year"),
            place,
            province,
            coded,
            _template(raw["query_id"], search_log),
            raw["confidence"].astype(_CONFIDENCE),
        ],
        axis=1,
    )
    assert len(records) == len(engagements)
    return records, _log(raw, records, changes), _unresolved(raw, records)


def _template(query_id: pd.Series, search_log: pd.DataFrame) -> pd.Series:
    """Template of the query that found the record; blank for records of targeted reading."""
    template = search_log.set_index("query_id")["template"]
    return query_id.map(template).astype("str").fillna("").rename("template")


def _log(raw: pd.DataFrame, records: pd.DataFrame, recoded: pd.DataFrame) -> pd.DataFrame:
    def changed(column: str, before: pd.Series, after: pd.Series, rule: pd.Series) -> pd.DataFrame:
        rows = np.flatnonzero(after.notna().to_numpy() & (before != after).fillna(True).to_numpy())
        return pd.DataFrame(
            {
                "record_id": raw["record_id"].iloc[rows],
                "column": column,
                "from": before.iloc[rows],
                "to": after.iloc[rows],
                "rule": rule.iloc[rows],
            }
        )

    bounded = records[records["date_bounded"]]
    interval = (
        bounded["date_start"].dt.strftime("%Y-%m-%d").astype("str").fillna("")
        + "/"
        + bounded["date_end"].dt.strftime("%Y-%m-%d").astype("str").fillna("")
    )
    in_file = pd.Series("date_bounds.csv", index=bounded.index, dtype="str")
    parts = [
        changed("admin1", raw["lac_admin1"], records["admin1"], records["place_rule"]),
        changed("municipality", raw["lac_place_text"], records["municipality"], records["place_rule"]),
        changed("china_admin1", raw["china_place"], records["china_admin1"], records["china_rule"]),
        changed("date", raw["date_iso"], interval.reindex(raw.index), in_file.reindex(raw.index)),
        recoded,
    ]
    return _sorted(pd.concat(parts, ignore_index=True), ["record_id", "column"])


def _unresolved(raw: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    def rows(mask: pd.Series, column: str, value: pd.Series, reason) -> pd.DataFrame:
        told = raw.loc[mask, "record_id"]
        reason = reason if isinstance(reason, str) else reason[mask]
        return pd.DataFrame({"record_id": told, "column": column, "value": value[mask], "reason": reason})

    local = records["level"] != "national"
    conflict = countries.conflicts(raw["lac_country_text"], raw["lac_iso3"]).reindex(raw.index)
    parts = [
        rows(
            conflict["resolved"].notna(),
            "country",
            raw["lac_country_text"],
            "text names " + conflict["resolved"].astype("str") + ", coded " + raw["lac_iso3"] + "; the code is kept",
        ),
        rows(records["date_precision"] == "unknown", "date", raw["date_text"], "no year given, no bound known"),
        rows(local & records["admin1"].isna(), "admin1", raw["lac_place_text"], "no first-level unit found"),
        rows(
            (records["level"] == "municipal") & records["municipality"].isna(),
            "municipality",
            raw["lac_place_text"],
            "no municipality found",
        ),
        rows(
            (records["tier"] == "local") & records["china_admin1"].isna(),
            "china_admin1",
            raw["china_actor_text"],
            "no Chinese province found",
        ),
    ]
    return _sorted(pd.concat(parts, ignore_index=True), ["column", "record_id"])


def _sorted(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sorted by these text columns, stably; arrow does it faster than pandas."""
    keys = pa.table({name: pa.array(table[name], pa.string()) for name in by})
    return table.take(pc.sort_indices(keys, [(name, "ascending") for name in by])).reset_index(drop=True)
