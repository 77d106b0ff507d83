"""Many texts -> their words as integers, in any script, without a Python step for each text or
word.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

_LIMIT = 0x30000  # code points above are no letters that we meet
_BREAK = 0  # a code that is no part of a word
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_BLOCK = 1 << 18  # letters
_SINGLE = np.uint32(1 << 31)  # marks a sign that is a word by itself


@dataclass(frozen=True, eq=False)
class Words:
    """The words of `n` texts, one after the other.

    Attributes: n; row (number of the text of each word, ascending); code (number of each word in
    `vocabulary`);
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
    if not texts:
        return Words(0, np.empty(0, np.int64), np.empty(0, np.int64), [])
    points = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le"), dtype="<u4")
    text_end = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1)
    # what is made of a block of letters stays in the processor's cache; no text is cut
    cut = text_end[np.searchsorted(text_end, np.arange(_BLOCK, len(points), _BLOCK))]
    letters = np.empty_like(points)
    blocks = [
        _block(points, letters, *bounds)
        for bounds in pairwise(np.unique([0, *cut, len(points)]).tolist())
    ]
    start, like = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    code, known = pd.factorize(like)
    at = np.empty(len(known), dtype=np.int64)
    at[code] = np.arange(len(code))  # one of the places where each stands
    row = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(start, text_end), prepend=0))
    return Words(
        len(texts), row, code, _spelled(letters, start[at], np.append(start, len(letters))[at + 1])
    )


def _block(
    points: np.ndarray, letters: np.ndarray, first: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Fold the letters from first to last, of whole texts. Returns where each word begins, and a
    number that words
    share if they are alike: a 64-bit polynomial hash of their letters. All its arithmetic is modulo
    2**64."""
    block = letters[first:last]
    _folded().take(points[first:last], mode="clip", out=block)
    inside, alone = block != _BREAK, block >= _SINGLE
    starts = inside.copy()
    starts[1:] &= ~inside[:-1] | alone[1:] | alone[:-1]
    start = np.flatnonzero(starts)
    power, inverse = _powers(max(len(block), 2 * _BLOCK))
    # up to the next word there are zeros; a word has the same number wherever it stands in a block
    return start + first, np.add.reduceat(block * power[: len(block)], start) * inverse[start]


@lru_cache(maxsize=1)
def _powers(n: int) -> tuple[np.ndarray, np.ndarray]:
    """The powers of the base from 1 to n, and those of its inverse."""
    return tuple(
        np.cumprod(np.full(n, base, dtype=np.uint64)) for base in (_BASE, pow(_BASE, -1, 1 << 64))
    )


def _spelled(letters: np.ndarray, start: np.ndarray, stop: np.ndarray) -> list[str]:
    """The words that begin at start; another may begin at stop."""
    length = stop - start
    offset = np.cumsum(length + 1) - length - 1  # each word is followed by a line break
    at = np.repeat(start - offset, length + 1) + np.arange((length + 1).sum())
    text = letters[np.minimum(at, len(letters) - 1)] & ~_SINGLE
    text[offset + length] = 10
    return text[text != _BREAK].tobytes().decode("utf-32-le").split("\n")[:-1]


@cache
def _folded() -> np.ndarray:
    """What each code point is folded to: lower case without accent; 0 where it is neither letter
    nor digit.
    """
    folded = np.zeros(_LIMIT, dtype=np.uint32)
    for point in range(_LIMIT):
        sign = chr(point)
        if sign.isalnum() or point in (
            0x3005,
            0x30FC,
        ):  # the Japanese marks of repetition and length
            base = unicodedata.normalize("NFKD", sign)[0].lower()[0]
            folded[point] = ord(base if base.isalnum() else sign)
    folded[0x3400:0xA000] += _SINGLE * (folded[0x3400:0xA000] > 0)
    folded[0x20000:] += _SINGLE * (folded[0x20000:] > 0)
    return folded
