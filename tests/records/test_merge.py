"""One row an engagement: which value of several is kept, and that every source is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.records.deduplicate import deduplicate
from lac_analysis.records.merge import merge


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    from lac_analysis.records.clean import clean_records

    def raw(name):
        return pd.read_csv(config.RAW / f"{name}.csv", dtype=str, keep_default_na=False)

    return clean_records(
        raw("engagements"), raw("date_bounds"), raw("search_log"), raw("engagements")["record_id"]
    )[0]


def record(record_id="A-1", **changes) -> dict:
    """A twinning of Recife with Guangzhou, signed on 22 October 2007."""
    return {
        "record_id": record_id,
        "collection": "protocol",
        "query_id": "A-Q001",
        "also_query_ids": "",
        "templates": "T1",
        "level": "municipal",
        "place_id": "BR-PE/Recife",
        "admin1": "BR-PE",
        "municipality": "Recife",
        "china_admin1": "CN-GD",
        "china_city": "Guangzhou",
        "date_start": pd.Timestamp("2007-10-22"),
        "date_end": pd.Timestamp("2007-10-22"),
        "date_is_report": False,
        "actor_type": "municipal_government",
        "actor_name": np.nan,
        "tier": "local",
        "activity": "twinning",
        "technology": 0,
        "technology_kind": None,
        "prior_contact": np.nan,
        "is_platform_event": False,
        "planned": False,
        "source_url": f"https://example.org/{record_id}",
        "source_title": "Sister cities",
        "source_lang": "",
        "confidence": "high",
    } | changes


def table(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    for column in (
        "place_id",
        "admin1",
        "municipality",
        "china_admin1",
        "china_city",
        "actor_name",
    ):
        frame[column] = frame[column].astype("str")
    frame["confidence"] = frame["confidence"].astype(
        pd.CategoricalDtype(["low", "medium", "high"], ordered=True)
    )
    return frame


def merged(*rows: dict) -> pd.Series:
    """The rows as one engagement."""
    ids = [row["record_id"] for row in rows]
    return merge(
        table(*rows), pd.DataFrame({"record_id": ids, "engagement_id": f"E:{min(ids)}"})
    ).iloc[0]


def year(value: int) -> dict:
    return {"date_start": pd.Timestamp(value, 1, 1), "date_end": pd.Timestamp(value, 12, 31)}


def test_real_engagements_keep_every_record_and_source(real):
    engagements = merge(real, deduplicate(real)[0])
    assert engagements["n_records"].sum() == len(real)
    assert sorted("; ".join(engagements["record_ids"]).split("; ")) == sorted(real["record_id"])
    kept = dict(zip(engagements["engagement_id"], engagements["sources"], strict=True))
    assignment = deduplicate(real)[0].merge(real, on="record_id")
    for engagement, address, title in assignment[
        ["engagement_id", "source_url", "source_title"]
    ].to_numpy():
        assert (address or title) in kept[engagement]
    assert engagements["sources"].str.strip().ne("").all()
    assert (engagements["n_sources"] <= engagements["n_records"]).all()
    listed = engagements["sources"].str.split("; ").str.len()
    assert (engagements["n_sources"] <= listed).all()  # a title may hold a semicolon, too


def test_best_value_of_each_record_is_kept():
    best = merged(
        record("A-1", confidence="low", prior_contact=1, source_url="https://example.org/z"),
        record(
            "B-1",
            **year(2007),
            prior_contact=0,
            collection="targeted",
            activity="cooperation_agreement",
        ),
        record(
            "C-1",
            **year(2007),
            municipality=np.nan,
            place_id="BR-PE",
            confidence="medium",
            technology=1,
        ),
    )
    assert best["record_ids"] == "A-1; B-1; C-1"
    assert (
        best["sources"] == "https://example.org/z; https://example.org/B-1; https://example.org/C-1"
    )
    assert (best["n_records"], best["n_sources"]) == (3, 3)
    assert (
        best["date_start"] == best["date_end"] == pd.Timestamp("2007-10-22")
    )  # precise, though confidence is low
    assert best["activity"] == "cooperation_agreement"  # of the surest record
    assert best["municipality"] == "Recife"
    assert (best["prior_contact"], best["technology"], best["in_protocol"]) == (1, 1, True)
    assert best["conflicts"] == "place_id; activity; technology; prior_contact"


def test_date_that_all_sources_allow_comes_first():
    best = merged(
        record(
            "A-1", date_start=pd.Timestamp("2006-01-01"), date_end=pd.Timestamp("2006-03-31")
        ),  # excluded by B-1
        record("B-1", **year(2007)),
        record("C-1", date_start=pd.Timestamp("2006-02-01"), date_end=pd.Timestamp("2007-06-30")),
    )
    assert best["date_start"] == pd.Timestamp("2006-02-01")
    assert "date" in best["conflicts"].split("; ")


def test_a_bound_comes_before_no_date_at_all():
    none = {"date_start": pd.NaT, "date_end": pd.NaT}
    bound = pd.Timestamp("2005-01-31")
    first = merged(record("A-1", **none), record("B-1", **none | {"date_end": bound}))
    last = merged(record("A-1", **none), record("B-1", **none | {"date_start": bound}))
    assert (first["date_end"], last["date_start"]) == (bound, bound)
    dated = merged(record("A-1", **none | {"date_start": bound}), record("B-1", **year(2007)))
    assert dated["date_end"] == pd.Timestamp("2007-12-31")


def test_two_days_that_exclude_each_other_come_before_no_date_at_all():
    early, late = (pd.Timestamp(f"2015-05-{day}") for day in (11, 16))
    dates = [{"date_start": day, "date_end": day} for day in (early, late, pd.NaT)]
    for order in (dates, dates[::-1]):
        engagement = merged(*(record(f"A-{n}", **date) for n, date in enumerate(order)))
        assert engagement["date_start"] in (early, late)
        assert engagement["conflicts"] == "date"


def test_day_of_the_event_comes_before_the_day_of_the_report():
    later = {
        "date_start": pd.Timestamp("2007-10-23"),
        "date_end": pd.Timestamp("2007-10-23"),
        "date_is_report": True,
    }
    assert merged(record("A-1", **later), record("B-1", confidence="low"))[
        "date_start"
    ] == pd.Timestamp("2007-10-22")


def test_act_that_one_record_reports_as_done_is_not_planned():
    assert not merged(record("A-1", planned=True), record("B-1", planned=False))["planned"]
    assert merged(record("A-1", planned=True), record("B-1", planned=True))["planned"]


def test_actor_is_taken_whole_from_a_record_that_knows_it():
    unknown = record("A-1", actor_type="unknown", tier="unknown")
    known = record(
        "B-1", actor_type="private_company", tier="company", actor_name="BYD", confidence="low"
    )
    best = merged(unknown, known)
    assert (best["actor_type"], best["tier"], best["actor_name"]) == (
        "private_company",
        "company",
        "BYD",
    )
    assert pd.isna(
        merged(record("A-1"), known)["actor_name"]
    )  # the name is not that of the government


def test_what_one_record_says_of_a_platform_counts_and_the_difference_is_told():
    best = merged(record("A-1"), record("B-1", confidence="low", is_platform_event=True))
    assert best["is_platform_event"] and best["conflicts"] == "is_platform_event"


def test_a_local_act_is_not_made_national_by_a_surer_page():
    nowhere = {"place_id": None, "admin1": None, "municipality": None}
    local = record("B-1", confidence="low", level="other_local", **nowhere)
    best = merged(record("A-1", level="national", **nowhere), local)
    assert best["level"] == "other_local" and best["conflicts"] == "level"


def test_an_unknown_actor_contradicts_nobody():
    best = merged(record("A-1"), record("B-1", actor_type="unknown", tier="unknown"))
    assert best["conflicts"] == ""


def test_the_page_is_one_records():
    none = record("A-1", source_url="", source_lang="pt")
    first = merged(record("A-1"), record("B-1", source_lang="zh"))
    assert (first["source_url"], first["source_lang"]) == ("https://example.org/A-1", "")
    with_address = merged(none, record("B-1", source_lang="zh"))
    assert (with_address["source_url"], with_address["source_lang"]) == (
        "https://example.org/B-1",
        "zh",
    )


def test_title_stands_in_for_a_source_without_an_address():
    assert (
        merged(record("A-1", source_url=""), record("B-1"))["sources"]
        == "Sister cities; https://example.org/B-1"
    )
    assert merged(record("A-1", source_url=""))["sources"] == "Sister cities"


def test_templates_are_those_of_all_queries_that_found_any_record():
    best = merged(
        record("A-1", templates="T3", query_id="A-Q003"),
        record("M-1", templates="N1 N4", query_id="M-Q001", also_query_ids="M-Q004; M-Q005"),
        record("F-1", templates="F", query_id="F-Q001", collection="follow_up"),
    )
    assert best["templates"] == "F N1 N4 T3" and best["coders"] == "A F M"
    assert best["query_ids"] == "A-Q003; F-Q001; M-Q001; M-Q004; M-Q005"
    flags = ["in_protocol", "in_country_queries", "found_by_t", "found_by_n", "in_neutral"]
    assert best[flags].all() and not best["found_by_c"]


@pytest.mark.parametrize(
    ("templates", "found"),
    [
        ("P1", set()),
        ("T4 T9", {"in_country_queries"}),
        ("T1", {"in_country_queries", "found_by_t", "in_neutral"}),
        ("N5", {"in_country_queries", "found_by_n", "in_neutral"}),
        ("C1", {"found_by_c"}),
        ("W1 Y2", set()),
    ],
)
def test_what_found_an_engagement_is_told_by_its_templates(templates, found):
    best = merged(record("A-1", templates=templates))
    flags = ["in_country_queries", "found_by_t", "found_by_n", "found_by_c", "in_neutral"]
    assert set(best[flags].index[best[flags].astype(bool)]) == found
    steered = merged(record("A-1", templates=templates, collection="follow_up"))
    assert not steered[["in_protocol", "in_country_queries", "in_neutral"]].any()


def test_types_do_not_depend_on_what_is_merged(real):
    few = real.iloc[:5]
    apart = pd.DataFrame({"record_id": few["record_id"], "engagement_id": "E:" + few["record_id"]})
    types = merge(few, apart).dtypes
    pd.testing.assert_series_equal(merge(few, apart.assign(engagement_id="E:A-0001")).dtypes, types)
    pd.testing.assert_series_equal(merge(few.iloc[:0], apart.iloc[:0]).dtypes, types)


rows = st.lists(
    st.fixed_dictionaries(
        {
            "group": st.sampled_from("XYZ"),
            "china_city": st.sampled_from(["Guangzhou", "Shenzhen", np.nan]),
            "confidence": st.sampled_from(["low", "medium", "high"]),
            "source_url": st.sampled_from(["", "https://example.org/1", "https://example.org/2"]),
            "planned": st.booleans(),
            "date_start": st.sampled_from(
                [pd.NaT, pd.Timestamp("2007-01-01"), pd.Timestamp("2007-10-20")]
            ),
            "date_end": st.sampled_from(
                [pd.NaT, pd.Timestamp("2007-10-22"), pd.Timestamp("2007-12-31")]
            ),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_row_order_changes_nothing_and_no_record_is_lost(drawn, random):
    records = table(*(record(f"A-{n}", **row) for n, row in enumerate(drawn)))
    assignment = pd.DataFrame(
        {"record_id": records["record_id"], "engagement_id": "E:" + records.pop("group")}
    )
    order = list(range(len(records)))
    random.shuffle(order)
    one = merge(records, assignment)
    pd.testing.assert_frame_equal(one, merge(records.iloc[order], assignment.iloc[::-1]))
    assert one["n_records"].sum() == len(records)
    assert one["engagement_id"].is_unique and one["engagement_id"].is_monotonic_increasing
    assert (one["sources"] != "").all()
