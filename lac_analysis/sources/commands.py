"""The commands of `lac` that read a user's own data; imported by every `lac`, so it imports little
itself.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from lac_analysis import options, outputs
from lac_analysis.sources import limits

_READS = "CSV, .xlsx, parquet or JSON lines"


def add(command: Callable) -> None:
    """Add check, template, import, code and clean, each by `command(name, function, help)`."""
    check = command("check", _check, "every problem of a table of records, in one pass")
    check.add_argument("file", type=Path, help=_READS)
    check.add_argument("--json", type=outputs.followed, metavar="OUT",
                       help="write all of it as JSON, too")  # fmt: skip

    template = command("template", _template, "write an empty workbook to fill in")
    name = Path("engagements.xlsx")
    template.add_argument(
        "out", type=outputs.followed, nargs="?", default=name, help="(default: %(default)s)"
    )

    reader = command("import", _import, "another data set -> our columns")
    reader.add_argument("kind", help="gcdf or gcdf_locations (AidData), cgit, twins (towns)")
    reader.add_argument("file", type=Path)
    reader.add_argument("-o", "--out", type=outputs.followed, required=True, metavar="OUT.csv",
                        help="a new file; what is lost goes beside it")  # fmt: skip

    code = command("code", _in_pieces, "free text -> codes, each with its rule and a confidence")
    clean = command("clean", _in_pieces, "clean and code a table, without its other columns")
    for parser, done in ((code, "coded"), (clean, "cleaned")):
        parser.set_defaults(done=done)
        parser.add_argument("file", type=Path, help=f"a table with text or description: {_READS}")
        parser.add_argument("-o", "--out", type=outputs.followed, required=True, metavar="OUT",
                            help="a new file, .csv or .parquet")  # fmt: skip
        options.add_workers(parser, "processes")
    for parser in (check, reader, code, clean):
        parser.add_argument("--encoding", default="", choices=limits.ENCODINGS, metavar="NAME",
                            help="of a CSV file, as cp1252 (default: found out)")  # fmt: skip


def _check(arguments: argparse.Namespace) -> int:
    from lac_analysis.sources import check

    if arguments.json is not None:
        outputs.claim_output(arguments.json, [arguments.file])
    report = check.check(arguments.file, arguments.encoding)
    if arguments.json is not None:
        report.save(arguments.json)
    print(check.as_text(report))
    return 0 if report.problems.empty else 2


def _template(arguments: argparse.Namespace) -> int:
    from lac_analysis.sources import template

    print(f"written: {template.write(arguments.out)}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from lac_analysis.sources import adapters, imported, maps, read

    imported.claim(arguments.out, arguments.file)
    found = adapters.convert(arguments.kind, arguments.file, arguments.encoding)
    kind = read.format_of(arguments.file, maps.wanted(), arguments.encoding)
    beside = imported.write(found, arguments.out, arguments.file)
    print(f"{arguments.file.name}: {kind}")
    print(imported.as_text(found, arguments.out, beside))
    return 0


def _in_pieces(arguments: argparse.Namespace) -> int:
    outputs.claim_output(arguments.out, [arguments.file])  # before seconds of imports
    from lac_analysis.coder.code import CODES, TEXT_COLUMNS
    from lac_analysis.records import schema
    from lac_analysis.sources import maps, pieces, read

    function = {"coded": pieces.code_piece, "cleaned": pieces.clean_piece}[arguments.done]
    given = (arguments.file, maps.wanted(), arguments.encoding)
    kind = read.format_of(*given)  # all that is asked of the file, before there is a result
    there = next(read.pieces(given[0], 1, *given[1:])).columns
    rows, left_out = pieces.over_file(
        function, arguments.file, arguments.out, encoding=arguments.encoding, jobs=arguments.j
    )
    print(f"{arguments.file.name}: {kind}")
    print(f"{rows:,} rows {arguments.done} in {arguments.out}")
    if arguments.done == "coded":
        used = [name for name in there if name in (*TEXT_COLUMNS, *CODES)]
        print(f"columns read: {', '.join(used)}")
    else:
        unused = [*there.difference([*schema.fields("engagements"), *TEXT_COLUMNS], sort=False)]
        if {"text", "description"} <= {*there}:
            unused.append("text beside a description")
        if unused:
            print(f"columns not used: {', '.join(unused)}")
    if left_out:
        where = f"listed in {arguments.out.with_suffix('.left_out.csv')}"
        why = "blank, or of unknown country, level or activity"
        print(f"{left_out:,} rows left out, being {why}; {where}")
    return 0
