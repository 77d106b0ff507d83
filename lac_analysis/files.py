"""Files: every write is atomic, every hash is SHA-256, every text is UTF-8 with \\n.
pandas is imported only where a table is written, so that a run with nothing to do is over before
it would be loaded.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from lac_analysis import config
from lac_analysis.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FINDING = "finding.json"  # the numbers that a notebook leaves
PARTS = (".png", ".svg", ".csv")  # of a picture
_LOCK = ".lac.lock"
_WORK = ".lac-"
_UNFINISHED = {"unfinished runs of lac": True}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one: ten times faster
_NUMBER = r"[+-][0-9]+(?:[.,][0-9]+)?(?:e-?[0-9]+)?%?\Z"  # which no program runs
_FORMULA = re.compile(rf"(?!{_NUMBER})[=+\-@\t\n]")


def require(path: Path, expected: str = "an existing file") -> Path:
    """The path, if it is a file. Raises InputError where it is not."""
    if not Path(path).is_file():
        raise InputError("no such file", file=path, expected=expected)
    return Path(path)


def claim_output(path: str | Path, inputs: Iterable[str | Path] = (), suffix: str = "") -> Path:
    """The path, if a file may be written there: nothing of anybody's is ever replaced. InputError
    where it is blank, does not end in `suffix`, is one of the `inputs` that are read, is there
    already (file, folder, device or link), or in no folder that can be written.
    """
    path, whole = Path(path), absolute(path)
    if path.name in ("", "..") or (suffix and path.suffix != suffix):
        expected = f"a new name that ends in {suffix}" if suffix else "a new name"
        raise InputError("not the name of an output", value=str(path), expected=expected)
    try:
        if any(path.resolve() == Path(other).resolve() for other in inputs):
            raise InputError("the output would replace the input", file=path, expected="a new name")
        path.lstat()
    except FileNotFoundError:
        folder = next(parent for parent in whole.parents if os.path.lexists(parent))
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            expected = "a folder of one's own"
            raise InputError("the folder cannot be written", file=path, expected=expected) from None
        return path
    except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL, a circle of links
        raise unwritable(path, error) from None
    raise InputError("it is there already, and is not replaced", file=path, expected="a new name")


def absolute(path: str | Path) -> Path:
    """The path from the root. InputError where the present folder is gone."""
    try:
        return Path(path).absolute()
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: Exception) -> InputError:
    """The refusal of an output of which the system says this."""
    said = getattr(error, "strerror", None) or error
    return InputError(f"it cannot be written ({said})", file=path)


def not_ours(path: Path) -> InputError:
    """The refusal to replace or remove what no manifest of ours lists, by its hash."""
    problem = "lac did not write this, or it was changed since, and leaves it alone"
    return InputError(problem, file=path, expected="another output folder, or this moved elsewhere")


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """A new folder for unfinished work in an output folder, which is gone at the end. Those of runs
    that were killed are removed first: their manifest says whose they are.
    """
    for path in out.glob(f"{_WORK}*"):
        if read_object(path / "manifest.json") == _UNFINISHED and not path.is_symlink():
            shutil.rmtree(path)
    folder = Path(tempfile.mkdtemp(prefix=_WORK, dir=out))
    try:
        (folder / "manifest.json").write_text(json.dumps(_UNFINISHED))  # no other file before it
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_file(path: Path, replace: bool = False) -> Iterator[Path]:
    """A temporary path beside `path`, which becomes it when the block ends, and nothing if it
    fails: for what is written in pieces. InputError where `path` is there, unless to `replace`.
    """
    with _folder(path.parent):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        os.close(handle)
        try:
            yield Path(name)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
            (os.replace if replace else put_new)(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)


def put_new(made: Path, path: Path) -> None:
    """Move a file or a folder of ours. InputError where something is at `path`, however new."""
    try:
        if made.is_dir():
            path.mkdir()
            made.rename(path)
        else:
            os.link(made, path)  # which replaces nothing, as a rename would
            made.unlink()
    except OSError:
        claim_output(path)
        os.replace(made, path)  # a file system without hard links


def put_over(made: Path, path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Move a file or a folder of ours over another, or where there is none. A file is replaced in
    one step, a folder in two. InputError where what is there is not ours, also if somebody has just
    written it: it goes back, as it does if anything else fails.
    """
    if not os.path.lexists(path):
        return put_new(made, path)
    if not is_ours(path):
        raise not_ours(path)
    is_folder = path.is_dir()
    with tempfile.TemporaryDirectory(dir=made.parent, ignore_cleanup_errors=True) as folder:
        aside = Path(folder, path.name)
        try:
            if is_folder:
                shutil.copymode(path, made)
                os.replace(path, aside)
            else:
                with suppress(OSError):  # a file system without hard links
                    os.link(path, aside)  # what is written into it now is seen there, too
                os.replace(made, path)
            if aside.exists() and not is_ours(aside):
                raise not_ours(path)
            if is_folder:
                put_new(made, path)
        except BaseException:
            if aside.exists():
                os.replace(aside, path)
            raise
    return None


