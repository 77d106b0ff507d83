"""Engagements and country tables -> the tables that claims are tested on: by country, country-year
and year.
"""

from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.tables import Tables

COLLECTIONS = ("country_queries", "protocol", "all")
CONFIDENCES = ("low", "medium", "high")
FIRST_EXPOSURE_YEAR = config.REPORT_WINDOW[
    0
]  # population and the other exposures are known from here on
EXPOSURES = ("none", "population", "gdp", "admin1", "china_trade")


@dataclass(frozen=True)
class Selection:
    """Which engagements an analysis uses.

    Attributes
    ----------
    window_start, window_end : first and last year, inclusive.
    collection : 'country_queries' (found by the country templates), 'protocol' (any
        equal-effort query), 'all'.
    include_other_local : with universities, ports, chambers and named sites, or governments only.
    min_confidence : 'low' keeps all, 'medium' and 'high' drop what lies below.
    drop_countries : ISO 3166-1 alpha-3 codes to leave out, of engagements and of country tables
        alike.

    Raises
    ------
    InputError : a value outside its choices, an unknown country, or a window the wrong way round.
    """

    window_start: int = config.REPORT_WINDOW[0]
    window_end: int = config.REPORT_WINDOW[1]
    collection: str = "country_queries"
    include_other_local: bool = True
    min_confidence: str = "low"
    drop_countries: tuple[str, ...] = field(default=())

    def __post_init__(self):
        object.__setattr__(self, "drop_countries", tuple(sorted(self.drop_countries)))
        for name, choices in (("collection", COLLECTIONS), ("min_confidence", CONFIDENCES)):
            if getattr(self, name) not in choices:
                raise InputError(
                    f"parameter {name}",
                    value=getattr(self, name),
                    expected=f"one of {', '.join(choices)}",
                )
        unknown = [code for code in self.drop_countries if code not in config.CELAC]
        if unknown:
            raise InputError(
                "parameter drop_countries",
                value=unknown[0],
                expected="ISO3 codes of CELAC members, such as ARG",
            )
        if not config.FIRST_YEAR <= self.window_start <= self.window_end <= config.LAST_YEAR:
            raise InputError(
                "parameters window_start and window_end",
                value=f"{self.window_start} to {self.window_end}",
                expected=f"years from {config.FIRST_YEAR} to {config.LAST_YEAR}, the first no later than the last",
            )

    @property
    def years(self) -> range:
        return range(self.window_start, self.window_end + 1)

    def replace(self, **changes) -> "Selection":
        """The same selection with some choices changed; names that are not choices of a selection
        are ignored.
        """
        own = {f.name for f in fields(self)}
        return replace(self, **{name: value for name, value in changes.items() if name in own})


