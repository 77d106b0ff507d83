"""The commands of `lac` for tables of any size; imported by every `lac`, so it imports little
itself.
"""

import argparse
from pathlib import Path

from lac_analysis.errors import InputError

_READS = "CSV in UTF-8, JSON lines, parquet, a folder of parquet files, or .xlsx"


def add(commands, epilog: str) -> None:
    """Add code, clean and agreement to the subcommands of `lac`."""
    code = commands.add_parser(
        "code", help="free text -> codes, each with its rule and a confidence", epilog=epilog
    )
    code.add_argument(
        "file", type=Path, help=f"a table with a column text or description: {_READS}"
    )
    code.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="OUT",
        help="OUT.csv, or a folder of parquet",
    )
    _add_options(code)
    code.set_defaults(command=_code)

    clean = commands.add_parser("clean", help="clean and code a table of any size", epilog=epilog)
    clean.add_argument("file", type=Path, help=f"records, with or without codes: {_READS}")
    clean.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="OUT",
        help="folder of parquet tables to write",
    )
    _add_options(clean)
    clean.set_defaults(command=_clean)

    agreement = commands.add_parser(
        "agreement",
        help="the coder against our hand codes, on records that it has not learnt from",
        epilog=epilog,
    )
    agreement.set_defaults(command=_agreement)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--chunk",
        type=_at_least_one,
        metavar="N",
        help="rows worked on at a time (default: 100000)",
    )
    parser.add_argument(
        "-j", type=_at_least_one, default=1, metavar="N", help="processes (default: %(default)s)"
    )
    parser.add_argument(
        "--dask", default="", metavar="ADDRESS", help="work on the cluster of this dask scheduler"
    )


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above zero")
    return int(text)


def _options(arguments: argparse.Namespace) -> dict:
    from lac_analysis.scale import chunks

    _refuse_own_input(arguments)
    return {
        "chunk": arguments.chunk or chunks.CHUNK,
        "workers": arguments.j,
        "dask": arguments.dask,
    }


def _refuse_own_input(arguments: argparse.Namespace) -> None:
    if arguments.out.resolve() == arguments.file.resolve():
        raise InputError(
            "the output would replace the input", file=arguments.out, expected="another name"
        )


def _code(arguments: argparse.Namespace) -> int:
    from lac_analysis.scale import tasks

    rows = tasks.code_file(arguments.file, arguments.out, **_options(arguments))
    print(f"{rows:,} rows coded in {arguments.out}")
    return 0


def _clean(arguments: argparse.Namespace) -> int:
    from lac_analysis.scale import tasks

    counts = tasks.clean_file(arguments.file, arguments.out, **_options(arguments))
    print(
        f"{counts['records']:,} rows cleaned, {counts['uncoded']:,} left out for want of a country, level or activity "
        f"(in uncoded), in {arguments.out}"
    )
    return 0


def _agreement(arguments: argparse.Namespace) -> int:
    from lac_analysis import config
    from lac_analysis.coder import agreement
    from lac_analysis.records import schema

    print(agreement.as_markdown(schema.read_raw(config.RAW / "engagements.csv", "engagements")))
    return 0
