"""Deduplication: precision and recall on hand-labelled pairs, known cases of the real data, and
invariants.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import pairs
from lac_analysis.records.clean import clean_records
from lac_analysis.records.deduplicate import INTERCEPT, WEIGHTS, deduplicate, evidence
from lac_analysis.records.merge import merge
from lac_analysis.records.pairs import candidates, facts_of

READINGS = Path(__file__).with_name("readings.csv")


@pytest.fixture(scope="module")
def raw() -> dict[str, pd.DataFrame]:
    def read(name):
        return pd.read_csv(config.RAW / f"{name}.csv", dtype=str, keep_default_na=False)

    return {name: read(name) for name in ("engagements", "date_bounds", "search_log", "acts")}


@pytest.fixture(scope="module")
def real(raw) -> pd.DataFrame:
    return clean_records(
        raw["engagements"], raw["date_bounds"], raw["search_log"], raw["engagements"]["record_id"]
    )[0]


@pytest.fixture(scope="module")
def acts(raw) -> pd.Series:
    return raw["acts"].set_index("record_id")["act"]


@pytest.fixture(scope="module")
def found(real) -> tuple[pd.DataFrame, pd.DataFrame]:
    """By the rules alone, as on a user's records."""
    return deduplicate(real)


@pytest.fixture(scope="module")
def engagement_of(found) -> pd.Series:
    return found[0].set_index("record_id")["engagement_id"]


