"""Manifests: which files are ours, by hash, and files that are published or replaced by them."""

import hashlib
import os
from contextlib import ExitStack
from pathlib import Path

from lac_analysis import files, outputs


def write(path: Path, content: dict) -> Path:
    """Write what `read` reads, atomically: the content, and its own hash."""
    return files.write_json(path, content | {"seal": files.json_sha256(content)})


def read(path: Path) -> dict:
    """What `write` wrote; empty where there is none, or an edited one, or a link to it."""
    content = {} if path.is_symlink() else files.read_object(path)
    return content if content.pop("seal", "") == files.json_sha256(content) else {}


def put(made: Path, path: Path, before: dict) -> None:
    """Move a manifest of ours over `before`, the one that is there (empty: none), in one step: who
    is killed leaves one of the two. InputError where another is there.
    """
    (os.replace if before and read(path) == before else outputs.put_new)(made, path)


def publish(made: dict[str, bytes], content: dict, manifest: Path, out: Path) -> None:
    """Write files, name -> content, below `out`, and `content` with their hashes as the manifest.

    Files that the manifest there lists and that are made no more are removed; those of others stay.
    InputError, and nothing is written, where a file that it does not list, or that was changed
    since, or a link, or a manifest of other keys is in the way.
    """
    old = read(manifest)
    if old.keys() != {*content, "files"} and os.path.lexists(manifest):
        raise outputs.not_ours(manifest)
    ours = {name: digests.split() for name, digests in old.get("files", {}).items()}
    now = {name: hashlib.sha256(new).hexdigest() for name, new in made.items()}
    for name in made:
        known = ours.setdefault(name, [])
        known.append(now[name])
        is_changed = os.path.lexists(out / name) and files.digest(out / name) not in known
        link = link_on(out / name, out)
        if is_changed or link:
            raise outputs.not_ours(link or out / name)
    # the old and the new hashes are noted first, so that one that is killed leaves the next to know
    # what is ours
    listed = {"files": {name: " ".join(known) for name, known in ours.items()}}
    noted = {key: {} for key in content} | old | listed
    with outputs.unfinished(out) as work, ExitStack() as undo:
        stale = [name for name in made if files.digest(out / name) != now[name]]
        new = {name: work / str(number) for number, name in enumerate(stale)}
        files.write_all(work, {new[name].name: made[name] for name in stale})
        for folder in {manifest.parent: 0} | {(out / name).parent: 0 for name in new}:
            undo.enter_context(outputs.new_folder(folder))
        put(write(work / "manifest", noted), manifest, old)
        for name, path in new.items():
            outputs.put_over(path, out / name, lambda at, name=name: files.digest(at) in ours[name])
        for name in ours.keys() - made.keys():
            if files.digest(out / name) in ours[name] and not link_on(out / name, out):
                (out / name).unlink()
                if not any((out / name).parent.iterdir()):
                    (out / name).parent.rmdir()
        last = write(work / "manifest", content | {"files": now})
        put(last, manifest, noted)


def link_on(path: Path, out: Path) -> Path | None:
    """What of `path` and the folders between it and `out` is a link: to what is not ours."""
    way = (each for each in (path, *path.parents) if out in each.parents)
    return next(filter(Path.is_symlink, way), None)
