"""Whether the tables of countries agree with one another: the rules of `consistency` on them."""

import re
from collections.abc import Iterator

import pandas as pd

from lac_analysis.records import countries, dates

Tables = dict[str, pd.DataFrame]
Found = Iterator[tuple[str, str, pd.Series, str]]  # table, column, which rows or values, the rule

_MOST_GROWTH = {"population": 1.1, "gdp_usd": 3}  # in one year, or the other way round
_MOST_STEP = {"unga_agreement_china": 0.5, "unga_agreement_usa": 0.5, "ideal_point": 2,
              "rai_self_rule": 8, "rai_shared_rule": 4,
              "vdem_division_of_power": 0.65}  # in one year  # fmt: skip
_TOGETHER = (  # all of them in a row, or none
    "ideal_point ideal_point_gap_china unga_agreement_china unga_agreement_usa unga_votes",
    "imports_world_musd imports_china_musd exports_world_musd exports_china_musd",
    "rai rai_self_rule rai_shared_rule",
    "gcdf_projects gcdf_usd2021",
    "cgit_deals cgit_usd_million",
)
_EMBASSY = (
    "(?i)embass|ambassad|embaj|embaix|consul(?!t)|charg[eé]|encargad[oa] de neg|大使|领事|代办"
)
_TRADE_OFFICE = "(?i)trade|comerci|贸易"
_LEADER = "(?:President|Premier) (?!of )[^,;]*"
_RAISED = "(?:raise[sd]?|upgraded?) (?:ties )?to [a-z -]*strategic partnership"
_YEARS = (  # since ties of states began
    r"(?i)\b(\d+)(?:[º°ª]|th|st|nd|rd)? (?:years?|años|anos|anivers[aá]rio|anniversary)"
    " (?:of|after|del?|das) (?:[a-z]+ ){0,4}(?:diplomatic|relaciones diplom|relações diplom)"
)
_THROUGHOUT = r"throughout(?! \(since (?!"  # ROC throughout (since 1956)


def _spells(raw: Tables) -> Found:
    spells = raw["recognition"]
    start, end = (dates.intervals(spells[name])[0] for name in ("from", "to"))
    yield "recognition", "to", end < start, "a day after the first of the spell"
    spells = spells.assign(start=start, end=end).sort_values(["iso3", "start"], na_position="first")
    later, before = spells["iso3"].duplicated(), spells.groupby("iso3").shift()
    apart = later & (before["end"] + pd.Timedelta(days=1) != spells["start"])
    yield "recognition", "from", apart, "the day after the spell before"
    same = later & (spells["recognises"] == before["recognises"])
    yield "recognition", "recognises", same, "not that of the spell before"
    late = ~later & (spells["from"] >= "2000")
    yield "recognition", "from", late, "a day before 2000, or none, in the first spell"
    closed = spells["to"].ne("") & ~spells["iso3"].duplicated(keep="last")
    yield "recognition", "to", closed, "blank in the last spell"
    episodes = raw["strain_episodes"].sort_values(["iso3", "breadth", "start"])
    yield "strain_episodes", "end", episodes["end"] < episodes["start"], "no month before the start"
    overlap = episodes["start"] <= episodes.groupby(["iso3", "breadth"])["end"].shift()
    yield "strain_episodes", "start", overlap, "after the episode before"
    told = episodes["basis"].str.extract(r"\b(20\d\d)\b", expand=False)
    outside = (told < episodes["start"].str[:4]) | (told > episodes["end"].str[:4])
    yield "strain_episodes", "start", outside, "with the end, around the year that the basis tells"
    named = countries.conflicts(episodes["basis"], episodes["iso3"])["coded"]
    yield "strain_episodes", "iso3", named, "the country that the basis names, if it names one"


