"""Tables of countries that contradict one another are refused: each wrong edit by its rule."""

import pandas as pd
import pytest
from edits import edited, first_contradiction

from lac_analysis.errors import InputError
from lac_analysis.records import consistency


def in_year(iso3, year):
    return lambda t: t["iso3"].eq(iso3) & t["year"].eq(year)


@pytest.mark.parametrize(
    ("table", "where", "values", "column"),
    [
        ("recognition", lambda t: t["from"] != "", {"to": "1960-01-01"}, "to"),
        ("recognition", lambda t: t["iso3"].duplicated(), {"from": "1950-01-01"}, "from"),
        (
            "country_year",
            lambda t: (t["iso3"] == "ARG") & (t["year"] == 2005),
            {"roc_recognition": 1},
            "roc_recognition",
        ),
        (
            "countries",
            lambda t: t["iso3"] == "PAN",
            {"recognition_history": "ROC to 2016; PRC since 13 Jun 2016"},
            "recognition_history",
        ),
        (
            "countries",
            lambda t: t["iso3"] == "GTM",
            {"recognition_history": "PRC throughout"},
            "recognition_history",
        ),
        ("countries", lambda t: t["iso3"] == "NIC",
         {"recognition_history": "PRC 1985-90; ROC 1993-2021; PRC since 10 Dec 2021"},
         "recognition_history"),
        ("countries", lambda t: t["iso3"] == "PAN", {"bri_mou_date": "2017-05-01"}, "bri_mou_date"),
        ("countries", lambda t: t["iso3"] == "GTM", {"bri_mou_date": "2025-05-01"}, "bri_mou_date"),
        ("countries", lambda t: t["prc_ties_since"] != "", {"prc_ties_since": "1999-01-01"},
         "prc_ties_since"),
        ("country_year", lambda t: t["year"] == 2001, {"bri_member": 1}, "bri_member"),
        ("country_year", lambda t: t["year"] == 2010, {"population": 10}, "population"),
        ("country_year", lambda t: (t["iso3"] == "BRA") & (t["year"] == 2021),
         {"bri_member": 1}, "bri_member"),
        ("country_year", lambda t: (t["bri_member"] == 1) & (t["year"] == 2021),
         {"bri_member": 0}, "bri_member"),
        ("country_year", lambda t: t["roc_recognition"] == 1, {"prc_partnership_level": 2},
         "prc_partnership_level"),
        ("country_year", lambda t: t["rai"].notna(), {"rai": 99.0}, "rai"),
        ("country_year", lambda t: t["imports_world_musd"].notna(), {"imports_china_musd": 1e9},
         "imports_china_musd"),
        ("country_year", lambda t: t["gcdf_projects"] == 0, {"gcdf_usd2021": 5.0}, "gcdf_usd2021"),
        ("strain_episodes", lambda t: t["end"] != "", {"end": "1999-01"}, "end"),
        ("country_year", in_year("ATG", 2010), {"unga_agreement_china": 0.0855},
         "unga_agreement_china"),
        ("country_year", in_year("PAN", 2018), {"prc_leader_visits": 0}, "prc_leader_visits"),
        ("country_year", in_year("ARG", 2012), {"prc_leader_visits": 0}, "prc_leader_visits"),
        ("country_year", in_year("SUR", 2019), {"prc_partnership_level": 0}, "prc_partnership_level"),
        ("country_year", in_year("BRA", 2010), {"population": 228568276}, "population"),
        ("country_year", lambda t: (t["iso3"] == "BRA") & (t["year"] == 2010), {"gdp_usd": 2e11},
         "gdp_usd"),
        ("country_year", lambda t: (t["iso3"] == "PER") & (t["year"] == 2023),
         {"population": 43_000_000}, "population"),
        ("country_year", lambda t: t["gcdf_projects"] > 0, {"gcdf_projects": float("nan")}, "gcdf_projects"),
        ("country_year", lambda t: t["cgit_deals"] > 0, {"cgit_deals": float("nan")}, "cgit_deals"),
        ("country_year", lambda t: t["unga_votes"] > 0, {"unga_votes": float("nan")}, "unga_votes"),
        *(("country_year", in_year("PER", 2010), {column: float("nan")}, column)
          for column in ("rai", "rai_self_rule", "ideal_point", "ideal_point_gap_china",
                         "unga_agreement_usa", "imports_world_musd")),
        *(("country_year", lambda t, column=column: t[column] > 100, {column: 1e13}, column)
          for column in ("exports_world_musd", "cgit_usd_million", "gcdf_usd2021")),
        ("country_year", lambda t: (t["iso3"] == "CRI") & (t["year"] == 2018), {"bri_member": 0},
         "bri_member"),
        ("country_year", lambda t: t["roc_recognition"] == 1, {"prc_leader_visits": 1},
         "prc_leader_visits"),
        ("recognition", lambda t: t["iso3"] == "HTI", {"to": "2024-01-01"}, "to"),
        *(("countries", lambda t, iso3=iso3: t["iso3"] == iso3, {"recognition_history": history},
           "recognition_history")
          for iso3, history in (
            ("PAN", "ROC to 2017; PRC since 13 Jan 2017"), ("DOM", "ROC to 2018; PRC since 21 May 2018"),
            ("BHS", "ROC 1989-97; PRC since Mar 1997"))),
        ("strain_episodes", lambda t: t["iso3"] == "PAN", {"iso3": "MEX"}, "iso3"),
        ("country_year", lambda t: t["year"] == 2005, {"ideal_point": 0.6221}, "ideal_point"),
        ("country_year", lambda t: t["year"] == 2005, {"ideal_point_gap_china": 1.1}, "ideal_point"),
        ("countries", lambda t: t["iso3"] == "BRA", {"country": "Peru"}, "country"),
        ("recognition", lambda t: t["iso3"].eq("CRI") & t["recognises"].eq("PRC"), {"from": ""}, "from"),
        ("country_year", lambda t: t["cgit_deals"] == 1, {"cgit_deals": 11}, "cgit_deals"),
        ("country_year", lambda t: t["iso3"].eq("CHL") & t["year"].eq(2010),
         {"gcdf_projects": float("nan"), "gcdf_usd2021": float("nan")}, "gcdf_projects"),
        ("countries", lambda t: t["iso3"] == "BRA", {"small_state": 1}, "small_state"),
        ("recognition", lambda t: t["to"] == "2018-08-20", {"to": "2018-03-20"}, "from"),
        ("strain_episodes", lambda t: t["start"] == "2019-01", {"start": "2018-09"}, "start"),
        ("local_powers", lambda t: t["agreements_admin1_b"] == "2", {"agreements_admin1": "3"},
         "agreements_admin1"),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused_with_its_place_and_rule(ours, table, where, values, column):
    tables, row = edited(ours, table, where, **values)
    found = first_contradiction(tables)
    assert found[:2] == (table, column) and found[3]
    if column not in ("population", "gdp_usd", "from"):
        assert found[2] == row


@pytest.mark.parametrize(
    ("edits", "place", "rule"),
    [
        ([("local_powers", lambda t: t["iso3"] == "ATG", {"elected_admin1": "0"})],
         "elected_admin1", "what both coders say"),
        ([("local_powers", lambda t: t["iso3"] == "BHS",
           {"elected_admin1": "1", "elected_admin1_a": "1", "elected_admin1_b": "1"})],
         "elected_admin1", "na, no such level, in agreements_admin1 too"),
        ([("local_powers", lambda t: t["iso3"] == "MEX",
           {"agreements_municipal_a": "na", "elected_municipal_a": "1", "agreements_municipal": "",
            "elected_municipal": ""})],
         "elected_municipal_a", "na, no such level, in agreements_municipal_a too"),
        ([("local_powers", lambda t: t["iso3"] == "BRA",
           {"elected_admin1": "na", "elected_admin1_a": "na", "elected_admin1_b": "na"})],
         "elected_admin1", "na, no such level, in agreements_admin1 too"),
        ([("local_powers", lambda t: t["iso3"] == "BRA",
           {f"{kind}_admin1{coder}": "na" for kind in ("agreements", "elected")
            for coder in ("", "_a", "_b")})],
         "agreements_admin1", "no na, as the country is a federation"),
        ([("countries", lambda t: t["iso3"] == "CUB", {"n_admin1": 15})],
         "n_admin1", "the number of first-level units in ISO 3166-2"),
        ([("country_year", in_year("PER", 2010), {"unga_votes": 900})],
         "unga_votes", "no more than a tenth above the median of the year"),
        ([("country_year", lambda t: t["cgit_deals"] == 3, {"cgit_usd_million": 0})],
         "cgit_deals", "0 where cgit_usd_million is 0"),
        ([("country_year", lambda t: t["cgit_deals"] == 0, {"cgit_usd_million": 100})],
         "cgit_usd_million", "0 where cgit_deals is 0"),
        ([("country_year", lambda t: t["cgit_deals"] == 0, {"cgit_usd_million": float("nan")})],
         "cgit_usd_million", "a number, or none in cgit_deals"),
        ([("countries", lambda t: t["iso3"] == "URY", {"prc_ties_since": "2008-02-03"}),
          ("recognition", lambda t: t["iso3"] == "URY", {"from": "2008-02-03"})],
         "from", "a day before 2000, or none, in the first spell"),
        ([("recognition", lambda t: t["iso3"].eq("BHS") & t["recognises"].eq("ROC"),
           {"recognises": "PRC"})], "recognises", "not that of the spell before"),
        # the day and month of a closed spell; a year of a series
        *(([("countries", lambda t: t["iso3"] == "LCA", {"recognition_history":
             f"ROC 1984-97; PRC {first} 1997 - May 2007; ROC since 30 Apr/1 May 2007"})],
           "recognition_history", "the spells of recognition.csv")
          for first in ("1 Mar", "Mar", "9 Sep")),
        *(([("country_year", in_year("PER", 2010), {column: float("nan")})], column, "a number ")
          for column in ("gdp_usd", "prc_leader_visits")),
    ],
)  # fmt: skip
def test_what_rows_say_together_is_refused(ours, edits, place, rule):
    tables = ours
    for table, where, values in edits:
        tables, _ = edited(tables, table, where, **values)
    found = first_contradiction(tables)
    assert found[1] == place and rule in found[3]


def test_a_country_may_go_back_to_taipei(ours):
    """Its memorandum stays."""
    tables, _ = edited(ours, "countries", lambda t: t["iso3"] == "SLV", prc_ties_since="",
                       recognition_history="ROC to 2018; PRC 21 Aug 2018 - 2026; ROC since Sep 2026")  # fmt: skip
    last = lambda t: t["iso3"].eq("SLV") & t["recognises"].eq("PRC")  # noqa: E731
    tables, row = edited(tables, "recognition", last, to="2026-08-31")
    spells = tables["recognition"]
    new = spells.iloc[[row - 2]].assign(**{"from": "2026-09-01", "to": "", "recognises": "ROC"})
    consistency.refuse(tables | {"recognition": pd.concat([spells, new], ignore_index=True)})


def test_a_memorandum_before_the_membership_is_refused(ours):
    tables, _ = edited(ours, "countries", lambda t: t["iso3"] == "JAM", bri_mou_date="2009-04-01")
    with pytest.raises(InputError, match="1 from the year of bri_mou_date on"):
        consistency.refuse(tables)


@pytest.mark.parametrize(("year", "iso3"), [(2003, "PER"), (2000, ""), (2012, ""), (2023, "")])
def test_a_year_that_is_missing_is_refused(ours, year, iso3):
    """Of one country, or as a whole."""
    cells = ours["country_year"]
    gone = cells[~(cells["iso3"].str.startswith(iso3) & (cells["year"] == year))]
    with pytest.raises(InputError, match="every country in every year, 2000 to 2023") as error:
        consistency.refuse(ours | {"country_year": gone.reset_index(drop=True)})
    assert error.value.value == year


def test_years_of_a_twinning_are_not_those_of_the_states(ours):
    """Tests of `date_text`: 42 years of diplomatic relations are refused elsewhere."""
    told = ours["engagements"]["date_text"].mask(
        ours["engagements"]["record_id"] == "QC-0050", "[20 years of sister relations]"
    )
    raw = ours | {"engagements": ours["engagements"].assign(date_text=told)}
    assert not [value for *_, value, rule in consistency.contradictions(raw) if "prc_ties" in rule]
