"""Whether places and names agree with what is coded: the rules of `consistency` on them."""

import re
from collections import Counter

import pandas as pd
import pycountry

from lac_analysis.records import china, countries, gazetteer, places, schema
from lac_analysis.records.country_rules import Found, Tables
from lac_analysis.records.pairs import rounds

# 'Mayor of Salta', 'Mayor Romero of Salta', 'Bettina Romero, mayor of Salta'
_OF = (
    r"(?i)(?:^|[,(] ?)(?:%s)(?: (?:of|del?|do|da)|(?-i:(?: [A-Z][^,;()（ ]+){1,4} of))"
    r" ([^,;()（]+)$"
)

_OF_TOWN = _OF % (  # the town alone whose government acts
    r"(?:city|municipal|town) council|city|municipality|town|cidade|ciudad|munic[ií]pio"
    r"|municipalidad|prefeitura(?: municipal)?|alcald[ií]a|ayuntamiento|concejo (?:municipal"
    r"|deliberante)|c[aâ]mara municipal|mayor|alcaldesa?|intendente|prefeit[oa]"
)

_OF_UNIT = _OF % (  # or the unit alone whose governor does
    r"governor|gobernador|gobernadora|governador|governadora|government|gobierno|governo"
    r"|gobernaci[oó]n|province|provincia|state|estado"
)

# who visits, and where: 'Delegation from Nanchang visits Sorocaba'
_VISITS = (
    r"(?:^|[;,.]| and )(?P<guest>(?:(?! and )[^;,.])*?)\bvisit(?:s|ed) "
    r"(?P<host>(?:(?! and | to )[^;,.])*)"
)

_IN = re.compile(r"\b(?:in|at) (([A-Z][\w']*)(?: [A-Z][\w']*)?)")  # a place, by one word or two


def names(raw: Tables) -> Found:
    """The country, and the Chinese province, that a text names is the one that is coded."""
    records = raw["engagements"]
    for column in ("lac_country_text", "lac_place_text", "lac_actor_text", "china_actor_text"):
        text = records[column]
        if column == "lac_place_text":  # Cusco, Peru or Cusco (Peru); not Salvador, the city
            tail = text.str.extract(r"(?:, *|[(（])([^,;()（）]+)[)）]?$", expand=False)
            text = tail.where(~text.str.match("[一-龥]"), text)  # a Chinese text begins with it
        named = countries.conflicts(text, records["lac_iso3"])["country_text"]
        yield "engagements", column, named, "a name of the country that is coded, if of any"
    taiwan = china.is_taiwan(records["china_actor_text"])
    yield "engagements", "china_actor_text", taiwan, "one of the People's Republic, not of Taiwan"
    blank = pd.Series("", index=records.index)
    coded = china.province(blank, records["china_place"])["china_admin1"]
    named = china.province(records["china_actor_text"])["china_admin1"]
    told = named.fillna(china.province(records["description"])["china_admin1"])
    differ = coded.notna() & told.notna() & (coded != told)
    rule = "the province that china_actor_text names first, or else the description"
    yield "engagements", "china_place", differ, rule
    theirs = china.province(records["lac_actor_text"])["china_admin1"]
    swapped = named.isna() & theirs.notna() & theirs.eq(coded)
    rule = "no actor of china_place, where the other names none"
    yield "engagements", "lac_actor_text", swapped, rule
    chinese = {*china.places(), "boao"}  # a town, that of the forum
    told = records["description"].map(_IN.findall)
    there = [not chinese.isdisjoint(map(str.casefold, sum(found, ()))) for found in told]
    there = records["activity_type"].eq("visit_to_lac") & pd.Series(there)
    yield "engagements", "activity_type", there, "no visit_to_lac for a meeting in a Chinese city"
    sides = records["description"].str.extract(_VISITS).fillna("")
    guest, host = (china.province(side)["china_admin1"].notna() for side in map(sides.get, sides))
    guest |= sides["guest"].str.contains("Chinese")
    there = records["activity_type"].eq("visit_to_lac") & host & ~guest
    yield "engagements", "activity_type", there, "no visit_to_lac of who visits a Chinese place"
    here = records["activity_type"].eq("visit_to_china") & guest & ~host
    yield "engagements", "activity_type", here, "no visit_to_china of Chinese visitors"
    third = rounds(records["record_id"]).str.fullmatch("[M-PWYZ]|Q.")
    province = "|".join(schema.allowed("engagements", "china_place"))
    two = rf"\b({province})\b.*\b(?!\1\b)({province})\b"
    several = third & records["china_actor_text"].map(re.compile(two).search).notna()
    several &= records["china_place"].ne("")
    yield "engagements", "china_place", several, "blank where several provinces are named"
    coded = places.coded_units(records)
    for row, (iso3, unit, *_) in coded[coded["admin1"].isna()].iterrows():
        near = schema.nearest(unit, list(gazetteer.gazetteer(iso3).units)).title()
        rule = "a first-level unit of the country" + f", perhaps {near}" * bool(near)
        yield "engagements", "lac_admin1", pd.Series({row: unit}), rule
    yield from _place_names(records)
    first = Counter(unit.country.alpha_3 for unit in pycountry.subdivisions if not unit.parent_code)
    other = raw["countries"]["n_admin1"] != raw["countries"]["iso3"].map(first)
    yield "countries", "n_admin1", other, "the number of first-level units in ISO 3166-2"


def _place_names(records: pd.DataFrame) -> Found:
    """The unit and the level that a place's name alone has are not others than those coded."""
    # at other levels than municipal a municipality is one that the gazetteer knows in the unit
    known = records.assign(lac_level=records["lac_level"].replace("municipal", "other_local"))
    coded, alone = places.resolve(known), places.resolve(records.assign(lac_admin1=""))
    town = coded["municipality"].notna()
    other = records["lac_place_text"].map(countries.by_name)
    other = other.ne("") & other.ne(records["lac_iso3"]) & ~town  # Salvador is a town, too
    yield "engagements", "lac_place_text", other, "a place of the country that is coded"
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
    actor = records["lac_actor_text"].str.extract(_OF_UNIT, expand=False).fillna("")
    asked = {"lac_place_text": actor, "lac_admin1": "", "lac_actor_text": "", "lac_level": "admin1"}
    named = places.resolve(records.assign(**asked))["admin1"]
    other = named.notna() & coded["admin1"].notna() & named.ne(coded["admin1"])
    yield "engagements", "lac_actor_text", other, "an actor of the unit that is coded"


def first_contacts(raw: Tables) -> Found:
    """A first contact of a place and a Chinese city or province is in their first year of acts."""
    records = raw["engagements"]
    found = china.province(records["china_actor_text"], records["china_place"])
    by = [
        places.resolve(records)["place_id"],
        found["china_admin1"],
        found["china_city"].fillna(""),
    ]
    year = pd.to_numeric(records["date_iso"].str[:4])
    later = records["prior_contact"].eq("0") & (year > year.groupby(by).transform("min"))
    rule = "no first contact after the year of another act of both, as a twinning"
    yield "engagements", "prior_contact", later, rule


def place_pairs(raw: Tables) -> Found:
    """Twinned places and their controls are pairs, and their queries are those of the log."""
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
    known = place.str.contains("-", na=False) & ~place.isin(gazetteer.CITY_UNITS)
    other = known & place.str.contains("/").ne(pairs["lac_level"].eq("municipal"))
    yield "place_pairs", "lac_level", other, "admin1 for a first-level unit, municipal for a town"
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
