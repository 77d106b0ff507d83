"""A user's own table of engagement records: read, checked, and ready to stand in for ours or be
added to it.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pycountry

from lac_analysis import config, tables
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.sources import read
from lac_analysis.tables import Tables

TABLE = "engagements"
PREFIX = "U"  # before the record_id of every record that is added to ours


@dataclass(frozen=True, eq=False)
class Own:
    """A user's records.

    Attributes
    ----------
    records : the columns of data/raw/engagements.csv as text, '' for a blank; one row a record.
    left_out : row, record_id, lac_iso3 of the records of countries outside the 33 members of CELAC.
    unused : columns of the file that are none of ours. format : what the file is, for people.
    """

    records: pd.DataFrame
    left_out: pd.DataFrame
    unused: list[str]
    format: str

    def unresolved(self) -> pd.DataFrame:
        """The records left out, as rows of the table of values that could not be resolved."""
        return pd.DataFrame(
            {
                "record_id": self.left_out["record_id"],
                "column": "lac_iso3",
                "value": self.left_out["lac_iso3"],
                "reason": "not one of the 33 countries; the record is left out",
            }
        )


def load(path: str | Path) -> Own:
    """Read a table of engagement records in any format of `read.read`.

    Columns may stand in any order; those that may be blank may be absent, and columns of other
    names are not used.
    Records of countries outside the 33 are left out.

    Raises
    ------
    InputError : the file cannot be read, a required column is absent, a value is not allowed,
        or no record is left.
    """
    path = Path(path)
    source = read.table(path, wanted=schema.fields(TABLE))
    text, missing, unused = align(source.frame)
    if missing:
        raise InputError("missing column", file=path.name, column=missing[0], value=",".join(source.frame.columns),
                         expected=f"at least the columns {', '.join(required())}")  # fmt: skip
    outside = is_outside(text["lac_iso3"])
    left_out = text.loc[outside, ["record_id", "lac_iso3"]].reset_index()
    text = text[~outside]
    if text.empty:
        first = left_out.iloc[0]
        raise InputError("no record is of the 33 countries", file=path.name, row=first["row"], column="lac_iso3",
                         value=first["lac_iso3"], expected=", ".join(config.CELAC))  # fmt: skip
    schema.refuse(schema.problems(text, TABLE), path, TABLE)
    return Own(text.reset_index(drop=True), left_out, unused, source.format)


def required() -> list[str]:
    """Columns that no row may leave blank."""
    fields = schema.fields(TABLE)
    return [name for name, field in fields.items() if field.get("constraints", {}).get("required")]


def align(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The described columns in their order, absent ones blank; required columns that are absent;
    columns not used.
    """
    fields = schema.fields(TABLE)
    missing = [name for name in required() if name not in frame]
    unused = [name for name in frame if name not in fields]
    return frame.reindex(columns=list(fields), fill_value="").astype("str"), missing, unused


def is_outside(iso3: pd.Series) -> pd.Series:
    """True where a code is that of an existing country which is not one of the 33."""
    known = {
        code: pycountry.countries.get(alpha_3=code) is not None
        for code in iso3.unique()
        if len(code) == 3
    }
    return iso3.map(lambda code: known.get(code, False) and code.isupper()) & ~iso3.isin(
        config.CELAC
    )


def added(mine: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Ours and the user's records in one table; the user's record_id begins with `PREFIX`, so that
    none stands twice.

    The prefix also tells `records.deduplicate` that another hand coded them: its rules then find
    the same event.
    """
    return pd.concat([ours, mine.assign(record_id=PREFIX + mine["record_id"])], ignore_index=True)


def load_tables(path: str | Path) -> Tables:
    """The processed tables with the user's records in the stead of the project's. InputError as
    `load`.
    """
    mine = load(path)
    return tables.from_records(mine.records, Path(path).name, mine.unresolved())
