"""Free text -> codes, each with the rule that gave it and a confidence."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.coder import dates, names, words
from lac_analysis.coder.rules import ABSENT, CONFIDENCE, NAMED, Code, Rule, rule_book
from lac_analysis.errors import InputError
from lac_analysis.records import countries

UNKNOWN = "unknown"
CODES = (
    "lac_iso3", "china_actor_type", "lac_level", "activity_type", "technology", "platform", "lac_place_text",
    "china_place", "date_iso",
)  # fmt: skip
_COLUMNS = {  # which columns a text is made of
    "actor": ("china_actor_text",),
    "counterpart": ("lac_actor_text", "lac_place_text"),
    "officer": ("lac_actor_text",),
    "place": ("lac_place_text",),
    "act": ("description", "text"),
    "title": ("source_title",),
    "platform": ("platform",),
    "country": ("lac_country_text",),
    "date": ("date_text",),
}
TEXT_COLUMNS = tuple(dict.fromkeys(column for columns in _COLUMNS.values() for column in columns))
_LOCAL = ("provincial_government", "municipal_government", "party", "university")
_BLANK_IF_SILENT = ("platform", "lac_place_text", "china_place", "date_iso")


def code(table: pd.DataFrame) -> pd.DataFrame:
    """Code every row from its texts alone; a row depends on nothing but itself.

    Parameters
    ----------
    table : at least one of the columns `text`, `description`, `source_title`; also read, where given:
        china_actor_text, lac_actor_text, lac_place_text, lac_country_text, date_text, platform. Blanks may be missing.

    Returns
    -------
    The table's index; for each code of CODES its value in the terms of data/raw/CODEBOOK.md, `CODE_rule` (which rule,
    and in which text) and `CODE_confidence` (high, medium, low). 'unknown' where no rule fits. Platform, place, Chinese
    province and date are blank where the text names none, and technology is 0 where it names no technological product.

    Raises
    ------
    InputError : none of the text columns is there.
    """
    if not {"text", "description", "source_title"} & set(table.columns):
        raise InputError("no text to code", expected="a column text, description or source_title")
    texts = {name: _text(table, columns) for name, columns in _COLUMNS.items()}
    n = len(table)
    coded: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    coded["lac_iso3"] = _country(texts, n)
    member = pd.Index(config.CELAC).get_indexer(coded["lac_iso3"][0])
    read = {name: _Read(text, member) for name, text in texts.items()}
    for name, rules in rule_book().codes.items():
        coded[name] = _apply(name, rules, read, coded, n)
    coded["platform"] = _platform(read, n)
    coded["lac_place_text"] = _place(table, read, n)
    coded["china_place"] = _province(read, coded["china_actor_type"][0], n)
    coded["date_iso"] = _date(read, n)
    result = {}
    for name in CODES:
        value, rule, confidence = coded[name]
        result[name] = value
        result[f"{name}_rule"] = rule
        result[f"{name}_confidence"] = np.array(CONFIDENCE, dtype=object)[confidence]
    return pd.DataFrame(result, index=table.index).astype("str")


@dataclass(frozen=True, eq=False)
class _Read:
    """One text of every row, read once for each different text in each country.

    Attributes: text (of each row, '' if blank); member (number of the row's country in config.CELAC, -1 if unknown).
    """

    text: np.ndarray
    member: np.ndarray

    @cached_property
    def _distinct(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which distinct pair of text and country each row holds; the first row of each; whether a pair has a text."""
        text, _ = pd.factorize(self.text)
        which, _ = pd.factorize(text * (len(config.CELAC) + 1) + self.member + 1)
        first = np.flatnonzero(~pd.Series(which).duplicated().to_numpy())
        return which, first, self.text[first] != ""

    @property
    def which(self) -> np.ndarray:
        return self._distinct[0]

    @property
    def given(self) -> np.ndarray:
        """Whether each row has the text."""
        return self.text != ""

    @cached_property
    def words(self) -> words.Words:
        return words.split(self.text[self._distinct[1]].tolist())

    @cached_property
    def start(self) -> np.ndarray:
        """Position of the first word of each distinct text."""
        return np.searchsorted(self.words.row, np.arange(self.words.n))

    @cached_property
    def china(self):
        return names.without_persons(names.of_china().find(self.words), self.words)

    @cached_property
    def lac(self):
        """Places of the row's own country, and what each is: 1 a unit, 2 a town, 3 both."""
        known, kinds = names.of_places()
        found = known.lexicon.find(self.words)
        country = self.member[self._distinct[1]][found.row]
        kind = np.where(country >= 0, kinds[found.phrase, country], 0)
        found = names.longest(found[kind > 0])
        return found, kinds[found.phrase, self.member[self._distinct[1]][found.row]]

    @cached_property
    def signals(self) -> np.ndarray:
        """First position of each signal in each distinct text, (signals, texts)."""
        book = rule_book()
        first = book.positions(book.lexicon.find(self.words), self.words.n, self.start)
        kind = names.of_china().meaning["kind"].eq("province").to_numpy()[self.china.phrase]
        places, bits = self.lac
        for signal, found in zip(
            NAMED,
            (self.china[kind], self.china[~kind], places[bits == 1], places[bits == 2], places[bits == 3]),
            strict=True,
        ):
            at = np.minimum(found.position - self.start[found.row], ABSENT - 1).astype(np.int16)
            np.minimum.at(first[book.signals.index(signal)], found.row, at)
        return first


def _text(table: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    given = [table[column].fillna("").astype("str") for column in columns if column in table]
    if not given:
        return np.full(len(table), "", dtype=object)
    joined = given[0]
    for more in given[1:]:
        joined = joined + np.where((joined != "") & (more != ""), "; ", "") + more
    return joined.str.strip().to_numpy(dtype=object)


def _apply(name: str, code: Code, read: dict[str, _Read], coded: dict, n: int):
    value, rule_text = np.full(n, UNKNOWN, dtype=object), np.full(n, "", dtype=object)
    confidence = np.zeros(n, dtype=np.int64)
    undecided = np.ones(n, dtype=bool)
    read_any = np.zeros(n, dtype=bool)
    for text_name in code.reads:
        text = read[text_name]
        open_ = undecided & text.given
        for rule in code.rules:
            if text_name not in rule.only or not open_.any():
                continue
            fits, chosen = _fits(rule, text.signals)
            rows = np.flatnonzero(open_ & fits[text.which])
            for earlier, wanted in rule.when.items():
                rows = rows[np.isin(coded[earlier][0][rows], wanted)]
            value[rows] = np.array(rule.values, dtype=object)[chosen[text.which[rows]]]
            rule_text[rows] = f"{rule.name} ({text_name})"
            confidence[rows] = max(rule.confidence - (text_name == "title"), 1)
            open_[rows] = undecided[rows] = False
        read_any |= text.given
    if name == "technology":
        rows = np.flatnonzero(undecided & read_any)
        value[rows], rule_text[rows], confidence[rows] = "0", "no product named", CONFIDENCE.index("medium")
    return value, rule_text, confidence


def _fits(rule: Rule, signals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether the rule fits each text, and which of its values it gives."""
    here = signals != ABSENT
    fits = np.ones(signals.shape[1], dtype=bool)
    chosen = np.zeros(signals.shape[1], dtype=np.int64)
    for group in rule.needs:
        fits &= here[list(group)].any(axis=0)
    for signal in rule.none:
        fits &= ~here[signal]
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


def _country(texts: dict[str, np.ndarray], n: int):
    value, rule, confidence = _blank(n, UNKNOWN)
    named = countries.resolve(pd.Series(texts["country"]).replace("", np.nan))
    _fill((value, rule, confidence), named.notna().to_numpy(), named, "name (country)", "high")
    for text_name, sure in (("place", "medium"), ("counterpart", "medium"), ("act", "high"), ("title", "medium")):
        rows = np.flatnonzero((value == UNKNOWN) & (texts[text_name] != ""))
        split = words.split(texts[text_name][rows].tolist())
        found = names.of_countries().find(split)
        iso3 = names.of_countries().meaning["iso3"].to_numpy(dtype=object)[found.phrase]
        known = iso3 != ""
        several = pd.DataFrame({"row": found.row[known], "iso3": iso3[known]})
        first = several.drop_duplicates("row")
        alone = several.groupby("row")["iso3"].nunique().eq(1)
        for only, name, how in ((True, "name", sure), (False, "first of several names", "low")):
            chosen = first[first["row"].map(alone).eq(only)]
            at = rows[chosen["row"]]
            value[at], rule[at] = chosen["iso3"], f"{name} ({text_name})"
            confidence[at] = CONFIDENCE.index(how)
    return value, rule, confidence


def _platform(read: dict[str, _Read], n: int):
    result = _blank(n)
    given = read["platform"].given
    _fill(result, given, read["platform"].text, "as given (platform)", "high")
    for text_name in ("act", "title"):
        text = read[text_name]
        found = rule_book().platform_lexicon.find(text.words)
        _first_mention(result, text, found, rule_book().platforms[found.phrase], f"name ({text_name})", "medium")
    return result


def _place(table: pd.DataFrame, read: dict[str, _Read], n: int):
    result = _blank(n)
    _fill(result, read["place"].given, read["place"].text, "as given (place)", "high")
    for text_name, sure in (("counterpart", "medium"), ("act", "medium"), ("title", "low")):
        text = read[text_name]
        found, _ = text.lac
        spoken = names.of_places()[0].meaning["name"].str.title().to_numpy(dtype=object)[found.phrase]
        _first_mention(result, text, found, spoken, f"gazetteer ({text_name})", sure)
    return result


def _province(read: dict[str, _Read], actor_type: np.ndarray, n: int):
    result = _blank(n)
    for text_name, sure in (("actor", "high"), ("act", "medium"), ("title", "low")):
        text = read[text_name]
        known = names.of_china().meaning["province"].to_numpy(dtype=object)[text.china.phrase]
        found = text.china[known != ""]
        rows = None if text_name == "actor" else np.isin(actor_type, _LOCAL)
        _first_mention(result, text, found, known[known != ""], f"name ({text_name})", sure, rows)
    return result


def _date(read: dict[str, _Read], n: int):
    value, rule, confidence = result = _blank(n)
    for text_name, sure in (("date", "high"), ("act", "medium"), ("title", "low")):
        text = read[text_name]
        iso, form = dates.find(text.words)
        iso, form = iso[text.which], form[text.which]
        rows = (value == "") & (iso != "")
        value[rows], rule[rows] = iso[rows], form[rows] + f" ({text_name})"
        confidence[rows] = CONFIDENCE.index(sure)
    return result


def _blank(n: int, value: str = ""):
    return np.full(n, value, dtype=object), np.full(n, "", dtype=object), np.zeros(n, dtype=np.int64)


def _fill(result, rows: np.ndarray, values, rule: str, confidence: str) -> None:
    result[0][rows] = np.asarray(values, dtype=object)[rows]
    result[1][rows], result[2][rows] = rule, CONFIDENCE.index(confidence)


def _first_mention(result, text: _Read, found, values: np.ndarray, rule: str, confidence: str, rows=None) -> None:
    """Give the rows that are still blank the value of the first mention in their text."""
    first = np.full(text.words.n, "", dtype=object)
    opening = np.flatnonzero(np.diff(found.row, prepend=-1))  # the first mention of each text: they are in order
    first[found.row[opening]] = values[opening]
    per_row = first[text.which]
    blank = (result[0] == "") & (per_row != "")
    _fill(result, blank if rows is None else blank & rows, per_row, rule, confidence)
