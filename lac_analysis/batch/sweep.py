"""A sweep: notebooks times parameter sets, read from a YAML (or JSON) file.

notebooks: [strained]                              # names, or all of the suite if left out
parameters: {collection: all}                      # of every run
groups: {all countries: {}, no Brazil: {drop_countries: [BRA]}}   # named sets, one after the other
zip: {window_start: [2000, 2005], window_end: [2020, 2020]}       # lists that advance together
grid: {definition: [roc, narrow]}                  # every combination
"""

import hashlib
import json
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import yaml

from lac_analysis.batch import cache, display, jobs, parameters, suite
from lac_analysis.batch import code as reach
from lac_analysis.batch import notebook as notebooks
from lac_analysis.batch.jobs import Job
from lac_analysis.errors import InputError

_KEYS = ("notebooks", "parameters", "groups", "zip", "grid")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MOST = 10_000  # runs
_LARGEST = 1_000_000  # bytes of the file


@dataclass(frozen=True)
class Sweep:
    """Attributes: file; values, of every run; runs, each a job with what was varied for it (axis ->
    value as text), in
    the file's order."""

    file: Path
    values: dict
    runs: tuple[tuple[Job, dict[str, str]], ...]

    @property
    def jobs(self) -> list[Job]:
        return [job for job, _ in self.runs]


def read(file: Path, values: dict | None = None) -> Sweep:
    """Read a sweep. `values` replace the file's own `parameters`.

    Raises
    ------
    InputError : the file is no sweep, or a notebook or a value in it does not exist.
    """
    if not _NAME.fullmatch(Path(file).stem):
        raise InputError("a sweep cannot have this name: its pictures are called so", file=file,
                         expected="letters, digits, - and _")  # fmt: skip
    content = _content(file)
    listed = content["notebooks"]
    chosen = [notebooks.find(str(name)) for name in listed] if listed else notebooks.every()
    declared = {}
    for notebook in chosen:
        declared |= parameters.declared(notebook)
    given, runs = content["parameters"] | (values or {}), {}
    for varied, labels in _points(content, file):
        point = given | varied
        parameters.check(point, declared, Path(file).name)
        for notebook in chosen:
            job = jobs.make(notebook, point)
            runs.setdefault(job.name, (job, labels))
    return Sweep(Path(file), given, tuple(runs.values()))


def run(sweep: Sweep, out: Path, **options) -> int:
    """Run a sweep as suite.run_all does, then gather its findings where one of them is new. Returns
    the exit code.
    """
    code = suite.run_all(sweep.jobs, out, **options)
    with suite.alone(out):
        folder = out / "sweeps" / sweep.file.stem
        key = _key(sweep, out)
        if not cache.up_to_date(folder, key):
            from lac_analysis.batch import gather  # slow to import: only when something is new

            gather.save(sweep, out, key)
            display.say(f"table and pictures in {folder}")
    return code


