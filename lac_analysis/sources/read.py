"""Any table a user may hold -> text: CSV, Excel, parquet or JSON lines, told apart by content.

Nothing is evaluated: formulas give the value that the workbook stores, and every cell is text
without spaces around it, its letters composed (NFC): é is one, not e and an accent.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, normalize

import pandas as pd

from lac_analysis.errors import InputError
from lac_analysis.sources import delimited, limits, typed, workbook

_MOST = (limits.MAX_ROWS, limits.MAX_CELLS, limits.MAX_CHARACTERS)
_CONTROL = re.compile(f"{limits.CONTROL}|[\x1a\x1b\x7f]")
_MARKS = "".join(letter for letter in map(chr, range(0x300, 0x10000)) if combining(letter))
# and the scripts above that have some, in one range: a set of both takes 25 times as long
_ACCENTS = re.compile(f"(?:[{_MARKS}]|[\U000101fd-\U0001d3ff\U0001d800-\U0001efff]){{31}}")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and any Excel file with a password


@dataclass(frozen=True, eq=False)
class Source:
    """A table as it was read."""

    # all cells as text, '' for a blank, without rows and nameless columns that hold nothing; the
    # index, `row`, counts as a spreadsheet does (header = 1)
    frame: pd.DataFrame
    format: str  # what the file is, for people ("CSV, cp1252, separated by semicolons")
    # where the frame is not what the file holds: rows with more or fewer cells than the header (cut
    # or filled up), merged cells, and formulas without a stored value (blank)
    faults: list[InputError]
    blank: list[int]  # rows that hold nothing and lie above the last that does


def table(path: str | Path, wanted: Collection[str] = (), encoding: str = "") -> Source:
    """`read`, but a file with a fault is refused. Raises InputError."""
    source = read(path, wanted, encoding)
    _refuse(source.faults)
    return source


def read(path: str | Path, wanted: Collection[str] = (), encoding: str = "") -> Source:
    """Read a table, whatever its format.

    path : CSV separated by comma, semicolon, tab or bar; Excel (.xlsx); parquet; or JSON lines,
        one object a line.
    wanted : column names; of a workbook's sheets, the one that has most of them is read, else
        the first.
    encoding : of a CSV file; blank: found out (see `encodings.detect`).

    Raises InputError: no file, no permission, a folder or device, empty, only a header, corrupt,
    larger than the limits, columns without a name or with one name, or a format that is none of
    these.
    """
    path = Path(path)
    size = limits.regular_size(path)
    if size > limits.MAX_BYTES:
        raise _too_large(path, f"{size:,} bytes")
    opened = _open(path, wanted, encoding)
    if opened.n_rows > limits.MAX_ROWS:
        raise _too_large(path, f"{opened.n_rows:,} rows")
    frames, n_rows, characters = [], 0, 0
    for frame, length in _frames(path, opened, 50_000):
        frames.append(frame)
        n_rows, characters = n_rows + len(frame), characters + length
        held = (n_rows, n_rows * frame.shape[1], characters)
        if any(n > most for n, most in zip(held, _MOST, strict=True)):
            raise _too_large(path, f"{held[0]:,} rows, {held[1]:,} cells so far")
    return Source(pd.concat(frames), opened.format, opened.faults, opened.blank)


def pieces(
    path: str | Path,
    size: int,
    wanted: Collection[str] = (),
    encoding: str = "",
    blank: list[int] | None = None,
) -> Iterator[pd.DataFrame]:
    """The same rows, at most `size` at a time, of a file that may be larger than memory; to `blank`
    the numbers of blank rows are added.

    Raises InputError as `table`, when the piece with the fault is reached.
    """
    path, characters = Path(path), 0
    most = limits.MAX_CHARACTERS // 10 + limits.MAX_A_BYTE * limits.regular_size(path)
    opened = _open(path, wanted, encoding)
    opened = opened._replace(blank=[] if blank is None else blank)
    for frame, length in _frames(path, opened, size):
        _refuse(opened.faults)
        characters += length
        if characters > most:
            problem, value = "the file is too large when unpacked", f"{characters:,} characters"
            raise InputError(problem, file=path.name, value=value, expected=f"{most:,} at most")
        yield frame


def format_of(path: str | Path, wanted: Collection[str] = (), encoding: str = "") -> str:
    """What a file is that can be read, in words: the `format` of its `Source`."""
    return _open(Path(path), wanted, encoding).format


class _Opened(NamedTuple):
    format: str
    rows: limits.Rows
    faults: list[InputError]
    blank: list[int]
    n_rows: int = 0  # where the file says it


def _open(path: Path, wanted: Collection[str], encoding: str) -> _Opened:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PAR1"):
        rows, faults, n_rows = typed.parquet(path)
        return _Opened("parquet", rows, faults, [], n_rows)
    if head.startswith(b"PK"):
        name, rows, faults = workbook.rows(path, wanted)
        return _Opened(f"Excel, sheet {name}", rows, faults, [])
    if head.startswith(_OLE):
        problem = "an old Excel file, or one with a password"
        raise InputError(problem, file=path.name, expected="a workbook saved as .xlsx without one")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _Opened("JSON lines", typed.json_lines(path), [], [])
    return _Opened(*delimited.rows(path, encoding), [], [])


def _frames(path: Path, opened: _Opened, size: int) -> Iterator[tuple[pd.DataFrame, int]]:
    """Frames of at most `size` rows, each with its number of characters; adds ragged rows to the
    faults.
    """
    header = _header(path, *next(opened.rows, (0, [])))
    width, any_row = len(header), False
    ragged = f"{width} cells; a separator inside a text needs quotes around the text"
    fail = partial(InputError, file=path.name)
    size = max(1, min(size, limits.CELLS_OF_PIECE // width))
    kept, length, blank = {}, 0, []
    for number, cells in opened.rows:
        if any(cells):
            cells = [cell.strip() for cell in _composed(cells, fail, number, header)]
        if not any(cells):
            blank.append(number)
            if len(opened.blank) + len(blank) == 2 * limits.MAX_ROWS:  # Excel may write a million
                most = f"under {2 * limits.MAX_ROWS:,}"
                raise fail("too many blank rows", row=number, expected=most)
            continue
        opened.blank.extend(blank)
        blank.clear()
        if len(cells) < width or any(cells[width:]):
            problem = f"{'more' if len(cells) > width else 'fewer'} cells than the header"
            value = f"{len(cells)} cells"
            opened.faults.append(fail(problem, row=number, value=value, expected=ragged))
        kept[number] = (cells + [""] * width)[:width]
        if all(map(_alike, kept[number], header)):
            opened.faults.append(fail("the header again", row=number, expected="one table"))
        _check_cells(path, number, header, kept[number])
        length += sum(map(len, kept[number]))
        if len(kept) == size or length > limits.MAX_CHARACTERS // 10:
            yield _frame(kept, header), length
            kept, length, any_row = {}, 0, True
    if opened.format in ("parquet", "JSON lines"):  # of others, what lies below the table is none
        opened.blank.extend(blank)
    if kept:
        yield _frame(kept, header), length
    elif not any_row:
        raise fail("the file has no rows below its header")


def _header(path: Path, number: int, cells: list[str]) -> list[str]:
    fail = partial(InputError, file=path.name)
    names = _composed(cells, fail, number or None)
    header = ["".join(filter(str.isprintable, name)).strip() for name in names]
    while header and not header[-1]:  # separators at the end of every line
        header.pop()
    if not header:
        raise fail("the file has no header", row=number or None, expected="column names first")
    if len(header) > (most := limits.MAX_COLUMNS):
        raise fail("too many columns", value=len(header), expected=f"{most} at most")
    if len(longest := max(header, key=len)) > (most := limits.MAX_NAME):
        expected = f"{most} characters at most"
        raise fail("a column's name is too long", value=longest, expected=expected)
    for i, name in enumerate(header):
        if name and name in header[:i]:
            raise fail("two columns of one name", column=name, expected="every name once")
    return header


def _composed(
    cells: list[str], fail: Callable[..., InputError], row: int | None, names: Sequence[str] = ()
) -> list[str]:
    """Cells with an accent and its letter as one (NFC), which takes the square of the accents."""
    for i, cell in enumerate(cells):
        if not cell.isascii() and _ACCENTS.search(cell):
            column = names[i] if i < len(names) else f"number {i + 1}"
            raise fail("a letter with more than 30 accents", row=row, column=column)
    return [normalize("NFC", cell) for cell in cells]


def _alike(cell: str, name: str) -> bool:
    """Whether a cell is a column's name, below the mark that begins a file, or in capitals, too."""
    return cell.strip("\ufeff ").casefold() == name.casefold()


