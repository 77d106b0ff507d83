"""What every adapter does: tell a data set by its columns (adapters.yml), make records in our
schema, and account for every row that is lost on the way.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from lac_analysis import files
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.sources import read
from lac_analysis.sources.own import TABLE

_MAPS = Path(__file__).with_name("adapters.yml")


@dataclass
class Losses:
    """What is lost, noted as it happens, in the words of adapters.yml.

    Attributes
    ----------
    kind : the data set.
    rows : what (a kind of row or a column), rows of the file (None for all), why.
    left_out : rows of the file that became no record.
    """

    kind: str
    rows: list[tuple[str, int | None, str]] = field(default_factory=list)
    left_out: int = 0

    def note(self, key: str, n: int | None = None, **words: object) -> None:
        """Note what records lack or guess; what touches no row is not noted."""
        if n is None or n > 0:
            what, why = (text.format(**words) for text in maps(self.kind)["losses"][key])
            self.rows.append((what, n if n is None else int(n), why))

    def drop(self, key: str, n: int) -> None:
        """Note rows that become no record."""
        self.note(key, n)
        self.left_out += int(n)


@dataclass(frozen=True, eq=False)
class Imported:
    """What an adapter makes of a file.

    Attributes
    ----------
    version : the data set and version that the content shows.
    n_rows : rows of the file.
    records : columns of data/raw/engagements.csv, one row a record.
    losses : what, rows, why.
    """

    version: str
    n_rows: int
    records: pd.DataFrame
    losses: pd.DataFrame


def imported(version: str, n_rows: int, made: pd.DataFrame, losses: Losses) -> Imported:
    """The result, in which every row of the file is a record or a loss."""
    assert n_rows == len(made) + losses.left_out
    table = pd.DataFrame(losses.rows, columns=["what", "rows", "why"]).astype({"rows": "Int64"})
    return Imported(version, n_rows, made, table)


@cache
def maps(kind: str) -> dict:
    """What adapters.yml says of a kind of data set."""
    return files.read_yaml(_MAPS)[kind]


def identify(kind: str, header: Collection[str]) -> str:
    """The version of a kind of data set that the columns show; '' if they are not its."""
    have = {name.casefold() for name in [*header, *_columns(kind, header)]}
    versions = maps(kind)["versions"].items()
    return next((v for v, needed in versions if {n.casefold() for n in needed} <= have), "")


def open_table(kind: str, path: Path, encoding: str = "") -> tuple[str, pd.DataFrame]:
    """Version and table of a file, the columns by our names, blank where the version has none.

    Raises
    ------
    InputError : the file cannot be read, or is not of this kind.
    """
    frame = read.table(path, wanted(kind), encoding).frame
    version = identify(kind, frame.columns)
    if not version:
        needed = "; or ".join(", ".join(names) for names in maps(kind)["versions"].values())
        problem, header = f"not a file of kind {kind}", ",".join(frame.columns)
        raise InputError(problem, file=path.name, value=header, expected=f"the columns {needed}")
    theirs = _columns(kind, frame.columns)
    named = {ours: frame[theirs[ours]] if ours in theirs else "" for ours in maps(kind)["columns"]}
    return version, pd.DataFrame(named, index=frame.index, dtype="str")


def wanted(kind: str) -> set[str]:
    """Every column by which a sheet of this kind is known."""
    parts = (*maps(kind)["versions"].values(), *maps(kind)["columns"].values())
    return {name for names in parts for name in names}


def _columns(kind: str, header: Collection[str]) -> dict[str, str]:
    """Our name -> the file's own, of the columns it has."""
    theirs = {name.casefold(): name for name in header}
    first = {
        ours: next((theirs[n.casefold()] for n in names if n.casefold() in theirs), None)
        for ours, names in maps(kind)["columns"].items()
    }
    return {ours: name for ours, name in first.items() if name is not None}


