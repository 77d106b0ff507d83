"""The codes that take judgement, learned from the coded records of data/raw.

What the texts mention (reading.py) and their words are the evidence; logistic regressions weigh it.
"""

import hashlib
import pickle
from contextlib import suppress
from functools import cache

import numpy as np
import pandas as pd
import sklearn
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

from lac_analysis import config, files
from lac_analysis.coder import phrases, reading
from lac_analysis.errors import InputError
from lac_analysis.records import coding, schema
from lac_analysis.records.clean import plain_signs

LEARNED = ("china_actor_type", "lac_level", "activity_type", "technology")
UNKNOWN = "unknown"
FIELDS = {  # the texts of a record, and the columns that each is made of
    "act": ("description", "text"),
    "title": ("source_title",),
    "actor": ("china_actor_text",),
    "officer": ("lac_actor_text",),
    "place": ("lac_place_text",),
    "country": ("lac_country_text",),
    "date": ("date_text",),
    "platform": ("platform",),
}
_READ = ("act", "title", "actor", "officer", "place")  # for signals
WORDS = {  # whose words count together
    "words of act or title": ("act", "title"),
    "words of actor": ("actor",),
    "words of counterpart": ("officer", "place"),
}
_WEIGHTS = {"signals": 0.3}  # against a text's words; of .2 to 1, best on pages left out
_C = 2.0  # inverse strength of the penalty: the one whose probabilities were right on such pages
# the signals without which a code stays unknown: who acted does not tell what was done
_TOLD_BY = dict.fromkeys(LEARNED, ":") | dict.fromkeys(LEARNED[2:], "act:|title:")
_STRONGEST = 3  # pieces of evidence in an explanation


def texts_of(table: pd.DataFrame) -> pd.DataFrame:
    """The texts of FIELDS of each row, in plain signs; columns are joined by '; ', blank or absent
    ones left out.

    A title that stands alone tells the act.
    """
    texts = pd.DataFrame("", index=table.index, columns=list(FIELDS), dtype="str")
    for field, columns in FIELDS.items():
        for column in (name for name in columns if name in table):
            text = table[column].fillna("").str.strip()
            texts[field] = (texts[field] + "; " + text).str.strip("; ")
    alone = texts["act"] == ""
    texts["act"] = texts["act"].mask(alone, texts["title"])
    texts["title"] = texts["title"].mask(alone, "")
    return plain_signs(texts)


def describe(texts: pd.DataFrame, country: pd.Series) -> pd.DataFrame:
    """The evidence of each row as text: `signals`, with the field that they stand in, and WORDS.

    country : ISO 3166-1 alpha-3 of each row, which says what its place names are; or unknown.
    """
    fields = [texts[name] for name in _READ]
    described = {"signals": [_signals(*row) for row in zip(country, *fields, strict=True)]}
    for name, joined in WORDS.items():
        described[name] = list(map(" ".join, zip(*(texts[field] for field in joined), strict=True)))
    return pd.DataFrame(described, index=texts.index)


def train(table: pd.DataFrame) -> Pipeline:
    """Learn from coded records in the format of data/raw/engagements.csv: what `describe` gives, as
    a matrix (rows, pieces of evidence), and a multinomial logistic regression for each of LEARNED.

    Coders differ in conventions, so what is learnt are the codes after harmonisation. Each record
    is learnt from twice: with all its texts, and without the names of actors and places, as a user
    may not have them.
    """
    texts, hand = texts_of(table), hand_codes(table)
    inputs = [texts, texts.assign(actor="", officer="", place="")]
    described = pd.concat([describe(each, table["lac_iso3"]) for each in inputs])
    words = [
        (name, TfidfVectorizer(analyzer=phrases.words, min_df=2, sublinear_tf=True), name)
        for name in WORDS
    ]
    evidence = ColumnTransformer(
        [("signals", CountVectorizer(analyzer=str.split, binary=True), "signals"), *words],
        transformer_weights=_WEIGHTS,
    )
    logistic = LogisticRegression(C=_C, max_iter=200, tol=3e-3)
    # threads would only wait for one another on so little, and could change the last digit
    with threadpool_limits(1):
        learned = make_pipeline(evidence, MultiOutputClassifier(logistic))
        return learned.fit(described, np.tile(hand.to_numpy(object), (len(inputs), 1)))


