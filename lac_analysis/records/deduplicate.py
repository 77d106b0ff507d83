"""The same engagement in two records or more: find the pairs, group them, merge each group into one row.

Records are compared when they share a page, a Chinese province or a place (blocking), and when their dates allow it.
The first rule that holds accepts a pair. Accepted pairs are joined strongest first, and never into a group that would
hold two records that are certainly different. The thresholds were set on the `train` part of
tests/records/labelled_pairs.csv. Source of the approach: Christen (2012), Data Matching, chapters 4-6.
"""

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from lac_analysis.errors import InputError

# Kinds of act that coders confuse for one act; every other activity is a kind of its own.
_KIND = {
    "twinning": "accord", "friendship_memorandum": "accord", "cooperation_agreement": "accord",
    "donation_health": "gift", "donation_other": "gift", "loan_grant": "gift",
    "infrastructure_project": "project", "investment_project": "project", "technology_project": "project",
}  # fmt: skip
_REPORT_DELAY = 3  # days by which a report's date or a time zone shifts a day
_MONTH, _YEAR = 31, 366  # days; the width of an interval tells what its date states
_OPEN = 1_000_000  # days; beyond every date
_OTHER_SCRIPT = r"[\u0370-\u1fff\u2e80-\uffff]"  # not Latin letters or punctuation
_NEEDED = (
    "record_id", "country", "level", "place_id", "place_n", "admin1", "municipality", "date_start", "date_end",
    "activity", "china_admin1", "china_city", "description", "source_url",
)  # fmt: skip

# Columns, by their beginnings, that a merged row takes together from one record, so that it does not contradict itself.
_DATE = ("date_", "year")
_PLACE = ("level", "place_", "admin1", "municipality", "lac_place_")
_PARTNER = ("china_",)
_COMPARED = ("level", "place_id", "china_admin1", "china_city", "actor_type", "activity", "technology", "prior_contact")


