"""Everything again from the raw data, compared with what is committed: what a reviewer runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lac_analysis import config, files
from lac_analysis.batch import cache, jobs, notebook, parameters, suite
from lac_analysis.claims import plan
from lac_analysis.records import build, schema
from lac_analysis.report import differences, reference

_SHOWN = 12  # differences listed for one check


@dataclass(frozen=True)
class Check:
    """Attributes: what was checked, `agrees`, what was found in one sentence, and the differences
    one by one.
    """

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

    Parameters
    ----------
    work : empty folder for everything that is made again.
    workers : notebooks at a time.
    project : folder whose data/reference and figures are the reference.

    Raises
    ------
    InputError : a raw table breaks its description, or there is no reference.
    """
    manifest = files.read_json(
        files.require(
            project / "data" / "reference" / reference.MANIFEST, "run `lac reproduce` first"
        )
    )
    yield raw_tables()
    yield versions(manifest["versions"])
    yield inputs(manifest["inputs"])
    yield notebooks()
    processed = work / "processed"
    build.build(config.RAW, processed)
    yield sources(pd.read_parquet(processed / "engagements.parquet"))
    yield same_tables(processed)
    stems = notebook.every()
    failed = suite.run_all(jobs.plan(stems, {}), work / "runs", workers=workers)
    yield Check(
        "notebooks",
        not failed,
        f"{len(stems)} run again" if not failed else "some failed: see above",
    )
    if failed:
        return
    reference.publish(work / "runs", [path.stem for path in stems], work)
    yield published("findings", project / "data" / "reference", work / "data" / "reference")
    yield published("figures", project / "figures", work / "figures")


def raw_tables() -> Check:
    """Each raw table against datapackage.json. Raises InputError at the first cell that breaks it."""
    rows = sum(len(schema.read_raw(config.RAW / f"{name}.csv", name)) for name in schema.tables())
    return Check(
        "raw tables",
        True,
        f"{len(schema.tables())} tables, {rows:,} rows as datapackage.json describes them",
    )


def versions(expected: dict[str, str]) -> Check:
    """Versions of Python and the libraries: another one is named, and is no fault while every
    number agrees.
    """
    other = {name: (was, reference.versions().get(name, "none")) for name, was in expected.items()}
    details = tuple(
        f"{name} {was} in the reference, {now} here"
        for name, (was, now) in other.items()
        if was != now
    )
    found = (
        f"{len(details)} of {len(expected)} differ; if a number differs below, look here"
        if details
        else "the same"
    )
    return Check("versions", True, found, details)


def inputs(expected: dict[str, str]) -> Check:
    """SHA-256 of every raw table, notebook and file of code that the reference run reached, and of
    the plan.
    """
    details = []
    for name, digest in expected.items():
        path = config.ROOT / name
        if not path.is_file():
            details.append(f"{name} is gone")
        elif cache.sha256(path) != digest:
            details.append(f"{name} was changed since")
    found = (
        f"{len(details)} of {len(expected)} files changed"
        if details
        else f"{len(expected)} files unchanged"
    )
    return Check("inputs of the reference run", not details, found, tuple(details))


def notebooks() -> Check:
    """Do the notebooks test what the plan says: are their defaults its primary choices?"""
    details = []
    for entry in plan.load().values():
        declared = parameters.declared(config.NOTEBOOKS / f"{entry.notebook}.ipynb")
        for name, wanted in (entry.primary | {"seed": entry.seed}).items():
            default = declared[name].default if name in declared else None
            if default != wanted:
                details.append(f"{entry.notebook}: {name} is {default!r}, the plan says {wanted!r}")
    found = f"{len(plan.load())} notebooks start from the primary choices of claims.yml"
    return Check(
        "plan",
        not details,
        found if not details else f"{len(details)} choices differ",
        tuple(details),
    )


def sources(engagements: pd.DataFrame) -> Check:
    """Every engagement names its source: pages, or the title of what has none."""
    nameless = engagements.loc[engagements["sources"].fillna("").str.strip() == "", "engagement_id"]
    pages = engagements["sources"].str.contains("https?://", na=False)
    found = f"{len(engagements):,} engagements, {int(pages.sum()):,} with a web page, {len(nameless)} with no source"
    return Check("sources", nameless.empty, found, tuple(nameless))


def same_tables(anew: Path) -> Check:
    """The processed tables that the notebooks read, against those built anew from the raw ones."""
    manifest = build.build()
    details = [
        f"{name} differs" for name in manifest["tables"]
        if (anew / name).read_bytes() != (config.PROCESSED / name).read_bytes()
    ]  # fmt: skip
    found = f"{len(manifest['tables'])} tables built anew" + (
        f", {len(details)} differ" if details else ", same bytes"
    )
    return Check("processed tables", not details, found, tuple(details))


def published(what: str, expected: Path, got: Path) -> Check:
    """Committed findings or figures against those made again."""
    result = differences.compare(expected, got, without=(reference.MANIFEST,))
    found = f"{len(result.exact)} files with the same bytes"
    if result.close:
        found += f", {len(result.close)} equal within the tolerance"
    if result.differences:
        found += f", {len({d.file for d in result.differences})} that differ"
    return Check(what, not result.differences, found, tuple(map(str, result.differences)))
