"""Where lac may write: nothing of anybody's is replaced, and what is left is whole or not there."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lac_analysis import keeper
from lac_analysis.errors import InputError

_LOCK = ".lac.lock"


def claim_output(path: str | Path, inputs: Iterable[str | Path] = (), suffix: str = "") -> Path:
    """The path, if a file may be written there: nothing of anybody's is ever replaced. InputError
    where it is blank, does not end in `suffix`, is one of the `inputs` that are read, is there
    already (file, folder, device or link), or in no folder that can be written.
    """
    path, whole = Path(path), absolute(path)
    if path.name.strip() in ("", "..") or (suffix and path.suffix != suffix):
        expected = f"a new name that ends in {suffix}" if suffix else "a new name"
        raise InputError("not the name of an output", value=str(path), expected=expected)
    try:
        if any(path.resolve() == Path(other).resolve() for other in inputs):
            raise InputError("the output would replace the input", file=path, expected="a new name")
        path.lstat()
    except FileNotFoundError:
        if not is_writable(whole.parent):
            expected = "a folder of one's own"
            raise InputError("the folder cannot be written", file=path, expected=expected) from None
        return path
    except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL, a circle of links
        raise unwritable(path, error) from None
    raise InputError("it is there already, and is not replaced", file=path, expected="a new name")


def is_writable(folder: Path) -> bool:
    """Whether a folder, given from the root, can be written, or made."""
    there = next(parent for parent in (folder, *folder.parents) if os.path.lexists(parent))
    return there.is_dir() and os.access(there, os.W_OK)


def absolute(path: str | Path) -> Path:
    """The path from the root. InputError where the present folder is gone."""
    try:
        return followed(Path(path).absolute())
    except OSError as error:
        raise unwritable(path, error) from None


def followed(path: str | Path) -> Path:
    """E/../F as F, as a folder that a path goes through may be replaced meanwhile. Its last name
    may be a link, which is not followed but refused.
    """
    path = Path(path)
    if ".." not in path.parts:
        return path
    if path.name == "..":
        return Path(os.path.realpath(path))
    return Path(os.path.realpath(path.parent), path.name)


def unwritable(path: Path, error: Exception) -> InputError:
    """The refusal of an output of which the system says this; a full disk is no bad input."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        raise error
    said = getattr(error, "strerror", None) or error
    return InputError(f"it cannot be written ({said})", file=path)


def not_ours(path: Path) -> InputError:
    """The refusal to replace or remove what no manifest of ours lists, by its hash."""
    problem = "lac did not write this, or it was changed since, and leaves it alone"
    return InputError(problem, file=path, expected="another output folder, or this moved elsewhere")


def put_new(made: Path, path: Path) -> None:
    """Move a file or a folder of ours. InputError where something is at `path`, however new."""
    try:
        if made.is_dir():
            path.mkdir()
            try:
                made.rename(path)
            except OSError as error:
                try:
                    path.rmdir()
                except OSError:  # where things may be made and not removed
                    raise unwritable(path, error) from None
                raise
        else:
            os.link(made, path)  # which replaces nothing, as a rename would
            made.unlink()
    except OSError as error:
        claim_output(path)
        if error.errno == errno.EXDEV:
            problem = "another file system than that of the folder which it is in"
            raise InputError(problem, file=path.parent, expected="a new folder in it") from None
        with ExitStack() as undo:
            if not made.is_dir():  # a file system without hard links
                path.touch(exist_ok=False)
                undo.callback(path.unlink)
            os.replace(made, path)
            undo.pop_all()


def put_all(made: dict[Path, Path]) -> None:
    """Move new files to their places, all or none: place -> file. As `put_new`."""
    with ExitStack() as undo:
        for path, file in made.items():
            undo.callback(_remove_one, path, file.lstat())
            put_new(file, path)
        undo.pop_all()


def _remove_one(path: Path, made: os.stat_result) -> None:
    with suppress(OSError):
        if os.path.samestat(path.lstat(), made):
            path.unlink()