def coded(kind: str, code: str, /, **texts: pd.Series) -> pd.Series:
    """What the rules of adapters.yml make of texts, row by row."""
    rules = maps(kind)[code]
    rows = zip(*texts.values(), strict=True)
    made = [first(rules, dict(zip(texts, row, strict=True)))[0] for row in rows]
    return pd.Series(made, index=next(iter(texts.values())).index, dtype="str")


def first(rules: list[dict], texts: dict[str, str]) -> tuple[str, str]:
    """Code and name of the first rule of which all patterns are found in the texts that they name,
    and none of its `unless`; ('', '') where none fits.
    """
    for rule in rules:
        patterns = {key: rule[key] for key in rule if key in texts}
        if _found(patterns, texts, all) and not _found(rule.get("unless", {}), texts, any):
            return rule["to"], rule.get("name", "")
    return "", ""


def _found(patterns: dict[str, str], texts: dict[str, str], how) -> bool:
    return how(_compiled(pattern).search(texts[key]) for key, pattern in patterns.items())


@cache
def _compiled(pattern: str) -> re.Pattern:
    # a line broken after | is folded to a space
    return re.compile(re.sub(r"\|\s+", "|", pattern), re.IGNORECASE)


def records(kind: str, version: str, table: pd.DataFrame, maps_to: str = "record") -> pd.DataFrame:
    """Rows in our schema: the columns a table has by our names, else what adapters.yml says.

    `source_title` is the version: a data set tells its own entries apart, so deduplication never
    merges two of them.
    """
    known = {
        "collection": "=targeted", "source_type": "=academic", "source_lang": "=en",
        "technology": "=0", "confidence": "=medium", "source_title": f"={version}",
    }  # fmt: skip
    known |= maps(kind)[maps_to]

    def column(name: str) -> pd.Series | str:
        source = name if name in table else known.get(name, "=")
        return source[1:] if source.startswith("=") else table[source]

    columns = {name: column(name) for name in schema.fields(TABLE)}
    return pd.DataFrame(columns, index=table.index).fillna("").astype("str")


def claim(out: Path, inputs: Collection[Path] = ()) -> Path:
    """The path of the losses beside `out`, if both may be written (see `files.claim_output`)."""
    files.claim_output(out, inputs, ".csv")
    return files.claim_output(out.with_suffix(".losses.csv"), inputs)


def write(found: Imported, out: Path, inputs: Collection[Path] = ()) -> Path:
    """Write the records to `out` (CSV) and what was lost beside it. Returns the latter's path.

    Raises
    ------
    InputError : no record is left, or either cannot be written.
    """
    beside = claim(out, inputs)
    if found.records.empty:
        rows = f"{found.n_rows:,} rows of {found.version}"
        raise InputError(f"no record of the 33 countries in {rows}", file=out.name)
    by_row = found.records.set_axis(range(2, len(found.records) + 2))
    schema.refuse(schema.problems(by_row, TABLE), out, TABLE)
    files.write_csv(beside, found.losses)
    try:
        files.write_csv(out, found.records)
    except BaseException:
        beside.unlink()
        raise
    return beside


def as_text(found: Imported, out: Path, beside: Path) -> str:
    """What was read, made and lost, for a terminal."""
    table = found.records
    local = table[table["lac_level"] != "national"]
    by_level = ", ".join(f"{n:,} {level}" for level, n in table["lac_level"].value_counts().items())
    countries, dated = table["lac_iso3"].nunique(), int((local["date_iso"] != "").sum())
    lines = [
        f"{found.version}: {found.n_rows:,} rows",
        f"{len(table):,} records in {countries} countries ({by_level}) written to {out}",
        f"{len(local):,} local records, {dated:,} of them dated",
        f"lost on the way (also in {beside}):",
    ]
    for row in found.losses.itertuples():
        count = "" if row.rows is pd.NA else f"{row.rows:,} {'row' if row.rows == 1 else 'rows'}: "
        lines.append(f"- {count}{row.what}: {row.why}")
    return "\n".join(lines)
