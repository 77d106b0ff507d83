"""Engagements and country tables -> the tables that claims are tested on: by country, country-year
and year.

What a function returns may be changed freely: it is remembered, and a copy is handed out.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.selection import Selection, chosen, period, remembered
from lac_analysis.tables import Tables

_VOLUMES = ["gcdf_projects", "gcdf_usd2021", "cgit_deals", "cgit_usd_million", "prc_leader_visits"]
_COMPARABLE = Selection()


@remembered
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


@remembered
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
    # on 31 December
    days = np.array([f"{year}-12-31" for year in years], dtype="datetime64[us]")
    roc = _roc_between(tables.recognition, days, days).set_axis(years, axis=1)
    cells["roc_recognition"] = roc.stack().reindex(grid)
    return cells


def recognised_roc(tables: Tables, selection: Selection) -> pd.Series:
    """Whether a country, by ISO3, recognised the ROC on any day of the window."""
    days = (np.array([day]) for day in period(selection))
    return _roc_between(tables.recognition, *days)[0] > 0


def _roc_between(recognition: pd.DataFrame, first: np.ndarray, last: np.ndarray) -> pd.DataFrame:
    """1 where a country (row) recognises the ROC on a day from `first` to `last` (column each)."""
    spells = recognition[recognition["recognises"] == "ROC"]
    start, end = (
        pd.to_datetime(spells[name].replace("", None), format="ISO8601").to_numpy()[:, None]
        for name in ("from", "to")
    )
    held = ~(start > last) & ~(end < first)  # blank: since ever, or for ever
    met = pd.DataFrame(held.astype("int64"), spells["iso3"]).groupby(level=0).max()
    return met.reindex(sorted(config.CELAC), fill_value=0)


@remembered
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
