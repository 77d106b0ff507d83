"""Run one job and keep what it leaves, or nothing."""

import os
import shutil
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from lac_analysis.batch import cache, code, parameters
from lac_analysis.batch.jobs import Job
from lac_analysis.batch.turns import Turn

_VERSIONS = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill")
_PICTURE_FILES = (".png", ".svg", ".csv")


@dataclass(frozen=True)
class Result:
    """How a run ended.

    Attributes
    ----------
    cell, error, message : of a failure: number of the code cell (0 if none), class of the
        error, what it says; `error`
            is blank after a success. started : UNIX time of the first cell. seconds : how long
                it took from there.
    """

    cell: int = 0
    error: str = ""
    message: str = ""
    started: float = 0.0
    seconds: float = 0.0


def execute(job: Job, work: Path, *, preloaded=None, limits=None, stop=None, turn=None) -> Result:
    """Run a job in a new folder `work`, which then holds the executed notebook and all outputs.

    preloaded, limits, stop, turn : as in engine.execute.
    """
    from lac_analysis.batch import engine  # papermill is slow to import: only when something runs

    turn = turn or Turn()
    values = job.values | ({"output": "."} if "output" in parameters.declared(job.notebook) else {})
    executed = work / job.notebook.name
    try:
        work.mkdir(parents=True)
        failure = engine.execute(
            job.notebook,
            executed,
            values,
            work,
            preloaded=preloaded,
            limits=limits,
            stop=stop,
            turn=turn,
        )
    finally:
        turn.end()  # of a notebook whose kernel did not start
    missing = [] if failure else [name for name in outputs(job) if not (work / name).is_file()]
    if missing:
        failure = engine.Failure(0, "MissingOutput", f"it ended without {', '.join(missing)}")
    problem = (failure.cell, failure.error, failure.message) if failure else (0, "", "")
    return Result(*problem, started=turn.began or time.time(), seconds=turn.seconds)


def outputs(job: Job) -> list[str]:
    """What a run must leave: its finding, and each picture that the notebook's figure modules name.
    """
    pictures = code.reach(job.notebook).pictures
    return ["finding.json", *(f"{name}{suffix}" for name in pictures for suffix in _PICTURE_FILES)]


def keep(job: Job, work: Path, out: Path, key: str, hashes: dict[str, str], result: Result) -> None:
    """Write the manifest of the finished run in `work`, and put the folder in its place as
    `out/<job name>`.
    """
    from lac_analysis import files

    written = sorted(path for path in work.rglob("*") if path.is_file())
    finding = files.read_json(work / "finding.json")
    manifest = {
        "key": key,
        "notebook": job.notebook.name,
        "notebook_hash": hashes["notebook"],
        "parameters": job.values,
        "input_hash": finding.get("input_hash", ""),
        "code_hash": finding.get("code_hash", ""),
        "environment_hash": hashes["environment"],
        "versions": {name: version(name) for name in _VERSIONS},
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(result.started)),
        "seconds": round(result.seconds, 1),
        "inputs": hashes,
        "outputs": {path.relative_to(work).as_posix(): cache.sha256(path) for path in written},
    }
    files.write_json(work / cache.MANIFEST, manifest)
    target, old = out / job.name, work.with_name(f"{work.name}.old")
    if target.exists():
        os.replace(target, old)
    os.replace(work, target)
    shutil.rmtree(old, ignore_errors=True)
    failed(job, out).unlink(missing_ok=True)


def failed(job: Job, out: Path) -> Path:
    """Where the partial notebook of a failed run is kept."""
    return out / f"{job.name}.failed.ipynb"


def keep_partial(job: Job, work: Path, out: Path) -> str:
    """Keep the notebook of a failed run. Returns its path, blank if there is none."""
    executed = work / job.notebook.name
    if not executed.is_file():
        return ""
    return str(executed.replace(failed(job, out)))
