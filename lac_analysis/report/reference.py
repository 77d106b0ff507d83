"""From finished runs to what is committed: figures/, data/reference/, data/export/ and
docs/notebooks/.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
from importlib.metadata import requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from lac_analysis import config, files, manifests, outputs
from lac_analysis.batch import cache
from lac_analysis.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

ROWS = "raw_rows.csv"  # a digest of every row of the raw tables
_TABLE = "_table.csv"
_VERDICTS = "99_verdicts"
_NO_TABLE, _WHOSE = "not a table of a reference run", "none, or what `lac reproduce` wrote"
_SPECIFICATIONS = "specifications_all.csv"
_NUMBERS = dict.fromkeys(
    ("estimate", "low", "high", "sesoi", "holm_p", "supported_no_effect", "supported_sesoi"), float
)  # of the table of verdicts


def publish(runs: Path, notebooks: list[str], out: Path) -> None:
    """Copy every run's pictures to `out/figures/<notebook>`, its finding to
    `out/data/reference/<notebook>.json`, and the executed notebook, as Markdown, to
    `out/docs/notebooks/<notebook>.md`.

    What a run calls `<name>_table.csv` becomes `out/data/reference/<name>.csv`. The manifest there
    says what the runs were made of. Files that an earlier publication wrote and no run makes any
    more are removed; files of others stay. InputError: a file that no publication wrote, or
    that was changed since, stands in the way; then nothing is written.
    """
    made = _made(runs, notebooks)
    with outputs.alone(out):
        manifest = out / "data" / "reference" / cache.MANIFEST
        manifests.publish(made, _made_of(runs, notebooks), manifest, out)


def refuse_foreign(out: Path) -> None:
    """Raise InputError, before anything runs, where `publish` would meet a file that no publication
    wrote, or that was changed since: one that it made the last time, here or in the project.
    """
    ours, usual = (
        cache.read(folder).get("files", {})
        for folder in (out / "data" / "reference", config.REFERENCE)
    )
    for name in ours | usual:
        known, path = f"{ours.get(name, '')} {usual.get(name, '')}".split(), out / name
        if link := manifests.link_on(path, out):
            raise outputs.not_ours(link)
        try:
            path.lstat()
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            raise outputs.not_ours(next(filter(os.path.lexists, path.parents))) from None
        if files.digest(path) not in known:
            raise outputs.not_ours(path)


def _made(runs: Path, notebooks: list[str]) -> dict[str, bytes]:
    """What is published: path below the output folder -> content."""
    import pandas as pd

    from lac_analysis import tables
    from lac_analysis.report import executed, export

    made = {}
    for name in notebooks:
        for path in sorted((runs / name).iterdir()):
            if path.name.endswith(_TABLE):
                table = f"{path.name.removesuffix(_TABLE)}.csv"
                made[f"data/reference/{table}"] = path.read_bytes()
            elif path.suffix in files.PARTS and path.name != _SPECIFICATIONS:
                made[f"figures/{name}/{path.name}"] = path.read_bytes()
            elif path.suffix == ".ipynb":
                text, pictures = executed.markdown(path.parent)
                made[f"docs/notebooks/{name}.md"] = text.encode("utf-8")
                made |= {f"figures/{name}/{file}": png for file, png in pictures.items()}
        made[f"data/reference/{name}.json"] = (runs / name / files.FINDING).read_bytes()
    if _VERDICTS in notebooks:
        verdict_table = pd.read_csv(runs / _VERDICTS / f"verdicts{_TABLE}")
        exported = export.contents(tables.load(), None, verdict_table)
        made |= {f"data/export/{name}": content for name, content in exported.items()}
    table = raw_rows().to_csv(index=False, lineterminator="\n")
    return made | {f"data/reference/{ROWS}": table.encode("utf-8")}


def _made_of(runs: Path, notebooks: list[str]) -> dict:
    """SHA-256 of every file that the runs depend on, and the versions they ran on."""
    inputs = {}
    for name in notebooks:
        own = {"notebook": f"notebooks/{name}.ipynb", "environment": "uv.lock"}
        for file, digest in cache.read(runs / name).get("inputs", {}).items():
            if not file.startswith("needs/"):
                inputs[own.get(file, file)] = digest
    keys = {name: cache.read(runs / name).get("key", "") for name in notebooks}
    return {"versions": versions(), "runs": keys, "inputs": dict(sorted(inputs.items()))}


def raw_rows(raw: Path = config.RAW) -> pd.DataFrame:
    """A digest of every row of the raw tables, as it is written there: table, key (the primary one,
    or the first three columns where there is none) and digest, all text.
    """
    import pandas as pd

    from lac_analysis.records import schema

    found = []
    for name, described in schema.tables().items():
        path = raw / f"{name}.csv"
        text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        columns = described["schema"].get("primaryKey", list(text.columns[:3]))
        key = text[[columns] if isinstance(columns, str) else columns].agg(" ".join, axis=1)
        again = key.groupby(key).cumcount() + 1
        key = key.where(again == 1, key + " (" + again.astype(str) + ")")
        rows = text.agg("\x1f".join, axis=1)
        digest = [hashlib.sha256(row.encode("utf-8")).hexdigest()[:12] for row in rows]
        found.append(pd.DataFrame({"table": name, "key": key, "digest": digest}))
    said = hashlib.sha256((config.RAW / "datapackage.json").read_bytes()).hexdigest()[:12]
    described = {"table": "datapackage.json", "key": "what describes the tables", "digest": said}
    return pd.concat([*found, pd.DataFrame([described])], ignore_index=True)


def changed_rows(reference: Path, raw: Path = config.RAW) -> list[str]:
    """The rows of the raw tables that are not those of a reference run, one sentence each: 'places
    XY-12 was changed'. Empty where they agree, or where there is no reference.
    """
    if not (reference / ROWS).is_file():
        return []
    then = _read(reference / ROWS, ["table", "key", "digest"])
    both = then.merge(
        raw_rows(raw), how="outer", on=["table", "key"], suffixes=("", "_now"), indicator="side"
    )
    both = both[both["digest"].ne(both["digest_now"])]
    said = {"left_only": "is gone", "right_only": "is new", "both": "was changed"}
    return [f"{row.table}: {row.key} {said[row.side]}" for row in both.itertuples()]


def is_published(out: Path, runs: Path, notebooks: list[str]) -> bool:
    """Whether what is published in `out` is of these runs, all of it, as it was written."""
    reference = out / "data" / "reference"
    made = cache.read(reference).get("files", {})
    return is_of(reference, runs, notebooks) and all(files.digest(out / f) == made[f] for f in made)


def is_of(folder: Path, runs: Path, notebooks: list[str]) -> bool:
    """Whether a folder, such as the site, was made of these runs: a reproduction that was killed
    leaves an older one, or none.
    """
    made = cache.read(folder).get("runs", {})
    return all(made.get(name) == cache.read(runs / name).get("key", "") for name in notebooks)


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that this project names."""
    lines = [line for line in requires("lac-analysis") or () if "extra ==" not in line]
    names = sorted((re.match(r"[\w.-]+", line).group() for line in lines), key=str.lower)
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def verdicts(out: Path) -> pd.DataFrame:
    """The verdict table of the reference run. Raises InputError where there is none yet, or where
    it was changed since.
    """
    name = "data/reference/verdicts.csv"
    path = files.require(out / name, "run `lac reproduce` first")
    if files.digest(path) not in cache.read(path.parent).get("files", {}).get(name, "").split():
        problem, expected = "it is not as the reference run wrote it", "`git checkout` of it"
        raise InputError(problem, file=path, expected=f"{expected}, or lac reproduce without it")
    return _read(path, dtype={"number": str} | _NUMBERS)


def _read(path: Path, columns: list[str] | None = None, dtype: object = str) -> pd.DataFrame:
    """A table of a reference run. Raises InputError for what is none."""
    import pandas as pd

    try:  # ValueError: not UTF-8, empty, ragged, or other columns
        return pd.read_csv(path, dtype=dtype, usecols=columns, keep_default_na=columns is None)
    except ValueError:
        raise InputError(_NO_TABLE, file=path, expected=_WHOSE) from None
