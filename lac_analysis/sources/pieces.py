"""Tables larger than memory: one function over every piece of rows, into one file.

A row depends on nothing but itself, so the result is the same whatever the number of processes.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lac_analysis import files, outputs, tables
from lac_analysis.coder.code import CODES, UNKNOWN, code, code_texts
from lac_analysis.errors import InputError
from lac_analysis.records import clean, schema
from lac_analysis.sources import maps, own, read

SIZE = 10_000  # rows of a piece
_DEFAULTS = {"collection": "targeted", "source_type": "other", "confidence": "low"}
_NEEDED = ["lac_iso3", "lac_level", "activity_type"]  # without one of them a row is no record
_CHECKED = [*_NEEDED, *_DEFAULTS, "china_actor_type", "china_place", "technology", "prior_contact"]
_CHECKED += ["date_iso"]


def code_piece(piece: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows as they came with the codes of `coder.code`, and none left out."""
    return code_texts(piece), pd.DataFrame({"row": [], "unknown": []})


def clean_piece(piece: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean records, coded first where a column of codes is missing, and row and columns of those
    that are left out because their country, level or activity cannot be told.

    Raises InputError at a code, a date or a confidence that is not allowed, and without a text.
    """
    raw = piece.assign(description=_description(piece)) if "text" in piece else piece
    defaults = _DEFAULTS | {"record_id": "row-" + raw.index.astype("str")}
    if not set(CODES) <= set(raw):
        defaults |= code(piece)[list(CODES)].to_dict("series")
    raw = raw.assign(**{name: value for name, value in defaults.items() if name not in raw})
    raw = raw.reindex(columns=list(schema.fields("engagements")), fill_value="")
    raw["technology"] = raw["technology"].replace(UNKNOWN, "0")
    lacks = raw[_NEEDED].isin([UNKNOWN, ""])
    kept = raw[~lacks.any(axis=1)]
    wrong = schema.problems(kept, "engagements")
    schema.refuse(wrong[wrong["column"].isin(_CHECKED)], "engagements")
    schema.refuse(own.blanks(kept), "engagements")
    bounds, log = (
        pd.DataFrame(columns=list(schema.fields(name)), dtype="str")
        for name in ("date_bounds", "search_log")
    )
    made, _, _ = clean.clean_records(kept, bounds, log, tables.ours(kept))
    lacks = lacks[lacks.any(axis=1)]
    unknown = [", ".join(lacks.columns[row]) for row in lacks.to_numpy(dtype=bool)]
    return made, pd.DataFrame({"row": lacks.index, "unknown": unknown})


def _description(piece: pd.DataFrame) -> pd.Series:
    """The text of a row where its description is blank."""
    said = piece.get("description", piece["text"])
    return said.mask(said == "", piece["text"])


def over_file(
    function: Callable, path: Path, out: Path, *, encoding="", jobs=1, size=SIZE
) -> tuple[int, int]:
    """Write `function` of every piece of a table as one table; which rows it leaves out, to
    OUT.left_out.csv beside it.

    function : frame -> (frame, table of its rows that are left out); importable by name.
    path, encoding : as in `read.read`.   out : a new name that ends in .csv or .parquet.
    jobs : processes.   size : most rows of a piece.

    Returns rows written and rows left out; together, the rows of the file.

    Raises InputError: as `read.pieces`, `outputs.claim_output` and the function. Nothing is written
    then.
    """
    path, out = Path(path), Path(out)
    if out.suffix not in (".csv", ".parquet"):
        expected = "a name that ends in .csv or .parquet"
        raise InputError("option -o", value=str(out), expected=expected)
    beside = out.with_suffix(".left_out.csv")
    for name in (out, beside):
        outputs.claim_output(name, [path])
    n_read, n_written, left_out, blank = 0, 0, [], []

    def counted() -> Iterator[pd.DataFrame]:
        nonlocal n_read
        for piece in read.pieces(path, size, maps.wanted(), encoding, blank):
            n_read += len(piece)
            yield piece

    def made() -> Iterator[pd.DataFrame]:
        nonlocal n_written
        for rows, without in _mapped(function, counted(), jobs):
            n_written += len(rows)
            left_out.append(without)
            yield rows

    try:
        with outputs.new_folder(out.parent), outputs.unfinished(out.parent) as work:
            (_write_csv if out.suffix == ".csv" else _write_parquet)(work / out.name, made())
            left_out.append(pd.DataFrame({"row": blank, "unknown": "everything: a blank row"}))
            n_left_out = sum(map(len, left_out))
            assert n_read + len(blank) == n_written + n_left_out
            made = [out]
            if n_left_out:
                made.insert(0, beside)  # never a table without what it leaves out
                rows = pd.concat(left_out).astype({"row": "int64"})
                files.write_csv(work / beside.name, rows.sort_values("row"))
            outputs.put_all({path: work / path.name for path in made})
    except InputError as error:  # a function of rows does not know their file
        raise InputError(**vars(error) | {"file": error.file or path.name}) from None
    return n_written, n_left_out


def _mapped(function: Callable, pieces: Iterator[pd.DataFrame], jobs: int) -> Iterator:
    """In the order of the pieces, never more than a few of them in memory."""
    first = list(islice(pieces, 2))
    if jobs == 1 or len(first) == 1:
        yield from map(function, chain(first, pieces))
        return
    try:
        pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_watch_parent)
    except OSError as error:
        problem = f"no second process can be started ({error.strerror}; /dev/shm is needed)"
        raise InputError(problem, expected="-j 1") from None
    waiting = deque()
    try:
        # Ctrl-C is for this process to handle: the others begin with it blocked
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        waiting.extend(pool.submit(function, piece) for piece in first)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for piece in pieces:
            waiting.append(pool.submit(function, piece))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenExecutor:
        problem = "a process was ended by the system, maybe for want of memory"
        raise InputError(problem, expected="-j 1, or a smaller file") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _watch_parent() -> None:
    """Let this process end with the one that started it, even by SIGKILL."""

    def wait() -> None:
        parent_process().join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def _write_csv(path: Path, frames: Iterator[pd.DataFrame]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        for number, frame in enumerate(frames):
            safe = files.without_formulas(frame)
            safe.to_csv(stream, index=False, header=number == 0, lineterminator="\n")


def _write_parquet(path: Path, frames: Iterator[pd.DataFrame]) -> None:
    """Frames of the same columns; which are texts is settled by the first."""
    writer = None
    try:
        for frame in frames:
            texts = [name for name, kind in frame.dtypes.items() if kind in ("category", "object")]
            frame = frame.astype(dict.fromkeys(texts, "str"))
            table = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table.cast(writer.schema))
    finally:
        if writer:
            writer.close()
