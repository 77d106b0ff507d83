"""The process that kernels are forked from: it imports the libraries once, and does nothing else.

Started by `forks.Preloaded` as `python -P -m lac_analysis.batch.preloaded SOCKET`. One JSON line a
request on the
socket, one a reply. When the other end closes, even by SIGKILL, every kernel is ended and its
folder of sockets
removed. It also keeps the folder in which its kernels share results.
"""

import atexit
import gc
import glob
import importlib
import importlib.util
import json
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress

from lac_analysis import config

# what a kernel is made of, and what nearly every notebook imports: before it is known what these do
_FIRST = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger",
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.extensions.storemagic",
    "faulthandler", "psutil", "sqlite3", "tornado.platform.asyncio", "zmq.utils.garbage", "pandas",
)  # fmt: skip
# what a library imports when it is first used; not matplotlib_inline, which hooks into the kernel
# that imports it:
# imported here, it would show no picture in any
_LATE = {
    "pandas": (
        "pyarrow.dataset", "pyarrow.parquet", "pandas.core.arrays.arrow.extension_types", "pandas.io.formats.csvs",
        "pandas.io.formats.html", "pandas.io.formats.string", "pandas.io.formats.style",
    ),
    "matplotlib": ("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "matplotlib.style"),
    "PIL": ("PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PpmImagePlugin"),
}  # fmt: skip


def main(handle: int) -> None:
    """Serve requests: {modules} imports them -> {}, before it does; {argv, cwd, env} forks a kernel
    -> {pid};
    {pid} -> {code}, null while it runs."""
    gc.disable()  # what is imported stays
    _load(_FIRST)
    alive, folder = {}, None
    with (
        suppress(ConnectionError),  # the other end has gone since it asked
        socket.socket(fileno=handle) as connection,
        connection.makefile("rw", encoding="utf-8") as channel,
    ):
        for line in channel:
            request = json.loads(line)
            if "modules" in request:
                reply = {}
            elif "pid" in request:
                reply = {"code": _exit_code(request["pid"], alive)}
            else:
                folder = folder or tempfile.mkdtemp(
                    prefix="lac-"
                )  # not before: who imports still may be killed
                pid = os.fork()
                if pid == 0:
                    os.close(handle)
                    request["env"][config.SHARED] = folder
                    _become_kernel(**request)
                alive[pid] = request["argv"]
                reply = {"pid": pid}
            channel.write(json.dumps(reply) + "\n")
            channel.flush()
            if "modules" in request:
                _preload(request["modules"])
    for pid in alive:
        for kill in (
            os.killpg,
            os.kill,
        ):  # the second, if it is so young that it leads no group yet
            with suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
    for pid, argv in alive.items():
        with suppress(OSError, ValueError):
            os.waitpid(pid, 0)
            _remove_sockets(argv[argv.index("-f") + 1])
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # no need to take the libraries apart


def _preload(modules: list[str]) -> None:
    _load(modules)
    _load([late for name, others in _LATE.items() if name in sys.modules for late in others])
    gc.freeze()  # a collection in a kernel must not copy the pages that all share
    gc.enable()


def _load(modules: Iterable[str]) -> None:
    for name in modules:
        with suppress(Exception):  # the notebook meets the error in its own cell, with a traceback
            importlib.import_module(name)


def _remove_sockets(connection_file: str) -> None:
    """Remove the folder that `engine` made for one kernel; anything else in it stays, and so does
    the folder then.
    """
    for path in glob.glob(glob.escape(connection_file.removesuffix(".json")) + "*"):
        os.unlink(path)
    os.rmdir(os.path.dirname(connection_file))


def _exit_code(pid: int, alive: dict[int, list[str]]) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return None
    del alive[pid]
    return os.waitstatus_to_exitcode(status)


def _become_kernel(argv: list[str], cwd: str, env: dict[str, str]) -> None:
    """What `python -m ipykernel_launcher ARGV` does, in a process that has imported everything.
    Does not return.
    """
    code = 1
    try:
        os.setsid()
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        random.seed()
        if "numpy" in sys.modules:
            sys.modules[
                "numpy"
            ].random.seed()  # or every kernel would draw the same "random" numbers

        from ipykernel.kernelapp import IPKernelApp

        sys.argv = [importlib.util.find_spec("ipykernel_launcher").origin, *argv]
        app = IPKernelApp.instance()
        app.parent_handle = os.getppid()
        app.initialize(argv)
        # one in eight would not end: its close waits for a thread that waits to send over a socket
        # it has closed
        atexit.unregister(app.close)
        app.start()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finally:
        gc.freeze()  # IPython's end collects garbage, of which the process's end is soon rid
        atexit._run_exitfuncs()
        os._exit(code)  # taking a preloaded interpreter apart takes longer than a small notebook


if __name__ == "__main__":
    main(int(sys.argv[1]))
