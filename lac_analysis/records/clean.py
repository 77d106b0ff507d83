"""Raw coded records -> one clean, typed row a record, and a log of every value that changed."""

import html
import re
from collections.abc import Collection
from unicodedata import normalize

import pandas as pd

from lac_analysis.records import china, coding, countries, dates, places

_CONFIDENCE = pd.CategoricalDtype(["low", "medium", "high"], ordered=True)
_KEPT = [
    "record_id", "collection", "query_id", "lac_country_text", "lac_place_text", "lac_actor_text",
    "china_actor_text", "platform", "description", "source_title", "source_url", "source_type",
    "source_lang",
]  # fmt: skip

_ENTITY = re.compile(r"&(?:#\d+|#[xX][\da-fA-F]+|[A-Za-z]+\d*);")  # of HTML: Xi&#39;an
_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")  # Word's soft one, and others
_BLANKS = re.compile(r"[^\S\r\n]{2,}|[^\S\r\n ]")  # not pandas's, which knows those of ASCII alone
_WIDE = (
    *range(0xFB00, 0xFB07),
    *range(0xFF01, 0xFF5F),
)  # ligatures, and signs of Chinese keyboards
_HIDDEN = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF)
_SIGNS = {
    **{sign: normalize("NFKC", chr(sign)) for sign in _WIDE},
    **{ord("，"): ", ", ord("；"): "; "},
    **dict.fromkeys(_HIDDEN),  # soft hyphens, spaces of no width, marks of direction
    **dict.fromkeys(map(ord, "‐‑"), "-"),
    **dict.fromkeys(map(ord, "ʼʹ′´"), "'"),
}


def plain_signs(texts: pd.DataFrame) -> pd.DataFrame:
    """The texts with plain blanks (one for several), line ends, hyphens, apostrophes, punctuation
    and letters for HTML's codes of them, and without what is not seen.
    """

    def plain(text: str) -> str:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        text = _LINE_ENDS.sub("\n", text if text.isascii() else text.translate(_SIGNS))
        return _BLANKS.sub(" ", text)

    return texts.map(plain)


def clean_records(
    engagements: pd.DataFrame, date_bounds: pd.DataFrame, search_log: pd.DataFrame,
    ours: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Clean and code the records. Source: data/raw/engagements.csv, date_bounds.csv,
    search_log.csv.

    ours : as in `coding.code`.

    Returns three tables:
    records : one row for each raw record, in the same order: the raw identifiers and texts (in
        `plain_signs`), dates as intervals, ISO country, place and Chinese province, harmonised
        codes, the template of the query that found it first, and those of all queries that did.
    log : record_id, column, from, to, rule; one row for each value that cleaning changed.
    unresolved : record_id, column, value, reason; one row for each value that could not be
        resolved.
    """
    raw = engagements.reset_index(drop=True)
    raw = plain_signs(raw.drop(columns="record_id")).assign(record_id=raw["record_id"])
    date = dates.parse(raw, date_bounds)
    coded, recoded = coding.code(raw, ours)
    place = places.resolve(raw)
    # a firm or an overseas association may carry the name of a province that it does not act for
    names_its_place = (coded["tier"] == "local") | (coded["actor_type"] == "university")
    actor = raw["china_actor_text"].where(names_its_place, "")
    province = china.province(actor, raw["china_place"])
    records = pd.DataFrame(
        {
            **raw[_KEPT],
            "country": raw["lac_iso3"],
            **date,
            "year": dates.year(date),
            **place,
            **province,
            **coded,
            "also_query_ids": raw["also_query_ids"],
            "template": _templates(raw["query_id"], search_log),
            "templates": _templates(raw["query_id"] + "; " + raw["also_query_ids"], search_log),
            "confidence": raw["confidence"].astype(_CONFIDENCE),
        }
    )
    assert len(records) == len(engagements)
    ends = (date["date_start"], date["date_end"])
    first, last = (day.dt.strftime("%Y-%m-%d").fillna("") for day in ends)
    bounded = (first + "/" + last).where(date["date_bounded"])
    log = pd.concat(
        [
            _changed(records, "admin1", raw["lac_admin1"], records["place_rule"]),
            _changed(records, "municipality", raw["lac_place_text"], records["place_rule"]),
            _changed(records, "china_admin1", raw["china_place"], records["china_rule"]),
            _changed(records.assign(date=bounded), "date", raw["date_iso"], "date_bounds.csv"),
            recoded,
        ]
    )
    unresolved = pd.concat(_unresolved(records, raw))
    return (
        records,
        log.sort_values(["record_id", "column"], kind="stable", ignore_index=True),
        unresolved.sort_values(["column", "record_id"], kind="stable", ignore_index=True),
    )


def _templates(query_ids: pd.Series, search_log: pd.DataFrame) -> pd.Series:
    """Templates of the queries, joined by '; ', that found a record; sorted, joined by a space, and
    blank for records of targeted reading.
    """
    template = dict(zip(search_log["query_id"], search_log["template"], strict=True))
    found = {
        ids: " ".join(sorted({template[name] for name in ids.split("; ") if name in template}))
        for ids in query_ids.unique()
    }
    return query_ids.map(found).astype("str")


def _changed(
    records: pd.DataFrame, column: str, raw: pd.Series, rule: pd.Series | str
) -> pd.DataFrame:
    """The records whose raw value is not the one that cleaning gave, and by which rule."""
    table = {"record_id": records["record_id"], "column": column, "from": raw}
    table = pd.DataFrame(table | {"to": records[column], "rule": rule})
    return table[table["to"].notna() & (table["from"] != table["to"])]


def _unresolved(records: pd.DataFrame, raw: pd.DataFrame) -> list[pd.DataFrame]:
    """What contradicts its code, and what no rule could tell, column by column."""
    found = countries.conflicts(raw["lac_country_text"], raw["lac_iso3"])
    other = "text names " + found["resolved"] + ", coded " + found["coded"] + "; the code is kept"
    local = records["level"] != "national"
    no_date = records["date_precision"] == "unknown"
    no_unit = local & records["admin1"].isna()
    no_town = (records["level"] == "municipal") & records["municipality"].isna()
    no_province = (records["tier"] == "local") & records["china_admin1"].isna()
    unknown = [
        (found.index, "country", "lac_country_text", other),
        (no_date, "date", "date_text", "no year given, no bound known"),
        (no_unit, "admin1", "lac_place_text", "no first-level unit found"),
        (no_town, "municipality", "lac_place_text", "no municipality found"),
        (no_province, "china_admin1", "china_actor_text", "no Chinese province found"),
    ]
    # a frame without rows would take those of a column that it is given: first whole, then cut
    table = raw[["record_id"]]
    return [
        table.assign(column=column, value=raw[text], reason=reason).loc[where]
        for where, column, text, reason in unknown
    ]
