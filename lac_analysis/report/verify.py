"""Everything again from the raw data, compared with what is committed: what a reviewer runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lac_analysis import config, files, manifests
from lac_analysis.batch import cache, jobs, run, suite
from lac_analysis.claims.plan import load
from lac_analysis.errors import InputError
from lac_analysis.records import build, schema
from lac_analysis.report import differences, reference

_BINARY = (".xlsx", ".parquet", ".dta")  # of the export; their bytes depend on the libraries
_SHOWN = 12  # differences listed for one check
_PUBLISHED = {
    "findings": "data/reference",
    "figures": "figures",
    "export": "data/export",
    "executed notebooks": "docs/notebooks",
}


@dataclass(frozen=True)
class Check:
    """What was checked, and found in one sentence, with the differences one by one."""

    what: str
    agrees: bool
    found: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{'agrees ' if self.agrees else 'DIFFERS'}  {self.what}: {self.found}"]
        lines += [f"           {detail}" for detail in self.details[:_SHOWN]]
        if len(self.details) > _SHOWN:
            lines.append(f"           and {len(self.details) - _SHOWN:,} more")
        return "\n".join(lines)


def verify(work: Path, workers: int, project: Path = config.ROOT) -> Iterator[Check]:
    """Check the raw data, the plan and the reference of a project, one Check after the other.

    work : empty folder for everything that is made again.
    workers : notebooks at a time.
    project : folder whose data/reference and figures are the reference.

    Raises InputError: a raw table breaks its description, or there is no reference.
    """
    committed = project / "data" / "reference"
    path = files.require(committed / cache.MANIFEST, "run `lac reproduce` first")
    manifest = manifests.read(path)
    if not {"versions", "inputs"} <= manifest.keys():
        problem, expected = "not the manifest of a reference run", "run `lac reproduce` first"
        raise InputError(problem, file=path, expected=expected)
    yield raw_tables()
    yield _check("rows of the raw tables", reference.changed_rows(committed), "the same")
    yield versions(manifest["versions"])
    yield inputs(manifest["inputs"])
    yield choices(committed)
    processed = work / "processed"
    build.build(config.RAW, processed)
    yield sources(pd.read_parquet(processed / "engagements.parquet"))
    yield same_tables(processed)
    paths = suite.every()
    failed = run.run_all(jobs.of_the_plan(paths), work / "runs", workers=workers)
    found = "some failed: see above" if failed else f"{len(paths)} run again"
    yield Check("notebooks", not failed, found)
    if not failed:
        reference.publish(work / "runs", [path.stem for path in paths], work)
        for what, folder in _PUBLISHED.items():
            yield published(what, project / folder, work / folder)


def _check(what: str, details: list[str], well: str) -> Check:
    """A check that agrees where no difference is to be told: then all is `well`."""
    return Check(what, not details, f"{len(details):,} differ" if details else well, tuple(details))


def raw_tables() -> Check:
    """Each raw table against datapackage.json. Raises InputError at the first wrong cell."""
    tables = schema.tables()
    rows = sum(len(schema.read_raw(config.RAW / f"{name}.csv", name)) for name in tables)
    found = f"{len(tables)} tables, {rows:,} rows as datapackage.json describes them"
    return _check("raw tables", [], found)


def versions(expected: dict[str, str]) -> Check:
    """Versions of Python and libraries: another is told, and no fault while every number agrees."""
    now = reference.versions()
    details = [
        f"{name} {was} in the reference, {now.get(name, 'none')} here"
        for name, was in expected.items()
        if now.get(name) != was
    ]
    found = f"{len(details)} of {len(expected)} differ; if a number differs below, look here"
    return Check("versions", True, found if details else "the same", tuple(details))


def inputs(expected: dict[str, str]) -> Check:
    """SHA-256 of every raw table, notebook and file of code that the reference run depended on."""
    details = []
    for name, digest in expected.items():
        path = config.ROOT / name
        if not path.is_file():
            details.append(f"{name} is gone")
        elif cache.sha256(path) != digest:
            details.append(f"{name} was changed since")
    return _check("inputs of the reference run", details, f"{len(expected)} files unchanged")


def choices(committed: Path) -> Check:
    """Does the reference in the folder `committed` test what the plan says: are the choices behind
    each finding the primary ones? The findings are compared below with those made again.
    """
    planned, details = load().values(), []
    for entry in planned:
        made = files.read_json(committed / f"{entry.notebook}.json")["parameters"]
        for name, wanted in (entry.primary | {"seed": entry.seed}).items():
            if made.get(name) != wanted:
                said = f"{name} is {made.get(name)!r}, the plan says {wanted!r}"
                details.append(f"{entry.notebook}: {said}")
    return _check("plan", details, f"{len(planned)} findings are of claims.yml's primary choices")


def sources(engagements: pd.DataFrame) -> Check:
    """Every engagement names its source: pages, or the title of what has none."""
    blank = engagements["sources"].fillna("").str.strip() == ""
    pages = int(engagements["sources"].str.contains("https?://", na=False).sum())
    found = f"each of {len(engagements):,} engagements has one, {pages:,} a web page"
    return _check("sources", engagements.loc[blank, "engagement_id"].tolist(), found)


def same_tables(anew: Path) -> Check:
    """The processed tables that the notebooks read, against those built anew from the raw ones."""
    names = list(build.build()["tables"])
    details = [
        f"{name} differs"
        for name in names
        if (anew / name).read_bytes() != (config.PROCESSED / name).read_bytes()
    ]
    return _check("processed tables", details, f"{len(names)} built anew, the same bytes")


def published(what: str, expected: Path, got: Path) -> Check:
    """Committed findings or figures against those made again."""
    binary = {path.name for path in expected.glob("*") if path.suffix in _BINARY}
    result = differences.compare(expected, got, without=(cache.MANIFEST, *binary))
    found = f"{len(result.exact)} files with the same bytes, {len(result.close)} equal within a "
    found += f"relative {differences.RELATIVE:g}"
    details = [f"{name}, {said}" for name, each in result.differences.items() for said in each]
    return _check(what, details, found)
