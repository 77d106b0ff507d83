"""The records of each engagement -> one row an engagement, with the best value of every column and
every source.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.records.deduplicate import source

_DELAY = pd.Timedelta(days=3)  # by which a report's date or a time zone shifts a day
_OPEN = 1_000_000  # days; wider than every interval

# Columns, by their beginnings, that a merged row takes together from one record, so that it does
# not contradict itself.
_DATE = ("date_", "year")
_PLACE = ("level", "place_", "admin1", "municipality", "lac_place_")
_PARTNER = ("china_",)
_ACTOR = ("actor_", "tier")
_COMPARED = [
    "level",
    "place_id",
    "china_admin1",
    "china_city",
    "actor_type",
    "activity",
    "technology",
    "prior_contact",
]


def merge(records: pd.DataFrame, assignment: pd.DataFrame) -> pd.DataFrame:
    """One row an engagement, sorted by engagement_id.

    Parameters
    ----------
    records : cleaned records, one row a record.
    assignment : record_id, engagement_id, as `deduplicate` returns it; the same records.

    Returns
    -------
    engagement_id, record_ids, n_records, sources (pages, or a title where no address is known),
    n_sources, query_ids, in_protocol (any record of the equal-effort protocol), templates (of the
    protocol's queries that found it), conflicts (the coded columns whose known values differ, and
    'date' where intervals exclude each other), the columns of `records`, and in_country_queries (a
    country template, T1-T9, found it). Lists are '; '-joined. The date is the narrowest interval
    that all records allow, the place and the Chinese partner are the most specific, and the actor a
    known one, each taken whole from one record. technology and prior_contact are 1 if any record
    says so; planned is False if any record reports the act as done. Every other value is the first
    known one, highest confidence first.

    Raises
    ------
    InputError : the assignment is not of these records.
    """
    engagement = records["record_id"].map(
        dict(zip(assignment["record_id"], assignment["engagement_id"], strict=True))
    )
    if (
        engagement.isna().any()
        or not len(records) == len(assignment) == assignment["record_id"].nunique()
    ):
        raise InputError(
            "records and assignment differ", expected="one assignment for every record"
        )
    # As one record tells it; most engagements have but one.
    table = pd.DataFrame(
        {
            "engagement_id": engagement,
            "record_ids": records["record_id"],
            "n_records": 1,
            "sources": source(records),
            "n_sources": 1,
            "query_ids": records["query_id"],
            "in_protocol": records["collection"].eq("protocol"),
            "templates": records["template"].where(records["collection"].eq("protocol"), ""),
            "conflicts": "",
            **records.drop(columns="record_id"),
        }
    )
    blank_if_missing = [
        c
        for c in records.select_dtypes("str").columns.drop("record_id")
        if records[c].notna().all()
    ]
    several = engagement.duplicated(keep=False)
    merged = pd.concat([table[~several], _combined(table[several], blank_if_missing)])
    merged["in_country_queries"] = merged["templates"].str.contains("T", regex=False)
    assert merged["n_records"].sum() == len(records)
    return merged.sort_values("engagement_id", ignore_index=True)


def _combined(table: pd.DataFrame, blank_if_missing: list[str]) -> pd.DataFrame:
    """One row an engagement, of those that several records tell."""
    table = table.sort_values(["engagement_id", "record_ids"])
    gathered = _gathered(table)
    table = table.sort_values("confidence", ascending=False, kind="stable")
    table[blank_if_missing] = table[blank_if_missing].replace("", np.nan)
    groups = table.groupby("engagement_id")
    best = groups.first()
    for prefixes, rank in (
        (_DATE, _date_rank), (_PLACE, _place_rank), (_PARTNER, _partner_rank), (_ACTOR, _actor_rank),
    ):  # fmt: skip
        columns = [c for c in table if c.startswith(prefixes)]
        ranked = table.iloc[np.argsort(rank(table), kind="stable")]
        best[columns] = ranked.drop_duplicates("engagement_id").set_index("engagement_id")[columns]
    best[["technology", "prior_contact"]] = groups[["technology", "prior_contact"]].max()
    best["planned"] = groups["planned"].min()
    best[blank_if_missing] = best[blank_if_missing].fillna("")
    best[gathered.columns] = gathered
    return best.reset_index()


def _gathered(table: pd.DataFrame) -> pd.DataFrame:
    """What every record of an engagement adds to; `table` is sorted by engagement and record."""
    starts = np.flatnonzero(~table["engagement_id"].duplicated())
    spans = list(zip(starts, [*starts[1:], len(table)], strict=False))
    groups = table.groupby("engagement_id")

    def known(column: str) -> list[list[str]]:
        """Different values that are not blank, in the order of the records."""
        values = table[column].to_numpy(dtype=object).tolist()
        return [[v for v in dict.fromkeys(values[i:j]) if v] for i, j in spans]

    def joined(lists: Iterable[list[str]]) -> pd.api.extensions.ExtensionArray:
        return pd.array(["; ".join(v) for v in lists], dtype="str")

    differ = groups[_COMPARED].nunique() > 1
    differ["date"] = groups["date_start"].max() > groups["date_end"].min()
    names = differ.columns.to_numpy(dtype=object)
    sources = known("sources")
    return pd.DataFrame(
        {
            "record_ids": joined(known("record_ids")),
            "n_records": groups.size(),
            "sources": joined(sources),
            "n_sources": np.array([len(v) for v in sources], dtype=int),
            "query_ids": joined(known("query_ids")),
            "in_protocol": groups["in_protocol"].any(),
            "templates": joined(map(sorted, known("templates"))),
            "conflicts": joined(names[row] for row in differ.to_numpy()),
        }
    )


def _date_rank(table: pd.DataFrame) -> np.ndarray:
    """Width of the interval in days; a report's date ranks behind an event's, and an excluded
    interval last of all.
    """
    groups = table.groupby("engagement_id")
    excluded = (table["date_start"] - _DELAY > groups["date_end"].transform("min")) | (
        table["date_end"] + _DELAY < groups["date_start"].transform("max")
    )
    width = (table["date_end"] - table["date_start"]).dt.days.fillna(_OPEN)
    return (width + table["date_is_report"] + 2 * _OPEN * excluded).to_numpy()


def _place_rank(table: pd.DataFrame) -> np.ndarray:
    return np.select(
        [table["municipality"].notna(), table["admin1"].notna(), table["place_id"].notna()],
        [0, 1, 2],
        3,
    )


def _partner_rank(table: pd.DataFrame) -> np.ndarray:
    return np.select([table["china_city"].notna(), table["china_admin1"].notna()], [0, 1], 2)


def _actor_rank(table: pd.DataFrame) -> np.ndarray:
    return table["actor_type"].eq("unknown").to_numpy()
