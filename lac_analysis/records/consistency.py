"""Whether the raw tables agree with one another: what data/raw/datapackage.json cannot say.

A rule is a function of the raw tables that gives the rows that break it; those on the cells of one
row are in a table. Foreign keys are those of the description. `known_contradictions.csv`
lists what may break a rule, and why.
"""

import re
from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import china, countries, country_rules, dates, places, schema
from lac_analysis.records.country_rules import Found, Tables
from lac_analysis.records.pairs import source

_EQUAL_EFFORT = "[TPN][1-9]"  # templates that are run once a target
_COUNTRY_QUERY = "[TN][1-9]"  # of them, those that name a country
_DATE = r"(\d{4})(?:[-/.年](1[0-2]|0?[1-9])?(?:[-/.月](\d\d?)?日?)?)?"  # 2019; 2019年5月3日
_DAY = r"(?:[^\d ]+ )?(\d\d?)[a-zº]*,?(?: de)?(?: [^\d ]+)?(?: del?)? \d{4}"  # 5 de mayo de 2019
_NUMERIC = r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})"  # 22/10/2020; the day may come second
_NOTE = r"\(.*?\)|（.*?）|\[.*?\]"  # our own words in a text of the source
_CODED_TWICE = ("date_iso", "lac_level", "china_actor_type", "activity_type", "technology")
_KNOWN = pd.read_csv(Path(__file__).with_name("known_contradictions.csv"), dtype=str)
_OF_ROWS = (  # table, column, what is right, which rows are wrong
    ("engagements", "technology", "1 for a technology_project",
     lambda t: t["activity_type"].eq("technology_project") & t["technology"].ne("1")),
    ("engagements", "date_iso", "a date_text where there is a date",
     lambda t: t["date_iso"].ne("") & t["date_text"].eq("")),
    ("engagements", "date_iso", "the date that date_text is, or its month or year",
     lambda t: ~pd.Series(map(_is_date, t["date_text"], t["date_iso"]))),
    ("engagements", "china_actor_text", "an actor of the People's Republic, not of Taiwan",
     lambda t: china.is_taiwan(t["china_actor_text"])),
    ("date_bounds", "not_before", "a date here, or in not_after",
     lambda t: t["not_before"].eq("") & t["not_after"].eq("")),
    ("search_log", "results", "the sum of n_local, n_national and n_other",
     lambda t: t["template"].str.fullmatch("N[1-5]")
     & t["results"].ne(t[["n_local", "n_national", "n_other"]].sum(axis=1))),
    ("search_log", "n_local", "no more than the results", lambda t: t["n_local"] > t["results"]),
    ("search_log", "records_coded", "0 where results is 0",
     lambda t: t["results"].eq(0) & t["records_coded"].gt(0)),
    ("double_coded", "found_by", "second, and only then, where record_id is blank",
     lambda t: t["found_by"].eq("second") != t["record_id"].eq("")),
    ("double_coded", "found_by", "first, and only then, where second_id is blank",
     lambda t: t["found_by"].eq("first") != t["second_id"].eq("")),
    ("place_pairs", "role", "twinned, and only then, where place_id is given",
     lambda t: t["role"].eq("twinned") != t["place_id"].ne("")),
    *country_rules.OF_ROWS,
)  # fmt: skip


def refuse(raw: Tables) -> None:
    """Raise the first contradiction of the raw tables (as `schema.read_raw` returns them) as an
    InputError that names table, row, column, value and rule, and counts the others.
    """
    found = [
        (table, column, row, value, rule)
        for check in _RULES
        for table, column, values, rule in check(raw)
        for row, value in values.items()
    ]
    if not found:
        return
    table, column, row, value, rule = found[0]
    more = f" (and {len(found) - 1} more contradictions)" if len(found) > 1 else ""
    raise InputError("the raw tables contradict themselves", file=f"{table}.csv", row=row + 2,
                     column=column, value=value, expected=rule + more)  # fmt: skip


def _numbers(raw: Tables) -> Found:
    """No query is lost: those of a round are numbered from 1."""
    ids = raw["search_log"]["query_id"]
    number = ids.str.extract(r"(\d+)$", expand=False).astype(int)
    after = number - number.groupby(_round(ids)).rank()
    yield "search_log", "query_id", ids[after > 0], "one after the other, from 001"


def _rows(raw: Tables) -> Found:
    for table, column, right, is_wrong in _OF_ROWS:
        yield table, column, raw[table].loc[is_wrong(raw[table]), column], right


