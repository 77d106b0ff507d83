"""An empty workbook to fill in: the columns, the allowed values as drop-downs, and the codebook on
its own sheet.
"""

import io
import re
import zipfile
from pathlib import Path

import pycountry

from lac_analysis import config, files
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.sources.own import TABLE, required

_ROWS = 10_000  # that the drop-downs cover
_MEANINGS = {
    "lac_level": "level",
    "china_actor_type": "actor_type",
    "activity_type": "activity",
}  # in codebook.yml
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold


def write(path: Path) -> Path:
    """Write the workbook, atomically; the same bytes each time. Returns the path.

    Raises
    ------
    InputError : the file exists; it may have been filled in.
    """
    if path.suffix != ".xlsx" or path.exists():
        problem = (
            "it exists, and may have been filled in"
            if path.exists()
            else "not the name of a workbook"
        )
        raise InputError(problem, file=path, expected="a new name that ends in .xlsx")
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill

    bold, wrap = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    book = Workbook()
    sheet, lists, codebook = book.active, book.create_sheet("lists"), book.create_sheet("codebook")
    sheet.title, lists.sheet_state = TABLE, "hidden"
    needed = required()
    for position, (name, field) in enumerate(schema.fields(TABLE).items(), start=1):
        cell = sheet.cell(1, position, name)
        cell.font = bold
        cell.fill = PatternFill("solid", fgColor="F0A673" if name in needed else "E3E7EA")
        letter = cell.column_letter
        sheet.column_dimensions[letter].width = max(14, len(name) + 2)
        sheet.column_dimensions[
            letter
        ].number_format = "@"  # text: a spreadsheet must not turn 2018-01 into a day
        values = _values(name, field)
        if values:
            lists.cell(1, position, name)
            for row, value in enumerate(values, start=2):
                lists.cell(row, position, value)
            _drop_down(sheet, letter, len(values), field)
    sheet.freeze_panes = "B2"

    codebook.append(
        ["column", "may be blank", "what it holds", "allowed value", "what the value means"]
    )
    for line in _lines(needed):
        codebook.append(line)
    for column, width in zip("ABCDE", (20, 12, 60, 26, 70), strict=True):
        codebook.column_dimensions[column].width = width
    for cell in codebook[1]:
        cell.font = bold
    for row in codebook.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = wrap
    codebook.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    return files.write_bytes(path, _undated(buffer.getvalue()))


def _drop_down(sheet, letter: str, n: int, field: dict) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation("list", formula1=f"lists!${letter}$2:${letter}${n + 1}", allow_blank=True)
    rule.showErrorMessage = True
    rule.errorTitle, rule.error = (
        "Not an allowed value",
        "Choose from the list; the sheet codebook says what each means.",
    )
    rule.promptTitle, rule.prompt = field["name"], field.get("title", "")[:250]
    rule.showInputMessage = True
    rule.add(f"{letter}2:{letter}{_ROWS + 1}")
    sheet.add_data_validation(rule)


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
        for value in _values(name, field):
            lines.append([name, "", "", value, str(said.get(value, ""))])
    return lines


def _undated(content: bytes) -> bytes:
    """The workbook without the time of its making, so that the same input gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "docProps/core.xml":
                data = re.sub(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>", b"", data)
            new.writestr(zipfile.ZipInfo(part.filename, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
