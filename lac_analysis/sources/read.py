"""Any table a user may hold -> one frame of text: CSV, Excel, parquet or JSON lines, told apart by
content.

Nothing is evaluated: formulas give the value that the workbook stores, and every cell is text
without spaces around it.
"""

import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lac_analysis.errors import InputError

MAX_ROWS = 5_000_000  # held in memory; `lac clean` works on chunks
MAX_COLUMNS = 1_000
MAX_CELL = 100_000  # characters
MAX_NAME = 1_000  # characters of a column's name
MAX_LINE = 10_000_000  # characters
MAX_BYTES = 4 * 1024**3
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and any Excel file with a password


@dataclass(frozen=True, eq=False)
class Source:
    """A table as it was read.

    Attributes
    ----------
    frame : all cells as text, '' for a blank; the index, `row`, counts as a spreadsheet does
        (header = 1). Rows and
        nameless columns without any value are left out.
    format : what the file is, for people ("CSV, cp1252, separated by ;").
    ragged : row number -> number of cells, of rows that have more or fewer cells than the
        header; in the frame they
        are cut or filled up.
    """

    path: Path
    frame: pd.DataFrame
    format: str
    ragged: dict[int, int] = field(default_factory=dict)


def table(path: str | Path, wanted: Collection[str] = ()) -> Source:
    """`read`, but a row with more or fewer cells than the header is refused.

    Raises
    ------
    InputError : as `read`, or a ragged row.
    """
    source = read(path, wanted)
    if source.ragged:
        row, cells = next(iter(source.ragged.items()))
        more = f" (and {len(source.ragged) - 1} more rows)" if len(source.ragged) > 1 else ""
        raise InputError(
            "as many cells in a row as in the header are needed",
            file=source.path.name,
            row=row,
            value=f"{cells} cells",
            expected=f"{source.frame.shape[1]} cells{more}; a separator inside a text needs quotes around the text",
        )
    return source


def read(path: str | Path, wanted: Collection[str] = ()) -> Source:
    """Read a table, whatever its format.

    Parameters
    ----------
    path : CSV in UTF-8, UTF-16, GB18030, Windows-1252 or Latin-1, separated by comma,
        semicolon, tab or bar; Excel
        (.xlsx); parquet; or JSON lines, one object a line.
    wanted : column names; of a workbook's sheets, the one that has most of them is read, else
        the first.

    Raises
    ------
    InputError : no file, no permission, a folder, empty, only a header, corrupt, larger than
        the limits above, columns
        without a name or with one name, or a format that is none of these.
    """
    path = Path(path)
    head = _head(path)
    if head.startswith(b"PAR1"):
        from lac_analysis.sources import typed

        kind, rows = "parquet", typed.parquet(path)
    elif head.startswith(b"PK"):
        from lac_analysis.sources import workbook

        kind, rows = workbook.rows(path, wanted)
    elif head.startswith(_OLE):
        raise InputError(
            "an old Excel file, or one with a password",
            file=path.name,
            expected="a workbook saved as .xlsx without one",
        )
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        from lac_analysis.sources import typed

        kind, rows = "JSON lines", typed.json_lines(path)
    else:
        from lac_analysis.sources import delimited

        kind, rows = delimited.rows(path)
    return _source(path, kind, rows)


def _head(path: Path) -> bytes:
    try:
        mode, size = path.stat().st_mode, path.stat().st_size
        if stat.S_ISDIR(mode):
            raise InputError("a folder, not a file", file=path, expected="one table")
        if not stat.S_ISREG(mode):  # a pipe or a device may never end
            raise InputError("not a regular file", file=path, expected="one table")
        with path.open("rb") as stream:
            head = stream.read(4096)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        said = getattr(error, "strerror", None) or error
        raise InputError(f"the file cannot be read ({said})", file=path) from None
    if not head:
        raise InputError("the file is empty", file=path.name, expected="a table with a header")
    if size > MAX_BYTES:
        raise InputError("the file is too large to be held in memory", file=path.name, value=f"{size:,} bytes",
                         expected=f"{MAX_BYTES:,} bytes at most; `lac clean` works on parts")  # fmt: skip
    return head


def _source(path: Path, kind: str, rows: Iterator[tuple[int, list[str]]]) -> Source:
    """Assemble numbered rows of text cells, the first of them the header."""
    number, header = next(rows, (0, []))
    header = ["".join(filter(str.isprintable, name)).strip() for name in header]
    while header and not header[-1]:  # separators at the end of every line
        header.pop()
    if not header:
        raise InputError(
            "the file has no header",
            file=path.name,
            row=number or None,
            expected="column names first",
        )
    if len(header) > MAX_COLUMNS:
        raise InputError(
            "too many columns", file=path.name, value=len(header), expected=f"{MAX_COLUMNS} at most"
        )
    if max(map(len, header)) > MAX_NAME:
        raise InputError("a column's name is too long", file=path.name, value=max(header, key=len),
                         expected=f"{MAX_NAME} characters at most")  # fmt: skip
    repeated = next((name for i, name in enumerate(header) if name and name in header[:i]), None)
    if repeated is not None:
        raise InputError(
            "two columns of one name", file=path.name, column=repeated, expected="every name once"
        )

    width, numbers, kept, ragged = len(header), [], [], {}
    for number, cells in rows:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if len(kept) == MAX_ROWS:
            raise InputError(
                "too many rows",
                file=path.name,
                expected=f"{MAX_ROWS:,} at most; `lac clean` works on parts",
            )
        if len(cells) != width:
            if len(cells) < width or any(cells[width:]):
                ragged[number] = len(cells)
            cells = (cells + [""] * width)[:width]
        long = next((i for i, cell in enumerate(cells) if len(cell) > MAX_CELL), None)
        if long is not None:
            raise InputError("a cell is too long", file=path.name, row=number, column=header[long],
                             expected=f"{MAX_CELL:,} characters at most; is a quote left open?")  # fmt: skip
        numbers.append(number)
        kept.append(cells)
    if not kept:
        raise InputError("the file has no rows below its header", file=path.name)
    frame = pd.DataFrame(kept, columns=header, index=pd.Index(numbers, name="row"), dtype="str")
    if "" in header:
        frame = _without_nameless(path, frame, header)
    return Source(path, frame, kind, ragged)


def _without_nameless(path: Path, frame: pd.DataFrame, header: list[str]) -> pd.DataFrame:
    for position, name in enumerate(header):
        used = frame.iloc[:, position] != ""
        if not name and used.any():
            row, value = frame.index[used][0], frame.iloc[:, position][used].iloc[0]
            raise InputError("a column has no name", file=path.name, row=row, column=f"number {position + 1}",
                             value=value, expected="a name in the header")  # fmt: skip
    return frame.loc[:, [bool(name) for name in header]]


def lines(stream, path: Path) -> Iterator[str]:
    """The lines of a text; one that does not end is refused before it fills the memory."""
    while line := stream.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise InputError(
                "a line is too long", file=path.name, expected=f"fewer than {MAX_LINE:,} characters"
            )
        yield line
