"""Excel workbooks: values only, one sheet, looked through before any of it is built."""

import datetime
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from lac_analysis.errors import InputError
from lac_analysis.sources import limits, typed

_DAMAGED = (InvalidFileException, zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, ValueError, TypeError,
            AttributeError, IndexError, ElementTree.ParseError, expat.ExpatError, EOFError, OSError, zlib.error)  # fmt: skip
_ROWS = 1_048_576  # of a sheet
_SAVE = "a workbook saved by a spreadsheet program"
_SHOWN = 1_000  # faults of a sheet


def rows(
    path: Path, wanted: Collection[str] = ()
) -> tuple[str, Iterator[tuple[int, list[str]]], list[tuple]]:
    """The sheet that has most of the `wanted` columns: its name, its numbered rows, header first,
    and its faults (row, column, problem, value, expected).

    Raises
    ------
    InputError : not an Excel workbook, damaged, or larger than the limits when unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(path, archive)
            faults = {name: _check_sheet(path, archive, part) for name, part in _sheets(archive)}
        stream = path.open("rb")  # openpyxl refuses a name that does not end in .xlsx
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"] or book.worksheets
        if not sheets:
            raise InputError("the workbook has no sheet of cells", file=path.name)
        headers = [set(next(_cells(s), (0, []))[1]) for s in sheets] if len(sheets) > 1 else [set()]
        best = max(range(len(sheets)), key=lambda i: (len(headers[i] & set(wanted)), -i))
    except _DAMAGED as error:
        raise _damaged(path, error) from None
    name = sheets[best].title
    return name, _told(path, stream, sheets[best]), faults.get(name, [])


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"the workbook is damaged ({str(error)[:100]})", file=path.name)


def _check_parts(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what is no workbook, or unpacks to what would fill the memory."""
    parts = archive.infolist()
    if "xl/workbook.xml" not in archive.namelist():
        raise InputError("a zip file that is no Excel workbook", file=path.name,
                         expected="a workbook (.xlsx)")  # fmt: skip
    size = sum(part.file_size for part in parts)
    if len(parts) > limits.MAX_PARTS or size > limits.MAX_UNPACKED:
        raise InputError("the workbook is too large when unpacked", file=path.name,
                         value=f"{size:,} bytes", expected=f"{limits.MAX_UNPACKED:,} bytes at most")  # fmt: skip
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as stream:
            since = 0  # the last end of a tag
            while block := stream.read(1 << 16):
                if b"\0" in block:
                    raise InputError("the workbook is damaged (no UTF-8)", file=path.name, expected=_SAVE)  # fmt: skip
                if b"<!DOCTYPE" in block:
                    raise InputError("the workbook declares XML entities", file=path.name, expected=_SAVE)  # fmt: skip
                last = block.rfind(b">")
                since = len(block) - last - 1 if last >= 0 else since + len(block)
                if since > limits.MAX_TAG:
                    raise InputError("a cell is too long", file=path.name,
                                     expected=f"{limits.MAX_CELL:,} characters at most")  # fmt: skip


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet of cells."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = {link.get("Id"): link.get("Target") for link in links}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if sheet.tag.endswith("}sheet"):
            link = next((v for k, v in sheet.items() if k.endswith("}id")), None)
            part = posixpath.normpath(posixpath.join("/xl", target.get(link) or ""))[1:]
            if part in archive.namelist() and part.startswith("xl/worksheets/"):
                yield sheet.get("name"), part


def _check_sheet(path: Path, archive: zipfile.ZipFile, part: str) -> list[tuple]:
    """The faults of a sheet. Raises InputError where its rows and cells cannot stand as it says."""
    faults, seen = [], {"row": 0, "cell": "", "formula": False, "value": False}

    def start(name: str, attributes: dict) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            row = int(attributes.get("r", seen["row"] + 1))
            if not seen["row"] < row <= _ROWS:
                raise InputError("a row that stands twice, out of order or beyond the sheet",
                                 file=path.name, row=row, expected=_SAVE)  # fmt: skip
            seen["row"] = row
        elif kind == "c":
            seen.update(cell=attributes.get("r", ""), formula=False, value=False)
            letters = re.match("[A-Z]*", seen["cell"])[0]
            if _number(letters) > limits.MAX_COLUMNS:
                raise InputError("too many columns", file=path.name, row=seen["row"], column=letters[:9],
                                 expected=f"{limits.MAX_COLUMNS} at most")  # fmt: skip
        elif kind in ("f", "v", "is"):
            seen["formula" if kind == "f" else "value"] = True
        elif kind == "mergeCell" and len(faults) < _SHOWN:
            cells = attributes.get("ref", "")
            row = int(re.search(r"\d+", cells)[0])
            faults.append((row, "all", "merged cells, of which only the first holds a value", cells,
                           "a value in every cell"))  # fmt: skip

    def end(name: str) -> None:
        missing = name.rpartition(":")[2] == "c" and seen["formula"] and not seen["value"]
        if missing and len(faults) < _SHOWN:
            faults.append((seen["row"], "all", "a formula without a stored value", seen["cell"], _SAVE))  # fmt: skip

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    with archive.open(part) as stream:
        parser.ParseFile(stream)
    return faults


def _number(letters: str) -> int:
    """Of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters[:9]:
        number = number * 26 + ord(letter) - 64
    return number


def _told(path: Path, stream: BinaryIO, sheet) -> Iterator[tuple[int, list[str]]]:
    with stream:
        try:
            yield from _cells(sheet)
        except _DAMAGED as error:
            raise _damaged(path, error) from None


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
