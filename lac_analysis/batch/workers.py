"""Where jobs run: in threads of this process, with kernels forked from one preloaded process, or on
a dask cluster.
"""

import importlib
import logging
import sys
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lac_analysis import config
from lac_analysis.batch import cache, code, run
from lac_analysis.batch.forks import CAN_FORK, Preloaded
from lac_analysis.batch.jobs import Job
from lac_analysis.batch.limits import Limits
from lac_analysis.batch.turns import Turns
from lac_analysis.errors import InputError

PATIENCE = 10  # seconds for a dask scheduler to answer


class Local:
    """`workers` kernels that compute, each beside papermill in a thread; one more starts or ends
    meanwhile.

    preloaded : where they are forked from; the caller closes it.
    """

    def __init__(self, workers: int, jobs: list[Job], limits: Limits, preloaded: Preloaded):
        self._preloaded = preloaded if CAN_FORK else None
        self._limits = limits
        self._stop = threading.Event()
        self._turns = Turns(workers)
        self._pool = ThreadPoolExecutor(workers + 1)
        if self._preloaded:
            self._preloaded.load(_modules(jobs))
        with _not_installed(
            "rfc3987_syntax"
        ):  # half of papermill's import, for a format that no notebook has
            importlib.import_module(
                "lac_analysis.batch.engine"
            )  # while the other process imports the libraries

    def __enter__(self) -> "Local":
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is not None:
            self._stop.set()
            if self._preloaded:
                # with its kernels; it may be importing still, and threads wait for it
                self._preloaded.close()
        self._pool.shutdown(cancel_futures=True)

    def submit(self, job: Job, work: Path, key: str) -> Future:
        """Start a job in a new folder `work`; the future's result is a run.Result."""
        return self._pool.submit(
            run.execute, job, work, preloaded=self._preloaded, limits=self._limits, stop=self._stop,
            turn=self._turns.ask(),
        )  # fmt: skip


class Cluster:
    """A running dask.distributed cluster. Its workers need this project at the same state, and
    one's own data at the
    same path; a worker that differs refuses."""

    def __init__(self, address: str, jobs: list[Job], limits: Limits):
        try:
            from distributed import Client
        except ImportError:
            raise InputError(
                "option --dask", expected="the package distributed: pip install distributed"
            ) from None
        try:
            self._client = Client(address, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise InputError(
                "no dask scheduler answers", value=address, expected=str(error)
            ) from None
        logging.getLogger("distributed.client").setLevel(
            logging.CRITICAL
        )  # a lost scheduler is told by its runs
        self._limits = limits
        self._modules = _modules(jobs)
        reached = [code.reach(notebook) for notebook in {job.notebook for job in jobs}]
        files = {path for found in reached for path in found.files if path.suffix == ".py"}
        self._code = tuple(cache.sha256(path) for path in sorted(files))

    def __enter__(self) -> "Cluster":
        self._pool = self._client.get_executor(pure=False, retries=2)
        return self

    def __exit__(self, *_) -> None:
        self._pool.shutdown(wait=False)
        self._client.close()

    def submit(self, job: Job, work: Path, key: str) -> Future:
        """Start a job on a worker; when the future is done, its files are in `work`."""
        there = self._pool.submit(
            _remote, _relative(job), key, self._limits, self._modules, self._code
        )
        here: Future = Future()
        here.set_running_or_notify_cancel()
        there.add_done_callback(lambda done: _settle(here, done, work))
        return here


def _settle(here: Future, there: Future, work: Path) -> None:
    try:
        result, files = there.result()
        for name, content in files.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        here.set_result(result)
    except CancelledError:
        here.set_exception(
            ConnectionError("the dask scheduler is gone; the same command takes up the rest")
        )
    except BaseException as error:
        here.set_exception(error)


def _relative(job: Job) -> Job:
    """The job with its notebook's path as seen from the project's folder, which may lie elsewhere
    on the worker.
    """
    path = job.notebook.resolve()
    return Job(
        path.relative_to(config.ROOT) if path.is_relative_to(config.ROOT) else path, job.values
    )


@contextmanager
def _not_installed(module: str):
    """Let an import of `module` fail, as where an optional package is missing."""
    loaded = module in sys.modules
    if not loaded:
        sys.modules[module] = None
    try:
        yield
    finally:
        if not loaded:
            del sys.modules[module]


def _modules(jobs: list[Job]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                name
                for notebook in {job.notebook for job in jobs}
                for name in code.reach(notebook).modules
            }
        )
    )


def _remote(
    job: Job, key: str, limits: Limits, modules: tuple[str, ...], code_hashes: tuple[str, ...]
) -> tuple[run.Result, dict[str, bytes]]:
    """Run a job on a worker of the cluster. Returns how it ended, and every file it left."""
    job = Job(config.ROOT / job.notebook, job.values)
    with TemporaryDirectory(prefix="lac-") as folder:
        if cache.key(job, cache.inputs(job)) != key:
            message = (
                "code, data, environment or Python of this dask worker are not those of the run"
            )
            return run.Result(0, "InputError", message), {}
        preloaded = _kept_warm(modules, code_hashes) if CAN_FORK else None
        work = Path(folder) / "work"
        result = run.execute(job, work, preloaded=preloaded, limits=limits)
        written = [path for path in sorted(work.rglob("*")) if path.is_file()]
        return result, {path.relative_to(work).as_posix(): path.read_bytes() for path in written}


@lru_cache(maxsize=1)
def _kept_warm(modules: tuple[str, ...], _code_hashes: tuple[str, ...]) -> Preloaded:
    """One preloaded process a dask worker, started anew when the code has changed."""
    preloaded = Preloaded()
    preloaded.load(modules)
    return preloaded
