"""Tables whose cells have types: parquet and JSON lines."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lac_analysis.errors import InputError
from lac_analysis.sources import read


def parquet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows of a parquet file, header first. Raises InputError where it is damaged, nested
    or too large.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    def fail(error: Exception) -> InputError:
        return InputError(
            f"the parquet file cannot be read ({(str(error).splitlines() or [''])[0][:120]})",
            file=path.name,
        )

    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows > read.MAX_ROWS:
            raise InputError(
                "too many rows",
                file=path.name,
                value=file.metadata.num_rows,
                expected=f"{read.MAX_ROWS:,} at most",
            )
        names = file.schema_arrow.names
        nested = [f.name for f in file.schema_arrow if pa.types.is_nested(f.type)]
    except (
        pa.ArrowException,
        OSError,
        ValueError,
    ) as error:  # ValueError: a name that is not UTF-8
        raise fail(error) from None
    if nested:
        raise InputError(
            "a column of lists or records",
            file=path.name,
            column=nested[0],
            expected="one value a cell",
        )
    yield 1, names
    number = 1
    try:
        for batch in file.iter_batches(batch_size=50_000):
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                yield number, [as_text(value) for value in values]
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        OverflowError,
    ) as error:  # OverflowError: a day beyond the calendar
        raise fail(error) from None


def json_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows of JSON lines, the names first: as if the first line were below a header, row 2
    is line 1.

    Raises
    ------
    InputError : not UTF-8, or a line that is not one flat object.
    """

    def once(pairs: list[tuple]) -> dict:
        record = dict(pairs)
        if len(record) != len(pairs):
            raise ValueError("a name stands twice")
        return record

    names, records = {}, []
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(
                islice(read.lines(stream, path), read.MAX_ROWS + 1), start=1
            ):
                if not line.strip():
                    continue
                record = json.loads(line, object_pairs_hook=once)
                nested = not isinstance(record, dict) or any(
                    isinstance(v, (dict, list)) for v in record.values()
                )
                if nested:
                    raise ValueError("not one flat object")
                "".join(
                    text for pair in record.items() for text in pair if isinstance(text, str)
                ).encode()  # whole letters
                names |= dict.fromkeys(record)
                records.append((number + 1, record))
    except UnicodeDecodeError:
        raise InputError(
            "the file is not UTF-8 text", file=path.name, expected="JSON lines in UTF-8"
        ) from None
    except (ValueError, RecursionError) as error:
        said = getattr(error, "msg", str(error))
        raise InputError(f"line {number} is no JSON object ({said})", file=path.name, row=number + 1,
                         expected='one object a line, such as {"record_id": "X-1", ...}') from None  # fmt: skip
    yield 1, list(names)
    for number, record in records:
        yield number, [as_text(record.get(name)) for name in names]


def as_text(value: object) -> str:
    """A cell of a typed format as a person would type it: dates as YYYY-MM-DD, whole numbers
    without a point.
    """
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
