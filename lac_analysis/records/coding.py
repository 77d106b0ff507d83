"""Raw codes of the coders -> harmonised and derived codes, by the rules of codebook.yml."""

import difflib
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import config, files
from lac_analysis.errors import InputError

_HARMONISED = ("actor_type", "activity")
_TEXT_CODES = (
    "actor_type", "tier", "actor_family", "actor_name", "activity", "activity_family",
    "platform_family", "technology_kind",
)  # fmt: skip
_RULE_KEYS = ("rule", "why", "when", "unless", "to", "in", "first_of", "text_of")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_RAW_COLUMNS = "the columns of data/raw/engagements.csv"


@dataclass(frozen=True)
class _Condition:
    """`test` of the column's texts must come out as `wanted`."""

    column: str
    test: Callable[[str], object]
    wanted: bool

    def holds(self, text: str) -> bool:
        return bool(self.test(text)) == self.wanted


@dataclass(frozen=True)
class _Rule:
    """Where all conditions hold, the code is `to`, or what `read` makes of the text in `column`;
    None where `read` has nothing to say, and then the next rule is asked.
    """

    name: str
    conditions: tuple[_Condition, ...]
    to: object
    column: str | None
    read: Callable[[str], str | None] | None


@dataclass(frozen=True)
class _Code:
    """`source` is the raw column that the code starts from; `values` those it may take."""

    source: str | None
    values: tuple[str, ...]
    rules: tuple[_Rule, ...]
    otherwise: object

    @property
    def columns(self) -> set[str]:
        """The columns and codes that the rules read."""
        read = {rule.column for rule in self.rules if rule.column}
        return read | {condition.column for rule in self.rules for condition in rule.conditions}


def code(records: pd.DataFrame) -> pd.DataFrame:
    """Apply the coding rules: one row a record, same index and order as `records`.

    Parameters
    ----------
    records : rows with the raw columns of data/raw/engagements.csv as text; blanks are ''.

    Returns
    -------
    DataFrame of level (ordered: national < admin1 < municipal < other_local), actor_type, tier,
    actor_family, actor_name, activity, activity_family, platform_family, is_platform_event (bool),
    technology (bool), technology_kind, planned (bool) and prior_contact (boolean, NA where the
    source is silent). A code that does not apply is missing. A row depends on its own record alone.
    Source of every rule: lac_analysis/records/codebook.yml.

    Raises
    ------
    InputError : a column is missing, or holds a value that the codebook does not list.
    """
    return code_with_changes(records)[0]