def _is_date(text: str, iso: str) -> bool:
    """Whether `iso` is the date that a text tells as one, or its month or year; True of others."""
    text = re.sub(r'[(（][^"]*[)）]', "", text).strip()  # our own words, but not 'left "yesterday"'
    if told := re.fullmatch(_NUMERIC, text):
        first, second, year = told.groups()
        return any(
            f"{year}-{m:0>2}-{d:0>2}".startswith(iso) for m, d in ((first, second), (second, first))
        )
    if told := re.fullmatch(_DATE, text):
        return "-".join(part.zfill(2) for part in told.groups() if part).startswith(iso)
    told = re.fullmatch(_DAY, text)
    return not told or iso[8:] in ("", told[1].zfill(2))


def _links(raw: Tables) -> Found:
    for table, description in schema.tables().items():
        for link in description["schema"].get("foreignKeys", ()):
            column, target = link["fields"], link["reference"]
            values = raw[table][column]
            known = raw[target["resource"]][target["fields"]]
            rule = f"a {target['fields']} of {target['resource']}.csv"
            yield table, column, values[values.ne("") & ~values.isin(known)], rule
    also = raw["engagements"]["also_query_ids"]
    known = {*raw["search_log"]["query_id"], ""}
    unknown = also[[not known.issuperset(ids.split("; ")) for ids in also]]
    yield "engagements", "also_query_ids", unknown, "query_ids of search_log.csv, joined by '; '"
    queries = (raw["engagements"]["query_id"] + "; " + also)[also != ""].str.split("; ")
    twice = queries.index[queries.map(lambda ids: len(set(ids)) < len(ids))]
    yield "engagements", "also_query_ids", also[twice], "every query once, and not query_id"
    rounds = _round(queries.explode()).groupby(level=0).nunique()
    other = also[rounds.index[rounds > 1]]
    yield "engagements", "also_query_ids", other, "queries of the round of query_id"


def _every_country(raw: Tables) -> Found:
    years = raw["country_year"].groupby("year")["iso3"].transform("nunique")
    few = raw["country_year"].loc[years < len(config.CELAC), "year"].drop_duplicates()
    yield "country_year", "year", few, "a row for every country in every year"
    for table in ("countries", "recognition", "local_powers"):
        missing = sorted(set(config.CELAC) - set(raw[table]["iso3"]))
        yield table, "iso3", pd.Series(missing[:1]), "a row for every country, this one included"


def _every_template_once(raw: Tables) -> Found:
    log = raw["search_log"]
    log = log[log["template"].str.fullmatch(_EQUAL_EFFORT)]
    again = log["target"][log.duplicated(["target", "template"])]
    yield "search_log", "target", again, "each template once for each of its targets"
    same = log["query"][log["query"].duplicated()]
    yield "search_log", "query", same, "words that no other query of equal effort has"
    kind = log["template"].str[0]
    for _, asked in log.groupby(kind.where(kind == "P", "countries")):
        runs = asked.groupby("template")["target"].transform("nunique")
        short = asked.loc[runs < asked["target"].nunique(), "template"].drop_duplicates()
        yield "search_log", "template", short, "each template for every one of its targets"


def _counts(raw: Tables) -> Found:
    log = raw["search_log"]
    # rounds that read a page again (GX after G) log no queries of their own
    records = raw["engagements"]
    copied = records["record_id"][records.duplicated(records.columns.drop("record_id").tolist())]
    yield "engagements", "record_id", copied, "a record that is not another one's copy"
    own, asked = _round(records["record_id"]), _round(records["query_id"])
    other = records["query_id"][asked.ne("") & asked.ne(own.str.removesuffix("X"))]
    yield "engagements", "query_id", other, "a query of the record's round; blank if it has none"
    same_round = own == asked
    count = records.loc[same_round, "query_id"].value_counts()
    differ = log["records_coded"] != log["query_id"].map(count).fillna(0)
    coded = log["records_coded"][differ & ~_is_known("records_coded", log["query_id"])]
    yield "search_log", "records_coded", coded, "the number of records with this query_id"
    local = log["query_id"].isin(records.loc[records["lac_level"] != "national", "query_id"])
    none = log["n_local"][log["template"].str.startswith("N") & log["n_local"].eq(0) & local]
    yield "search_log", "n_local", none, "1 or more where a record of the query is local"


def _round(ids: pd.Series) -> pd.Series:
    """The letters that begin an identifier."""
    return ids.str.extract("^([A-Z]*)", expand=False)


