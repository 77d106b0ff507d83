"""Many texts -> their words as integers, in any script, without a Python step for each text or word."""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

_LIMIT = 0x30000  # code points above are no letters that we meet
_BREAK = 0  # a code that is no part of a word
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


def split(texts: list[str]) -> Words:
    """Split each text at everything that is neither letter nor digit."""
    points = np.frombuffer("\n".join([text.replace("\n", " ") for text in texts]).encode("utf-32-le"), dtype="<u4")
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
    code, first = _distinct(points, start, end)
    points &= ~_SINGLE
    vocabulary = [points[start[i] : end[i]].tobytes().decode("utf-32-le") for i in first]
    return Words(len(texts), np.searchsorted(text_ends, start), code, vocabulary)


def _distinct(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number each distinct word; the first word of each number. Words are told apart by a random 64-bit linear hash."""
    length = end - start
    total = np.zeros(len(start), dtype=np.uint64)
    factors = np.random.default_rng(0).integers(1, 2**63, size=int(length.max()), dtype=np.uint64) * np.uint64(2) + 1
    rows = np.arange(len(start))
    for offset, factor in enumerate(factors):  # longer and longer words only: fewer at each step
        rows = rows[length[rows] > offset]
        total[rows] += points[start[rows] + offset] * factor
    code, _ = pd.factorize(total)
    return code, np.flatnonzero(~pd.Series(code).duplicated().to_numpy())


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
