"""The same table is read alike from every format; what cannot be read is refused with one clear
message.
"""

import contextlib
import json
import subprocess
import sys
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.sources import limits, read, typed

ROWS = pd.DataFrame(
    {
        "record_id": ["X-1", "X-2", "X-3"],
        "place": ["Jujuy", "Ciudad de México", "São Paulo, estado"],
        "actor": ["贵州省人民政府", "上海市", 'the "Friendship" office'],
        "date": ["2018-01-31", "2019", ""],
    }
)
WESTERN = ROWS.assign(
    actor=[
        "Provincia de Guizhou",
        "Municipalidad de Shanghái",
        "Associação (São Paulo), ação, ñandú",
    ]
)
CHINESE = ROWS.assign(place=["胡胡伊省", "墨西哥城，墨西哥", "圣保罗州"])


def same(source, expected):
    pd.testing.assert_frame_equal(source.frame.reset_index(drop=True), expected, check_dtype=False)
    assert source.frame.index.tolist() == [2, 3, 4]


def refused(path, *says):
    with pytest.raises(InputError) as caught:
        read.table(path)
    for text in (path.name, *says):
        assert text in str(caught.value)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "table"),
    [
        ("utf-8", ROWS),
        ("utf-8-sig", ROWS),
        ("utf-16", ROWS),
        ("gb18030", CHINESE),
        ("cp1252", WESTERN),
        ("latin-1", WESTERN),
    ],
)
def test_csv_in_every_encoding_and_separator(tmp_path, encoding, table, separator):
    path = tmp_path / "t.csv"
    path.write_bytes(table.to_csv(index=False, sep=separator).encode(encoding))
    same(read.table(path), table)


def test_a_western_text_of_accents_in_pairs_is_not_taken_for_chinese(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("id,text\n1,ação nação região AÇÃO\n2,€ 5 – “São”\n".encode("cp1252"))
    assert read.table(path).frame["text"].tolist() == ["ação nação região AÇÃO", "€ 5 – “São”"]


def test_excel_parquet_and_json_lines(tmp_path):
    ROWS.to_excel(tmp_path / "t.xlsx", index=False)
    ROWS.to_parquet(tmp_path / "t.parquet")
    ROWS.to_json(tmp_path / "t.jsonl", orient="records", lines=True, force_ascii=False)
    for name in ("t.xlsx", "t.parquet", "t.jsonl"):
        same(read.table(tmp_path / name), ROWS)


def test_a_line_end_of_windows_in_a_workbook_is_one(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "t.xlsx"))
    book.add_worksheet().write_column(0, 0, ["place", "La Plata\r\n", "Cusco\r\nPerú"])
    book.close()
    assert read.table(tmp_path / "t.xlsx").frame["place"].tolist() == ["La Plata", "Cusco\r\nPerú"]


def test_the_name_of_the_file_does_not_matter(tmp_path):
    ROWS.to_excel(tmp_path / "t.xlsx", index=False)
    (tmp_path / "t.xlsx").rename(tmp_path / "t.csv")
    same(read.table(tmp_path / "t.csv"), ROWS)


def test_typed_cells_become_what_a_person_would_type(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["date", "year", "flag", "share"])
    book.active.append([pd.Timestamp("2018-01-31").to_pydatetime(), 2018.0, True, 0.5])
    book.save(tmp_path / "t.xlsx")
    cells = read.table(tmp_path / "t.xlsx").frame.iloc[0].tolist()
    assert cells == ["2018-01-31", "2018", "1", "0.5"]


@pytest.mark.parametrize(
    ("shown", "day", "read_as"),
    [
        ("mmm-yy", "2018-01-01", "2018-01"),  # what Excel makes of 2018-01
        ('[$-80A]mmmm" de "yyyy', "2018-05-01", "2018-05"),
        ("yyyy", "2018-01-01", "2018"),
        ("mmm-yy", "2018-01-31", "2018-01-31"),
        ("dd/mm/yyyy", "2018-01-01", "2018-01-01"),
        ("yyyy", "2018-05-01", "2018-05-01"),
        ('[$-411]e"年"m"月"', "2018-03-01", "2018-03"),
    ],
)
def test_no_day_is_taken_from_a_cell_that_shows_a_month(tmp_path, shown, day, read_as):
    book = openpyxl.Workbook()
    book.active.append(["date"])
    book.active.append([pd.Timestamp(day).to_pydatetime()])
    book.active["A2"].number_format = shown
    book.save(tmp_path / "t.xlsx")
    assert read.table(tmp_path / "t.xlsx").frame["date"].tolist() == [read_as]


