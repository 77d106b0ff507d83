"""Tables larger than memory: one function over every piece of rows, into one file.

A row depends on nothing but itself, so the result is the same whatever the number of processes.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lac_analysis import files
from lac_analysis.coder.code import CODES, UNKNOWN, code
from lac_analysis.errors import InputError
from lac_analysis.records import clean, schema
from lac_analysis.sources import read

SIZE = 50_000  # rows of a piece
_DEFAULTS = {"collection": "targeted", "source_type": "other", "confidence": "low"}
_NEEDED = ["lac_iso3", "lac_level", "activity_type"]  # without one of them a row is no record
_NO_BOUNDS = pd.DataFrame(
    columns=["record_id", "not_before", "not_after", "basis", "source_url"], dtype="str"
)
_NO_QUERIES = pd.DataFrame(columns=["query_id", "template"], dtype="str")


def code_piece(piece: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows as they came with the codes of `coder.code` (a code that a row has is kept), and
    none left out.
    """
    coded = code(piece)
    for name in (name for name in CODES if name in piece):
        given = piece[name] != ""
        coded[name] = coded[name].mask(given, piece[name])
        coded[f"{name}_rule"] = coded[f"{name}_rule"].mask(given, "as given")
        coded[f"{name}_confidence"] = coded[f"{name}_confidence"].mask(given, "high")
    kept = piece.drop(columns=[name for name in coded if name in piece])
    return pd.concat([kept, coded], axis=1), piece[:0]


def clean_piece(piece: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean records, coded first where a column of codes is missing, and the rows that are left out
    because their country, level or activity cannot be told.

    Raises
    ------
    InputError : a code that the codebook does not list, an impossible date, or no text to code.
    """
    raw = piece.rename(columns={"text": "description"}) if "description" not in piece else piece
    if not set(CODES) <= set(raw):
        coded = code(piece)
        raw = raw.assign(**{name: coded[name] for name in CODES if name not in raw})
    raw = raw.assign(**{name: value for name, value in _DEFAULTS.items() if name not in raw})
    if "record_id" not in raw:
        raw = raw.assign(record_id="row-" + raw.index.astype("str"))
    raw = raw.reindex(columns=list(schema.fields("engagements")), fill_value="")
    raw["technology"] = raw["technology"].replace({UNKNOWN: "0", "": "0"})
    out = raw[_NEEDED].isin([UNKNOWN, ""]).any(axis=1)
    kept = raw[~out].reset_index(drop=True)
    try:
        records, _, _ = clean.clean_records(kept, _NO_BOUNDS, _NO_QUERIES)
    except InputError as error:
        raise _at(error, row=None if error.row is None else raw.index[~out][int(error.row) - 2]) from None  # fmt: skip
    return records, piece[out]


def over_file(
    function: Callable, path: Path, out: Path, *, encoding: str = "", jobs: int = 1, size: int = SIZE
) -> tuple[int, int]:  # fmt: skip
    """Write `function` of every piece of a table as one table; the rows that it leaves out to
    OUT.left_out.csv beside it.

    Parameters
    ----------
    function : frame -> (frame, rows of it that are left out); importable by name.
    path : in any format of `sources.read`.
    out : a new name that ends in .csv or .parquet.
    encoding : as in `read.read`.
    jobs : processes.
    size : most rows of a piece.

    Returns
    -------
    Rows written and rows left out; together, the rows of the file.

    Raises
    ------
    InputError : as `read.pieces`, `files.claim_output` and the function. Nothing is written then.
    """
    path, out = Path(path), Path(out)
    if out.suffix not in (".csv", ".parquet"):
        raise InputError(
            "option -o", value=str(out), expected="a name that ends in .csv or .parquet"
        )
    beside = out.with_suffix(".left_out.csv")
    for name in (out, beside):
        files.claim_output(name, [path])
    n_read = n_written = n_left_out = 0

    def counted() -> Iterator[pd.DataFrame]:
        nonlocal n_read
        for piece in read.pieces(path, size, encoding):
            n_read += len(piece)
            yield piece

    with ExitStack() as stack:
        # the last to be opened is the first to be there; if it cannot be, neither is
        table = stack.enter_context(_Table(stack.enter_context(files.new_file(out)), out.suffix))
        left_out = None
        try:
            for made, out_of_it in _mapped(function, counted(), jobs):
                table.add(made)
                if len(out_of_it):
                    if left_out is None:
                        place = stack.enter_context(files.new_file(beside))
                        left_out = stack.enter_context(_Table(place, ".csv"))
                    left_out.add(out_of_it.reset_index())
                n_written, n_left_out = n_written + len(made), n_left_out + len(out_of_it)
        except InputError as error:
            raise (error if error.file is not None else _at(error, file=path.name)) from None
        assert n_read == n_written + n_left_out
    return n_written, n_left_out


def _at(error: InputError, **where) -> InputError:
    known = {"file": error.file, "row": error.row, "column": error.column, "value": error.value, "expected": error.expected}  # fmt: skip
    return InputError(error.problem, **(known | where))


def _mapped(function: Callable, pieces: Iterator[pd.DataFrame], jobs: int) -> Iterator:
    """In the order of the pieces, never more than a few of them in memory."""
    waiting = deque(piece for piece in (next(pieces), next(pieces, None)) if piece is not None)
    if jobs == 1 or len(waiting) == 1:
        while waiting:
            yield function(waiting.popleft())
        yield from map(function, pieces)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    try:
        # Ctrl-C is for this process to handle: the others begin with it blocked
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        waiting = deque([pool.submit(function, piece) for piece in waiting])
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for piece in pieces:
            waiting.append(pool.submit(function, piece))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Table:
    """A file of one format that grows by frames with the same columns."""

    def __init__(self, path: Path, suffix: str):
        self.path, self.suffix, self.writer = path, suffix, None

    def __enter__(self) -> "_Table":
        return self

    def add(self, frame: pd.DataFrame) -> None:
        """Append rows."""
        if self.suffix == ".csv":
            header, self.writer = self.writer is None, self.writer or self.path.open("w", encoding="utf-8", newline="")  # fmt: skip
            self.writer.write(files.without_formulas(frame).to_csv(index=False, header=header, lineterminator="\n"))  # fmt: skip
            return
        names = frame.select_dtypes(["category", "object"])
        table = pa.Table.from_pandas(
            frame.astype(dict.fromkeys(names, "str")), preserve_index=False
        )
        self.writer = self.writer or pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self.writer.write_table(table.cast(self.writer.schema))

    def __exit__(self, *_) -> None:
        if self.writer:
            self.writer.close()
