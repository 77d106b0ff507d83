"""Is a run up to date? By content alone: the key of what goes in, and the hashes of what came out.

Nothing here imports pandas or papermill, so that a run with nothing to do is over before they would
be loaded.
"""

import hashlib
import json
import platform
from functools import cache
from pathlib import Path

from lac_analysis import config
from lac_analysis.batch import code
from lac_analysis.batch.jobs import Job

MANIFEST = "manifest.json"


def inputs(job: Job) -> dict[str, str]:
    """SHA-256 of everything a job's outputs depend on: notebook, code, data, locked environment."""
    files = set(code.reach(job.notebook).files)
    own = job.values.get("engagements")
    if own:
        files.discard(config.RAW / "engagements.csv")
    named = {"notebook": job.notebook, "environment": config.ROOT / "uv.lock"}
    named |= {path.relative_to(config.ROOT).as_posix(): path for path in sorted(files)}
    named |= {"engagements": Path(own)} if own else {}
    return {name: sha256(path) for name, path in named.items()}


def key(job: Job, hashes: dict[str, str]) -> str:
    """SHA-256 over a job's notebook name, values, inputs and Python version. A path of one's own
    data is not part.
    """
    values = {name: value for name, value in job.values.items() if name != "engagements"}
    content = [job.notebook.stem, values, hashes, platform.python_version()]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def up_to_date(folder: Path, key: str) -> bool:
    """Whether `folder` holds a run of this key, with every output as it was written."""
    manifest = read(folder)
    if not manifest or manifest.get("key") != key:
        return False
    try:
        return all(sha256(folder / name) == digest for name, digest in manifest["outputs"].items())
    except (OSError, KeyError, AttributeError):
        return False


def read(folder: Path) -> dict:
    """The manifest of a run; empty where there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def sha256(path: Path) -> str:
    """SHA-256 of a file's content."""
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_ino, stat.st_size)


@cache
def _sha256(path: Path, _changed: int, _inode: int, _size: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
