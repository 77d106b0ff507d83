"""Regular expressions asked of many texts. The words that a pattern needs tell which texts need not
be asked: arrow
looks for them in all texts at once, and Python's `re` decides on the texts that hold one."""

import re

import numpy as np

from lac_analysis.errors import InputError
from lac_analysis.records.columns import Column

_WORD = re.compile("[a-z0-9áâãàéêíóôõúçñ\u3400-\u9fff]{2,}")
_MOST_WAYS = 200  # to spell out the groups of a pattern
_FEW = 200  # texts that are sooner asked than looked through
_NOWHERE = np.iinfo(np.int64).max


class Pattern:
    """A regular expression that ignores case. InputError, naming `where` it stands, if it cannot be
    read.
    """

    def __init__(self, pattern: str, where: str):
        # for `re`, but not for arrow, these are cases of one letter
        self._needs = "|".join(words_needed(pattern)).replace("i", "[iİı]")
        try:
            # a line broken after | is folded to a space
            self._search = re.compile(re.sub(r"\|\s+", "|", pattern), re.IGNORECASE).search
        except re.error as error:
            raise InputError(
                f"pattern that cannot be read ({error})", file=where, value=pattern
            ) from None

    def found_in(self, column: Column, rows: np.ndarray) -> np.ndarray:
        """Whether the text of each of these row numbers holds the pattern, bool."""
        asked, codes = column.asked(rows)
        return (self.starts(asked) < _NOWHERE)[codes]

    def starts(self, column: Column) -> np.ndarray:
        """Where the pattern stands first in each text of the column, a number above any length
        where it does not.
        """
        starts = np.full(len(column.texts), _NOWHERE)
        may = np.arange(len(starts))
        if self._needs and len(may) > _FEW:
            may = np.flatnonzero(column.mention(self._needs))
        found = map(self._search, column.texts[may].tolist())
        starts[may] = [_NOWHERE if match is None else match.start() for match in found]
        return starts


class FirstNamed:
    """Which of several patterns, by name, a text holds first; of those that begin at one place, the
    first listed.
    """

    def __init__(self, patterns: dict[str, str], where: str):
        self._names = np.array([*patterns, None], dtype=object)
        self._patterns = [Pattern(pattern, where) for pattern in patterns.values()]

    def of(self, column: Column, rows: np.ndarray) -> np.ndarray:
        """The name for the text of each of these row numbers, None where it holds none of the
        patterns; objects.
        """
        asked, codes = column.asked(rows)
        starts = np.array([pattern.starts(asked) for pattern in self._patterns])
        first = np.where(starts.min(axis=0) == _NOWHERE, -1, starts.argmin(axis=0))
        return self._names[first[codes]]


def words_needed(pattern: str) -> list[str]:
    """Words in lower case, without one of which the pattern matches nothing; empty where none is
    certain.
    """
    rest = re.sub(r"\\.", "\0", pattern)  # without escapes, classes and what is optional
    rest = re.sub(r"\[\^?\]?[^]]*\]", "\0", rest)
    ways = [re.sub(r"[^()][?*{]", "\0", rest)]
    while any("(" in way for way in ways):  # each alternative of a group is spelled out
        if len(ways) > _MOST_WAYS:
            return []
        ways = [spelled for way in ways for spelled in _spell_out(way)]
    words = [_WORD.findall(part.lower()) for way in ways for part in way.split("|")]
    return sorted({max(found, key=len) for found in words}) if all(words) else []


def _spell_out(pattern: str) -> list[str]:
    """The pattern with each alternative of an innermost group; without the group if it is optional
    or a condition.
    """
    group = re.search(r"\(([^()]*)\)([?*{]?)", pattern)
    if not group:  # of no group, or not to be read
        return [pattern.replace("(", "\0")]
    parts = ["\0"] if group[2] or group[1].startswith("?") else group[1].split("|")
    return [pattern[: group.start()] + part + pattern[group.end() :] for part in parts]
