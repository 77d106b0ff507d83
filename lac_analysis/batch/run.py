"""Run jobs: what is up to date stays as it is, and one failure does not stop the others."""

import errno
import functools
import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from lac_analysis import files, keeper, outputs
from lac_analysis.batch import cache, jobs, kernel, parameters, progress
from lac_analysis.batch.execute import Result, execute
from lac_analysis.batch.jobs import Job
from lac_analysis.errors import InputError, texts

NEEDS = "needs"  # folder, in that of a run, with what it reads of the runs of others
_VERSIONS = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill")


def run_all(
    asked: list[Job], out: Path, *, workers: int = 1, force: bool = False,
    timeout: float | None = None, inputs: Iterable[Path] = (),
) -> int:  # fmt: skip
    """Run every job that is not up to date, and the runs it needs, each into `out/<its name>`.

    workers : notebooks at a time.
    force : run even what is up to date.
    timeout : limit of each notebook, in seconds.
    inputs : files that are read besides notebooks and tables, and so are not to be replaced.

    Returns 0; 1 if a notebook failed; 2 if all that failed did so over bad input. The failures are
    printed at the end.

    Raises InputError: a table of one's own cannot be used, `out` cannot be written, or something
    that is not ours stands in the way; KeyboardInterrupt after kernels are ended.
    """
    runs = _Runs(asked, out, force)
    for notebook in {job.notebook: "" for job in asked}:
        for other in jobs.unplanned(notebook):
            progress.say(f"{notebook.name} is saved with {other}: a run is named for what differs")
    with outputs.alone(out):
        if force or any(not cache.read(out / job.name) for job in runs.jobs):
            kernel.start()  # something will run: libraries are imported while we see what
        stale = runs.stale(runs.jobs)
        if not stale:
            total = len(runs.jobs)
            progress.say(f"nothing to do: {total} of {total} runs in {out} are up to date")
            return 0
        runs.refuse_what_stands_in_the_way([job for job, *_ in stale], inputs)
        with outputs.unfinished(out) as work:
            runs.run(work, workers, timeout)
    progress.failures(runs.failed)
    if runs.failed and all(result.error == "InputError" for _, result, _ in runs.failed):
        return 2
    return 1 if runs.failed else 0


def pending(asked: list[Job], out: Path) -> set[str]:
    """The names of the jobs, and of the runs that they need, that are not up to date in `out`."""
    runs = _Runs(asked, out, False)
    return {job.name for job, *_ in runs.stale(runs.jobs)}


