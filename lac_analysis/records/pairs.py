"""Pairs of records that may tell of one engagement, and how their facts compare.

Records of a country are compared (blocking) when they share a page or a place, or are of one kind
of act and share a Chinese province, a named Chinese actor or a date known to the month; and when
their dates allow it. Source: Christen (2012), Data Matching, chapters 4-6.
"""

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from lac_analysis.errors import InputError
from lac_analysis.records import gazetteer

MOST = 3_000_000  # pairs to judge; ours are 7,100 of 60,000 in blocks
_MOST_IN_BLOCKS = 500_000_000
DELAY = 14  # days by which two dates of one act may differ: a gift sent and handed over
MONTH, YEAR = 31, 366  # days; the width of an interval tells what its date states
YEAR_OFF = 364  # days between two dates of one accord: less than a whole year

# Kinds of act that coders confuse for one act; every other activity is a kind of its own.
_KIND = {
    "twinning": "accord", "friendship_memorandum": "accord", "cooperation_agreement": "accord",
    "donation_health": "gift", "donation_other": "gift", "loan_grant": "gift",
    "infrastructure_project": "project", "investment_project": "project",
    "technology_project": "project",
}  # fmt: skip
_AT_ONCE = 2_000_000  # pairs of a block in memory
_COMPARED = 500  # letters of a text that are compared, at a cost of their square; ours have 384
_TITLE = 15  # letters that a title needs to tell one page from another
_OPEN = 1_000_000  # days; beyond every date
_OTHER_SCRIPT = "[\u0370-\u1fff\u2e80-\uffff]"  # not Latin letters or punctuation
_BLOCKS = (
    ["act"],
    ["page"],
    ["title"],
    ["province", "kind"],
    ["site"],
    ["actor", "kind"],
    ["kind"],
)


def rounds(ids: pd.Series) -> pd.Series:
    """The letters that begin an identifier, in capitals."""
    return ids.str.upper().str.extract("^([A-Z]*)", expand=False)


def source(records: pd.DataFrame) -> pd.Series:
    """The page of each record; where no address is known, its title."""
    return records["source_url"].mask(records["source_url"].eq(""), records["source_title"])


