"""Claim 3: is local activity growing?"""

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis import panel
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.panel import Selection
from lac_analysis.stats import counts, power, reporting_bias, trend
from lac_analysis.tables import Tables

MIN_YEARS = 5  # with fewer, a trend and its error cannot be told apart
SERIES = ("engagements", "twinnings", "gcdf_projects", "cgit_deals")
OTHER_TIERS = {
    "gcdf_projects": "AidData projects",
    "cgit_deals": "CGIT deals",
    "prc_leader_visits": "visits of China's leaders",
}
_RATIO, _RELATIVE = "rate ratio a year", "ratio of yearly rate ratios"


def estimate(tables: Tables, selection: Selection, *, family: str) -> float:
    """Number of dated local engagements in one year divided by that of the year before."""
    return _dated_trend(tables, selection, family).estimate


def interval(tables: Tables, selection: Selection, *, family: str) -> tuple[float, float]:
    """Interval of `estimate`, as in `test`."""
    return _dated_trend(tables, selection, family).interval


def test(tables: Tables, selection: Selection, *, seed: int, family: str) -> Finding:
    """Trend in yearly counts, what could explain it away, and the trends of the other tiers beside
    it.

    Source: Newey and West (1987), Econometrica 55(3); Lash, Fox and Fink (2009), ch. 6, for the
    tipping point.
    """
    found = panel.chosen(tables, selection, columns=("country", "place_id", "year"))
    found = found[found["year"].notna()]
    yearly = panel.yearly(tables, selection)
    main = _local_trend(yearly["engagements"], family)
    trends = {column: _own_trend(yearly[column].dropna(), family) for column in SERIES}
    twinnings = trends["twinnings"]
    relative = {column: _relative(yearly, column, family) for column in OTHER_TIERS}
    state = relative["gcdf_projects"]
    sesoi = plans.load()["growth"].sesoi
    return Finding(
        estimate=main.estimate,
        low=main.interval[0],
        high=main.interval[1],
        interval_method=main.method,
        p=main.p,
        p_method=f"{main.method}, t with {main.df} degrees of freedom, two-sided",
        null_value=1.0,
        n_countries=found["country"].nunique(),
        n_places=found["place_id"].nunique(),
        n_engagements=len(found),
        smallest_detectable=_smallest_detectable(main, len(found), family, seed),
        conditions={
            "faster_than_state_tier": state is not None and bool(state.estimate >= 1),
            "twinnings_grow": twinnings is not None and bool(twinnings.estimate > 1),
        },
        secondary=(
            *_other_errors(yearly["engagements"], family),
            *_tipping(main, sesoi),
            *(_relative_result(yearly, column, result) for column, result in relative.items()),
            _twinning_result(yearly["twinnings"], twinnings),
            _undated(tables, selection, family),
        ),
        detail={
            "yearly": yearly,
            "fitted": _fitted(yearly["engagements"], family),
            "trends": trends,
        },
    )


def _per_year(years, selection: Selection) -> pd.Series:
    """Whole years of events -> their number in each year of the window, indexed by year."""
    index = pd.RangeIndex(selection.window_start, selection.window_end + 1, name="year")
    places = np.asarray(years, dtype="int64") - selection.window_start
    return pd.Series(np.bincount(places, minlength=len(index)), index=index)


@lru_cache(maxsize=1024)
def _dated_trend(tables: Tables, selection: Selection, family: str) -> trend.CountTrend:
    return _local_trend(
        pd.Series(panel.country_years(tables, selection).sum(axis=0), index=selection.years), family
    )


def _local_trend(series: pd.Series, family: str) -> trend.CountTrend:
    if not series.sum():
        raise NotTestable("no local engagement with a certain year in the selection")
    if len(series) < MIN_YEARS:
        raise NotTestable(f"a window of {len(series)} years; a trend needs at least {MIN_YEARS}")
    if np.ptp(series) == 0:
        raise NotTestable(
            "every year has the same number of engagements, so that no error can be estimated"
        )
    result = trend.count_trend(series.index, series, family=family)
    if not np.isfinite(result.p):
        raise NotTestable(
            "every local engagement falls in the first or in the last year of the window"
        )
    return result


def _own_trend(series: pd.Series, family: str) -> trend.CountTrend | None:
    """Trend of a series; None with fewer than MIN_YEARS years or without events."""
    if len(series) < MIN_YEARS or not series.sum():
        return None
    return trend.count_trend(series.index, series, family=family)


def _relative(yearly: pd.DataFrame, column: str, family: str) -> trend.TrendDifference | None:
    """Growth of local engagements over that of another tier in the years both cover; None where
    that says nothing.
    """
    both = yearly[["engagements", column]].dropna()
    if len(both) < MIN_YEARS or not both.sum().all():
        return None
    return trend.trend_difference(both.index, both["engagements"], both[column], family=family)


