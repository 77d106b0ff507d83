"""The rules of rules.yml, read once and checked."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from lac_analysis import files
from lac_analysis.coder.lexicon import Lexicon, Mentions
from lac_analysis.errors import InputError

NAMED = (
    "chinese_province",
    "chinese_city",
    "lac_unit",
    "lac_town",
    "lac_unit_or_town",
)  # signals that come from lists of names
CONFIDENCE = ("", "low", "medium", "high")
ABSENT = np.int16(np.iinfo(np.int16).max)
_FILE = Path(__file__).with_name("rules.yml")
_WORDS = {"rule", "to", "first_of", "all", "none", "follows", "when", "only", "why", "confidence"}


@dataclass(frozen=True)
class Rule:
    """One rule. Signals are numbers; `needs` and `follows` hold groups of which one must be in the
    text.
    """

    name: str
    confidence: int
    only: tuple[str, ...]
    needs: tuple[tuple[int, ...], ...]
    none: tuple[int, ...]
    follows: tuple[tuple[int, ...], ...]
    when: dict[str, tuple[str, ...]]
    values: tuple[str, ...]
    signals: tuple[int, ...]  # that decide between several values; empty if there is but one


@dataclass(frozen=True)
class Code:
    """A code: the texts it reads, in turn, and its rules."""

    reads: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Attributes: lexicon (of every signal's phrases), signals (names), codes, platforms,
    platform_lexicon, peoples."""

    lexicon: Lexicon
    signals: tuple[str, ...]
    codes: dict[str, Code]
    platforms: np.ndarray  # name of each phrase of platform_lexicon
    platform_lexicon: Lexicon
    peoples: list[tuple[str, str]]  # ISO 3166-1 alpha-3, phrase
    _owner: np.ndarray  # signals of each phrase, one list after the other
    _offset: np.ndarray

    def positions(self, mentions: Mentions, n: int, start: np.ndarray) -> np.ndarray:
        """First position of each signal in each of `n` texts, (signals, n) int16; ABSENT where it
        is not mentioned.

        start : position of the first word of each text.
        """
        count = np.diff(self._offset)[mentions.phrase]
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        signal = self._owner[np.repeat(self._offset[mentions.phrase], count) + step]
        row = np.repeat(mentions.row, count)
        place = np.minimum(np.repeat(mentions.position, count) - start[row], ABSENT - 1)
        first = np.full((len(self.signals), n), ABSENT, dtype=np.int16)
        np.minimum.at(first, (signal, row), place.astype(np.int16))
        return first


@cache
def rule_book(path: Path = _FILE) -> RuleBook:
    """Read the rules. Raises InputError naming a signal, text or word that does not exist."""
    content = files.read_yaml(path)
    signals = (*content["signals"], *NAMED)
    owners: dict[str, list[int]] = {}
    for number, phrases in enumerate(content["signals"].values()):
        for phrase in phrases:
            owners.setdefault(str(phrase), []).append(number)
    offset = np.concatenate([[0], np.cumsum([len(owner) for owner in owners.values()])])
    spelled = [
        (str(phrase), name) for name, phrases in content["platforms"].items() for phrase in phrases
    ]
    return RuleBook(
        Lexicon(owners),
        signals,
        {
            name: _code(code, signals, f"{path.name}, {name}")
            for name, code in content["codes"].items()
        },
        np.array([name for _, name in spelled], dtype=object),
        Lexicon(phrase for phrase, _ in spelled),
        [(iso3, phrase) for iso3, phrases in content["peoples"].items() for phrase in phrases],
        np.array([number for owner in owners.values() for number in owner]),
        offset,
    )


def _code(content: dict, signals: tuple[str, ...], where: str) -> Code:
    def numbers(names) -> tuple[int, ...]:
        for name in names:
            if name not in signals:
                raise InputError("unknown signal in a rule", file=where, value=name)
        return tuple(signals.index(name) for name in names)

    def read(rule: dict) -> Rule:
        for word in set(rule) - _WORDS:
            raise InputError(
                "unknown word in a rule", file=where, value=word, expected=", ".join(sorted(_WORDS))
            )
        choice = rule.get("first_of", {})
        return Rule(
            name=rule["rule"],
            confidence=CONFIDENCE.index(rule["confidence"]),
            only=tuple(rule.get("only", content["reads"])),
            needs=tuple(map(numbers, map(_group, rule.get("all", ())))),
            none=numbers(rule.get("none", ())),
            follows=tuple(map(numbers, map(_group, rule.get("follows", ())))),
            when={code: tuple(values) for code, values in rule.get("when", {}).items()},
            values=tuple(choice) or (rule["to"],),
            signals=numbers(choice.values()),
        )

    return Code(tuple(content["reads"]), tuple(map(read, content["rules"])))


def _group(group: str | list[str]) -> list[str]:
    return group if isinstance(group, list) else [group]
