"""Papermill, with a kernel that starts warm and keeps to its limits.

multiprocessing's fork server imports the libraries once and forks a kernel for each notebook. The
executed notebook is papermill's own. Imported by that server: so papermill, which takes a second,
is imported only where a notebook is run.
"""

import importlib.util
import logging
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from lac_analysis.batch import parameters
from lac_analysis.errors import InputError

CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
OUTPUT = 100_000_000  # characters that a notebook may print; JupyterLab opens none of that size
_PROVISIONER = "lac-preloaded"  # its entry point in pyproject.toml
_EVERY = 0.1  # seconds between two looks at a kernel
_LONGEST = 50  # characters of a temporary folder: the path of a socket in it may have 100
_KEEPER = """
import os, shutil, sys, tempfile, time
folder = tempfile.mkdtemp(prefix="lac-", dir=sys.argv[1])
print(folder, flush=True)
sys.stdin.read()
for _ in range(50):
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.exists(folder):
        break
    time.sleep(0.1)
"""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Result:
    """How a run ended.

    Attributes
    ----------
    cell : of a failure, number of the code cell; 0 if none.
    error : of a failure, class of the error; blank after a success.
    message : of a failure.
    started : UNIX time at which the kernel was there.
    seconds : how long it took from there.
    """

    cell: int = 0
    error: str = ""
    message: str = ""
    started: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Limits:
    """Limits of one notebook; None is no limit.

    Attributes
    ----------
    timeout : seconds.
    memory : MB resident, of a kernel and its children.
    """

    timeout: float | None = None
    memory: float | None = None


def start() -> str:
    """Let the fork server begin to import; does not wait, and once is enough.

    Every process started from here on has one thread of linear algebra, since the kernels share
    the cores. Returns the folder for sockets, which goes with this process, as do server and
    kernels, even by SIGKILL; blank where kernels are not forked.
    """
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    if not CAN_FORK:
        return ""
    from multiprocessing import forkserver

    forkserver.set_forkserver_preload(["lac_analysis.batch.preload"])
    # the server is to ignore Ctrl-C at the terminal, which is for this process; only the main
    # thread hears signals
    main = threading.current_thread() is threading.main_thread()
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    _, folder = _keeper()
    usual, tempfile.tempdir = tempfile.tempdir, folder  # the server has a socket file, too
    forkserver.ensure_running()
    tempfile.tempdir = usual
    if main:
        signal.signal(signal.SIGINT, heard)
    return folder


@cache
def _keeper() -> tuple[subprocess.Popen, str]:
    """A process that removes a new folder when this one has ended, and the folder."""
    place = tempfile.gettempdir() if len(tempfile.gettempdir()) < _LONGEST else "/tmp"
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _KEEPER, place],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    return keeper, keeper.stdout.readline().strip()


class PreloadedProvisioner(LocalProvisioner):
    """Starts an IPython kernel by a fork of the process that has imported the libraries."""

    async def launch_kernel(self, cmd: list[str], **kwargs):
        argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.cwd = str(kwargs.get("cwd") or os.getcwd())
        context = multiprocessing.get_context("forkserver")
        given = (argv, self.cwd, kwargs["env"])
        process = context.Process(target=_become_kernel, args=given)
        process.start()
        self.process = _Started(process)
        self.pid = self.pgid = process.pid  # the kernel leads a session of its own
        return self.connection_info


