"""Excel workbooks: values only, one sheet, looked through before any of it is built."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.styles import numbers
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from lac_analysis.errors import InputError
from lac_analysis.sources import limits, typed

# the dates and times that Chinese, Japanese and Korean Excel has by number, which openpyxl lacks:
# ECMA-376, part 1, 18.8.30, zh-cn (others show a day where this shows a month)
_MONTH, _DAY, _TIME = 'yyyy"年"m"月"', 'yyyy"年"m"月"d"日"', 'h"时"mm"分"'
for _ids, _format in (((27, 36, 50, 52, 57), _MONTH), ((28, 29, 30, 31, 51, 53, 54, 58), _DAY),
                      ((32, 33, 34, 35, 55, 56), _TIME)):  # fmt: skip
    numbers.BUILTIN_FORMATS.update(dict.fromkeys(_ids, _format))
_DAMAGED = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError,
    ValueError, ElementTree.ParseError, InvalidFileException, expat.ExpatError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
_ROWS = 1_048_576  # of a sheet
_SAVE = "a workbook saved by a spreadsheet program"
_NEARLY = 1e-8  # below a whole number, which openpyxl would round up, to the next day
_FAULTS = 50_000  # of a sheet that is looked at: openpyxl builds an object of each
_OUTSIDE = 200_000  # elements of a sheet that are in no row, such as links: openpyxl builds each
_OTHER = 2_000_000  # bytes of a part that holds no cells: openpyxl takes 1 s a megabyte
_OTHERS = re.compile(r"xl/(workbook|styles|metadata)\.xml|xl/theme/|docProps/|\[Content_|.*\.rels$")
_Fail = Callable[..., InputError]  # the refusal of the file, of which it knows the name


def rows(path: Path, wanted: Collection[str] = ()) -> tuple[str, limits.Rows, list[InputError]]:
    """The sheet that has most of the `wanted` columns: its name, its numbered rows, header first,
    and its faults.

    Raises InputError where it is no Excel workbook, damaged, or too large when unpacked.
    """
    fail = partial(InputError, file=path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            n_texts = _check_parts(fail, archive)
            looked = {}
            for name, part in _sheets(archive):
                with archive.open(part) as stream:
                    looked[name] = _Sheet(fail, stream)
        n_cells = sum(sheet.n_cells for sheet in looked.values())
        if n_texts > n_cells + limits.MAX_UNUSED:  # openpyxl takes 1 s for 100,000 of them
            value = f"{n_texts:,} texts for {n_cells:,} cells"
            raise fail("the workbook holds texts that no cell shows", value=value, expected=_SAVE)
        stream = path.open("rb")  # openpyxl refuses a name that does not end in .xlsx
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        sheets = sorted(book.worksheets, key=_is_hidden)
        if not sheets:
            raise fail("the workbook has no sheet of cells")
        headers = [set(next(_cells(s), (0, []))[1]) for s in sheets] if len(sheets) > 1 else [set()]
        best = max(range(len(sheets)), key=lambda i: (len(headers[i] & set(wanted)), -i))
    except _DAMAGED as error:
        raise _damaged(fail, error) from None
    name = sheets[best].title
    faults = looked[name].faults if name in looked else []
    shared = [len(header & headers[best]) for header in headers]
    alike = [s for s, n in zip(sheets, shared, strict=True) if 2 * n > max(shared)]
    again = [s.title for s in alike if s is sheets[best] or not _is_hidden(s)]
    if len(again) > 1:  # one is read, and the rows of the others would be lost
        said = {"row": 1, "value": ", ".join(again), "expected": "all records in one sheet"}
        faults.append(fail("two sheets of the same columns, or most", **said))
    others = ", ".join(sheet.title for sheet in book.worksheets if sheet.title != name)
    told = f"{name} (not read: {others})" if others else name
    return told, _told(fail, stream, sheets[best]), faults


def _is_hidden(sheet) -> bool:
    return sheet.sheet_state != "visible"


def _damaged(fail: _Fail, error: Exception) -> InputError:
    return fail(f"the workbook is damaged ({str(error)[:100]})")


def _check_parts(fail: _Fail, archive: zipfile.ZipFile) -> int:
    """The number of texts that cells may share. Raises InputError for what is no workbook, or
    unpacks to what would fill the memory.
    """
    parts = archive.infolist()
    if "xl/workbook.xml" not in archive.namelist():
        raise fail("a zip file that is no Excel workbook", expected="a workbook (.xlsx)")
    if len(parts) > limits.MAX_PARTS:
        most = f"{limits.MAX_PARTS:,} at most"
        raise fail("a workbook of too many parts", value=len(parts), expected=most)
    size, packed = (sum(getattr(p, name) for p in parts) for name in ("file_size", "compress_size"))
    most_here = min(limits.MAX_UNPACKED, limits.MAX_RATIO * packed + limits.MAX_LINE)
    other = max((p for p in parts if _OTHERS.match(p.filename)), key=lambda p: p.file_size)
    name = posixpath.basename(other.filename)
    for bytes_there, most, where in (
        (size, most_here, ""), (other.file_size, _OTHER, f" in {name}")
    ):  # fmt: skip
        if bytes_there > most:
            told = {"value": f"{bytes_there:,} bytes{where}", "expected": f"{most:,} at most"}
            raise fail("the workbook is too large when unpacked", **told)
    with archive.open("xl/workbook.xml") as stream:
        if b"purl.oclc.org/ooxml" in stream.read(4_096):  # in which openpyxl sees no sheet
            expected = "one saved as Excel Workbook (.xlsx)"
            raise fail("a workbook saved as Strict Open XML", expected=expected)
    n_texts = 0
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                end = b""
                for block in _blocks(fail, stream):
                    n_texts += block.count(b"si>") // 2 + block.count(b"si/>")
                    if part.filename.endswith("sharedStrings.xml") and b"x005F_" in end + block:
                        problem = "a text such as _x0020_, which cannot be told from a blank"
                        raise fail(problem, expected="the table as CSV")
                    end = block[-5:]
    return n_texts


def _blocks(fail: _Fail, stream: BinaryIO) -> Iterator[bytes]:
    """The blocks of an XML part. Raises InputError for what a parser should not be given."""
    since = 0  # the last end of a tag
    while block := stream.read(1 << 16):
        last = block.rfind(b">")
        since = len(block) - last - 1 if last >= 0 else since + len(block)
        for wrong, problem in (
            (b"\0" in block, "the workbook is damaged (not UTF-8)"),
            (b"<!DOCTYPE" in block, "the workbook declares XML entities"),
            (since > limits.MAX_TAG, "a cell of the workbook is too long"),
        ):
            if wrong:
                raise fail(problem, expected=_SAVE)
        yield block


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet of cells, wherever it lies."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    cells = [link for link in links if "chartsheet" not in (link.get("Type") or "")]
    target = {link.get("Id"): link.get("Target") for link in cells}
    parts, seen = set(archive.namelist()), set()
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if sheet.tag.endswith("}sheet"):
            link = next((v for k, v in sheet.items() if k.endswith("}id")), None)
            part = posixpath.normpath(posixpath.join("/xl", target.get(link) or ""))[1:]
            if part in seen:  # it would be read once for each
                raise ValueError("two sheets of one part")
            if part in parts:
                seen.add(part)
                yield sheet.get("name"), part


class _Sheet:
    """What the tags of a sheet say, before any cell is built. Raises InputError where its rows and
    cells cannot stand so.
    """

    def __init__(self, fail: _Fail, stream: BinaryIO):
        self.row, self.column, self.cell, self.kind, self.is_shared = 0, 0, "", "", False
        self.n_cells, self.seen, self.faults = 0, set(), []
        self.in_row, self.n_outside, self.fail = False, 0, fail
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.text
        parser.ParseFile(stream)

    def start(self, name: str, attributes: dict) -> None:
        self.kind = name.rpartition(":")[2]
        if self.kind == "row":
            row = int(attributes.get("r", self.row + 1))
            if not self.row < row <= _ROWS:
                problem = "a row that stands twice, out of order or beyond the sheet"
                raise self.fail(problem, row=row, expected=_SAVE)
            self.row, self.column, self.in_row = row, 0, True
        elif self.kind == "c":
            self.cell = attributes.get("r", "")
            self.seen = {"text"} if attributes.get("t") == "str" else set()  # which may be ''
            self.is_shared = attributes.get("t") == "s"
            self._count_cell()
            if attributes.get("t") == "e":
                self._fault(self.row, "an error of the spreadsheet, such as #N/A", self.cell)
        elif self.kind == "mergeCell":
            cells = attributes.get("ref", "")
            self._fault(int(re.search(r"\d+", cells)[0]), "merged cells", cells)
        self.seen.add(self.kind)
        self.n_outside += not self.in_row
        if self.n_outside > _OUTSIDE:
            problem, most = "too many parts of a sheet that are no cells", f"{_OUTSIDE:,} at most"
            raise self.fail(problem, value=self.kind, expected=most)

    def _count_cell(self) -> None:
        letters, number = re.fullmatch(r"([A-Z]*)(\d*)", self.cell).groups()
        before, self.column = self.column, self.column + 1
        if letters:
            self.column = column_index_from_string(letters) if len(letters) < 4 else 10**6
        if self.column <= before or (number and int(number) != self.row):
            problem = "a cell that stands twice or out of order"
            raise self.fail(problem, row=self.row, value=self.cell)
        self.n_cells += self.column - before  # those between two that are given are built, too
        if self.column > limits.MAX_COLUMNS or self.n_cells > limits.MAX_SHEET:
            what = "columns" if self.column > limits.MAX_COLUMNS else "cells in a sheet"
            most = f"{limits.MAX_COLUMNS:,} columns, {limits.MAX_SHEET:,} cells at most"
            raise self.fail(f"too many {what}", row=self.row, expected=most)

    def text(self, said: str) -> None:
        if self.kind in ("v", "t"):
            self.seen.add("text")
        if self.kind == "v" and self.is_shared and not re.fullmatch(r"\s*[0-9]*\s*", said):
            problem = "a cell that points to no text"  # openpyxl would take -1 for the last one
            raise self.fail(problem, row=self.row, value=self.cell, expected=_SAVE)
        if self.kind == "v" and not self.is_shared and _is_nearly_whole(said):
            problem = "a number just below a whole one, such as the last moment of a day"
            self._fault(self.row, problem, self.cell, "the day alone, or a whole number")

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        self.in_row &= name != "row"
        if name == "c" and "f" in self.seen and "text" not in self.seen:
            self._fault(self.row, "a formula without a stored value", self.cell)

    def _fault(
        self, row: int, problem: str, cells: str, expected: str = "a value in every cell"
    ) -> None:
        if len(self.faults) == _FAULTS:
            raise self.fail(problem, row=row, expected=_SAVE)
        self.faults.append(self.fail(problem, row=row, value=cells, expected=expected))


def _is_nearly_whole(said: str) -> bool:
    """Whether a text is a positive number just below a whole one."""
    try:
        return 0 < -float(said) % 1 <= _NEARLY and float(said) > 0
    except ValueError:
        return False


def _told(fail: _Fail, stream: BinaryIO, sheet) -> limits.Rows:
    with stream:
        try:
            yield from _cells(sheet)
        except _DAMAGED as error:
            raise _damaged(fail, error) from None


def _cells(sheet) -> limits.Rows:
    """Rows from the first that is not blank; its width is what shorter ones are filled up to."""
    sheet.reset_dimensions()  # what the file says of its size is not to be trusted
    width = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if not cells:  # one of the million rows above a stray cell
            continue
        texts = [_text(cell) for cell in cells]
        last = max((i for i, text in enumerate(texts, start=1) if text.strip()), default=0)
        width = width or last
        if width:
            yield number, texts[:last] + [""] * (width - last)


def _text(cell) -> str:
    """What the cell holds; no more than its month, where Excel made 2018-01 its first day."""
    value = cell.value
    if isinstance(value, datetime) and value.day == 1:
        shown = set(re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", cell.number_format).casefold())
        year = shown & set("ye")  # e in Chinese and Japanese formats
        if year and not shown & set("dh") and ("m" in shown or value.month == 1):
            return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
    # a workbook writes a character that XML has not as its number; none is half of a pair
    return re.sub(r"_x(?!D[89A-F])([0-9A-F]{4})_", lambda of: chr(int(of[1], 16)),
                  typed.as_text(value))  # fmt: skip
