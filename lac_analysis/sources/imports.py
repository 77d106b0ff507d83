"""The data sets that can be read, by kind; told apart by their content, not by the name of the
file.
"""

from importlib import import_module
from pathlib import Path

from lac_analysis.errors import InputError
from lac_analysis.sources import gdelt, read
from lac_analysis.sources.imported import Imported

KINDS = {
    "gcdf": "AidData's Global Chinese Development Finance: project tables 1.0 to 3.0, admin-1 locations",
    "cgit": "China Global Investment Tracker",
    "twins": "a list of twin towns (city1, country1, city2, country2, start)",
    "gdelt": "GDELT 2.0 events",
}


def convert(kind: str, path: Path, projects: Path | None = None) -> Imported:
    """Read a file of a kind into our schema.

    Parameters
    ----------
    projects : for the locations of `gcdf`, the project file with their years and agencies.

    Raises
    ------
    InputError : an unknown kind, a file of another kind (which is named), or one that cannot be
        read.
    """
    if kind not in KINDS:
        raise InputError("unknown kind of data set", value=kind, expected=", ".join(KINDS))
    if projects and kind != "gcdf":
        raise InputError("option --projects", value=kind, expected="gcdf, with a location file")
    path = Path(path)
    try:
        options = {"projects": projects} if projects else {}
        return import_module(f"lac_analysis.sources.{kind}").convert(path, **options)
    except InputError as error:
        other = "" if projects else recognise(path)
        if other and not other.startswith(f"{kind}: "):
            raise InputError(f"the content is not {kind} but {other}", file=path.name,
                             expected=f"lac import {other.partition(':')[0]} {path.name}") from None  # fmt: skip
        raise error from None


def recognise(path: Path) -> str:
    """'kind: data set and version' of a file, by its content; '' if it is none of them."""
    try:
        if found := gdelt.identify(gdelt.first_line(path)):
            return f"gdelt: {found}"
        for kind in ("gcdf", "cgit", "twins"):
            adapter = import_module(f"lac_analysis.sources.{kind}")
            if found := adapter.identify(read.read(path, adapter.WANTED).frame.columns):
                return f"{kind}: {found}"
    except InputError:
        return ""
    return ""
