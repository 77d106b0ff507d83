"""Whether the raw tables agree with one another: what data/raw/datapackage.json cannot say.

A rule is a function of the raw tables that gives which rows break it, or the values that do. Of
the cells of one row `rules_of_rows.csv` says: where the whole of `given` matches the pattern
`this`, that of `column` matches `right` (of several columns: their texts, parted by spaces); and
`no_more_than.csv` how many `times` another one `column` may be. Foreign keys are in the
description. `known_contradictions.csv` lists what may break a rule, and why: by column, and the
row's first cell or the value itself.
"""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import (
    china,
    countries,
    country_rules,
    dates,
    gazetteer,
    log_rules,
    places,
    schema,
)
from lac_analysis.records.country_rules import Found, Tables
from lac_analysis.records.pairs import rounds, source

_CODED_TWICE = ("date_iso", "lac_level", "china_actor_type", "activity_type", "technology")
_OF_A_TIE = ("date_iso", "lac_iso3", "lac_level")  # that the coders of a page tell alike
_TENS, _ONES = ("", "X"), ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_NUMERALS = {tens + ones: n for n, (tens, ones) in enumerate(product(_TENS, _ONES))}
_OF_TOWN = (  # the town alone whose government acts
    r"(?i)^(?:city|municipality|town|cidade|ciudad|munic[ií]pio|municipalidad|prefeitura|alcald[ií]a"
    r"|ayuntamiento|mayor|alcaldesa?|prefeit[oa]) (?:of|del?|do|da) ([^,;()（]+)$"
)
_OLD = re.compile(  # of a twinning
    r"(?i)\b(\d+|five|ten|fifteen|twenty|thirty|forty) years\b[^.,;]*? in (\d{4})"
)
_NAME_OF_MONTH = rf"(?:{'|'.join(dates.MONTHS)})"
_OF_YEAR = (  # March-April 2012
    rf"(?i)\b(?P<months>{_NAME_OF_MONTH}(?:\W{_NAME_OF_MONTH})?)(?: del?| of)? (?P<year>\d{{4}})\b"
)
_OF_FOUNDING = (
    r"(?i)\b(\d+)(?:[º°ª]|th|st|nd|rd)? (?:anniversary|aniversario|anivers[aá]rio) (?:of|de|da) "
    r"(?:the|la|a)? ?(?:founding|fundaci[oó]n|fundação) (?:of|de|da) "
    r"(?:the |la )?(?:People|rep[uú]blica)"
)
_NUMBERED = (  # 14th Summit, Summit (XIV)
    r"^(?:(?P<ordinal>\d+)(?:st|nd|rd|th) )?(?P<name>[^(;]+?)(?: \((?P<numeral>[IVX]+)\))?"
    r"(?: \(|;|$)"
)
_NUMBERS = {"five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40}
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
    records = raw["engagements"]
    other = ~pd.Series(map(dates.agrees, records["date_text"], records["date_iso"]))
    yield "engagements", "date_iso", other, "the date that date_text is, or its month or year"
    day = pd.to_datetime(records["date_iso"], format="%Y-%m-%d", errors="coerce").dt.day_of_week
    pairs = zip(day, records["date_text"].map(dates.weekdays), strict=True)
    other = day.notna() & pd.Series([bool(told) and day not in told for day, told in pairs])
    yield "engagements", "date_iso", other, "a day of the week that date_text tells"
    twinnings = records[records["activity_type"] == "twinning"]
    old = twinnings["description"].str.extract(_OLD)
    since = old[1].astype(float) - old[0].str.lower().replace(_NUMBERS).astype(float)
    other = pd.to_numeric(twinnings["date_iso"].str[:4]).sub(since).abs() > 0
    yield "engagements", "date_iso", other, "so many years before as the description tells"
    said = records["description"].str.extract(_OF_YEAR)
    said = said[said["year"].eq(records["date_iso"].str[:4]) & records["date_iso"].str.len().gt(4)]
    months = said["months"].str.lower().str.split(r"\W+", regex=True)
    pairs = zip(months, records["date_iso"].str[5:7].reindex(said.index), strict=True)
    other = [int(month) not in map(dates.MONTHS.get, names) for names, month in pairs]
    other = pd.Series(other, said.index, dtype="bool")
    yield "engagements", "date_iso", other, "the month that the description tells"
    founded = records["date_text"].str.extract(_OF_FOUNDING, expand=False).astype(float) + 1949
    other = founded.notna() & pd.to_numeric(records["date_iso"].str[:4]).sub(founded).ne(0)
    yield "engagements", "date_iso", other & records["date_iso"].ne(""), "so many years after 1949"
    told = records["platform"].str.extract(_NUMBERED)
    year = records["date_iso"].str[:4].replace("", None).astype(float)
    number = told["ordinal"].astype(float).fillna(told["numeral"].map(_NUMERALS))
    told = told.assign(year=year, number=number).dropna(subset=["name", "year", "number"])
    several = told.groupby(["name", "number"])["year"].transform("nunique") > 1
    yield "engagements", "platform", several, "a platform with this numeral in one year"
    told = told.sort_values("number", kind="stable")
    early = told["year"] < told.groupby("name")["year"].cummax()
    yield "engagements", "platform", early.sort_index(), "no year before that of a lower numeral"
    taiwan = china.is_taiwan(records["china_actor_text"])
    yield "engagements", "china_actor_text", taiwan, "one of the People's Republic, not of Taiwan"


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


def _bounds(raw: Tables) -> Found:
    bounds = raw["date_bounds"]
    first, last = dates.intervals(bounds["not_before"])[0], dates.intervals(bounds["not_after"])[1]
    yield "date_bounds", "not_before", first > last, "a date on or before not_after"
    date = raw["engagements"].set_index("record_id")["date_iso"].reindex(bounds["record_id"])
    start, _ = dates.intervals(date.fillna("").set_axis(bounds.index))
    dated = start.notna() & ~(start > last)  # a date after not_after is replaced by the bounds
    yield "date_bounds", "record_id", dated, "a record without a date, or of a later one"
    of_page = bounds.replace("", None).groupby(["source_url", "basis"])
    for column in ("not_before", "not_after"):
        several = of_page[column].transform("nunique") > 1
        yield "date_bounds", column, several, "the same in all rows of this page and basis"


def _names(raw: Tables) -> Found:
    """The country, and the Chinese province, that a text names is the one that is coded."""
    records = raw["engagements"]
    for column in ("lac_country_text", "lac_place_text", "lac_actor_text", "china_actor_text"):
        text = records[column]
        if column == "lac_place_text":  # Cusco, Peru or Cusco (Peru); not Salvador, the city
            tail = text.str.extract(r"(?:, *|[(（])([^,;()（）]+)[)）]?$", expand=False)
            text = tail.where(~text.str.match("[一-龥]"), text)  # a Chinese text begins with it
        named = countries.conflicts(text, records["lac_iso3"])["country_text"]
        yield "engagements", column, named, "a name of the country that is coded, if of any"
    blank = pd.Series("", index=records.index)
    coded = china.province(blank, records["china_place"])["china_admin1"]
    named = china.province(records["china_actor_text"])["china_admin1"]
    told = named.fillna(china.province(records["description"])["china_admin1"])
    differ = coded.notna() & told.notna() & (coded != told)
    rule = "the province that china_actor_text names first, or else the description"
    yield "engagements", "china_place", differ, rule
    theirs = china.province(records["lac_actor_text"])["china_admin1"]
    swapped = named.isna() & theirs.notna() & theirs.eq(coded)
    yield (
        "engagements",
        "lac_actor_text",
        swapped,
        "no actor of china_place, where the other names none",
    )
    third = rounds(records["record_id"]).str.fullmatch("[M-PWYZ]|Q.")
    province = "|".join(schema.allowed("engagements", "china_place"))
    two = rf"\b({province})\b.*\b(?!\1\b)({province})\b"
    several = third & records["china_actor_text"].map(re.compile(two).search).notna()
    several &= records["china_place"].ne("")
    yield "engagements", "china_place", several, "blank where several provinces are named"
    coded = places.coded_units(records)
    for row, (iso3, unit, _) in coded[coded["admin1"].isna()].iterrows():
        near = schema.nearest(unit, list(gazetteer.gazetteer(iso3).units)).title()
        rule = "a first-level unit of the country" + f", perhaps {near}" * bool(near)
        yield "engagements", "lac_admin1", pd.Series({row: unit}), rule
    yield from _place_names(records)
    named = coded.groupby("lac_iso3")["admin1"].nunique()
    units, iso3 = raw["countries"]["n_admin1"], raw["countries"]["iso3"]
    few = (units < iso3.map(named)) & iso3.ne("DOM")  # whose records name lower units
    yield "countries", "n_admin1", few, "no fewer than the units that records name"


def _place_names(records: pd.DataFrame) -> Found:
    """The unit and the level that a place's name alone has are not others than those coded."""
    # at other levels than municipal a municipality is one that the gazetteer knows in the unit
    known = records.assign(lac_level=records["lac_level"].replace("municipal", "other_local"))
    coded, alone = places.resolve(known), places.resolve(records.assign(lac_admin1=""))
    town = coded["municipality"].notna()
    other = alone["admin1"].notna() & ~town & alone["admin1"].ne(coded["admin1"])
    city = coded["admin1"].map(gazetteer.CITY_UNITS).fillna("-")
    pairs = zip(city, records["lac_place_text"], strict=True)
    other &= ~pd.Series([name in text for name, text in pairs], index=records.index)
    yield "engagements", "lac_admin1", other, "a unit in which the place lies"
    actor = records["lac_actor_text"].str.extract(_OF_TOWN, expand=False).fillna("")
    named = places.resolve(records.assign(lac_place_text=actor, lac_level="municipal"))
    other = named["municipality"].ne(places.resolve(records)["municipality"]) & town
    other &= named["municipality"].notna()
    yield "engagements", "lac_actor_text", other, "an actor of the town that lac_place_text names"


def _double_coded(raw: Tables) -> Found:
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


def _place_pairs(raw: Tables) -> Found:
    pairs, log = raw["place_pairs"], raw["search_log"].set_index("query_id")
    records = raw["engagements"]
    roles = pairs.groupby("pair")["role"].transform(lambda roles: " ".join(sorted(roles)))
    rule = "one twinned place and one control in each pair"
    yield "place_pairs", "role", roles != "control twinned", rule
    for column in ("lac_iso3", "lac_level"):
        several = pairs.groupby("pair")[column].transform("nunique") > 1
        yield "place_pairs", column, several, "the same in both places of a pair"
    for column, logged in {"query": "query", "lac_iso3": "target"}.items():
        differ = pairs[column] != pairs["query_id"].map(log[logged])
        yield "place_pairs", column, differ, f"the {logged} of this query_id in search_log.csv"
    asked = places.resolve(pairs.rename(columns={"place": "lac_place_text"}))
    place = asked["place_id"]
    other = pairs["place_id"].ne("") & pairs["place_id"].ne(place)
    yield "place_pairs", "place_id", other, "that of the place"
    again = place.fillna(pairs["lac_iso3"] + pairs["place"]).duplicated()
    yield "place_pairs", "place", again, "a place that no other row has"
    coded = places.resolve(records)
    twinning = records["activity_type"].eq("twinning") & (records["date_iso"] >= "2000")
    single = pairs["role"].eq("twinned") & ~pairs["place_id"].isin(coded["place_id"][twinning])
    yield "place_pairs", "place_id", single, "a place with a twinning since 2000 in engagements.csv"
    ties = records["activity_type"].str.match("twinning|friendship")
    ties &= rounds(records["record_id"]).str.fullmatch("[A-L]|GX")
    ties &= coded["place_id"].isin(place[pairs["role"] == "control"].dropna())
    rule = "no twinning of a control in the first two rounds (CODEBOOK.md)"
    yield "engagements", "activity_type", ties, rule
    other = pairs["query_id"].map(log["template"]) != "C1"
    yield "place_pairs", "query_id", other, "a query of template C1"
    absent = [place not in query for place, query in pairs[["place", "query"]].to_numpy()]
    yield "place_pairs", "place", pd.Series(absent), "a place that its query names"
    searched = raw["search_log"][raw["search_log"]["template"] == "C1"]
    of = searched["query_id"].map(pairs.set_index("query_id")["place"])
    yield "search_log", "query_id", of.isna(), "a query of place_pairs.csv"
    said = zip(searched["note"], of.fillna(""), strict=True)
    other = [not note.startswith(place) for note, place in said]
    yield "search_log", "note", pd.Series(other, of.index), "first the place of place_pairs.csv"
    for kind, column in {"admin1": "lac_admin1", "municipality": "lac_place_text"}.items():
        there = records["query_id"].map(asked[kind].set_axis(pairs["query_id"]))
        away = there.notna() & coded[kind].notna() & coded[kind].ne(there)
        yield "engagements", column, away, "the unit or town of the place that its query names"


def _acts(raw: Tables) -> Found:
    """One act is of one country, and a coder who took two records from a page saw two acts."""
    # ids of no record are told by the foreign key
    acts = (
        raw["acts"].merge(raw["engagements"], on="record_id", how="left").dropna(subset="lac_iso3")
    )
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


_RULES = (_links, _every_country, *log_rules.RULES, _bounds, _names, *country_rules.RULES, _rows,
          _double_coded, _place_pairs, _acts)  # fmt: skip
