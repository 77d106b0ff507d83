"""From notebooks and parameter values to jobs: what is to be run, and where it goes."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from lac_analysis import config
from lac_analysis.batch import parameters
from lac_analysis.errors import InputError

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
_RESERVED = ("sweeps",)  # a folder of its own among the runs
_LONGEST = 120  # characters of a folder's name


@dataclass(frozen=True)
class Job:
    """One notebook with one set of parameter values.

    Attributes
    ----------
    notebook : path. values : checked values that differ from the notebook's defaults, in the
        order of its cell.
    """

    notebook: Path
    values: dict

    @property
    def name(self) -> str:
        """Name of the job's folder: 08_authority, or 08_authority@window_start=2005."""
        if not self.values:
            return self.notebook.stem
        parts = [f"{name}={_short(value)}" for name, value in sorted(self.values.items())]
        name = f"{self.notebook.stem}@{','.join(parts)}"
        if (
            all(_PLAIN.fullmatch(part.partition("=")[2]) for part in parts)
            and len(name) <= _LONGEST
        ):
            return name
        digest = hashlib.sha256(json.dumps(self.values, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.notebook.stem}@{digest}"


def make(notebook: Path, values: dict) -> Job:
    """The job of a notebook with `values`, of which those it does not declare are left out.

    Raises
    ------
    InputError : a value does not fit the notebook's parameters cell, or `engagements` names no
        file.
    """
    first = notebook.stem[:1]
    if (
        not (first.isalnum() or first == "_")
        or not notebook.stem.isprintable()
        or notebook.stem in _RESERVED
    ):
        raise InputError("a notebook cannot have this name: its runs go into a folder called so", file=notebook,
                         expected="a name that begins with a letter or a digit")  # fmt: skip
    declared = parameters.declared(notebook)
    own = {name: value for name, value in values.items() if name in declared}
    checked = parameters.check(own, declared, notebook.name)
    if checked.get("engagements"):
        if not os.path.isfile(
            checked["engagements"]
        ):  # False, too, for a name that no file can have
            raise InputError("no such file", file=checked["engagements"])
        checked["engagements"] = str(Path(checked["engagements"]).resolve())
    effective = {name: parameter.default for name, parameter in declared.items()} | checked
    _check_range(effective, notebook.name)
    changed = {name: value for name, value in checked.items() if value != declared[name].default}
    return Job(notebook, changed)


def plan(names: list[Path], values: dict) -> list[Job]:
    """The jobs of several notebooks with the same values, none twice.

    Raises
    ------
    InputError : a value that no notebook declares or that does not fit, or two notebooks of one
        name.
    """
    declared = {}
    for notebook in names:
        declared |= parameters.declared(notebook)
    parameters.check(values, declared, names[0].name if len(names) == 1 else "")
    return distinct([make(notebook, values) for notebook in names])


def distinct(jobs: list[Job]) -> list[Job]:
    """The jobs, none twice. Raises InputError for two notebooks of one name."""
    found: dict[str, Job] = {}
    for job in jobs:
        if found.setdefault(job.name, job).notebook != job.notebook:
            raise InputError("two notebooks of one name", value=job.notebook.name)
    return list(found.values())


def _check_range(values: dict, notebook: str) -> None:
    """Refuse the countries and years that panel.Selection would refuse, before a kernel starts."""
    dropped = values.get("drop_countries")
    for code in dropped if isinstance(dropped, list) else ():
        if code not in config.CELAC:
            raise InputError("parameter drop_countries", file=notebook, value=code,
                             expected="ISO3 codes of CELAC members, such as ARG")  # fmt: skip
    for name in ("window_start", "window_end"):
        if (
            isinstance(values.get(name), int)
            and not config.FIRST_YEAR <= values[name] <= config.LAST_YEAR
        ):
            raise InputError(f"parameter {name}", file=notebook, value=values[name],
                             expected=f"a year from {config.FIRST_YEAR} to {config.LAST_YEAR}")  # fmt: skip


def _short(value: object) -> str:
    if isinstance(value, list):
        return "+".join(map(str, value)) or "none"
    return str(value)
