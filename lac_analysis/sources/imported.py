"""What an adapter makes of a file: records in our schema, and every row that is lost on the way."""

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pandas as pd

from lac_analysis import files, outputs
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.sources import maps
from lac_analysis.sources.own import TABLE

_VALUES_SHOWN = 40


@dataclass(eq=False)
class Imported:
    """What an adapter makes of a file; losses are noted as they happen, as adapters.yml says."""

    kind: str  # of data set
    version: str  # the data set and version that the content shows
    n_rows: int  # of the file
    records: pd.DataFrame | None = None  # columns of data/raw/engagements.csv, one row a record
    # what (a kind of row or a column), rows of the file (None for all), why
    noted: list[tuple[str, int | None, str]] = field(default_factory=list)
    left_out: int = 0  # rows of the file that became no record

    @property
    def losses(self) -> pd.DataFrame:
        """What was noted, as a table: what, rows, why."""
        return pd.DataFrame(self.noted, columns=["what", "rows", "why"]).astype({"rows": "Int64"})

    def note(self, key: str, n: int, cells: pd.Series | None = None) -> None:
        """Note what records lack; what touches no row is not noted. `cells` are the values that are
        told, each with the first of its rows.
        """
        if n > 0:
            what, why = maps.SAID[self.kind]["losses"][key]
            if cells is not None:
                values = cells.groupby(cells, sort=False)
                for value, rows in islice(values, _VALUES_SHOWN):
                    more = f" and {len(rows) - 1:,} more" * (len(rows) > 1)
                    why += f"; {value[:60]!r} in row {rows.index[0]}{more}"
                if values.ngroups > _VALUES_SHOWN:
                    why += f"; {values.ngroups - _VALUES_SHOWN:,} values more"
            self.noted.append((what, int(n), why))

    def drop(self, key: str, n: int, cells: pd.Series | None = None) -> None:
        """Note rows that become no record."""
        self.note(key, n, cells)
        self.left_out += int(n)


def claim(out: Path, source: Path) -> Path:
    """The path of the losses beside `out`, if both may be written (see `outputs.claim_output`)."""
    outputs.claim_output(out, [source], ".csv")
    return outputs.claim_output(out.with_suffix(".losses.csv"), [source])


def write(found: Imported, out: Path, source: Path) -> Path:
    """Write the records of the file `source` to `out` (CSV) and what was lost beside it. Returns
    the latter's path.

    Raises InputError where no record is left, a value is not allowed, or a file cannot be written.
    """
    beside = claim(out, source)
    if found.records.empty:
        rows = f"{found.n_rows:,} rows of {found.version}"
        why = "; ".join(f"{what}: {reason}" for what, n, reason in found.noted if n)
        problem = f"no record of the 33 countries in {rows}" + f" ({why})" * bool(why)
        raise InputError(problem, file=source.name)
    schema.refuse(schema.problems(found.records, TABLE), TABLE, source.name)
    made = {beside.name: found.losses, out.name: found.records}  # never records without losses
    files.write_all(out.parent, {name: files.csv_bytes(table) for name, table in made.items()})
    return beside


def as_text(found: Imported, out: Path, beside: Path) -> str:
    """What was read, made and lost, for a terminal."""
    table = found.records
    local = table[table["lac_level"] != "national"]
    by_level = ", ".join(f"{n:,} {level}" for level, n in table["lac_level"].value_counts().items())
    countries, dated = table["lac_iso3"].nunique(), (local["date_iso"] != "").sum()
    lines = [
        f"{found.version}: {found.n_rows:,} rows",
        f"{len(table):,} records in {countries} countries ({by_level}) written to {out}",
        f"{len(local):,} local records, {dated:,} of them dated",
        f"lost on the way (also in {beside}):",
    ]
    for what, n, why in found.noted:
        count = "" if n is None else f"{n:,} {'row' if n == 1 else 'rows'}: "
        lines.append(f"- {count}{what}: {why}")
    return "\n".join(lines)
