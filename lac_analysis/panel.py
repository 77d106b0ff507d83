"""Engagements and country tables -> the tables that claims are tested on: by country, country-year
and year.

What a function returns may be changed freely: it is remembered, and a copy is handed out.
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
_VOLUMES = ["gcdf_projects", "gcdf_usd2021", "cgit_deals", "cgit_usd_million", "prc_leader_visits"]


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
        object.__setattr__(self, "drop_countries", tuple(sorted(gone)))
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
        others = "" if self.include_other_local else ", governments only"
        sure = "" if self.min_confidence == "low" else f", {self.min_confidence} confidence or more"
        gone = f", without {', '.join(self.drop_countries)}" if self.drop_countries else ""
        return (
            f"local engagements dated {self.window_start}–{self.window_end}: "
            f"{COLLECTIONS[self.collection]}{others}{sure}{gone}"
        )

    @checked
    def replace(self, **changes) -> "Selection":
        """The same selection with some choices changed. Raises InputError as a new one does."""
        return Selection(**vars(self) | changes)


Selection.__init__ = checked(Selection.__init__)
_COMPARABLE = Selection()


def _remembered(function: Callable) -> Callable:
    """Remember results by the arguments, and hand out copies. Tables are told apart as objects."""
    found = lru_cache(maxsize=1024)(function)

    @checked
    @wraps(function)
    def copy_of(*args, **kwargs):
        return found(*args, **kwargs).copy()

    return copy_of


@_remembered
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


@_remembered
def countries(
    tables: Tables, selection: Selection = _COMPARABLE, *, undated: str = "exclude"
) -> pd.DataFrame:
    """One row a country, indexed by ISO3 and sorted: local engagements, size, labels.

    Parameters
    ----------
    tables : of `lac.load()`.
    selection : sample and window; left out, `Selection()`: what equal queries for each country
        found in the report's window, which is less than `lac.select(tables)` gives.
    undated : 'include' counts undated engagements, too, and those that may lie in the window.

    Returns
    -------
    DataFrame : engagements; population, gdp (USD), china_trade (USD million), rai_self_rule and
        division_of_power, means of the window's known years; and the columns of countries.csv.
        Where a source has no year of the window (trade ends in 2014, RAI in 2018, V-Dem in 2019,
        the GDP of some countries earlier), the mean of its last five years stands in; the last
        population in windows after the tables, and none in those before.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> table = lac.countries(lac.load(), lac.Selection(collection="all"))
    >>> table.loc["BRA", "country"]
    'Brazil'
    """
    table = _sizes(tables.base, selection.window_start, selection.window_end)
    table = table[~table.index.isin(selection.drop_countries)]
    counts = chosen(tables, selection, undated=undated)["country"].value_counts()
    return table.assign(engagements=counts.reindex(table.index, fill_value=0))


@lru_cache(maxsize=64)
def _sizes(tables: Tables, window_start: int, window_end: int) -> pd.DataFrame:
    table = tables.countries.set_index("iso3").sort_index()
    known = tables.country_year.sort_values("year")
    names = ["population", "gdp_usd", "rai_self_rule", "vdem_division_of_power"]
    cells = known[known["year"].between(window_start, window_end)].groupby("iso3")
    mean = cells[names].mean().reindex(table.index)
    if window_start > known["year"].max():  # no size is known of windows before the tables
        mean["population"] = known.groupby("iso3")["population"].last()
    for name in names[1:]:
        latest = known.dropna(subset=[name]).groupby("iso3").tail(5)
        mean[name] = mean[name].fillna(latest.groupby("iso3")[name].mean())
    trade = known.set_index(["iso3", "year"])
    trade = (trade["imports_china_musd"] + trade["exports_china_musd"]).unstack("year")
    reported = trade.columns[trade.notna().any()]
    inside = reported[(reported >= window_start) & (reported <= window_end)]
    return table.assign(
        population=mean["population"],
        gdp=mean["gdp_usd"],
        china_trade=trade[inside if len(inside) else reported[-5:]].mean(axis=1),
        rai_self_rule=mean["rai_self_rule"],
        division_of_power=mean["vdem_division_of_power"],
    )


@_remembered
def country_cells(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a country and year of the window, sorted: the columns of country_year.csv and
    `engagements`.

    Years after the tables end carry the last known population and Belt and Road status; recognition
    of the ROC comes from recognition.csv, which runs to 2026. Engagements whose year is not certain
    are not counted.
    """
    cells = _covariates(tables.base, selection.window_start, selection.window_end)
    cells = cells[~cells.index.get_level_values("iso3").isin(selection.drop_countries)]
    counts = chosen(tables, selection).groupby(["country", "year"]).size()
    counts = counts.reindex(cells.index, fill_value=0)
    return cells.assign(engagements=counts).reset_index()


