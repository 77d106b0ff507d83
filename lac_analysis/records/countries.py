"""Country names in any of ten languages -> ISO 3166-1 alpha-3, for the 33 members of CELAC.

`country_names.csv` (iso3, language, name) holds the names. It was made once from pycountry 26.2.16:
the name, common name and official name of each member, their translations in the iso-codes
catalogues that pycountry ships (ar, de, es, fr, ja, nl, pt, pt_BR, ru, zh_CN, zh_HK, zh_TW), and
the alpha-2 and alpha-3 codes (language `iso`). Short forms, abbreviations and spellings that occur
in sources were then added by hand. Two names are left out on purpose, because they would be a
guess: Granada (Grenada, or one of several cities) and the bare Guiana (Guyana, or French Guiana). A
row without iso3 is a longer name that contains a country's and is not that country: Mexico City,
French Guyana.
"""

import functools
import re
from pathlib import Path

import pandas as pd

from lac_analysis.records import distinct

_NAMES_FILE = Path(__file__).with_name("country_names.csv")
_LETTER = r"[^\W\u3040-\u309f\u4e00-\u9fff]"  # of a script that parts its words, unlike Chinese
_EDGE = rf"(?:(?<!{_LETTER})|(?!{_LETTER}))"  # no place between two such letters


def resolve(names: pd.Series) -> pd.Series:
    """ISO 3166-1 alpha-3 of the country that each text names; NaN where it names none of the 33.

    names : texts in any case, with or without accents; missing values are allowed. A text with
        several countries gives the first that it names.
    """
    return distinct.apply(_first_named, names.fillna("")).astype("str").rename("iso3")


def by_name(name: str) -> str:
    """ISO3 of the country whose name or code a text is, and no more; '' where it is none's."""
    return _index()[0].get(_normalise(name), "")


def names() -> pd.DataFrame:
    """The names in texts: name, iso3 ('' for what only contains a country's). No codes."""
    table = _table()
    names = table.loc[table["language"] != "iso", ["name", "iso3"]]
    return names.drop_duplicates("name", ignore_index=True)


def conflicts(names: pd.Series, iso3: pd.Series) -> pd.DataFrame:
    """Rows whose text names another country than the coded one; a text that names none is no
    conflict.

    names, iso3 : country as the source writes it, and as coded; Series of one index. Returns
        country_text, resolved and coded, on the index of the rows concerned.
    """
    table = pd.DataFrame({"country_text": names, "resolved": resolve(names), "coded": iso3})
    return table[table["resolved"].notna() & (table["resolved"] != table["coded"])]


def beside(names: pd.Series, iso3: pd.Series) -> pd.Series:
    """The other countries that a text names after the coded one, joined by ' and '.

    names, iso3 : as in `conflicts`. Returns the rows that have some.
    """
    named = pd.Series([list(dict.fromkeys(_named(text))) for text in names.fillna("")], names.index)
    others = named[named.str.get(0) == iso3].str[1:].str.join(" and ")
    return others[others != ""]


def _first_named(text: str) -> str | None:
    return next(iter(_named(text)), None)


@functools.lru_cache(maxsize=100_000)
def _named(text: str) -> tuple[str, ...]:
    """The countries that a text names. Of the names that begin at one word the longest counts,
    and one that is no country's (Mexico City) is passed over as a whole.
    """
    codes, named = _index()
    key = _normalise(text)
    found = [key] if key in codes else named.findall(key)
    return tuple(codes[name] for name in found if codes[name])


def _normalise(text: str) -> str:
    """Lower case without accents; every run of punctuation is one space."""
    letters = distinct.without_accents(text.replace("&", " and ")).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


@functools.cache
def _index() -> tuple[dict[str, str], re.Pattern]:
    """Normalised name -> iso3 ('' for what is no country), and a pattern of the names in a text."""
    table = _table()
    keys = table["name"].map(_normalise)
    # two-letter codes are words in many languages: codes count only as the whole text
    named = sorted({*keys[table["language"] != "iso"]}, key=len, reverse=True)
    pattern = re.compile(rf"{_EDGE}({'|'.join(named)}){_EDGE}")
    return dict(zip(keys, table["iso3"], strict=True)), pattern


def _table() -> pd.DataFrame:
    return pd.read_csv(_NAMES_FILE, dtype=str, keep_default_na=False)
