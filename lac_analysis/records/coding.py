"""Raw codes of the coders -> harmonised and derived codes, by the rules of codebook.yml."""

import difflib
import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import config, files
from lac_analysis.errors import InputError
from lac_analysis.records.columns import Column, Draft, Table, alike
from lac_analysis.records.patterns import FirstNamed, Pattern

_HARMONISED = ("actor_type", "activity")
_TEXT_CODES = (
    "actor_type", "tier", "actor_family", "actor_name", "activity", "activity_family", "platform_family",
    "technology_kind",
)  # fmt: skip
_RULE_KEYS = ("rule", "why", "when", "unless", "to", "in", "first_of", "text_of")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def code(records: pd.DataFrame) -> pd.DataFrame:
    """Apply the coding rules: one row a record, same index and order as `records`.

    Parameters
    ----------
    records : rows with the raw columns of data/raw/engagements.csv; blanks are ''.

    Returns
    -------
    DataFrame of level (ordered: national < admin1 < municipal < other_local), actor_type, tier,
    actor_family,
    actor_name, activity, activity_family, platform_family, is_platform_event (bool), technology
    (bool),
    technology_kind, planned (bool) and prior_contact (boolean, NA where the source is silent). A
    code that does not
    apply is missing. A row depends on its own record alone. Source of every rule:
    lac_analysis/records/codebook.yml.

    Raises
    ------
    InputError : a column is missing, or holds a value that the codebook does not list.
    """
    return code_with_changes(records)[0]


