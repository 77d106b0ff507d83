"""`lac`: build the data, run the notebooks, print the verdicts."""

import argparse
import errno
import os
import sys
from pathlib import Path

from lac_analysis import __version__, config
from lac_analysis.errors import InputError
from lac_analysis.sources import commands as commands_of_sources

_EXIT = "exit codes: 0 done, 1 a run failed or differs, 2 bad input or usage"


def main(argv: list[str] | None = None) -> int:
    """Entry point. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except InputError as error:
        print(f"lac: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "lac: stopped; no file is half-written, and the same command does what is not done",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print("lac: the disk is full", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lac", description=__doc__, epilog=_EXIT)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="raw tables -> processed tables", epilog=_EXIT)
    build.add_argument(
        "--raw", type=Path, default=config.RAW, help="folder of raw tables (default: data/raw)"
    )
    build.add_argument(
        "--out",
        type=Path,
        default=config.PROCESSED,
        help="folder to write (default: data/processed)",
    )
    build.add_argument("--force", action="store_true", help="build even if nothing changed")
    build.set_defaults(command=_build)

    run = commands.add_parser("run", help="run notebooks with parameters", epilog=_EXIT)
    run.add_argument("notebook", nargs="*", help="such as authority or 08_authority (default: all)")
    run.add_argument(
        "-p",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="set a parameter of the notebooks",
    )
    run.add_argument(
        "--data", metavar="FILE", help="your own engagement records (same as -p engagements=FILE)"
    )
    run.add_argument(
        "--add", action="store_true", help="add --data to our records instead of replacing them"
    )
    run.add_argument(
        "--sweep", type=Path, metavar="FILE.yml", help="notebooks times parameter sets, from a file"
    )
    run.add_argument(
        "--out", type=Path, default=config.RUNS, help="folder to write (default: runs)"
    )
    _add_batch_options(run)
    run.set_defaults(command=_run)

    reproduce = commands.add_parser(
        "reproduce", help="build, run all notebooks, print verdicts, make the site", epilog=_EXIT
    )
    reproduce.add_argument(
        "--out",
        type=Path,
        default=config.ROOT,
        help="folder for runs/, figures/ and data/reference/ (default: the project)",
    )
    _add_batch_options(reproduce)
    reproduce.set_defaults(command=_reproduce)

    verdicts = commands.add_parser("verdicts", help="print the verdict table", epilog=_EXIT)
    verdicts.set_defaults(command=_verdicts)

    verify = commands.add_parser(
        "verify", help="everything again from raw data, compared with the reference", epilog=_EXIT
    )
    verify.add_argument(
        "-j",
        type=_positive(int),
        default=os.cpu_count() or 1,
        metavar="N",
        help="notebooks at a time",
    )
    verify.set_defaults(command=_verify)

    report = commands.add_parser(
        "report", help="write a site of the last runs that opens from disk", epilog=_EXIT
    )
    report.add_argument(
        "--out", type=Path, default=config.ROOT / "site", help="folder to write (default: site)"
    )
    report.add_argument(
        "--project",
        type=Path,
        default=config.ROOT,
        help="folder with runs/, or else data/reference/ and figures/ (default: the project)",
    )
    report.set_defaults(command=_report)

    commands_of_sources.add(commands, _EXIT)

    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab")
    lab.set_defaults(command=_lab)
    return parser


def _add_batch_options(parser: argparse.ArgumentParser) -> None:
    cores = os.cpu_count() or 1
    parser.add_argument(
        "-j",
        type=_positive(int),
        default=cores,
        metavar="N",
        help="notebooks at a time (default: cores)",
    )
    parser.add_argument("--force", action="store_true", help="run even what is up to date")
    parser.add_argument(
        "--timeout", type=_positive(float), metavar="SECONDS", help="longest time for one notebook"
    )
    parser.add_argument(
        "--memory", type=_positive(float), metavar="MB", help="most memory for one notebook"
    )
    parser.add_argument(
        "--dask", default="", metavar="ADDRESS", help="run on the cluster of this dask scheduler"
    )


def _positive(kind: type):
    def read(text: str):
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is not above zero")
        return value

    read.__name__ = kind.__name__
    return read


def _batch_options(arguments) -> dict:
    return {
        "workers": arguments.j,
        "force": arguments.force,
        "timeout": arguments.timeout,
        "memory": arguments.memory,
        "dask": arguments.dask,
    }


def _build(arguments) -> int:
    from lac_analysis.records import build

    manifest = build.build(arguments.raw, arguments.out, arguments.force)
    counts = manifest["counts"]
    print(
        f"{counts['records_in']:,} records -> {counts['engagements_out']:,} engagements "
        f"({counts['records_merged']:,} merged, {counts['records_rejected']:,} rejected) in {arguments.out}"
    )
    return 0


def _run(arguments) -> int:
    from lac_analysis.batch import jobs, notebook, suite, sweep

    values = dict(_key_value(text) for text in arguments.p)
    if arguments.sweep and arguments.notebook:
        raise InputError("a sweep names its notebooks itself", value=" ".join(arguments.notebook))
    notebooks = (
        []
        if arguments.sweep
        else [notebook.find(name) for name in arguments.notebook] or notebook.every()
    )
    if arguments.add and not arguments.data:
        raise InputError("option --add", expected="--data FILE, the records to add")
    if arguments.data:
        from lac_analysis.sources import own

        if arguments.sweep:
            values = sweep.read(arguments.sweep, values).values
        values, said = own.prepare(arguments.data, arguments.add, arguments.out, values)
        print(said)
    if arguments.sweep:
        return sweep.run(
            sweep.read(arguments.sweep, values), arguments.out, **_batch_options(arguments)
        )
    return suite.run_all(jobs.plan(notebooks, values), arguments.out, **_batch_options(arguments))


def _reproduce(arguments) -> int:
    from lac_analysis.batch import jobs, notebook, suite
    from lac_analysis.report import reference

    notebooks, runs = notebook.every(), arguments.out / "runs"
    planned = jobs.plan(notebooks, {})
    pending = arguments.force or suite.pending(planned, runs)
    if pending:
        from lac_analysis.records import build

        build.build()  # a broken table is one message here, not one a notebook
    code = suite.run_all(planned, runs, **_batch_options(arguments))
    if code:
        return code
    names = [path.stem for path in notebooks]
    reference.publish(runs, names, arguments.out)
    place = arguments.out / "site"
    if pending or not reference.is_site_of(place, runs, names):  # else nothing new is to be told
        from lac_analysis.report import site

        first = site.build(place, arguments.out)
        _print_verdicts(arguments.out)
        print(f"Open {first} in a browser.")
    return code


def _verdicts(arguments) -> int:
    return _print_verdicts(config.ROOT)


def _print_verdicts(folder: Path) -> int:
    from lac_analysis.report import reference, verdicts

    print(verdicts.as_text(reference.verdicts(folder)))
    return 0


def _verify(arguments) -> int:
    import tempfile

    from lac_analysis.report import verify

    agrees = True
    with tempfile.TemporaryDirectory() as work:
        for check in verify.verify(Path(work), arguments.j):
            print(check, flush=True)
            agrees &= check.agrees
    print(
        "Everything agrees with the reference."
        if agrees
        else "Something differs from the reference."
    )
    return 0 if agrees else 1


def _report(arguments) -> int:
    from lac_analysis.report import site

    print(f"Open {site.build(arguments.out, arguments.project)} in a browser.")
    return 0


def _lab(arguments) -> int:
    from jupyterlab.labapp import main as jupyterlab

    return jupyterlab([str(config.NOTEBOOKS)]) or 0


def _key_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(
            "option -p", value=text, expected="KEY=VALUE, such as -p window_start=2005"
        )
    return name, value


if __name__ == "__main__":
    sys.exit(main())