def put_over(made: Path, path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Move a file or a folder of ours over another, or where there is none. A file is replaced in
    one step, a folder in two. InputError where what is there is not ours, also if somebody has just
    written it: it goes back, as it does if anything else fails.
    """
    if not os.path.lexists(path):
        return put_new(made, path)
    if not is_ours(path):
        raise not_ours(path)
    is_folder = path.is_dir()
    with tempfile.TemporaryDirectory(dir=made.parent, ignore_cleanup_errors=True) as folder:
        aside = Path(folder, path.name)
        try:
            if is_folder:
                os.replace(path, aside)
                was = aside.stat()
                for ids in ((-1, was.st_gid), (was.st_uid, -1)):
                    with suppress(OSError):  # a group that the user is not of, or another's folder
                        os.chown(made, *ids)
                shutil.copystat(aside, made)  # its access list, too
                os.utime(made)
            else:
                with suppress(OSError):  # a file system without hard links
                    os.link(path, aside)  # what is written into it now is seen there, too
                os.replace(made, path)
            if aside.exists() and not is_ours(aside):
                raise not_ours(path)
            if is_folder:
                put_new(made, path)
        except BaseException:
            if aside.exists():
                os.replace(aside, path)
            raise
    return None


def passing_folder(place: str | Path, prefix: str) -> tuple[subprocess.Popen, Path]:
    """A new folder in `place`, and the process that removes it when its input is closed, as it is
    when this process ends, even by SIGKILL.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=Path(place).resolve()))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    # from the folder above, by its name there: that may be renamed meanwhile
    program = [sys.executable, "-I", "-S", os.path.abspath(keeper.__file__), folder.name]
    try:
        process = subprocess.Popen(program, stdin=subprocess.PIPE, cwd=folder.parent, **quiet)
        return process, folder
    except BaseException:
        folder.rmdir()
        raise


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """A new folder for unfinished work in an output folder, which is gone at the end."""
    process, folder = passing_folder(out, ".lac-")
    try:
        yield folder
    finally:
        keeper.remove(str(folder))
        process.communicate()
        if os.path.lexists(folder):  # where files may be made and not removed
            print(f"{folder}: it could not be removed", file=sys.stderr)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of an output folder; where another run holds it, say so and wait. InputError
    where the folder cannot be written, or something else stands at the lock's.
    """
    from filelock import FileLock, Timeout

    path = Path(folder) / _LOCK
    lock = FileLock(path)
    with new_folder(path.parent), ExitStack() as undo:
        try:
            at = os.open(path.parent, os.O_RDONLY)  # which may be renamed meanwhile
            undo.callback(os.close, at)
            with suppress(FileNotFoundError):  # one look: it may go in this moment
                found, expected = path.lstat(), "nothing of this name"
                if found.st_size or not stat.S_ISREG(found.st_mode):
                    raise InputError("not a lock of lac", file=path, expected=expected)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if path.exists():
                    said = f"another run is at work in {folder}: waiting for it to end"
                    print(said, file=sys.stderr)
                # else the other ended in this moment, or no lock can be made here: an OSError then
                lock.acquire(timeout=-1 if path.exists() else 1)
            held = path.lstat()
        except OSError as error:
            raise unwritable(folder, error) from None
        try:
            yield
        finally:
            with suppress(OSError):
                left = os.stat(_LOCK, dir_fd=at, follow_symlinks=False)
                if os.path.samestat(left, held) and not left.st_size:  # nobody has written there
                    # while it is held: nobody is to take a lock that is gone
                    os.unlink(_LOCK, dir_fd=at)
            lock.release()


@contextmanager
def new_folder(path: Path) -> Iterator[None]:
    """Make a folder and those above it; where the block fails, those that are empty go again."""
    missing = [each for each in (path, *path.parents) if not os.path.lexists(each)]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError, RecursionError) as error:
            raise unwritable(path, error) from None
        yield
    except BaseException:
        for each in missing:  # the deepest first
            with suppress(OSError, ValueError):
                each.rmdir()
        raise
