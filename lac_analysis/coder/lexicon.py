"""Find many phrases in many texts at once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lac_analysis.coder import words
from lac_analysis.coder.words import Words


@dataclass(frozen=True, eq=False)
class Mentions:
    """Where phrases stand, ordered by text and position, the longest first.

    Attributes: row (number of the text), position (of the first word, counted over all texts),
    length (words),
    phrase (number in the lexicon).
    """

    row: np.ndarray
    position: np.ndarray
    length: np.ndarray
    phrase: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> "Mentions":
        return Mentions(
            self.row[chosen], self.position[chosen], self.length[chosen], self.phrase[chosen]
        )


class Lexicon:
    """Phrases that are looked for together.

    A phrase is one or more words, split as texts are; a word that ends in * stands for every word
    that begins so.
    """

    def __init__(self, phrases: Iterable[str]):
        phrases = list(phrases)
        self._numbers: dict[str, int] = {}  # of the words of the phrases, stems with their *
        self._steps: dict[
            tuple[int, int], int
        ] = {}  # (state, word) -> state; state 0 is the beginning
        self._phrase_of: list[int] = [-1]  # by state
        for phrase_number, spoken in enumerate(_words_of(phrases)):
            state = 0
            for word in spoken:
                step = (state, self._numbers.setdefault(word, len(self._numbers)))
                if step not in self._steps:
                    self._steps[step] = len(self._phrase_of)
                    self._phrase_of.append(-1)
                state = self._steps[step]
            if state and self._phrase_of[state] < 0:
                self._phrase_of[state] = phrase_number
        keys = np.array([s * len(self._numbers) + w for s, w in self._steps], dtype=np.int64)
        order = np.argsort(keys)
        self._keys, self._next = (
            keys[order],
            np.array(list(self._steps.values()), dtype=np.int64)[order],
        )
        self._ends = np.array(self._phrase_of)
        self._goes_on = np.zeros(
            len(self._ends), dtype=bool
        )  # by state: whether a longer phrase begins like it
        self._goes_on[self._keys // max(len(self._numbers), 1)] = True
        self._n = len(phrases)
        self._stems: dict[int, set[str]] = {}
        for word in self._numbers:
            if word.endswith("*"):
                self._stems.setdefault(len(word) - 1, set()).add(word[:-1])

    def find(self, texts: Words) -> Mentions:
        """Every phrase that a text holds, overlapping ones too; a phrase never runs from one text
        into the next.
        """
        meant, count = self._meanings(texts.vocabulary)
        state, known = self._step(
            0, meant
        )  # where each meaning of a word leads at the beginning of a phrase
        begins = np.bincount(np.repeat(np.arange(len(count)), count)[known], minlength=len(count))
        position = np.flatnonzero((begins > 0)[texts.code])
        position, chosen = _each(position, texts.code[position], begins)
        state, depth = state[chosen], 1
        found = []
        while True:
            ends = np.flatnonzero(self._ends[state] >= 0)
            found.append((position[ends], np.full(len(ends), depth), self._ends[state[ends]]))
            on = np.flatnonzero(self._goes_on[state] & (position + depth < len(texts.row)))
            on = on[texts.row[position[on] + depth] == texts.row[position[on]]]
            if not len(on):
                break
            position, state = position[on], state[on]
            here = texts.code[position + depth]
            (position, chosen), state = _each(position, here, count), np.repeat(state, count[here])
            state, known = self._step(state, meant[chosen])
            position, depth = position[known], depth + 1
        position, length, phrase = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(
            (position * (depth + 1) + depth - length) * self._n + phrase, kind="stable"
        )
        return Mentions(texts.row[position], position, length, phrase)[order]

    def _step(self, state: np.ndarray | int, word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The states that words lead to from the given ones, and which of the words lead anywhere."""
        key = state * len(self._numbers) + word
        at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        known = self._keys[at] == key
        return self._next[at[known]], known

    def _meanings(self, vocabulary: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Word numbers that each word of the vocabulary can stand for, one list after the other,
        and how many.
        """
        meant, count = [], np.zeros(len(vocabulary), dtype=np.int64)
        shortest = min(self._stems, default=0)
        heads = {stem[:shortest] for stems in self._stems.values() for stem in stems}
        for i, word in enumerate(vocabulary):
            before = len(meant)
            if word in self._numbers:
                meant.append(self._numbers[word])
            if word[:shortest] in heads:
                for length, stems in self._stems.items():
                    if word[:length] in stems and len(word) >= length:
                        meant.append(self._numbers[word[:length] + "*"])
            count[i] = len(meant) - before
        return np.array(meant, dtype=np.int64), count


def _each(
    position: np.ndarray, word: np.ndarray, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Each position as often as its word counts, and the numbers of the items that lists of that
    length hold for it.
    """
    times = count[word]
    offset = np.cumsum(count) - count
    return np.repeat(position, times), np.arange(times.sum()) + np.repeat(
        offset[word] - np.cumsum(times) + times, times
    )


def longest(mentions: Mentions) -> Mentions:
    """The mentions left after each text is read from left to right, the longest phrase first,
    without overlaps.
    """
    start, end = mentions.position, mentions.position + mentions.length
    furthest = np.roll(np.maximum.accumulate(end), 1)
    furthest[:1] = 0
    clear = (
        start >= furthest
    )  # of all mentions before; if the next one is, too, it overlaps with none
    kept, reached = clear & np.append(clear[1:], True)[: len(clear)], -1
    for i in np.flatnonzero(~kept).tolist():
        if start[i] >= reached:
            kept[i], reached = True, end[i]
    return mentions[kept]


def _words_of(phrases: list[str]) -> list[list[str]]:
    """The words of each phrase, a stem with its *."""
    pieces = [(number, piece) for number, phrase in enumerate(phrases) for piece in phrase.split()]
    split = words.split([piece for _, piece in pieces])
    spoken: list[list[str]] = [[] for _ in pieces]
    for row, code in zip(split.row.tolist(), split.code.tolist(), strict=True):
        spoken[row].append(split.vocabulary[code])
    found: list[list[str]] = [[] for _ in phrases]
    for (number, piece), said in zip(pieces, spoken, strict=True):
        if piece.endswith("*"):
            said[-1] += "*"
        found[number] += said
    return found
