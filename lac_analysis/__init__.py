"""Helper library of the notebook suite on China's local-level engagement with Latin America and the
Caribbean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lac_analysis.tables import Tables

__version__ = "0.1.0"


def load(engagements: str | Path = "") -> Tables:
    """The project's tables, or the same with a user's table of engagement records.

    Parameters
    ----------
    engagements : path of a table with the columns of data/raw/engagements.csv, in any format that
        `lac check` reads; '' for the project's own records.

    Raises
    ------
    InputError : the table cannot be read or breaks the schema.
    """
    # imported here, for `lac` starts without pandas where there is nothing to do
    if engagements:
        from lac_analysis.sources import own

        return own.load_tables(engagements)
    from lac_analysis import tables

    return tables.load()
