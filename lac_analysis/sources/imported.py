"""What an adapter makes of another data set: records in our schema, and a list of what was lost on
the way.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lac_analysis import files
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.sources.own import TABLE


@dataclass
class Losses:
    """What is lost, noted as it happens: what (a kind of row or a column), n (rows of the file;
    blank for all), why.
    """

    rows: list[tuple[str, int | None, str]] = field(default_factory=list)

    def note(self, what: str, n: int | None, why: str) -> None:
        """Note a loss; one that touches no row is not noted."""
        if n is None or n > 0:
            self.rows.append((what, n, why))

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=["what", "rows", "why"]).astype({"rows": "Int64"})


@dataclass(frozen=True, eq=False)
class Imported:
    """Attributes: version (the data set and version that the content shows), n_rows (of the file),
    records (columns of
    data/raw/engagements.csv), losses (what, rows, why)."""

    version: str
    n_rows: int
    records: pd.DataFrame
    losses: pd.DataFrame


def records(version: str, index: pd.Index, **columns) -> pd.DataFrame:
    """Rows in our schema from the columns an adapter knows; the others are blank.

    `source_title` is the version: a data set tells its own entries apart, so deduplication never
    merges two of them.
    """
    known = {"collection": "targeted", "source_type": "academic", "source_lang": "en", "technology": "0",
             "confidence": "medium", "source_title": version}  # fmt: skip
    names = list(schema.fields(TABLE))
    table = pd.DataFrame({name: (known | columns).get(name, "") for name in names}, index=index)
    return table.fillna("").astype("str")


def write(imported: Imported, out: Path) -> Path:
    """Write the records to `out` (CSV) and what was lost beside it, atomically. Returns the path of
    the latter.

    Raises
    ------
    InputError : no record is left, or `out` is not a .csv name.
    """
    if out.suffix != ".csv":
        raise InputError("option -o", value=str(out), expected="a name that ends in .csv")
    if imported.records.empty:
        raise InputError(
            f"no record of the 33 countries in {imported.n_rows:,} rows of {imported.version}",
            file=out.name,
        )
    schema.refuse(
        schema.problems(imported.records.reset_index(drop=True).rename(lambda i: i + 2), TABLE),
        out,
        TABLE,
    )
    files.write_csv(out, imported.records)
    return files.write_csv(out.with_suffix(".losses.csv"), imported.losses)


def as_text(imported: Imported, out: Path, beside: Path) -> str:
    """What was read, made and lost, for a terminal."""
    table = imported.records
    local = table[table["lac_level"] != "national"]
    by_level = ", ".join(f"{n:,} {level}" for level, n in table["lac_level"].value_counts().items())
    lines = [
        f"{imported.version}: {imported.n_rows:,} rows",
        f"{len(table):,} records in {table['lac_iso3'].nunique()} countries ({by_level}) written to {out}",
        f"{len(local):,} local records, {int((local['date_iso'] != '').sum()):,} of them dated",
        f"lost on the way (also in {beside}):",
    ]
    for row in imported.losses.itertuples():
        count = "" if row.rows is pd.NA else f"{row.rows:,} {'row' if row.rows == 1 else 'rows'}: "
        lines.append(f"- {count}{row.what}: {row.why}")
    return "\n".join(lines)
