"""How China engages Latin America and the Caribbean below the national level: helper library.

`import lac_analysis as lac`, then

    data = lac.load()                     # the project's tables, or your own: lac.load("mine.xlsx")
    selection = lac.Selection(window_start=2005)
    lac.select(data, activity="twinning", countries="BRA")  # one row an engagement
    lac.places(data), lac.pairs(data)     # one row a place; a Chinese province and a place
    lac.countries(data, selection)        # one row a country; lac.years: one row a year
    lac.analyse("authority", data, selection)   # a claim of the plan, with its verdict
    lac.export("mine", data)              # CSV, Parquet, Excel and Stata, with a codebook
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lac_analysis import config
from lac_analysis.errors import checked

if TYPE_CHECKING:
    from lac_analysis.tables import Tables

__version__ = "0.2.0"

# a switch back to pandas's old type of text, with which tables come out wrong
os.environ.pop("PANDAS_FUTURE_INFER_STRING", None)
if (pandas := sys.modules.get("pandas")) and pandas.Series(["a"]).dtype == "object":
    raise ImportError("pandas's option future.infer_string is off. Expected: on, as pandas has it")
if not config.CLAIMS_FILE.is_file():  # a wheel holds the code alone
    raise ImportError("lac_analysis works in its project's folder: pip install -e . in a checkout")

# name -> where it comes from; imported when first asked for, so that the command line starts fast
_PUBLIC = {
    "Selection": ("lac_analysis.selection", "Selection"),
    **{name: ("lac_analysis.panel", name) for name in ("countries", "years")},
    **{name: ("lac_analysis.explore", name) for name in ("select", "places", "pairs")},
    **{name: ("lac_analysis.claims", name) for name in ("analyse", "Finding", "NotTestable")},
    "plan": ("lac_analysis.claims.plan", "of"),
    "controls": ("lac_analysis.widgets", "controls"),
    "export": ("lac_analysis.report.export", "export"),
    "check_parameters": ("lac_analysis.batch.parameters", "check_parameters"),
    "charts": ("lac_analysis.charts", None),
    "InputError": ("lac_analysis.errors", "InputError"),
}

__all__ = ["__version__", "load", *_PUBLIC]


@checked
def load(engagements: str | Path = "") -> "Tables":
    """The project's tables, or the same with a user's table of engagement records.

    Parameters
    ----------
    engagements : path of a table with the columns of data/raw/engagements.csv, in any format that
        `lac check` reads; '' for the project's own records.

    Raises
    ------
    InputError : the table cannot be read or breaks the schema.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> data = lac.load()
    >>> data.countries["country"].nunique()
    33
    """
    if engagements:
        return import_module("lac_analysis.sources.own").load(engagements)
    return import_module("lac_analysis.tables").load()


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    found = import_module(module)
    return getattr(found, attribute) if attribute else found


def __dir__() -> list[str]:
    return sorted(__all__)
