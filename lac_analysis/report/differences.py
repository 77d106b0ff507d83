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
    """Compare two folders, file by file: bytes first, then within the tolerance the numbers in JSON
    and CSV, the pixels of a PNG and the lines of an SVG. `without` names files to leave out."""
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
            found = _differences(name, old[name], new[name])
        if found:
            result.differences[name] = found
        else:
            result.close.append(name)
    return result


def _files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _differences(name: str, old: bytes, new: bytes) -> list[str]:
    if name.endswith((".png", ".svg")):
        same = _same_svg(old, new) if name.endswith(".svg") else _same_png(old, new)
        return [] if same else ["the picture is drawn otherwise"]
    read = _cells if name.endswith(".csv") else _leaves_of
    old, new = read(old), read(new)
    found = []
    for where in old | new:
        values = [side.get(where, "nothing") for side in (old, new)]
        if where.rpartition(".")[2] not in _HASHES and not _equal(*values):
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


def _same_svg(old: bytes, new: bytes) -> bool:
    texts = [_MADE.sub("", content.decode("utf-8", "replace")) for content in (old, new)]
    numbers = [[float(number) for number in _NUMBER.findall(text)] for text in texts]
    words = [_NUMBER.sub("", text) for text in texts]
    return words[0] == words[1] and all(
        math.isclose(a, b, rel_tol=0, abs_tol=POINTS) for a, b in zip(*numbers, strict=True)
    )


def _leaves_of(content: bytes) -> dict[str, object]:
    return _leaves(json.loads(content))


def _leaves(value, path: str = "") -> dict[str, object]:
    """Every value of a JSON document that holds no other, by its path."""
    if not isinstance(value, (dict, list)):
        return {path: value}
    leaves = {f"{path}.length": len(value)} if isinstance(value, list) else {}
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        leaves |= _leaves(item, f"{path}.{key}" if path else str(key))
    return leaves


def _cells(content: bytes) -> dict[str, object]:
    header, *rows = list(csv.reader(io.StringIO(content.decode("utf-8")))) or [[]]
    cells: dict[str, object] = {"columns": ", ".join(header), "rows": len(rows)}
    for number, row in enumerate(rows, 2):
        for name, text in zip(header, row, strict=False):
            cells[f"row {number}, {name}"] = _number(text)
    return cells


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _equal(old: object, new: object) -> bool:
    kinds = {type(old), type(new)}
    if float in kinds and kinds <= {int, float}:
        return old == new or math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return len(kinds) == 1 and old == new
