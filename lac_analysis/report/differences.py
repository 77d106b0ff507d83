"""What differs between two published runs: numbers, words, tables and pictures, file by file."""

import csv
import io
import json
import math
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure

# to which iterative fits (Poisson, NB2, logistic) converge; all else is exact for a seed
RELATIVE = 1e-6
ABSOLUTE = 1e-12  # for what is 0 but for rounding
PIXELS = 0.5  # root mean square, of 255: letters' edges may differ, one dot moved is more
POINTS = 0.05  # in an SVG
# of an SVG: what made it, which is compared on its own, and names that are hashes of what they name
_MADE = re.compile(
    r'<metadata>.*?</metadata>|(?<=id=")[a-z][0-9a-f]{10}|(?<=#)[a-z][0-9a-f]{10}', re.S
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_HASHES = ("input_hash", "code_hash")  # of inputs, which are compared on their own


@dataclass(frozen=True)
class Comparison:
    """What two folders have in common.

    Attributes
    ----------
    exact : files with the same bytes.
    close : files that agree within the tolerance.
    differences : of each other file, what differs: 'row 3, ratio: expected 1.5, got 1.6'.
    """

    exact: list[str]
    close: list[str]
    differences: dict[str, list[str]]


def compare(expected: Path, got: Path, without: tuple[str, ...] = ()) -> Comparison:
    """Compare two folders, file by file: bytes first, then within the tolerance the numbers in
    JSON, CSV and Markdown, the pixels of a PNG and the lines of an SVG. `without` names files to
    leave out.
    """
    old, new = _files(expected), _files(got)
    result = Comparison([], [], {})
    for name in sorted((old.keys() | new.keys()) - set(without)):
        if name not in new:
            found = ["expected a file, got none"]
        elif name not in old:
            found = ["expected no such file, got one"]
        elif old[name] == new[name]:
            result.exact.append(name)
            continue
        else:
            found = _differences(Path(name).suffix, old[name], new[name])
        if found:
            result.differences[name] = found
        else:
            result.close.append(name)
    return result


def _files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _differences(suffix: str, old: bytes, new: bytes) -> list[str]:
    if suffix == ".png":
        return [] if _same_png(old, new) else ["the picture is drawn otherwise"]
    before, after = (content.decode("utf-8", "replace") for content in (old, new))
    if suffix == ".svg":
        before, after = (_lines(_MADE.sub("", text)) for text in (before, after))
        same = before.keys() == after.keys() and all(
            _close(value, after[where], absolute=POINTS) for where, value in before.items()
        )
        return [] if same else ["the picture is drawn otherwise"]
    read = {".csv": _cells, ".md": _lines}.get(suffix, _leaves_of)
    before, after = read(before), read(after)
    found = []
    for where in before | after:
        values = [side.get(where, "nothing") for side in (before, after)]
        if where.rpartition(".")[2] not in _HASHES and not _close(*values):
            found.append("{}: expected {!r}, got {!r}".format(where, *values))
    return found


def _same_png(old: bytes, new: bytes) -> bool:
    # the comparison writes a third picture beside the two
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "old.png"), Path(folder, "new.png")
        for path, content in zip(paths, (old, new), strict=True):
            path.write_bytes(content)
        try:
            return compare_images(*map(str, paths), tol=PIXELS) is None
        except (ImageComparisonFailure, OSError):  # of another size, or no picture
            return False


def _lines(text: str) -> dict[str, object]:
    """The words of every line, and each of its numbers."""
    found: dict[str, object] = {}
    for line, content in enumerate(text.splitlines(), 1):
        found[f"line {line}"] = _NUMBER.sub("#", content)
        for place, number in enumerate(_NUMBER.findall(content), 1):
            found[f"line {line}, number {place}"] = float(number)
    return found


def _leaves_of(text: str) -> dict[str, object]:
    return _leaves(json.loads(text))


def _leaves(value, path: str = "") -> dict[str, object]:
    """Every value of a JSON document that holds no other, by its path."""
    if not isinstance(value, (dict, list)):
        return {path: value}
    leaves = {f"{path}.length": len(value)} if isinstance(value, list) else {}
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        leaves |= _leaves(item, f"{path}.{key}" if path else str(key))
    return leaves


def _cells(text: str) -> dict[str, object]:
    header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    cells: dict[str, object] = {"columns": ", ".join(header), "rows": len(rows)}
    for line, row in enumerate(rows, 2):
        for name, cell in zip(header, row, strict=False):
            cells[f"row {line}, {name}"] = _number(cell)
    return cells


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _close(old: object, new: object, absolute: float = ABSOLUTE) -> bool:
    kinds = {type(old), type(new)}
    if float in kinds and kinds <= {int, float}:
        return old == new or math.isclose(old, new, rel_tol=RELATIVE, abs_tol=absolute)
    return len(kinds) == 1 and old == new
