"""Free text -> codes, each with the rule that gave it and a confidence."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.coder import names, read, words
from lac_analysis.coder.columns import Column, Draft, Table
from lac_analysis.coder.lexicon import Mentions
from lac_analysis.coder.read import Read
from lac_analysis.coder.rules import ABSENT, CONFIDENCE, Code, Rule, rule_book
from lac_analysis.errors import InputError
from lac_analysis.records import countries

UNKNOWN = "unknown"
CODES = (
    "lac_iso3", "china_actor_type", "lac_level", "activity_type", "technology", "platform", "lac_place_text",
    "china_place", "date_iso",
)  # fmt: skip
TEXT_COLUMNS = tuple(
    dict.fromkeys(column for columns in read.COLUMNS.values() for column in columns)
)
_LOW, _MEDIUM, _HIGH = map(CONFIDENCE.index, ("low", "medium", "high"))
_LOCAL = ("provincial_government", "municipal_government", "party", "university")


@dataclass(frozen=True, eq=False)
class Coded:
    """A code of every row. Attributes: value, rule, confidence."""

    value: Column
    rule: Column
    confidence: Column


def code(table: pd.DataFrame) -> pd.DataFrame:
    """Code every row from its texts alone; a row depends on nothing but itself.

    Parameters
    ----------
    table : at least one of the columns `text`, `description`, `source_title`; also read, where
        given:
        china_actor_text, lac_actor_text, lac_place_text, lac_country_text, date_text, platform.
        Blanks may be missing.

    Returns
    -------
    The table's index; for each code of CODES its value in the terms of data/raw/CODEBOOK.md,
    `CODE_rule` (which rule,
    and in which text) and `CODE_confidence` (high, medium, low). 'unknown' where no rule fits.
    Platform, place, Chinese
    province and date are blank where the text names none, and technology is 0 where it names no
    technological product.

    Raises
    ------
    InputError : none of the text columns is there.
    """
    result = {}
    for name, coded in code_columns(table).items():
        result[name] = coded.value.series(table.index)
        result[f"{name}_rule"] = coded.rule.series(table.index)
        result[f"{name}_confidence"] = coded.confidence.series(table.index)
    return pd.DataFrame(result, index=table.index)


def code_columns(table: pd.DataFrame | Table) -> dict[str, Coded]:
    """`code`, with each code of CODES as columns of distinct texts."""
    table = Table.of(table)
    if not any(name in table for name in ("text", "description", "source_title")):
        raise InputError("no text to code", expected="a column text, description or source_title")
    texts = {name: read.text(table, name) for name in read.COLUMNS}
    n = len(table)
    coded = {"lac_iso3": _country(texts, n)}
    country = coded["lac_iso3"].value
    member = pd.Index(config.CELAC).get_indexer(country.texts)[country.codes]
    nowhere = np.full(n, -1)  # a date is the same in every country
    reads = {
        name: Read(text, nowhere if name == "date" else member) for name, text in texts.items()
    }
    for name, rules in rule_book().codes.items():
        coded[name] = _apply(name, rules, reads, coded, n)
    coded["platform"] = _platform(reads, n)
    coded["lac_place_text"] = _place(reads, n)
    coded["china_place"] = _province(reads, coded["china_actor_type"].value, n)
    coded["date_iso"] = _date(reads, n)
    return {name: coded[name] for name in CODES}


class _Result:
    """A code in the making. Attributes: open (n,), the rows that nothing has decided yet."""

    def __init__(self, n: int, value: str = ""):
        self.open = np.ones(n, dtype=bool)
        self._value, self._rule = Draft(n, value), Draft(n, "")
        self._confidence = np.zeros(n, dtype=np.int8)

    def put(
        self, rows: np.ndarray, codes, values, confidence: int, rules: list[str], rule_codes=0
    ) -> None:
        """Give these row numbers their values and rules, by number."""
        self._value.put_each(rows, codes, values)
        self._rule.put_each(rows, rule_codes, rules)
        self._confidence[rows] = confidence
        self.open[rows] = False

    def put_first_mention(
        self, text: Read, found: Mentions, codes, values, confidence: int, rule: str, only=True
    ):
        """Give the rows that are still open the value of the first mention in their text; codes are
        the mentions'.
        """
        first = np.full(text.words.n, -1)
        opening = np.flatnonzero(
            np.diff(found.row, prepend=-1)
        )  # the first mention of each text: they are in order
        first[found.row[opening]] = codes[opening]
        rows = np.flatnonzero(self.open & (first >= 0)[text.which] & only)
        self.put(rows, first[text.which[rows]], values, confidence, [rule])

    def coded(self) -> Coded:
        confidence = Column(self._confidence, np.array(CONFIDENCE, dtype=object))
        return Coded(self._value.column(), self._rule.column(), confidence)


def _apply(name: str, code: Code, reads: dict[str, Read], coded: dict[str, Coded], n: int) -> Coded:
    result = _Result(n, UNKNOWN)
    read_any = np.zeros(n, dtype=bool)
    for text_name in code.reads:
        text = reads[text_name]
        for rule in code.rules:
            open_ = result.open & text.given
            if text_name not in rule.only or not open_.any():
                continue
            fits, chosen = _fits(rule, text.signals)
            rows = np.flatnonzero(open_ & fits[text.which])
            for earlier, wanted in rule.when.items():
                value = coded[earlier].value
                rows = rows[np.isin(value.texts, wanted)[value.codes[rows]]]
            confidence = max(rule.confidence - (text_name == "title"), 1)
            result.put(
                rows,
                chosen[text.which[rows]],
                rule.values,
                confidence,
                [f"{rule.name} ({text_name})"],
            )
        read_any |= text.given
    if name == "technology":
        result.put(np.flatnonzero(result.open & read_any), 0, ["0"], _MEDIUM, ["no product named"])
    return result.coded()


def _fits(rule: Rule, signals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether the rule fits each text, and which of its values it gives."""
    fits = np.ones(signals.shape[1], dtype=bool)
    chosen = np.zeros(signals.shape[1], dtype=np.int64)
    for group in rule.needs:
        fits &= signals[list(group)].min(axis=0) != ABSENT
    for signal in rule.none:
        fits &= signals[signal] == ABSENT
    before = np.full(signals.shape[1], -1)
    for group in rule.follows:
        here_first = signals[list(group)].min(axis=0)
        fits &= (here_first != ABSENT) & (before < here_first)
        before = here_first
    if rule.signals:
        first = signals[list(rule.signals)]
        chosen = first.argmin(axis=0)
        fits &= first.min(axis=0) != ABSENT
    return fits, chosen