def test_dates_in_the_formats_that_chinese_excel_has_by_number_are_dates(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "date")
        for row, number in enumerate((31, 57, 14), 1):
            date = book.add_format({"num_format": number})
            sheet.write_datetime(row, 0, pd.Timestamp("2019-05-01"), date)
    told = read.table(tmp_path / "t.xlsx").frame["date"].tolist()
    assert told == ["2019-05-01", "2019-05", "2019-05-01"]


def test_parts_of_a_workbook_that_hold_no_cells_are_limited(tmp_path):
    pd.DataFrame({"a": ["1"]}).to_excel(tmp_path / "good.xlsx", index=False)
    for name in ("xl/styles.xml", "[Content_Types].xml", "docProps/core.xml"):
        with (
            zipfile.ZipFile(tmp_path / "good.xlsx") as good,
            zipfile.ZipFile(tmp_path / "t.xlsx", "w") as bad,
        ):
            for part in good.namelist():
                more = b" " * 2_000_000 if part == name else b""
                bad.writestr(part, good.read(part) + more)
        refused(tmp_path / "t.xlsx", "too large when unpacked", name.rpartition("/")[2])


def test_a_workbook_of_too_many_parts_is_refused(tmp_path):
    pd.DataFrame({"a": ["1"]}).to_excel(tmp_path / "t.xlsx", index=False)
    with zipfile.ZipFile(tmp_path / "t.xlsx", "a") as book:
        for number in range(10_001):
            book.writestr(f"x/{number}", "")
    refused(tmp_path / "t.xlsx", "a workbook of too many parts", "10,000 at most")


def test_json_lines_of_ever_new_names_are_refused_at_the_first_too_many(tmp_path):
    with (tmp_path / "t.jsonl").open("w") as stream:
        stream.writelines(f'{{"k{n}": 1}}\n' for n in range(2_000))
    refused(tmp_path / "t.jsonl", "row 1002", "too many columns")


def test_separators_are_found_where_every_name_is_quoted(tmp_path):
    (tmp_path / "t.tsv").write_text('"text"\t"title"\n"Lima, Peru"\t"x"\n')
    assert read.table(tmp_path / "t.tsv").frame.columns.tolist() == ["text", "title"]


