"""What a person sees: a progress bar on a terminal, a line a run elsewhere; then the failures, and
what was found."""

import sys
from contextlib import suppress
from pathlib import Path

from lac_analysis.batch import cache
from lac_analysis.batch.execute import Result

_LONGEST = 160  # characters of what went wrong


def bar():
    """A rich progress bar on standard error, which is silent where that is no terminal."""
    from rich import progress
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False)
    columns = progress.BarColumn(), progress.MofNCompleteColumn(), progress.TimeRemainingColumn()
    return progress.Progress(*columns, console=console, disable=not console.is_terminal)


def say(text: str) -> None:
    """One line for the person at the terminal, if there is one."""
    if sys.stderr is not None:
        with suppress(OSError):  # a terminal that is gone, or full, stops no run
            print(text, file=sys.stderr, flush=True)


def failures(failed: list[tuple]) -> None:
    """A line for each failed run: what it was, code cell, what went wrong, and where it is kept."""
    for job, result, partial in failed:
        values = [f"{name}={value}" for name, value in job.values.items()]
        cell = f", cell {result.cell}" if result.cell else ""
        kept = f" (see {partial})" if partial else ""
        say(f"{' '.join([job.notebook.stem, *values])}{cell}: {_one_line(result)}{kept}")


def findings(folders: list[Path]) -> None:
    """Print each run's finding in a sentence, and where the run is; of those that are there."""
    for folder in folders:
        if folder.is_dir():
            said = str(cache.finding(folder).get("sentence") or "done")
            print(f"{folder}: {''.join(c if c.isprintable() else ' ' for c in said)}")


def _one_line(result: Result) -> str:
    """What went wrong, in one line without control characters."""
    letters = (letter if letter.isprintable() else " " for letter in result.message)
    text = " ".join("".join(letters).split()) or "the notebook shows why"
    text = text if result.error == "InputError" else f"{result.error}: {text}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
