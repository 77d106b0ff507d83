"""Limits of one run: time, memory, and how much it may print. A kernel beyond them is killed, with
the reason kept.
"""

import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass

from lac_analysis.batch.turns import Turn

# characters that a notebook may print or show; JupyterLab opens no notebook of that size
OUTPUT = 100_000_000
_EVERY = 0.1  # seconds between two looks


@dataclass(frozen=True)
class Limits:
    """Attributes: timeout (seconds a notebook), memory (MB resident, of a kernel and its children);
    None: no limit.
    """

    timeout: float | None = None
    memory: float | None = None


class Watch:
    """Watches one kernel from a thread of its own while the context is open. Its time runs from its
    turn on.

    Attributes: reason (why the kernel was killed; blank while it was not).
    """

    def __init__(self, limits: Limits, stop: threading.Event, turn: Turn):
        self.reason = ""
        self._limits, self._stop, self._turn = limits, stop, turn
        self._pid: int | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._printed = 0

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def kernel(self, pid: int) -> None:
        """Watch the process group of this kernel."""
        self._pid = pid

    def printed(self, characters: int) -> bool:
        """Count what the kernel printed. False beyond the limit: it is about to be killed, and is
        not listened to.
        """
        self._printed += characters
        return self._printed <= OUTPUT

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
        if timeout is not None and self._turn.seconds > timeout:
            return f"took longer than {timeout:g} seconds"
        if self._printed > OUTPUT:
            return f"printed more than {OUTPUT:,} characters"
        if memory is not None and self._pid is not None and _resident(self._pid) > memory:
            return f"used more than {memory:g} MB of memory"
        return ""


def _resident(pid: int) -> float:
    """Resident memory of a process and its children, MB; shared pages count in each."""
    import psutil  # slow to import: only where memory is limited

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family) / 1e6
    except psutil.Error:
        return 0.0
