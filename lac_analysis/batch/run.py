"""Run jobs: what is up to date stays as it is, and one failure does not stop the others."""

import errno
import hashlib
import logging
import shutil
import tempfile
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue

from lac_analysis import config, files
from lac_analysis.batch import cache, jobs, kernel, parameters, progress
from lac_analysis.batch.jobs import Job
from lac_analysis.batch.kernel import Limits, Result, execute
from lac_analysis.errors import InputError

NEEDS = "needs"  # folder, in that of a run, with what it reads of the runs of others
_PATIENCE = 10  # seconds for a dask scheduler to answer
_PICTURE_FILES = (".png", ".svg", ".csv")
_VERSIONS = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill")


def run_all(
    asked: list[Job], out: Path, *, workers: int = 1, force: bool = False,
    timeout: float | None = None, memory: float | None = None, dask: str = "",
) -> int:  # fmt: skip
    """Run every job that is not up to date, and the runs it needs, each into `out/<its name>`.

    Parameters
    ----------
    workers : notebooks at a time, on this machine.
    force : run even what is up to date.
    timeout, memory : limits of each notebook, in seconds and MB.
    dask : address of a scheduler to run on instead.

    Returns 0; 1 if a notebook failed; 2 if all that failed did so over bad input. The failures are
    printed at the end.

    Raises
    ------
    InputError : a table of one's own cannot be used, no scheduler answers, `out` cannot be
        written, or something that is not ours stands in the way.
    KeyboardInterrupt : after kernels are ended, and what is done was said.
    """
    suite = _Suite(asked, out, force)
    for notebook in {job.notebook: "" for job in asked}:
        for other in jobs.unplanned(notebook):
            progress.say(f"{notebook.name} is saved with {other}: a run is named for what differs")
    with files.alone(out):
        if not dask and (force or any(not cache.read(out / job.name) for job in suite.jobs)):
            kernel.start()  # something will run: libraries are imported while we see what
        stale = suite.stale()
        if not stale:
            total = len(suite.jobs)
            progress.say(f"nothing to do: {total} of {total} runs in {out} are up to date")
            return 0
        suite.refuse_what_stands_in_the_way([job for job, *_ in stale])
        limits = Limits(timeout, memory)
        where = Cluster(dask, limits) if dask else Local(workers, limits)
        failed = suite.run(where)
        if failed:
            progress.failures(failed)
        try:
            cache.write_index(out)
        except OSError as error:
            progress.say(f"{out / cache.INDEX} was not written: {error.strerror}")
            return 1
    if failed and all(result.error == "InputError" for _, result, _ in failed):
        return 2
    return 1 if failed else 0


def pending(asked: list[Job], out: Path) -> bool:
    """Whether any job, or a run that it needs, is not up to date in `out`."""
    return bool(_Suite(asked, out, False).stale())


