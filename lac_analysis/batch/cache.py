"""What lac has written and can prove, and whether it is up to date: by content alone.
A folder of ours holds a manifest that lists every file in it with its SHA-256. Nothing is replaced
or removed that no manifest lists, or that was changed since. Nothing here imports pandas or
papermill, so that a run with nothing to do is over before they would be loaded.
"""

import hashlib
import os
import platform
import shutil
from contextlib import ExitStack
from functools import cache
from pathlib import Path, PurePosixPath

from lac_analysis import config, files, manifests, outputs
from lac_analysis.errors import InputError

MANIFEST = "manifest.json"
_KINDS = ("key", "failed", "runs", "sweep", "input_hash")  # the first says what a folder is of
_HASHED = (".py", ".yml", ".json", ".csv", ".geojson")  # what the package and data/raw compute from


def inputs(notebook: Path, engagements: str = "") -> dict[str, str]:
    """SHA-256 of all that a notebook may depend on: itself, the library, the data, the lock file,
    and `engagements`, a table of the user's own.
    """
    found = [config.CLAIMS_FILE]
    for folder in (config.PACKAGE, config.RAW):
        found += sorted(path for path in folder.rglob("*") if path.suffix in _HASHED)
    named = {"notebook": notebook, "environment": config.ROOT / "uv.lock"}
    named |= {path.relative_to(config.ROOT).as_posix(): path for path in found}
    named |= {"engagements": Path(engagements)} if engagements else {}
    return {name: sha256(path) for name, path in named.items()}


def key(name: str, values: dict, hashes: dict[str, str]) -> str:
    """SHA-256 over a run's notebook, its values, the hashes of its inputs, and Python's version;
    where a table of the user's lies is no part of it.
    """
    values = {name: value for name, value in values.items() if name != "engagements"}
    return files.json_sha256([name, values, hashes, platform.python_version()])


def up_to_date(folder: Path, key: str) -> bool:
    """Whether `folder` holds a run of this key, with every output as it was written."""
    return read(folder).get("key") == key and not changed(folder)


def changed(folder: Path) -> list[Path]:
    """The outputs of a run that are not as it wrote them, or that it did not tell of."""
    written = read(folder).get("outputs", {})
    if files.FINDING not in written:
        return [folder / files.FINDING]
    return [folder / name for name, digest in written.items() if not _is(folder / name, digest)]


def read(folder: Path) -> dict:
    """The manifest of a folder; empty where there is none, or where it was edited."""
    return manifests.read(folder / MANIFEST)


def refuse_foreign(folder: Path, kind: str | None = None) -> None:
    """Raise InputError where `folder` holds what no run wrote, or what was changed since, or where
    the command was started: moved, it would take every relative path with it; or where it is of
    another kind than given. A folder that is not there, or is empty, is free.
    """
    try:
        here, resolved = Path.cwd(), folder.resolve()
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise outputs.not_ours(folder)
        if folder.exists() and not os.access(folder, os.W_OK):
            raise outputs.unwritable(folder, PermissionError("read-only"))
    except (OSError, ValueError, RuntimeError) as error:  # as `outputs.claim_output`
        raise outputs.unwritable(folder, error) from None
    if resolved in (here, *here.parents) and any(folder.iterdir()):
        problem, expected = "the folder that you are in would be replaced", "to start from another"
        raise InputError(problem, file=folder, expected=expected)
    manifest = read(folder)
    if not manifest and os.path.lexists(folder / MANIFEST):  # of another program, or edited
        raise outputs.not_ours(folder / MANIFEST)
    if manifest and kind not in (None, _kind(manifest)):
        expected = "another output folder, or this moved elsewhere"
        raise InputError("lac wrote this for something else", file=folder, expected=expected)
    ours = manifest.get("outputs", {})
    folders = {parent.as_posix() for name in ours for parent in PurePosixPath(name).parents}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            # what it holds is told, or that it cannot be read
            if not any(path.iterdir()) and name not in folders:
                raise outputs.not_ours(path)
        elif name != MANIFEST and not _is(path, ours.get(name, "")):
            raise outputs.not_ours(path)


def put_in_place(work: Path, target: Path, manifest: dict) -> None:
    """Write the manifest of the finished folder `work`, outputs included, and let it replace ours
    of its kind: a site is not to replace an export.
    Raises InputError: `target` holds something else, and stays as it is; or `work` a link, a pipe.
    """
    if work.is_symlink():
        raise InputError("a link in the place of the new folder", file=work.name)
    if os.path.lexists(work / MANIFEST):
        raise InputError("a file of this name is lac's to write", file=MANIFEST)
    for path in sorted(work.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()  # no manifest could tell it from one of the user's
        elif path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise InputError("a link, a pipe or a device is left", file=path.relative_to(work))
    written = sorted(path for path in work.rglob("*") if path.is_file())
    hashes = {path.relative_to(work).as_posix(): sha256(path) for path in written}
    manifests.write(work / MANIFEST, manifest | {"outputs": hashes})
    refuse_foreign(target, _kind(manifest))

    def is_ours(folder: Path) -> bool:
        try:
            refuse_foreign(folder, _kind(manifest))
        except InputError:
            return False
        return True

    if target.exists() and not any(target.iterdir()):  # the user's, who may be in it: it stays
        with ExitStack() as undo:
            for path in sorted(work.iterdir(), key=lambda path: path.name != MANIFEST):
                outputs.put_new(path, target / path.name)
                undo.callback(os.replace, target / path.name, path)
            undo.pop_all()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        outputs.put_over(work, target, is_ours)


def remove(folder: Path) -> None:
    """Remove a folder of ours, if it is there; InputError where something in it is not ours."""
    refuse_foreign(folder)
    shutil.rmtree(folder, ignore_errors=True)


def finding(folder: Path) -> dict:
    """The finding of a run; empty where there is none that can be read."""
    return files.read_object(folder / files.FINDING)


def sha256(path: Path) -> str:
    """SHA-256 of a file's content."""
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_ino, stat.st_size)


@cache
def _sha256(path: Path, _changed: int, _inode: int, _size: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _kind(manifest: dict) -> str:
    return next((name for name in _KINDS if name in manifest), "")


def _is(path: Path, digest: object) -> bool:
    """Whether `path` is a regular file, no link, of this hash."""
    try:
        return path.is_file() and not path.is_symlink() and sha256(path) == digest
    except OSError:
        return False
