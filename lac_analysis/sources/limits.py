"""What a table may be, so that a file made to fill the memory is refused before it does."""

import itertools
import stat
from collections.abc import Iterator
from pathlib import Path

from lac_analysis.errors import InputError

MAX_ROWS = 1_000_000  # held in memory; `lac clean` and `lac code` work on pieces
MAX_COLUMNS = 1_000
MAX_CELLS = 30_000_000  # held in memory, blank ones included
MAX_CHARACTERS = 300_000_000  # of all cells held in memory
MAX_CELL = 100_000  # characters
MAX_NAME = 1_000  # characters of a column's name
MAX_LINE = 10_000_000  # characters
MAX_BYTES = 2 * 1024**3  # of a file that is held in memory
MAX_UNPACKED = 256 * 1024**2  # bytes of a workbook, or of a row group of a parquet file
MAX_RATIO = 200  # of a workbook unpacked to packed (people's: ten or so); cells a byte of parquet
MAX_A_BYTE = 2_000  # characters of a table larger than memory, for each byte of its file
MAX_PARTS = 10_000  # files in a workbook
MAX_SHEET = 3_000_000  # cells of a sheet
MAX_UNUSED = 100_000  # texts of a workbook more than it has cells
MAX_TAG = 10 * MAX_CELL  # bytes of a workbook between the ends of two tags
CELLS_OF_PIECE = 1_000_000  # of a table that is read in pieces
Rows = Iterator[tuple[int, list[str]]]  # of cells, numbered; the first of them the header
CONTROL = "[\x00-\x08\x0e-\x19\x1c-\x1f]"  # a pattern: characters that no text holds
OF_BYTES = ("cp1252", "latin-1", "iso8859_15", "mac_roman", "cp850", "cp437", "cp858", "cp860",
            "cp863", "cp852", "hp_roman8", "gb18030", "big5", "big5hkscs", "shift_jis", "cp932",
            "euc_jp", "euc_kr", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859_2",
            "iso8859_5", "iso8859_7", "iso8859_9", "koi8_r", "cp866", "mac_latin2",
            "mac_cyrillic")  # fmt: skip
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-7", "hz", *OF_BYTES)


def regular_size(path: Path) -> int:
    """Size in bytes. Raises InputError for what is no regular file that holds something."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise InputError("a folder, not a file", file=path, expected="one table")
        if not stat.S_ISREG(found.st_mode):  # a pipe or a device may never end
            raise InputError("not a regular file", file=path, expected="one table")
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        said = getattr(error, "strerror", None) or error
        raise InputError(f"the file cannot be read ({said})", file=path) from None
    if empty:
        raise InputError("the file is empty", file=path.name, expected="a table with a header")
    if found.st_size == 0:  # a file of /proc, which has no size and may hold anything
        raise InputError("not a regular file", file=path, expected="one table")
    return found.st_size


def lines(stream, path: Path) -> Iterator[str]:
    """The lines of a text; one that does not end is refused before it fills the memory."""
    for number in itertools.count(1):
        if len(line := stream.readline(MAX_LINE)) == MAX_LINE:
            most = f"fewer than {MAX_LINE:,} characters"
            raise InputError(f"line {number} is too long", file=path.name, expected=most)
        if not line:
            return
        yield line
