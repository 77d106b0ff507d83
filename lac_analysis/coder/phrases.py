"""Phrases in texts of any script: a text as words, and many phrases looked for at once."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

# Chinese and Japanese write no spaces, so each of their signs is a word by itself
_SIGN = "\u3400-\u9fff\U00020000-\U0002ffff"
_ACCENT = re.compile("[\u0300-\u036f]")
_WORD = re.compile(rf"[{_SIGN}]|[^\W_{_SIGN}]+")


class Mention(NamedTuple):
    """A phrase in a text, and what it stands for in the lexicon."""

    start: int  # position of its first word
    end: int  # position of the word after its last
    meaning: Any


def words(text: str, lower: bool = True) -> list[str]:
    """The words of a text, in lower case and without accents; punctuation parts them."""
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return _WORD.findall(text.lower() if lower else text)


class Lexicon:
    """Phrases that are looked for together, as pairs of a phrase and its meaning; a phrase may have
    several. It is one or more words, parted as those of a text are; a word that ends in * stands
    for every word that begins so.
    """

    def __init__(self, phrases: Iterable[tuple[str, Any]]):
        # a tree of words: what may follow a word is the tree below it; the meanings of the phrase
        # that ends there stand under ""
        self._tree: dict = {}
        self._known: set[str] = set()
        for phrase, meaning in phrases:
            below = self._tree
            for word in _words_of(phrase):
                self._known.add(word)
                below = below.setdefault(word, {})
            if below is not self._tree:
                below.setdefault("", []).append(meaning)
        self._stem_lengths = sorted({len(word) - 1 for word in self._known if word.endswith("*")})
        # the words of texts are few, and each is asked for often
        self._meanings = lru_cache(maxsize=100_000)(self._look_up)

    def find(self, text: list[str]) -> list[Mention]:
        """Every phrase that the words hold, overlapping ones too; by position, longest first."""
        meanings = [self._meanings(word) for word in text]
        found = []
        for start, first in enumerate(meanings):
            if not first:
                continue
            trees, end = [self._tree], start
            while trees and end < len(text):
                trees = [tree[word] for tree in trees for word in meanings[end] if word in tree]
                end += 1
                found += [Mention(start, end, m) for tree in trees for m in tree.get("", ())]
        return sorted(found, key=lambda mention: (mention.start, -mention.end))

    def _look_up(self, word: str) -> tuple[str, ...]:
        """What a word of a text can be in a phrase: itself, or a stem with its *."""
        stems = [f"{word[:length]}*" for length in self._stem_lengths if length <= len(word)]
        return tuple(meant for meant in [word, *stems] if meant in self._known)


def longest(mentions: list[Mention]) -> list[Mention]:
    """The mentions left when a text is read from left to right, the longest first, no overlaps."""
    kept: list[Mention] = []
    for mention in mentions:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _words_of(phrase: str) -> list[str]:
    """The words of a phrase, a stem with its *."""
    found = []
    for piece in phrase.split():
        spoken = words(piece)
        if piece.endswith("*") and spoken:
            spoken[-1] += "*"
        found += spoken
    return found
