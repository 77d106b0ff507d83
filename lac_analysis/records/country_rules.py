"""Whether the tables of countries agree with one another: the rules of `consistency` on them."""

import re
from collections.abc import Iterator

import pandas as pd

from lac_analysis.records import countries, dates

Tables = dict[str, pd.DataFrame]
Found = Iterator[tuple[str, str, pd.Series, str]]  # table, column, the faulty values, what is right

_MOST_GROWTH = {"population": 1.2, "gdp_usd": 3}  # in one year, or the other way round
_AGREEMENT = ["unga_agreement_china", "unga_agreement_usa"]
_CODERS = ("", "_a", "_b")  # of local_powers: what is agreed, and each one's
OF_ROWS = (  # table, column, what is right, which rows are wrong
    ("country_year", "prc_partnership_level", "0 while the ROC is recognised",
     lambda t: t["roc_recognition"].eq(1) & t["prc_partnership_level"].gt(0)),
    ("country_year", "rai", "the sum of self-rule and shared rule",  # of two decimals each
     lambda t: (t["rai"] - t["rai_self_rule"] - t["rai_shared_rule"]).abs() > 0.02),
    ("country_year", "imports_china_musd", "no more than imports_world_musd, and blank if it is",
     lambda t: t["imports_china_musd"] > t["imports_world_musd"].fillna(-1)),
    ("country_year", "exports_china_musd", "no more than exports_world_musd, and blank if it is",
     lambda t: t["exports_china_musd"] > t["exports_world_musd"].fillna(-1)),
    ("country_year", "gcdf_usd2021", "0 where gcdf_projects is 0",
     lambda t: t["gcdf_projects"].eq(0) & t["gcdf_usd2021"].gt(0)),
    ("country_year", "gcdf_projects", "a number where gcdf_usd2021 has one, and only there",
     lambda t: t["gcdf_projects"].isna() != t["gcdf_usd2021"].isna()),
    ("country_year", "cgit_deals", "0, or blank, where cgit_usd_million is, and only there",
     lambda t: t[["cgit_deals", "cgit_usd_million"]].fillna(-1).clip(upper=1).nunique(axis=1) > 1),
    ("country_year", "unga_votes", "the votes behind unga_agreement_china and _usa, or none",
     lambda t: t[_AGREEMENT].notna().ne(t["unga_votes"].gt(0), axis=0).any(axis=1)),
    ("country_year", "unga_votes", "no more than twice the median of the year",
     lambda t: t["unga_votes"] > 2 * t.groupby("year")["unga_votes"].transform("median")),
    ("countries", "country", "the name of this iso3",
     lambda t: t["iso3"] != t["country"].map(countries.by_name)),
    ("strain_episodes", "end", f"a month from the start to {dates.LAST_DAY}",
     lambda t: ~t["end"].between(t["start"], str(dates.LAST_DAY)[:7])),
)  # fmt: skip


def _spells(raw: Tables) -> Found:
    spells = raw["recognition"]
    start, end = (dates.intervals(spells[name])[0] for name in ("from", "to"))
    yield "recognition", "to", spells["to"][end < start], "a day after the first of the spell"
    spells = spells.assign(start=start, end=end).sort_values(["iso3", "start"], na_position="first")
    before = spells.groupby("iso3")["end"].shift()
    apart = spells["iso3"].duplicated() & (before + pd.Timedelta(days=1) != spells["start"])
    yield "recognition", "from", spells["from"][apart], "the day after the spell before"
    same = spells["recognises"] == spells.groupby("iso3")["recognises"].shift()
    yield "recognition", "recognises", spells["recognises"][same], "not that of the spell before"
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
    """The history in words is that of the spells: 'ROC 1989-97; PRC since May 1997', or 'PRC
    throughout'.
    """
    spells = raw["recognition"].sort_values(["iso3", "from"])
    until = spells["from"].str[:4] + "[^;]*[ -](?:..)?" + spells["to"].str[2:4]
    until = until.where(spells["to"] != "", "since [^;]*" + spells["from"].str[:4])
    alone = ~spells["iso3"].duplicated(keep=False)
    until = spells["recognises"] + " [^;]*" + until.mask(alone, "throughout") + "[^;]*"
    told = until.groupby(spells["iso3"]).agg("; ".join).reindex(raw["countries"]["iso3"]).fillna("")
    history = raw["countries"]["recognition_history"]
    right = [bool(re.fullmatch(*both)) for both in zip(told, history, strict=True)]
    wrong = history[~pd.Series(right)]
    yield "countries", "recognition_history", wrong, "the spells of recognition.csv, in words"
    signed, ties = (raw["countries"][name] for name in ("bri_mou_date", "prc_ties_since"))
    early = signed.ne("") & (signed.str[:7] < ties.replace("", "9999").str[:7])
    rule = "no month before prc_ties_since; blank if that is"
    yield "countries", "bri_mou_date", signed[early], rule


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


def _local_powers(raw: Tables) -> Found:
    """Where both coders say the same, it is what is agreed."""
    powers = raw["local_powers"]
    federal = powers["iso3"].map(raw["countries"].set_index("iso3")["federal"]).eq(1)
    for name in (name.removesuffix("_a") for name in powers if name.endswith("_a")):
        agreed, one, other = (powers[f"{name}{coder}"] for coder in _CODERS)
        right = agreed.eq(one) | agreed.eq(other) | (agreed.eq("") & (one != other))
        yield "local_powers", name, agreed[~right], "what both coders say, or one; blank if neither"
    for column in (f"{level}{coder}" for level in ("admin1", "municipal") for coder in _CODERS):
        agreements, elected = powers[f"agreements_{column}"], powers[f"elected_{column}"]
        differ = (agreements.eq("na") != elected.eq("na")) & agreements.ne("") & elected.ne("")
        rule = f"na, no such level, in agreements_{column} too, or in neither"
        yield "local_powers", f"elected_{column}", elected[differ], rule
        none = agreements[federal & agreements.eq("na") & column.startswith("admin1")]
        yield "local_powers", f"agreements_{column}", none, "no na, as the country is a federation"


RULES = (_spells, _recognition, _history, _country_years, _local_powers)
