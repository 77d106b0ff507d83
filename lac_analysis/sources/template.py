"""An empty workbook to fill in: the columns, the allowed values as drop-downs, and the codebook on
its own sheet.
"""

import io
from pathlib import Path

import pycountry
from xlsxwriter import Workbook

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
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True, "strings_to_urls": False}) as book:
        sheet, codebook = book.add_worksheet(TABLE), book.add_worksheet("codebook")
        text = book.add_format({"num_format": "@"})  # 2018-01 is not to become a day
        rows = [_HEADER]
        for column, (name, field) in enumerate(schema.fields(TABLE).items()):
            sheet.set_column(column, column, None, text)
            sheet.write_string(0, column, name, text)
            about = ". ".join(filter(None, [field.get("title", ""), field.get("description", "")]))
            rows.append([name, "no" if name in required() else "yes", about])
            first = len(rows) + 1  # as a spreadsheet counts
            rows += [[name, "", "", value, meaning] for value, meaning in _values(name).items()]
            if len(rows) >= first:
                values = f"=codebook!$D${first}:$D${len(rows)}"
                rule = {"validate": "list", "source": values, "ignore_blank": True}
                sheet.data_validation(1, column, _ROWS, column, rule)
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                codebook.write_string(number, column, cell)
    return files.write_bytes(path, content.getvalue())


def _values(name: str) -> dict[str, str]:
    """The values that a column allows, with what the codebook says of each."""
    said = coding.read_codebook(config.CODEBOOK_FILE).get(_MEANINGS.get(name, name), {})
    meanings = {str(value): str(meaning) for value, meaning in said.get("values", {}).items()}
    if name == "lac_iso3":
        meanings = {code: pycountry.countries.get(alpha_3=code).name for code in config.CELAC}
    return {value: meanings.get(value, "") for value in schema.allowed(TABLE, name)}