class _Started:
    """A forked kernel, with the part of subprocess.Popen that LocalProvisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, process):
        self._process = process
        self.kill, self.terminate = process.kill, process.terminate

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, number)


def _become_kernel(argv: list[str], cwd: str, env: dict[str, str]) -> None:
    """What `python -m ipykernel_launcher ARGV` does, where everything is imported already."""
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    random.seed()
    # the path of `lac` itself, which multiprocessing has copied, is none that a kernel has
    sys.path[:] = getattr(sys.modules.get("lac_analysis.batch.preload"), "PATH", sys.path)
    if "numpy" in sys.modules:  # or every kernel would draw the same "random" numbers
        sys.modules["numpy"].random.seed()
    if "matplotlib" in sys.modules:  # it read the environment when it was imported
        backend = env.get("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        sys.modules["matplotlib"].rcParams["backend"] = backend

    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [importlib.util.find_spec("ipykernel_launcher").origin, *argv]
    IPKernelApp.launch_instance(argv, parent_handle=os.getppid())


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os.killpg(0, signal.SIGKILL)


class Watch:
    """Watches one kernel from a thread of its own while the context is open, and kills it beyond
    its limits. Stands in for the files to which papermill copies what is printed, and counts that.

    Attributes
    ----------
    reason : why the kernel was killed; blank while it was not.
    started : UNIX time at which it was there; 0 before.
    """

    def __init__(self, limits: Limits, stop: threading.Event):
        self.reason, self.started = "", 0.0
        self._limits, self._stop = limits, stop
        self._pid, self._clock, self._printed = None, 0.0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """Since the kernel was there; 0 before."""
        return time.monotonic() - self._clock if self.started else 0.0

    def begin(self, pid: int) -> None:
        """Watch the process group of this kernel, from now on."""
        self._clock, self.started = time.monotonic(), time.time()
        self._pid = pid

    def write(self, text: str) -> None:
        self._printed += len(text)
        if self._printed > OUTPUT:
            self.reason = f"printed more than {OUTPUT:,} characters"
            raise RuntimeError(self.reason)  # papermill listens to the kernel no longer

    def flush(self) -> None:
        pass

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self.reason = self.reason or self._trespass()
            if self.reason and self._pid is not None:
                with suppress(ProcessLookupError):
                    os.killpg(self._pid, signal.SIGKILL)
                return

    def _trespass(self) -> str:
        timeout, memory = self._limits.timeout, self._limits.memory
        if self._stop.is_set():
            return "stopped by the user"
        if timeout is not None and self.seconds > timeout:
            return f"took longer than {timeout:g} seconds"
        if memory is not None and self._pid is not None and _resident(self._pid) > memory:
            return f"used more than {memory:g} MB of memory"
        return ""


def _resident(pid: int) -> float:
    """Resident memory of a process and its children, MB; shared pages count in each."""
    import psutil  # only where memory is limited

    with suppress(psutil.Error):
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return sum(member.memory_info().rss for member in family) / 1e6
    return 0.0


def execute(
    notebook: Path, executed: Path, values: dict, limits: Limits, *,
    folder: str = "", stop: threading.Event | None = None,
) -> Result:  # fmt: skip
    """Run a notebook as papermill does, in the folder of `executed`, and write the copy there.

    Parameters
    ----------
    values : papermill parameters.
    folder : of `start`, for a warm kernel; blank, an ordinary one.
    stop : kills the kernel when set.

    Returns how it ended; after a failure the executed copy shows it, too.
    """
    _register_engine()
    import papermill

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what ends a run is told by its end

    # papermill would put the values of parameters between braces in a path
    literal = [str(p).replace("{", "{{").replace("}", "}}") for p in (notebook, executed)]
    cell, error, message = 0, "", ""
    resources = {"metadata": {"path": str(executed.parent)}}  # papermill's `cwd` moves this process
    with Watch(limits, stop or threading.Event()) as watch:
        try:
            papermill.execute_notebook(
                *literal,
                parameters=values,
                engine_name="lac",
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                resources=resources,
                stdout_file=watch,
                stderr_file=watch,
                shutdown_kernel="immediate",  # nothing that it still holds is wanted
                kernel_manager_class=_manager(watch, folder),
                partial=str(executed),
            )
        except papermill.PapermillExecutionError as raised:
            cell, error, message = raised.exec_count or 0, raised.ename, raised.evalue
        except OSError:
            raise
        except Exception as raised:
            cell, error, message = _cells_begun(executed), type(raised).__name__, str(raised)
            if watch.reason or error == "DeadKernelError":
                error, message = "DeadKernelError", watch.reason or "the kernel died"
    return Result(cell, error, message, watch.started or time.time(), watch.seconds)


def _manager(watch: Watch, folder: str) -> type:
    """A class of kernel managers whose kernels are watched, and forked where there is a folder."""

    class Manager(AsyncKernelManager):
        async def start_kernel(self, **kwargs):
            if folder:
                handle, self.connection_file = tempfile.mkstemp(".json", dir=folder)
                os.close(handle)
                os.unlink(self.connection_file)  # an existing one is read as a kernel's that runs
                self.transport = "ipc"  # a socket file, which is ours alone, rather than a port
                chosen = {"provisioner_name": _PROVISIONER, "config": {}}
                self.kernel_spec.metadata["kernel_provisioner"] = chosen
            await super().start_kernel(**kwargs)
            watch.begin(self.provisioner.pid)

    return Manager


@cache
def _register_engine() -> None:
    """Make papermill's engine known as `lac`, with one change: a notebook whose kernel died is
    written, too.
    """
    from papermill.engines import NBClientEngine, papermill_engines

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, *, partial, **kwargs):
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
            except Exception:
                nb_man.output_path = partial
                raise

    papermill_engines.register("lac", Engine)


def _cells_begun(executed: Path) -> int:
    """Number of the code cell that was running, counted as Jupyter does; 0 if none was."""
    with suppress(InputError):
        cells = parameters.read(executed)["cells"]
        code = [cell["metadata"] for cell in cells if cell["cell_type"] == "code"]
        return sum(bool(data.get("papermill", {}).get("start_time")) for data in code)
    return 0
