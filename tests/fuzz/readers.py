"""Fuzz the reader of one's own tables and the check of their values. See README.md."""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lac_analysis.sources"]):
    from lac_analysis.sources import delimited, read, workbook  # noqa: F401

import openpyxl
import pandas as pd

from lac_analysis.errors import InputError

ROWS = pd.DataFrame(
    {
        "record_id": ["X-1", "X-2"],
        "place": ["São Paulo", "墨西哥城"],
        "date": ["2018", "2019-02-30"],
    }
)
FILE = Path(tempfile.mkdtemp(prefix="lac-fuzz-")) / "fuzz"


def seeds() -> list[bytes]:
    """One small file of each format, for the first byte of an input to choose from."""
    text = ROWS.to_csv(index=False)
    book, parquet = io.BytesIO(), io.BytesIO()
    sheet = openpyxl.Workbook()
    for row in [list(ROWS), *ROWS.to_numpy().tolist()]:
        sheet.active.append(row)
    sheet.save(book)
    ROWS.to_parquet(parquet)
    lines = ROWS.to_json(orient="records", lines=True, force_ascii=False)
    formats = [
        text.encode(),
        text.encode("utf-16"),
        text.replace(",", ";").encode("gb18030"),
        lines.encode(),
    ]
    return [b"", *formats, book.getvalue(), parquet.getvalue()]


SEEDS = seeds()


def one(data: bytes) -> None:
    """Change a seed at a few places that the input chooses, and read it."""
    given = atheris.FuzzedDataProvider(data)
    content = bytearray(SEEDS[given.ConsumeIntInRange(0, len(SEEDS) - 1)])
    for _ in range(given.ConsumeIntInRange(0, 8)):
        at = given.ConsumeIntInRange(0, len(content))
        content[at : at + given.ConsumeIntInRange(0, 8)] = given.ConsumeBytes(
            given.ConsumeIntInRange(0, 8)
        )
    content += given.ConsumeBytes(given.remaining_bytes())
    FILE.write_bytes(bytes(content))
    with contextlib.suppress(InputError):
        source = read.read(FILE, wanted=list(ROWS))
        assert len(source.frame) > 0 and source.frame.columns.is_unique
        assert all(
            isinstance(cell, str) for row in source.frame.to_numpy().tolist() for cell in row
        )


atheris.Setup(
    [*sys.argv, "-timeout=20", "-rss_limit_mb=2048", "-len_control=0", "-max_len=4096"], one
)
atheris.Fuzz()
