"""Deduplication: precision and recall on hand-labelled pairs, known cases of the real data, and
invariants.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records.deduplicate import deduplicate
from lac_analysis.records.merge import merge
from lac_analysis.records.pairs import source

LABELLED = Path(__file__).with_name("labelled_pairs.csv")


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    from lac_analysis.records.clean import clean_records

    def raw(name):
        return pd.read_csv(config.RAW / f"{name}.csv", dtype=str, keep_default_na=False)

    return clean_records(raw("engagements"), raw("date_bounds"), raw("search_log"))[0]


@pytest.fixture(scope="module")
def found(real) -> tuple[pd.DataFrame, pd.DataFrame]:
    return deduplicate(real)


@pytest.fixture(scope="module")
def engagement_of(found) -> pd.Series:
    return found[0].set_index("record_id")["engagement_id"]


@pytest.mark.parametrize(
    ("split", "hardest", "recall"),
    [("train", 0, 0.90), ("heldout2", 0, 0.90), ("heldout2", 1, 0.85)],
)
def test_precision_and_recall_on_labelled_pairs(engagement_of, split, hardest, recall):
    """Aim: precision 0.95, recall 0.90. The pairs held out were drawn and labelled after the rules
    were fixed.

    Measured on them once: precision 69 of 69 (95% Clopper-Pearson 0.948 to 1), recall 69 of 73
    (0.866 to 0.985). Of
    the hard pairs: 25 of 25 (0.863 to 1) and 25 of 29 (0.683 to 0.961): there the aim for recall is
    not met.
    """
    pairs = pd.read_csv(LABELLED)
    pairs = pairs[(pairs["split"] == split) & (pairs["hard"] >= hardest)]
    merged = pairs["record_a"].map(engagement_of) == pairs["record_b"].map(engagement_of)
    same = pairs["label"] == "same"
    assert (merged & same).sum() / merged.sum() >= 0.95
    assert (merged & same).sum() / same.sum() >= recall


def test_labels_name_real_pairs_once(real):
    pairs = pd.read_csv(LABELLED)
    assert (pairs["record_a"] < pairs["record_b"]).all()
    assert not pairs.duplicated(["record_a", "record_b"]).any()
    assert set(pairs["record_a"]) | set(pairs["record_b"]) <= set(real["record_id"])
    assert set(pairs["label"]) == {"same", "different"}


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
        (
            "D-0102",
            "G-0040",
        ),  # the one act that either coder took from a page: a memorandum, and the visit to sign it
    ],
)
def test_known_duplicates_are_one_engagement(engagement_of, same):
    assert engagement_of[list(same)].nunique() == 1


@pytest.mark.parametrize(
    "steps",
    [
        ("GX-0025", "GX-0024"),  # Valparaíso and Guangdong: memorandum 2004, tie 2007
        ("A-0004", "H0009", "A-0003"),  # La Plata and Chengdu: letter 2015, approval 2017, tie 2018
        ("H0041", "H0042"),  # Guanajuato and Fengdu: tie 2021, renewed 2025
        ("C-0121", "C-0120"),  # Salcedo and Yuanjiang: letter of intent, then the tie (undated)
        ("H0071", "H0072"),  # Rocha with Guangdong and, a day before, with Hebei
        ("F-0115", "F-0116", "F-0117", "F-0118", "F-0119"),  # five acts told by one page
    ],
)
def test_steps_of_a_sequence_stay_apart(engagement_of, steps):
    assert engagement_of[list(steps)].nunique() == len(steps)


def test_every_record_is_in_one_engagement(real, found):
    assignment, links = found
    assert sorted(assignment["record_id"]) == sorted(real["record_id"])
    assert assignment["engagement_id"].nunique() == len(real) - len(
        links
    )  # each link that is kept joins two groups


def test_second_pass_only_proposes_what_a_guard_refused(real, found):
    """A merged row forgets which coder read which page, so a second pass may propose what the first
    refused.
    """
    engagements = merge(real, found[0])
    again = deduplicate(engagements.assign(record_id=engagements["engagement_id"].str[2:]))[1]
    members = found[0].merge(pd.DataFrame({"record_id": real["record_id"], "page": source(real)}))
    members["coder"] = members["record_id"].str.extract(r"^([A-Z]+)")
    by_engagement = dict(list(members.groupby("engagement_id")))
    for a, b in zip(again["record_a"], again["record_b"], strict=True):
        shared = by_engagement[f"E:{a}"].merge(by_engagement[f"E:{b}"], on=["coder", "page"])
        assert len(shared) > 0
    assert len(again) <= 0.01 * len(engagements)


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
    ports = record(
        "A-1", activity="cooperation_agreement", description="Accord on ports", **year(2017)
    )
    farms = record("B-1", activity="cooperation_agreement", description="Farming is to be taught")
    assert is_one(ports, farms | year(2017))
    assert not is_one(ports, farms | year(2018))


def test_undated_twinning_is_the_dated_one_only_with_the_same_partner():
    assert is_one(record("A-1"), record("B-1", **UNDATED))
    assert not is_one(record("A-1"), record("B-1", china_city="Shenzhen", **UNDATED))


def test_one_coder_tells_the_acts_of_one_page_apart():
    page = {"source_url": "https://example.org/page"}
    assert is_one(record("A-1", **page), record("B-1", **page))
    assert not is_one(record("A-1", **page), record("A-2", **page))


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
    "activity": "technology_project", "china_admin1": np.nan, "china_city": np.nan, "actor_name": "BYD",
    "description": "Recife ordered twenty electric buses from the maker",
}  # fmt: skip


def test_vaguer_dates_ask_for_closer_texts():
    vague = BUSES | {"description": "An order of battery vehicles for the operators of Recife"}
    assert is_one(record("A-1", **BUSES), record("B-1", **vague))
    assert not is_one(record("A-1", **BUSES), record("B-1", **vague | year(2007)))
    assert is_one(record("A-1", **BUSES), record("B-1", **BUSES | year(2007)))
    assert is_one(record("A-1", **BUSES), record("B-1", **BUSES | UNDATED))


def test_unknown_place_needs_a_known_actor():
    somewhere = {"place_id": np.nan, "municipality": np.nan, "admin1": np.nan}
    assert is_one(record("A-1", **BUSES), record("B-1", **BUSES | somewhere))
    assert not is_one(
        record("A-1", **BUSES), record("B-1", **BUSES | somewhere | {"actor_name": "Yutong"})
    )


def test_two_kinds_on_one_page_are_one_act_only_where_neither_coder_tells_more():
    page = {"source_url": "https://example.org/page", "china_city": np.nan}
    visit = page | {
        "activity": "visit_to_lac",
        "description": "Visitors from Guangzhou came to Recife for two days",
    }
    farewell = page | {"activity": "other", "description": "Dinner was offered"}
    assert is_one(record("A-1", **page), record("B-1", **visit))
    _, links = deduplicate(
        table(record("A-1", **page), record("B-1", **visit), record("B-2", **farewell))
    )
    assert len(links) == 0


def test_page_without_an_address_is_known_by_its_title():
    page = {"source_url": "", "source_title": "List of sister cities", "activity": "visit_to_lac"}
    assert is_one(record("A-1", **page), record("B-1", **page))
    assert not is_one(record("A-1", **page), record("A-2", **page))
    other_list = page | {
        "source_title": "Another list",
        "description": "Trade was discussed over lunch by many",
    }
    assert not is_one(record("A-1", **page), record("B-1", **other_list))


def test_bad_input_is_named():
    with pytest.raises(InputError, match="china_city: missing column"):
        deduplicate(table(record()).drop(columns="china_city"))
    with pytest.raises(InputError, match="repeated record: 'A-1'"):
        deduplicate(table(record("A-1"), record("A-1")))


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