def code_with_changes(records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`code(records)` and, for every coder's value that it replaced, a row of record_id, column,
    from, to, rule. Actor types come before activities, in the order of records; the index is the
    records'.
    """
    codebook = _read_codebook(config.CODEBOOK_FILE)
    asked = set().union(*(entry.columns for entry in codebook.values())) - codebook.keys()
    sources = {entry.source for entry in codebook.values() if entry.source}
    for name in sorted(sources | asked):
        if name not in records:
            raise InputError("missing column", column=name, expected=_RAW_COLUMNS)

    # the raw columns, and every code once it is worked out
    raw = records[sorted(sources | asked)].astype("str").fillna("")
    texts = {name: raw[name].to_numpy(dtype=object) for name in raw}
    values, rules = {}, {}
    for name, entry in codebook.items():
        if entry.source:
            _check_values(raw, entry)
            texts[name] = texts[entry.source]  # what a rule that asks for its own code sees
            value = texts[name].copy()
        else:
            value = np.full(len(records), entry.otherwise, dtype=object)
        values[name], rules[name] = _apply_rules(entry.rules, value, texts)
        texts[name] = np.where(pd.isna(values[name]), "", values[name])
    replaced = [
        _replaced(records, name, codebook[name].source, values[name], rules[name])
        for name in _HARMONISED
    ]
    return _typed(values, codebook["level"].values, records.index), pd.concat(replaced)


def _apply_rules(
    rules: tuple[_Rule, ...], value: np.ndarray, texts: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Value of a code in every row, and the name of the rule that gave it ('' where none did)."""
    name = np.full(len(value), "", dtype=object)
    undecided = np.ones(len(value), dtype=bool)
    for rule in rules:
        fits = undecided.copy()
        for condition in rule.conditions:
            fits[fits] = _asked_once(condition.holds, texts[condition.column][fits])
        if rule.read is None:
            value[fits] = rule.to
        else:
            said = _asked_once(rule.read, texts[rule.column][fits])
            fits[fits] = pd.notna(said)
            value[fits] = said[pd.notna(said)]
        name[fits] = rule.name
        undecided &= ~fits
    return value, name


def _asked_once(function: Callable, texts: np.ndarray) -> np.ndarray:
    """`function` of each text, asked once of each different one."""
    answers = {text: function(text) for text in dict.fromkeys(texts)}
    return np.array([answers[text] for text in texts], dtype=object)


def _typed(values: dict[str, np.ndarray], levels: tuple[str, ...], index: pd.Index) -> pd.DataFrame:
    known = {"1": True, "0": False, "": None}
    return pd.DataFrame(
        {
            "level": pd.Categorical(values["level"], levels, ordered=True),
            **{name: pd.array(values[name], dtype="str") for name in _TEXT_CODES},
            "is_platform_event": values["is_platform_event"].astype(bool),
            "technology": values["technology"] == "1",
            "planned": values["planned"].astype(bool),
            "prior_contact": pd.array([known[v] for v in values["prior_contact"]], "boolean"),
        },
        index=index,
    )


def _replaced(
    records: pd.DataFrame, name: str, source: str, values: np.ndarray, rules: np.ndarray
) -> pd.DataFrame:
    """The coder's values of one code that a rule replaced."""
    table = {"record_id": records["record_id"], "column": name, "from": records[source]}
    table = pd.DataFrame(table | {"to": values, "rule": rules})
    return table[table["from"] != table["to"]].astype("str")


def _check_values(records: pd.DataFrame, entry: _Code) -> None:
    unknown = ~records[entry.source].isin(entry.values).to_numpy()
    if not unknown.any():
        return
    row = int(unknown.argmax())
    value = records[entry.source].iloc[row]
    nearest = difflib.get_close_matches(value, entry.values, n=1, cutoff=0)[0]
    raise InputError("unknown code", row=row + 2, column=entry.source, value=value,
                     expected=f"perhaps {nearest!r}")  # fmt: skip


@functools.cache
def _read_codebook(path: Path) -> dict[str, _Code]:
    entries = files.read_yaml(path)
    allowed = {name: tuple(entry["values"]) for name, entry in entries.items() if "values" in entry}
    codebook = {}
    for name, entry in entries.items():
        where = f"{path.name}, {name}"
        rules = tuple(_read_rule(rule, where, allowed) for rule in entry.get("rules", ()))
        for rule in rules:
            if isinstance(rule.to, str):
                _check_listed([rule.to], name, where, allowed)
        codebook[name] = _Code(
            entry.get("from"), allowed.get(name, ()), rules, entry.get("otherwise")
        )
    return codebook


def _read_rule(rule: dict, where: str, allowed: dict[str, tuple]) -> _Rule:
    for word in rule:
        if word not in _RULE_KEYS:
            raise InputError(
                "unknown word in a rule", file=where, value=word, expected=", ".join(_RULE_KEYS)
            )
    conditions = []
    for key, wanted in (("when", True), ("unless", False)):
        for column, test in rule.get(key, {}).items():
            if isinstance(test, list):
                _check_listed(test, column, where, allowed)
                conditions.append(_Condition(column, frozenset(test).__contains__, wanted))
            else:
                conditions.append(_Condition(column, _pattern(test, where).search, wanted))
    to, column, read = rule.get("to"), None, None
    if "first_of" in rule:
        column, read = rule["in"], _first_of(rule["first_of"], where)
    elif "text_of" in rule:
        column, read = rule["text_of"], _tidy
    elif isinstance(to, str) and (placeholder := _PLACEHOLDER.search(to)):
        column, read = placeholder[1], functools.partial(str.replace, to, placeholder[0])
        to = None
    return _Rule(rule.get("rule", ""), tuple(conditions), to, column, read)


def _pattern(pattern: str, where: str) -> re.Pattern:
    """A pattern of the codebook, which ignores case and may go on over lines after a |."""
    try:
        return re.compile(re.sub(r"\|\s+", "|", pattern), re.IGNORECASE)
    except re.error as error:
        raise InputError(
            f"pattern that cannot be read ({error})", file=where, value=pattern
        ) from None


def _first_of(patterns: dict[str, str], where: str) -> Callable[[str], str | None]:
    """What tells which of several patterns, by name, a text holds first; of those that begin at one
    place, the first listed.
    """
    names = {f"n{number}": name for number, name in enumerate(patterns)}
    for pattern in patterns.values():
        _pattern(pattern, where)
    groups = zip(names, patterns.values(), strict=True)
    either = _pattern("|".join(f"(?P<{group}>{pattern})" for group, pattern in groups), where)

    def first(text: str) -> str | None:
        found = either.search(text)
        return found and names[found.lastgroup]

    return first


def _check_listed(values: list[str], name: str, where: str, allowed: dict[str, tuple]) -> None:
    for value in values:
        if name in allowed and value not in allowed[name]:
            raise InputError(f"unknown {name} in a rule", file=where, value=value,
                             expected=", ".join(allowed[name]))  # fmt: skip


def _tidy(text: str) -> str | None:
    """The text up to its first semicolon, without brackets."""
    lead = re.sub(r"\s*\([^)]*\)", "", text.partition(";")[0])
    return " ".join(lead.split()) or None
