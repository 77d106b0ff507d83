"""The same engagement in two records or more: judge the pairs and group them; `merge` makes each
group one row.

What people read holds: which records tell of one act. For all others, evidence adds up to the log
odds that two records do; a pair is accepted above even odds. Accepted pairs are joined strongest
first, and never into a group that would hold two records that are certainly different. Source:
Fellegi and Sunter (1969), JASA 64(328); the weights are a logistic regression's on what was read
(docs/deduplication.md).
"""

import numpy as np
import pandas as pd

from lac_analysis.records.pairs import YEAR, Pairs, candidates, excluded, facts_of

INTERCEPT = -11.3
WEIGHTS = {
    "texts": 4.1,
    "texts and names": 4.9,
    "coder": -2.3,
    "kind": 2.0,
    "tie of partners": 2.5,
    "province": 1.3,
    "actor": 0.8,
    "one day": 0.9,
    "both dated": 1.3,
    "best match, one page": 4.1,
    "best match, two pages": 2.4,
}


def deduplicate(
    records: pd.DataFrame, acts: pd.Series | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group the records that tell of one engagement.

    records : as `clean.clean_records` returns them, one row a record, in any order.
    acts : by record_id, the act that a reader saw in the record (clerical review); none needed.

    Returns two tables:
    assignment : record_id, engagement_id ('E:' and the smallest record_id of the group); one row a
        record, sorted.
    links : record_a < record_b, log_odds (that they tell of one act; inf: read so); the pairs that
        built the groups.
    """
    records = records.sort_values("record_id", ignore_index=True)
    ids = records["record_id"].to_numpy(dtype=object)
    pairs = candidates(facts_of(records, acts))
    # Rounded, so that no machine's last bit decides.
    log_odds = (evidence(pairs)[list(WEIGHTS)] @ pd.Series(WEIGHTS) + INTERCEPT).round(3)
    log_odds = log_odds.mask(pairs.same("act"), np.inf).to_numpy()
    group, used = _join(pairs, log_odds)
    assignment = pd.DataFrame({"record_id": ids, "engagement_id": "E:" + ids[group]})
    links = {"record_a": ids[pairs.a[used]], "record_b": ids[pairs.b[used]]}
    links = pd.DataFrame(links | {"log_odds": log_odds[used]})
    return assignment, links.sort_values(["record_a", "record_b"], ignore_index=True)


def evidence(pairs: Pairs) -> pd.DataFrame:
    """What speaks for or against each pair, a column a weight: similarities, or 1 if it holds."""
    width = pairs.width()
    found = pd.DataFrame(
        {
            "texts": pairs.similarity("told") / 100,
            "texts and names": pairs.similarity("told and named") / 100,
            "coder": pairs.same("coder"),
            "kind": pairs.equal("kind"),
            "tie of partners": pairs.both("twinning") & pairs.same("province"),
            "province": pairs.same("province"),
            "actor": pairs.same("actor"),
            "one day": (width == 1) & (pairs.gap() == 0),
            "both dated": width <= YEAR,
        }
    ).astype(float)
    best = _best_match(pairs, found @ pd.Series(WEIGHTS)[found.columns])
    page = pairs.same("page") | pairs.same("title")
    found["best match, one page"] = (best & page).astype(float)
    found["best match, two pages"] = (best & ~page).astype(float)
    return found


def _best_match(pairs: Pairs, score: pd.Series) -> np.ndarray:
    """Whether each is the other's best match among all of that coder's, who told an act once."""
    coder_a, coder_b = pairs.of("coder")
    sides = pd.DataFrame(
        {
            "record": np.concatenate([pairs.a, pairs.b]),
            "coder of the other": np.concatenate([coder_b, coder_a]),
            "score": np.tile(score.round(3), 2),
        }
    )
    best = sides.groupby(["record", "coder of the other"])["score"].transform("max")
    return (sides["score"] == best).to_numpy().reshape(2, -1).all(axis=0)


def _join(pairs: Pairs, log_odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest row of each row's group, and the positions of the pairs that built the groups.

    Pairs join strongest first: of two records that one coder took from a page, only the better
    match can be the other coder's.
    """
    accepted = np.flatnonzero(log_odds > 0)
    strongest = np.lexsort((pairs.b[accepted], pairs.a[accepted], -log_odds[accepted]))
    group = np.arange(len(pairs.facts["act"]))
    used, apart = [], set()  # groups that a record in each keeps apart: for good, as groups grow
    for position in accepted[strongest]:
        first, second = sorted((group[pairs.a[position]], group[pairs.b[position]]))
        if first == second or (first, second) in apart:
            continue
        left, right = np.flatnonzero(group == first), np.flatnonzero(group == second)
        across = Pairs(pairs.facts, np.repeat(left, len(right)), np.tile(right, len(left)))
        if excluded(across).any():
            apart.add((first, second))
        else:
            group[right] = first
            used.append(position)
    return group, np.array(used, dtype=int)
