"""Text tables: their separator found by content, their rows parsed strictly."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from lac_analysis.errors import InputError
from lac_analysis.sources import encodings, limits

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def rows(path: Path, encoding: str = "") -> tuple[str, limits.Rows]:
    """The format in words, and the numbered rows of a CSV file, header first. The separator is what
    the header holds most of, outside quotes.

    Raises InputError where it is not text, not in its encoding, or a quote is not closed.
    """
    name = encoding or encodings.detect(path)
    encoding = "utf-8-sig" if name == "utf-8" else name
    try:
        with path.open(encoding=encoding, errors="replace") as stream:
            text = re.sub(r'"(?:[^"]|"")*"', "quoted", stream.read(20_000))
    except UnicodeError:  # no mark of UTF-16: said when its rows are read
        text = ""
    header = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=header.count)
    return f"CSV, {name}, separated by {SEPARATORS[separator]}", _parse(path, encoding, separator)


def _parse(path: Path, encoding: str, separator: str) -> limits.Rows:
    csv.field_size_limit(limits.MAX_CELL * 10)
    number, exact = 0, not encoding.startswith("utf-16")
    try:
        # a byte that is not of the encoding becomes half of a pair, and its row can be named
        errors = "surrogateescape" if exact else "strict"
        with path.open(encoding=encoding, errors=errors, newline="") as stream:
            lines = _whole_lines(stream, path)
            for number, cells in enumerate(csv.reader(lines, delimiter=separator, strict=True), 1):
                yield number, cells
    except UnicodeError:
        problem = f"a byte that is not {encoding.removesuffix('-sig')} text"
        expected = "one encoding, best UTF-8; or say which by --encoding"
        row = number + 1 if exact else None
        raise InputError(problem, file=path.name, row=row, expected=expected) from None
    except csv.Error as error:
        problem = f"the file is not a well-formed CSV file ({error})"
        expected = "every quote closed, and quotes inside a text doubled"
        raise InputError(problem, file=path.name, row=number + 1, expected=expected) from None


def _whole_lines(stream, path: Path) -> Iterator[str]:
    for line in limits.lines(stream, path):
        if not line.isascii():
            line.encode()
        if "\0" in line:
            raise encodings.no_text(path)
        yield line
