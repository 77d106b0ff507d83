"""From notebooks and values to jobs: what is to be run, where it goes, and what it reads."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lac_analysis import config, files
from lac_analysis.batch import parameters, suite
from lac_analysis.errors import InputError

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
_RESERVED = ("sweeps", "own_data")  # what else is among the runs
_LONGEST = 120  # characters of a folder's name


@dataclass(frozen=True)
class Job:
    """One notebook with one set of values."""

    notebook: Path
    # those that are not the plan's or, where it is silent, the notebook's defaults: the run's name
    values: dict
    given: dict  # those that are not the notebook's own defaults: papermill is to set them

    @property
    def name(self) -> str:
        """Name of the job's folder: 08_authority, or 08_authority@window_start=2005."""
        if not self.values:
            return self.notebook.stem
        shown = {name: _short(value) for name, value in sorted(self.values.items())}
        values = ",".join(f"{name}={value}" for name, value in shown.items())
        name = f"{self.notebook.stem}@{values}"
        if all(map(_PLAIN.fullmatch, shown.values())) and len(name) <= _LONGEST:
            return name
        return f"{self.notebook.stem}@{files.json_sha256(self.values)[:12]}"


def make(notebook: Path, values: dict) -> Job:
    """The job of a notebook with `values`, of which those it does not declare are left out.

    Raises InputError: a value does not fit the notebook's parameters cell, `engagements` names no
    file, or a folder is given that the run itself sets.
    """
    for name in values.keys() & {"output", "runs"}:
        expected = "--out, the folder of all runs"
        raise InputError("a run sets this parameter itself", value=name, expected=expected)
    refuse_name(notebook)
    declared = parameters.declared(notebook)
    own = {name: value for name, value in values.items() if name in declared}
    checked = parameters.check(own, declared, notebook.name)
    if not isinstance(checked.get("engagements", ""), str):
        expected = 'engagements: str = "" among its parameters'
        raise InputError("it takes no records of yours", file=notebook, expected=expected)
    if checked.get("engagements"):
        table = checked["engagements"].replace("\0", "\\0")  # which no name of a file can hold
        checked["engagements"] = str(files.require(Path(table)).resolve())
        from lac_analysis.sources import limits

        limits.regular_size(Path(table))  # before it is hashed: a device or a pipe may never end
    defaults = {name: parameter.default for name, parameter in declared.items()}
    base = defaults | planned(notebook)
    return Job(
        notebook,
        {name: value for name, value in (defaults | checked).items() if value != base[name]},
        {name: value for name, value in checked.items() if value != defaults[name]},
    )


def refuse_name(file: Path) -> None:
    """Raise InputError for a notebook or a sweep after which no folder of runs can be called."""
    stem = file.stem
    taken = stem in _RESERVED or stem.endswith(".failed") or "@" in stem  # a run's: name@seed=2
    if not re.match(r"\w", stem) or not stem.isprintable() or taken:
        problem = "it cannot have this name: its runs go into a folder called so"
        raise InputError(problem, file=file, expected="a letter or a digit first, no @")


def plan(notebooks: list[Path], values: dict) -> list[Job]:
    """The jobs of several notebooks with the same values, none twice.

    Raises InputError: a value that no notebook declares or that does not fit, or two notebooks of
    one name.
    """
    declared = {}
    for notebook in notebooks:
        declared |= parameters.declared(notebook)
    parameters.check(values, declared, notebooks[0].name if len(notebooks) == 1 else "")
    return distinct([make(notebook, values) for notebook in notebooks])


def of_the_plan(notebooks: list[Path]) -> list[Job]:
    """The jobs of notebooks with the values of claims.yml, whatever their saved defaults are."""
    return distinct([make(notebook, planned(notebook)) for notebook in notebooks])


def planned(notebook: Path) -> dict:
    """What claims.yml fixes for a notebook of the suite: windows, seed, primary choices."""
    if notebook.resolve().parent != config.NOTEBOOKS.resolve():
        return {}
    common, claims = _plan(config.CLAIMS_FILE)
    declared = parameters.declared(notebook)
    fixed = common | claims.get(notebook.stem, {})
    if window := suite.said(notebook).get("window"):
        fixed["window_start"], fixed["window_end"] = window
    return {name: value for name, value in fixed.items() if name in declared}


def unplanned(notebook: Path) -> list[str]:
    """The defaults with which a notebook is saved that are not the plan's, in words."""
    declared = parameters.declared(notebook)
    return [
        f"{name} = {_short(declared[name].default)} (the plan: {_short(value)})"
        for name, value in planned(notebook).items()
        if declared[name].default != value
    ]


def needed(job: Job) -> list[Job]:
    """The runs that a job reads: those of the claims, with the values that it shares with them.

    A default that a claim's notebook cannot take, such as "primary", leaves the choice to the plan.
    """
    if not suite.said(job.notebook).get("needs"):
        return []
    declared = parameters.declared(job.notebook)
    found = []
    for stem in _plan(config.CLAIMS_FILE)[1]:
        notebook = job.notebook.with_name(f"{stem}.ipynb")
        if not notebook.is_file():
            continue
        theirs = parameters.declared(notebook)
        shared = {name: value for name, value in job.given.items() if name in theirs}
        for name in (declared.keys() & theirs.keys()) - shared.keys() - {"output"}:
            if parameters.accepts(theirs[name], declared[name].default):
                shared[name] = declared[name].default
        found.append(make(notebook, planned(notebook) | shared))
    return found


def distinct(jobs: list[Job]) -> list[Job]:
    """The jobs, none twice. Raises InputError for two notebooks of one name."""
    found: dict[str, Job] = {}
    for job in jobs:
        if found.setdefault(job.name, job).notebook != job.notebook:
            raise InputError("two notebooks of one name", value=job.notebook.name)
    return list(found.values())


def _short(value: object) -> str:
    """A value as it stands in a name; blank for a list that would stand there as another does."""
    if not isinstance(value, list):
        return str(value)
    items = list(map(str, value))
    unlike = items != ["none"] and "+" not in "".join(items)
    return ("+".join(items) or "none") if unlike else ""


@cache
@files.shaped(config.CLAIMS_FILE)
def _plan(file: Path) -> tuple[dict, dict[str, dict]]:
    """What claims.yml fixes: for every notebook, and primary choices by the claim's notebook."""
    raw = files.read_yaml(file)
    (start, end), (later, last) = raw["windows"]["report"], raw["windows"]["out_of_sample"]
    common = {"window_start": start, "window_end": end, "later_start": later, "later_end": last}
    claims = {
        f"{str(claim['number']).zfill(2)}_{name}": claim["primary"]
        for name, claim in raw["claims"].items()
    }
    return common | {"seed": raw["seed"]}, claims
