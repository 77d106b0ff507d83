"""The commands of `lac` that read a user's own data; imported by every `lac`, so it imports little
itself.
"""

import argparse
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from lac_analysis.errors import InputError


def add(commands, epilog: str) -> None:
    """Add check, template, import and compare to the subcommands of `lac`."""
    check = commands.add_parser(
        "check", help="every problem of a table of records, in one pass", epilog=epilog
    )
    check.add_argument(
        "file", type=Path, help="CSV (any encoding and separator), .xlsx, parquet or JSON lines"
    )
    check.add_argument(
        "--json", type=Path, metavar="OUT", help="write the whole report as JSON, too"
    )
    check.set_defaults(command=_or_say(_check))

    template = commands.add_parser(
        "template", help="write an empty workbook to fill in", epilog=epilog
    )
    template.add_argument(
        "out", type=Path, nargs="?", default=Path("engagements.xlsx"), help="(default: %(default)s)"
    )
    template.set_defaults(command=_or_say(_template))

    reader = commands.add_parser("import", help="another data set -> our columns", epilog=epilog)
    reader.add_argument("kind", help="gcdf (AidData), cgit, twins (twin towns) or gdelt")
    reader.add_argument("file", type=Path)
    reader.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="OUT.csv",
        help="what is lost goes beside it",
    )
    reader.add_argument(
        "--projects", type=Path, metavar="FILE", help="gcdf locations: the project file to join"
    )
    reader.set_defaults(command=_or_say(_import))

    compare = commands.add_parser(
        "compare", help="two tables of the same thing, side by side", epilog=epilog
    )
    compare.add_argument("a", help="a table of records; 'ours' is the project's own")
    compare.add_argument("b", help="another")
    compare.add_argument(
        "-o", "--out", type=Path, default=Path("comparison"), help="folder (default: %(default)s)"
    )
    compare.set_defaults(command=_or_say(_compare))


def _or_say(command: Callable) -> Callable:
    """The command, which says in one message that a file cannot be written."""

    @wraps(command)
    def run(arguments: argparse.Namespace) -> int:
        try:
            return command(arguments)
        except OSError as error:
            where = getattr(arguments, "json", None) or getattr(arguments, "out", None)
            raise InputError(f"it cannot be written ({error.strerror})", file=where) from None

    return run


def _check(arguments: argparse.Namespace) -> int:
    from lac_analysis.sources import check, imports

    report = check.check(arguments.file)
    if arguments.json:
        report.save(arguments.json)
    print(check.as_text(report))
    if report.problems.empty:
        return 0
    if known := imports.recognise(arguments.file):
        kind, _, version = known.partition(": ")
        print(f"It looks like {version}: lac import {kind} {arguments.file} -o OUT.csv")
    return 2


def _template(arguments: argparse.Namespace) -> int:
    from lac_analysis.sources import template

    print(f"written: {template.write(arguments.out)}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from lac_analysis.sources import imported, imports

    found = imports.convert(arguments.kind, arguments.file, arguments.projects)
    if arguments.out.exists() and arguments.out.samefile(arguments.file):
        raise InputError(
            "option -o", value=str(arguments.out), expected="another file than the one that is read"
        )
    beside = imported.write(found, arguments.out)
    print(imported.as_text(found, arguments.out, beside))
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    from lac_analysis.sources import compare

    comparison = compare.compare(arguments.a, arguments.b)
    print(compare.as_text(comparison))
    for path in compare.save(comparison, arguments.out):
        print(f"written: {path}")
    return 0
