"""A small table of engagement records that is right in every cell. The corpus changes one thing of
it at a time.
"""

import pandas as pd

from lac_analysis.records import schema

COLUMNS = list(schema.fields("engagements"))

_COMMON = {
    "collection": "protocol", "lac_country_text": "Argentina", "lac_iso3": "ARG", "lac_level": "municipal",
    "china_actor_type": "municipal_government", "activity_type": "twinning", "technology": "0", "description": "A tie",
    "source_type": "news", "source_lang": "es", "source_url": "https://example.org/a", "confidence": "high",
}  # fmt: skip
_OWN = [
    {
        "record_id": "X-1",
        "date_iso": "2018-01-31",
        "date_text": "31 de enero de 2018",
        "lac_place_text": "La Plata",
    },
    {
        "record_id": "X-2",
        "date_iso": "2016",
        "date_text": "2016",
        "lac_place_text": "San Salvador de Jujuy",
    },
    {
        "record_id": "X-3",
        "date_iso": "",
        "lac_country_text": "Brasil",
        "lac_iso3": "BRA",
        "lac_place_text": "São Paulo",
    },
    {
        "record_id": "X-4",
        "date_iso": "2019-07",
        "date_text": "2019年7月",
        "china_actor_text": "贵州省人民政府",
    },
]


def rows(*changes: dict) -> list[dict]:
    """The four records; `changes` replace cells of the first, the second, and so on (beyond the
    fourth, of a copy).
    """
    more = [
        _OWN[0] | {"record_id": f"X-{number}"} for number in range(len(_OWN) + 1, len(changes) + 1)
    ]
    found = [dict.fromkeys(COLUMNS, "") | _COMMON | own for own in [*_OWN, *more]]
    for row, change in zip(found, changes, strict=False):
        row.update(change)
    return found


def text(
    records: list[dict] | None = None,
    columns: list[str] = COLUMNS,
    separator: str = ",",
    end: str = "\n",
) -> str:
    """The records as a delimited text, every cell quoted where it must be."""
    records = rows() if records is None else records
    return (
        end.join(
            separator.join(_cell(cell, separator) for cell in line)
            for line in lines(records, columns)
        )
        + end
    )


def lines(records: list[dict], columns: list[str] = COLUMNS) -> list[list[str]]:
    """Header and rows as lists of cells."""
    return [list(columns), *([record.get(column, "") for column in columns] for record in records)]


def frame(records: list[dict] | None = None) -> pd.DataFrame:
    """The records as a frame of text."""
    return pd.DataFrame(rows() if records is None else records, columns=COLUMNS, dtype="str")


def _cell(cell: str, separator: str) -> str:
    return (
        '"' + cell.replace('"', '""') + '"'
        if any(mark in cell for mark in (separator, '"', "\n", "\r"))
        else cell
    )
