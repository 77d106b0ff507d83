"""The processed tables, loaded for analysis; built first where they are missing or out of date."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pyarrow import parquet

from lac_analysis import config
from lac_analysis.records import build, schema


@dataclass(
    frozen=True, eq=False
)  # two loads are two objects, so that what is derived from one can be remembered
class Tables:
    """Everything a claim may use. The frames are shared: do not change them in place.

    Attributes: engagements (one row an event), records (one row a coded record), countries (33
    rows), country_year
    (33 x years), recognition, strain_episodes, search_log, double_coded, units (where they lie);
    input_hash of raw
    tables and cleaning code; own, the name of the user's file that the records come from, blank for
    the project's own.
    """

    engagements: pd.DataFrame
    records: pd.DataFrame
    countries: pd.DataFrame
    country_year: pd.DataFrame
    recognition: pd.DataFrame
    strain_episodes: pd.DataFrame
    search_log: pd.DataFrame
    double_coded: pd.DataFrame
    cleaning_log: pd.DataFrame
    unresolved: pd.DataFrame
    links: pd.DataFrame
    units: pd.DataFrame
    input_hash: str
    own: str = ""


def load(engagements: str | Path = "") -> Tables:
    """Load the project's tables, or the same with another table of engagement records.

    Parameters
    ----------
    engagements : path of a table with the columns of data/raw/engagements.csv, as
        `sources.own.load` reads it; blank
        means the project's own.

    Raises
    ------
    InputError : the table cannot be read or breaks the schema.
    """
    if engagements:
        from lac_analysis.sources import own

        return own.load(engagements)
    manifest = build.build()
    tables = {Path(name).stem: _read(config.PROCESSED / name) for name in manifest["tables"]}
    return Tables(**_only(tables), input_hash=manifest["input_hash"])


def check(engagements: str | Path) -> None:
    """Refuse a table of engagement records that `load` could not use, without cleaning it. Raises
    InputError.
    """
    from lac_analysis.sources import own

    own.read(engagements)


def source(own: str = "") -> str:
    """What a caption calls the records: the project's, or those of the user's file `own`."""
    return (
        f"engagement records of {own}"
        if own
        else "engagement records coded for this project (CC BY 4.0)"
    )


def _read(path: Path) -> pd.DataFrame:
    """What `pandas.read_parquet` gives, in half of its time: the tables are small, and many
    notebooks read them all.
    """
    with parquet.ParquetFile(path) as file:
        return file.read(use_threads=False).to_pandas(use_threads=False)


def _only(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    names = [name for name in Tables.__dataclass_fields__ if name not in ("input_hash", "own")]
    return {name: tables[name] for name in names}
