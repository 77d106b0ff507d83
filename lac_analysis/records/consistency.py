"""Whether the raw tables agree with one another: what data/raw/datapackage.json cannot say.

A rule is a function of the raw tables that gives the rows that break it; those on the cells of one
row are in a table. Foreign keys are those of the description. `known_contradictions.csv`
lists what may break a rule, and why.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import china, countries, dates, places, schema
from lac_analysis.records.pairs import source

Tables = dict[str, pd.DataFrame]
Found = Iterator[tuple[str, str, pd.Series, str]]  # table, column, the faulty values, what is right

_EQUAL_EFFORT = "[TPN][1-9]"  # templates that are run once a target
_COUNTRY_QUERY = "[TN][1-9]"  # of them, those that name a country
_MOST_GROWTH = {"population": 1.2, "gdp_usd": 3}  # in one year, or the other way round
_DATE = r"\d{4}-\d\d(-\d\d)?"
_NOTE = r"\(.*?\)|（.*?）|\[.*?\]"  # our own words in a text of the source
_CODED_TWICE = ("date_iso", "lac_level", "china_actor_type", "activity_type", "technology")
_KNOWN = pd.read_csv(Path(__file__).with_name("known_contradictions.csv"), dtype=str)
_OF_ROWS = (  # table, column, what is right, which rows are wrong
    ("engagements", "technology", "1 for a technology_project",
     lambda t: t["activity_type"].eq("technology_project") & t["technology"].ne("1")),
    ("engagements", "date_iso", "a date_text where there is a date",
     lambda t: t["date_iso"].ne("") & t["date_text"].eq("")),
    ("engagements", "date_iso", "the date that date_text is, or its month or year",
     lambda t: t["date_text"].str.fullmatch(_DATE)
     & ~t.apply(lambda row: row["date_text"].startswith(row["date_iso"]), axis=1)),
    ("date_bounds", "not_before", "a date here, or in not_after",
     lambda t: t["not_before"].eq("") & t["not_after"].eq("")),
    ("search_log", "results", "the sum of n_local, n_national and n_other",
     lambda t: t["template"].str.fullmatch("N[1-5]")
     & t["results"].ne(t[["n_local", "n_national", "n_other"]].sum(axis=1))),
    ("search_log", "records_coded", "0 where results is 0",
     lambda t: t["results"].eq(0) & t["records_coded"].gt(0)),
    ("double_coded", "found_by", "second, and only then, where record_id is blank",
     lambda t: t["found_by"].eq("second") != t["record_id"].eq("")),
    ("double_coded", "found_by", "first, and only then, where second_id is blank",
     lambda t: t["found_by"].eq("first") != t["second_id"].eq("")),
    ("country_year", "prc_partnership_level", "0 while the ROC is recognised",
     lambda t: t["roc_recognition"].eq(1) & t["prc_partnership_level"].gt(0)),
    ("country_year", "rai", "the sum of self-rule and shared rule",  # of two decimals each
     lambda t: (t["rai"] - t["rai_self_rule"] - t["rai_shared_rule"]).abs() > 0.02),
    ("country_year", "imports_china_musd", "no more than imports_world_musd",
     lambda t: t["imports_china_musd"] > t["imports_world_musd"]),
    ("country_year", "exports_china_musd", "no more than exports_world_musd",
     lambda t: t["exports_china_musd"] > t["exports_world_musd"]),
    ("country_year", "gcdf_usd2021", "0 where gcdf_projects is 0",
     lambda t: t["gcdf_projects"].eq(0) & t["gcdf_usd2021"].gt(0)),
    ("country_year", "cgit_usd_million", "0 where cgit_deals is 0",
     lambda t: t["cgit_deals"].eq(0) & t["cgit_usd_million"].gt(0)),
    ("country_year", "gcdf_projects", "a number where gcdf_usd2021 has one, and only there",
     lambda t: t["gcdf_projects"].isna() != t["gcdf_usd2021"].isna()),
    ("country_year", "cgit_deals", "a number where cgit_usd_million has one, and only there",
     lambda t: t["cgit_deals"].isna() != t["cgit_usd_million"].isna()),
    ("country_year", "unga_votes", "the votes behind unga_agreement_china",
     lambda t: t["unga_agreement_china"].notna() & ~t["unga_votes"].gt(0)),
    ("countries", "country", "the name of this iso3",
     lambda t: t["iso3"] != t["country"].map(countries.by_name)),
    ("place_pairs", "role", "twinned, and only then, where place_id is given",
     lambda t: t["role"].eq("twinned") != t["place_id"].ne("")),
    ("strain_episodes", "end", "no day before the start",
     lambda t: dates.intervals(t["end"])[1] < dates.intervals(t["start"])[0]),
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


def _local_powers(raw: Tables) -> Found:
    """Where both coders say the same, it is what is agreed."""
    powers = raw["local_powers"]
    for name in (name.removesuffix("_a") for name in powers if name.endswith("_a")):
        alike = powers[f"{name}_a"] == powers[f"{name}_b"]
        differ = powers[name][alike & (powers[name] != powers[f"{name}_a"])]
        yield "local_powers", name, differ, "what both coders say"


def _rows(raw: Tables) -> Found:
    for table, column, right, is_wrong in _OF_ROWS:
        yield table, column, raw[table].loc[is_wrong(raw[table]), column], right


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
    same_round = _round(records["record_id"]) == _round(records["query_id"])
    count = records.loc[same_round, "query_id"].value_counts()
    differ = log["records_coded"] != log["query_id"].map(count).fillna(0)
    coded = log["records_coded"][differ & ~_is_known("records_coded", log["query_id"])]
    yield "search_log", "records_coded", coded, "the number of records with this query_id"


def _round(ids: pd.Series) -> pd.Series:
    """The letters that begin an identifier."""
    return ids.str.extract("^([A-Z]*)", expand=False)


def _protocol_queries(raw: Tables) -> Found:
    records, log = raw["engagements"], raw["search_log"].set_index("query_id")
    template = records["query_id"].map(log["template"]).fillna("")
    equal_effort = template.str.fullmatch(_EQUAL_EFFORT)
    differ = records["query_id"][equal_effort != records["collection"].eq("protocol")]
    rule = "of an equal-effort template for protocol, and no other"
    yield "engagements", "query_id", differ, rule
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
    unknown = places.unknown_units(records)
    unit = unknown[~_is_known("unit", unknown)]
    yield "engagements", "lac_admin1", unit, "a first-level unit of the country"


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


def _spells(raw: Tables) -> Found:
    spells = raw["recognition"]
    start, end = (dates.intervals(spells[name])[0] for name in ("from", "to"))
    yield "recognition", "to", spells["to"][end < start], "a day after the first of the spell"
    spells = spells.assign(start=start, end=end).sort_values(["iso3", "start"], na_position="first")
    before = spells.groupby("iso3")["end"].shift()
    apart = spells["iso3"].duplicated() & (before + pd.Timedelta(days=1) != spells["start"])
    yield "recognition", "from", spells["from"][apart], "the day after the spell before"
    episodes = raw["strain_episodes"].sort_values(["iso3", "breadth", "start"])
    overlap = episodes["start"] <= episodes.groupby(["iso3", "breadth"])["end"].shift()
    yield "strain_episodes", "start", episodes["start"][overlap], "after the episode before"


def _recognition(raw: Tables) -> Found:
    """The spells say the same as the country tables."""
    cells, spells = raw["country_year"], raw["recognition"]
    day = cells["year"].astype("str") + "-12-31"
    roc = spells[spells["recognises"] == "ROC"]
    held = cells.assign(day=day).reset_index().merge(roc, on="iso3")
    held = held[(held["from"] <= held["day"]) & (held["to"].eq("") | (held["to"] >= held["day"]))]
    differ = cells["roc_recognition"][cells["roc_recognition"] != cells.index.isin(held["index"])]
    rule = "1 where a spell of ROC in recognition.csv holds"
    yield "country_year", "roc_recognition", differ, rule
    countries = raw["countries"]
    prc = spells[spells["recognises"].eq("PRC") & spells["to"].eq("")].drop_duplicates("iso3")
    prc = prc.set_index("iso3")["from"]
    since = countries["iso3"].map(prc).fillna("")
    differ = countries["prc_ties_since"][countries["prc_ties_since"] != since]
    yield "countries", "prc_ties_since", differ, "the first day of the PRC's spell that still holds"


def _history(raw: Tables) -> Found:
    """The history in words ends as the spells do: 'PRC since May 1997', or 'ROC throughout'."""
    spells = raw["recognition"].sort_values(["iso3", "from"]).groupby("iso3")
    last, several = spells.last(), spells.size() > 1
    since = " since [^;]*" + last["from"].str[:4]
    ends = last["recognises"] + since.where(several, " throughout")
    told = raw["countries"].set_index("iso3")["recognition_history"]
    right = [bool(re.search(ends.get(iso3, ""), text)) for iso3, text in told.items()]
    wrong = raw["countries"]["recognition_history"][~pd.Series(right)]
    yield "countries", "recognition_history", wrong, "the last spell of recognition.csv, in words"


def _country_years(raw: Tables) -> Found:
    cells = raw["country_year"].sort_values(["iso3", "year"])
    signed = cells["iso3"].map(raw["countries"].set_index("iso3")["bri_mou_date"]).str[:4]
    early = cells["bri_member"].eq(1) & ~(signed.ne("") & (signed <= cells["year"].astype("str")))
    yield "country_year", "bri_member", cells["bri_member"][early], "0 before bri_mou_date"
    late = cells["bri_member"].eq(0) & signed.ne("") & (signed < cells["year"].astype("str"))
    yield "country_year", "bri_member", cells["bri_member"][late], "1 after bri_mou_date"
    china = cells["ideal_point"] - cells["ideal_point_gap_china"]  # four decimals each
    other = (china - china.groupby(cells["year"]).transform("median")).abs() > 0.0003
    point = cells["ideal_point"][other]
    yield "country_year", "ideal_point", point, "the gap, and China's point, which all share"
    people = raw["countries"]["iso3"].map(cells.groupby("iso3")["population"].last())
    small = raw["countries"]["small_state"]
    wrong = small[(people < 1_500_000) != small.eq(1)]
    yield "countries", "small_state", wrong, "1 for fewer than 1.5 million people, and only then"
    for name, most in _MOST_GROWTH.items():
        growth = cells[name] / cells.groupby("iso3")[name].shift()
        jump = cells[name][~growth.between(1 / most, most) & growth.notna()]
        yield "country_year", name, jump, f"within a factor of {most} of the year before"
    leaves = cells.groupby("iso3")["bri_member"].diff() < 0
    yield "country_year", "bri_member", cells["bri_member"][leaves], "1 as in the year before"


def _double_coded(raw: Tables) -> Found:
    """The first coder's codes are those of the record, where there is one."""
    coded = raw["double_coded"]
    asked = coded["query_id"].map(raw["search_log"].set_index("query_id")["target"])
    other = asked.isin(config.CELAC) & (asked != coded["lac_iso3"])
    country = coded["lac_iso3"][other & ~_is_known("query", coded["record_id"])]
    yield "double_coded", "lac_iso3", country, "the country of the query"
    again = coded["second_id"][coded["second_id"].isin(raw["engagements"]["record_id"])]
    yield "double_coded", "second_id", again, "a record of the second coder, not the first's"
    for name in _CODED_TWICE[1:]:
        code = coded[f"{name}_2"]
        lost = code[coded["found_by"].ne("first") != code.ne("")]
        yield "double_coded", f"{name}_2", lost, "a code where the second coder found it"
    coded = coded[coded["record_id"] != ""]
    record = raw["engagements"].set_index("record_id").reindex(coded["record_id"])
    for column in ("lac_iso3", *(f"{name}_1" for name in _CODED_TWICE)):
        right = record[column.removesuffix("_1")].set_axis(coded.index)
        if column == "date_iso_1":  # some were dated later
            right = right.mask(coded[column] == "", "")
        yield "double_coded", column, coded[column][coded[column] != right], "that of the record"


