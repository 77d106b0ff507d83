"""data/raw -> data/processed: a pure function of the raw tables and of the code in this package."""

from contextlib import suppress
from pathlib import Path

import pandas as pd

from lac_analysis import config, files
from lac_analysis.records import clean, consistency, coordinates, places, schema
from lac_analysis.records.deduplicate import deduplicate
from lac_analysis.records.merge import merge

RAW_TABLES = tuple(schema.tables())
_PASSED_ON = [name for name in RAW_TABLES if name not in ("engagements", "date_bounds")]


def build(raw_folder: Path = config.RAW, out: Path = config.PROCESSED, force: bool = False) -> dict:
    """Build every processed table, unless the folder already holds those of the same inputs and
    code.

    Writes parquet tables and `manifest.json` (input hash, counts) to `out`. Returns the manifest.

    Raises
    ------
    InputError : a raw table is missing, breaks its schema or contradicts another, or `out` cannot
        be written; nothing is written.
    """
    inputs = input_hash(raw_folder)
    with files.alone(out):
        manifest_file = out / "manifest.json"
        with suppress(OSError, ValueError, AttributeError):  # none yet, or a damaged one
            manifest = files.read_json(manifest_file)
            if not force and manifest.get("input_hash") == inputs and _is_whole(out, manifest):
                return manifest
        raw = {name: schema.read_raw(raw_folder / f"{name}.csv", name) for name in RAW_TABLES}
        consistency.refuse(raw)
        tables, counts = process(raw)
        manifest_file.unlink(missing_ok=True)  # a half-finished build must not look complete
        for name, table in tables.items():
            files.write_parquet(out / f"{name}.parquet", table)
        names = [f"{name}.parquet" for name in tables]
        manifest = {
            "input_hash": inputs,
            "counts": counts,
            "tables": dict(zip(names, map(len, tables.values()), strict=True)),
            "sha256": {name: files.sha256(out / name) for name in names},
        }
        files.write_json(manifest_file, manifest)
        for name in (*names, manifest_file.name):  # what a build that was killed has left
            for part in out.glob(f".{name}.*"):
                part.unlink()
    return manifest


def _is_whole(out: Path, manifest: dict) -> bool:
    """Whether every table of the manifest is there as it was written."""
    try:
        return all(
            files.sha256(out / name) == manifest["sha256"][name] for name in manifest["tables"]
        )
    except (OSError, KeyError, TypeError):
        return False


def process(raw: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Clean, code and deduplicate checked raw tables. Returns the processed tables and the counts
    of records.
    """
    records, log, unresolved = clean.clean_records(
        raw["engagements"], raw["date_bounds"], raw["search_log"]
    )
    assignment, links = deduplicate(records)
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
        "units": coordinates.units(engagements),
        "cleaning_log": log,
        "unresolved": unresolved,
        **{name: raw[name] for name in _PASSED_ON},
        "place_pairs": _place_pairs(raw["place_pairs"]),
    }
    return tables, counts


def _place_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """The places searched alike, with place_id as engagements have it also for the controls."""
    asked = pairs[["lac_level", "place"]].rename(columns={"place": "lac_place_text"})
    asked = asked.assign(country=pairs["lac_iso3"], lac_admin1="", lac_actor_text="")
    found = places.resolve(asked)["place_id"]
    given = pairs["place_id"]
    return pairs.assign(place_id=given.where(given != "", found))


def input_hash(raw_folder: Path) -> str:
    """SHA-256 over the raw tables and the files of this package: what the processed tables depend
    on.
    """
    tables = [files.require(raw_folder / f"{name}.csv") for name in RAW_TABLES]
    package = Path(__file__).parent
    code = sorted(p for p in package.iterdir() if p.suffix in {".py", ".yml", ".csv"})
    return files.sha256(*tables, *code)
