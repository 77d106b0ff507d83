"""Excel workbooks: values only, one sheet, within limits that a zip bomb would break."""

import datetime
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from xml.etree.ElementTree import ParseError

from lac_analysis.errors import InputError
from lac_analysis.sources import typed

MAX_UNPACKED = 1024**3  # bytes
MAX_PARTS = 10_000


def rows(path: Path, wanted: Collection[str] = ()) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The format in words, and the numbered rows of the sheet that has most of the `wanted`
    columns, header first.

    Raises
    ------
    InputError : not an Excel workbook, damaged, or larger than the limits when unpacked.
    """
    _check_parts(path)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    damaged = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError,
               ParseError, EOFError, OSError, zlib.error)  # fmt: skip
    try:
        with path.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            sheets = [
                sheet for sheet in book.worksheets if sheet.sheet_state == "visible"
            ] or book.worksheets
            if not sheets:
                raise InputError("the workbook has no sheet of cells", file=path.name)
            headers = (
                [set(next(_cells(sheet), (0, []))[1]) for sheet in sheets]
                if len(sheets) > 1
                else [set()]
            )
            best = max(range(len(sheets)), key=lambda i: (len(headers[i] & set(wanted)), -i))
            name, cells = sheets[best].title, list(_cells(sheets[best]))
    except damaged as error:
        raise InputError(
            f"the workbook cannot be read ({str(error)[:100]})", file=path.name
        ) from None
    return f"Excel, sheet {name}", iter(cells)


def _check_parts(path: Path) -> None:
    """Refuse what is no workbook or unpacks to too much, before any of it is parsed."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise InputError(
                    "a zip file that is no Excel workbook",
                    file=path.name,
                    expected="a workbook (.xlsx)",
                )
            size = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or size > MAX_UNPACKED:
                raise InputError("the workbook is too large when unpacked", file=path.name, value=f"{size:,} bytes",
                                 expected=f"{MAX_UNPACKED:,} bytes at most")  # fmt: skip
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(4096):
                            raise InputError("the workbook declares XML entities", file=path.name,
                                             expected="a workbook saved by a spreadsheet program")  # fmt: skip
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise InputError(f"the workbook is damaged ({str(error)[:100]})", file=path.name) from None


def _cells(sheet) -> Iterator[tuple[int, list[str]]]:
    """Rows from the first that is not blank, which gives the width that the shorter ones are filled
    up to.
    """
    sheet.reset_dimensions()  # what the file says of its size is not to be trusted
    width = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if not values:  # one of the million rows above a stray cell
            continue
        texts = [_text(value) for value in values]
        last = max((i for i, text in enumerate(texts, start=1) if text.strip()), default=0)
        width = width or last
        if width:
            yield number, texts[:last] + [""] * (width - last)


def _text(value: object) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time(0):
        value = value.date()
    return typed.as_text(value)
