"""A sweep: notebooks times parameter sets, read from a YAML (or JSON) file; one table of them all.

notebooks: [strained]                              # names, or all of the suite if left out
parameters: {collection: all}                      # of every run
groups: {all countries: {}, no Brazil: {drop_countries: [BRA]}}   # named sets, one after the other
zip: {window_start: [2000, 2005], window_end: [2020, 2020]}       # lists that advance together
grid: {definition: [roc, narrow]}                  # every combination
"""

import math
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import yaml

from lac_analysis import files, outputs
from lac_analysis.batch import cache, jobs, parameters, progress, suite
from lac_analysis.batch import run as runner
from lac_analysis.batch.jobs import Job
from lac_analysis.errors import InputError, row_of

_KEYS = ("notebooks", "parameters", "groups", "zip", "grid")
_MOST = 10_000  # runs
_LARGEST = 1_000_000  # bytes of the file
_VALUES = 1_000_000  # of all runs, or of the file with each alias (*name) written out
_FEWER = f"at most {_VALUES:,}"
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}
_WORDS = ["claim", "unit", "verdict", "not_testable"]
_NUMBERS = ["estimate", "low", "high", "p", "null_value", "sesoi", "n_countries", "n_engagements"]


@dataclass(frozen=True)
class Sweep:
    """What a sweep's file says."""

    file: Path
    values: dict  # of every run
    runs: tuple[tuple[Job, dict[str, str]], ...]  # each with what was varied: axis -> value as text

    @property
    def jobs(self) -> list[Job]:
        return jobs.distinct([job for job, _ in self.runs])


def read(file: Path, values: dict | None = None, defaults: dict | None = None) -> Sweep:
    """Read a sweep. `values` replace the file's own `parameters`; these, and what the file varies,
    replace `defaults`.

    Raises InputError: the file is no sweep, a notebook or a value in it does not exist, or a
    parameter is both set and varied.
    """
    file = Path(file)
    jobs.refuse_name(file)
    content = _content(file)
    named = dict.fromkeys(content["notebooks"])
    chosen = [suite.find(name, file) for name in named] or suite.every()
    declared = {notebook: parameters.declared(notebook) for notebook in chosen}
    every = {name: parameter for each in declared.values() for name, parameter in each.items()}
    given, runs = content["parameters"] | (values or {}), {}
    points = _points(content, file, len(declared))
    size = _counter()
    if (n := sum(size(given) + size(varied) for varied, _ in points)) > _VALUES:
        raise InputError("too many values of all runs", file=file, value=n, expected=_FEWER)
    for varied, labels in points:
        if twice := given.keys() & varied.keys():
            raise InputError("a parameter is set and varied", file=file, value=min(twice))
        columns = {"notebook", "run", *_WORDS, *_NUMBERS}  # of the table, beside the labels
        if taken := (labels.keys() & columns) or (varied.keys() & {"group"}):
            problem, expected = "a parameter is called as a column of the table", "another name"
            raise InputError(problem, file=file, value=min(taken), expected=expected)
        point = (defaults or {}) | given | varied
        parameters.check(point, every, file.name)
        for notebook, own in declared.items():
            job = jobs.make(notebook, point)
            taken = {  # a run is not called after what its notebook does not take
                axis: label for axis, label in labels.items()
                if axis == "group" or not own.keys().isdisjoint(axis.split(", "))
            }  # fmt: skip
            runs[job.name, *taken.items()] = job, taken
    return Sweep(file, given, tuple(runs.values()))


def run(sweep: Sweep, out: Path, **options) -> int:
    """Run a sweep as run.run_all does, then gather its findings into one table, `table.csv` in
    `out/sweeps/<name of the file>`. Returns the exit code.
    """
    folder = out / "sweeps" / sweep.file.stem
    name = os.path.relpath(sweep.file, out)
    cache.refuse_foreign(folder, "sweep")
    if folder.parent.is_symlink() or (folder.parent.exists() and not folder.parent.is_dir()):
        raise outputs.not_ours(folder.parent)
    if (other := cache.read(folder).get("sweep", name)) != name:
        expected = "a sweep of another name, or another --out"
        raise InputError("the table of another sweep", file=folder, value=other, expected=expected)
    code = runner.run_all(sweep.jobs, out, inputs=[sweep.file], **options)
    with outputs.alone(out), outputs.unfinished(out) as work:
        files.write_csv(work / "sweep" / "table.csv", _table(sweep, out))
        cache.put_in_place(work / "sweep", folder, {"sweep": name})
    progress.say(f"one table of all runs: {folder / 'table.csv'}")
    return code


def _table(sweep: Sweep, out: Path):
    """One row a run: notebook, what was varied, what was found, and the run's folder."""
    import pandas as pd  # slow: only once all has run

    rows, failed = [], runner.pending(sweep.jobs, out)  # an older run of it may still be there
    for job, labels in sweep.runs:
        found = {} if job.name in failed else cache.finding(out / job.name)
        found = found or {"not_testable": "the run failed"}
        row = {name: found.get(name, "") for name in _WORDS + _NUMBERS}
        rows.append({"notebook": job.notebook.stem} | labels | row | {"run": job.name})
    table = pd.DataFrame(rows)
    table[_NUMBERS] = table[_NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)
    return table


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # in C where there is one
    """Texts, lists and maps of them, nothing else; values are read by their declared types. A name
    that stands twice is an error: YAML alone would silently keep the last.
    """

    def construct_object(self, node, deep=False):
        if node.tag not in _TAGS:
            raise yaml.constructor.ConstructorError(None, None, f"a tag: {node.tag}", None)
        return super().construct_object(node, deep)

    def construct_mapping(self, node, deep=False):
        names = [name.value for name, _ in node.value if isinstance(name.value, str)]
        if len(set(names)) < len(names):
            (twice, _), *_ = Counter(names).most_common(1)
            raise yaml.constructor.ConstructorError(None, None, f"{twice} stands twice", None)
        return super().construct_mapping(node, deep)