@pytest.mark.parametrize("written", ["43224.99999999999", "4.322499999999999E4"])
def test_the_last_moment_of_a_day_is_not_the_next(tmp_path, written):
    book = openpyxl.Workbook()
    for value in ("date", 43224.99999999999, 43224):
        book.active.append([value])
    book.active["A2"].number_format = book.active["A3"].number_format = "yyyy-mm-dd"
    book.save(tmp_path / "u.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "u.xlsx") as old,
        zipfile.ZipFile(tmp_path / "t.xlsx", "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"43224.99999999999", written.encode()))
    with pytest.raises(InputError, match=r"row 2: a number just below a whole one.*'A2'"):
        read.table(tmp_path / "t.xlsx")


def test_sheets_that_are_not_read_are_named(tmp_path):
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["1", "2"]):
        book.active.append(row)
    book.create_sheet("old").sheet_state = "hidden"
    book.save(tmp_path / "t.xlsx")
    assert read.table(tmp_path / "t.xlsx").format == "Excel, sheet Sheet (not read: old)"


def test_a_hidden_sheet_is_read_where_it_has_most_of_the_columns(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["1", "2"])
    book.active.sheet_state = "hidden"
    front = book.create_sheet("front")
    front.append(["note"])
    front.append(["see b"])
    book.active = 1
    book.save(tmp_path / "t.xlsx")
    assert (
        read.table(tmp_path / "t.xlsx", ["a", "b"]).format == "Excel, sheet Sheet (not read: front)"
    )
    assert read.table(tmp_path / "t.xlsx").format == "Excel, sheet front (not read: Sheet)"


@pytest.mark.parametrize("n", [1, 5_000])  # the text after 64 KB, too
def test_a_text_that_looks_escaped_is_refused(tmp_path, n):
    texts = [*(f"a longer text, number {i}" for i in range(n)), "Noticias_x0020_2015"]
    table = pd.DataFrame({"a": texts})
    table.to_excel(tmp_path / "t.xlsx", index=False, engine="xlsxwriter")  # escapes as Excel does
    refused(tmp_path / "t.xlsx", "a text such as _x0020_", "the table as CSV")
    table.iloc[:-1].to_excel(tmp_path / "plain.xlsx", index=False, engine="xlsxwriter")
    assert len(read.table(tmp_path / "plain.xlsx").frame) == n


def test_a_formula_without_a_stored_value_and_merged_cells_are_refused(tmp_path):
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["1", "=1+1"], ["2", "3"], ["4", "5"]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    refused(tmp_path / "t.xlsx", "row 2", "formula without a stored value", "B2")
    book.active["B2"] = "7"
    book.active.merge_cells("A3:A4")
    book.save(tmp_path / "t.xlsx")
    refused(tmp_path / "t.xlsx", "row 3", "merged cells", "A3:A4")


@pytest.mark.parametrize("part", ["hyperlink", "dataValidation"])
def test_a_sheet_of_links_without_end_is_refused(tmp_path, part):
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["1", "2"]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    many = f'<{part}s>{f"""<{part} ref="A1" sqref="A1"/>""" * 200_001}</{part}s>'
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", f"</sheetData>{many}".encode())
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    refused(tmp_path / "t.xlsx", "too many parts of a sheet that are no cells", part)


def test_faults_of_a_sheet_that_is_not_read_do_not_matter(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["read me"])
    book.active.merge_cells("A1:D1")
    for row in (["record_id", "place"], ["X-1", "Jujuy"]):
        (book["data"] if "data" in book.sheetnames else book.create_sheet("data")).append(row)
    book.save(tmp_path / "t.xlsx")
    assert read.table(tmp_path / "t.xlsx", ["record_id"]).frame["place"].tolist() == ["Jujuy"]


def test_what_looks_like_a_remark_a_pattern_or_a_date_is_text(tmp_path):
    rows = [{"id": "# 1", "day": "2020-01-01T00:00:00-03:00", "n": 123456789012345678901234567890}]
    rows += [{"id": "2", "day": "2020-01-01", "n": 1.5}]
    (tmp_path / "t*.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "t2.jsonl").write_text('{"id": "of another file"}')
    frame = read.table(tmp_path / "t*.jsonl").frame
    assert frame.values.tolist() == [
        ["# 1", "2020-01-01T00:00:00-03:00", "123456789012345678901234567890"],
        ["2", "2020-01-01", "1.5"],
    ]
    frame.to_csv(tmp_path / "t*.csv", index=False)
    assert read.table(tmp_path / "t*.csv").frame.values.tolist() == frame.values.tolist()


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/proc/self/status"])
def test_devices_and_files_of_the_kernel_are_refused_at_once(path):
    with pytest.raises(InputError, match="not a regular file"):
        read.table(path)


def sheet_with(tmp_path, row):
    """A workbook in which the first row below the header is this XML."""
    pd.DataFrame({"a": ["1"], "b": ["2"]}).to_excel(tmp_path / "good.xlsx", index=False)
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                start = content.index(b"<row", content.index(b"<row") + 1)
                content = content[:start] + row.encode() + content[start:]
            bad.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>', "beyond the sheet"),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', "stands twice"),
        ('<row r="2"><c r="ZZZ2"><v>1</v></c></row>', "too many columns"),
        (f'<row r="2" note="{"x" * 5_000_000}"></row>', "too long"),
    ],
)
def test_a_sheet_of_absurd_dimensions_is_refused_before_it_is_built(tmp_path, row, says):
    refused(sheet_with(tmp_path, row), says)