class _Runs:
    """The jobs that were asked for, and those that they need, on their way to an output folder."""

    def __init__(self, asked: list[Job], out: Path, force: bool):
        asked = jobs.distinct(asked)
        self._needs = {job.name: found for job in asked if (found := jobs.needed(job))}
        needed = [job for found in self._needs.values() for job in found]
        self.jobs = jobs.distinct([*asked, *needed])
        self.failed: list[tuple[Job, Result, str]] = []  # and the partial notebook's path, or ''
        self._out = out
        self._forced = {job.name for job in asked} if force else set()

    def stale(self, among: list[Job]) -> list[tuple[Job, str, dict]]:
        """The jobs that are not up to date, each with its key and the hashes of its inputs."""
        found, inputs = [], functools.cache(cache.inputs)  # the same for many runs of a sweep
        for job in among:
            key, hashes = self._key(job, inputs)
            if job.name in self._forced or not cache.up_to_date(self._out / job.name, key):
                found.append((job, key, hashes))
        return found

    def refuse_what_stands_in_the_way(self, stale: list[Job], inputs: Iterable[Path]) -> None:
        """Raise InputError, before a kernel starts, for what is not ours or is read, and a table of
        no use.
        """
        tables = {job.values.get("engagements") for job in self.jobs} - {None}
        read = [*inputs, *(job.notebook for job in self.jobs), *map(Path, sorted(tables))]
        for path in (self._out, *read):
            texts(str(path), "a path that no notebook can hold")  # papermill writes it there
        for job in stale:
            places = {self._out / job.name: "key", _failed(job, self._out): None}
            for folder, kind in places.items():
                cache.refuse_foreign(folder, kind)
                for path in read:
                    if folder.resolve() in path.resolve().parents:
                        problem = "the run would replace what is read"
                        raise InputError(problem, file=path, expected="a copy of it")
        for path in sorted({job.values.get("engagements") for job in stale} & tables):
            from lac_analysis.sources import own  # pandas: only where there is something to run

            own.read(path)

    def run(self, work: Path, workers: int, timeout: float | None) -> None:
        """Run what is stale, each in a new folder below `work`; those that need others last."""
        stop, pool, bar = threading.Event(), ThreadPoolExecutor(workers), progress.bar()
        bar.add_task("", total=len(self.jobs))

        def begin(job: Job) -> Future:
            failed = {job.name for job, *_ in self.failed}
            lost = failed & {other.name for other in self._needs.get(job.name, ())}
            if lost:  # what an older run of it left is not to be read instead
                said = f"it reads {min(lost)}, which failed"
                return pool.submit(Result, error="MissingInput", message=said)
            given = (work / job.name, job, self._read(job), kernel.start(), stop, timeout)
            return pool.submit(_run_in, *given)

        try:
            with bar:
                for late in (False, True):
                    stage = [job for job in self.jobs if late == (job.name in self._needs)]
                    stale = self.stale(stage)
                    bar.advance(0, len(stage) - len(stale))
                    running = {begin(job): (job, *why) for job, *why in self._longest_first(stale)}
                    for future in as_completed(running):
                        job, key, hashes = running[future]
                        result = self._finish(future, job, work / job.name, key, hashes)
                        word = f"{'failed' if result.error else 'done':<7} {job.name}"
                        bar.console.print(f"{word} ({result.seconds:.1f} s)", soft_wrap=True)
                        bar.advance(0)
        except KeyboardInterrupt:
            done = int(bar.tasks[0].completed) - len(self.failed)
            said = f"{done} of {len(self.jobs)} runs in {self._out} are done"
            progress.say(f"{said}; the same command takes up the rest")
            raise
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)

    def _longest_first(self, stale: list[tuple]) -> list[tuple]:
        """By how long each took the last time, so that none is left to the end."""
        took = {job.name: cache.read(self._out / job.name).get("seconds") for job, *_ in stale}
        known = {name: n for name, n in took.items() if isinstance(n, int | float)}
        return sorted(stale, key=lambda one: known.get(one[0].name, 0), reverse=True)

    def _finish(self, future: Future, job: Job, work: Path, key: str, hashes: dict) -> Result:
        """Put a finished run in its place; or note the failure, and keep the notebook."""
        result, partial, kept = Result(), "", _failed(job, self._out)
        try:
            result = future.result()
            if not result.error and self._key(job)[0] != key:
                changed = "its notebook, code or data were changed while it ran"
                result = replace(result, error="InputError", message=changed)
            if not result.error:
                manifest = _manifest(job, work, key, hashes, result)
                cache.put_in_place(work, self._out / job.name, manifest)
                if "failed" in cache.read(kept):  # else a run of another value, or an export
                    cache.remove(kept)
        except Exception as error:  # whatever ends one run, the others go on
            full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
            said = "the disk is full: nothing of this run was kept" if full else str(error)
            result = replace(result, error=type(error).__name__, message=said or "the run was lost")
        if result.error:
            with suppress(Exception):  # a full disk may keep nothing
                partial = self._keep(job, work, result.message)
            self.failed.append((job, result, partial))
        keeper.remove(str(work))
        return result

    def _keep(self, job: Job, work: Path, why: str) -> str:
        """Keep the notebook of a failed run, and nothing beside it; '' where there is none."""
        if not (work / job.notebook.name).is_file():
            return ""
        kept = _failed(job, self._out)
        alone = work.with_name(kept.name)
        alone.mkdir()
        (work / job.notebook.name).rename(alone / job.notebook.name)
        cache.put_in_place(alone, kept, {"failed": why})
        return str(kept / job.notebook.name)

    def _key(self, job: Job, inputs: Callable = cache.inputs) -> tuple[str, dict[str, str]]:
        """The key of a job, and the hashes of its inputs, what it reads of other runs included."""
        hashes = {**inputs(job.notebook, job.values.get("engagements", ""))}
        for name, content in self._read(job).items():
            hashes[f"{NEEDS}/{name}"] = hashlib.sha256(content).hexdigest()
        return cache.key(job.notebook.stem, job.values, hashes), hashes

    def _read(self, job: Job) -> dict[str, bytes]:
        """What a job reads of other runs: their findings and tables of specifications."""
        return {
            f"{other.notebook.stem}/{path.name}": path.read_bytes()
            for other in self._needs.get(job.name, ())
            for pattern in (files.FINDING, "specifications*.csv")
            for path in sorted((self._out / other.name).glob(pattern))
        }


def _run_in(
    work: Path, job: Job, read: dict[str, bytes], sockets: str, stop: threading.Event,
    timeout: float | None,
) -> Result:  # fmt: skip
    """Run a job in a new folder `work`, which then holds the executed notebook and all outputs.

    read : what it reads of other runs, name -> content; it lies there while the notebook runs.
    sockets, stop, timeout : as `folder`, `stop` and `timeout` in `execute`.
    """
    work.mkdir()
    if read:
        files.write_all(work / NEEDS, read)
    ours = {"output": "."} | ({"runs": NEEDS} if read else {})
    declared = parameters.declared(job.notebook)
    values = job.given | {name: value for name, value in ours.items() if name in declared}
    result = execute(job.notebook, work / job.notebook.name, values, sockets, stop, timeout)
    if read:
        shutil.rmtree(work / NEEDS, ignore_errors=True)
    pictures = texts(cache.finding(work).get("pictures", []), f"pictures of its {files.FINDING}")
    wanted = [files.FINDING, *(f"{name}{end}" for name in pictures for end in files.PARTS)]
    missing = [name for name in wanted if not (work / name).is_file()]
    if result.error:
        return result
    if missing:
        message = f"it ended without {', '.join(missing)}"
        return replace(result, error="MissingOutput", message=message)
    if not isinstance(files.read_json(work / files.FINDING), dict):
        return replace(result, error="InputError", message=f"its {files.FINDING} is no finding")
    return result


def _manifest(job: Job, work: Path, key: str, hashes: dict, result: Result) -> dict:
    finding = cache.finding(work)
    return {
        "key": key,
        "notebook": job.notebook.name,
        "parameters": job.values,
        "input_hash": finding.get("input_hash", ""),
        "code_hash": finding.get("code_hash", ""),
        "versions": {name: version(name) for name in _VERSIONS},
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(result.started)),
        "seconds": round(result.seconds, 1),
        "inputs": hashes,
    }


def _failed(job: Job, out: Path) -> Path:
    """The folder in which the partial notebook of a failed run is kept."""
    return out / f"{job.name}.failed"