def _recognition(raw: Tables) -> Found:
    """The spells say the same as the country tables."""
    cells, spells, about = raw["country_year"], raw["recognition"], raw["countries"]
    other = about["iso3"] != about["country"].map(countries.by_name)
    yield "countries", "country", other, "the name of this iso3"
    day = cells["year"].astype("str") + "-12-31"
    roc = spells[spells["recognises"] == "ROC"]
    held = cells.assign(day=day).reset_index().merge(roc, on="iso3")
    held = held[(held["from"] <= held["day"]) & (held["to"].eq("") | (held["to"] >= held["day"]))]
    differ = cells["roc_recognition"] != cells.index.isin(held["index"])
    yield "country_year", "roc_recognition", differ, "1 where a spell of ROC in recognition holds"
    prc = spells[spells["recognises"] == "PRC"]
    records = raw["engagements"]
    dated = records.reset_index().merge(prc, left_on="lac_iso3", right_on="iso3")
    start, end = (dates.intervals(dated[name])[0] for name in ("from", "to"))
    first, last = dates.intervals(dated["date_iso"])
    ties = dated["index"][~(start > last) & ~(end < first)]  # a missing end is open
    without = records["date_iso"].ne("") & ~records.index.isin(ties)
    embassy = records["china_actor_text"].str.contains(_EMBASSY)
    rule = "no embassy or consulate where Beijing is not recognised"
    yield "engagements", "china_actor_text", embassy & without, rule
    coded = records["china_actor_type"].eq("embassy_consulate") & ~embassy
    coded &= ~records["china_actor_text"].str.contains(_TRADE_OFFICE)
    yield "engagements", "china_actor_type", coded & without, f"{rule}, but an office for trade"
    prc = prc[prc["to"] == ""].drop_duplicates("iso3")
    differ = about["prc_ties_since"] != about["iso3"].map(prc.set_index("iso3")["from"]).fillna("")
    yield "countries", "prc_ties_since", differ, "the first day of the PRC's spell that still holds"


def _history(raw: Tables) -> Found:
    """The history in words is that of the spells: 'ROC 1989-97; PRC since May 1997', or 'PRC
    throughout'.
    """
    spells = raw["recognition"].sort_values(["iso3", "from"])
    day = spells["from"].str[8:].str.lstrip("0")
    month = pd.to_datetime(spells["from"]).dt.strftime("%b").fillna("")
    first = "(?:(?:" + day + " )?" + month + "[^;]* )?" + spells["from"].str[:4]
    until = first + "[^;]*[ -](?:..)?" + spells["to"].str[2:4]
    until = until.where(spells["to"] != "", "since " + first)
    alone = ~spells["iso3"].duplicated(keep=False)
    until = until.mask(alone, _THROUGHOUT + spells["from"].str[:4] + "))")
    until = spells["recognises"] + " " + until + "[^;]*"
    told = until.groupby(spells["iso3"]).agg("; ".join).reindex(raw["countries"]["iso3"]).fillna("")
    history = raw["countries"]["recognition_history"]
    wrong = pd.Series([not re.fullmatch(*both) for both in zip(told, history, strict=True)])
    yield "countries", "recognition_history", wrong, "the spells of recognition.csv, in words"
    prc = spells[spells["recognises"] == "PRC"].groupby("iso3")["from"].last()
    ties, signed = (raw["countries"][name] for name in ("iso3", "bri_mou_date"))
    ties = ties.map(prc).fillna("9999")  # the last spell, not ties that hold: some go back to ROC
    of_month = signed.str.endswith("-01")  # its first day may be that of a month alone
    early = signed.ne("") & (signed < ties.str[:7].where(of_month, ties))
    yield "countries", "bri_mou_date", early, "no day before the PRC's last spell; blank if none"


