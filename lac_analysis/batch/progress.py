"""What a person sees: a progress bar on a terminal, plain lines elsewhere; then the failures, and
what was found."""

import sys
from contextlib import suppress
from pathlib import Path

from lac_analysis.batch import cache
from lac_analysis.batch.execute import Result


class Progress:
    """Counts of running, done, cached and failed runs, and the time left."""

    def __init__(self, total: int):
        from rich import progress
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False, markup=False)
        self._bar = progress.Progress(
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.description}"),
            progress.TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total)
        self._counts = {"running": 0, "done": 0, "cached": 0, "failed": 0}

    @property
    def kept(self) -> int:
        """Runs whose outputs are in place."""
        return self._counts["done"] + self._counts["cached"]

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(self, *_) -> None:
        self._bar.stop()

    def cached(self, number: int) -> None:
        self._count(number, cached=number)

    def started(self) -> None:
        self._count(running=1)

    def ended(self, name: str, result: Result) -> None:
        word = "failed" if result.error else "done"
        self._console.print(f"{word:<7} {name} ({result.seconds:.1f} s)", soft_wrap=True)
        self._count(1, **{"running": -1, word: 1})

    def _count(self, advance: int = 0, **changes: int) -> None:
        for word, change in changes.items():
            self._counts[word] += change
        words = ", ".join(f"{n} {word}" for word, n in self._counts.items() if n)
        self._bar.update(self._task, advance=advance, description=words)


def say(text: str) -> None:
    """One line for the person at the terminal, if there is one."""
    if sys.stderr is not None:
        with suppress(OSError):  # a terminal that is gone, or full, stops no run
            print(text, file=sys.stderr, flush=True)


def failures(failed: list[tuple]) -> None:
    """The table of failed runs: of each its job, its result, and where the partial notebook is."""
    table = [("notebook", "parameters", "cell", "message", "partial notebook")]
    for job, result, partial in failed:
        values = " ".join(f"{name}={value}" for name, value in job.values.items())
        cell = str(result.cell or "–")
        table.append((job.notebook.stem, values or "–", cell, _one_line(result), partial or "–"))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())


def findings(folders: list[Path]) -> None:
    """Print each run's finding in a sentence, and where the run is; of those that are there."""
    for folder in folders:
        if folder.is_dir():
            print(f"{folder}: {cache.finding(folder).get('sentence') or 'done'}")


def _one_line(result: Result, longest: int = 160) -> str:
    """What went wrong, in one line without control characters."""
    text = result.message if result.error == "InputError" else f"{result.error}: {result.message}"
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
