"""What is done with a chunk of rows: coding, and cleaning with coding. A row depends on nothing but
itself.
"""

from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis.coder.code import CODES, UNKNOWN, code, code_columns
from lac_analysis.coder.columns import Column, Table, constant
from lac_analysis.errors import InputError
from lac_analysis.records import clean, schema
from lac_analysis.scale import chunks, work

_CONSTANT = {
    "collection": "targeted",
    "source_type": "other",
    "confidence": "low",
    "technology": "0",
}
_NO_BOUNDS = pd.DataFrame(
    columns=["record_id", "not_before", "not_after", "basis", "source_url"], dtype="str"
)
_NO_QUERIES = pd.DataFrame(columns=["query_id", "template"], dtype="str")


def code_chunk(chunk: pd.DataFrame) -> pd.DataFrame:
    """The rows as they came, and their codes with rule and confidence. A code that the row already
    has is kept.
    """
    coded = code(chunk)
    for name in CODES:
        if name in chunk:
            given = chunk[name] != ""
            coded[name] = coded[name].mask(given, chunk[name])
            coded[f"{name}_rule"] = coded[f"{name}_rule"].mask(given, "as given")
            coded[f"{name}_confidence"] = coded[f"{name}_confidence"].mask(given, "high")
    return pd.concat([chunk.drop(columns=[name for name in coded if name in chunk]), coded], axis=1)


def clean_chunk(chunk: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Clean the rows; code them first where a column of codes is missing.

    Returns
    -------
    records : the clean records, as `records.clean` describes them.
    cleaning_log, unresolved : what cleaning changed and could not resolve, in the order of the
        records.
    uncoded : the rows whose country, level or activity no rule could tell; with `records`,
        every row.

    Raises
    ------
    InputError : a code that the codebook does not list, an impossible date, or no text to code.
    """
    table = _as_raw(chunk)
    raw = pd.DataFrame({name: table.text(name) for name in schema.fields("engagements")})
    left = raw[["lac_iso3", "lac_level", "activity_type"]].eq(UNKNOWN).any(axis=1).to_numpy()
    kept = np.flatnonzero(~left)
    try:
        records, log, unresolved = clean.clean_records(raw.iloc[kept], _NO_BOUNDS, _NO_QUERIES)
    except InputError as error:
        if error.row is not None:  # rows count as in the file: its header is row 1
            at = int(chunk.index[kept[int(error.row) - 2]]) + 2
            raise InputError(error.problem, row=at, column=error.column, value=error.value,
                             expected=error.expected) from None  # fmt: skip
        raise
    return {
        "records": records,
        "cleaning_log": log,
        "unresolved": unresolved,
        "uncoded": chunk[left],
    }


def code_file(
    path: Path, out: Path, *, chunk: int = chunks.CHUNK, workers: int = 1, dask: str = ""
) -> int:
    """Code a table of any size. Writes a CSV file where `out` ends in .csv, else a folder of
    parquet files.

    Returns the number of rows. InputError as `chunks.read` and `code`; then nothing is written.
    """
    folder = out.with_name(f".{out.name}.parts") if out.suffix == ".csv" else out
    try:
        with chunks.Parts(folder) as parts:
            for table in work.over(
                code_chunk, chunks.read(path, chunk), workers=workers, dask=dask
            ):
                parts.add(table)
        if folder != out:
            chunks.as_csv(folder, out)
    finally:
        if folder != out:
            chunks.discard(folder)
    return parts.count


def clean_file(
    path: Path, out: Path, *, chunk: int = chunks.CHUNK, workers: int = 1, dask: str = ""
) -> dict[str, int]:
    """Clean a table of any size, coding it where it has no codes. Writes one folder of parquet
    files a table of
    `clean_chunk` into `out`. Returns the number of rows of each. InputError as `chunks.read` and
    `clean_chunk`."""
    names = ("records", "cleaning_log", "unresolved", "uncoded")
    try:
        with ExitStack() as stack:
            parts = {name: stack.enter_context(chunks.Parts(out / name)) for name in names}
            for tables in work.over(
                clean_chunk, chunks.read(path, chunk), workers=workers, dask=dask
            ):
                for name in names:
                    parts[name].add(
                        tables.pop(name)
                    )  # or a chunk's tables would last until the next one's are made
    except BaseException:
        with suppress(OSError):  # it held something before
            out.rmdir()
        raise
    return {name: part.count for name, part in parts.items()}


def _as_raw(chunk: pd.DataFrame) -> Table:
    """The rows with every column of data/raw/engagements.csv, coded where the column of a code is
    missing.
    """
    rows = Table(chunk, pd.RangeIndex(len(chunk)))
    coded = code_columns(rows) if any(name not in chunk for name in CODES) else None
    columns = {}
    for field in schema.tables()["engagements"]["schema"]["fields"]:
        name = field["name"]
        if name in chunk:
            continue
        if name in CODES:
            columns[name] = coded[name].value
        elif name == "record_id":
            columns[name] = pd.Series([f"row-{row + 2}" for row in chunk.index], dtype="str")
        elif name == "description" and "text" in chunk:
            columns[name] = rows["text"]
        else:
            columns[name] = constant(_CONSTANT.get(name, ""), len(chunk))
    raw = rows.adding(columns)
    technology = raw["technology"]
    silent = [UNKNOWN, ""]
    if np.isin(technology.texts, silent).any():
        texts = np.where(np.isin(technology.texts, silent), "0", technology.texts)
        raw = raw.adding({"technology": Column(technology.codes, texts).series(rows.index)})
    return raw