def _country_years(raw: Tables) -> Found:
    cells = raw["country_year"].sort_values(["iso3", "year"])
    signed = cells["iso3"].map(raw["countries"].set_index("iso3")["bri_mou_date"]).str[:4]
    member = signed.ne("") & (signed <= cells["year"].astype("str"))
    wrong = cells["bri_member"].ne(member) & ~(member & (cells["year"] > 2024))  # Panama leaves
    yield "country_year", "bri_member", wrong, "1 from the year of bri_mou_date on, 0 before"
    for names in map(str.split, _TOGETHER):
        for name in names:
            blank = cells[name].isna() & cells[names].notna().any(axis=1)
            yield "country_year", name, blank, f"a number, or none in {', '.join(names)}"
    many = cells["unga_votes"] > 1.1 * cells.groupby("year")["unga_votes"].transform("median")
    yield "country_year", "unga_votes", many, "no more than a tenth above the median of the year"
    china = cells["ideal_point"] - cells["ideal_point_gap_china"]  # four decimals each
    other = (china - china.groupby(cells["year"]).transform("median")).abs() > 0.0003
    yield "country_year", "ideal_point", other, "the gap, and China's point, which all share"
    people = raw["countries"]["iso3"].map(cells.groupby("iso3")["population"].last())
    wrong = (people < 1_500_000) != raw["countries"]["small_state"].eq(1)
    yield "countries", "small_state", wrong, "1 for fewer than 1.5 million people, and only then"
    for name, most in _MOST_GROWTH.items():
        growth = cells[name] / cells.groupby("iso3")[name].shift()
        jump = ~growth.between(1 / most, most) & growth.notna()
        yield "country_year", name, jump, f"within a factor of {most} of the year before"
    for name, most in _MOST_STEP.items():
        step = (cells[name] - cells.groupby("iso3")[name].shift()).abs()
        yield "country_year", name, step > most, f"within {most} of the year before"


def _told(raw: Tables) -> Found:
    """What records tell of ties between states is in the row of that country and year."""
    records, cells = raw["engagements"], raw["country_year"]
    told = (records["date_text"] + " " + records["description"]).str.extract(_YEARS, expand=False)
    since = records["lac_iso3"].map(raw["countries"].set_index("iso3")["prc_ties_since"]).str[:4]
    year = pd.to_numeric(records["date_iso"].str[:4])
    other = (year - told.astype(float) - pd.to_numeric(since)).abs() > 0
    yield "engagements", "date_iso", other, "so many years after prc_ties_since as the text tells"
    records = records[records["lac_level"] == "national"]
    year_of = records["lac_iso3"] + records["date_iso"].str[:4]
    visited = records["activity_type"].eq("visit_to_lac")
    visited &= records["china_actor_text"].str.fullmatch(_LEADER)
    partner = records["description"].str.contains(_RAISED)
    for column, told, least in (
        ("prc_leader_visits", visited, 1),
        ("prc_partnership_level", partner, 2),
    ):
        short = (cells["iso3"] + cells["year"].astype("str")).isin(year_of[told])
        short &= cells[column] < least
        yield "country_year", column, short, f"{least} at least: a record of that year tells it"


def _local_powers(raw: Tables) -> Found:
    powers = raw["local_powers"]
    told = powers["basis"].str.findall(r"\b(?:1[89]|20)\d\d\b")
    since = powers["since"].str.findall(r"\d{4}")
    pairs = zip(since, told, strict=True)
    other = pd.Series([bool(years) and not {*since} <= {*years} for since, years in pairs])
    yield "local_powers", "since", other, "a year that the basis tells, if it tells any"
    codes = powers.filter(regex="^(?:agreements|elected)_").ne("").any(axis=1)
    yield "local_powers", "basis", codes & powers["basis"].eq(""), "what excerpts say of the codes"
    federal = powers["iso3"].map(raw["countries"].set_index("iso3")["federal"]).eq(1)
    for column in (f"agreements_admin1{coder}" for coder in ("", "_a", "_b")):
        none = federal & powers[column].eq("na")
        yield "local_powers", column, none, "no na, as the country is a federation"


def steps(raw: Tables) -> Found:
    """Ties and trade from one year to the next; last, as a wrong cell breaks it a year later."""
    cells = raw["country_year"].sort_values(["iso3", "year"])
    by_country = cells.groupby("iso3")
    fell = by_country["prc_partnership_level"].diff() < 0
    yield "country_year", "prc_partnership_level", fell, "no lower level than the year before"
    for name in ("imports_world_musd", "exports_world_musd"):
        growth = cells[name] / by_country[name].shift()
        jump = ~growth.between(1 / 3, 3) & growth.notna()
        yield "country_year", name, jump, "within a factor of 3 of the year before"


RULES = (_spells, _recognition, _history, _country_years, _told, _local_powers)
