"""An empty workbook to fill in: the columns, the allowed values as drop-downs, and the codebook on
its own sheet.
"""

import io
from pathlib import Path

import pycountry
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from lac_analysis import config, files, outputs
from lac_analysis.records import coding, schema
from lac_analysis.sources.own import TABLE, required

_ROWS = 10_000  # that the drop-downs cover
_HEADER = ["column", "may be blank", "what it holds", "allowed value", "what the value means"]
# where codebook.yml calls the column otherwise
_MEANINGS = {"lac_level": "level", "china_actor_type": "actor_type", "activity_type": "activity"}


def write(path: Path) -> Path:
    """Write the workbook, atomically. Returns the path.

    Raises InputError where the file exists (it may have been filled in), or is not named .xlsx.
    """
    outputs.claim_output(path, suffix=".xlsx")
    book = Workbook()
    sheet, codebook = book.active, book.create_sheet("codebook")
    sheet.title = TABLE
    codebook.append(_HEADER)
    for position, (name, field) in enumerate(schema.fields(TABLE).items(), start=1):
        letter = sheet.cell(1, position, name).column_letter
        sheet.column_dimensions[letter].number_format = "@"  # 2018-01 is not to become a day
        about = ". ".join(filter(None, [field.get("title", ""), field.get("description", "")]))
        codebook.append([name, "no" if name in required() else "yes", about])
        first = codebook.max_row + 1
        for value, meaning in _values(name).items():
            codebook.append([name, "", "", value, meaning])
        if codebook.max_row >= first:
            values = f"codebook!$D${first}:$D${codebook.max_row}"
            rule = DataValidation("list", formula1=values, allow_blank=True, showErrorMessage=True)
            rule.add(f"{letter}2:{letter}{_ROWS + 1}")
            sheet.add_data_validation(rule)
    content = io.BytesIO()
    book.save(content)
    return files.write_bytes(path, content.getvalue())


def _values(name: str) -> dict[str, str]:
    """The values that a column allows, with what the codebook says of each."""
    said = coding.read_codebook(config.CODEBOOK_FILE).get(_MEANINGS.get(name, name), {})
    meanings = {str(value): str(meaning) for value, meaning in said.get("values", {}).items()}
    if name == "lac_iso3":
        meanings = {code: pycountry.countries.get(alpha_3=code).name for code in config.CELAC}
    return {value: meanings.get(value, "") for value in schema.allowed(TABLE, name)}