def put_manifest(made: Path, path: Path, before: dict) -> None:
    """Move a manifest of ours over `before`, the one that is there (empty: none), in one step: who
    is killed leaves one of the two. InputError where another is there.
    """
    (os.replace if before and read_manifest(path) == before else put_new)(made, path)


def write_bytes(path: Path, content: bytes, replace: bool = False) -> Path:
    """Write `content` so that a reader sees all of it or nothing, as `new_file`; the path."""
    with new_file(Path(path), replace) as temporary, temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return Path(path)


def write_all(folder: Path, contents: dict[str, bytes]) -> list[Path]:
    """Write files by name, all or none; their paths."""
    paths = [claim_output(folder / name) for name in contents]
    with _folder(folder), ExitStack() as undo:
        for path, content in zip(paths, contents.values(), strict=True):
            undo.callback(write_bytes(path, content).unlink)
        undo.pop_all()
    return paths


def write_text(path: Path, text: str) -> Path:
    """Write `text` as UTF-8, atomically; a lone half of a pair, of a file's name say, escaped."""
    return write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, value) -> Path:
    """Write `value` as indented JSON, keys in their order, atomically. NaN is refused: use None."""
    return write_text(path, json_text(value))


def json_text(value) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: Path):
    """Read a JSON file. Raises InputError where it is none."""
    try:
        return json.loads(require(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError("not a JSON file", file=path, value=str(error)) from None


def read_object(path: Path) -> dict:
    """The object of a JSON file; empty where there is none that can be read."""
    try:
        content = read_json(path)
    except (OSError, InputError):
        return {}
    return content if isinstance(content, dict) else {}


def write_manifest(path: Path, content: dict) -> Path:
    """Write what `read_manifest` reads, atomically: the content, and its own hash."""
    return write_json(path, content | {"seal": json_sha256(content)})


def read_manifest(path: Path) -> dict:
    """What `write_manifest` wrote; empty where there is none, or an edited one, or a link to it."""
    content = {} if path.is_symlink() else read_object(path)
    return content if content.pop("seal", "") == json_sha256(content) else {}


def json_sha256(content: object) -> str:
    """SHA-256 of what JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_yaml(path: Path):
    """Read a YAML file: plain values, never objects. Raises InputError where it is none."""
    try:
        return yaml.load(require(path).read_text(encoding="utf-8"), _Loader)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError("not a YAML file", file=path, value=str(error)) from None


@contextmanager
def shaped(path: Path) -> Iterator[None]:
    """Let a name that a file of the project lacks, or a value of another type, be an InputError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"{type(error).__name__}: {error}"
        raise InputError("a name or a value is missing or wrong", file=path, value=said) from None


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table for people, atomically, as `csv_bytes`."""
    return write_bytes(path, csv_bytes(table))


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table for people: no index, and no cell that a spreadsheet would run. InputError where a
    cell cannot be text.
    """
    try:
        return without_formulas(table).to_csv(index=False, lineterminator="\n").encode("utf-8")
    except Exception as error:  # whatever str() of a cell raises
        raise InputError("a cell cannot be written as text", value=str(error)) from error


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of the table in which every text, of the header too, is `harmless`."""
    from pandas.api.types import is_numeric_dtype

    safe = table.copy()
    for column in safe.columns[[not is_numeric_dtype(t) for t in safe.dtypes]]:
        safe[column] = safe[column].astype("object").map(harmless)
    return safe.rename(columns=harmless)


def harmless(value: object) -> object:
    """A text with an apostrophe before it where a spreadsheet would run it; other values as they
    are. Every line end is \\n: a bare \\r would end the row.
    """
    if not isinstance(value, str):
        return value
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{value}" if _FORMULA.match(value) else value


def write_parquet(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as parquet, atomically. The same table gives the same bytes."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return write_bytes(path, buffer.getvalue())


def sha256(*paths: Path) -> str:
    """SHA-256 of the files' names and contents, in the order given."""
    digest = hashlib.sha256()
    for path in map(Path, paths):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


@cache
def code_hash() -> str:
    """SHA-256 of the whole library and of the plan: what every result depends on besides data."""
    code = [path for end in ("py", "yml") for path in sorted(config.PACKAGE.rglob(f"*.{end}"))]
    return sha256(config.CLAIMS_FILE, *code)


def save(content: dict, pictures: Iterable, folder: str, tables: dict | None = None) -> None:
    """Write the tables (file's name -> table), the pictures, and then finding.json, into `folder`;
    nothing where it is blank, or where one of these files is there already (InputError).
    finding.json lists the names of the pictures: `lac run` looks whether they are there.
    """
    if not folder:
        print("Nothing was written: a folder in `output` keeps the numbers and the pictures.")
        return
    pictures, tables, folder = list(pictures), tables or {}, Path(folder)
    drawn = [picture.name for picture in pictures if picture.figure is not None]
    content = to_json_values(content | {"pictures": drawn})
    named = [{name: csv_bytes(table)} for name, table in tables.items()]
    named += [picture.parts() for picture in pictures] + [{FINDING: json_text(content).encode()}]
    parts = [name for each in named for name in each]
    if again := [name for name in parts if parts.count(name) > 1]:
        raise InputError("two pictures or tables of one name", value=again[0])
    write_all(folder, {name: made for each in named for name, made in each.items()})


def to_json_values(value):
    """Values for JSON: ten digits, None if not known, infinity as text; a frame as its rows."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return [to_json_values(row) for row in value.to_dict("records")]
    if hasattr(value, "item") and not getattr(value, "shape", ()):  # a NumPy scalar
        value = value.item()
    if isinstance(value, dict):
        return {str(key): to_json_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json_values(item) for item in value]
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(value) if math.isinf(value) else float(f"{value:.10g}")
    return value


@contextmanager
def _folder(path: Path) -> Iterator[None]:
    """Make a folder and those above it; where the block fails, those that are empty go again."""
    missing = [each for each in (path, *path.parents) if not os.path.lexists(each)]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError, RecursionError) as error:
            raise unwritable(path, error) from None
        yield
    except BaseException:
        for each in missing:  # the deepest first
            with suppress(OSError, ValueError):
                each.rmdir()
        raise


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of an output folder; where another run holds it, say so and wait. InputError
    where the folder cannot be written, or something else stands at the lock's.
    """
    from filelock import FileLock, Timeout

    path = Path(folder) / _LOCK
    lock = FileLock(path)
    with _folder(path.parent):
        try:
            with suppress(FileNotFoundError):  # one look: it may go in this moment
                found, expected = path.lstat(), "nothing of this name"
                if found.st_size or not stat.S_ISREG(found.st_mode):
                    raise InputError("not a lock of lac", file=path, expected=expected)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if path.exists():
                    said = f"another run is at work in {folder}: waiting for it to end"
                    print(said, file=sys.stderr)
                # else the other ended in this moment, or no lock can be made here: an OSError then
                lock.acquire(timeout=-1 if path.exists() else 1)
        except OSError as error:
            raise unwritable(folder, error) from None
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()  # while it is held: who waits takes no lock on a file that is gone
            lock.release()
