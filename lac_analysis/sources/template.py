"""An empty workbook to fill in: the columns, the allowed values as drop-downs, and the codebook on
its own sheet.
"""

import io
import re
import zipfile
from pathlib import Path

import pycountry
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from lac_analysis import config, files
from lac_analysis.records import schema
from lac_analysis.sources.own import TABLE, required

_ROWS = 10_000  # that the drop-downs cover
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold
_HEADER = ["column", "may be blank", "what it holds", "allowed value", "what the value means"]
_WIDTHS = {"A": 20, "B": 12, "C": 60, "D": 26, "E": 70}
# where codebook.yml calls the column otherwise
_MEANINGS = {"lac_level": "level", "china_actor_type": "actor_type", "activity_type": "activity"}


def write(path: Path) -> Path:
    """Write the workbook, atomically; the same bytes each time. Returns the path.

    Raises
    ------
    InputError : the file exists (it may have been filled in), or is not named .xlsx.
    """
    files.claim_output(path, suffix=".xlsx")
    book = Workbook()
    sheet, lists, codebook = book.active, book.create_sheet("lists"), book.create_sheet("codebook")
    sheet.title, lists.sheet_state = TABLE, "hidden"
    needed = required()
    for position, (name, field) in enumerate(schema.fields(TABLE).items(), start=1):
        cell = sheet.cell(1, position, name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="F0A673" if name in needed else "E3E7EA")
        column = sheet.column_dimensions[cell.column_letter]
        column.width = max(14, len(name) + 2)
        column.number_format = "@"  # text: a spreadsheet must not turn 2018-01 into a day
        values = _values(name, field)
        for row, value in enumerate([name, *values] if values else [], start=1):
            lists.cell(row, position, value)
        if values:
            sheet.add_data_validation(_drop_down(cell.column_letter, len(values), field))
    sheet.freeze_panes = codebook.freeze_panes = "A2"
    for line in [_HEADER, *_lines(needed)]:
        codebook.append(line)
    for letter, width in _WIDTHS.items():
        codebook.column_dimensions[letter].width = width
        codebook[f"{letter}1"].font = Font(bold=True)
    for row in codebook.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    content = io.BytesIO()
    book.save(content)
    return files.write_bytes(path, _undated(content))


def _drop_down(letter: str, n: int, field: dict) -> DataValidation:
    rule = DataValidation("list", formula1=f"lists!${letter}$2:${letter}${n + 1}", allow_blank=True)
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorTitle = "Not an allowed value"
    rule.error = "Choose from the list; the sheet codebook says what each means."
    rule.promptTitle, rule.prompt = field["name"], field.get("title", "")[:250]
    rule.add(f"{letter}2:{letter}{_ROWS + 1}")
    return rule


def _values(name: str, field: dict) -> list[str]:
    if field["type"] == "boolean":
        return field["falseValues"] + field["trueValues"]
    return schema.allowed(TABLE, name)


def _lines(needed: list[str]) -> list[list[str]]:
    """One line a column, and below it one for each allowed value."""
    meanings = files.read_yaml(config.CODEBOOK_FILE)
    lines = []
    for name, field in schema.fields(TABLE).items():
        about = ". ".join(filter(None, [field.get("title", ""), field.get("description", "")]))
        lines.append([name, "no" if name in needed else "yes", about, "", ""])
        said = meanings.get(_MEANINGS.get(name, name), {}).get("values", {})
        if name == "lac_iso3":
            said = {code: pycountry.countries.get(alpha_3=code).name for code in config.CELAC}
        lines += [[name, "", "", v, str(said.get(v, ""))] for v in _values(name, field)]
    return lines


def _undated(content: io.BytesIO) -> bytes:
    """The workbook without the time of its making, so that the same input gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "docProps/core.xml":
                data = re.sub(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>", b"", data)
            new.writestr(zipfile.ZipInfo(part.filename, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
