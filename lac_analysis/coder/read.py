"""One text of every row, read for words, dates, names and signals once for each different text in
each country.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.coder import dates, names, words
from lac_analysis.coder.columns import Column, Table, constant, distinct, encode
from lac_analysis.coder.lexicon import Mentions
from lac_analysis.coder.rules import ABSENT, NAMED, rule_book

COLUMNS = {  # which columns a text is made of
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


def text(table: Table, name: str) -> Column:
    """The text of COLUMNS, its columns joined by '; ' and stripped; '' where all of them are blank
    or absent.
    """
    given = [table[column] for column in COLUMNS[name] if column in table]
    if not given:
        return constant("", len(table))
    if len(given) == 1:
        code, texts = given[0].codes, given[0].texts.tolist()
    else:
        code, pairs = distinct(*given)
        texts = ["; ".join(filter(None, pair)) for pair in pairs]
    stripped = list(map(str.strip, texts))
    if len(given) == 1 and stripped == texts:
        return given[0]
    joined = encode(pd.Series(stripped, dtype="str"))
    return Column(joined.codes[code], joined.texts)


@dataclass(frozen=True, eq=False)
class Read:
    """Attributes: column (the text of each row, '' if blank); member (number of the row's country
    in config.CELAC, -1
    if unknown)."""

    column: Column
    member: np.ndarray

    @cached_property
    def _pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Which distinct pair of text and country each row holds; the pairs as one number."""
        return pd.factorize(
            self.column.codes.astype(np.int64) * (len(config.CELAC) + 1) + self.member + 1
        )

    @property
    def which(self) -> np.ndarray:
        """The number of each row's pair of text and country, counted in `words`."""
        return self._pairs[0]

    @cached_property
    def given(self) -> np.ndarray:
        """Whether each row has the text."""
        return ~self.column.equals("")

    @cached_property
    def words(self) -> words.Words:
        return words.split(self.column.texts[self._pairs[1] // (len(config.CELAC) + 1)].tolist())

    @cached_property
    def start(self) -> np.ndarray:
        """Position of the first word of each distinct text."""
        return np.searchsorted(self.words.row, np.arange(self.words.n))

    @cached_property
    def china(self) -> Mentions:
        return names.without_persons(names.of_china().find(self.words), self.words)

    @cached_property
    def lac(self) -> tuple[Mentions, np.ndarray]:
        """Places of the row's own country, and what each is: 1 a unit, 2 a town, 3 both."""
        known, kinds = names.of_places()
        found = known.lexicon.find(self.words)
        member = self._pairs[1] % (len(config.CELAC) + 1) - 1
        country = member[found.row]
        kind = np.where(country >= 0, kinds[found.phrase, country], 0)
        found = names.longest(found[kind > 0])
        return found, kinds[found.phrase, member[found.row]]

    @cached_property
    def signals(self) -> np.ndarray:
        """First position of each signal in each distinct text, (signals, texts)."""
        book = rule_book()
        first = book.positions(book.lexicon.find(self.words), self.words.n, self.start)
        kind = names.of_china().meaning["kind"].eq("province").to_numpy()[self.china.phrase]
        places, bits = self.lac
        for signal, found in zip(
            NAMED,
            (
                self.china[kind],
                self.china[~kind],
                places[bits == 1],
                places[bits == 2],
                places[bits == 3],
            ),
            strict=True,
        ):
            at = np.minimum(found.position - self.start[found.row], ABSENT - 1).astype(np.int16)
            np.minimum.at(first[book.signals.index(signal)], found.row, at)
        return first

    def dates(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The date that each distinct text states, and the form that gave it; only the texts of
        these rows are read.
        """
        wanted = np.zeros(self.words.n, dtype=bool)
        wanted[self.which[rows]] = True
        return dates.find(self.words.of(wanted))
