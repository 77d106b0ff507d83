"""`lac`: build the data, run the notebooks, print the verdicts."""

import argparse
import errno
import os
import re
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from lac_analysis import __version__, config, files, options, outputs, process
from lac_analysis.batch import commands as commands_of_batch
from lac_analysis.errors import InputError, nearest
from lac_analysis.report import commands as commands_of_report
from lac_analysis.sources import commands as commands_of_sources

_MOST = 2_000  # words of a command: argparse takes seconds for ten times as many
_EXIT = "exit codes: 0 done, 1 a run failed or differs, 2 bad input or usage"
_STOPPED = "stopped; no file is half-written, and the same command does what is not done"


def main(argv: list[str] | None = None) -> int:
    """Entry point. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    process.prepare_streams()
    for name in ("SOURCE_DATE_EPOCH", "MPLBACKEND"):  # at which libraries stop if they are wrong
        os.environ.pop(name, None)
    try:
        with process.heard_once(), process.safe_path():
            try:
                return _command(argv)
            finally:  # of --help, too, which ends by SystemExit
                if sys.stdout is not None:
                    sys.stdout.flush()
    except InputError as error:
        return _end(str(error), 2)
    except KeyboardInterrupt:
        return _end(_STOPPED)
    except MemoryError:
        return _end("there is not enough memory")
    except OSError as error:
        if error.errno == errno.EFBIG:
            return _end("a file would be larger than this system allows (ulimit -f)")
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or isinstance(error, BrokenPipeError):
            with suppress(OSError):  # it may be no file of the system's
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for a last flush
            return _end("the disk is full" if full else "what it prints is not read to its end")
        where = f"{error.filename}: " if error.filename else ""
        return _end(f"{where}it cannot be read or written ({error.strerror or error})", 2)
    except Exception as error:
        if "failed to map segment" in str(error):  # of a library, by the system's loader
            return _end("there is not enough memory")
        if sys.flags.dev_mode:  # python -X dev -m lac_analysis.cli: the whole traceback
            raise
        frames = traceback.extract_tb(error.__traceback__)
        *_, at = (frame for frame in frames if str(config.PACKAGE) in frame.filename)
        where = f"{Path(at.filename).name}, line {at.lineno}"
        said = ascii(f"{type(error).__name__}: {error}"[:200])[1:-1]
        return _end(f"a fault of lac itself, please report it: {said} ({where})")


def _command(argv: list[str]) -> int:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise InputError(
            "the folder that you are in was removed", expected="cd to another"
        ) from None
    parser, commands = _parser()
    if len(argv) > _MOST:
        raise InputError("too many words", value=len(argv), expected=f"at most {_MOST:,}")
    if argv[:1] == ["--version"]:  # argparse's own says nothing of a full disk
        print(__version__)
        return 0
    if argv and argv[0][:1] not in ("", "-") and argv[0] not in commands:
        expected = nearest(argv[0], commands)
        raise InputError("unknown command", value=argv[0], expected=expected)
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.command is not _lab:
        known = re.findall(r"--[\w-]+", commands.get(argv[0], parser).format_usage())
        expected = nearest(rest[0].partition("=")[0], known or ["--help"])
        raise InputError("unknown argument", value=rest[0], expected=expected)
    return arguments.command(arguments, rest) if rest else arguments.command(arguments)


def _end(why: str, code: int = 1) -> int:
    if sys.stderr is not None:  # it may be closed
        with suppress(OSError):
            print(f"lac: {why}", file=sys.stderr, flush=True)
    return code


def _parser() -> tuple[argparse.ArgumentParser, dict]:
    parser = options.Parser(prog="lac", description=__doc__, epilog=_EXIT)
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=help, description=f"{help[:1].upper()}{help[1:]}.", epilog=_EXIT
        )
        added.set_defaults(command=command)
        return added

    build = add("build", _build, "raw tables -> processed tables")
    build.add_argument("--raw", type=options.path, default=config.RAW, help="folder of raw tables")
    build.add_argument("--out", type=options.path, default=config.PROCESSED, help="folder to write")
    build.add_argument("--force", action="store_true", help="build even if nothing changed")

    commands_of_batch.add(add)

    reproduce = add("reproduce", _reproduce, "build, run all, print verdicts, make the site")
    reproduce.add_argument("--out", type=options.path, default=config.ROOT,
                           help="folder for runs/, site/ and what is published")  # fmt: skip
    reproduce.add_argument("--accept", action="store_true",
                           help="replace a reference of other raw tables")  # fmt: skip
    commands_of_batch.add_options(reproduce)

    verify = add("verify", _verify, "everything again from raw data, compared with the reference")
    options.add_workers(verify, "notebooks at a time")

    commands_of_report.add(add)
    commands_of_sources.add(add)
    add("lab", _lab, "open the notebooks in JupyterLab, with its options such as --no-browser")
    return parser, commands.choices


def _build(arguments) -> int:
    from lac_analysis.records import build
    from lac_analysis.report import reference

    manifest = build.build(arguments.raw, arguments.out, arguments.force)
    counts = manifest["counts"]
    done = f"{counts['records_in']:,} records -> {counts['engagements_out']:,} engagements"
    left = f"{counts['records_merged']:,} merged, {counts['records_rejected']:,} rejected"
    print(f"{done} ({left}) in {arguments.out}")
    changed = reference.changed_rows(config.REFERENCE, arguments.raw)
    if changed:
        print(f"Raw rows that are not the reference run's: {len(changed):,}, first {changed[0]}")
    return 0


def _reproduce(arguments) -> int:
    from lac_analysis.batch import cache, jobs, run, suite
    from lac_analysis.report import reference

    notebooks, runs, place = suite.every(), arguments.out / "runs", arguments.out / "site"
    cache.refuse_foreign(place, "runs")
    changed = reference.changed_rows(arguments.out / "data" / "reference")
    if changed and not arguments.accept:
        problem = f"{len(changed):,} rows of the raw tables are not those of the reference run"
        expected = "--accept, which replaces the reference; lac verify lists the rows"
        raise InputError(problem, value=changed[0], expected=expected)
    reference.refuse_foreign(arguments.out)
    planned = jobs.of_the_plan(notebooks)
    pending = arguments.force or run.pending(planned, runs)
    if pending:
        from lac_analysis.records import build

        build.build()  # a broken table is one message here, not one a notebook
    code = run.run_all(planned, runs, **commands_of_batch.chosen_options(arguments))
    if code:
        return code
    names = [path.stem for path in notebooks]
    if pending or not reference.is_published(arguments.out, runs, names):
        reference.publish(runs, names, arguments.out)
    if pending or not reference.is_of(place, runs, names):  # else nothing new is to be told
        from lac_analysis.report.site import build as site

        first = site.build(place, arguments.out)
        commands_of_report.print_verdicts(arguments.out)
        print(f"Open {first} in a browser.")
    return code


def _verify(arguments) -> int:
    import tempfile

    from lac_analysis.report import verify

    agrees = True
    with outputs.unfinished(Path(tempfile.gettempdir())) as work:
        for check in verify.verify(work, arguments.j):
            print(check, flush=True)
            agrees &= check.agrees
    print(f"{'Everything agrees with' if agrees else 'Something differs from'} the reference.")
    return int(not agrees)


def _lab(arguments, rest: list[str] = ()) -> int:
    """Open copies of the notebooks, those that are there already as they are."""
    from jupyterlab.labapp import main as jupyterlab

    folder, changed = config.ROOT / "lab", []
    if folder.is_symlink():
        raise InputError("a link, through which nothing is written", file=folder)
    copies = {folder / path.name: path for path in sorted(config.NOTEBOOKS.glob("*.ipynb"))}
    for copy in copies:  # all of them, before the first is written
        if os.path.lexists(copy) and not copy.is_file():
            raise InputError("not a regular file", file=copy, expected="a notebook, or nothing")
    for copy, path in copies.items():
        if not os.path.lexists(copy):
            files.write_bytes(copy, path.read_bytes())
        elif copy.read_bytes() != path.read_bytes():
            changed.append(copy.stem)
    print(f"These are copies, in {folder}. In batch: lac run lab/08_authority.ipynb")
    if changed:
        print(f"Not as the project's own are: {', '.join(changed)}")
    os.environ["PYTHONSAFEPATH"] = ""  # its terminals and kernels are the user's
    # the project is its root, so that links to docs/ open; the copies are what it shows
    shown = [f"--ServerApp.root_dir={config.ROOT}", f"--LabApp.default_url=/lab/tree/{folder.name}"]
    return jupyterlab([*shown, *rest]) or 0


if __name__ == "__main__":
    sys.exit(main())
