import numpy as np
import pandas as pd
import pytest

from lac_analysis import claims, config
from lac_analysis.claims import months, plan, platforms, twinning, web
from lac_analysis.selection import Selection

ALL = Selection(collection="all")
TYPES = ["embassy_consulate", "provincial_government", "private_company", "university"]


def places(rng, mixed):
    """Forty places with five engagements each: of any type, or of one patron a place."""
    rows = []
    for place in range(40):
        patron = TYPES[place % len(TYPES)]
        for _ in range(5):
            kind = rng.choice(TYPES) if mixed else patron
            rows.append({"country": "BRA", "place_id": f"BR-X/{place}", "actor_type": kind})
    return rows


def test_web_is_one_where_all_mix_and_low_with_one_patron_a_place(made):
    rng = np.random.default_rng(1)
    options = plan.load()["web"].options
    assert web.estimate(made(places(rng, True)), ALL, **options) == pytest.approx(1, abs=0.06)
    patrons = claims.analyse("web", made(places(rng, False)), ALL)
    assert patrons.estimate < 0.5 and not patrons.conditions["two_types"]
    assert patrons.verdict == "contradicted"


def test_web_can_be_supported_and_needs_thirty_places(made):
    rng = np.random.default_rng(1)
    finding = claims.analyse("web", made(places(rng, True)), ALL)
    assert finding.verdict == "supported" and finding.attainable > 1
    few = claims.analyse("web", made(places(rng, True)[:100]), ALL)
    assert few.verdict == "not testable" and "20 places" in few.not_testable
    # a place that is alone in its country is compared with nothing
    others = [iso3 for iso3 in config.CELAC if iso3 != "BRA"]
    alone = [
        row | {"country": others[at // 5 - 28]} if at >= 28 * 5 else row
        for at, row in enumerate(places(rng, True))
    ]
    assert "28 places" in claims.analyse("web", made(alone), ALL).not_testable


def searched(tables, rows):
    columns = ["pair", "role", "query_id", "lac_iso3", "lac_level", "place", "place_id", "query"]
    return pd.DataFrame(rows, columns=columns)


def pair_rows(n):
    rows = []
    for i in range(n):
        for role in ("twinned", "control"):
            place = f"BR-X/{role}{i}"
            rows.append((f"{i}", role, f"QA-{role}{i}", "BRA", "municipal", place, place, "q"))
    return rows


def test_twinning_compares_with_places_not_twinned_by_then(tables, made):
    rows = []
    for i in range(12):
        rows.append({"country": "BRA", "place_id": f"BR-X/twinned{i}", "activity": "twinning",
                     "date": f"{2005 + i}-06-01"})  # fmt: skip
        if i < 10:  # engaged two years before it twinned
            rows.append(
                {"country": "BRA", "place_id": f"BR-X/twinned{i}", "date": f"{2003 + i}-06-01"}
            )
    rows.append({"country": "BRA", "place_id": "BR-X/control0", "date": "2004-01-01"})
    data = made(rows, place_pairs=searched(tables, pair_rows(12)))
    options = {"memoranda": "exclude", "years_before": 10}
    sets = twinning.table(data, ALL, **options)
    assert sets["set"].nunique() == 12 and sets.groupby("set")["case"].sum().eq(1).all()
    first, last = sets[sets["set"] == "BR-X/twinned0"], sets[sets["set"] == "BR-X/twinned11"]
    assert len(first) == 24 and len(last) == 13  # those twinned before are no longer compared
    finding = claims.analyse("twinning", data, ALL)
    assert finding.estimate > 5 and finding.p < 0.01 and finding.verdict == "supported"


def test_twinning_leaves_out_the_memorandum_of_the_pair(tables, made):
    rows = [
        {"country": "BRA", "place_id": "BR-X/twinned0", "activity": "twinning",
         "date": "2010-06-01", "china_admin1": "CN-GD"},
        {"country": "BRA", "place_id": "BR-X/twinned0", "activity": "friendship_memorandum",
         "date": "2008-06-01", "china_admin1": "CN-GD"},
    ]  # fmt: skip
    data = made(rows, place_pairs=searched(tables, pair_rows(2)))
    for memoranda, exposed in (("exclude", 0), ("include", 1)):
        sets = twinning.table(data, ALL, memoranda=memoranda, years_before=10)
        assert sets.loc[sets["case"] == 1, "exposed"].tolist() == [exposed]


def test_platforms_net_of_what_happens_everywhere(tables, made):
    rng = np.random.default_rng(3)
    rows = []
    for i in range(30):
        host = f"BR-X/twinned{i}"
        rows.append({"country": "BRA", "place_id": host, "activity": "platform_event",
                     "date": "2012-06-15", "is_platform_event": True})  # fmt: skip
        for month, rate in (("2011-06-15", 1.0), ("2013-06-15", 4.0)):
            rows += [{"country": "BRA", "place_id": host, "date": month}] * rng.poisson(rate)
        for month in ("2011-06-15", "2013-06-15"):
            quiet = {"country": "BRA", "place_id": f"BR-X/control{i}", "date": month}
            rows += [quiet] * rng.poisson(2)
    data = made(rows, place_pairs=searched(tables, pair_rows(30)))
    options = {"months": 24, "platform_definition": "event"}
    table = platforms.table(data, ALL, **options)
    assert len(table) == 30 and table["after"].sum() > 2 * table["before"].sum()
    finding = claims.analyse("platforms", data, ALL)
    assert finding.estimate > 1.5 and finding.p < 0.05
    none = claims.analyse(
        "platforms", made(rows[1:2], place_pairs=searched(tables, pair_rows(1))), ALL
    )
    assert none.verdict == "not testable"


def test_placebo_places_are_of_the_sample_and_never_had_an_event(tables):
    """Not a place of a country left out, nor one whose event a narrower sample leaves out."""
    planned = plan.load()["platforms"].selection()

    def placebo(**choices) -> set:
        return {*platforms.around(tables, planned.replace(**choices), 24, "event")[2]}

    every, left = placebo(), placebo(drop_countries=["BRA", "ARG"])
    assert left == {place for place in every if not place.startswith(("BR", "AR"))} != every
    for narrower in ({"min_confidence": "high"}, {"collection": "protocol"}):
        assert placebo(**narrower) == every


def test_months():
    dates = pd.Series(pd.to_datetime(["2015-03-31", None]))
    assert months.month(dates).tolist() == [2015 * 12 + 2, pd.NA]


def test_the_condition_of_two_types_is_on_three_engagements_whatever_is_drawn(tables):
    selection = plan.load()["web"].selection()
    engagements = web.table(tables, selection, undated="include", classes="actor_type")
    power = pd.DataFrame({"truth": [1.0]})

    def finding(table, drawn):
        test = web.mixing(table, k=drawn, draws=9, seed=0)
        return web.finding(table, test, power, drawn, seed=0)

    two, three = finding(engagements, 2), finding(engagements, 3)
    assert two.detail["test"].observed < 2 < three.detail["test"].observed
    assert three.conditions["two_types"] is True
    few = engagements.groupby("unit").head(2)  # no place has three
    assert finding(few, 2).conditions["two_types"] is None
