"""Whether the log of queries and the records found by them agree: the rules of `consistency`."""

import pandas as pd

from lac_analysis import config
from lac_analysis.records import china, countries, places, schema
from lac_analysis.records.country_rules import Found, Tables
from lac_analysis.records.pairs import rounds

_EQUAL_EFFORT = "[TPN][1-9]"  # templates that are run once a target
_COUNTRY_QUERY = "[TN][1-9]"  # of them, those that name a country
_ASKED = "[A-FJ-PWYZ]|Q[A-D]"  # our rounds whose records were all found by queries


def _numbers(raw: Tables) -> Found:
    """No query is lost: those of a round are numbered from 1."""
    ids = raw["search_log"]["query_id"]
    number = ids.str.extract(r"(\d+)$", expand=False).astype(int)
    after = number > number.groupby(rounds(ids)).rank()
    yield "search_log", "query_id", after, "one after the other, from 001"


def _every_template_once(raw: Tables) -> Found:
    log = raw["search_log"]
    same = log["query"].duplicated() & log["template"].ne("C1")  # of which place_pairs tells
    yield "search_log", "query", same, "words that no other query has"
    twinnings = log[log["template"].str.startswith("Y")]
    again = twinnings.duplicated(["template", "note"]) | twinnings["note"].eq("")
    again |= twinnings.groupby("note")["target"].transform("nunique") > 1
    yield "search_log", "note", again, "a twinning's number, once at Y1 and Y2, of one country"
    told = log["note"].str.findall(r"\b[A-Z]{1,2}-Q\d{3}\b").explode().dropna()
    yield "search_log", "note", ~told.isin(log["query_id"]), "queries that are in the log"
    place = log["note"].str.extract(r"excerpts on the place itself: (\d+)", expand=False)
    many = place.astype(float) > log["n_local"]
    yield "search_log", "note", many, "no more excerpts on the place than n_local"
    log = log[log["template"].str.fullmatch(_EQUAL_EFFORT)]
    again = log.duplicated(["target", "template"])
    yield "search_log", "target", again, "each template once for each of its targets"
    kind = log["template"].str[0]
    for _, asked in log.groupby(kind.where(kind == "P", "countries")):
        runs = asked.groupby("template")["target"].transform("nunique")
        short = asked.loc[runs < asked["target"].nunique(), "template"].drop_duplicates()
        yield "search_log", "template", short, "each template for every one of its targets"


def _protocol_queries(raw: Tables) -> Found:
    records, log = raw["engagements"], raw["search_log"].set_index("query_id")
    template = records["query_id"].map(log["template"]).fillna("")
    kind = dict.fromkeys("TPN", "protocol") | dict.fromkeys("CFWY", "follow_up")
    differ = records["collection"] != template.str[:1].map(kind).fillna("targeted")
    rule = "of an equal-effort template for protocol, of a steered one for follow_up, and no other"
    yield "engagements", "query_id", differ, rule
    queries = (records["query_id"] + "; " + records["also_query_ids"]).str.split("; ").explode()
    of_country = queries.map(log["template"]).str.fullmatch(f"{_COUNTRY_QUERY}|Y[12]|C1|W2")
    target = log["target"].mask(log["template"] == "W2", countries.resolve(log["query"]))
    targets = queries.map(target)[of_country.eq(True)]
    asked = targets.eq(records["lac_iso3"].reindex(targets.index)).groupby(level=0).any()
    yield "engagements", "lac_iso3", ~asked, "the country of a query that found the record"


def _logged_words(raw: Tables) -> Found:
    log = raw["search_log"]
    by_country = log["target"].isin(config.CELAC)
    others = [*schema.allowed("engagements", "china_place"), "platform"]
    unknown = ~by_country & ~log["target"].isin(others) & log["template"].ne("W2")
    rule = "a country's code, a Chinese province or 'platform'; for W2, a place"
    yield "search_log", "target", unknown, rule
    named = countries.resolve(log["query"].where(by_country))
    always = named.notna() | log["template"].str.fullmatch(_COUNTRY_QUERY)
    other = by_country & always & named.ne(log["target"])
    province = china.province(log["query"])["china_admin1"]
    province = province.map(china.province_name, na_action="ignore")
    other |= log["template"].str.startswith("P") & province.ne(log["target"])
    yield "search_log", "query", other, "words that name the target, and no other country"
    place = log.loc[log["template"] == "W2", "query"].str.split(" China coop").str[0]
    asked = {"lac_iso3": countries.resolve(place), "lac_place_text": place}
    place = places.resolve(pd.DataFrame(asked).dropna())
    target = log["target"].reindex(place.index)
    other = place["place_id"].notna() & target.ne(place["place_id"]) & target.ne(place["admin1"])
    yield "search_log", "target", other, "the place that the query names"
    around = log.loc[log["template"] == "W2", "target"]
    alone = around[around.map(around.value_counts()) != 2]
    yield "search_log", "target", alone, "a place of two W2 queries, one before and one after"
    words = log["query"].reindex(around.index).str.extract(r"(.*) (\d{4}) (\d{4})")
    other = words[0].groupby(around).transform("nunique") > 1
    yield "search_log", "query", other, "the words of the other W2 query of its place, but years"
    first, second = words[1].astype(float), words[2].astype(float)
    other = (second != first + 1) | (second > config.LAST_YEAR)
    yield "search_log", "query", other, "a year and the next one, before collection closed"


def _counts(raw: Tables) -> Found:
    log, records = raw["search_log"], raw["engagements"]
    copied = records.duplicated(records.columns.drop(["record_id", "confidence"]).tolist())
    yield "engagements", "record_id", copied, "a record that is not another one's copy"
    # rounds that read a page again (GX after G) log no queries of their own
    own, asked = rounds(records["record_id"]), rounds(records["query_id"])
    other = asked.ne(own) & (asked.ne("") | own.str.fullmatch(_ASKED)) & own.ne(asked + "X")
    yield "engagements", "query_id", other, "a query of the record's round; blank if it has none"
    count = log["query_id"].map(records.loc[own == asked, "query_id"].value_counts()).fillna(0)
    differ = log["records_coded"] != count
    yield "search_log", "records_coded", differ, "the number of records with this query_id"
    queries = (records["query_id"] + "; " + records["also_query_ids"]).str.split("; ")
    found = records.assign(query_id=queries).explode("query_id")
    national = records["lac_level"] == "national"
    many = records[national].groupby([own, "lac_iso3"]).cumcount() >= 5
    yield "engagements", "lac_level", many, "at most 5 national records a country and round"
    local = records[~national]
    for column, kind, told in (("results", "", found), ("n_local", "local ", local)):
        pages = log["query_id"].map(told.groupby("query_id")["source_url"].nunique())
        rule = f"no fewer than the pages of its {kind}records"
        yield "search_log", column, log[column] < pages, rule
    page = [own, records["source_url"].where(records["source_url"] != "")]
    for column in ("source_lang", "source_type", "source_title"):
        several = records.groupby(page)[column].transform("nunique") > 1
        yield "engagements", column, several, "the same in all of a coder's records of this page"


RULES = (_every_template_once, _protocol_queries, _counts, _logged_words, _numbers)
