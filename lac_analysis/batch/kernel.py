"""Kernels that start warm: multiprocessing's fork server imports the libraries once, and forks a
kernel for each notebook."""

import importlib.util
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from lac_analysis import outputs
from lac_analysis.errors import InputError

CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
PROVISIONER = "lac-preloaded"  # its entry point in pyproject.toml
_FILES = 96  # that a process must be allowed to open; measured, with two notebooks at a time
_LONGEST = 50  # characters of a temporary folder: the path of a socket in it may have 100
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def start() -> str:
    """Let the fork server begin to import; does not wait, and once is enough.

    Every process started from here on has one thread of linear algebra, since the kernels share
    the cores. Returns the folder for sockets, which goes with this process, as do server and
    kernels, even by SIGKILL; blank where kernels are not forked.
    """
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # a notebook's
    if not CAN_FORK:
        return ""
    import resource
    from multiprocessing import forkserver

    if 0 <= (files := resource.getrlimit(resource.RLIMIT_NOFILE)[0]) < _FILES:
        expected = f"{_FILES} or more (ulimit -n)"
        raise InputError("too few open files are allowed", value=files, expected=expected)

    forkserver.set_forkserver_preload(["lac_analysis.batch.preload"])
    # the server is to ignore Ctrl-C at the terminal, which is for this process; only the main
    # thread hears signals
    main = threading.current_thread() is threading.main_thread()
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    _, folder = _sockets()
    os.environ["IPYTHONDIR"] = str(folder)  # no startup file of the user's changes a result
    if not all(map(outputs.is_writable, _matplotlibs())):  # else it makes one that a kill leaves
        os.environ["MPLCONFIGDIR"] = str(folder)
    usual, tempfile.tempdir = tempfile.tempdir, str(folder)  # the server has a socket file, too
    forkserver.ensure_running()
    tempfile.tempdir = usual
    if main:
        signal.signal(signal.SIGINT, heard)
    return str(folder)


def _matplotlibs() -> list[Path]:
    """The folders that matplotlib writes to."""
    kinds = ("config", "cache")
    usual = [os.environ.get(f"XDG_{kind.upper()}_HOME") or f"~/.{kind}" for kind in kinds]
    own = os.environ.get("MPLCONFIGDIR")
    return [Path(os.path.expanduser(each)).absolute() for each in ([own] if own else usual)]


@cache
def _sockets() -> tuple[subprocess.Popen, Path]:
    usual = os.path.realpath(tempfile.gettempdir())
    return outputs.passing_folder(usual if len(usual) < _LONGEST else "/tmp", "lac-")


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
    try:
        os.chdir(cwd)
    except OSError:  # somebody moved the run away: told by the run, which finds no kernel
        os._exit(1)
    os.environ.clear()
    os.environ.update(env)
    # a file of the user's, what IPython stops at if it is no number, and what is of `lac` alone
    for name in ("PYTHONSTARTUP", "SOURCE_DATE_EPOCH", "PYTHONSAFEPATH"):
        os.environ.pop(name, None)
    random.seed()
    import numpy as np

    from lac_analysis.batch.preload import PATH

    sys.path[:] = PATH  # that of `lac` itself, which multiprocessing has copied, is no kernel's
    np.random.seed()  # or every kernel would draw the same "random" numbers

    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [importlib.util.find_spec("ipykernel_launcher").origin, *argv]
    IPKernelApp.launch_instance(argv, parent_handle=os.getppid())


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os.killpg(0, signal.SIGKILL)
