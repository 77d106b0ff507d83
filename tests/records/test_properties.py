"""What holds for any records: cleaning is idempotent and row by row, nothing is lost, deduplication
is fair.
"""

import string

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.records import build, clean, coding, schema
from lac_analysis.records.deduplicate import deduplicate
from lac_analysis.records.merge import merge

RAW = {
    name: schema.read_raw(config.RAW / f"{name}.csv", name)
    for name in ("engagements", "date_bounds", "search_log")
}
_TEXT = st.text(
    alphabet=string.ascii_letters + string.digits + " ;,()áéñçã市省長=+-@'\"\n", max_size=30
)
_ENUMS = {
    field["name"]: field["constraints"]["enum"]
    for field in schema.tables()["engagements"]["schema"]["fields"]
    if "enum" in field.get("constraints", {})
}
_DATES = ["", "2004", "2015-06", "2018-01-31", "1970", "2026-11"]


@st.composite
def tables(draw) -> pd.DataFrame:
    """Some of our records, each with a few cells replaced by other allowed values or by any text."""
    rows = draw(
        st.lists(st.integers(0, len(RAW["engagements"]) - 1), min_size=1, max_size=12, unique=True)
    )
    table = RAW["engagements"].iloc[rows].reset_index(drop=True)
    for row in range(len(table)):
        for name in draw(st.lists(st.sampled_from(sorted(_ENUMS)), max_size=2)):
            table.loc[row, name] = draw(st.sampled_from(_ENUMS[name]))
        for name in draw(
            st.lists(
                st.sampled_from(["lac_place_text", "china_actor_text", "description"]), max_size=1
            )
        ):
            table.loc[row, name] = draw(_TEXT)
        if draw(st.booleans()):
            table.loc[row, ["lac_iso3", "date_iso"]] = draw(
                st.tuples(st.sampled_from(config.CELAC), st.sampled_from(_DATES))
            )
    return table


def cleaned(table: pd.DataFrame) -> pd.DataFrame:
    return clean.clean_records(table, RAW["date_bounds"].iloc[:0], RAW["search_log"])[0]


@settings(max_examples=5, deadline=None)
@given(tables())
def test_cleaning_loses_no_record_and_gives_only_valid_codes(table):
    records = cleaned(table)
    assert records["record_id"].tolist() == table["record_id"].tolist()
    codebook = coding.read_codebook(config.CODEBOOK_FILE)
    for name in ("level", "actor_type", "activity"):
        assert set(records[name].astype("str")) <= set(codebook[name]["values"])
    for name in ("tier", "actor_family", "activity_family"):
        assert records[name].notna().all()
    assert records["admin1"].dropna().str[:2].nunique() <= table["lac_iso3"].nunique()
    known = records["date_start"].notna() & records["date_end"].notna()
    assert (records["date_start"] <= records["date_end"])[known].all()


@settings(max_examples=4, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    in_order = cleaned(table).iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(cleaned(table.iloc[order]), in_order)


@settings(max_examples=4, deadline=None)
@given(tables())
def test_cleaning_what_is_clean_changes_nothing(table):
    """The codes of the first cleaning, given back as the coder's, come out the same."""
    once = cleaned(table)
    again = table.assign(
        china_actor_type=once["actor_type"],
        activity_type=once["activity"],
        lac_level=once["level"].astype("str"),
        technology=once["technology"].map({True: "1", False: "0"}),
    )
    pd.testing.assert_frame_equal(cleaned(again), once)


@settings(max_examples=4, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_deduplication_is_free_of_order_and_stays_within_a_country(table, random):
    records = cleaned(table)
    assignment, links = deduplicate(records)
    order = list(range(len(records)))
    random.shuffle(order)
    shuffled, shuffled_links = deduplicate(records.iloc[order].reset_index(drop=True))
    pd.testing.assert_frame_equal(shuffled, assignment)
    pd.testing.assert_frame_equal(shuffled_links, links)
    country = records.set_index("record_id")["country"]
    grouped = assignment.assign(country=assignment["record_id"].map(country))
    assert grouped.groupby("engagement_id")["country"].nunique().eq(1).all()
    assert sorted(assignment["record_id"]) == sorted(records["record_id"])


@settings(max_examples=4, deadline=None)
@given(tables(), st.integers(0, 11), st.integers(0, 11))
def test_two_records_are_one_act_whichever_comes_first(table, one, other):
    """Names of records, and so which is first, do not decide whether a pair is one act."""
    pair = cleaned(table).iloc[[one % len(table), other % len(table)]].drop_duplicates("record_id")
    if len(pair) < 2:
        return
    letters = pair["record_id"].str.extract(r"^([A-Z]+)", expand=False).tolist()
    both = []
    for numbers in (("1", "2"), ("2", "1")):
        named = pair.assign(record_id=[f"{a}-{b}" for a, b in zip(letters, numbers, strict=True)])
        both.append(deduplicate(named.reset_index(drop=True))[0]["engagement_id"].nunique())
    assert both[0] == both[1]


@settings(max_examples=4, deadline=None)
@given(tables())
def test_merging_keeps_every_record_once(table):
    records = cleaned(table)
    merged = merge(records, deduplicate(records)[0])
    kept = [name for names in merged["record_ids"] for name in names.split("; ")]
    assert sorted(kept) == sorted(table["record_id"])


def test_merged_engagements_deduplicated_again_stay_apart():
    """Idempotence of the whole: no two engagements of the build are one act by the certain rules'
    own account.
    """
    ours = {name: schema.read_raw(config.RAW / f"{name}.csv", name) for name in build.RAW_TABLES}
    processed, counts = build.process(ours | RAW, RAW["engagements"]["record_id"])
    assert counts["records_in"] == counts["engagements_out"] + counts["records_merged"]
    acts = ours["acts"].set_index("record_id")["act"]
    again, _ = deduplicate(processed["records"].drop(columns="engagement_id"), acts)
    expected = processed["records"].set_index("record_id")["engagement_id"]
    assert (again.set_index("record_id")["engagement_id"] == expected[again["record_id"]]).all()
