"""What an option of the command line may be, and those that several commands have."""

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lac_analysis import outputs

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
    return outputs.followed(Path(named(text)))


def comma_separated(text: str) -> list[str]:
    """Names between commas, none of them blank."""
    parts = [part.strip() for part in named(text).split(",")]
    if not all(parts):
        raise argparse.ArgumentTypeError(f"nothing is named at a comma of {text!r}")
    return parts


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


def add_workers(parser: argparse.ArgumentParser, what: str) -> None:
    """Add -j, the number of such that run at a time."""
    parser.add_argument("-j", type=positive(int), default=os.cpu_count() or 1, metavar="N",
                        help=f"{what} (default: cores)")  # fmt: skip


class _Once(argparse.Action):
    """Keeps an option's value, and refuses a second one: argparse would silently take the last."""

    def __call__(self, parser, namespace, values, option_string=None):
        given = vars(namespace).setdefault("given", [])
        if option_string and self.dest in given:
            raise argparse.ArgumentError(self, "given twice")
        given.append(self.dest)
        setattr(namespace, self.dest, True if self.nargs == 0 else values)


class Parser(argparse.ArgumentParser):
    def __init__(self, **options):
        super().__init__(**options)
        self.register("action", None, _Once)  # what an option does where it does not say
        self.register("action", "store_true", partial(_Once, nargs=0, default=False))

    def print_help(self, file=None):
        """As argparse does, but what cannot be written is an error."""
        print(self.format_help(), end="", file=file)