class Pairs:
    """Pairs of records, by their row numbers `a` and `b` in the `facts` of `facts_of`."""

    def __init__(self, facts: dict[str, np.ndarray], a: np.ndarray, b: np.ndarray):
        self.facts, self.a, self.b = facts, a, b

    def of(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A fact of both records."""
        return self.facts[name][self.a], self.facts[name][self.b]

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


def facts_of(records: pd.DataFrame, acts: pd.Series | None = None) -> pd.DataFrame:
    """What the rules compare: texts, else integers, -1 if missing. `acts` as in `deduplicate`."""

    def code(values: pd.Series) -> np.ndarray:
        return pd.factorize(values.where(values.ne("")))[0]

    def start_of(text: pd.Series) -> pd.Series:
        return text.str[:_COMPARED].astype(object)

    def days(column: str, when_open: int) -> np.ndarray:
        day = records[column].to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(day), when_open, day.astype("int64"))

    activity = records["activity"].astype("str")
    kind = activity.replace(_KIND)
    # A record of several places is none of them, the nation is no place, and a name left in another
    # script cannot be compared with a Latin one.
    one = records["place_n"].le(1)
    national = records["level"].eq("national")
    comparable = one & ~records["municipality"].str.contains(_OTHER_SCRIPT, na=False)
    told = records["description"]
    named = told.str.cat(records[["lac_place_text", "lac_actor_text", "china_actor_text"]], " ")
    # Coders add the name of the medium in brackets.
    title = records["source_title"].str.replace(r"\(.*\)$", "", regex=True)
    title = title.map(lambda text: " ".join(gazetteer.tokens(text))).astype("str")
    start, end = days("date_start", -_OPEN), days("date_end", _OPEN)
    return pd.DataFrame(
        {
            "act": code(records["record_id"].map({} if acts is None else acts)),
            "country": code(records["country"]),
            "site": code(records["place_id"].where(comparable & ~national)),
            "admin1": code(records["admin1"].where(one)),
            "municipality": code(records["municipality"].where(comparable)),
            "province": code(records["china_admin1"]),
            "city": code(records["china_city"]),
            "actor": code(records["actor_name"]),
            "partner": code(records["china_actor_text"].str.casefold()),
            "kind": code(kind),
            "accord": kind.eq("accord").to_numpy(),
            "twinning": activity.eq("twinning").to_numpy(),
            # The letters that begin an identifier name the coding round, and each had one coder;
            # identifiers without letters are of one more.
            "coder": pd.factorize(rounds(records["record_id"]))[0],
            "page": code(source(records)),
            "title": code(title.where(title.str.len() >= _TITLE)),
            "start": start,
            "end": end,
            "width": end - start + 1,
            "partner's words": start_of(records["china_actor_text"].str.casefold()),
            "told": start_of(told.str.lower()),
            "told and named": start_of(named.str.lower()),
        }
    )


def candidates(facts: pd.DataFrame) -> Pairs:
    """Pairs a < b in a common block that are not certainly different, in order.

    InputError: more than MOST, thousands of records of one place and kind, say, without a day or a
    name that tells them apart; or more than can be looked through.
    """
    rows = facts.assign(row=np.arange(len(facts)))
    arrays = {name: facts[name].to_numpy() for name in facts}
    asked = [(shared, rows[shared[0]] >= 0) for shared in _BLOCKS[:-1]]
    asked.append((_BLOCKS[-1], rows["width"] <= MONTH))
    blocks = [(shared, rows.loc[known, ["country", *shared, "row"]]) for shared, known in asked]
    sizes = pd.concat(known.groupby(["country", *shared]).size() for shared, known in blocks)
    if (in_blocks := (sizes**2).sum() // 2) > _MOST_IN_BLOCKS:
        problem = f"more than {_MOST_IN_BLOCKS:,} pairs of records to compare"
        raise InputError(problem, value=int(in_blocks), expected="fewer records")
    step = max(_AT_ONCE // sizes.max(), 1) if len(sizes) else 1  # rows whose pairs fit the memory
    found = [np.empty((0, 2), dtype=int)]
    for start in range(0, len(rows), step):
        pairs = pd.concat(
            known[known["row"].between(start, start + step - 1)].merge(
                known, on=["country", *shared], suffixes=("", "_b")
            )[["row", "row_b"]]
            for shared, known in blocks
        )
        pairs = pairs[pairs["row"] < pairs["row_b"]]
        both = Pairs(arrays, *pairs.to_numpy().T)
        near = (both.gap() <= YEAR) | both.same("act")  # most are not, which is quickly seen
        pairs = pairs[near].drop_duplicates().sort_values(["row", "row_b"]).to_numpy()
        found.append(pairs[~excluded(Pairs(arrays, *pairs.T))])
        if sum(map(len, found)) > MOST:
            problem = f"more than {MOST:,} pairs of records may tell of one act, as this one"
            expected = "days, places or names that tell records apart"
            raise InputError(problem, value=arrays["told and named"][start], expected=expected)
    return Pairs(arrays, *np.concatenate(found).T)


def excluded(pairs: Pairs) -> np.ndarray:
    """Certainly different, by a reader or else by rule: no chain of rules may join these."""
    accord = pairs.both("accord")
    # An accord known to the year alone may stand in the next: sources date one tie by its signing
    # or by its approval. Other dates to the year must overlap.
    allowed = np.select([pairs.width() <= MONTH, accord], [DELAY, YEAR_OFF], 0)
    # by a coder who took two acts from a page, wrote two days or months, or two partners of an
    # accord of which neither's words are all in the other's
    days = (pairs.width() <= MONTH) & (pairs.gap() > 0)
    partners = pairs.same("coder") & accord & pairs.differ("partner")
    compared = Pairs(pairs.facts, pairs.a[partners], pairs.b[partners])
    partners[partners] = compared.similarity("partner's words") < 100
    told_apart = pairs.same("coder") & (days | pairs.same("page")) | partners
    return pairs.differ("act") | ~pairs.same("act") & (
        ~pairs.equal("country")
        | told_apart
        | pairs.differ("municipality")
        | pairs.differ("admin1")
        | (pairs.gap() > allowed)
        | pairs.differ("province")
        | (accord & pairs.differ("city"))
    )
