"""Many texts -> their words as integers, in any script, without a Python step for each text or word."""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

_LIMIT = 0x30000  # code points above are no letters that we meet
_BREAK = 0  # a code that is no part of a word
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that a difference is never lost to the modulus
_USUAL = 1 << 23  # letters, of a chunk of texts
_SINGLE = np.uint32(1 << 31)  # marks a sign that is a word by itself


@dataclass(frozen=True, eq=False)
class Words:
    """The words of `n` texts, one after the other.

    Attributes: n; row (number of the text of each word, ascending); code (number of each word in `vocabulary`);
    vocabulary (distinct words: lower case, no accents; each Chinese or Japanese sign is a word).
    """

    n: int
    row: np.ndarray
    code: np.ndarray
    vocabulary: list[str]

    def of(self, wanted: np.ndarray) -> "Words":
        """The words of these of the texts, (n,) bool; the others are left without words."""
        kept = wanted[self.row]
        return Words(self.n, self.row[kept], self.code[kept], self.vocabulary)


def split(texts: list[str]) -> Words:
    """Split each text at everything that is neither letter nor digit."""
    lines = "\n".join(texts)
    if lines.count("\n") >= len(texts):
        lines = "\n".join([text.replace("\n", " ") for text in texts])
    points = np.frombuffer(lines.encode("utf-32-le"), dtype="<u4")
    text_ends = np.flatnonzero(points == 10)
    points = _folded()[np.minimum(points, _LIMIT - 1)]
    inside, alone = points != _BREAK, points >= _SINGLE
    starts = inside.copy()
    starts[1:] &= ~inside[:-1] | alone[1:] | alone[:-1]
    start = np.flatnonzero(starts)
    if not len(start):
        return Words(len(texts), np.empty(0, np.int64), np.empty(0, np.int64), [])
    ends = inside.copy()
    ends[:-1] &= ~inside[1:] | starts[1:]
    end = np.flatnonzero(ends) + 1
    code = _numbered(points, start, end)
    at = np.empty(code.max() + 1, dtype=np.int64)
    at[code] = np.arange(len(code))  # one of the places where each stands
    words_before = np.append(np.searchsorted(start, text_ends), len(start))
    row = np.repeat(np.arange(len(texts)), np.diff(words_before, prepend=0))
    return Words(len(texts), row, code, _spelled(points, start[at], end[at]))


def _numbered(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Number each word, like words alike. Words are told apart by a 64-bit polynomial hash of their letters."""
    power = _powers(len(points))  # all arithmetic is modulo 2**64
    total = np.zeros(len(points) + 1, dtype=np.uint64)
    np.cumsum(points * power, out=total[1:])
    # the hash of the letters from `start` on, as if the word stood at the end of the longest text
    return pd.factorize((total[end] - total[start]) * power[len(points) - 1 - start])[0]


def _powers(n: int) -> np.ndarray:
    return _first_powers()[:n] if n <= _USUAL else np.cumprod(np.full(n, _BASE, dtype=np.uint64))


@cache
def _first_powers() -> np.ndarray:
    return np.cumprod(np.full(_USUAL, _BASE, dtype=np.uint64))


def _spelled(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> list[str]:
    length = end - start
    offset = np.cumsum(length + 1) - length - 1  # each word is followed by a line break
    at = np.repeat(start - offset, length + 1) + np.arange((length + 1).sum())
    text = points[np.minimum(at, len(points) - 1)] & ~_SINGLE
    text[offset + length] = 10
    return text.tobytes().decode("utf-32-le").split("\n")[:-1]


@cache
def _folded() -> np.ndarray:
    """What each code point is folded to: lower case without accent; 0 where it is neither letter nor digit."""
    folded = np.zeros(_LIMIT, dtype=np.uint32)
    for point in range(_LIMIT):
        sign = chr(point)
        if sign.isalnum() or point in (0x3005, 0x30FC):  # the Japanese marks of repetition and length
            base = unicodedata.normalize("NFKD", sign)[0].lower()[0]
            folded[point] = ord(base if base.isalnum() else sign)
    folded[0x3400:0xA000] += _SINGLE * (folded[0x3400:0xA000] > 0)
    folded[0x20000:] += _SINGLE * (folded[0x20000:] > 0)
    return folded
