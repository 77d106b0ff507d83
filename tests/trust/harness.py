"""A limit on time, and a look at a folder: for every case of the corpus."""

import signal
from contextlib import contextmanager
from pathlib import Path

SECONDS = 20  # that a refusal may take, on a slow machine


@contextmanager
def within(seconds: float = SECONDS):
    """Fail, rather than hang, where something takes longer."""

    def late(*_):
        raise AssertionError(f"took longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def files(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder, with what it holds; locks are no content."""
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".lock"}
