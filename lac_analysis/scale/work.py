"""One function over every chunk of a table: here, on the cores of this machine, or on a dask
cluster.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import active_children, get_context

import pandas as pd

from lac_analysis.errors import InputError


def over(
    function: Callable, chunks: Iterable[pd.DataFrame], *, workers: int = 1, dask: str = ""
) -> Iterator:
    """`function` of each chunk, in the order of the chunks, never more than a few of them in
    memory.

    Parameters
    ----------
    function : takes a frame; importable by name, so that other processes can have it.
    workers : processes on this machine; 1 works in this one.
    dask : address of a dask scheduler; its workers do the work and must have this package.

    Raises
    ------
    InputError : what the function raises; the dask scheduler cannot be reached.
    """
    if dask:
        yield from _on_dask(function, chunks, dask)
    elif workers == 1:
        yield from map(function, chunks)
    else:
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        try:
            yield from _in_order(
                lambda chunk: _undisturbed(pool.submit, function, chunk), chunks, 2 * workers
            )
        except (
            BaseException
        ):  # Ctrl-C, or a chunk that is refused: what the others are at is wanted no more
            for process in active_children():
                process.terminate()
            _let_go(pool)
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _let_go(pool: ProcessPoolExecutor) -> None:
    """End the threads that still write a chunk to workers that are gone, or read a result of which
    half has come: they
    would wait for ever, and everybody for them (CPython issue 107219 repairs the first, later than
    our Pythons)."""
    for close in (
        lambda: pool._call_queue._reader.close(),
        lambda: pool._result_queue._writer.close(),
    ):
        with suppress(AttributeError, OSError):
            close()


def _undisturbed(start: Callable, *arguments):
    """`start(*arguments)`; a process that it starts hears no Ctrl-C, which is for this one to
    handle.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return start(*arguments)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return start(*arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _in_order(submit: Callable, chunks: Iterable[pd.DataFrame], ahead: int) -> Iterator:
    waiting = deque()
    for chunk in chunks:
        waiting.append(submit(chunk))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _on_dask(function: Callable, chunks: Iterable[pd.DataFrame], address: str) -> Iterator:
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "dask is not installed", expected="pip install 'lac-analysis[dask]'"
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        reason = type(error).__name__
        raise InputError(
            f"no dask scheduler answers ({reason})", value=address, expected="host:port"
        ) from None
    with client:
        ahead = 2 * max(len(client.scheduler_info(n_workers=-1)["workers"]), 1)
        yield from _in_order(
            lambda chunk: client.submit(function, chunk, pure=False), chunks, ahead
        )
