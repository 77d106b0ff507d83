"""Papermill, with a kernel that is watched and keeps to its limits. The executed notebook is
papermill's own."""

import logging
import os
import signal
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from lac_analysis.batch import kernel, parameters
from lac_analysis.errors import InputError

OUTPUT = 100_000_000  # characters that a notebook may print; JupyterLab opens none of that size
_EVERY = 0.1  # seconds between two looks at a kernel


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


class Watch:
    """Watches one kernel from a thread of its own while the context is open, and kills it beyond
    its limits. Stands in for the files to which papermill copies what is printed, and counts that.

    Attributes
    ----------
    reason : why the kernel was killed; blank while it was not.
    started : UNIX time at which it was there; 0 before.
    """

    def __init__(self, timeout: float | None, memory: float | None, stop: threading.Event):
        self.reason, self.started = "", 0.0
        self._timeout, self._memory, self._stop = timeout, memory, stop
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
        timeout, memory = self._timeout, self._memory
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
    notebook: Path, executed: Path, values: dict, folder: str = "",
    stop: threading.Event | None = None, timeout: float | None = None, memory: float | None = None,
) -> Result:  # fmt: skip
    """Run a notebook as papermill does, in the folder of `executed`, and write the copy there.

    Parameters
    ----------
    values : papermill parameters.
    folder : of kernel.start, for a warm kernel; blank, an ordinary one.
    stop : kills the kernel when set.
    timeout, memory : limits, in seconds and in MB resident of the kernel and its children.

    Returns how it ended; after a failure the executed copy shows it, too.
    """
    _register_engine()
    import papermill

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what ends a run is told by its end

    # papermill would put the values of parameters between braces in a path
    literal = [str(p).replace("{", "{{").replace("}", "}}") for p in (notebook, executed)]
    cell, error, message = 0, "", ""
    resources = {"metadata": {"path": str(executed.parent)}}  # papermill's `cwd` moves this process
    with Watch(timeout, memory, stop or threading.Event()) as watch:
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
                chosen = {"provisioner_name": kernel.PROVISIONER, "config": {}}
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