def test_a_parquet_file_that_unpacks_to_too_much_is_refused_unread(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    big = pa.table({"a": ["x" * 1_000_000] * 600})
    pq.write_table(big, tmp_path / "t.parquet", compression="zstd", use_dictionary=False)
    assert (tmp_path / "t.parquet").stat().st_size < 1_000_000
    refused(tmp_path / "t.parquet", "too large when unpacked")
    pq.write_table(big, tmp_path / "t.parquet", compression="zstd")  # one text, 600 times
    refused(tmp_path / "t.parquet", "too long")


def test_a_parquet_file_of_very_many_groups_is_refused(tmp_path, monkeypatch):
    import pyarrow as pa
    import pyarrow.parquet as pq

    monkeypatch.setattr(typed, "_PARTS", 20)
    for rows, fault in ((10, None), (11, "11 row groups")):
        table = pa.table({"a": ["x"] * rows, "b": ["y"] * rows})
        pq.write_table(table, tmp_path / "t.parquet", row_group_size=1)
        if fault:
            refused(tmp_path / "t.parquet", fault)
        else:
            assert len(read.table(tmp_path / "t.parquet").frame) == rows


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("kind", ["large_string", "as it differs"])
def test_texts_of_a_parquet_file_are_held_a_few_at_a_time(tmp_path, kind):
    """Of 1,000 texts of 1,500,000 letters, in a file of kilobytes, the first is refused."""
    path = tmp_path / "t.parquet"
    program = f"""
import pyarrow as pa, pyarrow.parquet as pq
kind = {kind!r}
differs = {{"use_dictionary": False, "column_encoding": {{"a": "DELTA_BYTE_ARRAY"}}}}
text = pa.array(["x" * 1_500_000] * 1_000, getattr(pa, kind, pa.string)())
pq.write_table(pa.table({{"a": text}}), {str(path)!r}, **(differs if kind == "as it differs" else {{}}))
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert path.stat().st_size < 200_000
    program = f"""
import re
from lac_analysis.errors import InputError
from lac_analysis.sources import read
try:
    read.table({str(path)!r})
except InputError as error:
    assert "row 2, column a: a cell is too long" in str(error), error
    print(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert int(done.stdout) < 600_000  # kilobytes, of which the libraries take about 150,000


def test_a_letter_with_accents_without_end_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("place,text\nLima,a" + "\u0301" * 50_000 + "\u0323" * 50_000 + "\n")
    refused(path, "row 2, column text: a letter with more than 30 accents")
    path.write_text("place,te" + "\u0301" * 50_000 + "\u0323" * 50_000 + "xt\nLima,a\n")
    refused(path, "row 1, column number 2: a letter with more than 30 accents")


def test_pieces_are_the_table(tmp_path):
    whole = pd.concat([ROWS] * 7, ignore_index=True)
    whole.to_csv(tmp_path / "t.csv", index=False)
    for size in (1, 4, 100):
        frames = list(read.pieces(tmp_path / "t.csv", size))
        assert max(map(len, frames)) <= size
        pd.testing.assert_frame_equal(pd.concat(frames), read.table(tmp_path / "t.csv").frame)


def test_the_sheet_with_the_wanted_columns_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["read me", "first"])
    book.active.append(["a", "b"])
    ROWS.to_excel(tmp_path / "u.xlsx", index=False)
    sheet = book.create_sheet("data")
    for row in [list(ROWS), *ROWS.to_numpy().tolist()]:
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    same(read.table(tmp_path / "t.xlsx", wanted=["record_id", "place"]), ROWS)


def test_row_numbers_survive_blank_rows(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,b,,\n1,"two\nlines",,\n\n,,\n3,4,,\n', encoding="utf-8")
    frame = read.table(path).frame
    assert frame.index.tolist() == [2, 5]
    assert frame["b"].tolist() == ["two\nlines", "4"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"a,b\n", "no rows"),
        (b"a,b\n\n,\n", "no rows"),
        (b"\n\n", "no header"),
        (b"a,b\n1,2\n1,2,3\n", "row 3"),
        (b"a,b\n1\n", "1 cells"),
        (b"a,b,a\n1,2,3\n", "column a"),
        (b"a,,c\n1,2,3\n", "no name"),
        (b'a,b\n1,"2\n', "quote"),
        (b'a,b\n1,"2"x\n', "row 2"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80", "not text"),
        (b"a,b\n\x01,2\n", "not text"),
        (b"\xff\xfe\x00", "utf-16"),
        (b"PK\x03\x04 and more", "damaged"),
        (b"PAR1 and more PAR1", "parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b'{"a": 1}\n{"a": 1\n', "row 3"),
        (b'{"a": 1}\n[1]\n', "row 3"),
        (b'{"a": {"b": 1}}\n', "flat"),
        (b'{"a": 1, "a": 2}\n', "twice"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "too long"),
        (",".join(f"c{i}" for i in range(1001)).encode() + b"\n1\n", "too many columns"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, says):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    refused(path, says)


def test_a_folder_an_absent_file_and_one_without_permission(tmp_path, monkeypatch):
    refused(tmp_path, "folder")
    refused(tmp_path / "none.csv", "No such file")

    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "t.csv").write_text("a\n1\n")
    monkeypatch.setattr(
        "pathlib.Path.open", forbidden
    )  # root may read everything, so the refusal is played
    refused(tmp_path / "t.csv", "Permission denied")


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "t.xlsx"
    ROWS.to_excel(path, index=False)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * 10_000_000)
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1_000_000)
    refused(path, "too large when unpacked")


def test_a_workbook_with_xml_entities_is_refused(tmp_path):
    ROWS.to_excel(tmp_path / "good.xlsx", index=False)
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            bad.writestr(name, content)
    refused(path, "entities")


def test_a_zip_file_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    refused(tmp_path / "t.xlsx", "no Excel workbook")


def test_columns_of_lists_in_parquet(tmp_path):
    pd.DataFrame({"a": [[1, 2]]}).to_parquet(tmp_path / "t.parquet")
    refused(tmp_path / "t.parquet", "column a")


def test_more_rows_than_fit(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 2)
    monkeypatch.setattr(read, "_MOST", (2, 100, 100))
    ROWS.to_csv(tmp_path / "t.csv", index=False)
    ROWS.to_parquet(tmp_path / "t.parquet")
    refused(tmp_path / "t.csv", "too large to be held")
    refused(tmp_path / "t.parquet", "too large to be held")


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=80),
    st.sampled_from([b"", b"a,b\n", b"PK\x03\x04", b"PAR1", b'{"a": 1}\n', b"\xff\xfea\0"]),
)
def test_no_bytes_cause_another_error(tmp_path_factory, content, start):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(start + content)
    with contextlib.suppress(InputError):
        read.table(path)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_what_is_written_is_read(tmp_path_factory, rows):
    rows = [(f"i{a}", b) for a, b in rows]
    path = tmp_path_factory.getbasetemp() / "round.csv"
    pd.DataFrame(rows, columns=["a", "b"]).to_csv(path, index=False)
    assert read.table(path).frame.to_numpy().tolist() == [[a.strip(), b.strip()] for a, b in rows]
    path.write_text("".join(json.dumps({"a": a, "b": b}) + "\n" for a, b in rows))
    assert read.table(path).frame.to_numpy().tolist() == [[a.strip(), b.strip()] for a, b in rows]