def _check_cells(path: Path, number: int, header: list[str], cells: list[str]) -> None:
    whole = "".join(cells)
    plain = whole.isprintable() or not _CONTROL.search(whole)
    if plain and all(header) and max(map(len, cells)) <= limits.MAX_CELL:  # as in nearly every row
        return
    fail = partial(InputError, file=path.name, row=number)
    for i, (name, cell) in enumerate(zip(header, cells, strict=True), start=1):
        if len(cell) > limits.MAX_CELL:
            most = f"{limits.MAX_CELL:,} characters at most; is a quote left open?"
            raise fail("a cell is too long", column=name, expected=most)
        if control := _CONTROL.search(cell):
            where, expected = {"column": name, "value": control[0]}, "text without it"
            raise fail("a control character", **where, expected=expected)
        if cell and not name:
            where, expected = f"number {i}", "a name in the header"
            raise fail("a column has no name", column=where, value=cell, expected=expected)


def _frame(rows: dict[int, list[str]], header: list[str]) -> pd.DataFrame:
    index = pd.Index(rows, name="row")
    frame = pd.DataFrame(list(rows.values()), columns=header, index=index, dtype="str")
    return frame.loc[:, [bool(name) for name in header]] if "" in header else frame


def _refuse(faults: list[InputError]) -> None:
    if faults:
        first = vars(faults[0])
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise InputError(**first | {"expected": first["expected"] + more})


def _too_large(path: Path, value: str) -> InputError:
    problem = "the table is too large to be held in memory"
    most = "{:,} rows, {:,} cells, {:,} characters at most".format(*_MOST)
    expected = f"{most}; `lac clean` and `lac code` work on pieces"
    return InputError(problem, file=path.name, value=value, expected=expected)
