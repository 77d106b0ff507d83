"""What differs between two published runs: numbers, words and pictures, file by file."""

import math
import re
import tempfile
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure

# to which iterative fits (Poisson, NB2, logistic) converge; all else is exact for a seed
RELATIVE = 1e-6
ABSOLUTE = 1e-12  # for what is 0 but for rounding
PIXELS = 0.5  # root mean square, of 255: letters' edges may differ, one dot moved is more
POINTS = 0.05  # in an SVG
_SHOWN = 60  # letters of a line, from just before where it differs
_IGNORED = {  # suffix -> what is not compared
    ".json": re.compile(r'"(input|code)_hash": "\w*"'),  # inputs are compared on their own
    # what made it, and names that are hashes of what they name
    ".svg": re.compile(r'(?s)<metadata>.*?</metadata>|(?<=id=")[a-z]\w{10}|(?<=#)[a-z]\w{10}'),
}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Comparison:
    """What two folders have in common, file by file."""

    exact: list[str]  # the same bytes
    close: list[str]  # within the tolerance
    differences: dict[str, list[str]]  # of each other file: 'line 3: expected "p": 0.01, got ...'


def compare(expected: Path, got: Path, without: tuple[str, ...] = ()) -> Comparison:
    """Compare two folders, file by file: bytes first, then within the tolerance the numbers of a
    text, line by line, and the pixels of a PNG. `without` names files to leave out.
    """
    old, new = _files(expected), _files(got)
    result = Comparison([], [], {})
    for name in sorted((old.keys() | new.keys()) - set(without)):
        if name not in new:
            result.differences[name] = ["expected a file, got none"]
        elif name not in old:
            result.differences[name] = ["expected no such file, got one"]
        elif old[name] == new[name]:
            result.exact.append(name)
        elif found := _differences(Path(name).suffix, old[name], new[name]):
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
    before, after = (text.decode("utf-8", "replace") for text in (old, new))
    if suffix in _IGNORED:
        before, after = (_IGNORED[suffix].sub("", text) for text in (before, after))
    before, after = before.splitlines(), after.splitlines()
    absolute = POINTS if suffix == ".svg" else ABSOLUTE
    found = []
    for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
        if not _close(one, other, absolute):
            same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
            start = max(len(list(same)) - 20, 0)
            shown = (text[start:].strip()[:_SHOWN] for text in (one, other))
            found.append("line {}: expected {}, got {}".format(number, *shown))
    if len(before) != len(after):
        found.append(f"expected {len(before)} lines, got {len(after)}")
    return ["the picture is drawn otherwise"] if found and suffix == ".svg" else found


def _close(old: str, new: str, absolute: float) -> bool:
    """Whether two lines have the same words and whole numbers, and decimals that are close."""
    numbers = list(zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=False))
    return _NUMBER.sub("#", old) == _NUMBER.sub("#", new) and all(
        one == other
        or (
            not (one.lstrip("-").isdigit() and other.lstrip("-").isdigit())
            and math.isclose(float(one), float(other), rel_tol=RELATIVE, abs_tol=absolute)
        )
        for one, other in numbers
    )


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