def _protocol_queries(raw: Tables) -> Found:
    records, log = raw["engagements"], raw["search_log"].set_index("query_id")
    template = records["query_id"].map(log["template"]).fillna("")
    kind = dict.fromkeys("TPN", "protocol") | dict.fromkeys("CFWY", "follow_up")
    differ = records["collection"] != template.str[:1].map(kind).fillna("targeted")
    rule = "of an equal-effort template for protocol, of a steered one for follow_up, and no other"
    yield "engagements", "query_id", records["query_id"][differ], rule
    queries = (records["query_id"] + "; " + records["also_query_ids"]).str.split("; ").explode()
    targets = queries.map(log["target"])[queries.map(log["template"]).str.fullmatch(_COUNTRY_QUERY)]
    asked = targets.eq(records["lac_iso3"].reindex(targets.index)).groupby(level=0).any()
    country = records["lac_iso3"].loc[asked.index[~asked]]
    country = country[~_is_known("query", records["record_id"].loc[country.index])]
    yield "engagements", "lac_iso3", country, "the country of a query that found the record"


def _logged_words(raw: Tables) -> Found:
    log = raw["search_log"]
    by_country = log["target"].isin(config.CELAC)
    named = countries.resolve(log["query"].where(by_country))
    always = named.notna() | log["template"].str.fullmatch(_COUNTRY_QUERY)
    other = by_country & always & named.ne(log["target"])
    province = china.province(log["query"])["china_admin1"]
    province = province.map(china.province_name, na_action="ignore")
    other |= log["template"].str.startswith("P") & province.ne(log["target"])
    query = log["query"][other & ~_is_known("log", log["query_id"])]
    yield "search_log", "query", query, "words that name the target, and no other country"


def _bounds(raw: Tables) -> Found:
    bounds = raw["date_bounds"]
    first, last = dates.intervals(bounds["not_before"])[0], dates.intervals(bounds["not_after"])[1]
    column = "date_bounds", "not_before"
    yield *column, bounds["not_before"][first > last], "a date on or before not_after"
    date = raw["engagements"].set_index("record_id")["date_iso"].reindex(bounds["record_id"])
    start, end = dates.intervals(date.fillna("").set_axis(bounds.index))
    late = (first > end) & ~(start > last)  # a date after not_after is replaced by the bounds
    yield *column, bounds["not_before"][late], "a date on or before the record's own date"


def _names(raw: Tables) -> Found:
    """The country, and the Chinese province, that a text names is the one that is coded."""
    records = raw["engagements"]
    named = countries.conflicts(records["lac_country_text"], records["lac_iso3"])
    text = named["country_text"][~_is_known("country", records["record_id"].loc[named.index])]
    yield "engagements", "lac_country_text", text, "a name of the country that is coded"
    blank = pd.Series("", index=records.index)
    coded = china.province(blank, records["china_place"])["china_admin1"]
    named = china.province(records["china_actor_text"])["china_admin1"]
    differ = coded.notna() & named.notna() & (coded != named)
    place = records["china_place"][differ & ~_is_known("china_place", records["record_id"])]
    yield "engagements", "china_place", place, "the province that china_actor_text names first"
    coded = places.coded_units(records)
    unknown = coded["lac_admin1"][coded["admin1"].isna()]
    unit = unknown[~_is_known("unit", unknown)]
    yield "engagements", "lac_admin1", unit, "a first-level unit of the country"
    named = coded.groupby("lac_iso3")["admin1"].nunique()
    units, iso3 = raw["countries"]["n_admin1"], raw["countries"]["iso3"]
    few = units[(units < iso3.map(named)) & iso3.ne("DOM")]  # whose records name lower units
    yield "countries", "n_admin1", few, "no fewer than the units that records name"


def _is_known(rule: str, keys: pd.Series) -> pd.Series:
    return keys.isin(_KNOWN.loc[_KNOWN["rule"] == rule, "key"])


def _years(raw: Tables) -> Found:
    records = raw["engagements"]
    told = records["date_text"].str.replace(_NOTE, "", regex=True)
    told = told.str.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)")
    years = zip(records["date_iso"].str[:4], told, strict=True)
    other = pd.Series([bool(year and told and year not in told) for year, told in years])
    date = records["date_iso"][other & ~_is_known("year", records["record_id"])]
    yield "engagements", "date_iso", date, "the year that date_text tells"


