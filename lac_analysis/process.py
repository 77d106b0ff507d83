"""The process that `lac` runs in: its streams, its signals, and where it imports from."""

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def prepare_streams() -> None:
    """What is closed is /dev/null, or a file opened later would get its number; a letter that the
    terminal's encoding has not is escaped.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(number, True)  # a kernel needs it, too
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def heard_once() -> Iterator[None]:
    """Let what a terminal or a queue of jobs sends end the command as Ctrl-C does, and hear only
    the first of them: what is then tidied up is not to be interrupted again.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGXCPU")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]

    def stop(*_) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {}
    with suppress(ValueError):  # not the main thread, which alone hears signals
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, heard in before.items():
            signal.signal(number, heard)


@contextmanager
def safe_path() -> Iterator[None]:
    """Let no process that is started here import from the folder that the user is in."""
    name = "PYTHONSAFEPATH"
    usual = os.environ.get(name, "")  # blank is as if it were not set
    os.environ[name] = "1"
    try:
        yield
    finally:
        os.environ[name] = usual
