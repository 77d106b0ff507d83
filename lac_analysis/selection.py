"""Which engagements an analysis uses: sample, window, and what is left out.

What `chosen` returns may be changed freely: it is remembered, and a copy is handed out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import config, files
from lac_analysis.errors import InputError, checked, one_of, texts
from lac_analysis.tables import Tables

COLLECTIONS = files.read_yaml(Path(__file__).with_suffix(".yml"))  # in words, for captions
CONFIDENCES = ("low", "medium", "high")


@dataclass(frozen=True)
class Selection:
    """Which engagements an analysis uses.

    Attributes
    ----------
    window_start, window_end : first and last year, inclusive.
    collection : 'neutral' (found by templates that name no vendor, technology or pandemic: T1-T3,
        T5, T6 and N1-N5, two searches for the same thing), 'neutral_t' and 'neutral_n' (by one of
        the two), 'country_queries' (by any template that was run for each country), 'protocol' (by
        any equal-effort query), 'all'.
    include_other_local : with universities, ports, chambers and named sites, or governments only.
    min_confidence : 'low' keeps all, 'medium' and 'high' drop what lies below.
    drop_countries : ISO 3166-1 alpha-3 codes to leave out, of engagements and of country tables
        alike.

    Raises
    ------
    InputError : a value outside its choices, an unknown country, or a window the wrong way round.
    """

    window_start: Integral = config.REPORT_WINDOW[0]
    window_end: Integral = config.REPORT_WINDOW[1]
    collection: str = "country_queries"
    include_other_local: bool | np.bool_ = True
    min_confidence: str = "low"
    drop_countries: Iterable = field(default=())

    def __post_init__(self):
        gone = texts(self.drop_countries, "parameter drop_countries")
        object.__setattr__(self, "drop_countries", tuple(sorted(set(gone))))
        for name, choices in (("collection", COLLECTIONS), ("min_confidence", CONFIDENCES)):
            value = getattr(self, name)
            if value not in choices:
                expected = f"one of {', '.join(choices)}"
                raise InputError(f"parameter {name}", value=value, expected=expected)
        unknown = [code for code in self.drop_countries if code not in config.CELAC]
        if unknown:
            expected = "ISO3 codes of CELAC members, such as ARG"
            raise InputError("parameter drop_countries", value=unknown[0], expected=expected)
        first, last = config.FIRST_YEAR, config.LAST_YEAR
        if not first <= self.window_start <= self.window_end <= last:
            window = f"{self.window_start} to {self.window_end}"
            expected = f"years from {first} to {last}, the first no later than the last"
            problem = "parameters window_start and window_end"
            raise InputError(problem, value=window, expected=expected)

    @property
    def years(self) -> range:
        return range(self.window_start, self.window_end + 1)

    def describe(self, tables: Tables) -> str:
        """The selection in words, with the number of engagements that lie in it."""
        return f"{len(chosen(tables, self)):,} {self._repr_markdown_()}"

    def _repr_markdown_(self) -> str:
        """The selection in words, which a notebook shows."""
        return f"local engagements dated {self.window_start}–{self.window_end}: {self.sample()}"

    def sample(self) -> str:
        """Which records these are, in words, without the window."""
        return sample_of(vars(self))

    @checked
    def replace(self, **changes) -> "Selection":
        """The same selection with some choices changed. Raises InputError as a new one does."""
        return Selection(**vars(self) | changes)


Selection.__init__ = checked(Selection.__init__)


def sample_of(parameters: dict) -> str:
    """Which records these are, in words; blank where the parameters name no collection, as each
    claim has its own, and narrow it by nothing.
    """
    sure = parameters.get("min_confidence", "low")
    words = (
        COLLECTIONS.get(parameters.get("collection"), ""),
        "" if parameters.get("include_other_local", True) else "governments only",
        "" if sure == "low" else f"{sure} confidence or more",
        left_out(parameters),
    )
    return ", ".join(filter(None, words))


def sample_of_several(parameters: dict) -> str:
    """The sample of several claims together, of which some count no records."""
    records = sample_of(parameters | {"drop_countries": ()})
    told = (records and f"{records} where records are counted", left_out(parameters))
    return ", ".join(filter(None, told))


def left_out(parameters: dict) -> str:
    """The countries that are left out, which ends the words for a sample; blank for none."""
    gone = parameters.get("drop_countries")
    return f"without {', '.join(gone)}" if gone else ""


def remembered(function: Callable) -> Callable:
    """Remember results by the arguments, and hand out copies. Tables are told apart as objects."""
    found = lru_cache(maxsize=1024)(function)

    @checked
    @wraps(function)
    def copy_of(*args, **kwargs):
        return found(*args, **kwargs).copy()

    return copy_of


@remembered
def chosen(
    tables: Tables, selection: Selection, *, any_date: bool = False, undated: str = "exclude"
) -> pd.DataFrame:
    """Local engagements of the selection, one row an event.

    undated : 'include' returns those that may lie in the window, too. InputError for another word.

    An engagement is in the window when its whole date interval is (column `in_window`). Undated
    engagements, or those whose interval crosses an edge, are not; `any_date=True` returns them too,
    with `in_window` False. Acts that a record calls planned have not happened and are left out.
    """
    one_of(undated, ("exclude", "include"), "undated")
    table = tables.engagements
    kept = (table["level"] != "national") & ~table["planned"]
    kept &= table["confidence"] >= selection.min_confidence
    kept &= ~table["country"].isin(selection.drop_countries)
    if selection.collection != "all":
        kept &= table[f"in_{selection.collection}"]
    if not selection.include_other_local:
        kept &= table["level"] != "other_local"
    first, last = period(selection)
    in_window = (table["date_start"] >= first) & (table["date_end"] <= last)
    if undated == "include":
        kept &= possible(table, selection)
    elif not any_date:
        kept &= in_window
    return table.assign(in_window=in_window)[kept]


def possible(table: pd.DataFrame, selection: Selection) -> pd.Series:
    """True where the dates that an engagement can have, open ends included, touch the window."""
    first, last = period(selection)
    # both comparisons are false of dates that are not known
    return ~(table["date_end"] < first) & ~(table["date_start"] > last)


def period(selection: Selection) -> tuple[np.datetime64, np.datetime64]:
    """First and last day of the window."""
    years = (f"{selection.window_start}-01-01", f"{selection.window_end}-12-31")
    return tuple(map(np.datetime64, years))