def deduplicate(records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group the records that tell of one engagement.

    Parameters
    ----------
    records : cleaned records, one row a record, in any order.

    Returns
    -------
    assignment : record_id, engagement_id ('E:' and the smallest record_id of the group); one row a record, sorted.
    links : record_a < record_b, rule, score (similarity of descriptions, 0 to 100); the pairs that built the groups.

    Raises
    ------
    InputError : a column is missing, or a record_id is repeated.
    """
    for column in _NEEDED:
        if column not in records:
            raise InputError("missing column", column=column)
    if records["record_id"].duplicated().any():
        repeated = records.loc[records["record_id"].duplicated(), "record_id"]
        raise InputError("repeated record", column="record_id", value=repeated.min())
    records = records.sort_values("record_id", kind="stable", ignore_index=True)
    facts = _facts(records)
    a, b = _candidates(facts)
    rule, score = _judge(facts, records["description"].fillna("").str.lower().to_numpy(dtype=object), a, b)
    group, used = _join(facts, a, b, rule, score)
    ids = records["record_id"].to_numpy(dtype=object)
    assignment = pd.DataFrame({"record_id": ids, "engagement_id": "E:" + ids[group]})
    links = pd.DataFrame(
        {
            "record_a": ids[a[used]],
            "record_b": ids[b[used]],
            "rule": np.array(_RULES, dtype=object)[rule[used]],
            "score": score[used].astype("float64").round(1),
        }
    ).sort_values(["record_a", "record_b"], ignore_index=True)
    return assignment, links


def _facts(records: pd.DataFrame) -> dict[str, np.ndarray]:
    """What the rules compare, as integer arrays; -1 is missing."""

    def code(values: pd.Series) -> np.ndarray:
        return pd.factorize(values.where(values.ne("")), sort=True)[0]

    def days(column: str, when_open: int) -> np.ndarray:
        day = records[column].to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(day), when_open, day.astype("int64"))

    activity = records["activity"].astype("str")
    # A record of several places is none of them, and a name left in another script cannot be compared with a Latin one.
    one = records["place_n"].le(1)
    comparable = one & ~records["municipality"].str.contains(_OTHER_SCRIPT, na=False)
    site = records["place_id"].where(comparable).mask(records["level"].eq("national"), "national")
    return {
        "country": code(records["country"]),
        "site": code(site),  # a resolved place, or the nation as a whole
        "admin1": code(records["admin1"].where(one)),
        "municipality": code(records["municipality"].where(comparable)),
        "province": code(records["china_admin1"]),
        "city": code(records["china_city"]),
        "activity": code(activity),
        "kind": code(activity.replace(_KIND)),
        "accord": activity.map(_KIND).eq("accord").to_numpy(),
        "twinning": activity.eq("twinning").to_numpy(),
        # The letters that begin an identifier name the coding round, and each round had one coder.
        "coder": code(records["record_id"].str.extract(r"^([A-Z]+)", expand=False)),
        "page": code(records["source_url"]),
        "start": days("date_start", -_OPEN),
        "end": days("date_end", _OPEN),
    }


def _candidates(facts: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Pairs a < b in a common block that are not certainly different."""
    pairs = []
    for block in (("page", "country"), ("province", "kind", "country"), ("site", "kind", "country")):
        rows = np.flatnonzero(facts[block[0]] >= 0)
        keys = np.column_stack([facts[key][rows] for key in block])
        a, b = _overlaps(rows, np.unique(keys, axis=0, return_inverse=True)[1], facts)
        keep = ~_excluded(facts, a, b)
        pairs.append(np.column_stack([np.minimum(a, b), np.maximum(a, b)])[keep])
    pairs = np.unique(np.concatenate(pairs), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _overlaps(rows: np.ndarray, block: np.ndarray, facts: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows of one block whose dates overlap or nearly do: a sorted interval join, no product of the block."""
    order = np.lexsort((rows, facts["start"][rows], block))
    rows, block = rows[order], block[order]
    slack = np.where(facts["accord"][rows], _YEAR, _REPORT_DELAY)
    line = block * 4 * _OPEN + facts["start"][rows]  # every block has its own stretch of one axis
    last = np.searchsorted(line, block * 4 * _OPEN + facts["end"][rows] + slack, side="right")
    count = np.maximum(last - np.arange(len(rows)) - 1, 0)
    first = np.repeat(np.arange(len(rows)), count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return rows[first], rows[first + 1 + step]


def _differ(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (codes[a] != codes[b]) & (codes[a] >= 0) & (codes[b] >= 0)


def _agree(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (codes[a] == codes[b]) & (codes[a] >= 0)


def _gap(facts: dict[str, np.ndarray], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Days between the two intervals; 0 if they overlap."""
    return np.maximum(np.maximum(facts["start"][a] - facts["end"][b], facts["start"][b] - facts["end"][a]), 0)


def _wider(facts: dict[str, np.ndarray], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Days of the wider of the two intervals."""
    width = facts["end"] - facts["start"] + 1
    return np.maximum(width[a], width[b])


def _excluded(facts: dict[str, np.ndarray], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Certainly different: no rule and no chain of rules may join these."""
    # An accord known to the year alone may stand a year off: sources date one tie by its signing or by its approval.
    year_off = facts["accord"][a] & facts["accord"][b] & (_wider(facts, a, b) > _MONTH)
    other_partner = _differ(facts["province"], a, b) | _differ(facts["city"], a, b)
    return (
        (facts["country"][a] != facts["country"][b])
        | (_agree(facts["page"], a, b) & _agree(facts["coder"], a, b))  # a coder tells the acts of one page apart
        | _differ(facts["municipality"], a, b)
        | _differ(facts["admin1"], a, b)
        | (_gap(facts, a, b) > np.where(year_off, _YEAR, _REPORT_DELAY))
        | (facts["accord"][a] & facts["accord"][b] & other_partner)
    )


_RULES = (
    "page", "accord", "page, undated", "page, other kind", "tie, undated", "accord, place unknown", "accord, year off",
    "act",
)  # strongest first  # fmt: skip


def _judge(
    facts: dict[str, np.ndarray], text: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Position in _RULES of the first rule that accepts each pair (-1: none), and the similarity of the texts."""
    score = process.cpdist(text[a], text[b], scorer=fuzz.token_set_ratio) if len(a) else np.empty(0)
    gap, wide = _gap(facts, a, b), _wider(facts, a, b)
    page = _agree(facts["page"], a, b)
    same_kind = facts["kind"][a] == facts["kind"][b]
    same_activity = facts["activity"][a] == facts["activity"][b]
    both_accord = facts["accord"][a] & facts["accord"][b]
    both_twinning = facts["twinning"][a] & facts["twinning"][b]
    same_place = _agree(facts["site"], a, b)
    place_unknown = (facts["site"][a] < 0) | (facts["site"][b] < 0)
    partner = _agree(facts["province"], a, b)
    same_partner = partner & (facts["city"][a] == facts["city"][b])
    other_partner = _differ(facts["province"], a, b)
    other_coder = ~_agree(facts["coder"], a, b)
    dated = wide <= _YEAR
    fine = wide <= _MONTH
    # What two pages must share of their texts to tell of one act: less where both name the same day.
    needed = np.where((wide == 1) & (gap == 0), 50, 60 + 3 * gap)
    met = (gap == 0) | ((gap <= _REPORT_DELAY) & (wide == 1))  # not New Year's Eve between two bare years
    conditions = {
        "page": page & same_kind & ~other_partner & dated & met & (score >= 40),
        "accord": both_accord & same_place & partner & dated & met & (fine | same_activity | (score >= 50)),
        "page, undated": page & same_kind & ~dated & (score >= 55),
        "page, other kind": page & ~other_partner & dated & met & (score >= 65),
        "tie, undated": both_twinning & same_place & same_partner & ~dated,
        "accord, place unknown": both_accord & place_unknown & partner & dated & met & (score >= 60),
        "accord, year off": both_accord & same_place & partner & dated & ~fine & (both_twinning | (score >= 65)),
        "act": same_activity
        & ~both_accord
        & other_coder
        & same_place
        & ~other_partner
        & fine
        & met
        & (score >= needed),
    }
    rule = np.select([conditions[name] for name in _RULES], range(len(_RULES)), default=-1)
    return rule, score


def _join(
    facts: dict[str, np.ndarray], a: np.ndarray, b: np.ndarray, rule: np.ndarray, score: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest row of each row's group, and the positions of the pairs that built the groups.

    Pairs join strongest first: of two records that one coder took from a page, only the better match can be the other
    coder's.
    """
    accepted = np.flatnonzero(rule >= 0)
    accepted = accepted[np.lexsort((b[accepted], a[accepted], -score[accepted], rule[accepted]))]
    group = np.arange(len(facts["country"]))
    members = {}  # of the groups of two rows or more
    used = []
    for pair in accepted:
        first, second = sorted((group[a[pair]], group[b[pair]]))
        if first == second:
            continue
        left, right = members.get(first, [first]), members.get(second, [second])
        if len(left) + len(right) > 2:
            across = np.repeat(left, len(right)), np.tile(right, len(left))
            if _excluded(facts, *across).any():
                continue
        members[first] = left + right
        group[right] = first
        used.append(pair)
    return group, np.array(used, dtype=int)


def merge(records: pd.DataFrame, assignment: pd.DataFrame) -> pd.DataFrame:
    """One row an engagement, with the best value of every column and every source.

    Parameters
    ----------
    records : cleaned records, one row a record.
    assignment : record_id, engagement_id, as `deduplicate` returns it; the same records.

    Returns
    -------
    engagement_id, record_ids, n_records, sources and query_ids ('; '-joined, in record_id order), in_protocol (any
    record of the equal-effort protocol), the columns of `records`, and `conflicts` ('; '-joined names of the coded
    columns whose known values differ, and 'date' where the intervals exclude each other). Sorted by engagement_id.
    The date is the narrowest interval that all records allow, the place and the Chinese partner the most specific,
    each taken whole from one record; technology and prior_contact are 1 if any record says so; every other value is
    the first known one, highest confidence first.

    Raises
    ------
    InputError : the assignment is not of these records.
    """
    table = records.merge(assignment, on="record_id", how="left", validate="one_to_one")
    if table["engagement_id"].isna().any() or len(assignment) != len(records):
        raise InputError("records and assignment differ", expected="one assignment for every record")
    blank_if_missing = [c for c in records.select_dtypes("str") if records[c].notna().all()]
    table[blank_if_missing] = table[blank_if_missing].replace("", np.nan)
    table = table.sort_values("record_id", ignore_index=True)
    gathered = _gathered(table)
    table = table.sort_values("confidence", ascending=False, kind="stable", ignore_index=True)

    best = table.groupby("engagement_id").first()
    for prefixes, rank in ((_DATE, _date_rank), (_PLACE, _place_rank), (_PARTNER, _partner_rank)):
        columns = [c for c in table if c.startswith(prefixes)]
        ranked = table.iloc[np.argsort(rank(table), kind="stable")]
        best[columns] = ranked.drop_duplicates("engagement_id").set_index("engagement_id")[columns]
    for flag in ("technology", "prior_contact"):
        best[flag] = table.groupby("engagement_id")[flag].max()
    best[blank_if_missing] = best[blank_if_missing].fillna("")
    merged = gathered.join(best.drop(columns="record_id"), validate="one_to_one").reset_index()
    assert merged["n_records"].sum() == len(records)
    return merged


def _gathered(table: pd.DataFrame) -> pd.DataFrame:
    """What every record of an engagement adds to; `table` is sorted by record_id."""

    def joined(column: str) -> pd.Series:
        known = table[["engagement_id", column]].dropna().drop_duplicates().set_index("engagement_id")[column]
        several = known.index.duplicated(keep=False)
        return pd.concat([known[~several], known[several].groupby(level=0).agg("; ".join)])

    groups = table.groupby("engagement_id")
    gathered = pd.DataFrame({"record_ids": joined("record_id"), "n_records": groups.size()})
    gathered["sources"] = joined("source_url")
    gathered["query_ids"] = joined("query_id")
    gathered["in_protocol"] = table["collection"].eq("protocol").groupby(table["engagement_id"]).any()
    differ = groups[list(_COMPARED)].nunique() > 1
    differ["date"] = groups["date_start"].max() > groups["date_end"].min()
    names = differ.columns.to_numpy(dtype=object)
    gathered["conflicts"] = ["; ".join(names[row]) for row in differ.to_numpy()]
    return gathered.fillna({"sources": "", "query_ids": ""})


def _date_rank(table: pd.DataFrame) -> np.ndarray:
    """Width of the interval in days; a report's date ranks behind an event's, and an excluded interval last of all."""
    groups = table.groupby("engagement_id")
    delay = pd.Timedelta(days=_REPORT_DELAY)
    excluded = (table["date_start"] - delay > groups["date_end"].transform("min")) | (
        table["date_end"] + delay < groups["date_start"].transform("max")
    )
    width = (table["date_end"] - table["date_start"]).dt.days.fillna(_OPEN)
    return (width + table["date_is_report"] + 2 * _OPEN * excluded).to_numpy()


def _place_rank(table: pd.DataFrame) -> np.ndarray:
    return np.select([table["municipality"].notna(), table["admin1"].notna(), table["place_id"].notna()], [0, 1, 2], 3)


def _partner_rank(table: pd.DataFrame) -> np.ndarray:
    return np.select([table["china_city"].notna(), table["china_admin1"].notna()], [0, 1], 2)
