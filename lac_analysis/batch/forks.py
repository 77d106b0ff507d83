"""Our end of the preloaded process: start it, have it fork kernels, end it. After CPython's own
forkserver.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

CAN_FORK = hasattr(os, "fork")
_PATIENCE = 0.5  # seconds from a closed socket to the end of the process
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# matplotlib reads its backend when imported, and a kernel sets this one before; debugpy need not
# warn of frozen modules
_IMPORTING = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def environment() -> dict[str, str]:
    """Environment of every kernel: one thread of linear algebra each, since the kernels share the
    cores.
    """
    return dict.fromkeys(_THREADS, "1") | dict(os.environ)


class Preloaded:
    """A process that has imported what a kernel is made of, and the modules it is told, and forks
    kernels on request.

    It ends, and its kernels with it, when closed or when this process dies. Safe to use from
    several threads.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._process = None

    def __enter__(self) -> "Preloaded":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def start(self) -> None:
        """Start the process, which begins to import at once; nothing if it was started before."""
        if self._process:
            return
        self._socket, theirs = socket.socketpair()
        self._channel = self._socket.makefile("rw", encoding="utf-8")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "lac_analysis.batch.preloaded", str(theirs.fileno())],
                env=environment() | _IMPORTING,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def load(self, modules: Iterable[str]) -> None:
        """Have it import modules (dotted names; those that fail are left out) before the first
        kernel; does not wait.

        Raises ChildProcessError if the process is gone.
        """
        self.start()
        self._ask(modules=sorted(modules))

    def fork(self, argv: list[str], cwd: str, env: dict[str, str]) -> "ForkedProcess":
        """Start a kernel with the arguments of ipykernel_launcher. Raises ChildProcessError if the
        process is gone.
        """
        return ForkedProcess(self, self._ask(argv=argv, cwd=cwd, env=env)["pid"])

    def exit_code(self, pid: int) -> int | None:
        """Exit code of a kernel, None while it runs; to be asked no more once there is one."""
        return self._ask(pid=pid)["code"]

    def close(self) -> None:
        """End the process, even in the middle of its imports; nothing if it was not started."""
        if not self._process:
            return
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_PATIENCE)
        except (
            subprocess.TimeoutExpired
        ):  # still importing: there is no kernel yet that it would have to end
            self._process.kill()
            self._process.wait()

    def _ask(self, **request) -> dict:
        with self._lock:
            try:
                self._channel.write(json.dumps(request) + "\n")
                self._channel.flush()
                return json.loads(self._channel.readline())
            except (OSError, ValueError):
                raise ChildProcessError("the preloaded process has ended") from None


class ForkedProcess:
    """A forked kernel, with the part of subprocess.Popen that LocalProvisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, parent: Preloaded, pid: int):
        self._parent, self.pid, self.returncode = parent, pid, None

    def poll(self) -> int | None:
        if self.returncode is None:
            try:
                self.returncode = self._parent.exit_code(self.pid)
            except ChildProcessError:
                self.returncode = (
                    -signal.SIGKILL
                )  # what the parent does to its kernels when it ends
        return self.returncode

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.02)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
