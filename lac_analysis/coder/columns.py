"""A column of text as its distinct texts and the number of each row's: what is asked of a text is
asked once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, eq=False)
class Column:
    """A column of n rows.

    Attributes: codes (n,), the number of each row's text; texts, an array of objects, the distinct
    texts, some of which may belong to no row. None stands for a missing text. known: the texts as
    arrow has them, where it told them apart.
    """

    codes: np.ndarray
    texts: np.ndarray
    known: pa.Array | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    def equals(self, text: str) -> np.ndarray:
        """Whether each row holds the text, (n,) bool."""
        return (self.texts == text)[self.codes]

    def take(self, rows: np.ndarray) -> "Column":
        """The rows of these numbers."""
        return replace(self, codes=self.codes[rows])

    def only(self, rows: np.ndarray) -> "Column":
        """`take`, without the texts that none of the rows holds, if there are many."""
        asked, codes = self.asked(rows)
        return Column(codes, asked.texts)

    def differs(self, other: "Column") -> np.ndarray:
        """Whether each row holds another text than the other column's, (n,) bool; two missing texts
        are alike.
        """
        return pd.Index(other.texts).get_indexer(self.texts)[self.codes] != other.codes

    def without_missing(self) -> "Column":
        """The column with '' for a missing text."""
        return Column(self.codes, np.where(self.texts == None, "", self.texts))  # noqa: E711

    def map(self, function: Callable, rows: np.ndarray, dtype=object) -> np.ndarray:
        """`function` of the texts in these row numbers, asked once for each text."""
        asked, codes = self.asked(rows)
        return _array(map(function, asked.texts.tolist()), len(asked.texts), dtype)[codes]

    def asked(self, rows: np.ndarray) -> tuple["Column", np.ndarray]:
        """A column of the texts that these row numbers hold, or of more if rows are many; the rows'
        codes in it.
        """
        codes = self.codes[rows]
        if len(rows) >= len(self.texts):
            return self, codes
        held = np.bincount(codes, minlength=len(self.texts)) > 0
        codes = (np.cumsum(held) - 1)[codes]
        return Column(codes, self.texts[held]), codes

    def mention(self, words: str) -> np.ndarray:
        """Whether each text holds one of the words, parted by |, in upper or lower case: (texts,)
        bool.
        """
        found = pc.match_substring_regex(self._arrow, words, ignore_case=True)
        return found.to_numpy(zero_copy_only=False)

    @cached_property
    def _arrow(self) -> pa.Array:
        return (
            pa.array(self.texts, pa.large_string(), from_pandas=True)
            if self.known is None
            else self.known
        )

    def series(self, index: pd.Index) -> pd.Series:
        """The column as pandas text, NaN where a text is missing."""
        text = self._arrow.take(pa.array(self.codes))
        return pd.Series(pd.array(text, dtype="str"), index=index, copy=False)

    @property
    def index(self) -> pd.Index:
        """The rows counted from 0, as of a column that belongs to no table."""
        return pd.RangeIndex(len(self))


class Table:
    """Columns of text by name. The texts of a column are told apart when it is first asked for, and
    not again.
    """

    def __init__(self, columns: Mapping[str, "pd.Series | Column"], index: pd.Index):
        self.index = index
        self._given = columns
        self._columns: dict[str, Column] = {}

    @classmethod
    def of(cls, table: "pd.DataFrame | Table") -> "Table":
        """A frame as a table; a table as it is."""
        return table if isinstance(table, cls) else cls(table, table.index)

    def __len__(self) -> int:
        return len(self.index)

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            given = self._given[name]
            self._columns[name] = given if isinstance(given, Column) else encode(self.text(name))
        return self._columns[name]

    def text(self, name: str) -> pd.Series:
        """The column as pandas text."""
        column = self._given[name]
        if isinstance(column, Column):
            return column.series(self.index)
        return (column if column.dtype == "str" else column.astype("str")).set_axis(self.index)

    def adding(self, columns: dict[str, "pd.Series | Column"]) -> "Table":
        """The table with these columns, too, or instead of those of like name."""
        table = Table({**self._given, **columns}, self.index)
        table._columns = {
            name: column for name, column in self._columns.items() if name not in columns
        }
        return table

    def take(self, rows: np.ndarray) -> "Table":
        """The rows of these numbers, counted from 0."""
        given = {
            name: column.take(rows) if isinstance(column, Column) else column.iloc[rows]
            for name, column in self._given.items()
        }
        table = Table(given, pd.RangeIndex(len(rows)))
        table._columns = {name: column.take(rows) for name, column in self._columns.items()}
        return table


class Draft:
    """A column in the making: every row has the first value until another is put there. Values may
    be any objects.
    """

    def __init__(self, n: int, value: object):
        self.codes = np.zeros(n, dtype=np.int64)
        self._values: list = [value]

    def put(self, rows: np.ndarray, value: object) -> None:
        """Give these rows one value."""
        self.codes[rows] = len(self._values)
        self._values.append(value)

    def put_each(self, rows: np.ndarray, codes: np.ndarray, values: np.ndarray) -> None:
        """Give each of these rows its own of the values, by number; one number for all will do."""
        if not len(rows):
            return
        self.codes[rows] = codes + len(self._values)
        self._values.extend(values)

    def column(self) -> Column:
        """The column as it stands, with the values that some row has, each once."""
        used = np.flatnonzero(np.bincount(self.codes, minlength=len(self._values)))
        number: dict = {}
        renumbered = np.zeros(len(self._values), dtype=np.int64)
        renumbered[used] = [number.setdefault(self._values[i], len(number)) for i in used.tolist()]
        return Column(renumbered[self.codes], _array(number, len(number), object))


def encode(column: pd.Series | Column) -> Column:
    """A series of text or categories as its distinct texts, '' for a missing one; a column as it
    is.
    """
    if isinstance(column, Column):
        return column
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("str")
    if column.hasnans:
        column = column.fillna("")
    if column.dtype != "str":
        codes, texts = pd.factorize(column)
        return Column(codes, np.asarray(texts, dtype=object))
    cells = pa.array(column)
    found = (
        cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    ).dictionary_encode()
    texts = found.dictionary.to_numpy(zero_copy_only=False)
    return Column(found.indices.to_numpy().astype(np.int64), texts, found.dictionary)


def joined(columns: list[Column]) -> Column:
    """One column after the other. A text that several of them have is there as often."""
    before = np.cumsum([0, *(len(column.texts) for column in columns)])
    codes = [column.codes + first for column, first in zip(columns, before, strict=False)]
    return Column(np.concatenate(codes), np.concatenate([column.texts for column in columns]))


def constant(text: str, n: int) -> Column:
    """The same text in each of n rows."""
    return Column(np.zeros(n, dtype=np.int64), np.array([text], dtype=object))


def distinct(*columns: Column) -> tuple[np.ndarray, list[tuple]]:
    """Rows of like texts share a number: the number of each row, and the texts of each number."""
    code, row = alike(*columns)
    return code, list(
        zip(*(column.texts[column.codes[row]].tolist() for column in columns), strict=True)
    )


def alike(*columns: Column) -> tuple[np.ndarray, np.ndarray]:
    """Rows of like texts share a number: the number of each row, and one of the rows of each
    number.
    """
    code, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        if size * len(column.texts) >= 1 << 62:
            code, known = pd.factorize(code)
            size = len(known)
        code = code * len(column.texts) + column.codes
        size *= len(column.texts)
    code, known = pd.factorize(code)
    row = np.empty(len(known), dtype=np.int64)
    row[code] = np.arange(len(code))
    return code, row


def _array(values, n: int, dtype) -> np.ndarray:
    return np.fromiter(values, dtype=dtype, count=n)
