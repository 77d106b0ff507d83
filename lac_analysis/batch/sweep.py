"""A sweep: notebooks times parameter sets, read from a YAML (or JSON) file; one table of them all.

notebooks: [strained]                              # names, or all of the suite if left out
parameters: {collection: all}                      # of every run
groups: {all countries: {}, no Brazil: {drop_countries: [BRA]}}   # named sets, one after the other
zip: {window_start: [2000, 2005], window_end: [2020, 2020]}       # lists that advance together
grid: {definition: [roc, narrow]}                  # every combination
"""

import hashlib
import json
import math
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import yaml

from lac_analysis import files
from lac_analysis.batch import cache, jobs, parameters, progress
from lac_analysis.batch import run as runner
from lac_analysis.batch.jobs import Job
from lac_analysis.errors import InputError

_KEYS = ("notebooks", "parameters", "groups", "zip", "grid")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MOST = 10_000  # runs
_LARGEST = 1_000_000  # bytes of the file
_TABLE = "table.csv"
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}
_WORDS = ["claim", "unit", "verdict", "not_testable"]
_NUMBERS = ["estimate", "low", "high", "p", "null_value", "sesoi", "n_countries", "n_engagements"]


@dataclass(frozen=True)
class Sweep:
    """What a sweep's file says.

    Attributes
    ----------
    file : its path.
    values : of every run.
    runs : each a job with what was varied for it (axis -> value as text), in the file's order.
    """

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
    file = Path(file)
    if not _NAME.fullmatch(file.stem):
        problem = "a sweep cannot have this name: its pictures are called so"
        raise InputError(problem, file=file, expected="letters, digits, - and _")
    content = _content(file)
    chosen = list(map(parameters.find, content["notebooks"] or [])) or parameters.every()
    declared = {}
    for notebook in chosen:
        declared |= parameters.declared(notebook)
    given, runs = content["parameters"] | (values or {}), {}
    for varied, labels in _points(content, file):
        point = given | varied
        parameters.check(point, declared, file.name)
        for notebook in chosen:
            job = jobs.make(notebook, point)
            runs.setdefault(job.name, (job, labels))
    return Sweep(file, given, tuple(runs.values()))


def run(sweep: Sweep, out: Path, **options) -> int:
    """Run a sweep as run.run_all does, then gather its findings where one of them is new, into
    `out/sweeps/<name of the file>`: a table, and a picture a notebook. Returns the exit code.
    """
    code = runner.run_all(sweep.jobs, out, **options)
    folder = out / "sweeps" / sweep.file.stem
    with files.alone(out):
        findings = [(job.name, labels, cache.finding(out / job.name)) for job, labels in sweep.runs]
        content = json.dumps([findings, cache.inputs(sweep.file)], sort_keys=True)
        key = hashlib.sha256(content.encode()).hexdigest()
        if not cache.up_to_date(folder, key, must_hold=_TABLE):
            cache.refuse_foreign(folder)
            with files.unfinished(out) as work:
                _gather(sweep, out, work / "sweep")
                cache.put_in_place(work / "sweep", folder, {"key": key})
    progress.say(f"table and pictures in {folder}")
    return code


def _gather(sweep: Sweep, out: Path, work: Path) -> None:
    import pandas as pd  # slow: only when something is new

    rows = []
    for job, labels in sweep.runs:
        found = cache.finding(out / job.name) or {"not_testable": "the run failed"}
        row = {"notebook": job.notebook.stem} | labels
        row |= {name: found.get(name, "") for name in _WORDS + _NUMBERS}
        rows.append(row | {"run": job.name})
    table = pd.DataFrame(rows)
    table[_NUMBERS] = table[_NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)
    files.write_csv(work / _TABLE, table)
    axes = list(dict.fromkeys(axis for _, labels in sweep.runs for axis in labels))
    for notebook, part in table.groupby("notebook", sort=False):
        if part["estimate"].notna().any():
            _picture(part, axes, f"{sweep.file.stem}_{notebook}").save(work)