def code_with_changes(records: pd.DataFrame | Table) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`code(records)` and, for every coder's value that it replaced, a row of record_id, column,
    from, to, rule.

    Actor types come before activities, in the order of records; the index is the records'.
    """
    codebook, records = _read_codebook(config.CODEBOOK_FILE), Table.of(records)
    values, rules = _apply_codebook(codebook, records)
    coded = _as_table(codebook, values, records.index)
    tables = []
    for name in _HARMONISED:
        before, after, rule = records[codebook[name].source], values[name], rules[name]
        rows = np.flatnonzero(before.differs(after))
        replaced = {"column": name, "from": before, "to": after, "rule": rule}
        tables.append(
            pd.DataFrame(
                {"record_id": records.text("record_id").iloc[rows]}
                | {
                    key: column
                    if isinstance(column, str)
                    else column.take(rows).series(records.index[rows])
                    for key, column in replaced.items()
                }
            )
        )
    return coded, pd.concat(tables)


def _as_table(codebook: dict, values: dict[str, Column], index: pd.Index) -> pd.DataFrame:
    text = {name: values[name].series(index) for name in _TEXT_CODES}
    level, levels = values["level"], codebook["level"].values
    prior_contact = values["prior_contact"]
    return pd.DataFrame(
        {
            "level": pd.Categorical.from_codes(
                pd.Index(levels).get_indexer(level.texts)[level.codes], levels, ordered=True
            ),
            **text,
            "is_platform_event": values["is_platform_event"].equals(True),
            "technology": values["technology"].equals("1"),
            "planned": values["planned"].equals(True),
            "prior_contact": pd.arrays.BooleanArray(
                prior_contact.equals("1"), prior_contact.equals("")
            ),
        },
        index=index,
    )


@dataclass(frozen=True)
class _Condition:
    column: str
    test: frozenset[str] | Pattern

    def holds(self, column: Column, rows: np.ndarray) -> np.ndarray:
        if isinstance(self.test, Pattern):
            return self.test.found_in(column, rows)
        return column.map(self.test.__contains__, rows, bool)


@dataclass(frozen=True)
class _Rule:
    name: str
    when: tuple[_Condition, ...]
    unless: tuple[_Condition, ...]
    to: object  # the value given, where `column` is None
    column: str | None
    read: Callable | None  # rows of `column` -> values, or None where the rule has nothing to say


@dataclass(frozen=True)
class _Code:
    source: str | None  # raw column that the code starts from
    values: tuple[str, ...]
    rules: tuple[_Rule, ...]
    otherwise: object


def _apply_codebook(
    codebook: dict[str, _Code], records: Table
) -> tuple[dict[str, Column], dict[str, Column]]:
    """Values of every code, and the names of the rules that gave them ('' where none did)."""
    asked, columns = _columns_asked(codebook), {}
    for name in sorted(
        asked - set(codebook) | {entry.source for entry in codebook.values()} - {None}
    ):
        if name not in records:
            raise InputError(
                "missing column", column=name, expected="the columns of data/raw/engagements.csv"
            )
        columns[name] = records[name]
    values, rules = {}, {}
    for name, entry in codebook.items():
        if entry.source is not None:
            _check_values(columns[entry.source], entry)
            columns[name] = columns[entry.source]
        values[name], rules[name] = _apply_rules_once(entry, columns, len(records))
        if name in asked:
            columns[name] = values[name].without_missing()
    return values, rules


def _apply_rules_once(entry: _Code, columns: dict[str, Column], n: int) -> tuple[Column, Column]:
    """`_apply_rules`, asked once of rows that are alike in all that the rules read, if they are
    sure to be many.
    """
    read = {name: columns[name] for name in sorted(_columns_read(entry) | {entry.source} - {None})}
    if math.prod(len(column.texts) for column in read.values()) >= n:
        return _apply_rules(entry, columns, n)
    number, row = (
        alike(*read.values())
        if read
        else (np.zeros(n, dtype=np.int64), np.zeros(1, dtype=np.int64))
    )
    of_group = _apply_rules(
        entry, {name: column.take(row) for name, column in read.items()}, len(row)
    )
    return tuple(column.take(number) for column in of_group)


def _apply_rules(entry: _Code, columns: dict[str, Column], n: int) -> tuple[Column, Column]:
    value, name = Draft(n, entry.otherwise), Draft(n, "")
    if entry.source is not None:
        value.put_each(np.arange(n), columns[entry.source].codes, columns[entry.source].texts)
    rows = np.arange(n)  # that no rule has decided
    for rule in entry.rules:
        fits = np.ones(len(rows), dtype=bool)
        for conditions, wanted in ((rule.when, True), (rule.unless, False)):
            for condition in conditions:
                at = np.flatnonzero(fits)
                fits[at] = condition.holds(columns[condition.column], rows[at]) == wanted
        given = rows[fits]
        if rule.column is None:
            value.put(given, rule.to)
        else:
            codes, said = pd.factorize(rule.read(columns[rule.column], given))
            fits[fits] = codes >= 0
            given = given[codes >= 0]
            value.put_each(given, codes[codes >= 0], said)
        name.put(given, rule.name)
        rows = rows[~fits]
    return value.column(), name.column()


def _check_values(column: Column, entry: _Code) -> None:
    for i, text in enumerate(column.texts):
        if text not in entry.values and (column.codes == i).any():
            nearest = difflib.get_close_matches(text, entry.values, n=1, cutoff=0)[0]
            row = int(np.argmax(column.codes == i)) + 2
            raise InputError(
                "unknown code",
                row=row,
                column=entry.source,
                value=text,
                expected=f"perhaps {nearest!r}",
            )


def _columns_asked(codebook: dict[str, _Code]) -> set[str]:
    """The raw columns and codes that a rule reads."""
    return set().union(*map(_columns_read, codebook.values()))


def _columns_read(entry: _Code) -> set[str]:
    asked = set()
    for rule in entry.rules:
        asked |= {rule.column, *(condition.column for condition in (*rule.when, *rule.unless))}
    return asked - {None}


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
    to, column, read = rule.get("to"), None, None
    if "first_of" in rule:
        column, read = rule.get("in"), FirstNamed(rule["first_of"], where).of
    elif "text_of" in rule:
        column, read = rule["text_of"], _each(_tidy)
    elif isinstance(to, str) and (placeholder := _PLACEHOLDER.search(to)):
        to, column, read = (
            None,
            placeholder[1],
            _each(functools.partial(str.replace, to, placeholder[0])),
        )
    conditions = {"when": [], "unless": []}
    for key, found in conditions.items():
        for name, test in rule.get(key, {}).items():
            if isinstance(test, list):
                _check_listed(test, name, where, allowed)
            found.append(
                _Condition(
                    name, frozenset(test) if isinstance(test, list) else Pattern(test, where)
                )
            )
    return _Rule(
        rule.get("rule", ""),
        tuple(conditions["when"]),
        tuple(conditions["unless"]),
        to,
        column,
        read,
    )


def _check_listed(values: list[str], name: str, where: str, allowed: dict[str, tuple]) -> None:
    for value in values:
        if name in allowed and value not in allowed[name]:
            raise InputError(
                f"unknown {name} in a rule",
                file=where,
                value=value,
                expected=", ".join(allowed[name]),
            )


def _each(function: Callable) -> Callable:
    return lambda column, rows: column.map(function, rows)


def _tidy(text: str) -> str | None:
    lead = re.sub(r"\s*\([^)]*\)", "", text.partition(";")[0])
    return " ".join(lead.split()) or None