def _place_pairs(raw: Tables) -> Found:
    pairs = raw["place_pairs"]
    roles = pairs.groupby("pair")["role"].transform(lambda roles: " ".join(sorted(roles)))
    rule = "one twinned place and one control in each pair"
    yield "place_pairs", "role", pairs["role"][roles != "control twinned"], rule
    for column in ("lac_iso3", "lac_level"):
        several = pairs.groupby("pair")[column].transform("nunique") > 1
        yield "place_pairs", column, pairs[column][several], "the same in both places of a pair"
    asked = pairs["query_id"].map(raw["search_log"].set_index("query_id")["query"])
    differ = pairs["query"][pairs["query"] != asked]
    yield "place_pairs", "query", differ, "the query of this query_id in search_log.csv"
    place = pairs.assign(country=pairs["lac_iso3"], lac_place_text=pairs["place"])
    place = places.resolve(place.assign(lac_admin1="", lac_actor_text=""))["place_id"]
    other = pairs["place_id"][pairs["place_id"].ne("") & pairs["place_id"].ne(place)]
    yield "place_pairs", "place_id", other, "that of the place"
    absent = [place not in query for place, query in zip(pairs["place"], asked, strict=True)]
    yield "place_pairs", "place", pairs["place"][absent], "a place that its query names"


def _acts(raw: Tables) -> Found:
    """One act is of one country, and a coder who took two records from a page saw two acts."""
    acts = raw["acts"].merge(raw["engagements"], on="record_id", how="left")
    first = acts.groupby("act")["record_id"].transform("min")
    yield "acts", "act", acts["act"][acts["act"] != first], "the first of the act's records"
    several = acts.groupby("act")["lac_iso3"].transform("nunique") > 1
    yield "acts", "act", acts["act"][several], "an act of one country"
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
          _bounds, _names, _years, _spells, _recognition, _history, _country_years,
          _double_coded, _place_pairs, _acts, _numbers, _local_powers, _rows)  # fmt: skip
