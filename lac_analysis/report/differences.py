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
class Difference:
    """One difference.

    Attributes
    ----------
    file : relative path.
    where : key or cell; blank for the whole file.
    expected, got : as shown.
    """

    file: str
    where: str
    expected: str
    got: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.where}" if self.where else self.file
        return f"{place}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class Comparison:
    """What two folders have in common.

    Attributes
    ----------
    exact : files with the same bytes.
    close : files that agree within the tolerance.
    differences : all others.
    """

    exact: tuple[str, ...]
    close: tuple[str, ...]
    differences: tuple[Difference, ...]


def compare(expected: Path, got: Path, without: tuple[str, ...] = ()) -> Comparison:
    """Compare two folders, file by file: bytes first, then within the tolerance the numbers in JSON
    and CSV, the pixels of a PNG and the lines of an SVG. `without` names files to leave out."""
    files = [
        {path.relative_to(folder).as_posix() for path in _files(folder)}
        for folder in (expected, got)
    ]
    exact, close, differences = [], [], []
    for name in sorted((files[0] | files[1]) - set(without)):
        if name not in files[1]:
            differences.append(Difference(name, "", "a file", "none"))
        elif name not in files[0]:
            differences.append(Difference(name, "", "no such file", "a file"))
        elif (old := (expected / name).read_bytes()) == (new := (got / name).read_bytes()):
            exact.append(name)
        elif found := _differences(name, old, new):
            differences += found
        else:
            close.append(name)
    return Comparison(tuple(exact), tuple(close), tuple(differences))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]


def _differences(name: str, old: bytes, new: bytes) -> list[Difference]:
    if name.endswith(".json"):
        pair = _leaves(json.loads(old)), _leaves(json.loads(new))
    elif name.endswith(".csv"):
        pair = _cells(old), _cells(new)
    else:
        same = _same_svg(old, new) if name.endswith(".svg") else _same_png(old, new)
        return [] if same else [Difference(name, "", "the same picture", "another")]
    found = []
    for where in [*pair[0], *(where for where in pair[1] if where not in pair[0])]:
        values = [side.get(where, "nothing") for side in pair]
        if where.rpartition(".")[2] not in _HASHES and not _equal(*values):
            found.append(Difference(name, where, *map(_shown, values)))
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


def _leaves(value, path: str = "") -> dict[str, object]:
    """Every value of a JSON document that holds no other, by its path."""
    if not isinstance(value, (dict, list)):
        return {path: value}
    leaves = {f"{path}.length": len(value)} if isinstance(value, list) else {}
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        leaves |= _leaves(item, f"{path}.{key}" if path else str(key))
    return leaves


def _cells(content: bytes) -> dict[str, object]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    header = rows[0] if rows else []
    cells = {"columns": ", ".join(header), "rows": len(rows)}
    for number, row in enumerate(rows[1:], 2):
        cells |= {
            f"row {number}, {name}": _number(text) for name, text in zip(header, row, strict=False)
        }
    return cells


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _equal(old: object, new: object) -> bool:
    numbers = all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in (old, new)
    )
    if numbers and any(isinstance(value, float) for value in (old, new)):
        return old == new or math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(old) is type(new) and old == new


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)
