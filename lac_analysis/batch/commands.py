"""The command of `lac` that runs notebooks, and the options that `reproduce` has, too; imported by
every `lac`, so it imports little itself.
"""

import argparse
from collections.abc import Callable

from lac_analysis import config, options
from lac_analysis.errors import InputError


def add(command: Callable) -> None:
    """Add run, by `command(name, function, help)`."""
    run = command("run", _run, "run notebooks with parameters")
    run.add_argument("notebook", nargs="*", help="such as authority or 08_authority (default: all)")
    run.add_argument("-p", action="append", default=[], metavar="KEY=VALUE",
                     help="set a parameter of the notebooks")  # fmt: skip
    run.add_argument("--data", metavar="FILE", help="your own engagement records")
    run.add_argument("--sweep", type=options.path, metavar="FILE.yml",
                     help="notebooks times parameter sets, from a file")  # fmt: skip
    run.add_argument("--out", type=options.path, default=config.RUNS, help="folder to write")
    add_options(run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add -j, --force and --timeout."""
    options.add_workers(parser, "notebooks at a time")
    parser.add_argument("--force", action="store_true", help="run even what is up to date")
    parser.add_argument("--timeout", type=options.positive(float), metavar="SECONDS",
                        help="longest time for one notebook")  # fmt: skip


def chosen_options(arguments) -> dict:
    """What was chosen of them, as `run.run_all` and `sweep.run` take it."""
    return {"force": arguments.force, "timeout": arguments.timeout, "workers": arguments.j}


def _run(arguments) -> int:
    from lac_analysis.batch import jobs, parameters, progress, run, suite, sweep

    values = _values(arguments)
    if arguments.sweep and arguments.notebook:
        raise InputError("a sweep names its notebooks itself", value=" ".join(arguments.notebook))
    notebooks = [suite.find(name) for name in arguments.notebook] or suite.every()
    swept = sweep.read(arguments.sweep, values) if arguments.sweep else None
    every = swept.values if swept else values  # of each run, beside what a sweep varies
    if arguments.data and "engagements" in every:
        problem = "your own records are named twice"
        raise InputError(problem, value=arguments.data, expected="--data, or the sweep's own")
    # a table named as a parameter is one of the user's, too
    arguments.data = arguments.data or every.get("engagements", "")
    if arguments.data:
        from lac_analysis.sources import own

        chosen = {job.notebook for job in swept.jobs} if swept else notebooks
        declared = {notebook: parameters.declared(notebook) for notebook in chosen}
        for notebook, names in declared.items():
            if "engagements" not in names:
                expected = 'engagements: str = "" among its parameters'
                raise InputError("it takes no records of yours", file=notebook, expected=expected)
        every, said = own.prepare(arguments.data, every, set().union(*declared.values()))
        print(said)
        given = values | {"engagements": arguments.data}
        swept = sweep.read(arguments.sweep, given, every) if swept else None
    if swept:
        return sweep.run(swept, arguments.out, **chosen_options(arguments))
    planned = jobs.plan(notebooks, every)
    code = run.run_all(planned, arguments.out, **chosen_options(arguments))
    done = [job for job in planned if not code or not run.pending([job], arguments.out)]
    progress.findings([arguments.out / job.name for job in done])
    return code


def _values(arguments) -> dict[str, str]:
    """The values of -p. Raises InputError for two of one name, and where nothing is named."""
    values = {}
    for text in arguments.p:
        name, equals, value = text.partition("=")
        if not equals or not name:
            expected = "KEY=VALUE, such as -p window_start=2005"
            raise InputError("option -p", value=text, expected=expected)
        if name in values:
            raise InputError(f"option -p sets {name} twice", value=text, expected="one value")
        values[name] = value
    if arguments.data == "" or values.get("engagements") == "":
        raise InputError("your own records", value="", expected="the name of a file")
    if arguments.data and "engagements" in values:
        problem = "your own records are named twice"
        raise InputError(problem, value=arguments.data, expected="--data alone")
    return values
