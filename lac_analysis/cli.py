"""`lac`: build the data, run the notebooks, print the verdicts."""

import argparse
import errno
import io
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lac_analysis import __version__, config, files, options, outputs
from lac_analysis.errors import InputError, nearest
from lac_analysis.report import commands as commands_of_report
from lac_analysis.sources import commands as commands_of_sources

_MOST = 2_000  # words of a command: argparse takes seconds for ten times as many
_EXIT = "exit codes: 0 done, 1 a run failed or differs, 2 bad input or usage"
_STOPPED = "stopped; no file is half-written, and the same command does what is not done"


def main(argv: list[str] | None = None) -> int:
    """Entry point. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    _prepare_streams()
    try:
        with _heard_once(), _safe_path():
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
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
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


def _prepare_streams() -> None:
    """What is closed is /dev/null, or a file opened later would get its number; a letter that the
    terminal's encoding has not is escaped.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(number, True)  # a kernel needs it, too
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Once(argparse.Action):
    """Keeps an option's value, and refuses a second one: argparse would silently take the last."""

    def __call__(self, parser, namespace, values, option_string=None):
        given = vars(namespace).setdefault("given", [])
        if option_string and self.dest in given:
            raise argparse.ArgumentError(self, "given twice")
        given.append(self.dest)
        setattr(namespace, self.dest, values)


class _Flag(_Once):
    def __init__(self, **options):
        super().__init__(nargs=0, default=False, **options)

    def __call__(self, parser, namespace, values, option_string=None):
        super().__call__(parser, namespace, True, option_string)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options):
        super().__init__(**options)
        self.register("action", None, _Once)  # what an option does where it does not say
        self.register("action", "store_true", _Flag)

    def print_help(self, file=None):
        """As argparse does, but what cannot be written is an error."""
        print(self.format_help(), end="", file=file)


def _command(argv: list[str]) -> int:
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


@contextmanager
def _heard_once() -> Iterator[None]:
    """Let what a terminal or a queue of jobs sends end the command as Ctrl-C does, and hear only
    the first of them: what is then tidied up is not to be interrupted again.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGXCPU")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]

    def stop(*_) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {}
    with suppress(ValueError):  # not the main thread, which alone hears signals
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, heard in before.items():
            signal.signal(number, heard)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Let no process that is started here import from the folder that the user is in."""
    name = "PYTHONSAFEPATH"
    usual = os.environ.get(name, "")  # blank is as if it were not set
    os.environ[name] = "1"
    try:
        yield
    finally:
        os.environ[name] = usual


def _parser() -> tuple[argparse.ArgumentParser, dict]:
    parser = _Parser(prog="lac", description=__doc__, epilog=_EXIT)
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

    run = add("run", _run, "run notebooks with parameters")
    run.add_argument("notebook", nargs="*", help="such as authority or 08_authority (default: all)")
    run.add_argument("-p", action="append", default=[], metavar="KEY=VALUE",
                     help="set a parameter of the notebooks")  # fmt: skip
    run.add_argument("--data", metavar="FILE", help="your own engagement records")
    run.add_argument("--sweep", type=options.path, metavar="FILE.yml",
                     help="notebooks times parameter sets, from a file")  # fmt: skip
    run.add_argument("--out", type=options.path, default=config.RUNS, help="folder to write")
    _add_batch_options(run)

    reproduce = add("reproduce", _reproduce, "build, run all, print verdicts, make the site")
    reproduce.add_argument("--out", type=options.path, default=config.ROOT,
                           help="folder for runs/, site/ and what is published")  # fmt: skip
    reproduce.add_argument("--accept", action="store_true",
                           help="replace a reference of other raw tables")  # fmt: skip
    _add_batch_options(reproduce)

    verify = add("verify", _verify, "everything again from raw data, compared with the reference")
    _add_workers(verify)

    commands_of_report.add(add)
    commands_of_sources.add(add)
    add("lab", _lab, "open the notebooks in JupyterLab, with its options such as --no-browser")
    return parser, commands.choices


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-j", type=options.positive(int), default=os.cpu_count() or 1, metavar="N",
                        help="notebooks at a time (default: cores)")  # fmt: skip


def _add_batch_options(parser: argparse.ArgumentParser) -> None:
    _add_workers(parser)
    parser.add_argument("--force", action="store_true", help="run even what is up to date")
    parser.add_argument("--timeout", type=options.positive(float), metavar="SECONDS",
                        help="longest time for one notebook")  # fmt: skip


def _batch_options(arguments) -> dict:
    return {"force": arguments.force, "timeout": arguments.timeout, "workers": arguments.j}


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


def _run(arguments) -> int:
    from lac_analysis.batch import jobs, parameters, progress, run, sweep

    values = _values(arguments)
    if arguments.sweep and arguments.notebook:
        raise InputError("a sweep names its notebooks itself", value=" ".join(arguments.notebook))
    notebooks = [parameters.find(name) for name in arguments.notebook] or parameters.every()
    swept = sweep.read(arguments.sweep, values) if arguments.sweep else None
    if arguments.data and swept and "engagements" in swept.values:
        problem = "your own records are named twice"
        raise InputError(problem, value=arguments.data, expected="--data, or the sweep's own")
    # a table named as a parameter is one of the user's, too
    arguments.data = arguments.data or (swept.values if swept else values).get("engagements", "")
    if arguments.data:
        from lac_analysis.sources import own

        given = values
        values = swept.values if swept else values
        chosen = {job.notebook for job in swept.jobs} if swept else notebooks
        declared = {notebook: parameters.declared(notebook) for notebook in chosen}
        for notebook, names in declared.items():
            if "engagements" not in names:
                expected = 'engagements: str = "" among its parameters'
                raise InputError("it takes no records of yours", file=notebook, expected=expected)
        values, said = own.prepare(arguments.data, values, set().union(*declared.values()))
        print(said)
        given = given | {"engagements": arguments.data}
        swept = sweep.read(arguments.sweep, given, values) if swept else None
    if swept:
        return sweep.run(swept, arguments.out, **_batch_options(arguments))
    planned = jobs.plan(notebooks, values)
    code = run.run_all(planned, arguments.out, **_batch_options(arguments))
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


def _reproduce(arguments) -> int:
    from lac_analysis.batch import cache, jobs, parameters, run
    from lac_analysis.report import reference

    notebooks, runs, place = parameters.every(), arguments.out / "runs", arguments.out / "site"
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
    code = run.run_all(planned, runs, **_batch_options(arguments))
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
    for path in sorted(config.NOTEBOOKS.glob("*.ipynb")):
        copy = folder / path.name
        if not os.path.lexists(copy):
            files.write_bytes(copy, path.read_bytes())
        elif not copy.is_file():
            raise InputError("not a regular file", file=copy, expected="a notebook, or nothing")
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
