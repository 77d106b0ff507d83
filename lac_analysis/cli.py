"""`lac`: build the data, run the notebooks, print the verdicts."""

import argparse
import sys
from pathlib import Path

from lac_analysis import __version__, config
from lac_analysis.errors import InputError

_EXIT = "exit codes: 0 done, 1 a run failed, 2 bad input or usage"


def main(argv: list[str] | None = None) -> int:
    """Entry point. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except InputError as error:
        print(f"lac: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("lac: stopped; what is finished is kept", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lac", description=__doc__, epilog=_EXIT)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="raw tables -> processed tables", epilog=_EXIT)
    build.add_argument("--raw", type=Path, default=config.RAW, help="folder of raw tables (default: data/raw)")
    build.add_argument("--out", type=Path, default=config.PROCESSED, help="folder to write (default: data/processed)")
    build.add_argument("--force", action="store_true", help="build even if nothing changed")
    build.set_defaults(command=_build)

    run = commands.add_parser("run", help="run notebooks with parameters", epilog=_EXIT)
    run.add_argument("notebook", nargs="*", help="such as authority or 08_authority (default: all)")
    run.add_argument("-p", action="append", default=[], metavar="KEY=VALUE", help="set a parameter of the notebooks")
    run.add_argument("--data", metavar="FILE", help="your own engagement records (same as -p engagements=FILE)")
    run.add_argument("--out", type=Path, default=config.RUNS, help="folder to write (default: runs)")
    run.set_defaults(command=_run)

    reproduce = commands.add_parser("reproduce", help="build, run all notebooks, print the verdicts", epilog=_EXIT)
    reproduce.add_argument(
        "--out",
        type=Path,
        default=config.ROOT,
        help="folder for runs/, figures/ and data/reference/ (default: the project)",
    )
    reproduce.set_defaults(command=_reproduce)

    verdicts = commands.add_parser("verdicts", help="print the verdict table", epilog=_EXIT)
    verdicts.set_defaults(command=_verdicts)

    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab")
    lab.set_defaults(command=_lab)
    return parser


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
    from lac_analysis.batch import run, suite

    notebooks = [run.find(name) for name in arguments.notebook] or run.every()
    values = dict(_key_value(text) for text in arguments.p)
    if arguments.data:
        values["engagements"] = arguments.data
    return suite.run_all(notebooks, values, arguments.out)


def _reproduce(arguments) -> int:
    from lac_analysis.batch import reproduce

    return reproduce.reproduce(arguments.out)


def _verdicts(arguments) -> int:
    from lac_analysis.report import verdicts

    print(verdicts.as_text(verdicts.current()))
    return 0


def _lab(arguments) -> int:
    from jupyterlab.labapp import main as jupyterlab

    return jupyterlab([str(config.NOTEBOOKS)]) or 0


def _key_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError("option -p", value=text, expected="KEY=VALUE, such as -p window_start=2005")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
