"""data/raw -> data/processed: a pure function of the raw tables and of the code in this package."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from lac_analysis import config, files, manifests, outputs
from lac_analysis.errors import InputError
from lac_analysis.records import clean, consistency, places, schema
from lac_analysis.records.deduplicate import deduplicate
from lac_analysis.records.merge import merge

RAW_TABLES = tuple(schema.tables())
_MANIFEST = "manifest.json"
_LARGEST = 100_000_000  # bytes of a raw table
_PASSED_ON = [name for name in RAW_TABLES if name not in ("engagements", "date_bounds", "acts")]


def build(raw_folder: Path = config.RAW, out: Path = config.PROCESSED, force: bool = False) -> dict:
    """Build every processed table, as parquet, and `manifest.json` (input hash, counts) in `out`,
    unless those of the same inputs and code are there already. Returns the manifest.

    Raises InputError: a raw table is missing, breaks its schema or contradicts another, `out`
    is, holds or lies in `raw_folder`, cannot be written, or holds a file of one of
    these names that is not ours; nothing is written.
    """
    inputs, raw_folder = input_hash(raw_folder), raw_folder.resolve()
    if _lies_in(raw_folder, out) or _lies_in(out.absolute(), raw_folder):
        problem, expected = "the output would lie among the raw tables", "another folder"
        raise InputError(problem, file=out, expected=expected)

    def is_up_to_date(before: dict) -> bool:
        return not force and before.get("input_hash") == inputs and _is_whole(out, before)

    if is_up_to_date(before := manifests.read(out / _MANIFEST)):
        return before  # without the lock: many notebooks ask at a time
    with outputs.alone(out):
        if is_up_to_date(before := manifests.read(out / _MANIFEST)):
            return before
        raw = {name: schema.read_raw(raw_folder / f"{name}.csv", name) for name in RAW_TABLES}
        consistency.refuse(raw)
        tables, counts = process(raw, raw["engagements"]["record_id"])
        manifest = {"input_hash": inputs, "counts": counts}
        manifest["tables"] = {f"{name}.parquet": len(table) for name, table in tables.items()}
        made = [table.to_parquet(index=False, compression="zstd") for table in tables.values()]
        if out.is_symlink() and out != config.PROCESSED:
            raise outputs.not_ours(out)
        is_ours_alone = out.resolve() == config.PROCESSED.resolve() and not out.is_symlink()
        if is_ours_alone and not _is_whole(out, before):  # damaged, or of a build that was killed
            for name in (_MANIFEST, *manifest["tables"]):
                (out / name).unlink(missing_ok=True)
        content = dict(zip(manifest["tables"], made, strict=True))
        manifests.publish(content, manifest, out / _MANIFEST, out)
    return manifest


def _lies_in(inner: Path, outer: Path) -> bool:
    """Whether a folder is another or in it, by whatever names."""
    there = [each for each in (inner, *inner.parents) if each.exists()]
    return outer.exists() and any(map(outer.samefile, there))


def _is_whole(out: Path, manifest: dict) -> bool:
    """Whether every table of the manifest is there as it was written."""
    try:
        return all(files.digest(out / name) == made for name, made in manifest["files"].items())
    except KeyError:
        return False


def process(
    raw: dict[str, pd.DataFrame], ours: Collection[str]
) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Checked raw tables -> processed tables, and the counts of records. `ours` as in
    `coding.code`.
    """
    records, log, unresolved = clean.clean_records(
        raw["engagements"], raw["date_bounds"], raw["search_log"], ours
    )
    assignment, links = deduplicate(records, raw["acts"].set_index("record_id")["act"])
    engagements = merge(records, assignment)
    records = records.merge(assignment, on="record_id", validate="one_to_one")
    assert len(raw["engagements"]) == len(records) == engagements["n_records"].sum()
    counts = {
        "records_in": len(raw["engagements"]),
        "engagements_out": len(engagements),
        "records_merged": len(records) - len(engagements),
        "records_rejected": 0,  # a record that breaks the schema stops the build; none is dropped
    }
    tables = {
        "records": records,
        "engagements": engagements,
        "links": links,
        "units": places.located_units(engagements),
        "cleaning_log": log,
        "unresolved": unresolved,
        **{name: raw[name] for name in _PASSED_ON},
    }
    # place_id as engagements have it also for the controls, which are searched alike
    pairs = raw["place_pairs"]
    found = places.resolve(pairs.rename(columns={"place": "lac_place_text"}))["place_id"]
    tables["place_pairs"] = pairs.assign(place_id=found)
    return tables, counts


def input_hash(raw_folder: Path) -> str:
    """SHA-256 of what the processed tables depend on: raw tables and what describes them, and the
    files of this package.
    """
    tables = [files.require(raw_folder / f"{name}.csv") for name in RAW_TABLES]
    for path in tables:
        if path.stat().st_size > _LARGEST:
            expected = f"{_LARGEST:,} bytes at most"
            raise InputError("too large for a raw table", file=path, expected=expected)
    package = Path(__file__).parent
    code = sorted(p for p in package.iterdir() if p.suffix in {".py", ".yml", ".csv"})
    return files.sha256(*tables, config.RAW / "datapackage.json", *code)
