"""The typed parameters cell of a notebook, and the check of values before a kernel starts.

The cell carries papermill's tag `parameters` and has one typed line each, such as

    collection: str = "protocol"  # which records; one of country_queries | protocol | all
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from lac_analysis import config
from lac_analysis.batch import suite
from lac_analysis.errors import InputError, checked, nearest, texts

_CHOICES = "one of "
_LINE = re.compile(r"(\w+): (.+?) = (.+?)(?:  # (.*))?")
_TYPES = {"int": (int,), "float": (int, float), "bool": (bool,), "str": (str,)}
_KINDS = (*_TYPES, *(f"list[{kind}]" for kind in _TYPES))
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
_LONGEST = 100_000  # letters of a default
_FOLDERS = ("runs", "output")  # which change nothing that is computed
_FOLLOWS = (
    "Whatever is computed follows them. The words between the cells, and numbers in them, are "
    "those of the cell."
)
_YEARS = ("window_start", "window_end", "later_start", "later_end")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter."""

    name: str
    type: str  # as written: int, float, bool, str, or a list of one of them, such as list[str]
    default: object  # a literal
    help: str  # the comment of its line
    choices: tuple[str, ...] = ()  # what the comment lists after "one of"; empty: anything goes


def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook, in their order.

    Raises InputError: not a notebook, no cell or several cells tagged `parameters`, or a line that
    is not a literal of one of the types that a `Parameter` can have.
    """
    sources = [
        "".join(cell["source"])
        for cell in suite.read(notebook)["cells"]
        if "parameters" in (cell.get("metadata", {}).get("tags") or [])
    ]
    if len(sources) != 1:
        problem = f"{len(sources)} cells are tagged parameters"
        raise InputError(problem, file=notebook, expected="exactly one")
    return _declared(sources[0], notebook)


@cache
def _declared(source: str, notebook: Path | None = None) -> dict[str, Parameter]:
    """The parameters of a cell, whose lines are typed literals with a comment each."""
    found = {}
    for row, line in enumerate(source.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        typed = _LINE.fullmatch(line.rstrip())
        if typed is None:
            raise InputError("a line of the parameters cell", file=notebook, row=row,
                             expected="name: type = value  # help")  # fmt: skip
        name, kind, value, text = typed.groups(default="")
        if kind not in _KINDS:
            raise InputError("a type in the parameters cell", file=notebook, row=row,
                             value=kind, expected=f"one of {', '.join(_KINDS)}")  # fmt: skip
        try:
            default = ast.literal_eval(value[:_LONGEST])
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            raise InputError("a default in the parameters cell", file=notebook, row=row,
                             expected="a literal value") from None  # fmt: skip
        listed = text.rpartition(_CHOICES)[2].split("|") if _CHOICES in text else []
        found[name] = Parameter(name, kind, default, text, tuple(map(str.strip, listed)))
    return found


@checked
def check_parameters(variables: dict) -> None:
    """Refuse a notebook's parameters that are not of their declared type, not among the choices
    that their comments list, or out of range. Say which differ from the cell, as the words between
    the cells are written for its values.

    The line after the parameters cell: `lac.check_parameters(globals())`. `lac run` checks before
    a kernel starts; plain papermill and a hand in JupyterLab do not.

    Parameters
    ----------
    variables : globals() of the notebook. IPython keeps in `In` the cells that were run, of which
        the first with nothing but typed lines is the parameters cell; outside of IPython there is
        none, and nothing is checked.

    Raises
    ------
    InputError : the first value that does not fit.

    Examples
    --------
    >>> from lac_analysis import check_parameters
    >>> check_parameters(globals())
    """
    cells = variables.get("In")
    cells = [*map(str, cells), ""] if isinstance(cells, list) else []
    for source, after in pairwise(cells):
        try:
            cell = _declared(source)
        except InputError:
            continue
        if cell:
            if after.startswith("# Parameters"):  # of papermill, which passes unknown ones, too
                _refuse_unknown(re.findall(r"(?m)^(\w+) = ", after), cell)
            values = {name: variables.get(name) for name in cell}
            for name, parameter in cell.items():
                if not accepts(parameter, values[name]):
                    raise _unfit(parameter, values[name])
            _check_ranges(values)
            return _tell_changed(cell, values)


def _tell_changed(cell: dict[str, Parameter], values: dict) -> None:
    """Say which values are not those of the parameters cell; of a table, only that it is another,
    as its path is the machine's.
    """
    told = ", ".join(
        "engagements from a table of your own" if name == "engagements" else f"{name} = {value!r}"
        for name, value in values.items()
        if value != cell[name].default and name not in _FOLDERS
    )
    if told:
        print(f"Run with other values than the cell above: {told}.", _FOLLOWS)


def check(values: dict, parameters: dict[str, Parameter], notebook: str = "") -> dict:
    """The values as their declared types, in the order of the cell.

    A text, from the command line or a sweep, is read as the declared type says and no other way:
    010 is 10, 33:25 is no year. A list may be written `BRA,ARG` or `[BRA, ARG]`.

    Raises InputError: an unknown name (with the nearest), a wrong type, a value outside its
    choices, no country of the region, or a window the wrong way round.
    """
    _refuse_unknown(values, parameters, notebook)
    checked = {
        name: _typed(values[name], parameter, notebook)
        for name, parameter in parameters.items()
        if name in values
    }
    for name, value in checked.items():
        if "str" in parameters[name].type:
            texts(value, f"parameter {name}")  # no half of a pair, which no notebook can hold
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    _check_ranges(defaults | checked, notebook)
    return checked


def _refuse_unknown(names: Iterable[str], known: dict, notebook: str = "") -> None:
    if unknown := [name for name in names if name not in known]:
        expected = f"did you mean {nearest(unknown[0], known)}?"
        raise InputError("unknown parameter", file=notebook, value=unknown[0], expected=expected)


def accepts(parameter: Parameter, value: object) -> bool:
    """Whether a value is of the declared type, and among the choices if there are any.

    An int is a float, too; a bool is no int.
    """
    kind, choices = parameter.type, parameter.choices
    items, kind = (value, kind[5:-1]) if kind.startswith("list") else ([value], kind)
    return isinstance(items, list) and all(
        type(item) in _TYPES[kind] and (not choices or str(item) in choices) for item in items
    )


def _typed(value: object, parameter: Parameter, notebook: str) -> object:
    """The value as its declared type; an item of a list may be a text, too."""
    kind = parameter.type
    read = _from_text(value, kind) if isinstance(value, str) else value
    if isinstance(read, (list, tuple)) and kind.startswith("list"):
        read = [_from_text(v, kind[5:-1]) if isinstance(v, str) else v for v in read]
    if not accepts(parameter, read):
        raise _unfit(parameter, value, notebook)
    return float(read) if kind == "float" else read


def _unfit(parameter: Parameter, value: object, notebook: str = "") -> InputError:
    choices = parameter.choices
    expected = f"one of {', '.join(choices)}" if choices else parameter.type
    return InputError(f"parameter {parameter.name}", file=notebook, value=value, expected=expected)


def _from_text(text: str, kind: str) -> object:
    """The value that a text is of a declared type; the text itself where it is none of it."""
    word = text.strip()
    if kind == "int" and _INT.fullmatch(word):
        return int(word)
    if kind == "float" and _FLOAT.fullmatch(word):
        return float(word)
    if kind == "bool" and word.lower() in ("true", "false"):
        return word.lower() == "true"
    if kind.startswith("list"):
        inside = word[1:-1] if word[:1] == "[" and word[-1:] == "]" else word
        items = [item.strip().strip("'\"") for item in inside.split(",")]
        return items if items != [""] else []
    return text


def _check_ranges(values: dict, notebook: str = "") -> None:
    """Refuse the countries and years that Selection would refuse, before a kernel starts."""

    def refuse(what: str, value: object, expected: str) -> None:
        raise InputError(what, file=notebook, value=value, expected=expected)

    dropped = values.get("drop_countries")
    for code in dropped if isinstance(dropped, list) else ():
        if code not in config.CELAC:
            refuse("parameter drop_countries", code, "ISO3 codes of CELAC members, such as ARG")
    numbers = {name: value for name, value in values.items() if isinstance(value, int)}
    first, last = config.FIRST_YEAR, config.LAST_YEAR
    for name in _YEARS:
        if not first <= numbers.get(name, first) <= last:
            refuse(f"parameter {name}", numbers[name], f"a year from {first} to {last}")
    for name, (least, most) in config.NUMBERS.items():
        if not least <= (number := numbers.get(name, least)) <= most:
            expected = f"{least} or more" if number < least else f"{most} or less"
            refuse(f"parameter {name}", number, expected)
    for start, end in (_YEARS[:2], _YEARS[2:]):
        years = numbers.get(start, first), numbers.get(end, last)
        if years[0] > years[1]:
            refuse("window the wrong way round", "{} to {}".format(*years), f"{start} <= {end}")