def predict(model: Pipeline, texts: pd.DataFrame, country: pd.Series) -> pd.DataFrame:
    """For each code of LEARNED: CODE, its likeliest value; CODE_rule, the strongest evidence for it
    (a signal or a word, and where it stands); CODE_confidence, its probability to two decimals.

    'unknown', with a confidence of 0, where no text holds a signal that could tell it.
    """
    described = describe(texts, country)
    matrix = model[:-1].transform(described).tocsr()
    names = model[:-1].get_feature_names_out()
    names = [name.removeprefix("signals__").replace("__", ": ") for name in names]
    result = {}
    for code, classifier in zip(LEARNED, model[-1].estimators_, strict=True):
        silent = ~described["signals"].str.contains(_TOLD_BY[code]).to_numpy(dtype=bool)
        probability = classifier.predict_proba(matrix)
        chosen = probability.argmax(axis=1)
        value = classifier.classes_[chosen].astype(object)
        result[code] = np.where(silent, UNKNOWN, value)
        weights = classifier.coef_
        if len(weights) == 1:  # of two classes, those of the second
            weights = np.vstack([-weights, weights])
        rules = _explain(matrix, weights, chosen, names)
        result[f"{code}_rule"] = np.where(silent, "", rules)
        result[f"{code}_confidence"] = np.where(silent, 0, probability.max(axis=1).round(2))
    return pd.DataFrame(result, index=texts.index)


@cache
def trained() -> Pipeline:
    """The model of the committed records; trained on first use and kept in data/processed.

    The file begins with the hash of all that the model comes from and of the model itself, so one
    of another state, or one that is damaged, is never read; a link or a pipe there is left alone.
    """
    table, path = config.RAW / "engagements.csv", config.PROCESSED / "coder_model.pickle"
    folders = (config.PACKAGE / "coder", config.PACKAGE / "records")
    sources = sorted(file for folder in folders for file in folder.iterdir() if file.is_file())
    state = f"{files.sha256(table, *sources)} {sklearn.__version__}".encode()
    ours = not path.is_symlink() and (path.is_file() or not path.exists())
    with suppress(OSError):
        kept = path.read_bytes() if ours else b""
        if kept[:32] == hashlib.sha256(state + kept[32:]).digest():
            return pickle.loads(kept[32:])
    model = train(schema.read_raw(table, "engagements"))
    content = pickle.dumps(model)
    if ours:
        with suppress(OSError, InputError):  # then the next process trains again
            sealed = hashlib.sha256(state + content).digest() + content
            files.write_bytes(path, sealed, replace=True)
    return model


def hand_codes(table: pd.DataFrame) -> pd.DataFrame:
    """The codes of LEARNED after harmonisation, in the terms of the raw table."""
    table = table.assign(technology=table["technology"].replace("", "0"))
    coded, _ = coding.code(table, table["record_id"])
    return pd.DataFrame(
        {
            "china_actor_type": coded["actor_type"],
            "lac_level": coded["level"].astype("str"),
            "activity_type": coded["activity"].replace("diplomatic_call", "visit_to_lac"),
            "technology": coded["technology"].map({True: "1", False: "0"}),
        }
    )


def _signals(iso3: str, *texts: str) -> str:
    """FIELD:SIGNAL for each signal in each text, and FIELD:first:SIGNAL for what it says first."""
    found = []
    for field, text in zip(_READ, texts, strict=True):
        signals = reading.read(text).signals_in(iso3)
        first = min(signals.values(), default=-1)
        found += [f"{field}:{name}" for name in signals]
        found += [f"{field}:first:{name}" for name, at in signals.items() if at == first]
    return " ".join(found)


def _explain(
    matrix: sparse.csr_matrix, weights: np.ndarray, chosen: np.ndarray, names: list[str]
) -> list[str]:
    """The strongest evidence of each row for its class, the strongest first."""
    rules = []
    for row, own in enumerate(chosen):
        cells = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns = matrix.indices[cells]
        force = matrix.data[cells] * weights[own, columns]
        strongest = np.argsort(-force, kind="stable")[:_STRONGEST]
        rules.append("; ".join(names[columns[at]] for at in strongest if force[at] > 0))
    return rules
