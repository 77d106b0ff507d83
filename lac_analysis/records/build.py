"""data/raw -> data/processed: a pure function of the raw tables and of the code in this package."""

import os
from pathlib import Path

import pandas as pd

from lac_analysis import config, files, outputs
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
    is or lies above `raw_folder`, cannot be written, or holds a file of one of these names that is
    not ours; nothing is written.
    """
    inputs, raw_folder = input_hash(raw_folder), raw_folder.resolve()
    if out.exists() and any(map(out.samefile, (raw_folder, *raw_folder.parents))):
        problem, expected = "the output would lie among the raw tables", "another folder"
        raise InputError(problem, file=out, expected=expected)

    def is_up_to_date(before: dict) -> bool:
        return not force and before.get("input_hash") == inputs and _is_whole(out, before)

    if is_up_to_date(before := files.read_manifest(out / _MANIFEST)):
        return before  # without the lock: many notebooks ask at a time
    with outputs.alone(out):
        if is_up_to_date(before := files.read_manifest(out / _MANIFEST)):
            return before
        raw = {name: schema.read_raw(raw_folder / f"{name}.csv", name) for name in RAW_TABLES}
        consistency.refuse(raw)
        tables, counts = process(raw)
        manifest = {"input_hash": inputs, "counts": counts, "tables": {}, "sha256": {}}
        with files.unfinished(out) as work:
            for name, table in tables.items():
                path = files.write_parquet(work / f"{name}.parquet", table)
                manifest["tables"][path.name] = len(table)
                manifest["sha256"][path.name] = files.sha256(path)
            _put_in_place(work, out, before, manifest)
    return manifest


def _put_in_place(work: Path, out: Path, before: dict, manifest: dict) -> None:
    """Move the tables of `work` to `out`, and then the manifest; `before` is the one that is there,
    empty where none of ours is. InputError where something else is of these names: it stays.
    """
    ours = before.get("unfinished", {}) if before.keys() == {"unfinished"} else {}
    if before.keys() == manifest.keys():
        ours = {name: [digest] for name, digest in before["sha256"].items()}
    known = {name: [*ours.get(name, []), digest] for name, digest in manifest["sha256"].items()}
    # the old and the new hashes are noted first, so that a build that is killed leaves the next to
    # know what is ours
    noted = {"unfinished": known}
    made = [files.write_manifest(work / f"{n}.json", m) for n, m in enumerate((noted, manifest))]

    def is_ours(path: Path) -> bool:
        if path.name == _MANIFEST:
            return bool(ours)
        is_file = path.is_file() and not path.is_symlink()
        return is_file and files.sha256(path) in known[path.name]

    if out.is_symlink() and out != config.PROCESSED:
        raise outputs.not_ours(out)
    for place in (out / name for name in (_MANIFEST, *known)):
        if os.path.lexists(place) and not is_ours(place):
            if out.is_symlink() or out.resolve() != config.PROCESSED.resolve():
                raise outputs.not_ours(place)
            place.unlink()  # that folder is ours alone, damaged or not
    files.put_manifest(made[0], out / _MANIFEST, before if ours else {})
    for name in known:
        outputs.put_over(work / name, out / name, is_ours)
    files.put_manifest(made[1], out / _MANIFEST, noted)


def _is_whole(out: Path, manifest: dict) -> bool:
    """Whether every table of the manifest is there as it was written."""
    try:
        return all(files.sha256(out / name) == made for name, made in manifest["sha256"].items())
    except (InputError, KeyError):
        return False


def process(raw: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Checked raw tables -> processed tables, and the counts of records."""
    records, log, unresolved = clean.clean_records(
        raw["engagements"], raw["date_bounds"], raw["search_log"]
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
