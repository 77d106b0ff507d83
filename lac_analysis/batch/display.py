"""What a person sees while the suite runs: a progress bar on a terminal, plain lines elsewhere;
then the failures.
"""

import sys

from lac_analysis.batch.jobs import Job
from lac_analysis.batch.run import Result


class Display:
    """Counts of running, done, cached and failed runs, and the time left."""

    def __init__(self, total: int, cached: int):
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._console = Console(stderr=True, highlight=False, markup=False)
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(
            *columns, console=self._console, disable=not self._console.is_terminal
        )
        self._task = self._progress.add_task("", total=total)
        self._counts = {"running": 0, "done": 0, "cached": cached, "failed": 0}

    @property
    def kept(self) -> int:
        """Runs whose outputs are in place."""
        return self._counts["done"] + self._counts["cached"]

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(self, *_) -> None:
        self._progress.stop()

    def started(self, job: Job) -> None:
        self._count(running=1)

    def ended(self, job: Job, result: Result) -> None:
        word = "failed" if result.error else "done"
        self._line(word, f"{job.name} ({result.seconds:.1f} s)")
        self._count(running=-1, advance=1, **{word: 1})

    def _line(self, word: str, text: str) -> None:
        self._console.print(f"{word:<7} {text}", soft_wrap=True)

    def _count(self, advance: int = 0, **changes: int) -> None:
        for word, change in changes.items():
            self._counts[word] += change
        words = ", ".join(f"{n} {word}" for word, n in self._counts.items() if n)
        self._progress.update(self._task, advance=advance, description=words)


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def failures(rows: list[tuple[Job, Result, str]]) -> None:
    """Print the table of failed runs: claim, parameters, cell, message, and the partial notebook
    (blank: none kept).
    """
    head = ("notebook", "parameters", "cell", "message", "partial notebook")
    table = [head]
    for job, result, partial in rows:
        values = " ".join(f"{name}={value}" for name, value in job.values.items())
        table.append(
            (
                job.notebook.stem,
                values or "–",
                str(result.cell or "–"),
                one_line(result),
                partial or "–",
            )
        )
    widths = [max(len(row[i]) for row in table) for i in range(len(head) - 1)]
    for row in table:
        say(
            "  ".join(
                [*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[-1]]
            ).rstrip()
        )


def one_line(result: Result, longest: int = 160) -> str:
    """What went wrong, in one line without control characters."""
    text = result.message if result.error == "InputError" else f"{result.error}: {result.message}"
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
