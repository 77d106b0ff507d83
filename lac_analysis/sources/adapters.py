"""The data sets that can be read, by kind; told apart by their content, not by the file's name."""

from pathlib import Path

from lac_analysis.errors import InputError
from lac_analysis.sources import cgit, gcdf, gdelt, read, twins
from lac_analysis.sources.imported import Imported, identify, wanted

KINDS = {"gcdf": gcdf.convert, "cgit": cgit.convert, "twins": twins.convert, "gdelt": gdelt.convert}


def convert(kind: str, path: Path, projects: Path | None = None, encoding: str = "") -> Imported:
    """Read a file of a kind into our schema.

    Parameters
    ----------
    projects : for the locations of `gcdf`, the project file with their years and agencies.
    encoding : as in `read.table`.

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
        if kind == "gcdf":
            return gcdf.convert(path, encoding, projects)
        return KINDS[kind](path, encoding)
    except InputError as error:
        other = "" if projects else recognise(path, encoding)
        if other and not other.startswith(f"{kind}: "):
            expected = f"lac import {other.partition(':')[0]} {path.name}"
            problem = f"the content is not {kind} but {other}"
            raise InputError(problem, file=path.name, expected=expected) from None
        raise error from None


def recognise(path: Path, encoding: str = "") -> str:
    """'kind: data set and version' of a file, by its content; '' if it is none of them."""
    try:
        if gdelt.is_event(gdelt.first_line(path)):
            return f"gdelt: {gdelt.VERSION}"
        for kind in ("gcdf", "cgit", "twins"):
            header = read.read(path, wanted(kind), encoding).frame.columns
            if version := identify(kind, header):
                return f"{kind}: {version}"
    except InputError:
        pass
    return ""
