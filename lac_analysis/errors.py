"""The one error a user causes, bad input: the command line prints it alone, and exits with 2."""

import difflib
import reprlib
from collections.abc import Iterable

_SHORT = reprlib.Repr()  # a few lines of YAML can stand for thousands of millions of values
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, 100, 100
_SHORT.maxlist = _SHORT.maxdict = _SHORT.maxset = _SHORT.maxtuple = 20


class InputError(Exception):
    """Input that cannot be used, said in one message.

    Parameters
    ----------
    problem : what is wrong, as a short clause ("unknown country").
    file, row, column, value : where it is; those that are known. `row` counts as a spreadsheet
        does (header = 1).
    expected : what would have been right.
    """

    def __init__(
        self, problem: str, *, file=None, row=None, column=None, value=None, expected=None
    ):
        self.problem, self.file, self.row, self.column = problem, file, row, column
        self.value, self.expected = value, expected
        places = [
            str(file) if file is not None else "",
            f"row {row}" if row is not None else "",
            f"column {column}" if column is not None else "",
        ]
        where = ", ".join(place for place in places if place)
        text = f"{where}: {problem}" if where else problem
        if value is not None:
            shown = repr(value[:100]) if isinstance(value, str) else _SHORT.repr(value)
            text += f": {shown if len(shown) <= 80 else shown[:77] + '...'}"
        if expected is not None:
            text += f". Expected: {expected}"
        super().__init__(
            "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)
        )

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback (IPython asks an exception for it)."""
        return [f"InputError: {self}"]


def nearest(name: str, names: Iterable[str]) -> str:
    """The two names most like this one, or all of them where none is: what to suggest."""
    return " or ".join(difflib.get_close_matches(name, names, n=2)) or ", ".join(names)


def _escaped(letter: str) -> str:
    """A line end or a control character, of a file's name or a header, as Python writes it."""
    return letter.encode("unicode_escape").decode("ascii")
