"""The records of each engagement -> one row, with the best values and every source."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lac_analysis.records.pairs import rounds, source

_DELAY = pd.Timedelta(days=3)  # by which a report's date or a time zone shifts a day
_OPEN = 1_000_000  # days, for each side on which a date is open; wider than every interval

# Columns, by their beginnings, that a merged row takes together from one record, so that it does
# not contradict itself.
_DATE = ("date_", "year")
_PLACE = ("level", "place_", "admin1", "municipality", "lac_place_")
_PARTNER = ("china_",)
_ACTOR = ("actor_", "tier")
_PAGE = ("source_",)
# 1, or true, if any record says so
_ANY = ["technology", "prior_contact", "is_platform_event"]
# which templates found an engagement: pattern of one template
_FOUND_BY = {
    "in_country_queries": "[TN][1-9]",
    # two equal searches for the same thing, that name no vendor, technology or pandemic
    "found_by_t": "T[12356]",
    "found_by_n": "N[1-5]",
    "found_by_c": "C1",
}
_COMPARED = [
    "level", "place_id", "china_admin1", "china_city", "actor_type", "activity", "technology",
    "prior_contact", "is_platform_event", "planned", "tier", "technology_kind",
]  # fmt: skip


def merge(records: pd.DataFrame, assignment: pd.DataFrame) -> pd.DataFrame:
    """One row an engagement, sorted by engagement_id.

    records : cleaned records, one row a record.
    assignment : record_id, engagement_id, as `deduplicate` returns it; the same records.

    Returns the columns of `records`, and:
    record_ids, query_ids, sources : joined by '; '; a source is a page, or a title where no address
        is known.
    n_records, n_sources : how many.
    in_protocol : any record of the equal-effort protocol.
    templates : of all queries that found any of its records; joined by a space, like `coders`, the
        letters of the rounds.
    conflicts : the coded columns whose known values differ, and 'date' where intervals exclude each
        other.
    in_country_queries : a country template, T1-T9 or N1-N5, found it.
    found_by_t, found_by_n, found_by_c : any of T1, T2, T3, T5, T6; of N1-N5; C1.
    in_neutral_t, in_neutral_n, in_neutral : the first two within the protocol, and either.

    The date is the narrowest interval that all records allow, the place and the Chinese partner are
    the most specific, the actor a known one, and the page one with an address, each taken whole
    from one record. technology, prior_contact and is_platform_event are 1 if any record says so;
    planned is False if any record reports the act as done. Every other value is the first known
    one, highest confidence first.
    """
    engagement = assignment.set_index("record_id")["engagement_id"]
    table = pd.DataFrame(
        {
            "engagement_id": records["record_id"].map(engagement),
            "record_ids": records["record_id"],
            "n_records": 1,
            "sources": source(records),
            "n_sources": 1,
            "query_ids": (records["query_id"] + "; " + records["also_query_ids"]).str.strip("; "),
            "in_protocol": records["collection"].eq("protocol"),
            "templates": records["templates"],
            "coders": rounds(records["record_id"]),
            "conflicts": "",
            **records.drop(columns=["record_id", "templates"]),
        }
    ).sort_values(["engagement_id", "record_ids"])
    gathered = _gathered(table)
    # of values that are equally good the first counts, highest confidence first
    table = table.sort_values("confidence", ascending=False, kind="stable")
    texts = table.select_dtypes("str").columns.drop("engagement_id")
    never_missing = [name for name in texts if table[name].notna().all()]  # a blank is ''
    groups = table.assign(**table[never_missing].replace("", np.nan)).groupby("engagement_id")
    best = groups.first()
    best[never_missing] = best[never_missing].fillna("")
    for prefixes, rank in (
        (_DATE, _date_rank(table)),
        (_PLACE, _place_rank(table)),
        (_PARTNER, _first_known(table, ["china_city", "china_admin1"])),
        (_ACTOR, table["actor_type"].eq("unknown")),
        (_PAGE, table["source_url"].eq("")),
    ):
        columns = [name for name in table if name.startswith(prefixes)]
        ranked = table.iloc[np.argsort(rank, kind="stable")]
        best[columns] = ranked.drop_duplicates("engagement_id").set_index("engagement_id")[columns]
    best[_ANY] = groups[_ANY].max()
    best["planned"] = groups["planned"].min()
    best[gathered.columns] = gathered
    best = best.assign(**found_by(best["templates"], best["in_protocol"]))
    assert best["n_records"].sum() == len(records)
    return best.reset_index()


def found_by(templates: pd.Series, in_protocol: pd.Series) -> dict[str, pd.Series]:
    """The flags of `merge` that say which search found an engagement, by its templates."""
    flags = {flag: templates.str.contains(rf"\b{one}\b") for flag, one in _FOUND_BY.items()}
    flags["in_country_queries"] &= in_protocol
    for search in ("t", "n"):
        flags[f"in_neutral_{search}"] = flags[f"found_by_{search}"] & in_protocol
    flags["in_neutral"] = flags["in_neutral_t"] | flags["in_neutral_n"]
    return flags


def _gathered(table: pd.DataFrame) -> pd.DataFrame:
    """What every record of an engagement adds to; the records of a group are sorted."""
    groups = table.groupby("engagement_id")
    known = table[_COMPARED].mask(table[_COMPARED] == "unknown")
    differ = known.groupby(table["engagement_id"]).nunique() > 1
    differ["date"] = groups["date_start"].max() > groups["date_end"].min()
    conflicts = ["; ".join(differ.columns[row]) for row in differ.to_numpy()]
    return pd.DataFrame(
        {
            "record_ids": groups["record_ids"].agg(_joined),
            "n_records": groups.size(),
            "sources": groups["sources"].agg(_joined),
            "n_sources": groups["sources"].agg(lambda pages: len({*pages} - {""})).astype("int64"),
            "query_ids": groups["query_ids"].agg(lambda ids: _joined("; ".join(ids).split("; "))),
            "in_protocol": groups["in_protocol"].any(),
            "templates": groups["templates"].agg(_words),
            "coders": groups["coders"].agg(_words),
            "conflicts": pd.array(conflicts, dtype="str"),
        }
    )


def _words(lists: Iterable[str]) -> str:
    """The different words of several lists, sorted."""
    return " ".join(sorted(set(" ".join(lists).split())))


def _joined(values: Iterable[str]) -> str:
    """Different values that are not blank, in their order."""
    return "; ".join(value for value in dict.fromkeys(values) if value)


def _date_rank(table: pd.DataFrame) -> np.ndarray:
    """Days that the date leaves open; a report's date ranks behind, then one that others exclude,
    last of all none.
    """
    groups = table.groupby("engagement_id")
    excluded = table["date_start"] - _DELAY > groups["date_end"].transform("min")
    excluded |= table["date_end"] + _DELAY < groups["date_start"].transform("max")
    sides = table[["date_start", "date_end"]].isna().sum(axis=1)
    open_ended = _OPEN * sides.map({1: 1, 2: 5})
    width = (table["date_end"] - table["date_start"]).dt.days.fillna(open_ended)
    return (width + table["date_is_report"] + 3 * _OPEN * excluded).to_numpy()


def _place_rank(table: pd.DataFrame) -> np.ndarray:
    """The most specific place first; where none is known, a local act before a national one."""
    known = _first_known(table, ["municipality", "admin1", "place_id"])
    return 2 * known + table["level"].eq("national").to_numpy()


def _first_known(table: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Number of the first column, the most specific first, that is known; of columns if none is."""
    return np.select([table[name].notna() for name in columns], range(len(columns)), len(columns))