class _Suite:
    """The jobs that were asked for, and those that they need, on their way to an output folder."""

    def __init__(self, asked: list[Job], out: Path, force: bool):
        asked = jobs.distinct(asked)
        self._needs = {job.name: jobs.needed(job) for job in asked}
        others = [job for found in self._needs.values() for job in found]
        self.jobs = jobs.distinct([*asked, *others])
        self._out = out
        self._forced = {job.name for job in asked} if force else set()

    def stale(self, late: bool | None = None) -> list[tuple[Job, str, dict]]:
        """The jobs that are not up to date, each with its key and the hashes of its inputs.

        late : only those that need runs of others, or only those that need none.
        """
        found = []
        for job in self.jobs:
            if late is None or late == bool(self._needs.get(job.name)):
                key, hashes = self._key(job)
                known = cache.up_to_date(self._out / job.name, key)
                if not known or job.name in self._forced:
                    found.append((job, key, hashes))
        return found

    def refuse_what_stands_in_the_way(self, stale: list[Job]) -> None:
        """Raise InputError, before a kernel starts, for what is not ours, and a table of no use."""
        for job in stale:
            cache.refuse_foreign(self._out / job.name)
            cache.refuse_foreign(_failed(job, self._out))
        cache.check_index(self._out)
        for path in {job.values.get("engagements") for job in stale} - {None}:
            from lac_analysis.sources import own  # pandas: only where there is something to run

            own.read(path)

    def run(self, where: "Local | Cluster") -> list[tuple[Job, Result, str]]:
        """Run what is stale, those that need others last. Returns what failed, and the path of its
        partial notebook.
        """
        shown, failed = progress.Progress(len(self.jobs)), []
        try:
            with cache.unfinished(self._out) as work, where, shown:
                for late in (False, True):
                    stale = self.stale(late)
                    of_these = [j for j in self.jobs if late == bool(self._needs.get(j.name))]
                    shown.cached(len(of_these) - len(stale))
                    failed += self._run(stale, {job.name for job, *_ in failed}, work, where, shown)
        except KeyboardInterrupt:
            done = f"{shown.kept} of {len(self.jobs)} runs in {self._out} are done"
            progress.say(f"{done}; the same command takes up the rest")
            raise
        return failed

    def _run(self, stale: list, lost: set[str], work: Path, where, shown) -> list[tuple]:
        running, failed, ended = {}, [], SimpleQueue()
        last = {job.name: cache.read(self._out / job.name).get("seconds", 0) for job, *_ in stale}
        for job, key, hashes in sorted(stale, key=lambda one: last[one[0].name], reverse=True):
            shown.started()
            gone = sorted(lost & {other.name for other in self._needs.get(job.name, ())})
            if gone:
                result = Result(0, "MissingInput", f"it reads {gone[0]}, which failed")
                failed.append((job, result, ""))
                shown.ended(job.name, result)
            else:
                future = where.submit(job, work / job.name, self._read(job), key)
                running[future] = job, key, hashes
                future.add_done_callback(ended.put)  # also where a dask scheduler is lost
        while running:
            future = ended.get()
            job, key, hashes = running.pop(future)
            result, partial = self._finish(future, job, work / job.name, key, hashes)
            if result.error:
                failed.append((job, result, partial))
            shown.ended(job.name, result)
        return failed

    def _finish(self, future: Future, job: Job, work: Path, key: str, hashes: dict) -> tuple:
        """Put a finished run in its place, or keep the notebook of a failed one: result, path."""
        result, partial, kept = Result(), "", _failed(job, self._out)
        try:
            result, sent = future.result()
            for name, content in sent.items():
                files.write_bytes(work / name, content)
            if not result.error and self._key(job)[0] != key:
                changed = "its notebook, code or data were changed while it ran"
                result = replace(result, error="InputError", message=changed)
            manifest = _manifest(job, work, key, hashes, result)
            if not result.error:
                cache.put_in_place(work, self._out / job.name, manifest)
                cache.remove(kept)
            elif (work / job.notebook.name).is_file():
                partial = str(kept / job.notebook.name)
                for path in [path for path in work.iterdir() if path.name != job.notebook.name]:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                cache.put_in_place(work, kept, {"failed": result.message})
        except (Exception, CancelledError) as error:  # whatever ends one run, the others go on
            partial = ""
            if not result.error:
                result = _lost(error)
        shutil.rmtree(work, ignore_errors=True)
        return result, partial

    def _key(self, job: Job) -> tuple[str, dict[str, str]]:
        return _key(job, self._read(job))

    def _read(self, job: Job) -> dict[str, bytes]:
        """What a job reads of other runs: their findings and tables of specifications."""
        return {
            f"{other.notebook.stem}/{path.name}": path.read_bytes()
            for other in self._needs.get(job.name, ())
            for pattern in (files.FINDING, "specifications*.csv")
            for path in sorted((self._out / other.name).glob(pattern))
        }


class Local:
    """`workers` kernels on this machine, beside papermill in a thread each."""

    def __init__(self, workers: int, limits: Limits):
        self._limits, self._sockets = limits, kernel.start()
        self._stop, self._pool = threading.Event(), ThreadPoolExecutor(workers)

    def __enter__(self) -> "Local":
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is not None:
            self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def submit(self, job: Job, work: Path, read: dict[str, bytes], key: str) -> Future:
        """Run a job in a new folder `work`; the future's result is a Result, and no files."""
        return self._pool.submit(
            lambda: (_run_in(work, job, read, self._limits, self._stop, self._sockets), {})
        )