def _country(texts: dict[str, Column], n: int) -> Coded:
    result = _Result(n, UNKNOWN)
    column = texts["country"]
    named = countries.resolve(pd.Series(column.texts).replace("", np.nan))
    rows = np.flatnonzero(named.notna().to_numpy()[column.codes])
    result.put(rows, column.codes[rows], named, _HIGH, ["name (country)"])
    for text_name, sure in (
        ("place", _MEDIUM),
        ("counterpart", _MEDIUM),
        ("act", _HIGH),
        ("title", _MEDIUM),
    ):
        column = texts[text_name]
        rows = np.flatnonzero(result.open & ~column.equals(""))
        number, asked = pd.factorize(column.codes[rows])
        found = names.of_countries().find(words.split(column.texts[asked].tolist()))
        iso3 = names.of_countries().meaning["iso3"].to_numpy(dtype=object)[found.phrase]
        several = pd.DataFrame({"text": found.row, "iso3": iso3})[iso3 != ""].drop_duplicates()
        first = (
            several.drop_duplicates("text")
            .set_index("text")["iso3"]
            .reindex(range(len(asked)))
            .to_numpy()
        )
        count = np.bincount(several["text"], minlength=len(asked))
        for told, how, name in (
            (count == 1, sure, "name"),
            (count > 1, _LOW, "first of several names"),
        ):
            at = told[number]
            result.put(rows[at], number[at], first, how, [f"{name} ({text_name})"])
    return result.coded()


def _platform(reads: dict[str, Read], n: int) -> Coded:
    result = _Result(n)
    _put_given(result, reads["platform"], "as given (platform)")
    for text_name in ("act", "title"):
        text, book = reads[text_name], rule_book()
        found = book.platform_lexicon.find(text.words)
        result.put_first_mention(
            text, found, found.phrase, book.platforms, _MEDIUM, f"name ({text_name})"
        )
    return result.coded()


def _place(reads: dict[str, Read], n: int) -> Coded:
    result = _Result(n)
    _put_given(result, reads["place"], "as given (place)")
    known, _ = names.of_places()
    for text_name, sure in (("counterpart", _MEDIUM), ("act", _MEDIUM), ("title", _LOW)):
        text = reads[text_name]
        found, _ = text.lac
        phrase, codes = np.unique(found.phrase, return_inverse=True)
        spoken = known.meaning["name"].iloc[phrase].str.title()
        result.put_first_mention(text, found, codes, spoken, sure, f"gazetteer ({text_name})")
    return result.coded()


def _province(reads: dict[str, Read], actor_type: Column, n: int) -> Coded:
    result = _Result(n)
    local = np.isin(actor_type.texts, _LOCAL)[actor_type.codes]
    province = names.of_china().meaning["province"].to_numpy(dtype=object)
    for text_name, sure in (("actor", _HIGH), ("act", _MEDIUM), ("title", _LOW)):
        text = reads[text_name]
        found = text.china[province[text.china.phrase] != ""]
        only = True if text_name == "actor" else local
        result.put_first_mention(
            text, found, found.phrase, province, sure, f"name ({text_name})", only
        )
    return result.coded()


def _date(reads: dict[str, Read], n: int) -> Coded:
    result = _Result(n)
    for text_name, sure in (("date", _HIGH), ("act", _MEDIUM), ("title", _LOW)):
        text = reads[text_name]
        iso, form = text.dates(result.open)
        rows = np.flatnonzero(result.open & (iso != "")[text.which])
        at = text.which[rows]
        number, forms = pd.factorize(form)
        result.put(rows, at, iso, sure, [f"{name} ({text_name})" for name in forms], number[at])
    return result.coded()


def _put_given(result: _Result, text: Read, rule: str) -> None:
    rows = np.flatnonzero(text.given)
    result.put(rows, text.column.codes[rows], text.column.texts, _HIGH, [rule])