def test_a_parquet_file_of_one_text_in_every_row_is_refused_in_pieces_too(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), ["x" * 90_000])
    pq.write_table(pa.table({"text": text}), tmp_path / "t.parquet", compression="zstd")
    with pytest.raises(InputError, match="too large when unpacked"):
        list(read.pieces(tmp_path / "t.parquet", 10_000))


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A2"><v>1</v></c><c r="A2"><v>2</v></c>',
        '<c r="B2"><v>1</v></c><c r="A2"><v>2</v></c>',
        '<c r="A2"><v>1</v></c><c r="B3"><v>2</v></c>',
    ],
)
def test_a_cell_that_stands_twice_or_elsewhere_is_refused(tmp_path, cells):
    path = sheet_with(tmp_path, f'<row r="2">{cells}</row>')
    refused(path, "row 2", "a cell that stands twice or out of order")


def test_many_merged_cells_and_names_are_refused_before_they_are_built(tmp_path):
    pd.DataFrame({"a": ["1"], "b": ["2"]}).to_excel(tmp_path / "good.xlsx", index=False)

    def with_part(name, old, new):
        path = tmp_path / "t.xlsx"
        with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(path, "w") as bad:
            for part in good.namelist():
                content = good.read(part)
                bad.writestr(part, content.replace(old, old + new) if part == name else content)
        return path

    merged = b"<mergeCells>%s</mergeCells>" % (b'<mergeCell ref="A2:B2"/>' * 60_000)
    path = with_part("xl/worksheets/sheet1.xml", b"</sheetData>", merged)
    refused(path, "merged cells")
    names = b'<definedName name="n">A1</definedName>' * 60_000
    path = with_part("xl/workbook.xml", b"</sheets>", b"<definedNames>%s</definedNames>" % names)
    refused(path, "too large when unpacked")


def test_a_parquet_file_of_nothing_but_rows_is_refused_unread(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    blank = pa.nulls(3_000_000, pa.string())
    pq.write_table(pa.table({f"c{i}": blank for i in range(20)}), tmp_path / "t.parquet")
    with pytest.raises(InputError, match="too large when unpacked"):
        next(read.pieces(tmp_path / "t.parquet", 10_000))


def test_texts_that_no_cell_shows_are_refused_before_they_are_built(tmp_path):
    pd.DataFrame({"a": ["x"], "b": ["y"]}).to_excel(tmp_path / "good.xlsx", index=False)
    path = tmp_path / "t.xlsx"
    texts = "".join(f"<si><t>{number}</t></si>" for number in range(200_000)).encode()
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            bad.writestr(name, content.replace(b"</sst>", texts + b"</sst>"))
    assert path.stat().st_size > 4_000_000
    refused(path, "texts that no cell shows")
