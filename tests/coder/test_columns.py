import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lac_analysis.coder import columns
from lac_analysis.coder.columns import Column, Draft, Table, constant, encode

CELLS = st.lists(st.sampled_from(["", "a", "b", "é", None]), max_size=12)
KINDS = st.sampled_from(["str", "category", object])


@given(CELLS, KINDS)
def test_a_column_gives_back_its_texts_and_a_blank_for_a_missing_one(cells, kind):
    series = pd.Series(cells, dtype=kind, index=range(5, 5 + len(cells)))
    expected = pd.Series([cell or "" for cell in cells], dtype="str", index=series.index)
    pd.testing.assert_series_equal(encode(series).series(series.index), expected)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abd")), max_size=12))
def test_rows_are_compared_and_numbered_by_their_texts(pairs):
    first, second = (encode(pd.Series([pair[i] for pair in pairs], dtype="str")) for i in (0, 1))
    assert first.differs(second).tolist() == [a != b for a, b in pairs]
    number, texts = columns.distinct(first, second)
    assert [texts[i] for i in number] == pairs
    assert len(texts) == len(set(pairs))


@given(CELLS, st.data())
def test_a_question_is_asked_of_the_rows_texts(cells, data):
    column = encode(pd.Series(cells, dtype="str"))
    rows = np.array(
        data.draw(st.lists(st.integers(0, len(cells) - 1))) if cells else [], dtype=np.int64
    )
    assert column.map(lambda text: text + "!", rows).tolist() == [
        (cells[row] or "") + "!" for row in rows
    ]


def test_a_draft_keeps_the_last_value_put_and_forgets_what_no_row_has():
    draft = Draft(4, "none")
    draft.put_each(np.array([0, 1]), np.array([1, 0]), np.array(["x", "y"], dtype=object))
    draft.put(np.array([1, 2]), "y")
    column = draft.column()
    assert column.texts[column.codes].tolist() == ["y", "y", "y", "none"]
    assert sorted(column.texts) == ["none", "y"]


def test_a_missing_text_is_missing_in_pandas():
    column = Column(np.array([0, 1]), np.array([None, "a"], dtype=object))
    assert column.series(pd.RangeIndex(2)).isna().tolist() == [True, False]


def test_a_table_tells_a_column_apart_once_and_gives_it_back_as_text():
    frame = pd.DataFrame(
        {"a": ["x", None, "y"], "b": pd.Categorical(["u", "v", "u"])}, index=[7, 8, 9]
    )
    table = Table.of(frame)
    assert Table.of(table) is table and table["a"] is table["a"]
    assert len(table) == 3 and "a" in table and "c" not in table
    told = table["b"]
    more = table.adding({"a": constant("z", 3), "c": frame["a"]})
    assert more.text("a").tolist() == ["z"] * 3 and more["b"] is told and "c" not in table
    some = more.take(np.array([2, 0]))
    assert some.text("b").tolist() == ["u", "u"] and some["c"].series(some.index).tolist() == [
        "y",
        "x",
    ]


@given(st.lists(CELLS, min_size=1, max_size=4), st.data())
def test_columns_are_joined_and_cut(parts, data):
    cells = [cell or "" for part in parts for cell in part]
    column = columns.joined([encode(pd.Series(part, dtype="str")) for part in parts])
    assert column.texts[column.codes].tolist() == cells
    rows = np.array(
        data.draw(st.lists(st.integers(0, len(cells) - 1))) if cells else [], dtype=np.int64
    )
    only = column.only(rows)
    assert only.texts[only.codes].tolist() == [cells[row] for row in rows]