def pairs_within(groups: pd.Series) -> int:
    sizes = groups.value_counts()
    return int((sizes * (sizes - 1) // 2).sum())


def test_what_was_read_holds(real, acts):
    assignment, links = deduplicate(real, acts)
    read = "E:" + acts[assignment["record_id"]]
    assert assignment["engagement_id"].tolist() == read.tolist()
    assert len(links) == len(real) - acts.nunique()
    assert (links["log_odds"] == np.inf).all()


def test_rules_decide_where_nothing_was_read(real, acts, found):
    """An act of which half the records are new keeps those that were read together."""
    half = acts.iloc[::2]
    assignment = deduplicate(real, half)[0].set_index("record_id")["engagement_id"]
    both = pd.DataFrame({"read": half, "found": assignment[half.index]})
    assert (both.groupby("read")["found"].nunique() == 1).all()
    assert (both.groupby("found")["read"].nunique() == 1).all()
    pd.testing.assert_frame_equal(deduplicate(real, acts.iloc[:0])[0], found[0])


@pytest.mark.parametrize(
    ("reader", "side", "recall"),
    [("clean a", "TP x N", 0.95), ("clean b", "TP x N", 0.95), ("clean a", "", 0.92),
     ("clean b", "", 0.92)],
)  # fmt: skip
def test_acts_agree_with_readers_who_took_no_part(acts, reader, side, recall):
    pairs = pd.read_csv(READINGS)
    pairs = pairs[(pairs["reading"] == reader) & pairs["stratum"].str.startswith(side)]
    one = pairs["record_a"].map(acts) == pairs["record_b"].map(acts)
    both = pairs.loc[one & pairs["same"].eq(1), "weight"].sum()
    assert both / pairs.loc[one, "weight"].sum() >= 0.98
    assert both / pairs.loc[pairs["same"].eq(1), "weight"].sum() >= recall


def test_second_readings_hold_unless_they_contradict_one_another(acts):
    pairs = pd.read_csv(READINGS).query("reading == 'second'")
    one = pairs["record_a"].map(acts) == pairs["record_b"].map(acts)
    assert (one != pairs["same"].eq(1)).sum() == 5


def test_rules_alone_find_most_of_what_was_read(real, acts, engagement_of):
    read = acts[engagement_of.index]
    both = pairs_within(read + " " + engagement_of)
    assert both / pairs_within(engagement_of) >= 0.94
    assert both / pairs_within(read) >= 0.90


def test_weights_are_those_of_the_regression_on_what_was_read(real, acts):
    records = real.sort_values("record_id", ignore_index=True)
    pairs = candidates(facts_of(records))
    read = acts[records["record_id"]].to_numpy()
    evident = evidence(pairs)[list(WEIGHTS)]
    fitted = LogisticRegression(max_iter=5000).fit(evident, read[pairs.a] == read[pairs.b])
    np.testing.assert_allclose(fitted.coef_[0], list(WEIGHTS.values()), atol=0.12)
    np.testing.assert_allclose(fitted.intercept_[0], INTERCEPT, atol=0.12)


def test_readings_name_real_pairs_once(real):
    pairs = pd.read_csv(READINGS)
    assert (pairs["record_a"] < pairs["record_b"]).all()
    assert not pairs.duplicated(["record_a", "record_b", "reading"]).any()
    assert set(pairs["record_a"]) | set(pairs["record_b"]) <= set(real["record_id"])
    assert set(pairs["same"]) == {0, 1}


@pytest.mark.parametrize(
    "same",
    [
        (
            "A-0011",
            "A-0030",
            "E-0035",
            "F-0080",
        ),  # Bahía Blanca and Dalian, 2003: two pages, a clipped place name
        ("F-0103", "F-0115", "H0102"),  # Jujuy and Guizhou: dated 2017 by one page, 2018 by two
        ("C-0121", "H0075"),  # memorandum to one coder, agreement to the other
        ("H0076", "D-0080", "L-0007"),  # dated a day apart across time zones
        ("A-0165", "H0060"),  # a gift, undated to one coder; neither page has an address
        ("A-0121", "E-0105"),  # one page without an address, known by its title
        ("B-0142", "H0169", "K-0001"),  # Georgetown's cameras on three pages
        ("B-0123", "J-0059"),  # cameras for many places: the firm and the ministers are the same
    ],
)
def test_known_duplicates_are_one_act(acts, same):
    assert acts[list(same)].nunique() == 1


@pytest.mark.parametrize(
    "steps",
    [
        ("GX-0025", "GX-0024"),  # Valparaíso and Guangdong: memorandum 2004, tie 2007
        ("A-0004", "H0009", "A-0003"),  # La Plata and Chengdu: letter 2015, approval 2017, tie 2018
        ("H0041", "H0042"),  # Guanajuato and Fengdu: tie 2021, renewed 2025
        ("C-0121", "C-0120"),  # Salcedo and Yuanjiang: letter of intent, then the tie (undated)
        ("H0071", "H0072"),  # Rocha with Guangdong and, a day before, with Hebei
        ("F-0115", "F-0116", "F-0117", "F-0118", "F-0119"),  # five acts told by one page
        ("A-0105", "H0221"),  # Chiguayante and Jingmen; their regions, Biobío and Hubei
        ("Y-0034", "H0250"),  # Quilmes and Mianyang; their provinces, Buenos Aires and Sichuan
    ],
)
def test_steps_of_a_sequence_stay_apart(acts, steps):
    assert acts[list(steps)].nunique() == len(steps)


def test_every_record_is_in_one_engagement(real, found):
    assignment, links = found
    assert sorted(assignment["record_id"]) == sorted(real["record_id"])
    assert assignment["engagement_id"].nunique() == len(real) - len(
        links
    )  # each link that is kept joins two groups


def test_second_pass_proposes_little(real, found):
    """A merged row forgets which coder read which page, so a second pass may propose what the first
    refused.
    """
    engagements = merge(real, found[0])
    again = deduplicate(engagements.assign(record_id=engagements["engagement_id"].str[2:]))[1]
    assert len(again) <= 0.04 * len(engagements), len(again)


def record(record_id="A-1", **changes) -> dict:
    """A twinning of Recife with Guangzhou, signed on 22 October 2007."""
    return {
        "record_id": record_id,
        "country": "BRA",
        "level": "municipal",
        "place_id": "BR-PE/Recife",
        "place_n": 1,
        "admin1": "BR-PE",
        "municipality": "Recife",
        "lac_place_text": "Recife",
        "lac_actor_text": "",
        "china_actor_text": "Guangzhou",
        "actor_name": np.nan,
        "china_admin1": "CN-GD",
        "china_city": "Guangzhou",
        "date_start": pd.Timestamp("2007-10-22"),
        "date_end": pd.Timestamp("2007-10-22"),
        "activity": "twinning",
        "description": "Recife and Guangzhou signed a sister-city agreement",
        "source_url": f"https://example.org/{record_id}",
        "source_title": "Sister cities",
    } | changes


def table(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    for column in ("date_start", "date_end"):
        frame[column] = pd.to_datetime(frame[column])
    for column in (
        "place_id",
        "admin1",
        "municipality",
        "china_admin1",
        "china_city",
        "actor_name",
    ):
        frame[column] = frame[column].astype("str")
    return frame


def year(value: int) -> dict:
    return {"date_start": pd.Timestamp(value, 1, 1), "date_end": pd.Timestamp(value, 12, 31)}


UNDATED = {"date_start": pd.NaT, "date_end": pd.NaT}


def is_one(*rows: dict) -> bool:
    return deduplicate(table(*rows))[0]["engagement_id"].nunique() == 1


def test_date_to_the_year_meets_date_to_the_day():
    assert is_one(record("A-1"), record("B-1", **year(2007)))
    assert not is_one(record("A-1"), record("B-1", **year(2012)))


def test_days_of_delay_do_not_join_two_bare_years():
    visit = {"activity": "visit_to_lac"}
    assert is_one(record("A-1", **visit | year(2017)), record("B-1", **visit | year(2017)))
    assert not is_one(record("A-1", **visit | year(2017)), record("B-1", **visit | year(2018)))


def test_undated_twinning_is_the_dated_one_only_with_the_same_partner():
    assert is_one(record("A-1"), record("B-1", **UNDATED))
    assert not is_one(record("A-1"), record("B-1", china_city="Shenzhen", **UNDATED))


def test_one_coder_tells_the_acts_of_one_page_apart():
    page = {"source_url": "https://example.org/page"}
    assert is_one(record("A-1", **page), record("B-1", **page))
    assert not is_one(record("A-1", **page), record("A-2", **page))


def test_one_coder_who_writes_two_days_tells_of_two_acts():
    days = ["2018-05-01", "2018-05-03"]
    first, second = (
        {"activity": "visit_to_lac", "date_start": day, "date_end": day} for day in days
    )
    # identifiers without letters are one coder's
    assert not is_one(record("1", **first), record("2", **second))
    assert is_one(record("1", **first), record("B-1", **second))


def test_one_coder_who_writes_two_months_tells_of_two_acts():
    gift, march, april = (
        {"activity": "donation_health", "date_start": f"2020-{month}-01", "date_end": end}
        for month, end in (("03", "2020-03-31"), ("03", "2020-03-31"), ("04", "2020-04-30"))
    )
    assert is_one(record("1", **gift), record("2", **march))
    assert not is_one(record("1", **march), record("2", **april))
    assert is_one(record("1", **march), record("B-1", **april))


def test_one_coder_who_names_two_partners_tells_of_two_accords():
    county = {"china_admin1": np.nan, "china_city": np.nan} | year(2018)
    anji, deqing = county | {"china_actor_text": "Anji"}, county | {"china_actor_text": "Deqing"}
    assert not is_one(record("1", **anji), record("2", **deqing))
    assert is_one(record("A-1", **anji), record("B-1", **anji))
    beijing = year(2018) | {"china_admin1": "CN-BJ", "china_city": np.nan}
    peking, tsinghua = (
        beijing | {"china_actor_text": f"{name} University"} for name in ("Peking", "Tsinghua")
    )
    assert not is_one(record("1", **peking), record("2", **tsinghua))


def test_chain_does_not_join_what_is_certainly_different():
    """The undated listing fits both; the two visits with other dates must not meet in its group."""
    page = {
        "source_url": "https://example.org/page",
        "activity": "visit_to_lac",
        "description": "A delegation came",
    }
    assignment, _ = deduplicate(
        table(
            record("A-1", **page),
            record("B-1", **page | UNDATED),
            record("C-1", **page | year(2015)),
        )
    )
    group = assignment.set_index("record_id")["engagement_id"]
    assert group["A-1"] != group["C-1"]
    assert group["B-1"] in (group["A-1"], group["C-1"])


BUSES = {
    "activity": "technology_project", "china_admin1": np.nan, "china_city": np.nan,
    "actor_name": "BYD", "description": "Recife ordered twenty electric buses from the maker",
}  # fmt: skip


OTHER_WORDS = BUSES | {"description": "Recife buys battery vehicles"}


def test_vaguer_dates_ask_for_closer_texts():
    assert is_one(record("A-1", **BUSES), record("B-1", **OTHER_WORDS))
    assert not is_one(record("A-1", **BUSES), record("B-1", **OTHER_WORDS | UNDATED))
    assert is_one(record("A-1", **BUSES), record("B-1", **BUSES | year(2007)))
    assert is_one(record("A-1", **BUSES), record("B-1", **BUSES | UNDATED))


def test_other_words_without_a_place_need_a_known_actor():
    somewhere = {"place_id": np.nan, "municipality": np.nan, "admin1": np.nan}
    assert is_one(record("A-1", **BUSES), record("B-1", **OTHER_WORDS | somewhere))
    assert not is_one(
        record("A-1", **BUSES), record("B-1", **OTHER_WORDS | somewhere | {"actor_name": "Yutong"})
    )


def test_gift_sent_and_handed_over_within_two_weeks_is_one():
    gift = {"activity": "donation_health", "description": "Guangzhou gave Recife 20,000 masks"}
    later = {"date_start": pd.Timestamp(2007, 11, 4), "date_end": pd.Timestamp(2007, 11, 4)}
    month_later = {name: value + pd.Timedelta(days=20) for name, value in later.items()}
    assert is_one(record("A-1", **gift), record("B-1", **gift | later))
    assert not is_one(record("A-1", **gift), record("B-1", **gift | month_later))


def test_two_kinds_on_one_page_are_one_act_unless_the_other_coder_tells_a_better_match():
    page = {"source_url": "https://example.org/page", "china_city": np.nan}
    visit = page | {
        "activity": "visit_to_lac",
        "description": "Visitors from Guangzhou came to Recife for two days",
    }
    assert is_one(record("A-1", **page), record("B-1", **visit))
    _, links = deduplicate(
        table(record("A-1", **page), record("B-1", **visit), record("B-2", **page))
    )
    assert links[["record_a", "record_b"]].to_numpy().tolist() == [["A-1", "B-2"]]


def test_page_without_an_address_is_known_by_its_title():
    page = {"source_url": "", "source_title": "List of sister cities", "activity": "visit_to_lac"}
    assert is_one(record("A-1", **page), record("B-1", **page))
    assert not is_one(record("A-1", **page), record("A-2", **page))


def test_a_title_tells_one_page_at_two_addresses():
    visit = UNDATED | {"activity": "visit_to_lac", "source_title": "Visitors seen in Mérida"}
    lunch = visit | {"description": "Guangzhou and Recife discussed trade over lunch"}
    title = {"source_title": "Visitors seen in Merida (a newspaper)"}
    assert is_one(record("A-1", **visit), record("B-1", **lunch | title))
    assert not is_one(record("A-1", **visit), record("B-1", **lunch | {"source_title": "Lunch"}))


def test_empty_table_gives_empty_results():
    assignment, links = deduplicate(table(record()).iloc[:0])
    assert len(assignment) == len(links) == 0


records = st.builds(
    record,
    country=st.sampled_from(["BRA", "ARG"]),
    municipality=st.sampled_from(["Recife", "Olinda"]),
    china_city=st.sampled_from(["Guangzhou", "Shenzhen", np.nan]),
    activity=st.sampled_from(
        ["twinning", "friendship_memorandum", "visit_to_lac", "donation_health"]
    ),
    description=st.sampled_from(
        ["Mayor signed a sister-city tie", "Mayor signed a tie", "Masks were handed over"]
    ),
    source_url=st.sampled_from(["", "https://example.org/1", "https://example.org/2"]),
    date_start=st.sampled_from([pd.NaT, pd.Timestamp("2007-01-01"), pd.Timestamp("2007-10-20")]),
    date_end=st.sampled_from([pd.NaT, pd.Timestamp("2007-10-22"), pd.Timestamp("2007-12-31")]),
)


@st.composite
def tables(draw) -> pd.DataFrame:
    rows = draw(st.lists(records, min_size=2, max_size=9))
    coders = draw(st.lists(st.sampled_from("ABC"), min_size=len(rows), max_size=len(rows)))
    for number, (row, coder) in enumerate(zip(rows, coders, strict=True)):
        row["record_id"] = f"{coder}-{number}"
        row["place_id"] = row["municipality"]
    return table(*rows)


@settings(max_examples=30, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_grouping_does_not_depend_on_row_order(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    for one, other in zip(deduplicate(rows), deduplicate(rows.iloc[order]), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_pairs_are_the_same_however_many_are_looked_at_at_once(real, monkeypatch):
    facts = facts_of(real)
    every = candidates(facts)
    monkeypatch.setattr(pairs, "_AT_ONCE", 20_000)
    few = candidates(facts)
    assert (few.a == every.a).all() and (few.b == every.b).all()


def test_more_pairs_than_can_be_judged_are_refused(monkeypatch):
    alike = table(*(record(f"{letter}-1", **year(2015)) for letter in "ABCD"))
    monkeypatch.setattr(pairs, "MOST", 6)
    assert len(candidates(facts_of(alike)).a) == 6
    monkeypatch.setattr(pairs, "MOST", 5)
    with pytest.raises(InputError, match="more than 5 pairs of records may tell of one act"):
        deduplicate(alike)
    monkeypatch.setattr(pairs, "_MOST_IN_BLOCKS", 5)
    with pytest.raises(InputError, match="more than 5 pairs of records to compare"):
        deduplicate(alike)


@settings(max_examples=30, deadline=None)
@given(records, records)
def test_pair_is_symmetric(one, other):
    assert is_one(one | {"record_id": "A-1"}, other | {"record_id": "B-1"}) == is_one(
        other | {"record_id": "A-1"}, one | {"record_id": "B-1"}
    )


@settings(max_examples=30, deadline=None)
@given(tables())
def test_no_group_holds_records_that_are_certainly_different(rows):
    assignment, links = deduplicate(rows)
    grouped = rows.merge(assignment).groupby("engagement_id")
    assert (grouped["country"].nunique() == 1).all()
    assert (grouped["municipality"].nunique() == 1).all()
    twinnings = rows.merge(assignment)[lambda t: t["activity"] == "twinning"].groupby(
        "engagement_id"
    )
    assert (twinnings["china_city"].nunique() <= 1).all()
    assert len(links) == len(rows) - grouped.ngroups
    assert (
        assignment["engagement_id"]
        == "E:" + assignment.groupby("engagement_id")["record_id"].transform("min")
    ).all()


@pytest.mark.parametrize("first", [2011, 2012, 2013])
def test_accords_with_a_year_between_them_are_two_of_a_leap_year_too(first):
    next_year, later = (record("B-1", **year(first + n)) for n in (1, 2))
    assert is_one(record("A-1", **year(first)), next_year)
    assert not is_one(record("A-1", **year(first)), later)