def _picture(runs, axes: list[str], name: str):
    """One notebook's estimates with intervals, grouped by the first axis, a row for the others."""
    from lac_analysis.charts import Picture, forest

    head, rows = axes[0] if axes else "notebook", axes[1:] or ["notebook"]
    label = runs[rows].astype(str).agg("; ".join, axis=1).str.replace("_", " ")
    data = runs.assign(label=label, group=runs[head].astype(str).str.replace("_", " "))
    known = data[data["estimate"].notna()]
    first, low, high = known.iloc[0], known["estimate"].min(), known["estimate"].max()
    null, above = first["null_value"], int((known["estimate"] > first["null_value"]).sum())
    said = f"{len(known)} estimates of {first['claim']}, from {low:.3g} to {high:.3g}"
    varied = f"by {head} (bold) and {', '.join(rows)}".replace("_", " ")
    figure = forest(
        data, "label", "estimate", "low", "high", group="group", reference=null,
        log=bool(null > 0 and low > 0),
        title=f"{first['claim']}: {above} of {len(known)} estimates lie above {null:g}, no effect",
        subtitle=f"{first['unit']}, with interval, {varied}",
        caption=f"One row a run of {first['notebook']}; {len(data) - len(known)} have no estimate.",
    )  # fmt: skip
    drawn = data[["notebook", *axes, "estimate", "low", "high", "verdict"]]
    return Picture(name, figure, drawn, f"{said}.", {"runs": list(data["run"])})


class _Loader(yaml.BaseLoader):
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
            twice = next(name for i, name in enumerate(names) if name in set(names[:i]))
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
        raise InputError("not a YAML file", file=file, value=str(error)) from None
    except RecursionError:
        raise InputError("not a sweep", file=file, expected="lists no deeper than two") from None
    if not isinstance(content, dict) or set(content) - set(_KEYS):
        value = sorted(set(content) - set(_KEYS)) if isinstance(content, dict) else content
        expected = f"the keys {', '.join(_KEYS)}"
        raise InputError("not a sweep", file=file, value=value, expected=expected)
    content = {key: content.get(key) or ([] if key == "notebooks" else {}) for key in _KEYS}
    if not _is_list(content["notebooks"]):
        raise InputError("`notebooks`", file=file, value=content["notebooks"],
                         expected="a list of names")  # fmt: skip
    for key, (fits, expected) in _FORMS.items():
        if not isinstance(content[key], dict):
            raise InputError(f"`{key}`", file=file, value=content[key], expected="parameter: value")
        for name, entry in content[key].items():
            if not fits(entry):
                raise InputError(f"`{key}`, {name}", file=file, value=entry, expected=expected)
    content["groups"] = {name: entry or {} for name, entry in content["groups"].items()}
    return content


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_value(value: object) -> bool:
    return isinstance(value, str) or _is_list(value)


def _is_axis(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_value, value))


def _is_group(value: object) -> bool:
    return value == "" or (isinstance(value, dict) and all(map(_is_value, value.values())))


_FORMS = {
    "parameters": (_is_value, "a plain value"),
    "groups": (_is_group, "parameter: value, plain values"),
    "zip": (_is_axis, "a list of values, plain values"),
    "grid": (_is_axis, "a list of values, plain values"),
}


def _points(content: dict, file: Path) -> list[tuple[dict, dict[str, str]]]:
    """Every combination: what it sets, and its labels by axis. The lists of `zip` are one axis."""
    groups, together, grid = content["groups"], content["zip"], content["grid"]
    lengths = {name: len(entry) for name, entry in together.items()}
    if len(set(lengths.values())) > 1:
        raise InputError("lists under `zip` differ in length", file=file, value=lengths)
    axes = []
    if groups:
        axes.append([(values, {"group": name}) for name, values in groups.items()])
    if together:
        steps = [dict(zip(together, s, strict=True)) for s in zip(*together.values(), strict=True)]
        name = ", ".join(together)
        axes.append([(step, {name: "–".join(map(_text, step.values()))}) for step in steps])
    for name, entry in grid.items():
        axes.append([({name: value}, {name: _text(value)}) for value in entry])
    if (size := math.prod(map(len, axes))) > _MOST:
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
