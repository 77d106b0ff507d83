"""The corpus, other formats: workbooks, parquet, JSON lines, and paths that lead to no file."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile

import example
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import within

from lac_analysis.errors import InputError
from lac_analysis.sources import own

# -- workbooks
# ---------------------------------------------------------------------------------


def workbook(change=lambda sheet: None, records=None) -> bytes:
    """The table as a workbook of one sheet, changed by `change`."""
    book = openpyxl.Workbook()
    for line in example.lines(example.rows() if records is None else records):
        book.active.append(line)
    change(book.active)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parts(content: bytes, **changes) -> bytes:
    """A workbook with some parts replaced (a function of the old content), added, or removed
    (None).
    """
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = old.namelist()
        for name in names:
            change = changes.get(name, lambda data: data)
            if change is not None:
                new.writestr(name, change(old.read(name)))
        for name, change in changes.items():
            if name not in names:
                new.writestr(name, change(b""))
    return buffer.getvalue()


def part(name, change):
    return parts(workbook(), **{name: change})


def cell(address, value):
    return lambda sheet: sheet.__setitem__(address, value)


def set_sheet(change):
    return part("xl/worksheets/sheet1.xml", change)


GOOD = workbook()
LETTERS = {
    name: openpyxl.utils.get_column_letter(i) for i, name in enumerate(example.COLUMNS, start=1)
}
END = openpyxl.utils.get_column_letter(len(example.COLUMNS) + 1)
DAMAGED = ("the workbook is damaged", "the workbook cannot be read")


def elsewhere(change):
    """The workbook whose sheet is changed and lies in another folder than most programs use."""
    return parts(
        workbook(change),
        **{
            "xl/_rels/workbook.xml.rels": lambda x: x.replace(b"worksheets/", b"data/"),
            "[Content_Types].xml": lambda x: x.replace(b"worksheets/", b"data/"),
            "xl/worksheets/sheet1.xml": None,
            "xl/data/sheet1.xml": lambda _: zipfile.ZipFile(io.BytesIO(workbook(change))).read(
                "xl/worksheets/sheet1.xml"
            ),
        },
    )


def shared(index):
    """The workbook with a first cell that points to a text by its number."""
    start = b'<c r="A2" t="inlineStr"><is><t>X-1</t></is></c>'
    cell = b'<c r="A2" t="s"><v>%s</v></c>' % index
    return set_sheet(lambda x: x.replace(start, cell))


def two_sheets(sheet):
    copy = sheet.parent.copy_worksheet(sheet)
    copy["A2"] = "Y-1"


BAD_WORKBOOKS = {
    "two sheets of records": (workbook(two_sheets), ("row 1: two sheets of the same columns",)),
    "Strict Open XML": (
        part(
            "xl/workbook.xml",
            lambda x: x.replace(
                b"schemas.openxmlformats.org/spreadsheetml/2006",
                b"purl.oclc.org/ooxml/spreadsheetml",
            ),
        ),
        ("a workbook saved as Strict Open XML",),
    ),
    "a text before the first": (shared(b"-1"), ("row 2: a cell that points to no text",)),
    "a text by 0_3": (shared(b"0_3"), ("row 2: a cell that points to no text",)),
    "merged rows elsewhere": (
        elsewhere(lambda s: s.merge_cells("G2:G4")),
        ("row 2: merged cells",),
    ),
    "a formula elsewhere": (
        elsewhere(cell("B2", "=1+1")),
        ("row 2: a formula without a stored value",),
    ),
    **{
        f"cut to {share:.0%}": (GOOD[: int(len(GOOD) * share)], DAMAGED)
        for share in (0.02, 0.3, 0.6, 0.9, 0.99)
    },
    "empty": (workbook(lambda s: s.delete_rows(1, 9)), ("no header",)),
    "a header alone": (workbook(lambda s: s.delete_rows(2, 9)), ("no rows below its header",)),
    "a title above": (
        workbook(lambda s: (s.insert_rows(1), s.__setitem__("A1", "Records"))),
        ("row 2",),
    ),
    "merged rows": (workbook(lambda s: s.merge_cells("G2:G4")), ("row 2: merged cells",)),
    "merged header": (
        workbook(lambda s: s.merge_cells("A1:C1")),
        ("a column has no name", "missing column"),
    ),
    "a formula for a code": (
        workbook(cell(LETTERS["lac_iso3"] + "2", '=CONCAT("AR","G")')),
        ("row 2: a formula without a stored value",),
    ),
    "a formula that calls a program": (
        workbook(cell(LETTERS["technology"] + "3", "=cmd|'/c calc'!A1")),
        ("row 3: a formula without a stored value",),
    ),
    "an error value": (
        workbook(cell(LETTERS["technology"] + "3", "#N/A")),
        ("row 3: an error of the spreadsheet",),
    ),
    "two sheets, one with a column more": (
        workbook(lambda s: (two_sheets(s), s.__setitem__(f"{END}1", "notas"))),
        ("row 1: two sheets of the same columns, or most",),
    ),
    "two sheets, one with another confidence": (
        workbook(
            lambda s: (two_sheets(s), s.__setitem__(f"{LETTERS['confidence']}1", "confianza"))
        ),
        ("row 1: two sheets of the same columns, or most",),
    ),
    "an error of a look-up": (
        workbook(cell(LETTERS["lac_place_text"] + "2", "#N/A")),
        ("row 2: an error of the spreadsheet",),
    ),
    "a time for a date": (
        workbook(cell(LETTERS["date_iso"] + "2", pd.Timestamp("2018-01-31 12:30"))),
        ("row 2, column date_iso",),
    ),
    "a day before 1970": (
        workbook(cell(LETTERS["date_iso"] + "2", pd.Timestamp("1900-01-01"))),
        ("row 2, column date_iso",),
    ),
    "a number for a date": (
        workbook(cell(LETTERS["date_iso"] + "2", 43131)),
        ("row 2, column date_iso",),
    ),
    "a cell far to the right": (workbook(cell("ZZ2", "x")), ("row 2",)),
    "1,001 columns": (
        workbook(lambda s: [s.cell(1, i, f"c{i}") for i in range(1, 1002)]),
        ("too many columns",),
    ),
    "a column twice": (workbook(cell("Z1", "record_id")), ("two columns of one name",)),
    "a cell of 32,767 characters, eight of them": (
        workbook(lambda s: [s.cell(i, 17, "x" * 32_767) for i in range(2, 10)]),
        ("row 6, column record_id",),
    ),
    "no sheet": (
        part("xl/workbook.xml", lambda x: x.replace(b"sheets>", b"shapes>")),
        (*DAMAGED, "no sheet"),
    ),
    "a sheet that is absent": (part("xl/worksheets/sheet1.xml", None), (*DAMAGED, "no sheet")),
    "a sheet that is cut": (set_sheet(lambda x: x[: len(x) // 2]), DAMAGED),
    "a sheet that is no XML": (set_sheet(lambda x: b"\x00\x01\x02"), (*DAMAGED, "no header")),
    "a cell of an absent text": (
        set_sheet(lambda x: x.replace(b't="inlineStr"><is><t>X-1</t></is>', b't="s"><v>99</v>')),
        DAMAGED,
    ),
    "a cell address that is none": (
        set_sheet(lambda x: x.replace(b'r="B2"', b'r="2B"')),
        (*DAMAGED, "row 2"),
    ),
    "a million laughs": (
        part(
            "xl/workbook.xml", lambda x: b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]>' + x
        ),
        ("declares XML entities",),
    ),
    "a file from outside": (
        set_sheet(lambda x: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + x),
        ("declares XML entities",),
    ),
    "entities in UTF-16": (
        set_sheet(
            lambda x: (
                '<?xml version="1.0" encoding="UTF-16"?>'
                '<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'.encode("utf-16")
            )
        ),
        (*DAMAGED, "declares XML entities"),
    ),
    "entities after 5,000 spaces": (
        set_sheet(
            lambda x: (
                b'<?xml version="1.0"?>' + b" " * 5000 + b'<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'
            )
        ),
        (*DAMAGED, "declares XML entities"),
    ),
    "another zip": (
        parts(GOOD, **{"xl/workbook.xml": None}),
        ("a zip file that is no Excel workbook",),
    ),
    "a zip with nothing": (b"PK\x05\x06" + b"\0" * 18, ("a zip file that is no Excel workbook",)),
    "a Word document": (
        parts(GOOD, **{"xl/workbook.xml": None, "word/document.xml": lambda x: b"<a/>"}),
        ("no Excel workbook",),
    ),
    "30,000 sheets of one part": (
        part("xl/workbook.xml", lambda x: re.sub(rb"<sheet .*?/>", rb"\g<0>" * 30_000, x)),
        ("the workbook is damaged (two sheets of one part)",),
    ),
    "10,001 parts": (
        parts(GOOD, **{f"xl/media/{i}": lambda x: b"" for i in range(10_001)}),
        ("a workbook of too many parts", "10,000 at most"),
    ),
    "1.1 GB of zeros": (
        part("xl/media/image1.png", lambda x: bytes(1_100_000_000)),
        ("too large when unpacked",),
    ),
    "old Excel by its name": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000,
        ("old Excel file, or one with",),
    ),
}


@pytest.mark.parametrize("case", BAD_WORKBOOKS)
def test_a_workbook_that_cannot_be_used(unusable, case):
    content, says = BAD_WORKBOOKS[case]
    unusable(content, says, "mine.xlsx")


def test_a_part_that_says_it_is_small_and_is_not(unusable):
    """The sizes that a zip file states are its own word: what unpacks to more than it says is
    damaged.
    """
    content = bytearray(
        parts(GOOD, **{"xl/worksheets/sheet1.xml": lambda x: x + b" " * 50_000_000})
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        true = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = bytes(content).replace(true.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lie != content
    unusable(lie, DAMAGED, "mine.xlsx")


@pytest.mark.parametrize("at", range(40, len(GOOD), 173))
def test_a_workbook_with_twenty_bytes_flipped(tmp_path, at):
    """It is refused, or what was flipped (a time, a style) does not matter."""
    content = bytearray(GOOD)
    content[at : at + 20] = bytes(255 - byte for byte in content[at : at + 20])
    path = tmp_path / "mine.xlsx"
    path.write_bytes(content)
    try:
        assert len(own.read(path).records) == 4
    except InputError as error:
        assert "mine.xlsx" in str(error) and str(error).isprintable()


USABLE_WORKBOOKS = {
    "with macros": parts(GOOD, **{"xl/vbaProject.bin": lambda x: b"\xd0\xcf\x11\xe0 a macro"}),
    "with parts that would land elsewhere": parts(
        GOOD,
        **dict.fromkeys(
            ("../../outside.txt", "/outside.txt", "xl/../../../outside"), lambda x: b"x"
        ),
    ),
    "with another sheet": workbook(lambda s: s.parent.create_sheet("notes").append(["=1+1"])),
    "with a link to elsewhere": workbook(
        lambda s: setattr(s["A2"], "hyperlink", "file:///etc/passwd")
    ),
    "that lies about its size": set_sheet(
        lambda x: x.replace(b'ref="A1:Y5"', b'ref="A1:XFD1048576"')
    ),
    "with blank rows formatted": workbook(
        lambda s: setattr(s["A900000"], "font", openpyxl.styles.Font(bold=True))
    ),
    "named as text": GOOD,
}


@pytest.mark.parametrize("case", USABLE_WORKBOOKS)
def test_a_workbook_that_can_be_used_and_runs_nothing(usable, tmp_path, case):
    name = "mine.csv" if case == "named as text" else "mine.xlsm"
    pd.testing.assert_frame_equal(usable(USABLE_WORKBOOKS[case], name), usable(example.text()))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"mine.csv", name})


# -- parquet
# ---------------------------------------------------------------------------------


def parquet(frame=None, **options) -> bytes:
    buffer = io.BytesIO()
    frame = example.frame() if frame is None else frame
    pq.write_table(
        frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame), buffer, **options
    )
    return buffer.getvalue()


PARQUET = parquet()
UNREADABLE = ("the parquet file cannot be read",)


def _with(**columns):
    table = pa.Table.from_pandas(example.frame())
    for name, column in columns.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return parquet(table)


def _flipped(at: float) -> bytes:
    content = bytearray(PARQUET)
    start = int(len(content) * at)
    content[start : start + 40] = bytes(255 - byte for byte in content[start : start + 40])
    return bytes(content)


BAD_PARQUET = {
    **{
        f"cut to {share:.0%}": (PARQUET[: int(len(PARQUET) * share)], UNREADABLE)
        for share in (0.01, 0.3, 0.9, 0.99)
    },
    "its mark alone": (b"PAR1", UNREADABLE),
    "its two marks": (b"PAR1PAR1", UNREADABLE),
    "a footer longer than the file": (b"PAR1" + b"\xff\xff\xff\x7f" + b"PAR1", UNREADABLE),
    "a footer of noise": (
        b"PAR1" + bytes(range(256)) + (256).to_bytes(4, "little") + b"PAR1",
        UNREADABLE,
    ),
    "encrypted": (PARQUET[:-4] + b"PARE", UNREADABLE),
    "no rows": (parquet(example.frame([])), ("no rows below its header",)),
    "a control character": (
        parquet(example.frame(example.rows()).assign(source_title="a\0b")),
        ("row 2, column source_title: a control character: '\\x00'",),
    ),
    "no columns": (
        parquet(
            pd.DataFrame(index=[0, 1]),
        ),
        ("missing column", "no header", "__index_level_0__"),
    ),
    "months as periods of pandas": (
        _with(date_iso=pa.array(pd.array(["2018-01"] * 4, dtype="period[M]"))),
        ("column date_iso", "a type that lac does not read"),
    ),
    "a column of lists": (_with(description=pa.array([["a"]] * 4)), ("column description",)),
    "a column of records": (_with(description=pa.array([{"a": 1}] * 4)), ("column description",)),
    "bytes that are no text": (_with(description=pa.array([b"\xff\xfe"] * 4)), UNREADABLE),
    "numbers for codes": (
        _with(lac_iso3=pa.array([32] * 4)),
        ("row 2, column lac_iso3: unknown value: '32'",),
    ),
    "NaN for codes": (
        _with(lac_iso3=pa.array([float("nan")] * 4)),
        ("row 2, column lac_iso3: missing value",),
    ),
    "infinite technology": (
        _with(technology=pa.array([float("inf")] * 4)),
        ("row 2, column technology",),
    ),
    "a time with a zone": (
        _with(date_iso=pa.array([pd.Timestamp("2018-01-31 05:00", tz="Asia/Shanghai")] * 4)),
        ("column date_iso",),
    ),
    "nanoseconds": (_with(date_iso=pa.array([1] * 4, pa.timestamp("ns"))), ("column date_iso",)),
    "a duration": (_with(date_iso=pa.array([pd.Timedelta(1, "D")] * 4)), ("column date_iso",)),
    "a year of 64 bits": (_with(date_iso=pa.array([2**62] * 4)), ("column date_iso",)),
    "a date beyond the calendar": (
        _with(date_iso=pa.array([2**31 - 1] * 4, pa.date32())),
        ("date_iso", "cannot be"),
    ),
    "1,001 columns": (
        parquet(pd.DataFrame({f"c{i}": [1] for i in range(1001)})),
        ("too many columns",),
    ),
}


@pytest.mark.parametrize("case", BAD_PARQUET)
def test_a_parquet_file_that_cannot_be_used(unusable, case):
    content, says = BAD_PARQUET[case]
    unusable(content, says, "mine.parquet")


@pytest.mark.parametrize("at", [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97])
def test_a_parquet_file_with_forty_bytes_flipped(tmp_path, at):
    """It is refused, or what was flipped (its statistics, a text) does not matter to the schema."""
    path = tmp_path / "mine.parquet"
    path.write_bytes(_flipped(at))
    try:
        assert len(own.read(path).records) == 4
    except InputError as error:
        assert "mine.parquet" in str(error) and str(error).isprintable()


def test_pickled_objects_in_the_metadata_of_pandas_are_not_loaded(usable):
    hostile = b"cos\nsystem\n(S'exit 3'\ntR."
    table = pa.Table.from_pandas(example.frame()).replace_schema_metadata({b"pandas": hostile})
    pd.testing.assert_frame_equal(usable(parquet(table), "mine.parquet"), usable(example.text()))


# -- JSON lines
# ---------------------------------------------------------------------------------

LINES = [json.dumps(row, ensure_ascii=False) for row in example.rows()]
DEEP = '{"a": ' * 100_000

BAD_LINES = {
    "cut": ("\n".join(LINES)[:-5], "row 5"),
    "an array in the middle": ("\n".join([LINES[0], "[1]", LINES[1]]), "row 3"),
    "a number in the middle": ("\n".join([LINES[0], "17", LINES[1]]), "row 3"),
    "nested": (LINES[0].replace('"A tie"', '{"es": "A tie"}'), "not one flat object"),
    "a list": (LINES[0].replace('"A tie"', '["A tie"]'), "not one flat object"),
    "a hundred thousand levels": (DEEP, "row 2"),
    "a name twice": (LINES[0].replace("{", '{"record_id": "X-0", ', 1), "a name stands twice"),
    "a comma behind": (LINES[0].replace("}", ",}"), "row 2"),
    "simple quotes": (str(example.rows()[0]), "row 2"),
    "NaN for a code": (LINES[0].replace('"ARG"', "NaN"), "row 2, column lac_iso3: missing value"),
    "null for a code": (LINES[0].replace('"ARG"', "null"), "row 2, column lac_iso3: missing value"),
    "true for an activity": (
        LINES[0].replace('"twinning"', "true"),
        "row 2, column activity_type: unknown value: '1'",
    ),
    "a number of 5,000 digits": (LINES[0].replace('"2018-01-31"', "9" * 5000), "row 2"),
    "1e999": (
        LINES[0].replace('"2018-01-31"', "1e999"),
        "row 2, column date_iso: unusable date: '1e999'",
    ),
    "a control character": (
        LINES[0].replace("A tie", "A\\u0002tie"),
        "row 2, column description: a control character: '\\x02'",
    ),
    "a sign of deletion": (
        LINES[0].replace("A tie", "A\\u007ftie"),
        "row 2, column description: a control character: '\\x7f'",
    ),
    "an escape": (
        LINES[0].replace("A tie", "A\\u001btie"),
        "row 2, column description: a control character: '\\x1b'",
    ),
    "half a surrogate pair": (LINES[0].replace("A tie", "\\ud800"), "row 2"),
    "an absent name": (
        LINES[0].replace('"lac_iso3": "ARG", ', ""),
        "column lac_iso3: missing column",
    ),
    "Latin-1": ("\n".join(LINES).encode("latin-1", "replace"), "not UTF-8 text"),
    "a name of nothing": (LINES[0].replace("{", '{"": "x", ', 1), "a column has no name"),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_json_lines_that_cannot_be_used(unusable, case):
    content, says = BAD_LINES[case]
    unusable(content, says, "mine.jsonl")


# -- paths
# ---------------------------------------------------------------------------------


def _folder(path):
    path.mkdir()


def _loop(path):
    path.symlink_to(path.name)


def _two_in_a_circle(path):
    (path.parent / "other").symlink_to(path.name)
    path.symlink_to("other")


def _dangling(path):
    path.symlink_to("absent")


def _pipe(path):
    os.mkfifo(path)


def _device(path):
    path.symlink_to("/dev/zero")


PATHS = {
    "a folder": _folder,
    "a link to itself": _loop,
    "two links in a circle": _two_in_a_circle,
    "a link to nothing": _dangling,
    "nothing": lambda path: None,
    "a pipe": _pipe,
    "an endless device": _device,
}


@pytest.mark.parametrize("case", PATHS)
def test_a_path_that_leads_to_no_file(refused, tmp_path, case):
    path = tmp_path / "mine.csv"
    PATHS[case](path)
    refused("run", "authority", "--data", path, "--out", tmp_path / "runs", says="mine.csv")
    with within(), pytest.raises(InputError, match=r"mine\.csv"):
        own.read(path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "name", ["a" * 300, "a\0b", "line\nend.csv", "\x1b[31mred.csv", "\udcff.csv", "-"], ids=repr
)
def test_a_name_that_is_unusual(refused, tmp_path, name):
    refused("run", "authority", "--data", tmp_path / name, "--out", tmp_path / "runs")


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX users")
def test_a_file_without_permission(tmp_path):
    """As another user, who may not read the file; root may read everything."""
    path = tmp_path / "mine.csv"
    path.write_text(example.text())
    path.chmod(0)
    if os.geteuid() != 0:
        with pytest.raises(InputError, match="Permission denied"):
            own.read(path)
        return
    code = (
        "import os, sys, encodings.utf_8_sig; from lac_analysis.sources import delimited, read\n"
        "from lac_analysis.errors import InputError\n"
        "os.seteuid(65534)\n"
        "try: read.table(sys.argv[1])\n"
        "except InputError as error: print(error)"
    )
    for folder in tmp_path.parents:
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    said = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert "mine.csv: the file cannot be read (Permission denied)" in said.stdout, said.stderr


def test_characters_that_a_workbook_writes_as_numbers(tmp_path):
    """The soft line end of Word, the line end of Windows, and a text that looks like one."""
    said = "one_x000B_two_x000D_\nthree _x005F_x0041_ _xD83D_"
    example.frame(example.rows({"description": said})).to_excel(
        tmp_path / "m.xlsx", index=False, engine="openpyxl"
    )
    found = own.read(tmp_path / "m.xlsx").records["description"][0]
    assert found == "one\x0btwo\r\nthree _x0041_ _xD83D_"
