"""Raw codes of the coders -> harmonised and derived codes, by the rules of codebook.yml."""

import re
from collections.abc import Collection
from functools import cache, partial
from pathlib import Path

import pandas as pd

from lac_analysis import config, files
from lac_analysis.errors import InputError
from lac_analysis.records import distinct, schema

_HARMONISED = ("actor_type", "activity")
_FLAGS = ["is_platform_event", "technology", "planned", "prior_contact"]
_RULE_KEYS = ("rule", "why", "when", "unless", "to", "in", "first_of", "text_of")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def code(records: pd.DataFrame, ours: Collection[str] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply the coding rules: one row a record, same index and order as `records`.

    records : rows with the raw columns of data/raw/engagements.csv as text, checked by
        `records.schema`; blanks are ''.
    ours : record_id of the project's own records: rules that name records are for these alone.

    Returns two tables:
    codes : level (ordered: national < admin1 < municipal < other_local), actor_type, tier,
        actor_family, actor_name, activity, activity_family, platform_family, is_platform_event
        (bool), technology (bool), technology_kind, planned (bool) and prior_contact (boolean, NA
        where the source is silent). A code that does not apply is missing. A row depends on its own
        record alone. Source of every rule: lac_analysis/records/codebook.yml.
    changes : record_id, column, from, to, rule; a row for every coder's value that was replaced,
        actor types before activities, in the order of records and on their index.
    """
    codebook = read_codebook(config.CODEBOOK_FILE)
    # the raw columns, and every code once it is worked out
    texts = records[list(schema.fields("engagements"))].reset_index(drop=True)
    texts = texts.map(lambda text: " ".join(text.split()))  # a line may end within a name
    texts["record_id"] = texts["record_id"].where(texts["record_id"].isin(ours), "")
    coded, changes = {}, []
    for name, entry in codebook.items():
        source = entry.get("from")
        if source:
            texts[name] = texts[source]  # what a rule that asks for its own code sees
        value, rule = _apply_rules(entry, texts)
        coded[name] = _typed(name, value, entry).set_axis(records.index)
        texts[name] = value.fillna("").astype("str")
        if name in _HARMONISED:
            table = {"record_id": records["record_id"], "column": name, "from": records[source]}
            table = pd.DataFrame(table | {"to": coded[name], "rule": rule.to_numpy()})
            changes.append(table[table["from"] != table["to"]].astype("str"))
    table = pd.DataFrame(coded)
    return table[[*table.columns.difference(_FLAGS, sort=False), *_FLAGS]], pd.concat(changes)


def _apply_rules(entry: dict, texts: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Value of a code in every row, and the name of the rule that gave it ('' where none did)."""
    start = texts[entry["from"]] if "from" in entry else entry.get("otherwise")
    value = pd.Series(start, index=texts.index, dtype=object)
    given_by = pd.Series("", index=texts.index)
    undecided = texts.index
    for rule in entry.get("rules", ()):
        rows = undecided
        for key, wanted in (("when", True), ("unless", False)):
            for column, test in rule.get(key, {}).items():
                rows = rows[_holds(texts.loc[rows, column], test) == wanted]
        placeholder = _PLACEHOLDER.search(str(rule.get("to")))
        column = rule.get("in") or rule.get("text_of") or (placeholder and placeholder[1])
        if column:  # the column whose text becomes the value
            said = distinct.apply(partial(_read, rule), texts.loc[rows, column])
            said = said.dropna()  # where it has nothing to say, the next rule is asked
        else:
            said = pd.Series(rule.get("to"), index=rows, dtype=object)
        value[said.index] = said
        given_by[said.index] = rule.get("rule", "")
        undecided = undecided.difference(said.index)
    return value, given_by


def _holds(column: pd.Series, test: list | str) -> pd.Series:
    """Where a column is one of the values, or holds the pattern."""
    if isinstance(test, list):
        return column.isin(test)
    return distinct.apply(lambda text: bool(pattern(test).search(text)), column).astype(bool)


def _read(rule: dict, text: str) -> str | None:
    """What a rule makes of the text that it reads."""
    if "first_of" in rule:
        # of patterns that begin at one place, the first listed
        found = {name: pattern(told).search(text) for name, told in rule["first_of"].items()}
        starts = {name: match.start() for name, match in found.items() if match}
        return min(starts, key=starts.get, default=None)
    if "text_of" in rule:
        # bounded: a row of opening brackets would take the square of its length
        lead = re.sub(r"\s*\([^)]{0,500}\)", "", text.partition(";")[0])
        return " ".join(lead.split()) or None
    return _PLACEHOLDER.sub(lambda _: text, rule["to"])


@cache
def pattern(text: str) -> re.Pattern:
    """A pattern of a rule, which ignores case and may go on over lines after a |."""
    return re.compile(re.sub(r"\|\s+", "|", text), re.IGNORECASE)


def _typed(name: str, value: pd.Series, entry: dict) -> pd.Series:
    if name == "level":
        return value.astype(pd.CategoricalDtype(list(entry["values"]), ordered=True))
    if name == "prior_contact":
        return value.map({"1": True, "0": False}).astype("boolean")
    if name in _FLAGS:
        return value.isin([True, "1"])
    return value.astype("str")


@cache
def read_codebook(path: Path) -> dict[str, dict]:
    """The codebook; a code mistyped in a rule, which would silently never match, is refused."""
    codebook = files.read_yaml(path)
    for name, entry in codebook.items():
        for rule in entry.get("rules", ()):
            tests = [*rule.get("when", {}).items(), *rule.get("unless", {}).items()]
            given = [(name, [rule["to"]])] if rule.get("to") is not None else []
            for column, values in [*tests, *given, ("rule", list(rule))]:
                known = _RULE_KEYS if column == "rule" else codebook.get(column, {}).get("values")
                for value in values if known and isinstance(values, list) else ():
                    if value not in known:
                        where = {"file": f"{path.name}, {name}", "value": value}
                        problem, expected = f"unknown {column} in a rule", ", ".join(known)
                        raise InputError(problem, **where, expected=expected)
    return codebook
