"""Whether the raw tables agree with one another: what data/raw/datapackage.json cannot say.

A rule is a function of the raw tables that gives which rows break it, or the values that do. Of
the cells of one row `rules_of_rows.csv` says: where `given` is `this`, `column` is `right`, and
`no_more_than.csv` how many `times` another one `column` may be; foreign keys are in the
description. `known_contradictions.csv` lists what may break a rule, and why: by column, and the
row's first cell or the value itself.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import china, countries, country_rules, dates, gazetteer, places, schema
from lac_analysis.records.country_rules import Found, Tables
from lac_analysis.records.pairs import source

_EQUAL_EFFORT = "[TPN][1-9]"  # templates that are run once a target
_COUNTRY_QUERY = "[TN][1-9]"  # of them, those that name a country
_ASKED = "[A-FJ-PWYZ]|Q[A-D]"  # our rounds whose records were all found by queries
_THIRD_ROUND = "[MNOP]"
_CODED_TWICE = ("date_iso", "lac_level", "china_actor_type", "activity_type", "technology")
_KNOWN_FILE = Path(__file__).with_name("known_contradictions.csv")
KNOWN = set(pd.read_csv(_KNOWN_FILE, dtype=str)[["column", "key"]].itertuples(index=False))
_OF_ROWS = pd.read_csv(_KNOWN_FILE.with_name("rules_of_rows.csv"), dtype=str, keep_default_na=False)
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


def _numbers(raw: Tables) -> Found:
    """No query is lost: those of a round are numbered from 1."""
    ids = raw["search_log"]["query_id"]
    number = ids.str.extract(r"(\d+)$", expand=False).astype(int)
    after = number > number.groupby(_round(ids)).rank()
    yield "search_log", "query_id", after, "one after the other, from 001"


def _rows(raw: Tables) -> Found:
    for table, given, this, column, right in _OF_ROWS.itertuples(index=False):
        cells = raw[table]
        wrong = _is(cells[given], this) & cells[column].notna() & ~_is(cells[column], right)
        yield table, column, wrong, f"{right or 'blank'} where {given} is {this or 'blank'}"
    for table, column, times, other in _NO_MORE.itertuples(index=False):
        many = raw[table][column] > times * raw[table][other]
        yield table, column, many, f"no more than {other} (times {times:g})"
    log, cells, bounds = (raw[name] for name in ("search_log", "country_year", "date_bounds"))
    counts = log[["n_local", "n_national", "n_other"]]
    other = counts.notna().all(axis=1) & log["results"].ne(counts.sum(axis=1))
    yield "search_log", "results", other, "the sum of n_local, n_national and n_other"
    other = (cells["rai"] - cells["rai_self_rule"] - cells["rai_shared_rule"]).abs() > 0.02
    yield "country_year", "rai", other, "the sum of self-rule and shared rule, of two decimals each"
    blank = bounds["not_before"].eq("") & bounds["not_after"].eq("")
    yield "date_bounds", "not_before", blank, "a date here, or in not_after"
    records = raw["engagements"]
    local = records[["lac_place_text", "lac_admin1"]].ne("").any(axis=1)
    local |= records["activity_type"].eq("twinning")
    wrong = records["lac_level"].eq("national") & local
    yield "engagements", "lac_level", wrong, "national only of no place, no unit and no twinning"
    sides = ["lac_place_text lac_admin1 lac_actor_text", "china_actor_text china_place"]
    for side in map(str.split, sides):
        unnamed = records["activity_type"].eq("twinning") & records[side].eq("").all(axis=1)
        yield "engagements", side[0], unnamed, "a name: a twinning has one of each side"
    other = ~pd.Series(map(dates.agrees, records["date_text"], records["date_iso"]))
    yield "engagements", "date_iso", other, "the date that date_text is, or its month or year"
    told = records["platform"].str.extract(r"(?<!\d)((?:19|20)\d\d)(?!\d)", expand=False)
    other = told.notna() & records["date_iso"].ne("") & told.ne(records["date_iso"].str[:4])
    yield "engagements", "platform", other, "the platform of the record's year, if it names one"
    taiwan = china.is_taiwan(records["china_actor_text"])
    yield "engagements", "china_actor_text", taiwan, "one of the People's Republic, not of Taiwan"


def _is(cells: pd.Series, text: str) -> pd.Series:
    return cells.eq(float(text) if pd.api.types.is_numeric_dtype(cells) else text)


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
    rounds = _round(queries.explode()).groupby(level=0).nunique()
    yield "engagements", "also_query_ids", wrong.astype(bool) | (rounds > 1), rule


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


def _every_template_once(raw: Tables) -> Found:
    log = raw["search_log"]
    log = log[log["template"].str.fullmatch(_EQUAL_EFFORT)]
    again = log.duplicated(["target", "template"])
    yield "search_log", "target", again, "each template once for each of its targets"
    same = log["query"].duplicated()
    yield "search_log", "query", same, "words that no other query of equal effort has"
    kind = log["template"].str[0]
    for _, asked in log.groupby(kind.where(kind == "P", "countries")):
        runs = asked.groupby("template")["target"].transform("nunique")
        short = asked.loc[runs < asked["target"].nunique(), "template"].drop_duplicates()
        yield "search_log", "template", short, "each template for every one of its targets"


def _counts(raw: Tables) -> Found:
    log, records = raw["search_log"], raw["engagements"]
    copied = records.duplicated(records.columns.drop("record_id").tolist())
    yield "engagements", "record_id", copied, "a record that is not another one's copy"
    # rounds that read a page again (GX after G) log no queries of their own
    own, asked = _round(records["record_id"]), _round(records["query_id"])
    other = asked.ne(own) & (asked.ne("") | own.str.fullmatch(_ASKED)) & own.ne(asked + "X")
    yield "engagements", "query_id", other, "a query of the record's round; blank if it has none"
    national = own.str.fullmatch(_THIRD_ROUND) & records["lac_level"].eq("national")
    yield "engagements", "lac_level", national, "a local one: rounds M to P have no others"
    counts = log[["n_local", "n_national", "n_other"]]
    blank = counts.isna() & counts.notna().groupby(log["template"]).transform("any")
    rule = "the counts that others of this template have"
    yield "search_log", "n_local", blank.any(axis=1), rule
    count = log["query_id"].map(records.loc[own == asked, "query_id"].value_counts()).fillna(0)
    differ = log["records_coded"] != count
    yield "search_log", "records_coded", differ, "the number of records with this query_id"
    local = records["lac_level"] != "national"
    for column, kind, told in (("results", "", records), ("n_local", "local ", records[local])):
        pages = log["query_id"].map(told.groupby("query_id")["source_url"].nunique())
        rule = f"no fewer than the pages of its {kind}records"
        yield "search_log", column, log[column] < pages, rule
    page = [own, records["source_url"].where(records["source_url"] != "")]
    for column in ("source_lang", "source_type"):
        several = records.groupby(page)[column].transform("nunique") > 1
        yield "engagements", column, several, "the same in all of a coder's records of this page"


def _round(ids: pd.Series) -> pd.Series:
    """The letters that begin an identifier."""
    return ids.str.extract("^([A-Z]*)", expand=False)


def _protocol_queries(raw: Tables) -> Found:
    records, log = raw["engagements"], raw["search_log"].set_index("query_id")
    template = records["query_id"].map(log["template"]).fillna("")
    kind = dict.fromkeys("TPN", "protocol") | dict.fromkeys("CFWY", "follow_up")
    differ = records["collection"] != template.str[:1].map(kind).fillna("targeted")
    rule = "of an equal-effort template for protocol, of a steered one for follow_up, and no other"
    yield "engagements", "query_id", differ, rule
    queries = (records["query_id"] + "; " + records["also_query_ids"]).str.split("; ").explode()
    of_country = queries.map(log["template"]).str.fullmatch(f"{_COUNTRY_QUERY}|C1")
    targets = queries.map(log["target"])[of_country.eq(True)]
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


def _bounds(raw: Tables) -> Found:
    bounds = raw["date_bounds"]
    first, last = dates.intervals(bounds["not_before"])[0], dates.intervals(bounds["not_after"])[1]
    yield "date_bounds", "not_before", first > last, "a date on or before not_after"
    date = raw["engagements"].set_index("record_id")["date_iso"].reindex(bounds["record_id"])
    start, end = dates.intervals(date.fillna("").set_axis(bounds.index))
    late = (first > end) & ~(start > last)  # a date after not_after is replaced by the bounds
    yield "date_bounds", "not_before", late, "a date on or before the record's own date"
    of_page = bounds.replace("", None).groupby(["source_url", "basis"])
    for column in ("not_before", "not_after"):
        several = of_page[column].transform("nunique") > 1
        yield "date_bounds", column, several, "the same in all rows of this page and basis"


def _names(raw: Tables) -> Found:
    """The country, and the Chinese province, that a text names is the one that is coded."""
    records = raw["engagements"]
    for column in ("lac_country_text", "lac_place_text", "lac_actor_text", "china_actor_text"):
        text = records[column]
        if column == "lac_place_text":  # Cusco, Peru; not Salvador, the city
            text = text.str.extract(", *([^,;]+)$", expand=False)
        named = countries.conflicts(text, records["lac_iso3"])["country_text"]
        yield "engagements", column, named, "a name of the country that is coded, if of any"
    blank = pd.Series("", index=records.index)
    coded = china.province(blank, records["china_place"])["china_admin1"]
    named = china.province(records["china_actor_text"])["china_admin1"]
    differ = coded.notna() & named.notna() & (coded != named)
    yield "engagements", "china_place", differ, "the province that china_actor_text names first"
    coded = places.coded_units(records)
    for row, (iso3, unit, _) in coded[coded["admin1"].isna()].iterrows():
        near = schema.nearest(unit, list(gazetteer.gazetteer(iso3).units)).title()
        rule = "a first-level unit of the country" + f", perhaps {near}" * bool(near)
        yield "engagements", "lac_admin1", pd.Series({row: unit}), rule
    named = coded.groupby("lac_iso3")["admin1"].nunique()
    units, iso3 = raw["countries"]["n_admin1"], raw["countries"]["iso3"]
    few = (units < iso3.map(named)) & iso3.ne("DOM")  # whose records name lower units
    yield "countries", "n_admin1", few, "no fewer than the units that records name"


def _double_coded(raw: Tables) -> Found:
    """The first coder's codes are those of the record, where there is one."""
    coded = raw["double_coded"]
    asked = coded["query_id"].map(raw["search_log"].set_index("query_id")["target"])
    other = asked.isin(config.CELAC) & (asked != coded["lac_iso3"])
    yield "double_coded", "lac_iso3", other, "the country of the query"
    again = coded["second_id"].isin(raw["engagements"]["record_id"])
    letter = _round(coded["query_id"]).str.fullmatch(_THIRD_ROUND).map({True: "S", False: "R"})
    again |= coded["second_id"].ne("") & letter.ne(_round(coded["second_id"]))
    rule = "an id that no row of engagements.csv has; S- of rounds M to P, R- of others"
    yield "double_coded", "second_id", again, rule
    for coder, other in (("1", "second"), ("2", "first")):
        found = coded["found_by"] != other
        for name in _CODED_TWICE:
            code = coded[f"{name}_{coder}"]
            wrong = (code != "") & ~found | (code == "") & found & (name != "date_iso")
            yield "double_coded", code.name, wrong, "a code if this coder found it, or none"
    coded = coded[coded["record_id"] != ""]
    record = raw["engagements"].set_index("record_id").reindex(coded["record_id"])
    for column in ("lac_iso3", *(f"{name}_1" for name in _CODED_TWICE)):
        right = record[column.removesuffix("_1")].set_axis(coded.index)
        if column == "date_iso_1":  # some were dated later
            right = right.mask(coded[column] == "", "")
        yield "double_coded", column, coded[column] != right, "that of the record"


