"""The notebooks of the suite: find one, and read it."""

import re
from functools import cache
from pathlib import Path

from lac_analysis import config, files
from lac_analysis.errors import InputError, nearest, row_of

_NUMBERED = re.compile(r"(\d\d[a-z]?)_(.+)")  # 08_authority, 08b_self_rule


def every(folder: Path | None = None) -> list[Path]:
    """All notebooks of the suite, in their order.

    Raises InputError: two of them have one number or one name.
    """
    folder = config.NOTEBOOKS if folder is None else folder
    paths = sorted(path for path in folder.glob("*.ipynb") if _NUMBERED.fullmatch(path.stem))
    for group in (1, 2):
        names = [_NUMBERED.fullmatch(path.stem)[group] for path in paths]
        if len(set(names)) < len(names):
            twice = max(names, key=names.count)
            raise InputError("two notebooks of one name or number", file=folder, value=twice)
    return paths


def find(name: str, file: Path | None = None) -> Path:
    """The notebook of a name: '08_authority', 'authority', or a path.

    Raises InputError: there is none, with the nearest names, and the file that names it.
    """
    if name.endswith(".ipynb"):
        return Path(name)
    paths = every()
    by_word = {_NUMBERED.fullmatch(path.stem)[2]: path for path in paths}
    found = ({path.stem: path for path in paths} | by_word).get(name)
    if found is None:
        expected = nearest(name, by_word)
        raise InputError("unknown notebook", file=file, value=name, expected=expected)
    return found


def read(notebook: Path) -> dict:
    """The content of a notebook file, read once while the file is the same: not to be changed.

    Raises InputError: there is no such file, or it is not a Jupyter notebook of format 4.
    """
    try:
        found = files.require(notebook, "a Jupyter notebook").stat()
        return _read(Path(notebook), found.st_mtime_ns, found.st_ino, found.st_size)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise InputError("not a Jupyter notebook", file=notebook, row=row_of(error)) from None


@cache
def _read(notebook: Path, _changed: int, _inode: int, _size: int) -> dict:
    content = files.parse_json(notebook)
    about = content.get("metadata", {})
    about.items(), about.get("kernelspec", {}).items(), about.get("papermill", {}).items()
    whole = content["nbformat"] == 4 and isinstance(content["nbformat_minor"], int)
    for cell in content["cells"]:
        "".join(cell["source"]), cell["cell_type"]
        lists = cell.get("outputs", []), cell.get("metadata", {}).get("tags") or []
        whole &= all(isinstance(each, list) for each in lists)
        whole &= all(isinstance(output, dict) for output in lists[0])
    if not whole:
        raise ValueError
    return content


def said(notebook: Path) -> dict:
    """What a notebook says for `lac` in its metadata, such as {"lac": {"needs": "claims"}}.

    needs : 'claims' where it reads their runs, in the folder that it takes as `runs`.
    window : first and last year, where it is not the report's.
    """
    found = read(notebook).get("metadata", {}).get("lac", {})
    if not isinstance(found, dict) or found.get("needs", "claims") != "claims":
        raise InputError("metadata of the notebook for lac", file=notebook, value=found,
                         expected='{"needs": "claims"}, or nothing')  # fmt: skip
    return found