def _content(file: Path) -> dict:
    """What the file says, every part there. Raises InputError where it is no sweep."""
    files.require(file)
    if file.stat().st_size > _LARGEST:
        raise InputError("too large for a sweep", file=file, expected=f"{_LARGEST:,} bytes at most")
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        row = row_of(error)
        said = getattr(error, "problem", None) or str(error)
        raise InputError("not a YAML file", file=file, row=row, value=said) from None
    except RecursionError:
        raise InputError("not a sweep", file=file, expected="lists no deeper than two") from None
    if not isinstance(content, dict) or set(content) - set(_KEYS):
        value = sorted(set(content) - set(_KEYS)) if isinstance(content, dict) else content
        expected = f"the keys {', '.join(_KEYS)}"
        raise InputError("not a sweep", file=file, value=value, expected=expected)
    if not content.get("notebooks", True):
        expected = "a list of names; all of the suite if left out"
        raise InputError("`notebooks`: empty", file=file, expected=expected)
    content = {key: value for key, value in content.items() if value != ""}  # nothing after `key:`
    content = {key: content.get(key, [] if key == "notebooks" else {}) for key in _KEYS}
    value, size = content["notebooks"], _counter()
    if not isinstance(value, list) or (n := size(value)) > _VALUES or not _is_plain(value):
        raise InputError("`notebooks`", file=file, value=value, expected="a list of names")
    for key, (fits, expected) in _FORMS.items():
        if not isinstance(content[key], dict):
            raise InputError(f"`{key}`", file=file, value=content[key], expected="parameter: value")
        for name, entry in content[key].items():
            if (n := n + size(entry)) > _VALUES:
                raise InputError(f"`{key}`, {name}: too many values", file=file, expected=_FEWER)
            if not fits(entry):
                raise InputError(f"`{key}`, {name}", file=file, value=entry, expected=expected)
    return content


def _counter() -> Callable[[object], int]:
    """A function that counts the values in lists and maps, those of an alias each time it stands,
    without going through them again.
    """
    sizes = {}  # by identity

    def size(value: object) -> int:
        if not isinstance(value, list | dict):
            return 1
        if id(value) not in sizes:
            sizes[id(value)] = 0  # it may hold itself
            sizes[id(value)] = sum(map(size, value.values() if isinstance(value, dict) else value))
        return sizes[id(value)]

    return size


def _is_plain(value: object, lists: int = 1) -> bool:
    """Whether a value is a text, or a list of such, at most so many lists deep."""
    if isinstance(value, list):
        return lists > 0 and all(_is_plain(item, lists - 1) for item in value)
    return isinstance(value, str)


def _is_axis(value: object) -> bool:
    return isinstance(value, list) and bool(value) and _is_plain(value, 2)


def _is_group(value: object) -> bool:
    return value == "" or (isinstance(value, dict) and all(map(_is_plain, value.values())))


_FORMS = {
    "parameters": (_is_plain, "a plain value"),
    "groups": (_is_group, "parameter: value, plain values"),
    "zip": (_is_axis, "a list of values, plain values"),
    "grid": (_is_axis, "a list of values, plain values"),
}


def _points(content: dict, file: Path, notebooks: int) -> list[tuple[dict, dict[str, str]]]:
    """Every combination: what it sets, and its labels by axis. The lists of `zip` are one axis."""
    groups, together = content["groups"], content["zip"]
    lengths = {name: len(entry) for name, entry in together.items()}
    if len(set(lengths.values())) > 1:
        raise InputError("lists under `zip` differ in length", file=file, value=lengths)
    axes = []
    if groups:
        axes.append([(values or {}, {"group": name}) for name, values in groups.items()])
    if together:
        steps = [dict(zip(together, s, strict=True)) for s in zip(*together.values(), strict=True)]
        name = ", ".join(together)
        axes.append([(step, {name: "–".join(map(_text, step.values()))}) for step in steps])
    for name, entry in content["grid"].items():
        axes.append([({name: value}, {name: _text(value)}) for value in entry])
    if (size := notebooks * math.prod(map(len, axes))) > _MOST:
        raise InputError("too many runs", file=file, value=size, expected=f"at most {_MOST:,}")
    points = []
    for combination in product(*axes):
        varied, labels = {}, {}
        for values, label in combination:
            if twice := set(varied) & set(values):
                raise InputError("a parameter is varied twice", file=file, value=min(twice))
            varied, labels = varied | values, labels | label
        points.append((varied, labels))
    return points


def _text(value: str | list[str]) -> str:
    """A value as a reader writes it."""
    return value if isinstance(value, str) else ", ".join(value) or "none"
