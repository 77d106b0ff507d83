"""The same engagement in two records or more: find the pairs and group them; `merge` makes each
group one row.

Records are compared when they share a page, a Chinese province, a place or a named Chinese actor
(blocking), and when their dates allow it. The first rule that holds accepts a pair. Accepted pairs
are joined strongest first, and never into a group that would hold two records that are certainly
different. The thresholds were set on the `train` pairs of tests/records/labelled_pairs.csv. Source
of the approach: Christen (2012), Data Matching, chapters 4-6.
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
_BLOCKS = (["page"], ["province", "kind"], ["site", "kind"], ["actor", "kind"])


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
    facts = _facts(records)
    pairs = _candidates(facts)
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


def source(records: pd.DataFrame) -> pd.Series:
    """The page of each record; where no address is known, its title."""
    return records["source_url"].mask(records["source_url"].eq(""), records["source_title"])


class _Pairs:
    """Pairs of records, compared by their facts.

    Attributes
    ----------
    facts : what `_facts` returns, one row a record.
    a, b : (pairs,) row numbers of the two records.
    """

    def __init__(self, facts: pd.DataFrame, a: np.ndarray, b: np.ndarray):
        self.facts, self.a, self.b = facts, a, b

    def of(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A fact of both records."""
        values = self.facts[name].to_numpy()
        return values[self.a], values[self.b]

    def equal(self, name: str) -> np.ndarray:
        """Whether they agree, two that are missing included."""
        a, b = self.of(name)
        return a == b

    def same(self, name: str) -> np.ndarray:
        """Whether both are known and agree."""
        a, b = self.of(name)
        return (a == b) & (a >= 0)

    def differ(self, name: str) -> np.ndarray:
        """Whether both are known and disagree."""
        a, b = self.of(name)
        return (a != b) & (a >= 0) & (b >= 0)

    def both(self, name: str) -> np.ndarray:
        """Whether it is true of both."""
        return np.logical_and(*self.of(name))

    def one_missing(self, name: str) -> np.ndarray:
        """Whether it is missing of at least one."""
        return np.minimum(*self.of(name)) < 0

    def similarity(self, name: str) -> np.ndarray:
        """Similarity of the words of the two texts, 0 to 100, whatever their order."""
        if not len(self.a):
            return np.empty(0)
        a, b = self.of(name)
        return process.cpdist(a, b, scorer=fuzz.token_set_ratio, dtype=np.float64)

    def gap(self) -> np.ndarray:
        """Days between the two date intervals; 0 if they overlap."""
        start, end = self.of("start"), self.of("end")
        return np.maximum(np.maximum(start[0] - end[1], start[1] - end[0]), 0)

    def width(self) -> np.ndarray:
        """Days of the vaguer date."""
        return np.maximum(*self.of("width"))

    def take(self, chosen: np.ndarray) -> "_Pairs":
        return _Pairs(self.facts, self.a[chosen], self.b[chosen])


def _facts(records: pd.DataFrame) -> pd.DataFrame:
    """What the rules compare: the texts, and integers for everything else; -1 is missing."""

    def code(values: pd.Series) -> np.ndarray:
        return pd.factorize(values.where(values.ne("")))[0]

    def days(column: str, when_open: int) -> np.ndarray:
        day = records[column].to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(day), when_open, day.astype("int64"))

    activity = records["activity"].astype("str")
    kind = activity.replace(_KIND)
    # A record of several places is none of them, and a name left in another script cannot be
    # compared with a Latin one.
    one = records["place_n"].le(1)
    comparable = one & ~records["municipality"].str.contains(_OTHER_SCRIPT, na=False)
    site = records["place_id"].where(comparable).mask(records["level"].eq("national"), "national")
    told = records["description"]
    named = told + " " + records["lac_actor_text"] + " " + records["china_actor_text"]
    start, end = days("date_start", -_OPEN), days("date_end", _OPEN)
    return pd.DataFrame(
        {
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
            # The letters that begin an identifier name the coding round, and each had one coder.
            "coder": code(records["record_id"].str.extract(r"^([A-Z]+)", expand=False)),
            "page": code(source(records)),
            "start": start,
            "end": end,
            "width": end - start + 1,
            "told": told.str.lower().astype(object),
            "told and named": named.str.lower().astype(object),
        }
    )


def _candidates(facts: pd.DataFrame) -> _Pairs:
    """Pairs a < b in a common block that are not certainly different."""
    found = []
    for shared in _BLOCKS:
        known = facts[facts[shared[0]] >= 0]
        block = known.groupby(["country", *shared]).ngroup().to_numpy()
        pairs = _Pairs(facts, *_overlaps(known, block))
        pairs = pairs.take(~_excluded(pairs))
        found.append(np.sort(np.stack([pairs.a, pairs.b]), axis=0))
    return _Pairs(facts, *np.unique(np.concatenate(found, axis=1), axis=1))


def _overlaps(facts: pd.DataFrame, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows of one block whose dates overlap or nearly do: a sorted interval join, since a
    block of thousands of records has millions of pairs.
    """
    rows, start, end = (facts.index.to_numpy(), facts["start"].to_numpy(), facts["end"].to_numpy())
    slack = np.where(facts["accord"], _YEAR, _REPORT_DELAY)
    axis = block * 4 * _OPEN  # every block has its own stretch of one axis
    order = np.lexsort((rows, start, block))
    first, last = (axis + start)[order], (axis + end + slack)[order]
    return _with_followers(rows[order], np.searchsorted(first, last, side="right"))


def _with_followers(rows: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row paired with every later row before its position `last`."""
    position = np.arange(len(rows))
    count = np.maximum(last - position - 1, 0)
    first = np.repeat(position, count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return rows[first], rows[first + 1 + step]


def _excluded(pairs: _Pairs) -> np.ndarray:
    """Certainly different: no rule and no chain of rules may join these."""
    accord = pairs.both("accord")
    # An accord known to the year alone may stand a year off: sources date one tie by its signing
    # or by its approval.
    year_off = accord & (pairs.width() > _MONTH)
    told_apart = pairs.same("page") & pairs.same("coder")  # by the coder of the page
    return (
        ~pairs.equal("country")
        | told_apart
        | pairs.differ("municipality")
        | pairs.differ("admin1")
        | (pairs.gap() > np.where(year_off, _YEAR, _REPORT_DELAY))
        | (accord & (pairs.differ("province") | pairs.differ("city")))
    )


def _judge(pairs: _Pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    fine, dated = width <= _MONTH, width <= _YEAR
    one_day = width == 1
    met = (gap == 0) | ((gap <= _REPORT_DELAY) & one_day)  # not New Year's Eve between bare years
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


def _only_match(pairs: _Pairs) -> np.ndarray:
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


def _join(pairs: _Pairs, rule: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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


def _apart(pairs: _Pairs) -> set[tuple[int, int]]:
    """The certainly different pairs, either way round, among the rows that the pairs connect."""
    n = len(pairs.facts)
    edges = sparse.coo_array((np.ones(len(pairs.a), dtype=bool), (pairs.a, pairs.b)), shape=(n, n))
    connected = sparse.csgraph.connected_components(edges, directed=False)[1]
    rows = np.argsort(connected, kind="stable")
    last = np.searchsorted(connected[rows], connected[rows], side="right")
    within = _Pairs(pairs.facts, *_with_followers(rows, last))
    within = within.take(_excluded(within))
    one, other = within.a.tolist(), within.b.tolist()
    return {*zip(one, other, strict=True), *zip(other, one, strict=True)}
