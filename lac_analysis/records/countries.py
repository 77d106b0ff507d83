"""Country names in any of ten languages -> ISO 3166-1 alpha-3, for the 33 members of CELAC.

`country_names.csv` (iso3, language, name) holds the names. It was made once from pycountry 26.2.16:
the name, common
name and official name of each member, their translations in the iso-codes catalogues that pycountry
ships (ar, de, es,
fr, ja, nl, pt, pt_BR, ru, zh_CN, zh_HK, zh_TW), and the alpha-2 and alpha-3 codes (language `iso`).
Short forms,
abbreviations and spellings that occur in sources were then added by hand. Two names are left out on
purpose, because
they would be a guess: Granada (Grenada, or one of several cities) and the bare Guiana (Guyana, or
French Guiana).
A row without iso3 is a longer name that contains a country's and is not that country: Mexico City,
French Guyana.
"""

import functools
import re
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.records.columns import Column, encode

_NAMES_FILE = Path(__file__).with_name("country_names.csv")
_LETTER = (
    r"[^\W\u3040-\u309f\u4e00-\u9fff]"  # of a script that marks word boundaries, katakana included
)
_PUNCTUATION = re.compile(r"[^\w\n ]+")  # lines end at \n
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_WORD = re.compile(rf"{_LETTER}+|[\u3040-\u309f\u4e00-\u9fff]")


def resolve(names: pd.Series) -> pd.Series:
    """ISO 3166-1 alpha-3 of the country that each text names; NaN where it names none of the 33.

    Parameters
    ----------
    names : texts in any case, with or without accents; missing values are allowed.

    Returns
    -------
    Series of the same index, named `iso3`. A text with several countries gives the first that it
    names.

    Raises
    ------
    InputError : a value is neither text nor missing.
    """
    column = encode(names)
    texts = column.texts.tolist()
    for text in texts:
        if not isinstance(text, str):
            raise InputError("a country name is not text", value=text)
    found = np.array([_first_named(key) for key in _normalise(texts)], dtype=object)
    return Column(column.codes, found).series(names.index).rename("iso3")


def names() -> pd.DataFrame:
    """The names that a text may hold: name, iso3 ('' for a name that only contains a country's).
    Codes are left out.
    """
    table = _table()
    return table.loc[table["language"] != "iso", ["name", "iso3"]].drop_duplicates(
        "name", ignore_index=True
    )


def conflicts(names: pd.Series | Column, iso3: pd.Series | Column) -> pd.DataFrame:
    """Rows whose text names another country than the coded one; a text that names none is no
    conflict.

    Parameters
    ----------
    names, iso3 : country as the source writes it, and as coded; Series of one index.

    Returns
    -------
    DataFrame with columns country_text, resolved, coded, on the index of the rows concerned.
    """
    text, coded = encode(names), encode(iso3)
    resolved = Column(
        text.codes, resolve(pd.Series(text.texts, dtype="str")).to_numpy(dtype=object)
    )
    rows = np.flatnonzero(resolved.differs(coded) & pd.notna(resolved.texts)[resolved.codes])
    columns = {"country_text": text, "resolved": resolved, "coded": coded}
    index = names.index[rows]
    return pd.DataFrame(
        {name: column.take(rows).series(index) for name, column in columns.items()}, index=index
    )


def _first_named(key: str) -> str | None:
    whole, beginning = _index()
    if key in whole:
        return whole[key] or None
    reached = 0
    for word in _WORD.finditer(key):
        names = beginning.get(word[0])
        if names is None or word.start() < reached:
            continue
        found = _compiled(names).match(key, word.start())
        if found:
            if iso3 := whole[found[0]]:
                return iso3
            reached = found.end()
    return None


def _normalise(texts: list[str]) -> list[str]:
    """Lower case without accents; every run of punctuation is one space. The texts are worked on as
    lines of one.
    """
    lines = "\n".join(texts)
    if lines.count("\n") >= len(texts):
        lines = "\n".join(text.replace("\n", " ") for text in texts)
    lines = lines.replace("&", " and ")
    if not lines.isascii():
        lines = _NOT_ASCII.sub(
            lambda run: _without_accents(run[0]), unicodedata.normalize("NFKD", lines)
        )
    lines = _PUNCTUATION.sub(" ", lines.casefold().replace("_", " "))
    while "  " in lines:
        lines = lines.replace("  ", " ")
    return [line.strip() for line in lines.split("\n")][: len(texts)]


@functools.lru_cache(maxsize=65_536)
def _without_accents(decomposed: str) -> str:
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@functools.cache
def _index() -> tuple[dict[str, str], dict[str, str]]:
    """Normalised name -> iso3 ('' for what is not a country); first word -> pattern of the names
    that begin with it.
    """
    table = _table()
    table["key"] = _normalise(table["name"].tolist())
    # two-letter codes are words in many languages: codes count only as the whole text
    words = sorted(
        set(table.loc[table["language"] != "iso", "key"]), key=lambda key: (-len(key), key)
    )
    begins: dict[str, list[str]] = {}
    for key in words:
        begins.setdefault(_WORD.match(key)[0], []).append(_bounded(key))
    patterns = {word: "|".join(bounded) for word, bounded in begins.items()}
    return dict(zip(table["key"], table["iso3"], strict=True)), patterns


_compiled = functools.cache(
    re.compile
)  # few of the patterns are needed, and all take half a second


def _bounded(key: str) -> str:
    """Pattern of a name as a whole word. Chinese writes no spaces, so its names match anywhere."""
    pattern = re.escape(key)
    return (
        pattern if re.match(r"[\u4e00-\u9fff]", key) else rf"(?<!{_LETTER}){pattern}(?!{_LETTER})"
    )


def _table() -> pd.DataFrame:
    return pd.read_csv(_NAMES_FILE, dtype=str, keep_default_na=False)
