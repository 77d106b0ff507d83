"""Run many jobs: those that are up to date are left alone, one failure does not stop the others."""

import errno
import shutil
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager, suppress
from pathlib import Path

from lac_analysis.batch import cache, display, index, run
from lac_analysis.batch import workers as places
from lac_analysis.batch.forks import CAN_FORK, Preloaded
from lac_analysis.batch.jobs import Job, distinct
from lac_analysis.batch.limits import Limits
from lac_analysis.batch.run import Result
from lac_analysis.errors import InputError

_WORK = ".work"  # unfinished runs; what a killed run left there is removed by the next
_LOCK = ".lock"


def run_all(
    jobs: list[Job], out: Path, *, workers: int = 1, force: bool = False, timeout: float | None = None,
    memory: float | None = None, dask: str = "",
) -> int:  # fmt: skip
    """Run every job that is not up to date, each into `out/<its name>`.

    Parameters
    ----------
    workers : notebooks at a time, on this machine. force : run even what is up to date.
    timeout, memory : limits of each notebook, in seconds and MB. dask : address of a scheduler
        to run on instead.

    Returns 0; 1 if a notebook failed; 2 if all that failed did so over bad input. The failures are
    printed at the end.

    Raises
    ------
    InputError : a table of one's own cannot be used, no scheduler answers, or `out` cannot be
        written.
    KeyboardInterrupt : after kernels are ended, and what is done was said.
    """
    jobs = distinct(jobs)
    with alone(out), Preloaded() as preloaded:
        if not dask and CAN_FORK and (force or any(not cache.read(out / job.name) for job in jobs)):
            preloaded.start()  # something will run: the libraries are imported while we see what
        known, stale = _check(jobs, out, force)
        if not stale:
            display.say(f"nothing to do: {len(jobs)} of {len(jobs)} runs in {out} are up to date")
            return 0
        shutil.rmtree(out / _WORK, ignore_errors=True)

        due = [job for job, _, _ in stale]
        _check_tables(due)
        limits = Limits(timeout, memory)
        shown = display.Display(len(jobs), len(known))
        try:
            chosen = (
                places.Cluster(dask, due, limits)
                if dask
                else places.Local(workers, due, limits, preloaded)
            )
            with chosen as place, shown:
                failed = _run(stale, out, place.submit, shown)
        except KeyboardInterrupt:
            display.say(
                f"{shown.kept} of {len(jobs)} runs in {out} are done; the same command takes up the rest"
            )
            raise
        finally:
            shutil.rmtree(out / _WORK, ignore_errors=True)
        if failed:
            display.failures(failed)
        try:
            index.write(out)
        except OSError as error:
            display.say(f"{out / index.NAME} was not written: {error.strerror}")
            return 1
    if failed and all(result.error == "InputError" for _, result, _ in failed):
        return 2
    return 1 if failed else 0


def pending(jobs: list[Job], out: Path) -> bool:
    """Whether any job is not up to date in `out`."""
    return bool(_check(distinct(jobs), out, False)[1])


@contextmanager
def alone(out: Path):
    """Hold the lock of an output folder; where another run holds it, say so and wait.

    Raises
    ------
    InputError : the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(out / _LOCK)
    try:
        out.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            display.say(f"another run is at work in {out}: waiting for it to end")
            lock.acquire()
    except OSError as error:
        raise InputError(
            f"the output folder cannot be written: {error.strerror}", file=out
        ) from None
    try:
        yield
    finally:
        with suppress(OSError):
            (
                out / _LOCK
            ).unlink()  # while it is held: a run that waits takes no lock on a file that is gone
        lock.release()


def _check(jobs: list[Job], out: Path, force: bool) -> tuple[list[Job], list[tuple]]:
    """Which jobs are up to date, and which are not: these with their key and the hashes of their
    inputs.
    """
    known, stale = [], []
    for job in jobs:
        key, hashes = _key(job)
        if not force and cache.up_to_date(out / job.name, key):
            known.append(job)
        else:
            stale.append((job, key, hashes))
    return known, stale


def _check_tables(jobs: list[Job]) -> None:
    """Refuse a table of one's own before the first kernel starts."""
    for path in {job.values.get("engagements") for job in jobs} - {None}:
        from lac_analysis.sources import own

        own.read(path)


def _key(job: Job) -> tuple[str, dict[str, str]]:
    hashes = cache.inputs(job)
    return cache.key(job, hashes), hashes


def _run(stale: list[tuple], out: Path, submit: Callable, shown: display.Display) -> list[tuple]:
    """Run what `_check` found. Returns the jobs that failed: job, result, partial notebook."""
    running, failed = {}, []
    for job, key, hashes in _longest_first(stale, out):
        running[submit(job, out / _WORK / job.name, key)] = job, key, hashes
        shown.started(job)
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            job, key, hashes = running.pop(future)
            result, partial = _finish(future, job, out, key, hashes)
            if result.error:
                failed.append((job, result, partial))
            shown.ended(job, result)
    return failed


def _finish(
    future: Future, job: Job, out: Path, key: str, hashes: dict[str, str]
) -> tuple[Result, str]:
    """Put a finished run in its place, or keep the notebook of a failed one. Returns the result and
    that path.
    """
    work = out / _WORK / job.name
    result, partial = Result(), ""
    try:
        result = future.result()
        if result.error:
            partial = run.keep_partial(job, work, out)
        else:
            unchanged = _key(job)[0] == key
            run.keep(
                job, work, out, key if unchanged else "inputs changed while it ran", hashes, result
            )
    except (Exception, CancelledError) as error:  # whatever ends one run, the others go on
        if not result.error:
            result = Result(error=type(error).__name__, message=_said(error))
    shutil.rmtree(work, ignore_errors=True)
    return result, partial


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full: nothing of this run was kept"
    return str(error) or "the run was lost"


def _longest_first(stale: list[tuple], out: Path) -> list[tuple]:
    """By the time of the last run; where there was none, those that reach most files first."""

    def length(one: tuple) -> tuple[float, int]:
        job, _, hashes = one
        return cache.read(out / job.name).get("seconds", 0.0), len(hashes)

    return sorted(stale, key=length, reverse=True)
