"""Tables whose cells have types: parquet and JSON lines."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lac_analysis.errors import InputError
from lac_analysis.sources import limits

_DAMAGED = (pa.ArrowException, OSError, ValueError, OverflowError)
_EXTENSION = b"ARROW:extension:name"
_BATCH = 1_000  # rows; few, since what a page unpacks to is seen only then
_PARTS = 100_000  # of a file, each a column of a row group
_FEW = 10  # of them where a text says how it differs from the one above: a byte may be a million


def parquet(path: Path) -> tuple[limits.Rows, list, int]:
    """Numbered rows of a parquet file, header first; no faults; the number of rows.

    Raises InputError where it is damaged, nested, or too large when unpacked.
    """
    try:
        described = pq.read_metadata(path)
        columns = list(described.schema.to_arrow_schema())
        if described.num_row_groups * len(columns) > _PARTS:
            raise ValueError(f"{described.num_row_groups:,} row groups")
        groups = [described.row_group(i) for i in range(described.num_row_groups)]
    except _DAMAGED as error:
        raise _unreadable(path, error) from None
    most_cells = limits.MAX_CELLS + limits.MAX_RATIO * path.stat().st_size
    for size, most, what in (
        (max((group.total_byte_size for group in groups), default=0), limits.MAX_UNPACKED, "bytes"),
        (described.num_rows * len(columns), most_cells, "cells"),
    ):
        if size > most:
            problem, expected = "the parquet file is too large when unpacked", f"{most:,} at most"
            raise InputError(problem, file=path.name, value=f"{size:,} {what}", expected=expected)
    nested = next((column.name for column in columns if pa.types.is_nested(column.type)), None)
    if nested is not None:
        problem = "a column of lists or records"
        raise InputError(problem, file=path.name, column=nested, expected="one value a cell")
    for column in columns:  # a period of pandas would be a number
        if isinstance(column.type, pa.BaseExtensionType) or _EXTENSION in (column.metadata or {}):
            problem, expected = "a column of a type that lac does not read", "text, numbers or days"
            raise InputError(problem, file=path.name, column=column.name, expected=expected)
    stored = [{name for group in groups for name in group.column(i).encodings}
              for i in range(len(columns))]  # fmt: skip
    texts = [column.name for i, column in enumerate(columns)
             if described.schema.column(i).physical_type == "BYTE_ARRAY"
             if not any("DELTA" in name for name in stored[i])]  # fmt: skip
    size = _FEW if any("DELTA_BYTE_ARRAY" in each for each in stored) else _BATCH
    return _batches(path, [c.name for c in columns], texts, size), [], described.num_rows


def _batches(path: Path, names: list[str], texts: list[str], size: int) -> limits.Rows:
    """One text that stands in every row is kept once: texts stay in their dictionaries."""
    yield 1, names
    number = 1
    try:
        for batch in pq.ParquetFile(path, read_dictionary=texts).iter_batches(size):
            columns = [_values(column) for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                yield number, [as_text(value) for value in values]
    except _DAMAGED as error:
        raise _unreadable(path, error) from None


def _values(column: pa.Array) -> list:
    if not pa.types.is_dictionary(column.type):
        return column.to_pylist()
    used = column.indices.to_pylist()
    different = [i for i in dict.fromkeys(used) if i is not None]
    values = column.dictionary.take(pa.array(different, pa.int32())).to_pylist()
    value_of = dict(zip(different, values, strict=True))
    return [value_of.get(i) for i in used]


def _unreadable(path: Path, error: Exception) -> InputError:
    said = (str(error).splitlines() or [""])[0][:120]
    return InputError(f"the parquet file cannot be read ({said})", file=path.name)


def json_lines(path: Path) -> limits.Rows:
    """Numbered rows of JSON lines, the names first: as if the first line were below a header, row 2
    is line 1. Numbers stay as they are written, but for '.0' at the end.

    Raises InputError where it is not UTF-8, or a line is not one flat object.
    """
    names = {}
    for number, record in _objects(path):  # a later line may hold a name that the first one lacks
        names |= dict.fromkeys(record)
        if len(names) > (most := limits.MAX_COLUMNS):
            expected = f"{most} at most"
            raise InputError("too many columns", file=path.name, row=number, expected=expected)
    yield 1, list(names)
    for number, record in _objects(path):
        yield number, [as_text(record.get(name)) for name in names]


def _objects(path: Path) -> Iterator[tuple[int, dict]]:
    number = 1
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as stream:
            for number, line in enumerate(limits.lines(stream, path), start=2):
                line.encode()  # a byte that is no UTF-8 is half of a pair now
                if not line.strip():
                    continue
                record = json.loads(line, object_pairs_hook=_flat, parse_int=str,
                                    parse_float=lambda text: text.removesuffix(".0"))  # fmt: skip
                if not isinstance(record, dict):
                    raise ValueError("not one flat object")
                yield number, record
    except UnicodeError:
        problem, expected = "the file is not UTF-8 text", "JSON lines in UTF-8"
        raise InputError(problem, file=path.name, row=number, expected=expected) from None
    except (ValueError, RecursionError) as error:
        problem = f"line {number - 1} is no JSON object ({getattr(error, 'msg', error)})"
        expected = 'one object a line, such as {"record_id": "X-1", ...}'
        raise InputError(problem, file=path.name, row=number, expected=expected) from None


def _flat(pairs: list[tuple]) -> dict:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a name stands twice")
    if any(isinstance(value, (dict, list)) for value in record.values()):
        raise ValueError("not one flat object")
    "".join(text for pair in pairs for text in pair if isinstance(text, str)).encode()  # \ud800
    return record


def as_text(value: object) -> str:
    """A cell as a person would type it: dates as YYYY-MM-DD, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00").removesuffix("T00:00:00+00:00")
    return str(value)
