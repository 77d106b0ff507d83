"""The same engagement in two records or more: find the pairs and group them; `merge` makes each
group one row.

Records are compared when they share a page, a Chinese province, a place or a named Chinese actor
(blocking), and when
their dates allow it. The first rule that holds accepts a pair. Accepted pairs are joined strongest
first, and never
into a group that would hold two records that are certainly different. The thresholds were set on
the `train` pairs of
tests/records/labelled_pairs.csv. Source of the approach: Christen (2012), Data Matching, chapters
4-6.
"""

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from scipy import sparse

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
    "activity", "actor_name", "lac_actor_text", "china_actor_text", "china_admin1", "china_city", "description",
    "source_url", "source_title",
)  # fmt: skip
Facts = dict[str, np.ndarray]


def deduplicate(records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group the records that tell of one engagement.

    Parameters
    ----------
    records : cleaned records, one row a record, in any order.

    Returns
    -------
    assignment : record_id, engagement_id ('E:' and the smallest record_id of the group); one
        row a record, sorted.
    links : record_a < record_b, rule, score (similarity of descriptions, 0 to 100); the pairs
        that built the groups.

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
    ids = records["record_id"].to_numpy(dtype=object)
    order = np.argsort(ids)
    ids = ids[order]
    facts = {name: values[order] for name, values in _facts(records).items()}
    a, b = _candidates(facts)
    rule, score, names = _judge(facts, a, b)
    group, used = _join(facts, a, b, rule, score)
    assignment = pd.DataFrame({"record_id": ids, "engagement_id": "E:" + ids[group]})
    links = pd.DataFrame(
        {
            "record_a": ids[a[used]],
            "record_b": ids[b[used]],
            "rule": names[rule[used]],
            "score": score[used].round(1),
        }
    ).sort_values(["record_a", "record_b"], ignore_index=True)
    return assignment, links


def source(records: pd.DataFrame) -> pd.Series:
    """The page of each record; where no address is known, its title."""
    return records["source_url"].mask(records["source_url"].eq(""), records["source_title"])


def _facts(records: pd.DataFrame) -> Facts:
    """What the rules compare: the texts, and integers for everything else; -1 is missing."""

    def code(values: pd.Series) -> np.ndarray:
        return pd.factorize(values.where(values.ne("")))[0]

    def text(values: pd.Series) -> np.ndarray:
        return values.str.lower().to_numpy(dtype=object)

    def days(column: str, when_open: int) -> np.ndarray:
        day = records[column].to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(day), when_open, day.astype("int64"))

    activity = records["activity"].astype("str")
    kind = activity.replace(_KIND)
    # A record of several places is none of them, and a name left in another script cannot be
    # compared with a Latin one.
    one = records["place_n"].le(1)
    names = pd.Series(records["municipality"].dropna().unique())
    comparable = one & ~records["municipality"].isin(names[names.str.contains(_OTHER_SCRIPT)])
    site = records["place_id"].where(comparable).mask(records["level"].eq("national"), "national")
    told = records["description"]
    start, end = days("date_start", -_OPEN), days("date_end", _OPEN)
    return {
        "country": code(records["country"]),
        "site": code(site),  # a resolved place, or the nation as a whole
        "admin1": code(records["admin1"].where(one)),
        "municipality": code(records["municipality"].where(comparable)),
        "province": code(records["china_admin1"]),
        "city": code(records["china_city"]),
        "actor": code(records["actor_name"]),
        "activity": code(activity),
        "kind": code(kind),
        "accord": kind.eq("accord").to_numpy(),
        "twinning": activity.eq("twinning").to_numpy(),
        # The letters that begin an identifier name the coding round, and each round had one coder.
        "coder": code(records["record_id"].str.extract(r"^([A-Z]+)", expand=False)),
        "page": code(source(records)),
        "start": start,
        "end": end,
        "width": end - start + 1,
        "told": text(told),
        "told and named": text(
            told + " " + records["lac_actor_text"] + " " + records["china_actor_text"]
        ),
    }