def _place_pairs(raw: Tables) -> Found:
    pairs, log = raw["place_pairs"], raw["search_log"].set_index("query_id")
    roles = pairs.groupby("pair")["role"].transform(lambda roles: " ".join(sorted(roles)))
    rule = "one twinned place and one control in each pair"
    yield "place_pairs", "role", roles != "control twinned", rule
    for column in ("lac_iso3", "lac_level"):
        several = pairs.groupby("pair")[column].transform("nunique") > 1
        yield "place_pairs", column, several, "the same in both places of a pair"
    for column, logged in {"query": "query", "lac_iso3": "target"}.items():
        differ = pairs[column] != pairs["query_id"].map(log[logged])
        yield "place_pairs", column, differ, f"the {logged} of this query_id in search_log.csv"
    place = places.resolve(pairs.rename(columns={"place": "lac_place_text"}))["place_id"]
    other = pairs["place_id"].ne("") & pairs["place_id"].ne(place)
    yield "place_pairs", "place_id", other, "that of the place"
    again = place.fillna(pairs["lac_iso3"] + pairs["place"]).duplicated()
    yield "place_pairs", "place", again, "a place that no other row has"
    records = raw["engagements"]
    twinnings = records[records["activity_type"].eq("twinning") & (records["date_iso"] >= "2000")]
    twinned = pairs["place_id"].isin(places.resolve(twinnings)["place_id"])
    single = pairs["role"].eq("twinned") & ~twinned
    yield "place_pairs", "place_id", single, "a place with a twinning since 2000 in engagements.csv"
    other = pairs["query_id"].map(log["template"]) != "C1"
    yield "place_pairs", "query_id", other, "a query of template C1"
    absent = [place not in query for place, query in pairs[["place", "query"]].to_numpy()]
    yield "place_pairs", "place", pd.Series(absent), "a place that its query names"


