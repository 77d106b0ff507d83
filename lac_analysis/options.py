"""What an option of the command line may be: the `type` of its argument."""

import argparse
from collections.abc import Callable
from pathlib import Path

_MOST = 1_000  # notebooks, or processes, at a time


def named(text: str) -> str:
    """A value that is not blank: a blank one would silently mean the default."""
    if not text.strip():
        raise argparse.ArgumentTypeError("nothing is named")
    return text


def path(text: str) -> Path:
    """A path that is not blank, and that a file may have."""
    if "\0" in text:
        raise argparse.ArgumentTypeError("no name of a file")
    return Path(named(text))


def comma_separated(text: str) -> list[str]:
    """Names between commas, none of them blank."""
    return [named(part).strip() for part in text.split(",")]


def positive(kind: type) -> Callable[[str], float]:
    """A number above zero."""

    def read(text: str):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above zero, or too large")
        if kind is int and value > _MOST:
            raise argparse.ArgumentTypeError(f"more than {_MOST:,}")
        return value

    read.__name__ = kind.__name__
    return read