def _key(sweep: Sweep, out: Path) -> str:
    """SHA-256 over the sweep, the keys of its runs, and the code that gathers them."""
    files = reach.reach(Path(__file__).with_name("gather.py")).files
    content = [
        (job.name, labels, cache.read(out / job.name).get("key")) for job, labels in sweep.runs
    ]
    content += [cache.sha256(path) for path in (sweep.file, *files)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class _Loader(yaml.SafeLoader):
    """Safe, and a name that stands twice is an error: YAML alone would silently keep the last."""

    def construct_mapping(self, node, deep=False):
        names = [name.value for name, _ in node.value]
        twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def _content(file: Path) -> dict:
    if not Path(file).is_file():
        raise InputError("no such file", file=file)
    if Path(file).stat().st_size > _LARGEST:
        raise InputError("too large for a sweep", file=file, expected=f"{_LARGEST:,} bytes at most")
    try:
        content = yaml.load(Path(file).read_text(encoding="utf-8"), _Loader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError("not a YAML file", file=file, value=str(error)) from None
    except RecursionError:
        raise InputError("not a sweep", file=file, expected="lists no deeper than two") from None
    if not isinstance(content, dict) or not set(content) <= set(_KEYS):
        unknown = (
            sorted(map(str, set(content) - set(_KEYS))) if isinstance(content, dict) else content
        )
        raise InputError(
            "not a sweep", file=file, value=unknown, expected=f"the keys {', '.join(_KEYS)}"
        )
    content = {key: content.get(key) or {} for key in _KEYS}
    for key in _KEYS[1:]:
        if not isinstance(content[key], dict):
            raise InputError(f"`{key}`", file=file, value=content[key], expected="parameter: value")
    for key, entries in (("zip", content["zip"]), ("grid", content["grid"])):
        for name, entry in entries.items():
            if not isinstance(entry, list) or not entry:
                raise InputError(
                    f"`{key}`, {name}", file=file, value=entry, expected="a list of values"
                )
    for name, entry in content["groups"].items():
        if not isinstance(entry, dict):
            raise InputError(
                f"`groups`, {name}", file=file, value=entry, expected="parameter: value"
            )
    _check_depth(content, file)
    return content


def _check_depth(content: dict, file: Path) -> None:
    """Refuse what is no name or no plain value, before any of it is written out: a few lines of
    YAML can stand for
    thousands of millions of values."""
    if not isinstance(content["notebooks"] or [], list) or not _is_plain(
        list(content["notebooks"]), 1
    ):
        raise InputError(
            "`notebooks`", file=file, value=content["notebooks"], expected="a list of names"
        )
    sets = [("groups", values, 1) for values in content["groups"].values()]
    sets += [
        ("parameters", content["parameters"], 1),
        ("zip", content["zip"], 2),
        ("grid", content["grid"], 2),
    ]
    for key, values, depth in sets:
        for name, value in values.items():
            if not isinstance(name, str):
                raise InputError(
                    f"`{key}`", file=file, value=name, expected="the name of a parameter"
                )
            if not _is_plain(value, depth):
                raise InputError(
                    f"`{key}`, {name}", file=file, value=value, expected="plain values"
                )


def _is_plain(value: object, depth: int) -> bool:
    """Whether it is a text or number, or lists of those, `depth` deep."""
    if isinstance(value, list):
        return depth > 0 and all(_is_plain(item, depth - 1) for item in value)
    return not isinstance(value, (dict, set, tuple))


def _points(content: dict, file: Path) -> list[tuple[dict, dict[str, str]]]:
    """Every combination: what it sets, and its labels by axis. The lists of `zip` are one axis."""
    groups, together, grid = content["groups"], content["zip"], content["grid"]
    if len({len(entry) for entry in together.values()}) > 1:
        lengths = {name: len(entry) for name, entry in together.items()}
        raise InputError("lists under `zip` differ in length", file=file, value=lengths)
    axes = []
    if groups:
        axes.append([(values, {"group": str(name)}) for name, values in groups.items()])
    if together:
        steps = [
            dict(zip(together, step, strict=True)) for step in zip(*together.values(), strict=True)
        ]
        axes.append(
            [(step, {", ".join(together): "–".join(map(text, step.values()))}) for step in steps]
        )
    axes += [
        [({name: value}, {name: text(value)}) for value in entry] for name, entry in grid.items()
    ]
    size = 1
    for axis in axes:
        size *= len(axis)
    if size > _MOST:
        raise InputError("too many runs", file=file, value=size, expected=f"at most {_MOST:,}")
    points = []
    for combination in product(*axes):
        varied, labels = {}, {}
        for values, label in combination:
            if twice := set(varied) & set(values):
                raise InputError(
                    "a parameter is varied twice", file=file, value=min(map(str, twice))
                )
            varied, labels = varied | values, labels | label
        points.append((varied, labels))
    return points


def text(value: object) -> str:
    """A value as a reader writes it."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