def _double_coded(raw: Tables) -> Found:
    """The first coder's codes are those of the record, where there is one."""
    coded = raw["double_coded"]
    asked = coded["query_id"].map(raw["search_log"].set_index("query_id")["target"])
    other = asked.isin(config.CELAC) & (asked != coded["lac_iso3"])
    country = coded["lac_iso3"][other & ~_is_known("query", coded["record_id"])]
    yield "double_coded", "lac_iso3", country, "the country of the query"
    again = coded["second_id"][coded["second_id"].isin(raw["engagements"]["record_id"])]
    yield "double_coded", "second_id", again, "a record of the second coder, not the first's"
    for coder, other in (("1", "second"), ("2", "first")):
        found = coded["found_by"] != other
        for name in _CODED_TWICE:
            column, code = f"{name}_{coder}", coded[f"{name}_{coder}"]
            wrong = code[(code != "") & ~found | (code == "") & found & (name != "date_iso")]
            yield "double_coded", column, wrong, "a code if this coder found it, or none"
        projects = code[coded[f"activity_type_{coder}"].eq("technology_project") & code.ne("1")]
        yield "double_coded", f"technology_{coder}", projects, "1 for a technology_project"
    coded = coded[coded["record_id"] != ""]
    record = raw["engagements"].set_index("record_id").reindex(coded["record_id"])
    for column in ("lac_iso3", *(f"{name}_1" for name in _CODED_TWICE)):
        right = record[column.removesuffix("_1")].set_axis(coded.index)
        if column == "date_iso_1":  # some were dated later
            right = right.mask(coded[column] == "", "")
        yield "double_coded", column, coded[column][coded[column] != right], "that of the record"


def _place_pairs(raw: Tables) -> Found:
    pairs, log = raw["place_pairs"], raw["search_log"].set_index("query_id")
    roles = pairs.groupby("pair")["role"].transform(lambda roles: " ".join(sorted(roles)))
    rule = "one twinned place and one control in each pair"
    yield "place_pairs", "role", pairs["role"][roles != "control twinned"], rule
    for column in ("lac_iso3", "lac_level"):
        several = pairs.groupby("pair")[column].transform("nunique") > 1
        yield "place_pairs", column, pairs[column][several], "the same in both places of a pair"
    for column, logged in {"query": "query", "lac_iso3": "target"}.items():
        differ = pairs[column][pairs[column] != pairs["query_id"].map(log[logged])]
        yield "place_pairs", column, differ, f"the {logged} of this query_id in search_log.csv"
    place = places.resolve(pairs.rename(columns={"place": "lac_place_text"}))["place_id"]
    other = pairs["place_id"][pairs["place_id"].ne("") & pairs["place_id"].ne(place)]
    yield "place_pairs", "place_id", other, "that of the place"
    again = place.fillna(pairs["lac_iso3"] + pairs["place"]).duplicated()
    yield "place_pairs", "place", pairs["place"][again], "a place that no other row has"
    twinnings = raw["engagements"].loc[raw["engagements"]["activity_type"] == "twinning"]
    twinned = pairs["place_id"].isin(places.resolve(twinnings)["place_id"])
    single = pairs["place_id"][pairs["role"].eq("twinned") & ~twinned]
    yield "place_pairs", "place_id", single, "a place with a twinning in engagements.csv"
    absent = [place not in query for place, query in pairs[["place", "query"]].to_numpy()]
    yield "place_pairs", "place", pairs["place"][absent], "a place that its query names"


def _acts(raw: Tables) -> Found:
    """One act is of one country, and a coder who took two records from a page saw two acts."""
    acts = raw["acts"].merge(raw["engagements"], on="record_id", how="left")
    first = acts.groupby("act")["record_id"].transform("min")
    yield "acts", "act", acts["act"][acts["act"] != first], "the first of the act's records"
    for column in ("lac_iso3", "prior_contact", "china_place"):
        several = acts[column].replace("", None).groupby(acts["act"]).transform("nunique") > 1
        yield "acts", "act", acts["act"][several], f"an act of one {column}"
    ties = acts["act"].isin(acts["act"][acts["activity_type"].str.match("twinning|friendship")])
    goods = acts["act"][ties & acts["activity_type"].str.match("donation|loan|.*_project")]
    yield "acts", "act", goods, "another act than a twinning: a donation, a loan or a project"
    of_read = raw["engagements"].loc[raw["engagements"]["lac_iso3"].isin(acts["lac_iso3"])]
    unread = of_read["record_id"][~of_read["record_id"].isin(acts["record_id"])]
    yield "engagements", "record_id", unread, "a row in acts.csv, as others of its country have"
    day = pd.to_datetime(acts["date_iso"], format="%Y-%m-%d", errors="coerce")
    apart = (day - day.groupby(acts["act"]).transform("min")).dt.days > 31
    yield "acts", "act", acts["act"][apart], "an act of one month: its records' days lie within 31"
    read = acts.assign(coder=_round(acts["record_id"]), page=source(acts))
    twice = acts["act"][read.duplicated(["act", "coder", "page"])]
    yield "acts", "act", twice, "another act: one coder took two records from this page"


_RULES = (_links, _every_country, _every_template_once, _protocol_queries, _counts, _logged_words,
          _bounds, _names, _years, *country_rules.RULES, _rows, _double_coded, _place_pairs, _acts,
          _numbers)  # fmt: skip
