"""A table larger than memory as chunks, in order; and what is made of them as files of a fixed
number of rows.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lac_analysis import files
from lac_analysis.errors import InputError

# rows worked on at a time: below that, what a chunk costs whatever its size begins to tell
CHUNK = 100_000
PART = 100_000  # rows of a file that is written
_DELIMITED = {".csv", ".tsv", ".txt"}
_LINES = {".jsonl", ".ndjson"}


def read(path: Path, chunk: int = CHUNK) -> Iterator[pd.DataFrame]:
    """The rows of a table in their order, as text with '' for a blank, `chunk` at a time; the index
    counts all rows.

    Parameters
    ----------
    path : CSV in UTF-8 (any separator), JSON lines, parquet, or a folder of parquet files, in
        the order of their
        names; duckdb reads them as a stream. Any other format is read whole by `sources.read`,
        within its limits.

    Raises
    ------
    InputError : no such file, not UTF-8, or damaged.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("no such file", file=path, expected="an existing file")
    start = 0
    for frame in _stream(path, chunk):
        for first in range(0, len(frame), chunk):
            part = frame.iloc[first : first + chunk]
            yield part.set_axis(pd.RangeIndex(start, start + len(part)))
            start += len(part)
    if start == 0:
        raise InputError("the table has no rows", file=path.name)


class Parts:
    """Writes a table as part-00000.parquet, ... of PART rows each, so that the files do not depend
    on the chunks.

    The folder appears under its name when the last file is complete; leaving the block by an error
    leaves nothing.
    """

    def __init__(self, folder: Path, rows: int = PART):
        self.folder, self.rows, self.count = Path(folder), rows, 0
        self._work = self.folder.with_name(f".{self.folder.name}.partial")
        self._waiting: list[pa.Table] = []
        self._schema: pa.Schema | None = None
        self._written = 0

    def __enter__(self) -> "Parts":
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        return self

    def add(self, table: pd.DataFrame) -> None:
        """Append rows."""
        arrow = pa.Table.from_pandas(table, schema=self._schema, preserve_index=False)
        self._schema = self._schema or arrow.schema
        self.count += len(table)
        self._waiting.append(arrow)
        while sum(map(len, self._waiting)) >= self.rows:
            whole = pa.concat_tables(self._waiting, promote_options="permissive")
            self._write(whole[: self.rows])
            # a part of a table keeps all of it in memory, a part without rows, too
            self._waiting = [whole[self.rows :]] if len(whole) > self.rows else []

    def _write(self, table: pa.Table) -> None:
        table = table.unify_dictionaries().combine_chunks()
        pq.write_table(
            table,
            self._work / f"part-{self._written:05d}.parquet",
            compression="zstd",
            write_statistics=False,
            dictionary_pagesize_limit=1 << 17,
        )
        self._written += 1

    def __exit__(self, error, *_) -> None:
        if error is not None:
            shutil.rmtree(self._work, ignore_errors=True)
            return
        left = (
            pa.concat_tables(self._waiting, promote_options="permissive") if self._waiting else None
        )
        try:
            if left is not None and (len(left) or not self._written):
                self._write(left)
        except BaseException:  # Ctrl-C, a full disk
            shutil.rmtree(self._work, ignore_errors=True)
            raise
        old = self.folder.with_name(f".{self.folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.folder.exists():
            self.folder.rename(old)
        self._work.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)


def load(folder: Path) -> pd.DataFrame:
    """All parts of a table that `Parts` wrote, in order, in memory."""
    return pd.concat(
        [pd.read_parquet(part) for part in sorted(Path(folder).glob("*.parquet"))],
        ignore_index=True,
    )


def as_csv(folder: Path, out: Path) -> Path:
    """The parts of a table as one CSV file that no spreadsheet takes for formulas. Atomic."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            for number, part in enumerate(sorted(Path(folder).glob("*.parquet"))):
                safe = files.without_formulas(pd.read_parquet(part))
                stream.write(safe.to_csv(index=False, header=number == 0, lineterminator="\n"))
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return out


def discard(folder: Path) -> None:
    """Remove a folder that `Parts` wrote."""
    shutil.rmtree(folder, ignore_errors=True)


def _stream(path: Path, chunk: int) -> Iterator[pd.DataFrame]:
    if path.is_dir() or path.suffix == ".parquet":
        source = "read_parquet($path)"
        given = str(path / "*.parquet") if path.is_dir() else str(path)
    elif path.suffix in _DELIMITED:
        source, given = (
            "read_csv($path, header=true, all_varchar=true, sample_size=20000)",
            str(path),
        )
    elif path.suffix in _LINES:
        source, given = "read_json($path, format='newline_delimited')", str(path)
    else:
        from lac_analysis.sources import read as sources

        yield sources.table(path).frame
        return
    import duckdb

    try:
        with duckdb.connect() as connection:
            connection.execute(
                "SET preserve_insertion_order=true; SET threads=1; SET enable_progress_bar=false"
            )
            columns = connection.execute(f"DESCRIBE SELECT * FROM {source}", {"path": given}).df()[
                "column_name"
            ]
            quoted = [name.replace('"', '""') for name in columns]
            text = ", ".join(
                f'coalesce(trim(CAST("{name}" AS VARCHAR)), \'\') AS "{name}"' for name in quoted
            )
            rows = connection.sql(f"SELECT {text} FROM {source}", params={"path": given})
            for batch in rows.to_arrow_reader(chunk):
                yield pa.Table.from_batches([batch]).to_pandas()
    except RuntimeError as error:  # what duckdb makes of Ctrl-C
        raise KeyboardInterrupt from error
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:160]
        raise InputError(
            f"the table cannot be read ({reason})", file=path.name, expected="a table in UTF-8"
        ) from None
