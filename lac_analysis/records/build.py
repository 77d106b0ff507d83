"""data/raw -> data/processed: a pure function of the raw tables and of the code in this package."""

from pathlib import Path

import pandas as pd
from filelock import FileLock

from lac_analysis import config, files
from lac_analysis.records import clean, schema
from lac_analysis.records.deduplicate import deduplicate
from lac_analysis.records.merge import merge

RAW_TABLES = (
    "engagements", "search_log", "date_bounds", "countries", "country_year", "recognition", "strain_episodes",
    "double_coded",
)  # fmt: skip
_PASSED_ON = ("search_log", "countries", "country_year", "recognition", "strain_episodes", "double_coded")


def build(raw_folder: Path = config.RAW, out: Path = config.PROCESSED, force: bool = False) -> dict:
    """Build every processed table, unless the folder already holds those of the same inputs and code.

    Writes parquet tables and `manifest.json` (input hash, counts) to `out`. Returns the manifest.

    Raises
    ------
    InputError : a raw table is missing or breaks its schema; nothing is written.
    """
    inputs = input_hash(raw_folder)
    out.mkdir(parents=True, exist_ok=True)
    with FileLock(out / ".lock"):
        manifest_file = out / "manifest.json"
        if not force and manifest_file.exists():
            manifest = files.read_json(manifest_file)
            if manifest["input_hash"] == inputs and all((out / name).exists() for name in manifest["tables"]):
                return manifest
        raw = {name: schema.read_raw(raw_folder / f"{name}.csv", name) for name in RAW_TABLES}
        tables, counts = process(raw)
        manifest_file.unlink(missing_ok=True)  # a half-finished build must not look complete
        for name, table in tables.items():
            files.write_parquet(out / f"{name}.parquet", table)
        manifest = {
            "input_hash": inputs,
            "counts": counts,
            "tables": {f"{name}.parquet": len(table) for name, table in tables.items()},
        }
        files.write_json(manifest_file, manifest)
    return manifest


def process(raw: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Clean, code and deduplicate checked raw tables. Returns the processed tables and the counts of records."""
    records, log, unresolved = clean.clean_records(raw["engagements"], raw["date_bounds"], raw["search_log"])
    assignment, links = deduplicate(records)
    engagements = merge(records, assignment)
    records = records.merge(assignment, on="record_id", validate="one_to_one")
    counts = {
        "records_in": len(raw["engagements"]),
        "engagements_out": len(engagements),
        "records_merged": len(records) - len(engagements),
        "records_rejected": 0,  # a record that breaks the schema stops the build; none is dropped
    }
    assert counts["records_in"] == counts["engagements_out"] + counts["records_merged"] + counts["records_rejected"]
    tables = {
        "records": records,
        "engagements": engagements,
        "links": links,
        "cleaning_log": log,
        "unresolved": unresolved,
        **{name: raw[name] for name in _PASSED_ON},
    }
    return tables, counts


def input_hash(raw_folder: Path, engagements: Path | None = None) -> str:
    """SHA-256 over the raw tables and the files of this package: what the processed tables depend on.

    `engagements` stands in for the folder's own table of that name.
    """
    tables = [raw_folder / f"{name}.csv" for name in RAW_TABLES]
    if engagements is not None:
        tables[0] = engagements
    for path in tables:
        files.require(path)
    package = Path(__file__).parent
    code = sorted(p for p in package.iterdir() if p.suffix in {".py", ".yml", ".csv"})
    return files.sha256(*tables, *code)
