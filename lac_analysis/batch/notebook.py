"""What a notebook file says about itself: its name, its content and its code."""

import difflib
import json
from pathlib import Path

from lac_analysis import config
from lac_analysis.errors import InputError


def find(name: str, folder: Path = config.NOTEBOOKS) -> Path:
    """The notebook of a name: '08_authority', 'authority', or a path.

    Raises
    ------
    InputError : there is none, with the nearest names.
    """
    if name.endswith(".ipynb"):
        return Path(name)
    stems = {path.stem: path for path in every(folder)}
    by_word = {stem[3:]: path for stem, path in stems.items()}
    found = stems.get(name) or by_word.get(name)
    if found is None:
        near = difflib.get_close_matches(name, [*by_word, *stems], n=2) or list(by_word)
        raise InputError("unknown notebook", value=name, expected=" or ".join(near))
    return found


def every(folder: Path = config.NOTEBOOKS) -> list[Path]:
    """All notebooks of the suite, in their order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def read(notebook: Path) -> dict:
    """The content of a notebook file.

    Raises
    ------
    InputError : there is no such file, or it is not a Jupyter notebook of format 4.
    """
    try:
        content = json.loads(Path(notebook).read_text(encoding="utf-8"))
        [
            (cell["cell_type"], "".join(cell["source"]), cell.get("metadata", {}).get("tags"))
            for cell in content["cells"]
        ]
        content.get("metadata", {}).items()
    except FileNotFoundError:
        raise InputError("no such notebook", file=notebook) from None
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
        raise InputError("not a Jupyter notebook", file=notebook) from None
    return content


def python(notebook: Path) -> str:
    """The code of a notebook as one Python source; lines of IPython's own (% and !) are left out.
    """
    cells = [
        "".join(cell["source"]) for cell in read(notebook)["cells"] if cell["cell_type"] == "code"
    ]
    lines = [
        line
        for cell in cells
        for line in cell.splitlines()
        if not line.lstrip().startswith(("%", "!"))
    ]
    return "\n".join(lines) + "\n"
