"""Files: every write is atomic, every hash is SHA-256, every text is UTF-8 with \\n.
pandas is imported only where a table is written, so that a run with nothing to do is over before
it would be loaded.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from lac_analysis import config, outputs
from lac_analysis.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FINDING = "finding.json"  # the numbers that a notebook leaves
PARTS = (".png", ".svg", ".csv")  # of a picture
_LARGEST = 100_000_000  # bytes of a JSON file
_MOST = 5_000_000  # values of a JSON file: the least takes 20 times its bytes in memory
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one: ten times faster
_NUMBER = r"[+-][0-9]+(?:[.,][0-9]+)?(?:e-?[0-9]+)?%?\Z"  # which no program runs
_FORMULA = re.compile(rf"(?!{_NUMBER})[=+\-@\t\n]")


def require(path: Path, expected: str = "an existing file") -> Path:
    """The path, if it is a file. Raises InputError where it is not."""
    path = Path(path)
    if not path.is_file():
        problem = "not a regular file" if path.exists() else "no such file"
        raise InputError(problem, file=path, expected=expected)
    return path


def write_bytes(path: Path, content: bytes, replace: bool = False) -> Path:
    """Write `content` so that a reader sees all or nothing; the path. InputError where `path` is
    there, unless to `replace`.
    """
    path = Path(path)
    return write_all(path.parent, {path.name: content}, replace)[0]


def write_all(folder: Path, contents: dict[str, bytes], replace: bool = False) -> list[Path]:
    """Write files by name, all or none, whatever stops it; their paths. As `write_bytes`."""
    paths = [folder / name for name in contents]
    for path in paths if not replace else ():
        outputs.claim_output(path)
    with ExitStack() as undo:
        for parent in dict.fromkeys([folder, *(path.parent for path in paths)]):
            undo.enter_context(outputs.new_folder(parent))
        with outputs.unfinished(folder) as work:
            for number, content in enumerate(contents.values()):
                with (work / str(number)).open("xb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
            made = {path: work / str(number) for number, path in enumerate(paths)}
            if replace:
                for path, file in made.items():
                    os.replace(file, path)
            else:
                outputs.put_all(made)
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
        return parse_json(require(path))
    except (ValueError, RecursionError) as error:
        raise InputError("not a JSON file", file=path, value=str(error)) from None


def parse_json(path: Path):
    """The content of a JSON file. Raises ValueError where it is none, or would fill the memory."""
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"more than {_LARGEST:,} bytes")
    text = path.read_text(encoding="utf-8")
    if text.count(",") + text.count("[") + text.count("{") > _MOST:
        raise ValueError(f"more than {_MOST:,} values")
    return json.loads(text)


def read_object(path: Path) -> dict:
    """The object of a JSON file; empty where there is none that can be read."""
    try:
        content = read_json(path)
    except (OSError, InputError):
        return {}
    return content if isinstance(content, dict) else {}


def digest(path: Path) -> str:
    """SHA-256 of a file's content; blank where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


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
    except InputError as error:
        raise InputError(**vars(error) | {"file": error.file or path}) from None
    except (LookupError, TypeError, ValueError, AttributeError) as error:
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


def sha256(*paths: Path) -> str:
    """SHA-256 of the files' names and contents, in the order given."""
    digest = hashlib.sha256()
    for path in map(Path, paths):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"it cannot be read ({error.strerror})", file=path) from None
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
