"""Run one notebook through Papermill and keep what it leaves, or nothing."""

import difflib
import os
import shutil
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from lac_analysis import config, files
from lac_analysis.batch import parameters
from lac_analysis.errors import InputError

_VERSIONS = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill")


class RunFailed(Exception):
    """A notebook stopped with an error, or ended without its finding. The message says where, in one line."""


def find(name: str, folder: Path = config.NOTEBOOKS) -> Path:
    """The notebook of a name: '08_authority', 'authority', or a path.

    Raises
    ------
    InputError : there is none, with the nearest names.
    """
    if name.endswith(".ipynb"):
        return Path(name)
    stems = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    by_word = {stem[3:]: path for stem, path in stems.items()}
    found = stems.get(name) or by_word.get(name)
    if found is None:
        near = difflib.get_close_matches(name, [*by_word, *stems], n=2) or list(by_word)
        raise InputError("unknown notebook", value=name, expected=" or ".join(near))
    return found


def every(folder: Path = config.NOTEBOOKS) -> list[Path]:
    """All notebooks of the suite, in their order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def run(notebook: Path, values: dict, out: Path) -> Path:
    """Run `notebook` with checked parameter values; leave the executed copy, its outputs and a manifest in `out`.

    The run happens in a folder beside `out`, which takes its place only when the run is complete. Returns `out`.

    Raises
    ------
    InputError : the values do not fit the notebook's parameters cell. RunFailed : the notebook failed; the partial
    notebook is kept as `<out>.failed.ipynb`.
    """
    import papermill  # slow to import: only when something runs

    values = parameters.check(values, parameters.declared(notebook), notebook.name)
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    executed = work / notebook.name
    started = time.time()
    try:
        papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters=values | {"output": "."},
            cwd=str(work),
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
        )
        if not (work / "finding.json").exists():
            raise RunFailed(f"{notebook.stem}: ended without its finding.json")
        _manifest(work, notebook, values, started)
        _replace(work, out)
    except papermill.PapermillExecutionError as error:
        partial = out.parent / f"{out.name}.failed.ipynb"
        if executed.exists():
            os.replace(executed, partial)
        if error.ename == "InputError":
            raise InputError(f"{notebook.stem}: {error.evalue}") from None
        raise RunFailed(
            f"{notebook.stem}, cell {error.cell_index}: {error.ename}: {error.evalue} (see {partial})"
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return out


def _manifest(work: Path, notebook: Path, values: dict, started: float) -> None:
    finding = files.read_json(work / "finding.json")
    outputs = sorted(path for path in work.rglob("*") if path.is_file())
    files.write_json(
        work / "manifest.json",
        {
            "notebook": notebook.name,
            "notebook_hash": files.sha256(notebook),
            "parameters": values,
            "input_hash": finding.get("input_hash", ""),
            "code_hash": finding.get("code_hash", ""),
            "environment_hash": files.sha256(config.ROOT / "uv.lock"),
            "versions": {name: version(name) for name in _VERSIONS},
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "seconds": round(time.time() - started, 1),
            "outputs": {str(path.relative_to(work)): files.sha256(path) for path in outputs},
        },
    )


def _replace(work: Path, out: Path) -> None:
    """Put the finished folder in the place of the old one."""
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        os.replace(out, old)
    os.chmod(work, 0o755)
    os.replace(work, out)
    shutil.rmtree(old, ignore_errors=True)
