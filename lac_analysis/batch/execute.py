"""Papermill, with a kernel that is watched and keeps to its limits. The executed notebook is
papermill's own."""

import logging
import os
import signal
import tempfile
import threading
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from lac_analysis.batch import kernel

OUTPUT = 100_000_000  # characters that a notebook may print; JupyterLab opens none of that size
_EVERY = 0.1  # seconds between two looks at a kernel


@dataclass(frozen=True)
class Result:
    """How a run ended; cell, error and message are of a failure."""

    cell: int = 0  # number of the code cell; 0 if none
    error: str = ""  # its class; blank after a success
    message: str = ""
    started: float = 0.0  # UNIX time at which the kernel was there
    seconds: float = 0.0  # from there


class Watch:
    """Watches a kernel from a thread of its own, and kills it beyond its limits. Stands in for the
    files to which papermill copies what is printed, and counts that.
    """

    def __init__(self, timeout: float | None, stop: threading.Event):
        self.reason = ""  # why the kernel was killed; blank while it was not
        self.started = time.time()  # at which it was there
        self._timeout, self._stop, self._over = timeout, stop, threading.Event()
        self._printed = 0

    def begin(self, pid: int) -> None:
        """Watch the process group of this kernel, from now on."""
        self.started = time.time()
        threading.Thread(target=self._look, args=[pid], daemon=True).start()

    def end(self) -> None:
        self._over.set()

    def write(self, text: str) -> None:
        self._printed += len(text)
        if self._printed > OUTPUT:
            self.reason = f"printed more than {OUTPUT:,} characters"
            raise RuntimeError(self.reason)  # papermill listens to the kernel no longer

    def flush(self) -> None:
        pass

    def _look(self, pid: int) -> None:
        while not self._over.wait(_EVERY):
            if self._stop.is_set():
                self.reason = "stopped by the user"
            elif self._timeout and time.time() - self.started > self._timeout:
                self.reason = f"took longer than {self._timeout:g} seconds"
            if self.reason:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                return


def execute(
    notebook: Path, executed: Path, values: dict, folder: str = "",
    stop: threading.Event | None = None, timeout: float | None = None,
) -> Result:  # fmt: skip
    """Run a notebook as papermill does, in the folder of `executed`, and write the copy there.

    values : papermill parameters.
    folder : of kernel.start, for a warm kernel; blank, an ordinary one.
    stop : kills the kernel when set.
    timeout : limit, in seconds.

    Returns how it ended. After a failure of a cell the executed copy shows it; there is none where
    the kernel died.
    """
    import papermill

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what ends a run is told by its end
    warnings.filterwarnings("ignore", "Cell is missing an id")  # of older notebooks, which run
    # papermill would put the values of parameters between braces in a path
    literal = [str(p).replace("{", "{{").replace("}", "}}") for p in (notebook, executed)]
    cell, error, message = 0, "", ""
    watch = Watch(timeout, stop or threading.Event())
    try:
        papermill.execute_notebook(
            *literal,
            parameters=values,
            kernel_name="python3",
            language="python",  # of a notebook that names no kernel
            progress_bar=False,
            request_save_on_cell_execute=False,
            resources={"metadata": {"path": str(executed.parent)}},  # `cwd` moves this process
            stdout_file=watch,
            stderr_file=watch,
            shutdown_kernel="immediate",  # nothing that it still holds is wanted
            kernel_manager_class=_manager(watch, folder),
        )
    except papermill.PapermillExecutionError as raised:
        cell, error, message = raised.exec_count or 0, raised.ename, raised.evalue
    except OSError:
        raise
    except Exception as raised:
        error, message = type(raised).__name__, str(raised)
        # no answer of the process that forks kernels: a limit ended it
        if watch.reason or error in ("DeadKernelError", "EOFError"):
            error, message = "DeadKernelError", watch.reason or "the kernel died"
    finally:
        watch.end()
    return Result(cell, error, message, watch.started, time.time() - watch.started)


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