@lru_cache(maxsize=64)
def _covariates(tables: Tables, window_start: int, window_end: int) -> pd.DataFrame:
    years = pd.RangeIndex(window_start, window_end + 1, name="year")
    isos = pd.Index(sorted(config.CELAC), name="iso3")
    grid = pd.MultiIndex.from_product([isos, years])
    table = tables.country_year.set_index(["iso3", "year"]).sort_index()
    cells = table.reindex(grid)
    carried = ["population", "bri_member", "prc_partnership_level"]
    last = table[carried].groupby("iso3").last().reindex(grid.get_level_values("iso3"))
    late = grid.get_level_values("year") > table.index.get_level_values("year").max()
    cells.loc[late, carried] = last.set_axis(grid)[late]
    cells["roc_recognition"] = recognises_roc(tables.recognition, isos, years).stack().reindex(grid)
    return cells


def recognises_roc(recognition: pd.DataFrame, isos: pd.Index, years: pd.Index) -> pd.DataFrame:
    """1 where a country (row) recognises the ROC on 31 December of the year (column)."""
    spells = recognition[recognition["recognises"] == "ROC"]
    start, end = (
        pd.to_datetime(spells[name].replace("", None), format="ISO8601").to_numpy()[:, None]
        for name in ("from", "to")
    )
    days = np.array([f"{year}-12-31" for year in years], dtype="datetime64[us]")
    held = ~(start > days) & ~(end < days)  # blank: since ever, or for ever
    by_spell = pd.DataFrame(held.astype("int64"), spells["iso3"], years)
    return by_spell.groupby(level=0).max().reindex(isos, fill_value=0)


@_remembered
def years(tables: Tables, selection: Selection = _COMPARABLE) -> pd.DataFrame:
    """One row a year of the window, indexed by year: local engagements and the volumes of the other
    tiers.

    Parameters
    ----------
    tables : of `lac.load()`.   selection : sample and window, as of `lac.countries`.

    Returns
    -------
    DataFrame : engagements, twinnings, gcdf_projects, gcdf_usd2021, cgit_deals, cgit_usd_million,
        prc_leader_visits. A tier outside the years that its source covers is NaN, not zero.
        Engagements whose year is not certain are not counted.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> lac.years(lac.load(), lac.Selection(2000, 2020)).index[[0, -1]].tolist()
    [2000, 2020]
    """
    index = pd.RangeIndex(selection.window_start, selection.window_end + 1, name="year")
    found = chosen(tables, selection)
    twinnings = found.loc[found["activity"] == "twinning", "year"]
    counts = {"engagements": found["year"].value_counts(), "twinnings": twinnings.value_counts()}
    table = pd.DataFrame(counts, index).fillna(0).astype("int64")
    other = tables.country_year[["iso3", "year", *_VOLUMES]]
    other = other[~other["iso3"].isin(selection.drop_countries)]
    return table.join(other.groupby("year")[_VOLUMES].sum(min_count=1))
