"""The same engagement in two records or more: judge the pairs and group them; `merge` makes each
group one row.

The first rule that holds accepts a pair. Accepted pairs are joined strongest first, and never into
a group that would hold two records that are certainly different. The thresholds were set on the
`train` pairs of tests/records/labelled_pairs.csv.
"""

import numpy as np
import pandas as pd
from scipy import sparse

from lac_analysis.errors import InputError
from lac_analysis.records.pairs import (
    MONTH,
    REPORT_DELAY,
    YEAR,
    Pairs,
    candidates,
    excluded,
    facts_of,
    with_followers,
)

_NEEDED = (
    "record_id", "country", "level", "place_id", "place_n", "admin1", "municipality", "date_start",
    "date_end", "activity", "actor_name", "lac_actor_text", "china_actor_text", "china_admin1",
    "china_city", "description", "source_url", "source_title",
)  # fmt: skip


def deduplicate(records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group the records that tell of one engagement.

    Parameters
    ----------
    records : cleaned records, one row a record, in any order.

    Returns
    -------
    assignment : record_id, engagement_id ('E:' and the smallest record_id of the group); one row a
        record, sorted.
    links : record_a < record_b, rule, score (similarity of descriptions, 0 to 100); the pairs that
        built the groups.

    Raises
    ------
    InputError : a column is missing, or a record_id is repeated.
    """
    for column in _NEEDED:
        if column not in records:
            raise InputError("missing column", column=column)
    repeated = records["record_id"].duplicated()
    if repeated.any():
        value = records.loc[repeated, "record_id"].min()
        raise InputError("repeated record", column="record_id", value=value)
    records = records.sort_values("record_id", ignore_index=True)
    ids = records["record_id"].to_numpy(dtype=object)
    pairs = candidates(facts_of(records))
    rule, score, names = _judge(pairs)
    group, used = _join(pairs, rule, score)
    assignment = pd.DataFrame({"record_id": ids, "engagement_id": "E:" + ids[group]})
    links = pd.DataFrame(
        {
            "record_a": ids[pairs.a[used]],
            "record_b": ids[pairs.b[used]],
            "rule": names[rule[used]],
            "score": score[used].round(1),
        }
    )
    return assignment, links.sort_values(["record_a", "record_b"], ignore_index=True)


def _judge(pairs: Pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first rule that accepts each pair (-1: none), the similarity of the texts, and the names
    of the rules.
    """
    score = pairs.similarity("told")
    # Where two pages must tell of one act by their texts, half of the evidence is whom they name.
    named = (score + pairs.similarity("told and named")) / 2
    gap, width = pairs.gap(), pairs.width()
    page, same_place = pairs.same("page"), pairs.same("site")
    same_kind, same_activity = pairs.equal("kind"), pairs.equal("activity")
    accord, twinning = pairs.both("accord"), pairs.both("twinning")
    place_unknown = pairs.one_missing("site")
    partner, other_partner = pairs.same("province"), pairs.differ("province")
    same_city = pairs.equal("city")
    known_site_or_actor = same_place | (place_unknown & (partner | pairs.same("actor")))
    fine, dated = width <= MONTH, width <= YEAR
    one_day = width == 1
    met = (gap == 0) | ((gap <= REPORT_DELAY) & one_day)  # not New Year's Eve between bare years
    # The vaguer the dates, the more two texts must share.
    needed = np.select([one_day & (gap == 0), fine, dated], [50, 56, 65], 70)
    page_dated = page & ~other_partner & dated & met
    accord_dated = accord & partner & dated
    rules = {  # strongest first
        "page": page_dated & same_kind & (score >= 40),
        "accord": accord_dated & same_place & met & (fine | same_activity | (named >= 45)),
        "page, undated": page & same_kind & ~dated & (score >= 55),
        "page, other kind": page_dated & (score >= 65),
        "tie, undated": twinning & same_place & partner & same_city & ~dated,
        "accord, place unknown": accord_dated & place_unknown & met & (score >= 60),
        "accord, year off": accord_dated & same_place & ~fine & (twinning | (score >= 65)),
        "page, alone": page_dated & _only_match(pairs) & same_place & fine & (score >= 40),
        "act": same_activity
        & ~(accord & partner)
        & ~pairs.same("coder")
        & known_site_or_actor
        & ~other_partner
        & (met | ~dated)
        & (named >= needed),
    }
    first = np.select(list(rules.values()), range(len(rules)), default=-1)
    return first, score, np.array(list(rules), dtype=object)


def _only_match(pairs: Pairs) -> np.ndarray:
    """Whether the two coders of a page have no other match in it, on either side."""
    page = pairs.same("page")
    coder_a, coder_b = pairs.of("coder")
    sides = pd.DataFrame(
        {
            "record": np.concatenate([pairs.a, pairs.b]),
            "coder of the other": np.concatenate([coder_b, coder_a]),
        }
    )[np.tile(page, 2)]
    once = ~sides.duplicated(keep=False).to_numpy().reshape(2, -1)
    alone = np.zeros(len(page), dtype=bool)
    alone[page] = once.all(axis=0)
    return alone


def _join(pairs: Pairs, rule: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest row of each row's group, and the positions of the pairs that built the groups.

    Pairs join strongest first: of two records that one coder took from a page, only the better
    match can be the other coder's.
    """
    accepted = np.flatnonzero(rule >= 0)
    strongest = np.lexsort((pairs.b[accepted], pairs.a[accepted], -score[accepted], rule[accepted]))
    accepted = accepted[strongest]
    apart = _apart(pairs.take(accepted))
    group = list(range(len(pairs.facts)))
    members = {}  # of the groups of two rows or more
    used = []
    for position in accepted.tolist():
        first, second = sorted((group[pairs.a[position]], group[pairs.b[position]]))
        left, right = members.get(first, [first]), members.get(second, [second])
        if first == second or any((x, y) in apart for x in left for y in right):
            continue
        members[first] = left + right
        for row in right:
            group[row] = first
        used.append(position)
    return np.array(group, dtype=int), np.array(used, dtype=int)


def _apart(pairs: Pairs) -> set[tuple[int, int]]:
    """The certainly different pairs, either way round, among the rows that the pairs connect."""
    n = len(pairs.facts)
    edges = sparse.coo_array((np.ones(len(pairs.a), dtype=bool), (pairs.a, pairs.b)), shape=(n, n))
    connected = sparse.csgraph.connected_components(edges, directed=False)[1]
    rows = np.argsort(connected, kind="stable")
    last = np.searchsorted(connected[rows], connected[rows], side="right")
    within = Pairs(pairs.facts, *with_followers(rows, last))
    within = within.take(excluded(within))
    one, other = within.a.tolist(), within.b.tolist()
    return {*zip(one, other, strict=True), *zip(other, one, strict=True)}
