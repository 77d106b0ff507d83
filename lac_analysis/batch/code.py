"""Which code and data a notebook reaches, read from the source alone: nothing is imported or run.
"""

import ast
import importlib.util
import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lac_analysis import config
from lac_analysis.batch import notebook as notebooks
from lac_analysis.errors import InputError

_PACKAGE = config.PACKAGE.name
_CLAIMS = f"{_PACKAGE}.claims"
# a finding carries hashes of these whole folders (claims.finding.code_hash,
# records.build.input_hash): a change to any
# file in them changes what is written
_WHOLE = {
    f"{_CLAIMS}.finding": "stats",
    f"{_PACKAGE}.records.build": "records",
    f"{_PACKAGE}.robustness.identity": "robustness",
}
_CODE_SUFFIXES = {".py", ".yml", ".csv"}


@dataclass(frozen=True)
class Reach:
    """Attributes: files (code and data, sorted), modules (dotted names of ours and of what the
    notebook itself imports,
    for preloading), pictures (names of the pictures that the notebook's own figure modules
    make)."""

    files: tuple[Path, ...]
    modules: tuple[str, ...]
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class _Scan:
    """What one source says: dotted names it may import, files it names, and its literal PICTURES.
    """

    imports: tuple[str, ...]
    files: tuple[Path, ...]
    pictures: tuple[str, ...]


def reach(source: Path) -> Reach:
    """Follow the imports of a notebook's cells, or of a module, through the package.

    A claim is imported by its id: `claims.test("authority", ..)` reaches claims/authority.py and
    its figures, and an id
    that is no literal every claim. A data file is reached by its name in a string, or as a constant
    of config.

    Raises
    ------
    InputError : not a notebook, or a cell that is not Python.
    """
    try:
        text = (
            notebooks.python(source)
            if source.suffix == ".ipynb"
            else source.read_text(encoding="utf-8")
        )
        own = _scan(text, "", "", config.PACKAGE)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = getattr(error, "msg", None) or error
        raise InputError(f"a cell is not Python: {said}", file=source) from None
    files, modules, pictures = set(own.files), set(), []
    waiting, met = list(own.imports), set()
    while waiting:
        name = waiting.pop()
        if name in met:
            continue
        met.add(name)
        path = _module_file(name)
        if path is None:
            continue
        modules.add(name)
        scan = _scan_file(path, name, path.stat().st_mtime_ns)
        files |= {path, *scan.files}
        waiting += scan.imports
        if name in own.imports:
            pictures += scan.pictures
        if name in _WHOLE:
            folder = config.PACKAGE / _WHOLE[name]
            files |= {path for path in folder.iterdir() if path.suffix in _CODE_SUFFIXES}
    others = {name for name in own.imports if name.split(".")[0] != _PACKAGE}
    return Reach(
        tuple(sorted(files)), tuple(sorted(others.union(modules))), tuple(sorted(pictures))
    )


def _module_file(name: str) -> Path | None:
    """File of a dotted name in our package; None for others, and for names that are no module."""
    parts = name.split(".")
    if parts[0] != _PACKAGE:
        return None
    path = os.path.join(config.PACKAGE, *parts[1:])
    both = (f"{path}.py", os.path.join(path, "__init__.py"))
    return next((Path(file) for file in both if os.path.isfile(file)), None)


@cache
def _scan_file(path: Path, name: str, _changed: int) -> _Scan:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return _scan(path.read_text(encoding="utf-8"), name, package, path.parent)


def _scan(source: str, name: str, package: str, folder: Path) -> _Scan:
    tree = ast.parse(source)
    nodes = defaultdict(list)
    for node in ast.walk(tree):
        nodes[type(node)].append(node)
    statements = nodes[ast.Import] + nodes[ast.ImportFrom]
    imports = {name for node in statements for name in _imported(node, package)}
    if name != _CLAIMS:  # there the id comes from the caller
        imports |= _claims(nodes[ast.Call], imports)
    parts = [name.split(".") for name in imports]
    imports |= {".".join(part[:n]) for part in parts for n in range(1, len(part))}
    texts = {node.value for node in nodes[ast.Constant] if isinstance(node.value, str)}
    constants = {node.attr for node in nodes[ast.Attribute] if _called(node.value) == "config"}
    files = {path for text in texts for path in _named_files(text, folder, "RAW" in constants)}
    files |= {
        path for path in (getattr(config, name, None) for name in constants) if _is_file(path)
    }
    pictures = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and _called(node.targets[0]) == "PICTURES"
    ]
    return _Scan(
        tuple(sorted(imports)),
        tuple(sorted(files)),
        tuple(name for names in pictures for name in names),
    )


def _imported(node: ast.Import | ast.ImportFrom, package: str) -> list[str]:
    """Dotted names that a statement may import; `from a import b` may mean a module a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        base = importlib.util.resolve_name("." * node.level + base, package)
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def _claims(calls: list[ast.Call], imports: set[str]) -> set[str]:
    """Modules of the claims that a source asks for by id."""
    functions = {name.rpartition(".")[2] for name in imports if name.startswith(f"{_CLAIMS}.")}
    asked, dynamic = set(), False
    for node in calls:
        owner = _called(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        name = _called(node.func)
        if (owner == "claims" and _CLAIMS in imports) or (name in functions and not owner):
            first = node.args[0] if node.args else None
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            asked |= {first.value} if literal else set()
            dynamic |= name == "test" and not literal
        dynamic |= (
            name == "import_module" and bool(node.args) and isinstance(node.args[0], ast.JoinedStr)
        )
    if dynamic:
        asked |= {path.stem for path in (config.PACKAGE / "claims").glob("*.py")} - {"__init__"}
    return {f"{_CLAIMS}.{claim}{part}" for claim in asked for part in ("", "_figures")}


def _named_files(text: str, folder: Path, stems: bool) -> list[Path]:
    """Files of data/raw or of the source's own folder that a string names; a bare stem only where
    `stems`.
    """
    name = text.rpartition("/")[2]
    if (
        not name
        or len(name) > 100
        or not name.replace(".", "").replace("_", "").replace("-", "").isalnum()
    ):
        return []
    if "." not in name:
        return [path for path in (config.RAW / f"{name}.csv",) if stems and path.is_file()]
    return [path for path in (config.RAW / name, folder / name) if path.is_file()]


def _is_file(value: object) -> bool:
    return isinstance(value, Path) and value.is_file()


def _called(node: ast.AST) -> str:
    """Last name of `a`, `b.a` or `c.b.a`; blank for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
