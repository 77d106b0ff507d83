"""Text tables: their encoding and separator found by content, their rows parsed strictly."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from lac_analysis.errors import InputError
from lac_analysis.sources import read

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE = 1_000_000  # bytes looked at to tell the encoding
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
# punctuation and the 3,755 commoner characters of GB 2312: what most of a Chinese text consists of
_CHINESE = re.compile(rb"(?:[\xa1-\xa3\xb0-\xd7][\xa1-\xfe])+")


def rows(path: Path) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The format in words, and the numbered rows of a CSV file, header first.

    Raises
    ------
    InputError : not text, not in the encoding that its beginning shows, or a quote that is not
        closed.
    """
    encoding = detect_encoding(path)
    separator = _separator(_beginning(path, encoding))
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    return f"CSV, {name}, separated by {_SEPARATORS[separator]}", _parse(path, encoding, separator)


def detect_encoding(path: Path) -> str:
    """utf-8-sig (with or without a mark), utf-16, gb18030, cp1252 or latin-1, by the file's first
    megabyte.

    A text that is not UTF-8 is Chinese if most of its bytes above 127 form common characters of GB
    2312; accented
    letters of Western languages, which stand alone or in pairs that begin with a small letter (0xE0
    and above), do not.

    Raises
    ------
    InputError : the file is not text.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if b"\0" in sample:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        half = len(sample) / 2
        if even + odd > 0.3 * half and min(even, odd) < 0.05 * max(even, odd):
            return "utf-16-le" if odd > even else "utf-16-be"
        raise _no_text(path)
    if any(byte < 9 or 13 < byte < 32 for byte in set(sample) - {26, 27}):
        raise _no_text(path)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=len(sample) < _SAMPLE)
        return "utf-8-sig"
    except UnicodeDecodeError:
        pass
    high = sum(map(len, _HIGH.findall(sample)))
    chinese = sum(len(found) for run in _HIGH.findall(sample) for found in _CHINESE.findall(run))
    if chinese > 0.6 * high:
        return "gb18030"
    undefined = any(byte in sample for byte in b"\x81\x8d\x8f\x90\x9d")
    return "latin-1" if undefined else "cp1252"


def _no_text(path: Path) -> InputError:
    return InputError("the file is not text, Excel, parquet or JSON lines", file=path.name,
                      expected="a CSV file, a workbook (.xlsx), a parquet file or JSON lines")  # fmt: skip


def _beginning(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace") as stream:
        return stream.read(20_000)


def _separator(text: str) -> str:
    """The separator that the header holds most of, outside quotes."""
    header = next(
        (line for line in re.sub(r'"(?:[^"]|"")*"', "", text).splitlines() if line.strip()), ""
    )
    return max(_SEPARATORS, key=header.count)


def _parse(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(read.MAX_CELL * 10)
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as stream:
            for number, cells in enumerate(
                csv.reader(_lines(stream, path), delimiter=separator, strict=True), start=1
            ):
                yield number, cells
    except UnicodeError:
        raise InputError(f"the file begins as {encoding} text and is not so further on", file=path.name, row=number + 1,
                         expected="one encoding, best UTF-8") from None  # fmt: skip
    except csv.Error as error:
        raise InputError(f"the file is not a well-formed CSV file ({error})", file=path.name, row=number + 1,
                         expected="every quote closed, and quotes inside a text doubled") from None  # fmt: skip


def _lines(stream, path: Path) -> Iterator[str]:
    for line in read.lines(stream, path):
        if "\0" in line:
            raise _no_text(path)
        yield line
