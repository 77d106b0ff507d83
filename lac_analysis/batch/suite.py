"""Run several notebooks with the same parameters; one failure does not stop the others."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lac_analysis.batch import parameters, run
from lac_analysis.errors import InputError


def run_all(notebooks: list[Path], values: dict, out: Path) -> int:
    """Run each notebook into `out/<its name>`. All parameters are checked before the first kernel starts.

    A parameter must be known to at least one of the notebooks, and is given to those that declare it. Returns 0, or 1
    if a notebook failed; the failures are printed at the end.

    Raises
    ------
    InputError : a parameter does not fit.
    """
    jobs = _jobs(notebooks, values)
    console = Console(stderr=True, highlight=False)
    failures = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("notebooks", total=len(jobs))
        for notebook, own in jobs:
            progress.update(task, description=notebook.stem)
            try:
                run.run(notebook, own, out / notebook.stem)
                console.print(f"done    {out / notebook.stem}")
            except (run.RunFailed, InputError) as error:
                failures.append(error)
                console.print(f"failed  {notebook.stem}")
            progress.advance(task)
    for error in failures:
        console.print(f"lac: {error}")
    if failures and all(isinstance(error, InputError) for error in failures):
        return 2
    return 1 if failures else 0


def _jobs(notebooks: list[Path], values: dict) -> list[tuple[Path, dict]]:
    known = {notebook: parameters.declared(notebook) for notebook in notebooks}
    everything = {name: parameter for declared in known.values() for name, parameter in declared.items()}
    if values.get("engagements"):
        path = Path(values["engagements"]).resolve()
        if not path.is_file():
            raise InputError("no such file", file=values["engagements"])
        values = values | {"engagements": str(path)}
    parameters.check(values, everything, notebooks[0].name if len(notebooks) == 1 else "")
    return [
        (notebook, parameters.check({n: v for n, v in values.items() if n in declared}, declared, notebook.name))
        for notebook, declared in known.items()
    ]
