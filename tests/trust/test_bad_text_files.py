"""The corpus, text files: encodings, marks, separators, quotes, ragged rows, headers, sizes, and
what is no table.
"""

import gzip
import json
import pickle

import example
import pandas as pd
import pytest

GOOD = example.text()
HEADER, FIRST, SECOND, THIRD, FOURTH = GOOD.splitlines(keepends=True)
NO_TEXT = "not text"
CHINESE = example.text(
    [
        row | {"china_actor_text": "贵州省人民政府代表团访问", "date_text": "二〇一八年"}
        for row in example.rows()
    ]
)


def wide(name: str, value: str = "Y") -> str:
    """The table with one more column."""
    return "".join(
        f"{line.rstrip()},{value if i else name}\n" for i, line in enumerate(GOOD.splitlines())
    )


UNUSABLE = {
    # nothing in it
    "empty": (b"", "empty"),
    "a byte order mark alone": (b"\xef\xbb\xbf", "no header"),
    "a UTF-16 mark alone": (b"\xff\xfe", "no header"),
    "half a UTF-16 mark": (b"\xff", "the encoding cannot be told"),
    "blank lines": (b"\n\n\n", "no header"),
    "spaces": (b"   \n \t \n", "no header"),
    "separators alone": (b",,,,\n,,,,\n", "no header"),
    "a header alone": (HEADER, "no rows below its header"),
    "a header without its line end": (HEADER.strip(), "no rows below its header"),
    "a header and blank rows": (HEADER + "\n,,,\n \n", "no rows below its header"),
    # encodings
    "UTF-32": (GOOD.encode("utf-32"), NO_TEXT),
    "UTF-16, one byte short": (GOOD.encode("utf-16")[:-1], "not utf-16 text"),
    "UTF-16, half a surrogate pair": (GOOD.encode("utf-16") + b"\x3d\xd8", "not utf-16 text"),
    "UTF-8 and then Latin-1": (
        GOOD.encode() + FIRST.replace("X-1", "X-9").encode() * 99 + b"\xe9\xff\n",
        "row 105",
    ),
    "UTF-8 for a megabyte and then not": (
        GOOD.encode() + ("," * 24 + "\n").encode() * 41_000 + b"X-9,\xff\xfe\xe9\n",
        "row 41006",
    ),
    "EBCDIC": (
        example.text(example.rows()[:3]).encode("cp500", "replace"),
        "the encoding cannot be told",
    ),
    "a mark within the text": (GOOD.replace("X-2", "\ufeffX-2"), "row 3, column record_id"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), NO_TEXT),
    "NUL bytes": (b"\0" * 1000, NO_TEXT),
    "one NUL byte": (GOOD.replace("A tie", "A\0tie"), NO_TEXT),
    "a bell": (GOOD.replace("A tie", "A\x07tie"), "byte 0x07 in line 2"),
    "a bell in UTF-16": (
        GOOD.replace("A tie", "A\x07tie").encode("utf-16"),
        "row 2, column description: a control",
    ),
    # separators
    "a header of semicolons, rows of commas": (HEADER.replace(",", ";") + FIRST, "row 2"),
    "one row of semicolons": (HEADER + FIRST + SECOND.replace(",", ";"), "row 3"),
    "one row of tabs": (HEADER + FIRST + SECOND.replace(",", "\t"), "row 3"),
    "spaces between cells": (GOOD.replace(",", " "), "missing column"),
    "carets between cells": (GOOD.replace(",", "^"), "missing column"),
    "Excel's line sep=,": ("sep=,\n" + GOOD, "row 2"),
    "a title above the header": ("My records of 2020\n" + GOOD, "row 2"),
    "a remark above the header": ("# made by hand\n" + GOOD, "row 2"),
    "a line of its own character, U+0085": (GOOD.replace("\n", "\x85"), "two columns of one name"),
    "a line of its own character, U+2028": (
        GOOD.replace("\n", "\u2028"),
        "two columns of one name",
    ),
    # rows
    "one cell too many": (HEADER + FIRST + SECOND.strip() + ",more\n", "row 3"),
    "two rows with cells too many": (
        HEADER + FIRST.strip() + ",more\n" + SECOND.strip() + ",more\n",
        "and 1 more",
    ),
    "cells too few": (HEADER + FIRST + "X-2,protocol\n", "row 3"),
    "a comma in an unquoted text": (HEADER + FIRST.replace("A tie", "A, tie"), "row 2"),
    "a decimal comma": (HEADER + FIRST.replace("A tie", "1,5"), "needs quotes around the text"),
    "a quote left open": (HEADER + FIRST.replace("A tie", '"A tie') + SECOND, "every quote closed"),
    "a quote left open in the header": ('"' + GOOD, "every quote closed"),
    "text after a quote": (HEADER + FIRST.replace("A tie", '"A" tie'), "row 2"),
    "200,000 quotes": (HEADER + '"' * 200_001 + "\n", "every quote closed"),
    "simple quotes": (HEADER + FIRST.replace("A tie", "'A, tie'"), "row 2"),
    # headers
    "no header": (FIRST + SECOND, "column"),
    "the header twice": (HEADER + GOOD, "row 2: the header again"),
    "two files one after the other": (GOOD + GOOD, "row 6: the header again"),
    "two files with a mark": (GOOD + "\ufeff" + GOOD, "row 6: the header again"),
    "the header in capitals below": (HEADER + HEADER.upper() + GOOD, "row 2: the header again"),
    "a column twice": (wide("record_id"), "column record_id: two columns of one name"),
    "a column twice, but for spaces": (wide(" record_id "), "two columns of one name"),
    "a column twice, but for a zero-width space": (
        wide("record_id\u200b"),
        "two columns of one name",
    ),
    "a column without a name": (wide(""), "row 2"),
    "a column without a name in the middle": (GOOD.replace(",date_text,", ",,"), "column number 3"),
    "upper case": (HEADER.upper() + FIRST, "missing column"),
    "names in Spanish": (
        HEADER.replace("record_id", "id_registro") + FIRST,
        "column record_id: missing column",
    ),
    "a column absent": (
        example.text(columns=[c for c in example.COLUMNS if c != "lac_iso3"]),
        "lac_iso3: missing",
    ),
    "two columns swapped": (
        GOOD.replace("lac_iso3", "@").replace("lac_level", "lac_iso3").replace("@", "lac_level"),
        "row 2, column lac_iso3",
    ),
    "all rows shifted by one": (
        HEADER + "".join(f",{line.rpartition(',')[0]}\n" for line in (FIRST, SECOND)),
        "row 2",
    ),
    # sizes
    "a cell of 100,001 characters": (
        GOOD.replace("A tie", "x" * 100_001),
        "column description: a cell is too long",
    ),
    "a cell of 10 MB": (GOOD.replace("A tie", "x" * 10_000_000), "line 2 is too long"),
    "a cell of 10 MB over lines": (
        HEADER + FIRST.replace("A tie", '"' + "x\n" * 5_000_000 + '"'),
        "row 2",
    ),
    "10 MB without a line end": ("x" * 10_000_000, "line 1 is too long"),
    "1,001 columns": (",".join(f"c{i}" for i in range(1001)) + "\n1\n", "too many columns: 1001"),
    "a million columns": (
        ",".join(map(str, range(1_000_000))) + "\n1\n",
        "too many columns: 1000000",
    ),
    "a million cells in a row": (HEADER + "X-1" + ",a" * 1_000_000 + "\n", "1000001 cells"),
    "a header of a million characters": ("x" * 999_999 + "\n1\n", "a column's name is too long"),
    # other things
    "gzip": (gzip.compress(GOOD.encode()), NO_TEXT),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\x80", NO_TEXT),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "the encoding cannot be told"),
    "a web page": (
        "<html><body><table><tr><td>record_id</td></tr></table></body></html>",
        "no rows",
    ),
    "a web page that says it is not found": (
        "<!DOCTYPE html>\n<html>\n404\n</html>\n",
        "missing column",
    ),
    "XML": (
        '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "&c;">]>\n<a>&b;</a>\n',
        "missing column",
    ),
    "YAML": ("record_id: X-1\nlac_iso3: ARG\n", "missing column"),
    "a notebook": (
        json.dumps({"cells": [], "nbformat": 4}),
        "no JSON object (not one flat object)",
    ),
    "one JSON array": (json.dumps(example.rows()), "line 1 is no JSON object"),
    "one JSON object over lines": (
        json.dumps(example.rows()[0], indent=1),
        "line 1 is no JSON object",
    ),
    "a pickle": (pickle.dumps(example.rows()), NO_TEXT),
    "a pickle that would run a command": (b"cos\nsystem\n(S'exit 1'\ntR.", "missing column"),
    "a data base": (b"SQLite format 3\0" + b"\1" * 100, NO_TEXT),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\0" * 50, NO_TEXT),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old Excel"),
    "Stata": (b"<stata_dta><header><release>118</release>" + b"\0" * 50, NO_TEXT),
    "a conflict left by git": ("<<<<<<< HEAD\n" + GOOD + "=======\n", "row 2"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_cannot_be_used_is_refused(unusable, case):
    unusable(*UNUSABLE[case])


USABLE = {
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD.encode(),
    "UTF-16": CHINESE.encode("utf-16"),
    "GB18030": CHINESE.encode("gb18030"),
    "semicolons": example.text(separator=";"),
    "tabs": example.text(separator="\t"),
    "bars": example.text(separator="|"),
    "old Macintosh line ends": example.text(end="\r"),
    "Windows line ends": example.text(end="\r\n"),
    "doubled line ends": example.text(end="\r\r\n"),
    "blank lines between": example.text(end="\n\n"),
    "separators to the right of all": GOOD.replace("\n", ",,,\n"),
    "columns in another order": example.text(columns=example.COLUMNS[::-1]),
    "columns more": wide("my_note", "=1+1"),
    "columns that may be blank absent": example.text(
        columns=[c for c in example.COLUMNS if c != "platform"]
    ),
    "a million blank rows below": GOOD + "\n" * 1_000_000,
}


@pytest.mark.parametrize("case", USABLE)
def test_a_file_written_otherwise_holds_the_same_records(usable, case):
    content = USABLE[case]
    expected = CHINESE if case in ("UTF-16", "GB18030") else GOOD
    pd.testing.assert_frame_equal(usable(content), usable(expected))


def test_line_ends_and_quotes_within_a_cell_are_kept(usable):
    said = 'first line\nsecond, with a comma and a "quote"'
    records = usable(example.text(example.rows({"description": said})))
    assert records["description"].tolist() == [said, "A tie", "A tie", "A tie"]
