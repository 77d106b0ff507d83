"""Whether coders agree where two read the same: the rules of `consistency` on them."""

import pandas as pd

from lac_analysis import config
from lac_analysis.records import china, places
from lac_analysis.records.country_rules import Found, Tables
from lac_analysis.records.pairs import rounds, source

_CODED_TWICE = ("date_iso", "lac_level", "china_actor_type", "activity_type", "technology")
_OF_A_TIE = ("date_iso", "lac_iso3", "lac_level")  # that the coders of a page tell alike


def double_coded(raw: Tables) -> Found:
    """The first coder's codes are those of the record, where there is one."""
    coded = raw["double_coded"]
    log = raw["search_log"].set_index("query_id").reindex(coded["query_id"]).set_index(coded.index)
    other = log["target"].isin(config.CELAC) & (log["target"] != coded["lac_iso3"])
    yield "double_coded", "lac_iso3", other, "the country of the query"
    rule = "a query with three records or more (CODEBOOK.md)"
    yield "double_coded", "query_id", log["records_coded"] < 3, rule
    again = coded["second_id"].isin(raw["engagements"]["record_id"])
    yield "double_coded", "second_id", again, "an id that no row of engagements.csv has"
    capped = coded[coded["query_id"].str.match("[A-L]") & coded["lac_level_2"].eq("national")]
    many = capped.groupby("query_id").cumcount() >= 3
    yield "double_coded", "lac_level_2", many, "at most 3 national rows a query (CODEBOOK.md)"
    coded = coded[coded["record_id"] != ""]
    record = raw["engagements"].set_index("record_id").reindex(coded["record_id"])
    found = record["query_id"] + "; " + record["also_query_ids"]
    pairs = zip(coded["query_id"], found.fillna("").str.split("; "), strict=True)
    other = pd.Series([query not in ids for query, ids in pairs], coded.index)
    other &= coded["query_id"].str.match("[M-P]") | coded["found_by"].eq("first")
    yield "double_coded", "query_id", other, "a query that found the record"
    for column in ("lac_iso3", *(f"{name}_1" for name in _CODED_TWICE)):
        right = record[column.removesuffix("_1")].set_axis(coded.index)
        if column == "date_iso_1":  # some were dated later
            later = record["date_source_url"].set_axis(coded.index) != ""
            right = right.mask(later & (coded[column] == ""), "")
        yield "double_coded", column, coded[column] != right, "that of the record"
    records, coded = raw["engagements"], raw["double_coded"]
    left = records["query_id"].isin(coded["query_id"])
    left &= ~records["record_id"].isin(coded["record_id"])
    yield "engagements", "query_id", left, "a row in double_coded.csv: the query was coded twice"


def acts(raw: Tables) -> Found:
    """One act is of one country, and a coder who took two records from a page saw two acts."""
    acts = raw["acts"].merge(raw["engagements"], on="record_id", how="left")
    acts = acts.dropna(subset="lac_iso3")  # ids of no record are told by the foreign key
    act = acts["act"]
    other = act.ne(acts["record_id"].groupby(act).transform("first"))
    yield "acts", "act", other, "the first of the act's own records"
    for column in ("lac_iso3", "prior_contact", "china_place"):
        several = acts[column].replace("", None).groupby(act).transform("nunique") > 1
        yield "acts", "act", several, f"an act of one {column}"
    ties = acts["activity_type"].str.match("twinning|friendship")
    cities = china.province(acts["china_actor_text"])["china_city"].where(ties)
    several = ties & (cities.groupby(act).transform("nunique") > 1)
    yield "acts", "act", several, "a tie with one Chinese city"
    ties = act.isin(act[ties])
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
    lies = places.resolve(acts)
    one = lies["admin1"].where(lies["place_n"] == 1)  # of those that name several, some may not
    days = day.groupby(act).transform("nunique").where(day.notna().groupby(act).transform("all"))
    several = (lies["admin1"].groupby(act).transform("nunique") > 1) & (days > 1)
    several |= (one.groupby(act).transform("nunique") > 1) & days.ne(1)
    yield "acts", "act", several, "an act of one first-level unit, or of one day"
    read = acts.assign(coder=rounds(acts["record_id"]), page=source(acts))
    twice = read.duplicated(["act", "coder", "page"])
    yield "acts", "act", twice, "another act: one coder took two records from this page"
    told, ties = ["page", *_OF_A_TIE], read[read["activity_type"].eq("twinning") & day.notna()]
    ties = ties[~ties.duplicated([*told, "coder"], keep=False)]
    split = ties.groupby(told)["act"].transform("nunique") > 1
    yield "acts", "act", split, "that of another coder's record: one twinning, of one page and day"
    alike = ["page", "lac_place_text", "activity_type", "china_actor_type", *_OF_A_TIE]
    split = read[day.notna()].groupby(alike)["act"].transform("nunique") > 1
    yield "acts", "act", split, "that of another coder's record: alike, of one page, place and day"
