"""Claim 3: is local activity growing?"""

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from lac_analysis import panel
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.claims.plan import Plan
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs, reporting_bias
from lac_analysis.stats.batched import fit_many
from lac_analysis.stats.trend import count_trend
from lac_analysis.stats.trend_jackknife import JackknifeTrend, jackknife_trend, trend_ratio
from lac_analysis.tables import Tables

SERIES = ("engagements", "twinnings", "gcdf_projects", "cgit_deals")
OTHER_TIERS = {
    "gcdf_projects": "AidData projects",
    "cgit_deals": "CGIT deals",
    "prc_leader_visits": "visits of China's leaders",
}
FAMILIES = ("poisson", "nb2")
SIMULATIONS = 200
CARRIED = 0.4  # of one year's deviation from the trend into the next, in simulations
_RATIO, _RELATIVE = "rate ratio a year", "ratio of yearly rate ratios"


def table(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a year of the window: local engagements with a certain year, twinnings among them,
    and the volumes of the other tiers (missing outside the years that a source covers).
    """
    return panel.yearly(tables, selection)


def check(years: pd.DataFrame, plan: Plan) -> None:
    """Raise NotTestable where the years cannot carry the test of the plan."""
    found = int(years["engagements"].sum())
    if found < plan.minimum["engagements"]:
        raise NotTestable(
            f"{found} local engagements with a certain year; the plan asks for "
            f"{plan.minimum['engagements']}"
        )
    if len(years) < plan.minimum["years"]:
        raise NotTestable(
            f"a window of {len(years)} years; a trend whose error comes from leaving out runs of "
            f"three years needs {plan.minimum['years']}"
        )


def trend(series: pd.Series, family: str = "poisson") -> JackknifeTrend:
    """Yearly growth of a series: Poisson with the jackknife over runs of years, or NB2 with
    Newey-West errors. Raises ValueError where there is no trend to estimate.
    """
    inputs.one_of(family, FAMILIES, "family")
    if family == "nb2":
        return count_trend(series.index, series)
    return jackknife_trend(series.index, series, runs=_runs(series))


def _runs(series: pd.Series) -> int:
    """Runs of three years; ValueError with fewer than three of them."""
    if len(series) < 9:
        raise ValueError(f"{len(series)} years: a trend needs three runs of three years")
    return len(series) // 3


def estimate(tables: Tables, selection: Selection, *, family: str) -> float:
    """Number of dated local engagements in one year divided by that of the year before."""
    years = panel.yearly(tables, selection)["engagements"]
    if len(years) < 3 or not years.sum():
        raise NotTestable("no trend to estimate")
    if family == "nb2":
        return trend(years, family).estimate
    design = sm.add_constant(years.index.to_numpy(float) - years.index.to_numpy().mean())
    return float(np.exp(fit_many(years.to_numpy(float), design).coef[0, 1]))


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, family: str) -> Finding:
    """The steps of notebook 03: trend in yearly counts, beside those of the other tiers.

    Source: MacKinnon, Nielsen and Webb (2023), J. Appl. Econometrics 38(5); Lash, Fox and Fink
    (2009), ch. 6, for the tipping point.
    """
    years = table(tables, selection)
    check(years, plan)
    main = trend(years["engagements"], family)
    power = design(years["engagements"], plan, seed=seed)
    late = dates(tables, selection, family)
    found = panel.chosen(tables, selection)
    return finding(years, main, power, late, found[found["year"].notna()], plan)


def finding(
    years: pd.DataFrame,
    main: JackknifeTrend,
    power: pd.DataFrame,
    late: Result,
    found: pd.DataFrame,
    plan: Plan,
) -> Finding:
    """The finding: the trend, what could explain it away, and the trends of the other tiers.

    years : of `table`.   main : of `trend`.   power : of `design`.   late : of `dates`.
    found : the engagements counted.
    """
    trends = {column: _trend_or_none(years[column].dropna()) for column in SERIES}
    relative = {column: _relative(years, column) for column in OTHER_TIERS}
    state, twinnings = relative["gcdf_projects"], trends["twinnings"]
    return Finding(
        estimate=main.estimate,
        low=main.interval[0],
        high=main.interval[1],
        interval_method=main.method,
        p=main.p,
        p_method=f"{main.method}, two-sided",
        n_countries=found["country"].nunique(),
        n_places=found["place_id"].nunique(),
        n_engagements=len(found),
        attainable=np.inf,
        design=tuple(power.to_dict("records")),
        conditions={
            "faster_than_state_tier": bool(state is not None and state.estimate >= 1),
            "twinnings_grow": bool(twinnings is not None and twinnings.estimate > 1),
        },
        secondary=(
            *_other_errors(years["engagements"]),
            *_tipping(main, plan.sesoi),
            *(_relative_result(years, column, result) for column, result in relative.items()),
            _twinning_result(years["twinnings"], twinnings),
            late,
        ),
        detail={
            "table": years,
            "trends": trends | {"engagements": main},
            "fitted": fitted(years["engagements"], main),
        },
    )


def design(series: pd.Series, plan: Plan, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth): as many events, spread out between years as they are (NB2), with CARRIED
    of a year's deviation going over into the next.
    """
    n, runs = len(series), _runs(series)
    at = np.arange(n) - (n - 1) / 2
    mean = fit_many(series.to_numpy(float), np.column_stack([np.ones(n), at]))
    fit = np.exp(np.column_stack([np.ones(n), at]) @ mean.coef[0])
    spread = max(((series - fit) ** 2 - series).sum() / (fit**2).sum(), 0.0)  # NB2 dispersion
    run = np.arange(n) * runs // n
    kept = np.vstack([np.ones(n), [run != left for left in range(runs)]])  # all, then runs left out
    half = stats.t.isf((1 - plan.level) / 2, runs - 1)
    simulated = {}
    for number, truth in enumerate(plan.truths):
        rng = np.random.default_rng([seed, number])
        counts = rng.poisson(_rates(series.sum(), truth, at, spread, rng)).astype(float)
        slopes = (
            fit_many(
                np.repeat(counts, len(kept), axis=0),
                np.column_stack([np.ones(n), at]),
                weights=np.tile(kept, (SIMULATIONS, 1)),
            )
            .coef[:, 1]
            .reshape(SIMULATIONS, -1)
        )
        slope, left_out = slopes[:, 0], slopes[:, 1:]
        # jackknife (CRV3): squared deviations from the full estimate, times (runs - 1) / runs
        error = np.sqrt(((left_out - slope[:, None]) ** 2).sum(axis=1) * (runs - 1) / runs)
        simulated[truth] = pd.DataFrame(
            {
                "estimate": np.exp(slope),
                "p": 2 * stats.t.sf(np.abs(slope) / error, runs - 1),
                "high": np.exp(slope + half * error),
            }
        )
    return verdict.probabilities(simulated, plan)


def _rates(total: float, truth: float, at: np.ndarray, spread: float, rng) -> np.ndarray:
    """Expected counts (SIMULATIONS, years): the trend `truth` and lasting deviations from it."""
    scale = np.sqrt(np.log1p(spread))  # of the log, so that the variance is that of NB2
    noise = np.empty((SIMULATIONS, len(at)))
    noise[:, 0] = rng.normal(size=SIMULATIONS)
    for year in range(1, len(at)):
        fresh = rng.normal(size=SIMULATIONS) * np.sqrt(1 - CARRIED**2)
        noise[:, year] = CARRIED * noise[:, year - 1] + fresh
    trend = truth**at
    return total * trend / trend.sum() * np.exp(scale * noise - scale**2 / 2)


def fitted(series: pd.Series, main: JackknifeTrend) -> pd.DataFrame:
    """Expected counts with a band for the slope's error, one row a year: x, fitted, low, high."""
    at = series.index.to_numpy() - series.index.to_numpy().mean()
    line = np.log(series.sum()) - np.log((main.estimate**at).sum()) + np.log(main.estimate) * at
    half = np.abs(at) * (np.log(main.interval[1]) - np.log(main.estimate))
    columns = {"fitted": line, "low": line - half, "high": line + half}
    return pd.DataFrame({"x": series.index} | {name: np.exp(v) for name, v in columns.items()})


def dates(tables: Tables, selection: Selection, family: str) -> Result:
    """Trends with the engagements of uncertain year as late, and as early, as dates allow."""
    found = panel.chosen(tables, selection, any_date=True)
    certain = found["in_window"] & found["year"].notna()
    loose = found[panel.possible(found, selection) & ~certain]
    first, last = selection.window_start, selection.window_end
    years = panel.yearly(tables, selection)["engagements"]
    ends = (
        loose["date_start"].dt.year.fillna(first).clip(first, last).astype(int),
        loose["date_end"].dt.year.fillna(last).clip(first, last).astype(int),
    )
    name = "with the engagements of uncertain year"
    try:
        both = sorted(
            trend(
                years.add(end.astype(int).value_counts(), fill_value=0).astype(int), family
            ).estimate
            for end in ends
        )
    except ValueError as problem:
        return Result(name, note=str(problem))
    note = "bounds, not an interval: all as early, and all as late, as their dates allow"
    return Result(name, None, *both, unit=_RATIO, n=len(loose), note=note)


def _trend_or_none(series: pd.Series) -> JackknifeTrend | None:
    """Trend of a series; None where it has no trend to estimate."""
    try:
        return trend(series)
    except ValueError:
        return None


def _relative(years: pd.DataFrame, column: str) -> JackknifeTrend | None:
    """Growth of local engagements over that of another tier in the years both cover."""
    both = years[["engagements", column]].dropna()
    try:
        return trend_ratio(both.index, both["engagements"], both[column], runs=_runs(both))
    except ValueError:
        return None


def _relative_result(years: pd.DataFrame, column: str, result: JackknifeTrend | None) -> Result:
    name, known = f"growth relative to {OTHER_TIERS[column]}", years[column].dropna().index
    if result is None:
        return Result(name, n=len(known), note="not comparable in the years that both cover")
    note = f"{known[0]}-{known[-1]}"
    return Result(name, result.estimate, *result.interval, result.p, _RELATIVE, result.n, note)


def _twinning_result(series: pd.Series, result: JackknifeTrend | None) -> Result:
    if result is None:
        return Result("twinnings alone", n=int(series.sum()), note="no trend to estimate")
    note = f"{series.sum()} twinnings; their dates are recorded in retrospect"
    numbers = (result.estimate, *result.interval, result.p)
    return Result("twinnings alone", *numbers, _RATIO, result.n, note)


def _other_errors(series: pd.Series) -> list[Result]:
    """The trend with other errors: single years left out, and version 1's NB2 with Newey-West."""
    choices = {
        "Poisson trend, each year left out in turn": lambda: jackknife_trend(
            series.index, series, runs=len(series)
        ),
        "NB2 trend, Newey-West errors (version 1)": lambda: count_trend(series.index, series),
    }
    results = []
    for name, fit in choices.items():
        try:
            result = fit()
        except ValueError as problem:
            results.append(Result(name, n=len(series), note=str(problem)))
            continue
        numbers = (result.estimate, *result.interval, result.p)
        results.append(Result(name, *numbers, _RATIO, len(series), "errs more often: see methods"))
    return results


def _tipping(main: JackknifeTrend, sesoi: float) -> list[Result]:
    point = reporting_bias.tipping_point(main.estimate, main.interval, sesoi)
    what = "tipping point: change of detection that would"
    unit = "detection ratio a year"
    note = "1: it is insignificant as it stands" if point.to_insignificance == 1 else ""
    return [
        Result(f"{what} explain the whole trend", point.to_null, unit=unit),
        Result(f"{what} make it insignificant", point.to_insignificance, unit=unit, note=note),
        Result(f"{what} leave growth of {sesoi:g}", point.to_sesoi, unit=unit),
    ]
