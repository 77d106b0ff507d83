"""The formats of an export: tables -> the bytes of a file, the same each time."""

import io
import json
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet as pq

from lac_analysis.errors import InputError

_CELL = 32_767  # characters of a cell of Excel
_DAY = datetime(2026, 1, 1)  # on which every file says that it was made: the same bytes each time
_TYPES = {"b": "boolean", "i": "integer", "f": "number", "M": "date"}  # by pandas' kind of column


def datapackage(frames: dict[str, pd.DataFrame], about: dict) -> bytes:
    """The description of the CSV files, codebook included, which Frictionless reads; `about` tells
    of the whole.
    """
    words = frames["codebook"].rename(columns={"definition": "description"})
    resources = []
    for name, frame in frames.items():
        fields = []
        told = words[words["table"] == name].set_index("column").drop(columns="table")
        for column, kind in frame.dtypes.items():
            said = {what: text for what, text in told.loc[column].items() if text}
            fields.append({"name": column, "type": _TYPES.get(kind.kind, "string")} | said)
        resource = {"name": name, "path": f"{name}.csv", "profile": "tabular-data-resource"}
        resources.append(resource | {"encoding": "utf-8", "schema": {"fields": fields}})
    sources = [{"title": source} for source in words["source"].unique() if source]
    package = {"profile": "tabular-data-package", "name": "lac-analysis-export"}
    package |= about | {"sources": sources, "resources": resources}
    return f"{json.dumps(package, indent=1, ensure_ascii=False)}\n".encode()


def parquet(frame: pd.DataFrame, about: dict) -> bytes:
    """A table, with what it was made from in the metadata."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata(table.schema.metadata | {"lac": json.dumps(about)})
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    return content.getvalue()


def xlsx(frames: dict[str, pd.DataFrame], about: dict) -> bytes:
    """One workbook, a sheet a table. Texts stay texts; one that Excel would cut is refused."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    content = io.BytesIO()
    with pd.ExcelWriter(
        content, engine="xlsxwriter", date_format="yyyy-mm-dd", datetime_format="yyyy-mm-dd",
        engine_kwargs={"options": options},
    ) as writer:  # fmt: skip
        told = {"title": about["citation"], "comments": about["licence"], "created": _DAY}
        writer.book.set_properties(told)
        for name, frame in frames.items():
            for column in frame.select_dtypes(["object", "str"]):
                length = frame[column].astype("str").str.len()
                if length.max() > _CELL:
                    first = frame[length > _CELL].iloc[0, 0]  # its id
                    problem = f"a text too long for Excel's cells, of {first}"
                    value = f"{length.max():,} letters"
                    expected = f"{_CELL:,} at most, or formats without xlsx"
                    raise InputError(problem, column=column, value=value, expected=expected)
            frame.to_excel(writer, sheet_name=name, index=False)
            sheet = writer.sheets[name]
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
            sheet.autofit(300)
    return content.getvalue()


def dta(frame: pd.DataFrame, label: str, titles: dict[str, str]) -> bytes:
    """A table for Stata, with variable and value labels."""
    dates = dict.fromkeys(frame.select_dtypes("datetime"), "td")
    if frame.empty:  # pandas looks for the largest of its categories
        frame = frame.astype(dict.fromkeys(frame.select_dtypes("category"), "str"))
    frame = frame.replace([np.inf, -np.inf], np.nan)  # Stata knows no infinity
    for column in frame.select_dtypes(["bool", "boolean", "Int64"]):
        frame[column] = frame[column].astype("float64")
    for column in frame.select_dtypes(["object", "str"]):
        frame[column] = frame[column].fillna("").astype("object")
    long = [c for c in frame.select_dtypes("object") if frame[c].str.len().max() > 60]
    content = io.BytesIO()
    frame.to_stata(
        content, write_index=False, version=118, convert_dates=dates, convert_strl=long,
        time_stamp=_DAY, data_label=label, variable_labels=titles,
    )  # fmt: skip
    return content.getvalue()