def _acts(raw: Tables) -> Found:
    """One act is of one country, and a coder who took two records from a page saw two acts."""
    acts = raw["acts"].merge(raw["engagements"], on="record_id", how="left")
    act = acts["act"]
    other = ~act.isin(act[act == acts["record_id"]])
    yield "acts", "act", other, "one of the act's own records"
    for column in ("lac_iso3", "prior_contact", "china_place"):
        several = acts[column].replace("", None).groupby(act).transform("nunique") > 1
        yield "acts", "act", several, f"an act of one {column}"
    ties = act.isin(act[acts["activity_type"].str.match("twinning|friendship")])
    goods = ties & acts["activity_type"].str.match("donation|loan|.*_project")
    yield "acts", "act", goods, "another act than a twinning: a donation, a loan or a project"
    way = acts["activity_type"].where(acts["activity_type"].str.startswith("visit_to_"))
    yield "acts", "act", way.groupby(act).transform("nunique") > 1, "a visit to one side"
    records = raw["engagements"]
    read = {*acts["record_id"]}
    unread = ~records["record_id"].map(read.__contains__)
    unread &= records["lac_iso3"].isin(acts["lac_iso3"])
    yield "engagements", "record_id", unread, "a row in acts.csv, as others of its country have"
    day = pd.to_datetime(acts["date_iso"], format="%Y-%m-%d", errors="coerce")
    apart = (day - day.groupby(act).transform("min")).dt.days > 31
    yield "acts", "act", apart, "an act of one month: its records' days lie within 31"
    read = acts.assign(coder=_round(acts["record_id"]), page=source(acts))
    twice = read.duplicated(["act", "coder", "page"])
    yield "acts", "act", twice, "another act: one coder took two records from this page"


_RULES = (_links, _every_country, _every_template_once, _protocol_queries, _counts, _logged_words,
          _bounds, _names, *country_rules.RULES, _rows, _double_coded, _place_pairs, _acts,
          _numbers)  # fmt: skip
