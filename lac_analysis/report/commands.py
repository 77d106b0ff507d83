"""The commands of `lac` that show and hand out what was found; imported by every `lac`, so it
imports little itself.
"""

import re
from collections.abc import Callable
from pathlib import Path

from lac_analysis import config, files, options
from lac_analysis.errors import InputError

_LISTS = files.read_yaml(Path(__file__).with_suffix(".yml"))  # option -> its help


def add(command: Callable) -> None:
    """Add verdicts, report and export, each by `command(name, function, help)`."""
    command("verdicts", lambda arguments: print_verdicts(config.ROOT), "print the verdict table")

    report = command("report", _report, "write a site of the last runs that opens from disk")
    root = config.ROOT
    report.add_argument("--out", type=options.path, default=root / "site", help="folder to write")
    report.add_argument("--project", type=options.path, default=root, help="folder with runs/")

    export = command("export", _export, "write the data as CSV, Parquet, Excel and Stata files")
    export.add_argument("--out", type=options.path, required=True, help="folder to write")
    export.add_argument("--data", type=options.named, help="your own engagement records")
    export.add_argument("--window", type=options.named, help="years, such as 2000-2020")
    export.add_argument("--text", type=options.named, help="words to be found in a record of it")
    for name, about in _LISTS.items():
        option = f"--{name.replace('_', '-')}"
        export.add_argument(option, metavar="A,B", type=options.comma_separated, help=about)


def print_verdicts(folder: Path) -> int:
    """Print the verdict table of the reference run in a folder."""
    from lac_analysis.report import reference, verdicts

    print(verdicts.as_text(reference.verdicts(folder)))
    return 0


def _report(arguments) -> int:
    from lac_analysis.report.site import build as site

    print(f"Open {site.build(arguments.out, arguments.project)} in a browser.")
    return 0


def _export(arguments) -> int:
    import lac_analysis as lac
    from lac_analysis.report.export import EVERY

    chosen = {name: getattr(arguments, name) for name in (*_LISTS, "text")}
    chosen = {name: value for name, value in chosen.items() if value}
    if arguments.window:
        years = re.fullmatch(r"([0-9]{4})-([0-9]{4})", arguments.window)
        if years is None:
            expected = "first and last year, such as 2000-2020"
            raise InputError("option --window", value=arguments.window, expected=expected)
        chosen["window"] = (int(years[1]), int(years[2]))
    if arguments.data:
        from lac_analysis.sources import own

        mine = own.read(arguments.data)
        left = f"{len(mine.left_out):,} left out, being of other countries or there twice"
        data = own.stand_in(mine, arguments.data)
        of = f"of {len(data.engagements):,} engagements"
        print(f"{mine.format}: {len(mine.records):,} records {of}; {left}")
        if gone := data.engagements["planned"].sum():
            print(f"{gone:,} engagements are said to be planned, and are in no table of an export")
        if mine.blank:
            print(f"{len(mine.blank):,} blank rows left out")
        if mine.unused:
            print(f"columns not used: {', '.join(mine.unused)}")
    else:
        data = lac.load()
    folder = lac.export(arguments.out, data, **chosen)
    chosen.pop("formats", None)
    print(f"Written: {folder} ({len(lac.select(data, **EVERY | chosen)):,} engagements)")
    return 0
