"""Everything that is wrong with a table of engagement records, found in one pass and said in
groups.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lac_analysis import files
from lac_analysis.records import china, countries, schema
from lac_analysis.records import gazetteer as gaz
from lac_analysis.sources import own, read, suggest

_COLUMNS = ["row", "column", "problem", "value", "expected", "nearest"]
_ROWS_SHOWN = 6
_GROUPS_SHOWN = 40
_VALUE_SHOWN = 60


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found.

    Attributes
    ----------
    problems : row, column, problem, value, expected, nearest (allowed value, or ''); each stops
        `lac run`.
    notes : the same columns; what is left out, not used or doubtful, and stops nothing.
    """

    file: str
    format: str
    n_rows: int
    problems: pd.DataFrame
    notes: pd.DataFrame

    def save(self, path: Path) -> None:
        """Write the report as JSON, atomically."""
        parts = {name: getattr(self, name).to_dict("records") for name in ("problems", "notes")}
        content = {
            "file": self.file,
            "format": self.format,
            "rows": self.n_rows,
            "usable": self.problems.empty,
        }
        files.write_json(path, content | parts)


def check(path: str | Path) -> Report:
    """Check a table of engagement records against the schema and the gazetteers.

    Raises
    ------
    InputError : the file cannot be read as a table at all (see `sources.read`).
    """
    path = Path(path)
    source = read.read(path, wanted=schema.fields(own.TABLE))
    text, missing, unused = own.align(source.frame)
    outside = own.is_outside(text["lac_iso3"])
    inside = text[~outside]
    problems = pd.concat(
        [_absent(missing, unused), _ragged(source), _values(inside, missing)], ignore_index=True
    ).sort_values("row", kind="stable", ignore_index=True)
    usable = inside[inside["lac_iso3"].isin(schema.allowed(own.TABLE, "lac_iso3"))]
    absent = [name for name in text if name not in source.frame]
    notes = [
        _unused(unused, absent),
        _outside(text[outside]),
        _other_country(usable),
        _unknown_unit(usable),
        _undated(usable),
        _of_taiwan(usable),
    ]
    return Report(
        path.name, source.format, len(text), problems, pd.concat(notes, ignore_index=True)
    )


def as_text(report: Report) -> str:
    """The report for a terminal: problems, then notes, alike ones together."""
    lines = [f"{report.file}: {report.format}, {report.n_rows:,} rows"]
    for name, found in (("problem", report.problems), ("note", report.notes)):
        groups = _groups(found)
        lines += ["", f"{len(found):,} {name}{'s' * (len(found) != 1)}" + (":" if groups else "")]
        lines += [f"- {text}" for text in groups[:_GROUPS_SHOWN]]
        if len(groups) > _GROUPS_SHOWN:
            lines.append(
                f"- and {len(groups) - _GROUPS_SHOWN:,} more kinds; `--json OUT` writes all of them"
            )
    lines += [
        "",
        "It can be used: lac run --data FILE"
        if report.problems.empty
        else "It cannot be used as it is.",
    ]
    return "\n".join(lines)


def _groups(found: pd.DataFrame) -> list[str]:
    texts = []
    for (column, problem, value, expected, near), rows in found.groupby(_COLUMNS[1:], sort=False)[
        "row"
    ]:
        numbers = [str(row) for row in rows.head(_ROWS_SHOWN)]
        where = f"row{'s' * (len(rows) > 1)} {', '.join(numbers)}" + (
            f" and {len(rows) - _ROWS_SHOWN:,} more" if len(rows) > _ROWS_SHOWN else ""
        )
        shown = repr(
            value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 3] + "..."
        )  # no control characters
        texts.append(
            f"{column}: {problem}"
            + (f" {shown}" if value else "")
            + (f" in {where}" if rows.iloc[0] > 1 else "")
            + (f"; perhaps {near}" if near else "")
            + (f". Expected: {expected}" if expected else "")
        )
    return texts


def _table(rows: list[tuple]) -> pd.DataFrame:
    text = dict.fromkeys(_COLUMNS[1:], "str")
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"row": "int64"} | text)


