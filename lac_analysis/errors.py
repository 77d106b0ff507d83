"""The one error a user causes, bad input, and the check of a notebook's parameters.

The command line prints the error alone and exits with code 2.
"""

import difflib
import inspect
import reprlib
import sys
from collections.abc import Iterable

_SHORT = reprlib.Repr()  # a few lines of YAML can stand for thousands of millions of values
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, 100, 100
_SHORT.maxlist = _SHORT.maxdict = _SHORT.maxset = _SHORT.maxtuple = 20

_TYPES = {"int": int, "float": (int, float), "bool": bool, "str": str, "None": type(None)}


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


def fits(value: object, kind: str) -> bool:
    """Whether a value is of a type as it is written: 'int', 'list[str]', 'int | None'.

    An int is a float, too; a bool is no int.
    """
    for part in map(str.strip, kind.split("|")):
        if part.startswith("list"):
            inner = part[5:-1]
            if isinstance(value, list) and all(not inner or fits(item, inner) for item in value):
                return True
        elif isinstance(value, _TYPES.get(part, ())) and isinstance(value, bool) == (
            part == "bool"
        ):
            return True
    return False


def check_parameters(variables: dict, **choices: Iterable) -> None:
    """Refuse a notebook's parameters that are not of their declared type or not among the choices.

    The first line after the parameters cell: `check_parameters(globals(), undated=UNDATED)`.
    `lac run` checks before a kernel starts; papermill and a hand in JupyterLab do not.

    Parameters
    ----------
    variables : globals() of the notebook, in which the parameters cell has declared types.
    choices : name of a parameter -> the values it may have.

    Raises
    ------
    InputError : the first that does not fit.

    Examples
    --------
    >>> from lac_analysis import check_parameters
    >>> check_parameters(globals(), undated=["include", "exclude"])  # doctest: +SKIP
    """
    declared = inspect.get_annotations(sys.modules[variables["__name__"]])
    for name, annotation in declared.items():
        kind, value = inspect.formatannotation(annotation), variables[name]
        if not fits(value, kind):
            raise InputError(f"parameter {name}", value=value, expected=kind)
    for name, allowed in choices.items():
        if variables[name] not in allowed:
            expected = f"one of {', '.join(map(str, allowed))}"
            raise InputError(f"parameter {name}", value=variables[name], expected=expected)


def _escaped(letter: str) -> str:
    """A line end or a control character, of a file's name or a header, as Python writes it."""
    return letter.encode("unicode_escape").decode("ascii")