@lru_cache(maxsize=1024)
def chosen(
    tables: Tables, selection: Selection, *, any_date: bool = False, columns: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Local engagements of the selection, one row an event. Remembered: do not change in place.

    columns : the ones wanted, which is quicker; all if left out.

    An engagement is in the window when its whole date interval is (column `in_window`). Undated
    engagements, or those
    whose interval crosses an edge, are not; `any_date=True` returns them too, with `in_window`
    False. Acts that a
    record calls planned have not happened and are left out.
    """
    rows, in_window = places(tables, selection, any_date=any_date)
    table = tables.engagements[list(columns)] if columns else tables.engagements
    return table.take(rows).assign(in_window=in_window)


def places(
    tables: Tables, selection: Selection, *, any_date: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Where in `tables.engagements` the rows of `chosen` are, and which of them lie in the window."""
    gone = [config.CELAC.index(iso) for iso in selection.drop_countries]
    kept = plain(tables, "local") & ~np.isin(plain(tables, "country"), gone)
    if selection.collection != "all":
        kept &= plain(tables, f"in_{selection.collection}")
    if not selection.include_other_local:
        kept &= ~plain(tables, "other_local")
    kept &= plain(tables, "confidence") >= CONFIDENCES.index(selection.min_confidence)
    first, last = _window(selection)
    in_window = (plain(tables, "date_start") >= first) & (plain(tables, "date_end") <= last)
    rows = np.flatnonzero(kept if any_date else kept & in_window)
    return rows, in_window[rows]


def _window(selection: Selection) -> tuple[np.datetime64, np.datetime64]:
    return np.datetime64(f"{selection.window_start}-01-01"), np.datetime64(
        f"{selection.window_end}-12-31"
    )


@lru_cache(maxsize=1024)
def plain(tables: Tables, name: str) -> np.ndarray:
    """A column of engagements as an array; a country by its place in CELAC, a year that is not
    known as 0. Remembered.

    Besides: local (at all, and not just planned), other_local and twinning.
    """
    table = tables.engagements
    if name == "local":
        return ((table["level"] != "national") & ~table["planned"]).to_numpy(dtype=bool)
    if name == "other_local":
        return (table["level"] == "other_local").to_numpy(dtype=bool)
    if name == "twinning":
        return (table["activity"] == "twinning").to_numpy()
    if name == "country":
        return pd.Index(config.CELAC).get_indexer(table["country"])
    if name == "year":
        return table["year"].fillna(0).to_numpy(dtype="int64")
    if name == "confidence":
        return table["confidence"].cat.codes.to_numpy()
    return table[name].to_numpy()


def possible(table: pd.DataFrame, selection: Selection) -> pd.Series:
    """True where an engagement may have happened in the window: its date interval, open ends
    included, touches it.
    """
    first, last = _window(selection)
    return ~(table["date_end"] < first) & ~(
        table["date_start"] > last
    )  # false of dates that are not known


@lru_cache(maxsize=1024)
def countries(tables: Tables, selection: Selection, *, undated: str = "exclude") -> pd.DataFrame:
    """One row a country, indexed by ISO3 and sorted: local engagements, exposures, labels.
    Remembered: do not change.

    Columns: engagements (count in the window; `undated='include'` adds those that may belong to
    it); exposures none
    (years), population (person-years), gdp (USD, mean of the years known times years), admin1
    (units times years),
    china_trade (USD million, mean of the years known times years); rai_self_rule and
    division_of_power (window means);
    and the columns of countries.csv. Where a source has no year of the window (trade ends in 2014,
    RAI in 2018, V-Dem
    in 2019, the GDP of some countries earlier), the mean of its last five years stands in.
    """
    rows, _ = places(tables, selection, any_date=undated == "include")
    if undated == "include":
        rows = rows[possible(tables.engagements, selection).to_numpy()[rows]]
    country = plain(tables, "country")[rows]
    counts = np.bincount(country[country >= 0], minlength=len(config.CELAC))
    table = _exposures(_CountryTables(tables), selection.window_start, selection.window_end)
    table = table[~table.index.isin(selection.drop_countries)]
    return table.assign(engagements=counts[[config.CELAC.index(iso) for iso in table.index]])


class _CountryTables:
    """The tables without engagements, told apart by the frames they hold: what is remembered of
    them serves all tables
    that differ in engagements alone."""

    def __init__(self, tables: Tables):
        self.countries, self.country_year, self.recognition = (
            tables.countries,
            tables.country_year,
            tables.recognition,
        )

    def __hash__(self) -> int:
        return hash(tuple(map(id, vars(self).values())))

    def __eq__(self, other: object) -> bool:
        return all(getattr(other, name, None) is frame for name, frame in vars(self).items())


@lru_cache(maxsize=64)
def _exposures(tables: _CountryTables, window_start: int, window_end: int) -> pd.DataFrame:
    n_years = window_end - window_start + 1
    table = tables.countries.set_index("iso3").sort_index()
    cells = _covariates(tables, window_start, window_end).groupby("iso3")
    mean = cells[["gdp_usd", "rai_self_rule", "vdem_division_of_power"]].mean()
    known = tables.country_year.sort_values("year")
    for name in mean:
        latest = known.dropna(subset=[name]).groupby("iso3").tail(5)
        mean[name] = mean[name].fillna(latest.groupby("iso3")[name].mean())
    return table.assign(
        none=float(n_years),
        population=cells["population"].sum(),
        gdp=mean["gdp_usd"] * n_years,
        admin1=table["n_admin1"] * float(n_years),
        china_trade=_china_trade(tables, range(window_start, window_end + 1)).reindex(table.index)
        * n_years,
        rai_self_rule=mean["rai_self_rule"],
        division_of_power=mean["vdem_division_of_power"],
    )


@lru_cache(maxsize=1024)
def country_cells(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a country and year of the window, sorted: the columns of country_year.csv and
    `engagements`. Remembered.

    Years after the tables end carry the last known population and Belt and Road status; recognition
    of the ROC comes
    from recognition.csv, which runs to 2026. Engagements whose year is not certain are not counted.
    """
    cells = _covariates(_CountryTables(tables), selection.window_start, selection.window_end)
    cells = cells[~cells.index.get_level_values("iso3").isin(selection.drop_countries)]
    return cells.assign(engagements=country_years(tables, selection).ravel()).reset_index()


@lru_cache(maxsize=1024)
def country_years(tables: Tables, selection: Selection) -> np.ndarray:
    """Engagements by country (rows, sorted ISO3) and year of the window (columns). Remembered.

    Those whose year is not certain are not counted.
    """
    country, year = plain(tables, "country"), plain(tables, "year")
    rows, _ = places(tables, selection)
    rows = rows[(year[rows] > 0) & (country[rows] >= 0)]
    counts = np.zeros((len(config.CELAC), len(selection.years)), dtype="int64")
    np.add.at(counts, (country[rows], year[rows] - selection.window_start), 1)
    isos = sorted(set(config.CELAC) - set(selection.drop_countries))
    return counts[[config.CELAC.index(iso) for iso in isos]]


@lru_cache(maxsize=64)
def _covariates(tables: _CountryTables, window_start: int, window_end: int) -> pd.DataFrame:
    years = pd.RangeIndex(window_start, window_end + 1, name="year")
    isos = pd.Index(sorted(config.CELAC), name="iso3")
    grid = pd.MultiIndex.from_product([isos, years])
    cells = tables.country_year.set_index(["iso3", "year"]).reindex(grid)
    carried = ["population", "bri_member", "prc_partnership_level"]
    full = tables.country_year.set_index(["iso3", "year"])[carried].sort_index()
    last = (
        full.groupby("iso3")
        .last()
        .reindex(cells.index.get_level_values("iso3"))
        .set_index(cells.index)
    )
    late = cells.index.get_level_values("year") > tables.country_year["year"].max()
    cells.loc[late, carried] = last[late]
    cells["roc_recognition"] = recognises_roc(tables.recognition, isos, years).stack().reindex(grid)
    return cells


def recognises_roc(recognition: pd.DataFrame, isos: pd.Index, years: pd.Index) -> pd.DataFrame:
    """1 where a country recognises the ROC on 31 December of the year; countries in rows, years in
    columns.
    """
    spells = recognition[recognition["recognises"] == "ROC"]
    spells = spells[spells["iso3"].isin(isos)]
    start, end = (
        pd.to_datetime(spells[name].replace("", None), format="ISO8601") for name in ("from", "to")
    )
    days = np.array([f"{year}-12-31" for year in years], dtype="datetime64[us]")
    held = ~(start.to_numpy()[:, None] > days) & ~(
        end.to_numpy()[:, None] < days
    )  # blank: since ever, or for ever
    table = np.zeros((len(isos), len(years)), dtype="int64")
    np.maximum.at(table, isos.get_indexer(spells["iso3"]), held)
    return pd.DataFrame(table, index=isos, columns=years)


@lru_cache(maxsize=1024)
def yearly(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a year of the window, indexed by year: local engagements and the volumes of the other
    tiers. Remembered.

    Columns: engagements, twinnings, gcdf_projects, cgit_deals, prc_leader_visits. A tier outside
    the years that its
    source covers is NaN, not zero. Engagements whose year is not certain are not counted.
    """
    index = pd.RangeIndex(selection.window_start, selection.window_end + 1, name="year")
    rows, _ = places(tables, selection)
    year = plain(tables, "year")[rows] - selection.window_start
    twinning = plain(tables, "twinning")[rows]
    counts = {"engagements": year[year >= 0], "twinnings": year[twinning & (year >= 0)]}
    table = pd.DataFrame(
        {name: np.bincount(years, minlength=len(index)) for name, years in counts.items()}, index
    )
    volumes = [
        "gcdf_projects",
        "gcdf_usd2021",
        "cgit_deals",
        "cgit_usd_million",
        "prc_leader_visits",
    ]
    other = tables.country_year[["iso3", "year", *volumes]]
    other = other[~other["iso3"].isin(selection.drop_countries)]
    return table.join(other.groupby("year")[volumes].sum(min_count=1))


def _china_trade(tables: _CountryTables, years: range) -> pd.Series:
    trade = tables.country_year.set_index(["iso3", "year"])
    trade = (trade["imports_china_musd"] + trade["exports_china_musd"]).unstack("year")
    known = trade.columns[trade.notna().any()].tolist()
    inside = [year for year in known if year in years]
    return trade[inside or known[-5:]].mean(axis=1)


def log_exposure(exposure: pd.Series) -> np.ndarray:
    """Log of an exposure, refused where it is zero or missing."""
    values = exposure.to_numpy(dtype=float)
    if not (values > 0).all():
        raise InputError(
            "an exposure is zero or missing", value=list(exposure.index[~(values > 0)])
        )
    return np.log(values)
