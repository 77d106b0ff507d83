"""Find many phrases in many texts at once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lac_analysis.coder import words
from lac_analysis.coder.words import Words


@dataclass(frozen=True, eq=False)
class Mentions:
    """Where phrases stand, ordered by text and position, the longest first.

    Attributes: row (number of the text), position (of the first word, counted over all texts), length (words),
    phrase (number in the lexicon).
    """

    row: np.ndarray
    position: np.ndarray
    length: np.ndarray
    phrase: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> "Mentions":
        return Mentions(self.row[chosen], self.position[chosen], self.length[chosen], self.phrase[chosen])


class Lexicon:
    """Phrases that are looked for together.

    A phrase is one or more words, split as texts are; a word that ends in * stands for every word that begins so.
    """

    def __init__(self, phrases: Iterable[str]):
        self._numbers: dict[str, int] = {}  # of the words of the phrases, stems with their *
        self._steps: dict[tuple[int, int], int] = {}  # (state, word) -> state; state 0 is the beginning
        self._phrase_of: list[int] = [-1]  # by state
        for phrase_number, phrase in enumerate(phrases):
            state = 0
            for word in _words_of(phrase):
                step = (state, self._numbers.setdefault(word, len(self._numbers)))
                if step not in self._steps:
                    self._steps[step] = len(self._phrase_of)
                    self._phrase_of.append(-1)
                state = self._steps[step]
            if state and self._phrase_of[state] < 0:
                self._phrase_of[state] = phrase_number
        keys = np.array([s * len(self._numbers) + w for s, w in self._steps], dtype=np.int64)
        order = np.argsort(keys)
        self._keys, self._next = keys[order], np.array(list(self._steps.values()), dtype=np.int64)[order]
        self._ends = np.array(self._phrase_of)
        self._stems: dict[int, set[str]] = {}
        for word in self._numbers:
            if word.endswith("*"):
                self._stems.setdefault(len(word) - 1, set()).add(word[:-1])

    def find(self, texts: Words) -> Mentions:
        """Every phrase that a text holds, overlapping ones too; a phrase never runs from one text into the next."""
        meant, offset = self._meanings(texts.vocabulary)
        count = np.diff(offset)
        position = np.flatnonzero(count[texts.code] > 0) if len(texts.code) else np.empty(0, np.int64)
        state, depth = np.zeros(len(position), dtype=np.int64), 0
        found = []
        while len(position):
            here = texts.code[position + depth]
            times = count[here]
            step = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
            word = meant[np.repeat(offset[here], times) + step]
            position, key = np.repeat(position, times), np.repeat(state, times) * len(self._numbers) + word
            at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            known = self._keys[at] == key
            position, state = position[known], self._next[at[known]]
            depth += 1
            ends = self._ends[state]
            found.append((position[ends >= 0], np.full((ends >= 0).sum(), depth), ends[ends >= 0]))
            following = position + depth
            inside = following < len(texts.row)
            inside[inside] &= texts.row[following[inside]] == texts.row[position[inside]]
            position, state = position[inside], state[inside]
        if not found:
            none = np.empty(0, np.int64)
            return Mentions(none, none, none, none)
        position, length, phrase = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.lexsort((phrase, -length, position))
        return Mentions(texts.row[position], position, length, phrase)[order]

    def _meanings(self, vocabulary: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Word numbers that each word of the vocabulary can stand for, one list after the other, and their offsets."""
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
        return np.array(meant, dtype=np.int64), np.concatenate([[0], np.cumsum(count)])


def longest(mentions: Mentions) -> Mentions:
    """The mentions left after each text is read from left to right, the longest phrase first, without overlaps."""
    end = mentions.position + mentions.length
    kept, reached = np.zeros(len(end), dtype=bool), -1
    for i, (start, stop) in enumerate(zip(mentions.position.tolist(), end.tolist(), strict=True)):
        if start >= reached:
            kept[i], reached = True, stop
    return mentions[kept]


def _words_of(phrase: str) -> list[str]:
    parts = []
    for piece in phrase.split():
        split = words.split([piece])
        spoken = [split.vocabulary[code] for code in split.code]
        if piece.endswith("*"):
            spoken[-1] += "*"
        parts += spoken
    return parts