class Cluster:
    """A running dask cluster. Its workers need this project at the same state, and a table of the
    user's at the same path; a worker that differs refuses. Kernels there are ordinary ones.
    """

    def __init__(self, address: str, limits: Limits):
        self._client, self._limits = connect(address), limits

    def __enter__(self) -> "Cluster":
        self._pool = self._client.get_executor(pure=False, retries=2)
        return self

    def __exit__(self, *_) -> None:
        self._pool.shutdown(wait=False)
        self._client.close()

    def submit(self, job: Job, work: Path, read: dict[str, bytes], key: str) -> Future:
        """Run a job on a worker; the future's result is a Result, and the files that it left."""
        path = job.notebook.resolve()
        if path.is_relative_to(config.ROOT):  # which may lie elsewhere on the worker
            path = path.relative_to(config.ROOT)
        return self._pool.submit(_remote, replace(job, notebook=path), read, key, self._limits)


def connect(address: str):
    """A client of a dask scheduler. Raises InputError where none answers."""
    try:
        from distributed import Client

        client = Client(address, timeout=_PATIENCE)
    except ImportError:
        expected = "the package distributed: pip install distributed"
        raise InputError("dask is not installed", expected=expected) from None
    except (OSError, ValueError) as error:
        raise InputError("no dask scheduler answers", value=address, expected=str(error)) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # a loss is told by its runs
    return client


def _remote(job: Job, read: dict[str, bytes], key: str, limits: Limits) -> tuple[Result, dict]:
    job = replace(job, notebook=config.ROOT / job.notebook)
    if _key(job, read)[0] != key:
        message = "code, data, environment or Python of this dask worker are not those of the run"
        return Result(0, "InputError", message), {}
    with tempfile.TemporaryDirectory(prefix="lac-") as folder:
        work = Path(folder) / "work"
        result = _run_in(work, job, read, limits)
        left = [path for path in sorted(work.rglob("*")) if path.is_file()]
        return result, {path.relative_to(work).as_posix(): path.read_bytes() for path in left}


def _run_in(
    work: Path, job: Job, read: dict[str, bytes], limits: Limits,
    stop: threading.Event | None = None, sockets: str = "",
) -> Result:  # fmt: skip
    """Run a job in a new folder `work`, which then holds the executed notebook and all outputs.

    Parameters
    ----------
    read : what it reads of other runs, name -> content; it lies there while the notebook runs.
    stop, sockets : as `stop` and `folder` in kernel.execute.
    """
    work.mkdir(parents=True)
    for name, content in read.items():
        files.write_bytes(work / NEEDS / name, content)
    ours = {"output": "."} | ({"runs": NEEDS} if read else {})
    declared = parameters.declared(job.notebook)
    values = job.given | {name: value for name, value in ours.items() if name in declared}
    executed = work / job.notebook.name
    result = execute(job.notebook, executed, values, limits, stop=stop, folder=sockets)
    shutil.rmtree(work / NEEDS, ignore_errors=True)
    pictures = cache.finding(work).get("pictures", [])
    wanted = [files.FINDING, *(f"{name}{end}" for name in pictures for end in _PICTURE_FILES)]
    missing = [name for name in wanted if not (work / name).is_file()]
    if missing and not result.error:
        message = f"it ended without {', '.join(missing)}"
        return replace(result, error="MissingOutput", message=message)
    return result


def _key(job: Job, read: dict[str, bytes]) -> tuple[str, dict[str, str]]:
    hashes = cache.inputs(job.notebook, job.values.get("engagements", ""))
    for name, content in read.items():
        hashes[f"{NEEDS}/{name}"] = hashlib.sha256(content).hexdigest()
    return cache.key(job.notebook.stem, job.values, hashes), hashes


def _manifest(job: Job, work: Path, key: str, hashes: dict, result: Result) -> dict:
    finding = cache.finding(work)
    return {
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
    }


def _failed(job: Job, out: Path) -> Path:
    """The folder in which the partial notebook of a failed run is kept."""
    return out / f"{job.name}.failed"


def _lost(error: BaseException) -> Result:
    """Of a run that was not ended by its notebook."""
    name, message = type(error).__name__, str(error) or "the run was lost"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = "the disk is full: nothing of this run was kept"
    if isinstance(error, CancelledError):
        name, gone = "ConnectionError", "the dask scheduler is gone"
        message = f"{gone}; the same command takes up the rest"
    return Result(0, name, message)
