"""A notebook's typed parameters cell: read it, and check values against it before any kernel
starts.

The cell carries papermill's tag `parameters` and has one typed line each, such as

    collection: str = "protocol"  # which records; one of country_queries | protocol | all
"""

import ast
import datetime
import difflib
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path

import yaml

from lac_analysis.batch import notebook as notebooks
from lac_analysis.errors import InputError

_SCALARS = {"int": int, "float": float, "bool": bool, "str": str}
_CHOICES = "one of "


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: name, type as written ('int', 'list[str]'), default, help text, and
    choices if any.
    """

    name: str
    type: str
    default: object
    help: str
    choices: tuple[str, ...] = ()


def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook, in their order.

    Raises
    ------
    InputError : not a notebook, no cell or several cells tagged `parameters`, or a line that is
        not a typed literal.
    """
    cells = notebooks.read(notebook)["cells"]
    sources = [
        "".join(c["source"])
        for c in cells
        if "parameters" in (c.get("metadata", {}).get("tags") or [])
    ]
    if len(sources) != 1:
        raise InputError(
            f"{len(sources)} cells are tagged parameters", file=notebook, expected="exactly one"
        )
    try:
        tree = ast.parse(sources[0])
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ) as error:  # the last three: NUL, and nesting too deep
        line = getattr(error, "lineno", None)
        raise InputError("the parameters cell is not Python", file=notebook, row=line) from None
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(sources[0]).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    for line in tree.body:
        if (
            not isinstance(line, ast.AnnAssign)
            or not isinstance(line.target, ast.Name)
            or line.value is None
        ):
            raise InputError(
                "a line of the parameters cell",
                file=notebook,
                row=line.lineno,
                expected="name: type = value  # help",
            )
        try:
            default = ast.literal_eval(line.value)
        except (ValueError, TypeError, RecursionError, MemoryError):
            raise InputError(
                "a default in the parameters cell",
                file=notebook,
                row=line.lineno,
                expected="a literal value",
            ) from None
        text = comments.get(line.end_lineno, "")
        choices = (
            tuple(part.strip() for part in text.rpartition(_CHOICES)[2].split("|"))
            if _CHOICES in text
            else ()
        )
        name = line.target.id
        found[name] = Parameter(name, ast.unparse(line.annotation), default, text, choices)
    return found


def check(values: dict, parameters: dict[str, Parameter], notebook: Path | str = "") -> dict:
    """The values as their declared types.

    A text value (from the command line) is read as YAML unless the parameter is a text; a list may
    also be written
    with commas. Returns a new dict in the order of the cell.

    Raises
    ------
    InputError : an unknown name (with the nearest valid ones), a wrong type, a value outside
        its choices, or a window
        the wrong way round.
    """
    for name in values:
        if name not in parameters:
            near = difflib.get_close_matches(name, parameters, n=2)
            hint = f" (did you mean {' or '.join(near)}?)" if near else ""
            raise InputError(
                "unknown parameter",
                file=notebook,
                value=name,
                expected=f"one of {', '.join(parameters)}{hint}",
            )
    checked = {
        name: _typed(values[name], parameter, notebook)
        for name, parameter in parameters.items()
        if name in values
    }
    merged = {name: parameter.default for name, parameter in parameters.items()} | checked
    start, end = merged.get("window_start"), merged.get("window_end")
    if start is not None and end is not None and start > end:
        raise InputError(
            "window the wrong way round",
            file=notebook,
            value=f"{start} to {end}",
            expected="window_start <= window_end",
        )
    return checked


def _typed(value, parameter: Parameter, notebook):
    wanted = [part.strip() for part in parameter.type.split("|")]
    if isinstance(value, datetime.date):
        value = value.isoformat()  # YAML reads 2005-01-31 as a date; a notebook gets the text
    elif isinstance(value, str) and "str" not in wanted:
        value = _from_text(value, parameter)
    for kind in wanted:
        if kind == "None" and value is None:
            return None
        if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if kind.startswith("list") and isinstance(value, (list, tuple)):
            value = [
                item.isoformat() if isinstance(item, datetime.date) else item for item in value
            ]
            inner = _SCALARS.get(kind[5:-1], object)
            if all(
                isinstance(item, inner) and (inner is bool or not isinstance(item, bool))
                for item in value
            ):
                return value
        scalar = _SCALARS.get(kind)
        if scalar and type(value) is scalar:
            if parameter.choices and str(value) not in parameter.choices:
                raise _wrong(value, parameter, notebook)
            return value
    raise _wrong(value, parameter, notebook)


def _from_text(text: str, parameter: Parameter):
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: an impossible date
        value = text
    if parameter.type.startswith("list") and not isinstance(value, list):
        # NO is Norway to a person and False to YAML: a bare list is split as text
        inner = _SCALARS.get(parameter.type[5:-1], str)
        items = [item.strip() for item in text.split(",") if item.strip()]
        return items if inner is str else [yaml.safe_load(item) for item in items]
    if isinstance(value, str) and "float" in parameter.type:
        try:
            return float(value)  # 1e-3 is a number to a person and a text to YAML
        except ValueError:
            return value
    return value


def _wrong(value, parameter: Parameter, notebook) -> InputError:
    expected = f"one of {', '.join(parameter.choices)}" if parameter.choices else parameter.type
    return InputError(f"parameter {parameter.name}", file=notebook, value=value, expected=expected)
