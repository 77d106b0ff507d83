"""Whether the raw tables agree with one another: what data/raw/datapackage.json cannot say.

A rule is a function of the raw tables that gives which rows break it, or the values that do. Of
the cells of one row `rules_of_rows.csv` says: where the whole of `given` matches the pattern
`this`, that of `column` matches `right` (of several columns: their texts, parted by spaces); and
`no_more_than.csv` how many `times` another one `column` may be. Foreign keys are in the
description. `known_contradictions.csv` lists what may break a rule, and why: by column, and the
row's first cell or the value itself.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import (
    coder_rules,
    country_rules,
    date_rules,
    log_rules,
    place_rules,
    schema,
)
from lac_analysis.records.country_rules import Found, Tables
from lac_analysis.records.pairs import rounds

_KNOWN_FILE = Path(__file__).with_name("known_contradictions.csv")
KNOWN = set(pd.read_csv(_KNOWN_FILE, dtype=str)[["column", "key"]].itertuples(index=False))
OF_ROWS = pd.read_csv(_KNOWN_FILE.with_name("rules_of_rows.csv"), dtype=str, keep_default_na=False)
_NO_MORE = pd.read_csv(_KNOWN_FILE.with_name("no_more_than.csv"))


def refuse(raw: Tables) -> None:
    """Raise the first contradiction of the raw tables (as `schema.read_raw` returns them) as an
    InputError that names table, row, column, value and rule, and counts the others.
    """
    found = [
        (table, column, row, value, rule)
        for table, column, row, value, rule in contradictions(raw)
        if KNOWN.isdisjoint([(column, value), (column, raw[table].iloc[row, 0])])
    ]
    if not found:
        return
    table, column, row, value, rule = found[0]
    more = f" (and {len(found) - 1} more contradictions)" if len(found) > 1 else ""
    known = f"; what is true all the same goes into lac_analysis/records/{_KNOWN_FILE.name}"
    raise InputError("the raw tables contradict themselves", file=f"{table}.csv", row=row + 2,
                     column=column, value=value, expected=rule + more + known)  # fmt: skip


def contradictions(raw: Tables) -> Iterator[tuple[str, str, int, object, str]]:
    """Table, column, row (from 0), value and rule of each, known ones included."""
    for check in _RULES:
        for table, column, wrong, rule in check(raw):
            if wrong.dtype == bool:
                wrong = raw[table].loc[wrong.index[wrong], column]
            yield from ((table, column, row, value, rule) for row, value in wrong.items())


def breaks(cells: pd.DataFrame, rule: tuple) -> pd.Series:
    """Whether the rows that a rule of `OF_ROWS` is of break it; on their index."""
    of_rule = _text(cells, rule.given).str.fullmatch(rule.this)
    return ~_text(cells, rule.column)[of_rule].str.fullmatch(rule.right)


def _text(cells: pd.DataFrame, names: str) -> pd.Series:
    name, *others = names.split(maxsplit=1)
    text = cells[name]
    if pd.api.types.is_numeric_dtype(text):
        text = text.map("{:.15g}".format).replace("nan", "")
    return text + " " + _text(cells, others[0]) if others else text


def _rows(raw: Tables) -> Found:
    for rule in OF_ROWS.itertuples(index=False):
        yield rule.table, rule.column.split()[0], breaks(raw[rule.table], rule), rule.expected
    for table, column, times, other in _NO_MORE.itertuples(index=False):
        many = raw[table][column] > times * raw[table][other]
        yield table, column, many, f"no more than {other} (times {times:g})"
    log, cells = raw["search_log"], raw["country_year"]
    counts = log[["n_local", "n_national", "n_other"]]
    other = counts.notna().all(axis=1) & log["results"].ne(counts.sum(axis=1))
    yield "search_log", "results", other, "the sum of n_local, n_national and n_other"
    other = (cells["rai"] - cells["rai_self_rule"] - cells["rai_shared_rule"]).abs() > 0.02
    yield "country_year", "rai", other, "the sum of self-rule and shared rule, of two decimals each"


def _links(raw: Tables) -> Found:
    for table, description in schema.tables().items():
        for link in description["schema"].get("foreignKeys", ()):
            column, target = link["fields"], link["reference"]
            known = {"", *raw[target["resource"]][target["fields"]]}
            unknown = ~raw[table][column].map(known.__contains__)  # isin is five times slower
            yield table, column, unknown, f"a {target['fields']} of {target['resource']}.csv"
    records, known = raw["engagements"], {*raw["search_log"]["query_id"]}
    also = records["also_query_ids"]
    queries = (records["query_id"] + "; " + also)[also != ""].str.split("; ")
    rule = "query_ids of search_log.csv, each once, joined by '; ', of the round of query_id"
    wrong = queries.map(lambda ids: not known.issuperset(ids) or len({*ids}) < len(ids))
    several = rounds(queries.explode()).groupby(level=0).nunique()
    yield "engagements", "also_query_ids", wrong.astype(bool) | (several > 1), rule


def _every_country(raw: Tables) -> Found:
    described = schema.fields("country_year")["year"]["constraints"]
    years = range(described["minimum"], described["maximum"] + 1)
    rows = raw["country_year"]["year"].value_counts().reindex(years, fill_value=0)
    few = pd.Series(rows.index[rows < len(config.CELAC)][:1])
    rule = f"a row for every country in every year, {years[0]} to {years[-1]}"
    yield "country_year", "year", few, rule
    for table in ("countries", "recognition", "local_powers"):
        missing = sorted(set(config.CELAC) - set(raw[table]["iso3"]))
        yield table, "iso3", pd.Series(missing[:1]), "a row for every country, this one included"


_RULES = (_links, _every_country, *log_rules.RULES, place_rules.names, *country_rules.RULES, _rows,
          *date_rules.RULES, coder_rules.double_coded, place_rules.place_pairs,
          place_rules.first_contacts,
          coder_rules.acts, country_rules.steps)  # fmt: skip