def _relative_result(
    yearly: pd.DataFrame, column: str, result: trend.TrendDifference | None
) -> Result:
    name = f"growth relative to {OTHER_TIERS[column]}"
    years = yearly[column].dropna().index
    if len(years) < MIN_YEARS:
        return Result(
            name, n=len(years), note=f"not comparable: fewer than {MIN_YEARS} years that both cover"
        )
    if result is None:
        return Result(
            name,
            n=len(years),
            note="not comparable: one of the series has no events in the common years",
        )
    note = f"{years[0]}-{years[-1]}; local {result.a:.3f}, the other {result.b:.3f} a year"
    return Result(name, result.estimate, *result.interval, result.p, _RELATIVE, result.n, note)


def _twinning_result(series: pd.Series, result: trend.CountTrend | None) -> Result:
    if result is None:
        return Result(
            "twinnings alone", n=int(series.sum()), note="no twinning with a certain year"
        )
    note = f"{series.sum()} twinnings; their dates are recorded in retrospect"
    return Result(
        "twinnings alone", result.estimate, *result.interval, result.p, _RATIO, result.n, note
    )


def _other_errors(series: pd.Series, family: str) -> list[Result]:
    """The trend with errors that do not rest on Newey-West, which covers too little in short
    series.
    """
    choices = {
        "the same trend, each year left out in turn (CRV3)": (
            family,
            "jackknife",
            "same estimate, other error",
        ),
        "Poisson trend, errors independent between years (HC1)": (
            "poisson",
            "robust",
            "no dispersion to estimate",
        ),
    }
    results = []
    for name, (model, covariance, note) in choices.items():
        fit = counts.fit_counts(
            series, _design(series), family=model, cov=covariance, groups=series.index
        )
        ratio = fit.rate_ratio("year")
        results.append(
            Result(name, ratio.estimate, *ratio.interval, ratio.p, _RATIO, len(series), note)
        )
    return results


def _tipping(main: trend.CountTrend, sesoi: float) -> list[Result]:
    point = reporting_bias.tipping_point(main.estimate, main.interval, sesoi)
    unit = "detection ratio a year"
    return [
        Result("tipping point: change of detection that would explain the whole trend", point.to_null, unit=unit),
        Result(
            "tipping point: change of detection that would make it insignificant", point.to_insignificance, unit=unit,
            note="1: it is insignificant as it stands" if point.to_insignificance == 1 else "",
        ),
        Result(f"tipping point: change of detection that would leave growth of {sesoi:g}", point.to_sesoi, unit=unit),
    ]  # fmt: skip


def _undated(tables: Tables, selection: Selection, family: str) -> Result:
    """Trends with every engagement of uncertain year put as late, and as early, as its date allows."""
    found = panel.chosen(
        tables, selection, any_date=True, columns=("year", "date_start", "date_end")
    )
    certain = found["in_window"] & found["year"].notna()
    loose = found[panel.possible(found, selection) & ~certain]
    window = {"lower": selection.window_start, "upper": selection.window_end}
    earliest = loose["date_start"].dt.year.fillna(selection.window_start).clip(**window)
    latest = loose["date_end"].dt.year.fillna(selection.window_end).clip(**window)
    own = _per_year(found.loc[certain, "year"], selection)
    trends = [_own_trend(own + _per_year(years, selection), family) for years in (earliest, latest)]
    low, high = sorted(result.estimate for result in trends)
    note = "bounds, not an interval: all as early, and all as late, as their dates allow"
    return Result(
        "with the engagements of uncertain year",
        None,
        low,
        high,
        unit=_RATIO,
        n=len(loose),
        note=note,
    )


def _fitted(series: pd.Series, family: str) -> pd.DataFrame:
    """Expected counts with their interval, one row a year: x, fitted, low, high."""
    design = _design(series)
    fit = counts.fit_counts(series, design, family=family, cov="hac")
    linear = design.to_numpy() @ fit.coef
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, fit.covariance, design))
    half = stats.t.isf((1 - fit.level) / 2, fit.df) * error
    columns = {"fitted": linear, "low": linear - half, "high": linear + half}
    return pd.DataFrame(
        {"x": series.index} | {name: np.exp(values) for name, values in columns.items()}
    )


def _design(series: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"constant": 1.0, "year": series.index - series.index.to_numpy().mean()})


def _smallest_detectable(main: trend.CountTrend, total: int, family: str, seed: int) -> float:
    return power.smallest_detectable(
        power.trend_power(main.years, total, main.alpha, family=family, seed=seed), 1.0, 2.0
    )
