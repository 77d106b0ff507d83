"""How far the coder agrees with the hand codes of records that it has not learnt from:
`python benchmarks/coder_agreement.py` prints the tables of docs/coder.md, in some minutes.

benchmarks/coder_reader.csv holds what a reader made of 200 records drawn at random (a language
model, on 28 November 2026): it saw the columns that the coder reads and the codebook, but no code.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold
from statsmodels.stats.inter_rater import cohens_kappa

from lac_analysis import config
from lac_analysis.coder import code, model
from lac_analysis.records import schema

INPUTS = {
    "all texts": code.TEXT_COLUMNS,
    "description and title": ("description", "source_title"),
    "title alone": ("source_title",),
}
CODES = (*model.LEARNED, "lac_iso3", "china_place", "date_iso", "year")
SEED = 20201201
_FOLDS = 5
_DRAWS = 1000
_FEWEST = 30  # records of a coder who is left out alone; the others are left out together
_CONFIDENCE = [0, 0.5, 0.7, 0.9, 1]


def left_out(table: pd.DataFrame, by: str, seed: int = SEED) -> list[tuple]:
    """Positions of rows to learn from and of rows left out; no page is on both sides.

    by : "page" (five random parts of the pages) or "coder" (one after another: the letters of the
        record's identifier name the round, and each round had one coder).
    """
    page = _pages(table)
    if by == "page":
        return list(GroupKFold(_FOLDS, shuffle=True, random_state=seed).split(page, groups=page))
    coder = table["record_id"].str.extract(r"^([A-Z]+)", expand=False)
    coder = coder.where(coder.map(coder.value_counts()) >= _FEWEST, "the rest")
    parts = []
    for name in sorted(coder.unique()):
        theirs = coder == name
        others = ~theirs & ~page.isin(page[theirs])
        parts.append((np.flatnonzero(others), np.flatnonzero(theirs)))
    return parts


def predicted(table: pd.DataFrame, by: str) -> dict[str, pd.DataFrame]:
    """For each input of INPUTS, what `code.code` makes of each record when its part is left out.

    by : as in `left_out`.
    """
    parts: dict[str, list] = {name: [] for name in INPUTS}
    for learn, test in left_out(table, by):
        learned = model.train(table.iloc[learn].reset_index(drop=True))
        for name, columns in INPUTS.items():
            given = table.iloc[test][[column for column in columns if column in table]]
            parts[name].append(code.code(given, learned))
    return {name: pd.concat(coded).loc[table.index] for name, coded in parts.items()}


def agreement(table: pd.DataFrame, coded: pd.DataFrame, seed: int = SEED) -> pd.DataFrame:
    """One row a code of CODES: n, share coded alike, kappa (Cohen 1960) with a 95 % interval.

    Records of a page are not independent, so the interval is the percentile interval over pages
    drawn again (Efron and Tibshirani 1993, ch. 13). An abstention is a code of its own. The Chinese
    province is compared where the round recorded it.

    table : records with hand codes. coded : what `code.code` gives for them.
    """
    hand = table.assign(**model.hand_codes(table), year=table["date_iso"].str[:4])
    coded = coded.assign(year=coded["date_iso"].str[:4])
    page = _pages(table)
    rows = []
    for name in CODES:
        asked = np.ones(len(table), dtype=bool)
        if name == "china_place":
            asked = table["query_id"].ne("").to_numpy()
        rows.append((name, *_compared(hand[name], coded[name], page, asked, seed)))
    return pd.DataFrame(rows, columns=["code", "n", "alike", "kappa", "from", "to"])


def ceiling(table: pd.DataFrame) -> pd.DataFrame:
    """What the texts allow: rows as in `agreement`, with who is compared, for the two codes whose
    aim is not reached.

    Two coders of one act: pairs of records labelled as one act (tests/records). The reader of
    benchmarks/coder_reader.csv, and the coder on the same records, against the hand codes.
    """
    hand = model.hand_codes(table).set_axis(table["record_id"])
    page = _pages(table).set_axis(table["record_id"])
    pairs = pd.read_csv(config.ROOT / "tests" / "records" / "readings.csv", dtype="str")
    pairs = pairs[pairs["reading"].eq("earlier") & pairs["same"].eq("1")]
    letters = pairs[["record_a", "record_b"]].apply(lambda ids: ids.str.extract(r"^([A-Z]+)")[0])
    pairs = pairs[letters["record_a"] != letters["record_b"]]
    read = pd.read_csv(Path(__file__).with_name("coder_reader.csv"), dtype="str", index_col=0)
    coded = predicted(table, "coder")["all texts"].set_axis(table["record_id"])
    compared = {
        "two coders of one act": (hand.loc[pairs["record_a"]], hand.loc[pairs["record_b"]]),
        "a reader": (hand.loc[read.index], read),
        "the coder": (hand.loc[read.index], coded.loc[read.index]),
    }
    rows = []
    for who, (one, other) in compared.items():
        for name in read:
            rows.append((who, name, *_compared(one[name], other[name], page[one.index])))
    return pd.DataFrame(rows, columns=["who", "code", "n", "alike", "kappa", "from", "to"])


def calibration(table: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    """For each learnt code and range of confidence: n, mean confidence, share coded as the hand."""
    hand = model.hand_codes(table)
    rows = []
    for name in model.LEARNED:
        sure = coded[f"{name}_confidence"].astype(float)
        right = coded[name].eq(hand[name])
        for within, chosen in sure.groupby(pd.cut(sure, _CONFIDENCE), observed=True):
            rows.append((name, str(within), len(chosen), chosen.mean(), right[chosen.index].mean()))
    return pd.DataFrame(rows, columns=["code", "confidence", "n", "mean", "alike"])


def as_markdown(table: pd.DataFrame) -> str:
    """The tables of docs/coder.md from records with hand codes. Learns for some minutes."""
    parts = []
    for by in ("page", "coder"):
        coded = predicted(table, by)
        for name in INPUTS:
            parts += [f"### One {by} left out: {name}", _table(agreement(table, coded[name]))]
        if by == "page":
            sure = calibration(table, coded["all texts"])
            parts += ["### Confidence, pages left out: all texts", _table(sure)]
    return "\n\n".join(parts)


def _pages(table: pd.DataFrame) -> pd.Series:
    return table["source_url"].mask(table["source_url"] == "", table["record_id"])


def _compared(
    one: pd.Series, other: pd.Series, page: pd.Series, asked: np.ndarray | None = None, seed=SEED
) -> tuple:
    """n, share alike, kappa and its interval, of the rows asked (all if None)."""
    asked = np.ones(len(one), dtype=bool) if asked is None else asked
    number = pd.factorize(page)[0]
    n_pages = number.max() + 1
    times = np.random.default_rng(seed).multinomial(n_pages, np.full(n_pages, 1 / n_pages), _DRAWS)
    values, names = pd.factorize(pd.concat([one, other]))
    first, second = values[: len(one)][asked], values[len(one) :][asked]
    drawn = [_kappa(first, second, len(names), each[number[asked]]) for each in times]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    kappa = _kappa(first, second, len(names), np.ones(len(first)))
    return len(first), (first == second).mean(), kappa, low, high


def _kappa(first: np.ndarray, second: np.ndarray, n_codes: int, weight: np.ndarray) -> float:
    counts = np.bincount(first * n_codes + second, weights=weight, minlength=n_codes**2)
    with np.errstate(invalid="ignore"):  # one code throughout: NaN
        return cohens_kappa(counts.reshape(n_codes, n_codes), return_results=False)


def _table(table: pd.DataFrame) -> str:
    shown = table.map(lambda value: f"{value:.2f}" if isinstance(value, float) else str(value))
    rows = [list(table.columns), ["---"] * table.shape[1], *shown.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


if __name__ == "__main__":
    records = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    print(as_markdown(records), _table(ceiling(records)), sep="\n\n")