def _candidates(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Pairs a < b in a common block that are not certainly different."""
    n = len(facts["country"])
    pairs = []  # a and b as the digits of one number
    for shared in ("page",), ("province", "kind"), ("site", "kind"), ("actor", "kind"):
        rows = np.flatnonzero(facts[shared[0]] >= 0)
        block = facts["country"][rows]
        for fact in shared:
            block = block * (facts[fact].max(initial=0) + 1) + facts[fact][rows]
        a, b = _overlaps(rows, pd.factorize(block)[0], facts)
        keep = ~_excluded(facts, a, b)
        pairs.append((np.minimum(a, b) * n + np.maximum(a, b))[keep])
    return np.divmod(np.unique(np.concatenate(pairs)), max(n, 1))


def _overlaps(rows: np.ndarray, block: np.ndarray, facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows of one block whose dates overlap or nearly do: a sorted interval join, no
    product of the block.
    """
    order = np.lexsort((rows, facts["start"][rows], block))
    rows, block = rows[order], block[order]
    slack = np.where(facts["accord"][rows], _YEAR, _REPORT_DELAY)
    line = block * 4 * _OPEN + facts["start"][rows]  # every block has its own stretch of one axis
    last = np.searchsorted(line, block * 4 * _OPEN + facts["end"][rows] + slack, side="right")
    return _with_followers(rows, last)


def _with_followers(rows: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row paired with every later row before its position `last`."""
    position = np.arange(len(rows))
    count = np.maximum(last - position - 1, 0)
    first = np.repeat(position, count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return rows[first], rows[first + 1 + step]


def _differ(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (codes[a] != codes[b]) & (codes[a] >= 0) & (codes[b] >= 0)


def _agree(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (codes[a] == codes[b]) & (codes[a] >= 0)


def _gap(facts: Facts, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Days between the two intervals; 0 if they overlap."""
    return np.maximum(
        np.maximum(facts["start"][a] - facts["end"][b], facts["start"][b] - facts["end"][a]), 0
    )


def _excluded(facts: Facts, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Certainly different: no rule and no chain of rules may join these."""
    accord = facts["accord"][a] & facts["accord"][b]
    # An accord known to the year alone may stand a year off: sources date one tie by its signing or
    # by its approval.
    year_off = accord & (np.maximum(facts["width"][a], facts["width"][b]) > _MONTH)
    other_partner = _differ(facts["province"], a, b) | _differ(facts["city"], a, b)
    return (
        (facts["country"][a] != facts["country"][b])
        | (
            _agree(facts["page"], a, b) & _agree(facts["coder"], a, b)
        )  # a coder tells the acts of one page apart
        | _differ(facts["municipality"], a, b)
        | _differ(facts["admin1"], a, b)
        | (_gap(facts, a, b) > np.where(year_off, _YEAR, _REPORT_DELAY))
        | (accord & other_partner)
    )


def _judge(facts: Facts, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first rule that accepts each pair (-1: none), the similarity of the texts, and the names
    of the rules.
    """
    score = _similarity(facts["told"], a, b)
    # Where two pages must tell of one act by their texts, half of the evidence is whom they name.
    named = (score + _similarity(facts["told and named"], a, b)) / 2
    gap, wide = _gap(facts, a, b), np.maximum(facts["width"][a], facts["width"][b])
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
    known_site_or_actor = same_place | (place_unknown & (partner | _agree(facts["actor"], a, b)))
    fine, dated = wide <= _MONTH, wide <= _YEAR
    met = (gap == 0) | (
        (gap <= _REPORT_DELAY) & (wide == 1)
    )  # not New Year's Eve between two bare years
    # The vaguer the dates, the more two texts must share.
    needed = np.select([(wide == 1) & (gap == 0), fine, dated], [50, 56, 65], 70)
    rules = {  # strongest first
        "page": page & same_kind & ~other_partner & dated & met & (score >= 40),
        "accord": both_accord
        & same_place
        & partner
        & dated
        & met
        & (fine | same_activity | (named >= 45)),
        "page, undated": page & same_kind & ~dated & (score >= 55),
        "page, other kind": page & ~other_partner & dated & met & (score >= 65),
        "tie, undated": both_twinning & same_place & same_partner & ~dated,
        "accord, place unknown": both_accord
        & place_unknown
        & partner
        & dated
        & met
        & (score >= 60),
        "accord, year off": both_accord
        & same_place
        & partner
        & dated
        & ~fine
        & (both_twinning | (score >= 65)),
        "page, alone": _alone(facts, a, b)
        & same_place
        & ~other_partner
        & fine
        & met
        & (score >= 40),
        "act": same_activity
        & ~(both_accord & partner)
        & other_coder
        & known_site_or_actor
        & ~other_partner
        & (met | ~dated)
        & (named >= needed),
    }
    first = np.select(list(rules.values()), range(len(rules)), default=-1)
    return first, score, np.array(list(rules), dtype=object)


def _similarity(texts: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Similarity of the words of two texts, 0 to 100, whatever their order."""
    return (
        process.cpdist(texts[a], texts[b], scorer=fuzz.token_set_ratio, dtype=np.float64)
        if len(a)
        else np.empty(0)
    )


def _alone(facts: Facts, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether the two coders of a page have no other match in it, on either side."""
    page = _agree(facts["page"], a, b)
    coder = facts["coder"] + 1  # 0 is missing
    sides = np.stack([a, b]) * (coder.max(initial=0) + 1) + np.stack([coder[b], coder[a]])
    match, times = np.unique(sides[:, page], return_counts=True)
    return page & np.isin(sides, match[times == 1]).all(axis=0)


def _join(
    facts: Facts, a: np.ndarray, b: np.ndarray, rule: np.ndarray, score: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest row of each row's group, and the positions of the pairs that built the groups.

    Pairs join strongest first: of two records that one coder took from a page, only the better
    match can be the other
    coder's.
    """
    accepted = np.flatnonzero(rule >= 0)
    accepted = accepted[np.lexsort((b[accepted], a[accepted], -score[accepted], rule[accepted]))]
    pairs = list(zip(a[accepted].tolist(), b[accepted].tolist(), accepted.tolist(), strict=True))
    apart = _apart(facts, a[accepted], b[accepted])
    group = list(range(len(facts["country"])))
    members = {}  # of the groups of two rows or more
    used = []
    for one, other, position in pairs:
        first, second = sorted((group[one], group[other]))
        left, right = members.get(first, [first]), members.get(second, [second])
        if first == second or any((x, y) in apart for x in left for y in right):
            continue
        members[first] = left + right
        for row in right:
            group[row] = first
        used.append(position)
    return np.array(group, dtype=int), np.array(used, dtype=int)


def _apart(facts: Facts, a: np.ndarray, b: np.ndarray) -> set[tuple[int, int]]:
    """The certainly different pairs, either way round, among the rows that the pairs a, b connect."""
    n = len(facts["country"])
    edges = sparse.coo_array((np.ones(len(a), dtype=bool), (a, b)), shape=(n, n))
    connected = sparse.csgraph.connected_components(edges, directed=False)[1]
    rows = np.argsort(connected, kind="stable")
    one, other = _with_followers(
        rows, np.searchsorted(connected[rows], connected[rows], side="right")
    )
    different = _excluded(facts, one, other)
    one, other = one[different].tolist(), other[different].tolist()
    return {*zip(one, other, strict=True), *zip(other, one, strict=True)}
