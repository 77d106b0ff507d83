"""The one error a user causes, bad input: the command line prints it alone, and exits with 2."""

import difflib
import inspect
import re
import reprlib
from collections.abc import Callable, Iterable
from functools import wraps

_SHORT = reprlib.Repr()  # a few lines of YAML can stand for thousands of millions of values
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, 100, 100
_SHORT.maxlist = _SHORT.maxdict = _SHORT.maxset = _SHORT.maxtuple = 20
# Python writes no number of more than 4,300 digits
_SHORT.repr_int = lambda n, _: str(n) if n.bit_length() < 200 else f"{n.bit_length():,} bits"


class InputError(Exception):
    """Input that cannot be used, said in one message.

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
        named = {"": file, "row ": row, "column ": column}
        where = ", ".join(f"{word}{at}" for word, at in named.items() if at not in (None, ""))
        text = f"{where}: {problem}" if where else problem
        if value is not None:
            shown = repr(value[:100]) if isinstance(value, str) else _SHORT.repr(value)
            text += f": {shown if len(shown) <= 80 else shown[:77] + '...'}"
        if expected is not None:
            text += f". Expected: {expected}"
        # a line end or a control character, of a file's name or a header, as Python writes it
        shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
        super().__init__("".join(shown))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback (IPython asks an exception for it)."""
        return [f"InputError: {self}"]


def nearest(name: str, names: Iterable[str]) -> str:
    """The two names most like this one, or all of them where none is: what to suggest."""
    return " or ".join(difflib.get_close_matches(name, names, n=2)) or ", ".join(names)


def one_of(value: str, allowed: Iterable[str], name: str) -> None:
    """Raise InputError if the value is none of those allowed."""
    if value not in allowed:
        raise InputError(f"unknown {name}", value=value, expected=" or ".join(allowed))


def row_of(error: Exception) -> int | None:
    """The row at which a file cannot be read, where the error of bytes, JSON or YAML tells it."""
    if isinstance(error, UnicodeDecodeError):
        return error.object.count(b"\n", 0, error.start) + 1
    mark = getattr(error, "problem_mark", None)  # of YAML, which counts from 0
    return mark.line + 1 if mark else getattr(error, "lineno", None)


def texts(values: str | Iterable, problem: str = "not a name") -> list[str]:
    """One text or a list of them, as a list. Raises InputError of this problem for others."""
    try:
        listed = [values] if isinstance(values, str) else list(values)
        if all(isinstance(value, str) for value in listed):
            "".join(listed).encode()
            return listed
    except UnicodeEncodeError:
        raise InputError(problem, value=values, expected="letters that UTF-8 can write") from None
    except TypeError:  # an array without a dimension
        pass
    raise InputError(problem, value=values, expected="a text, or a list of texts")


def checked(function: Callable) -> Callable:
    """The function, but an argument that it does not have, or that is not of the type declared for
    it, is an InputError. Types are plain ones, `Iterable` rather than `Iterable[str]`: what a list
    holds is for the function to check.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def call(*args, **kwargs):
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            unknown = sorted(kwargs.keys() - signature.parameters.keys())
            known = [name for name in signature.parameters if name != "self"]
            expected = nearest(unknown[0], known) if unknown else None
            raise InputError(f"{function.__qualname__}: {error}", expected=expected) from None
        for name, value in given.items():
            hint = signature.parameters[name].annotation
            # true and false are whole numbers to Python, and none to a user
            no_number = isinstance(value, bool) and re.search("Integral|Real", str(hint))
            if hint is not inspect.Parameter.empty and (no_number or not isinstance(value, hint)):
                expected = getattr(hint, "__name__", str(hint))
                for kind, words in (("Integral", "a whole number"), ("Real", "a number")):
                    expected = re.sub(rf"(?:numbers\.)?{kind}", words, expected)
                problem = f"parameter {name}" + ": None" * (value is None)
                raise InputError(problem, value=value, expected=expected)
            if isinstance(value, int) and value.bit_length() > 64:
                raise InputError(f"parameter {name}", value=value, expected="a smaller number")
        return function(*args, **kwargs)

    return call
