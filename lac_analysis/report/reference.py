"""From finished runs to what is committed: figures/ and data/reference/."""

from __future__ import annotations

import platform
import re
from importlib.metadata import requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from lac_analysis import files
from lac_analysis.batch import cache

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"  # what the reference run was made of

_PICTURES = (".png", ".svg", ".csv")
_TABLE = "_table.csv"


def publish(runs: Path, notebooks: list[str], out: Path) -> list[Path]:
    """Copy every run's pictures to `out/figures/<notebook>` and its finding to
    `out/data/reference/<notebook>.json`.

    What a run calls `<name>_table.csv` becomes `out/data/reference/<name>.csv`.
    `out/data/reference/manifest.json` says what the runs were made of. Each file that differs is
    replaced
    atomically, and files that an earlier publication wrote and no run makes any more are removed;
    files of others stay.
    Returns what is there now.
    """
    figures, reference = out / "figures", out / "data" / "reference"
    before = set(cache.read(reference).get("files", ()))
    written = []
    for name in notebooks:
        run = runs / name
        for path in sorted(run.iterdir()):
            if path.name.endswith(_TABLE):
                table = reference / f"{path.name.removesuffix(_TABLE)}.csv"
                written.append(_copy(path, table))
            elif path.suffix in _PICTURES:
                written.append(_copy(path, figures / name / path.name))
        written.append(_copy(run / "finding.json", reference / f"{name}.json"))
    names = sorted(path.relative_to(out).as_posix() for path in written)
    manifest = reference / MANIFEST
    written.append(manifest)
    kept = set(written)
    halves = tuple(
        f"{path.parent.as_posix()}/.{path.name}." for path in kept
    )  # of a publication that was killed
    for folder in (figures, reference):
        for path in sorted(folder.rglob("*"), reverse=True):
            ours = path.relative_to(out).as_posix() in before or path.as_posix().startswith(halves)
            if path.is_file() and ours and path not in kept:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
    # last: as long as the old one is there, a publication that is killed leaves the next to know
    # what to remove
    files.write_json(manifest, _made_of(runs, notebooks) | {"files": names})
    return written


def is_site_of(site: Path, runs: Path, notebooks: list[str]) -> bool:
    """Whether the folder `site` was made of these runs: a reproduction that was killed leaves an
    older one, or none.
    """
    try:
        made = files.read_json(site / "made.json")["runs"]
        return all(made[name]["key"] == cache.read(runs / name)["key"] for name in notebooks)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _copy(source: Path, target: Path) -> Path:
    content = source.read_bytes()
    if target.is_file() and target.read_bytes() == content:
        return target
    return files.write_bytes(target, content)


def _made_of(runs: Path, notebooks: list[str]) -> dict:
    """SHA-256 of every file that the runs reached, and the versions they ran on."""
    inputs = {}
    for name in notebooks:
        hashes = cache.read(runs / name).get("inputs", {})
        own = {"notebook": f"notebooks/{name}.ipynb", "environment": "uv.lock"}
        inputs |= {
            own.get(file, file): value
            for file, value in hashes.items()
            if not file.startswith("needs/")
        }
    return {"versions": versions(), "inputs": dict(sorted(inputs.items()))}


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that this project names."""
    named = [
        re.match(r"[\w.-]+", line).group()
        for line in requires("lac-analysis") or ()
        if "extra ==" not in line
    ]
    return {"python": platform.python_version()} | {
        name: version(name) for name in sorted(named, key=str.lower)
    }


def verdicts(out: Path) -> pd.DataFrame:
    """The verdict table of the reference run.

    Raises
    ------
    InputError : there is none yet.
    """
    import pandas as pd

    return pd.read_csv(
        files.require(out / "data" / "reference" / "verdicts.csv", "run `lac reproduce` first")
    )