def _absent(missing: list[str], unused: list[str]) -> pd.DataFrame:
    said = "a column of this name; `lac template` writes a table with all of them"
    return _table(
        [(1, name, "missing column", "", said, suggest.like(name, unused)) for name in missing]
    )


def _ragged(source: read.Source) -> pd.DataFrame:
    width = source.frame.shape[1]
    return _table(
        [
            (row, "all", "more cells than the header" if n > width else "fewer cells than the header", f"{n} cells",
             f"{width} cells; a separator inside a text needs quotes around the text", "")
            for row, n in source.ragged.items()
        ]
    )  # fmt: skip


def _values(text: pd.DataFrame, missing: list[str]) -> pd.DataFrame:
    if text.empty:
        return _table([])
    found = schema.problems(text, own.TABLE)
    found = found[~found["column"].isin(missing)]
    pairs = found[["column", "value"]].drop_duplicates()
    near = {
        (column, value): suggest.nearest(column, value, schema.allowed(own.TABLE, column))
        for column, value in pairs.itertuples(index=False)
    }
    found["nearest"] = [near[pair] for pair in zip(found["column"], found["value"], strict=True)]
    return _table(found[_COLUMNS].values.tolist())


def _unused(unused: list[str], absent: list[str]) -> pd.DataFrame:
    said = "column is none of ours and is not used"
    return _table([(1, name, said, "", "", suggest.like(name, absent)) for name in unused])


def _outside(text: pd.DataFrame) -> pd.DataFrame:
    return _table([(row, "lac_iso3", "country outside the 33; the record is left out", iso3, "", "")
                   for row, iso3 in text["lac_iso3"].items()])  # fmt: skip


def _other_country(text: pd.DataFrame) -> pd.DataFrame:
    found = countries.conflicts(text["lac_country_text"], text["lac_iso3"])
    return _table([(row, "lac_iso3", f"lac_country_text names {line.resolved}; kept is the code", line.coded, "",
                    line.resolved) for row, line in zip(found.index, found.itertuples(), strict=True)])  # fmt: skip


def _unknown_unit(text: pd.DataFrame) -> pd.DataFrame:
    """First-level units that the country's gazetteer does not know: such a cell is read as if it
    were blank.
    """
    rows, known = [], {}
    for row, iso3, cell in text.loc[
        text["lac_admin1"] != "", ["lac_iso3", "lac_admin1"]
    ].itertuples():
        for name in filter(None, map(str.strip, cell.split(";"))):
            if (iso3, name) not in known:
                key = " ".join(gaz.tokens(name))
                found = key in gaz.gazetteer(iso3).units or _named_within(iso3, key)
                known[iso3, name] = "" if found else suggest.unit(iso3, name) or "-"
            if known[iso3, name]:
                near = known[iso3, name].removeprefix("-")
                rows.append(
                    (
                        row,
                        "lac_admin1",
                        "no first-level unit of the country is called",
                        name,
                        "",
                        near,
                    )
                )
    return _table(rows)


def _named_within(iso3: str, key: str) -> bool:
    """Whether the words hold the name of a unit ('Provincia de Jujuy')."""
    padded = f" {key} "
    return any(f" {unit} " in padded for unit in gaz.gazetteer(iso3).units)


def _undated(text: pd.DataFrame) -> pd.DataFrame:
    said = (
        "blank: an undated record counts only where a claim takes undated ones (-p undated=include)"
    )
    return _table(
        [(row, "date_iso", said, "", "", "") for row in text.index[text["date_iso"] == ""]]
    )


def _of_taiwan(text: pd.DataFrame) -> pd.DataFrame:
    """Actors of Taiwan: the claims are about the People's Republic, and would count them as its
    own.
    """
    said, expected = (
        "the actor is Taiwan's; the claims would count it as China's",
        "an actor of the People's Republic",
    )
    actors = text.loc[china.is_taiwan(text["china_actor_text"]), "china_actor_text"]
    return _table(
        [(row, "china_actor_text", said, actor, expected, "") for row, actor in actors.items()]
    )
